// SPDX-License-Identifier: GPL-2.0-only
// For each scenario of congruent areas that holds, the mistake that it is about, and what is then found.
import { GlobalTree } from "../../impl/allocators/global-tree.ts";
import { SizePools } from "../../impl/allocators/size-pools.ts";
import type { Va } from "../../impl/heap/areas.ts";
import type { ScenarioMistake } from "./pool-mistakes.ts";

/** The failing end of a call frees none of its records. */
class FreesNoRecords extends GlobalTree {
  protected override pcpuFreeRecords(): void {}
}

/** vas[] is not the call's own. */
class SharedRecords extends GlobalTree {
  protected override pcpuVas(): number {
    return this.pcpuList[0]!;
  }
}

/** A purge for want of space leaves the pools as they are. */
class NeverFullDecay extends SizePools {
  protected override decayOf(len: number): number {
    return len >>> 2;
  }
}

/** Congruent areas carry a node's id. */
class WithNodeId extends SizePools {
  protected override pcpuInsertFirst(node: number): number {
    this.areas.flags[this.containers.head[this.pcpuVas()]! as Va] = this.encode(node);
    return super.pcpuInsertFirst(node);
  }
}

export const PCPU_MISTAKES: readonly ScenarioMistake[] = [
  [
    "SC-43",
    "global-tree",
    "MU-284",
    "INV-PCPU-COMPLETE: congruent areas were refused for good, though at base 2 they are all nobody's",
  ],
  ["SC-43b", "global-tree", "MU-286", "INV-CLIP-ATOMIC: a clip failed but changed the record [0,12)"],
  ["SC-43b", "global-tree", "MU-288", "INV-NOWARN: access to a NULL record (NULL dereference)"],
  ["SC-43c", "global-tree", FreesNoRecords, "INV-PCPU-CONGRUENT: a call failed and keeps 1 of its records"],
  [
    "SC-43d",
    "global-tree",
    "MU-289",
    "INV-PCPU-COMPLETE: congruent areas were refused for good, though at base 0 they are all nobody's",
  ],
  ["SC-43e", "global-tree", "MU-291", "INV-PCPU-CONGRUENT: a call failed and keeps 2 of its records"],
  ["SC-43f", "global-tree", "MU-292", "INV-PCPU-CONGRUENT: a call failed and keeps 1 of its records"],
  ["SC-43g", "global-tree", SharedRecords, "INV-NOWARN: access to a NULL record (NULL dereference)"],
  ["SC-43h", "global-tree", "MU-291", "INV-PCPU-CONGRUENT: a call failed and keeps 2 of its records"],
  ["SC-43i", "global-tree", "MU-281", "INV-BOUNDS: [0,4) was granted for align 4 in window [3,15)"],
  ["SC-43j", "global-tree", "MU-282", "INV-BOUNDS: [9,10) was granted for align 1 in window [0,8)"],
  ["SC-43k", "global-tree", "MU-282", "INV-BOUNDS: [11,12) was granted for align 1 in window [0,8)"],
  ["SC-43l", "global-tree", "MU-281", "PCPU-REFUSED was never reached"],
  [
    "SC-43m",
    "size-pools",
    NeverFullDecay,
    "INV-PCPU-COMPLETE: congruent areas were refused for good, though at base 0 they are all nobody's",
  ],
  ["SC-43m", "size-pools", WithNodeId, '"c": expected 2, found 6'],
  ["SC-43o", "global-tree", "MU-280", "INV-PCPU-HIGHEST: no base was found, though the areas fit at 0"],
  ["SC-43p", "node-index", "MU-295", "INV-BUSY-NODE: [2,4) is busy in node 1, its address belongs to node 0"],
];
