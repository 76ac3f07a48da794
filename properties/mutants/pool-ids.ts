// SPDX-License-Identifier: GPL-2.0-only
//
// Mutants of the node id in va->flags, in mainline's form.

import { SizePools } from "../../impl/allocators/size-pools.ts";
import type { Va } from "../../impl/heap/areas.ts";
import { instanceOf } from "../../spec/small-machine.ts";
import type { Mutant } from "./mutant.ts";

const ONE_AREA = instanceOf("size-pools", { space: 8, lazyMax: 8 }, "a=alloc(1)");

class StoredWithoutPlusOne extends SizePools {
  override encode(node: number): number {
    return node << 8;
  }
}

/** Ids that do not exist come back as they are. */
class DecodedUnchecked extends SizePools {
  override decode(flags: number): number {
    return (flags >> 8) - 1;
  }
}

class NextNodesLazyTree extends SizePools {
  protected override lazyNode(va: Va): number {
    return (super.lazyNode(va) + 1) % this.nodes;
  }
}

/** Mutants of node ids in the designs with pools. */
export const POOL_ID_MUTANTS: readonly Mutant[] = [
  {
    id: "MU-196",
    kind: "mistake",
    title: "encode_vn_id() does not add one: node 0 looks like none",
    base: "size-pools",
    make: StoredWithoutPlusOne,
    instance: ONE_AREA,
    computed: true,
    killedBy: ["INV-VNID-RT"],
  },
  {
    id: "MU-197",
    kind: "mistake",
    title: "decode_vn_id() does not say what is no node",
    base: "size-pools",
    make: DecodedUnchecked,
    instance: ONE_AREA,
    computed: true,
    killedBy: ["INV-VNID-RT"],
  },
  {
    id: "MU-198",
    kind: "mistake",
    title: "a freed area goes to the lazy tree of the next node",
    base: "size-pools",
    make: NextNodesLazyTree,
    instance: instanceOf(
      "size-pools",
      { space: 4, block: 2, cpus: 1, lazyMax: 8 },
      "a=alloc(1); free(a); purge",
    ),
    killedBy: ["INV-PURGE-NODE"],
  },
];
