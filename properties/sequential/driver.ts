// SPDX-License-Identifier: GPL-2.0-only
//
// One caller of a real simulation, one operation at a time: each call runs to its end before the next begins, and
// the works that it queues wait until they are let run. Every step is checked as in any other run.

import { LiveExecutor } from "../../explore/executor.ts";
import { type Call, call, isReady, type KernelCode, type Step, site } from "../../explore/sync.ts";
import type { System } from "../../explore/system.ts";
import type { GlobalTree } from "../../impl/allocators/global-tree.ts";
import type { AllocatorClass } from "../../impl/allocators/registry.ts";
import { EVENT, EVENT_WORDS } from "../../spec/events.ts";
import type { Configuration, PageRange } from "../../spec/instance.ts";
import type { InvariantId } from "../../spec/invariants.ts";
import type { Finding } from "../finding.ts";
import { fullCheck } from "../full/full-check.ts";
import { expectedToHold } from "../scenarios/scenario.ts";
import { Session } from "../session.ts";

const S = { next: site("driver", "wait for the next operation") };

/** Steps of one operation after which it is taken to hang. */
const STEPS_MAX = 100_000;

/** How a driver is set up. */
export interface DriverOptions {
  /** Replaces the class that the configuration names. */
  readonly design?: AllocatorClass | undefined;
  readonly strict?: boolean | undefined;
  /** Invariants to watch; by default those that the design is expected to keep. */
  readonly watched?: ReadonlySet<InvariantId> | undefined;
}

/** Executes operations in the order in which they come. */
export class SequentialDriver {
  readonly session: Session;
  /** Steps taken so far, workers' included. */
  steps = 0;
  /** Purges that have ended so far. */
  purges = 0;
  private readonly allocator: GlobalTree;
  private readonly executor: LiveExecutor;
  private pending: Call | undefined;
  private result = 0;

  constructor(configuration: Configuration, options: DriverOptions = {}) {
    const instance = { ...configuration, programs: [[]] };
    const recordsMax = configuration.spacePages + configuration.cpus + 8;
    const watched = options.watched ?? expectedToHold(configuration.allocator);
    this.session = new Session(instance, { ...options, watched, recordsMax });
    const { sim, checker } = this.session;
    this.allocator = sim.allocator;
    const caller = { name: "caller", entry: call(this, this.caller), daemon: true };
    const system: Pick<System, "processes" | "betweenSteps"> = {
      processes: [caller, ...sim.processes.slice(1)],
      betweenSteps: (now) => sim.betweenSteps(now),
    };
    this.executor = new LiveExecutor(system as System);
    sim.reset();
    this.executor.reset();
    checker.reset();
  }

  /** What the checks of every step found, if anything. */
  get finding(): Finding | undefined {
    return this.session.checker.finding;
  }

  /** What the check of the whole state finds now. */
  fullCheck(): Finding | undefined {
    return fullCheck(this.session);
  }

  /** alloc_vmap_area() and the mapping: the first page, or a negative errno. Sizes in pages. */
  alloc(size: number, align: number, { start, end }: PageRange): number {
    const page = this.perform(call(this.allocator, this.allocator.allocVmapArea, size, align, start, end));
    if (page >= 0) this.perform(call(this, this.map, page, size));
    return page;
  }

  /** remove_vm_area() of the area at a page. */
  free(page: number): number {
    return this.perform(call(this.allocator, this.allocator.removeVmArea, page));
  }

  /** find_vmap_area(): the first page of the area that holds a page, or -1. */
  find(page: number): number {
    return this.perform(call(this.allocator, this.allocator.findVmapArea, page));
  }

  /** reclaim_and_purge_vmap_areas(). */
  purge(): number {
    return this.perform(call(this.allocator, this.allocator.reclaimAndPurgeVmapAreas));
  }

  /** vm_unmap_aliases(). */
  aliases(): number {
    return this.perform(call(this.allocator, this.allocator.vmUnmapAliases));
  }

  /** Lets the queued works run until there are none. */
  settle(): void {
    this.run(() => false);
    this.session.checker.atQuiescence();
  }

  /** Whether the drain work waits for its worker. */
  get drainPending(): boolean {
    return this.allocator.kernel.works.isPending(this.allocator.drainWork);
  }

  private *map(page: number, size: number): KernelCode {
    return yield this.allocator.setupAndMap(page, size);
  }

  // The only code of process 0, for ever.
  private *caller(): KernelCode {
    for (;;) {
      yield { site: S.next, idle: true, ready: () => this.pending !== undefined, run: () => 0 };
      this.result = yield this.pending!;
      this.pending = undefined;
    }
  }

  private perform(target: Call): number {
    this.pending = target;
    this.run(() => this.pending === undefined);
    if (this.pending !== undefined) throw new Error("an operation waits, and nothing can run");
    return this.result;
  }

  // Run-to-completion: the caller while it can, else the last worker that can. Purge helpers come after the drain
  // work, so that a caller that waits for its helpers does not let the drain begin.
  private run(done: () => boolean): void {
    const { sim, checker } = this.session;
    const { pending } = this.executor;
    for (let steps = 0; !done(); steps++) {
      if (steps === STEPS_MAX) throw new Error(`an operation took more than ${STEPS_MAX} steps`);
      const enabled = (step: Step | undefined): boolean => step !== undefined && isReady(step);
      const process = enabled(pending[0]) ? 0 : pending.findLastIndex(enabled);
      if (process < 0) return;
      sim.begin(process);
      const result = pending[process]!.run(0);
      this.executor.advance(process, result);
      checker.afterStep(process);
      this.steps++;
      const { count, rows } = sim.kernel.events;
      for (let i = 0; i < count; i++) if (rows[i * EVENT_WORDS] === EVENT.PURGE_END) this.purges++;
    }
  }
}
