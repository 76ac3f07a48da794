// SPDX-License-Identifier: GPL-2.0-only
// Short ways to write down runs that reach a situation or just miss it, and the mutants that some need. Schedules
// are deviations from run-to-completion.
import { call, type KernelCode, site } from "../../explore/sync.ts";
import { GlobalTree } from "../../impl/allocators/global-tree.ts";
import { NodeBlocks } from "../../impl/allocators/node-blocks.ts";
import type { AllocatorClass } from "../../impl/allocators/registry.ts";
import { NONE, type Va } from "../../impl/heap/areas.ts";
import { instanceOf, type Machine } from "../../spec/small-machine.ts";
import type { AllocatorId, Instance } from "../../spec/instance.ts";
import type { Schedule } from "../../spec/schedule.ts";

/** A run, by instance and schedule. */
export interface Run {
  readonly instance: Instance;
  readonly schedule: Schedule;
  readonly design?: AllocatorClass;
}

/** What comes close. */
export interface NearMiss extends Run {
  /** Why it is another thing. */
  readonly why: string;
  /** All situations that the run reaches. */
  readonly reaches: readonly string[];
}

/** One situation. */
export interface SituationCase extends Run {
  readonly id: string;
  /** The step at which it is reached, and how. */
  readonly reached: string;
  readonly near: readonly NearMiss[];
}

/** Switches to another process at one step. */
export const at = (step: number, to: number): Schedule => ({ switches: [{ at: step, to }], choices: [] });
/** The environment lets one step fail. */
export const fault = (step: number): Schedule => ({ switches: [], choices: [{ at: step, value: 1 }] });

function run(
  allocator: AllocatorId,
  machine: Machine,
  programs: readonly string[],
  schedule: Schedule = { switches: [], choices: [] },
  design?: AllocatorClass,
): Run {
  return {
    instance: instanceOf(allocator, machine, ...programs),
    schedule,
    ...(design === undefined ? {} : { design }),
  };
}

/** A run of one task on the global tree. */
export const tree = (machine: Machine, program: string, schedule?: Schedule, design?: AllocatorClass): Run =>
  run("global-tree", { cpus: 1, ...machine }, [program], schedule, design);

/** A run on node-blocks, on one CPU unless the machine says otherwise. */
export const blocks = (
  machine: Machine,
  programs: string | readonly string[],
  schedule?: Schedule,
  design?: AllocatorClass,
): Run => run("node-blocks", { cpus: 1, ...machine }, [programs].flat(), schedule, design);

/** A run on unbound-drain, on two CPUs and nodes unless the machine says otherwise. */
export const drain = (
  machine: Machine,
  programs: string | readonly string[],
  schedule?: Schedule,
  allocator: AllocatorId = "unbound-drain",
): Run => run(allocator, { block: 2, ...machine }, [programs].flat(), schedule);

/** A near miss. */
export const near = (why: string, of: Run, ...reaches: readonly string[]): NearMiss => ({
  ...of,
  why,
  reaches,
});

const S = {
  look: site("test", "look at what is left"),
  record: site("test", "allocate the block's record"),
  take: site("test", "take a block"),
  place: site("test", "place the block"),
};

/** What the claim asks for: fetches a block as soon as a node that has just served a request is nearly empty. */
export class FetchesEarly extends NodeBlocks {
  override *nodeAlloc(vnId: number, size: number, align: number, vstart: number, vend: number): KernelCode {
    const page = yield call(this, super.nodeAlloc, vnId, size, align, vstart, vend);
    const node = this.idToNode(vnId);
    const left = yield this.kernel.step(S.look, () => this.containers.pages[this.nodeFree[node]!]!);
    if (page === vend || left >= this.nodeSize >> 2) return page;
    const va = (yield this.kernel.slabAlloc(S.record, "fill-record")) as Va;
    const block = yield this.kernel.locked(S.take, this.freeLock, () => this.takeBlock(node));
    if (va === NONE || block === vend) return page;
    yield this.kernel.locked(S.place, this.nodeFreeLock[node]!, () => {
      this.placeBlock(node, va, block);
      return 0;
    });
    return page;
  }
}

/** The merge of a purged area fails, as it does where the area overlaps a free one. */
export class MergeFails extends NodeBlocks {
  protected override mergePurged(): Va {
    return NONE;
  }
}

/** Does not look at the alignment: a BUG_ON, and no NULL record. */
export class NotAligned extends GlobalTree {
  protected override globalSearch(size: number, _align: number, vstart: number, vend: number): number {
    return super.globalSearch(size, 1, vstart, vend);
  }
}
