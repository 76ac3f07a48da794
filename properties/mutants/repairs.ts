// SPDX-License-Identifier: GPL-2.0-only
//
// Repairs of defects that the faithful port has: with them, the finding of the defect must go.

import { call, type KernelCode, site, type Step, tail } from "../../explore/sync.ts";
import { NodeBlocks } from "../../impl/allocators/node-blocks.ts";
import { NONE, type Va } from "../../impl/heap/areas.ts";
import { EVENT } from "../../spec/events.ts";
import { instanceOf } from "../../spec/small-machine.ts";
import type { Mutant } from "./mutant.ts";

const S = {
  mergeNode: site("free_vmap_area", "under vn->free.lock: merge into the node, return a whole block"),
  nodeId: site("alloc_vmap_area", "this_node_id() before another try"),
};

/** free_vmap_area() tests for a whole block, as the purge does; free_vmap_area_lock nests in vn->free.lock. */
class WholeBlockTestInFree extends NodeBlocks {
  override *freeVmapArea(va: number, page: number): KernelCode {
    const flags = yield this.unlinkBusy(va as Va, page);
    const vnId = this.decode(flags);
    if (this.hasNode(vnId)) yield this.mergeAndReturn(this.idToNode(vnId), va as Va);
    else yield this.mergeGlobal(va as Va);
    return 0;
  }

  private mergeAndReturn(node: number, va: Va): Step {
    const outer = this.nodeFreeLock[node]!;
    const inner = this.freeLock;
    return {
      site: S.mergeNode,
      ready: () => outer.isFree() && inner.isFree(),
      waitsFor: () => (outer.isFree() ? inner : outer).waitsFor(),
      run: () => {
        const { locks } = this.kernel;
        locks.acquire(outer);
        const survivor = this.mergeIntoNode(node, va) as Va;
        if (survivor !== NONE && this.isWholeBlock(survivor)) {
          this.index.unlink(this.nodeFree[node]!, survivor, this.kernel.current);
          this.restoreEdges(this.nodeFree[node]!, survivor);
          const { start, end } = this.areas;
          this.kernel.events.emit(EVENT.BLOCK_RETURNED, start[survivor], end[survivor], node);
          locks.acquire(inner);
          this.index.mergeOrAdd(this.free, survivor);
          locks.release(inner);
        }
        locks.release(outer);
        return 0;
      },
    };
  }
}

/** The label `retry` of alloc_vmap_area() stands before node_alloc(). */
class RetryAsksTheNode extends NodeBlocks {
  override *allocRetry(
    va: number,
    size: number,
    align: number,
    vstart: number,
    vend: number,
    purged: number,
  ): KernelCode {
    if (purged) {
      const vnId = yield this.kernel.step(S.nodeId, () => this.kernel.cpus.current() % this.nodes);
      const page = yield call(this, this.nodeAlloc, vnId, size, align, vstart, vend);
      if (page !== vend) {
        return tail(this, this.allocBind, va, page, size, align, vstart, vend, this.encode(vnId));
      }
    }
    return tail(this, super.allocRetry, va, size, align, vstart, vend, purged);
  }
}

/** Repairs of node-blocks. */
export const REPAIRS: readonly Mutant[] = [
  {
    id: "MU-14",
    kind: "repair",
    title: "free_vmap_area() returns a block that is whole again (DEF-N2)",
    base: "node-blocks",
    make: WholeBlockTestInFree,
    instance: instanceOf("node-blocks", { space: 8, faults: ["kasan"] }, "a=alloc(1)", "b=alloc(1)"),
    cures: "INV-BLOCK-RETURN",
  },
  {
    id: "MU-15",
    kind: "repair",
    title: "the retry after a purge asks the node again (DEF-N13)",
    base: "node-blocks",
    make: RetryAsksTheNode,
    instance: instanceOf(
      "node-blocks",
      { space: 4, block: 4, nodes: 1, cpus: 1, lazyMax: 8 },
      "a=alloc(1); b=alloc(1); free(a); c=alloc(1)",
    ),
    cures: "INV-COMPLETE-ALL",
  },
];
