// SPDX-License-Identifier: GPL-2.0-only
//
// The preload slot where a spinlock section may be preempted (PREEMPT_RT) and __this_cpu_xchg() is a load and a store
// (asm-generic/percpu.h: raw_cpu_generic_xchg). Up to v6.6 one lock stands around all its users; the node-blocks
// patch also splits under vn->free.lock, so two tasks on one CPU can take the same record (DEF-N14).

import { call, type KernelCode, site } from "../../explore/sync.ts";
import { GlobalTree } from "../../impl/allocators/global-tree.ts";
import { NodeBlocks } from "../../impl/allocators/node-blocks.ts";
import { NONE, type Va } from "../../impl/heap/areas.ts";
import type { Kernel } from "../../impl/kernel/kernel.ts";
import type { Lock } from "../../impl/kernel/locks.ts";

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

/** v6.6 with that exchange. */
export class PreemptibleGlobalTree extends GlobalTree {
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

/** v2 6/9 with that exchange. */
export class PreemptibleNodeBlocks extends NodeBlocks {
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
