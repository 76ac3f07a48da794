// SPDX-License-Identifier: GPL-2.0-only
//
// Mutants of the node id in va->flags: how it is stored, read and trusted.

import { call, type KernelCode, site, tail } from "../../explore/sync.ts";
import { EINVAL, ENOMEM } from "../../impl/allocators/errno.ts";
import { NodeBlocks } from "../../impl/allocators/node-blocks.ts";
import { NONE, type Va } from "../../impl/heap/areas.ts";
import { instanceOf } from "../../spec/small-machine.ts";
import type { Mutant } from "./mutant.ts";

const S = {
  record: site("alloc_vmap_area", "allocate the vmap_area record"),
  nodeId: site("alloc_vmap_area", "this_node_id(): read the CPU number"),
  preempt: site("alloc_vmap_area", "preemptible: the task may migrate"),
  nodeIdAgain: site("alloc_vmap_area", "this_node_id() again, for the flags"),
  mergeNode: site("free_vmap_area", "under vn->free.lock: merge into the node"),
};

/** The reviewer's question in the thread: should the check be `if (vn_id > 0)`? */
class PositiveIdsOnly extends NodeBlocks {
  override *freeVmapArea(va: number, page: number): KernelCode {
    const flags = yield this.unlinkBusy(va as Va, page);
    const vnId = this.decode(flags);
    if (vnId > 0) {
      const lock = this.nodeFreeLock[vnId]!;
      yield this.kernel.locked(S.mergeNode, lock, () => this.mergeIntoNode(vnId, va as Va));
    } else yield this.mergeGlobal(va as Va);
    return 0;
  }
}

/** The same in all three places that test the id. */
class PositiveIdsEverywhere extends NodeBlocks {
  protected override hasNode(vnId: number): boolean {
    return vnId > 0;
  }
}

class EncodedWithoutPlusOne extends NodeBlocks {
  override encode(node: number): number {
    return node << 8;
  }
}

class DecodedWithoutMinusOne extends NodeBlocks {
  override decode(flags: number): number {
    return flags >> 8;
  }
}

class DecodedSevenBits extends NodeBlocks {
  override decode(flags: number): number {
    return ((flags >> 8) & 0x7f) - 1;
  }
}

class EncodedAboveTheFlags extends NodeBlocks {
  override encode(node: number): number {
    return (node + 1) << 2;
  }

  override decode(flags: number): number {
    return (flags >> 2) - 1;
  }
}

class FlagsOverwritten extends NodeBlocks {
  protected override bindRecord(va: Va, page: number, size: number, _flags: number): void {
    super.bindRecord(va, page, size, 0);
  }
}

class CpuReadTwice extends NodeBlocks {
  override *allocVmapArea(size: number, align: number, vstart: number, vend: number): KernelCode {
    if (!this.isValidRequest(size, align)) return -EINVAL;
    const va = yield this.kernel.slabAlloc(S.record, "alloc");
    if (va === NONE) return -ENOMEM;
    const { cpus } = this.kernel;
    const vnId = yield this.kernel.step(S.nodeId, () => cpus.current() % this.nodes);
    const page = yield call(this, this.nodeAlloc, vnId, size, align, vstart, vend);
    if (page === vend) return tail(this, this.allocRetry, va, size, align, vstart, vend, 0);
    if (cpus.migratable) yield this.kernel.preemptPoint(S.preempt);
    const now = yield this.kernel.step(S.nodeIdAgain, () => cpus.current() % this.nodes);
    return tail(this, this.allocBind, va, page, size, align, vstart, vend, this.encode(now));
  }
}

class NextNode extends NodeBlocks {
  protected override lazyNode(va: Va): number {
    const vnId = this.decode(this.areas.flags[va]!);
    return this.hasNode(vnId) ? this.idToNode(vnId + 1) : super.lazyNode(va);
  }
}

const ONE_AREA = instanceOf("node-blocks", { space: 16, cpus: 1 }, "a=alloc(1); free(a); purge");
const SHADOW_FAILS = instanceOf(
  "node-blocks",
  { space: 8, faults: ["kasan"] },
  "a=alloc(1)",
  "b=alloc(1); c=alloc(1,window=1..2)",
);

/** Mutants of the node id. */
export const NODE_ID_MUTANTS: readonly Mutant[] = [
  {
    id: "MU-11",
    kind: "mistake",
    title: 'the reviewer\'s "if (vn_id > 0)" in free_vmap_area(): what node 0 served goes to the global heap',
    base: "node-blocks",
    make: PositiveIdsOnly,
    instance: SHADOW_FAILS,
    killedBy: ["INV-VNID-OWNER"],
  },
  {
    id: "MU-12",
    kind: "mistake",
    title: 'the reviewer\'s "if (vn_id > 0)" wherever an id is tested',
    base: "node-blocks",
    make: PositiveIdsEverywhere,
    instance: ONE_AREA,
    killedBy: ["INV-VNID-OWNER"],
  },
  {
    id: "MU-58",
    kind: "mistake",
    title: "encode_vn_id() forgets the plus one: node 0 looks like none",
    base: "node-blocks",
    make: EncodedWithoutPlusOne,
    instance: ONE_AREA,
    killedBy: ["INV-VNID-RT"],
  },
  {
    id: "MU-59",
    kind: "mistake",
    title: "decode_vn_id() forgets the minus one: none looks like node 0",
    base: "node-blocks",
    make: DecodedWithoutMinusOne,
    instance: ONE_AREA,
    killedBy: ["INV-VNID-RT"],
  },
  {
    id: "MU-60",
    kind: "mistake",
    title: "decode_vn_id() masks seven bits: ids from 127 on wrap",
    base: "node-blocks",
    make: DecodedSevenBits,
    instance: ONE_AREA,
    computed: true,
    killedBy: ["INV-VNID-RT"],
  },
  {
    id: "MU-61",
    kind: "mistake",
    title: "the id is stored right above the two flags instead of in the second byte",
    base: "node-blocks",
    make: EncodedAboveTheFlags,
    instance: ONE_AREA,
    computed: true,
    killedBy: ["INV-VNID-CAP"],
  },
  {
    id: "MU-62",
    kind: "mistake",
    title: "alloc_vmap_area() sets va->flags instead of adding to it: the id is lost",
    base: "node-blocks",
    make: FlagsOverwritten,
    instance: ONE_AREA,
    killedBy: ["INV-VNID-RT"],
  },
  {
    id: "MU-63",
    kind: "mistake",
    title: "the CPU number is read again for the flags, after the task may have migrated",
    base: "node-blocks",
    make: CpuReadTwice,
    instance: instanceOf("node-blocks", { space: 16, migrations: 1 }, "a=alloc(1); free(a)"),
    killedBy: ["INV-VNID-RT"],
  },
  {
    id: "MU-64",
    kind: "mistake",
    title: "a lazy area goes to the node behind the one in its flags",
    base: "node-blocks",
    make: NextNode,
    instance: ONE_AREA,
    killedBy: ["INV-PURGE-NODE"],
  },
];
