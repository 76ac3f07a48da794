// SPDX-License-Identifier: GPL-2.0-only
// The preload slot ne_fit_preload_node has no lock of its own: adjust_va_to_fit_type() takes its record by
// __this_cpu_xchg(), which needs preemption disabled, or one lock around all users. Up to v6.6 that lock is
// free_vmap_area_lock. The node-blocks patch splits under vn->free.lock too. Where spinlocks are preemptible
// (PREEMPT_RT) and the exchange is a load and a store (asm-generic/percpu.h: raw_cpu_generic_xchg), two tasks on one
// CPU can then take the same record. Here both designs run with that exchange in two steps.
import { describe, expect, it } from "vitest";
import { createRng } from "../../explore/rng.ts";
import { PctStrategy } from "../../explore/strategies/pct.ts";
import { RandomStrategy } from "../../explore/strategies/random.ts";
import { call, type KernelCode, site } from "../../explore/sync.ts";
import { GlobalTree } from "../../impl/allocators/global-tree.ts";
import { NodeBlocks } from "../../impl/allocators/node-blocks.ts";
import type { AllocatorClass } from "../../impl/allocators/registry.ts";
import { NONE, type Va } from "../../impl/heap/areas.ts";
import type { Kernel } from "../../impl/kernel/kernel.ts";
import type { Lock } from "../../impl/kernel/locks.ts";
import { expectedToHold } from "../../properties/scenarios/scenario.ts";
import { Session } from "../../properties/session.ts";
import { capture, shrink } from "../../properties/shrink/shrink.ts";
import type { AllocatorId } from "../../spec/instance.ts";
import { printPrograms } from "../../spec/program-text.ts";
import { instanceOf } from "./small-instance.ts";

const S = {
  load: site("adjust_va_to_fit_type", "__this_cpu_xchg(): load the preload slot"),
  store: site("adjust_va_to_fit_type", "__this_cpu_xchg(): store NULL; split with what was loaded"),
};

/** A section under `lock` whose split takes the record that was in the slot when the section began. */
function* section(
  kernel: Kernel,
  lock: Lock,
  body: (spare: () => Va) => number,
): Generator<ReturnType<Kernel["step"]>, number, number> {
  const loaded = yield {
    site: S.load,
    gate: lock.gate,
    waitsFor: lock.waitsFor,
    run: () => {
      kernel.locks.acquire(lock);
      return kernel.cpus.preload();
    },
  };
  return yield {
    site: S.store,
    run: () => {
      const result = body(() => {
        if (loaded === NONE) return kernel.areas.allocate(kernel.current);
        kernel.cpus.setPreload(NONE);
        kernel.areas.adopt(loaded as Va, kernel.current);
        return loaded as Va;
      });
      kernel.locks.release(lock);
      return result;
    },
  };
}

class PreemptibleGlobalTree extends GlobalTree {
  override *allocGlobal(size: number, align: number, vstart: number, vend: number): KernelCode {
    const spare = yield this.kernel.slabAlloc(S.load, "preload");
    return yield* section(this.kernel, this.freeLock, (take) => {
      this.preloadThisCpu(spare as Va);
      const page = this.index.allocate(this.free, size, align, vstart, vend, take);
      if (page !== vend) this.grant(page, size, align, vstart, vend, -1);
      return page;
    });
  }
}

class PreemptibleNodeBlocks extends NodeBlocks {
  override *allocGlobal(size: number, align: number, vstart: number, vend: number): KernelCode {
    const spare = yield this.kernel.slabAlloc(S.load, "preload");
    return yield* section(this.kernel, this.freeLock, (take) => {
      this.preloadThisCpu(spare as Va);
      const page = this.index.allocate(this.free, size, align, vstart, vend, take);
      if (page !== vend) this.grant(page, size, align, vstart, vend, -1);
      return page;
    });
  }

  override *nodeAlloc(vnId: number, size: number, align: number, vstart: number, vend: number): KernelCode {
    if (this.refuses(size, align, vstart, vend)) return vend;
    const node = this.idToNode(vnId);
    const page = yield* section(this.kernel, this.nodeFreeLock[node]!, (take) => {
      const found = this.index.allocate(this.nodeFree[node]!, size, align, vstart, vend, take);
      if (found === vend) return this.tryBeginFill(node);
      this.grant(found, size, align, vstart, vend, node);
      return found;
    });
    // -1: this task fills; -2: another one does.
    if (page === -2) return vend;
    if (page !== -1) return page;
    const filled = yield call(this, this.nodeAllocFill, node, size, align);
    yield this.kernel.step(S.store, () => this.endFill(node));
    return filled;
  }
}

/** What thousands of schedules find on one CPU, shrunk. */
function hunt(allocator: AllocatorId, design: AllocatorClass): string {
  const instance = instanceOf(
    allocator,
    "a=alloc(9); b=alloc(5,align=4); c=alloc(5,align=4)\nd=alloc(1); e=alloc(1); f=alloc(1,align=2)\ng=alloc(6,align=4)",
    { spacePages: 64, cpus: 1, nodes: 1, blockPages: 16 },
  );
  const options = { design, watched: expectedToHold(allocator), live: true };
  const session = new Session(instance, options);
  const rng = createRng("preload slot");
  const strategies = [new RandomStrategy(rng, session.profile), new PctStrategy(rng, session.profile, 3)];
  for (let i = 0; i < 4000; i++) {
    const { finding } = session.run(strategies[i % 2]!);
    if (!finding) continue;
    const least = shrink(instance, capture(session, finding), options);
    return `${least.finding.id}: ${least.finding.message}\n${printPrograms(least.instance.programs)}`;
  }
  return "nothing";
}

describe("the preload slot, where a spinlock section may be preempted", () => {
  it("is safe while one lock stands around all its users", () => {
    expect(hunt("global-tree", PreemptibleGlobalTree)).toBe("nothing");
  });

  it("hands one record out twice once nodes split under their own locks", () => {
    expect(hunt("node-blocks", PreemptibleNodeBlocks)).toMatchInlineSnapshot(`
      "INV-CONSERVE: pages [1,2) left "node-free of node 0" and are in no place now
      b=alloc(1); c=alloc(1,align=2)
      f=alloc(1,align=2)"
    `);
  });
});
