// SPDX-License-Identifier: GPL-2.0-only
//
// Mutants of the index: merging, order, the augmented maximum.

import { GlobalTree } from "../../impl/allocators/global-tree.ts";
import { NONE, type Va } from "../../impl/heap/areas.ts";
import { FreeSpace, type SpareSource } from "../../impl/structures/free-space.ts";
import { RbTree } from "../../impl/structures/rb-tree.ts";
import { instanceOf } from "../../spec/small-machine.ts";
import { type Mutant, withIndex } from "./mutant.ts";

class LeftNeighbourOnly extends FreeSpace {
  protected override mergeWith(c: number, area: Va, _next: Va, previous: Va): Va {
    return super.mergeWith(c, area, NONE, previous);
  }
}

class RightNeighbourOnly extends FreeSpace {
  protected override mergeWith(c: number, area: Va, next: Va, _previous: Va): Va {
    return super.mergeWith(c, area, next, NONE);
  }
}

class MiddleKept extends FreeSpace {
  protected override mergeWith(c: number, area: Va, next: Va, previous: Va): Va {
    const { start, end } = this.areas;
    const both =
      next !== NONE && previous !== NONE && start[next] === end[area] && end[previous] === start[area];
    if (!both) return super.mergeWith(c, area, next, previous);
    this.setEnd(c, previous, end[next]!);
    this.areas.release(area);
    this.areas.release(next);
    this.tree.propagateFrom(previous);
    return previous;
  }
}

/** A tree that keeps no maxima while `muted`. */
class MutedTree extends RbTree {
  muted = false;

  override propagateFrom(from: Va): void {
    if (!this.muted) super.propagateFrom(from);
  }
}

class ClipNotPropagated extends FreeSpace {
  override readonly tree: MutedTree = new MutedTree(this.areas, this.containers);

  protected override clip(c: number, va: Va, at: number, size: number, spare: SpareSource): boolean {
    this.tree.muted = true;
    const done = super.clip(c, va, at, size, spare);
    this.tree.muted = false;
    return done;
  }
}

class MergeNotPropagated extends FreeSpace {
  override readonly tree: MutedTree = new MutedTree(this.areas, this.containers);

  protected override mergeWith(c: number, area: Va, next: Va, previous: Va): Va {
    this.tree.muted = true;
    const survivor = super.mergeWith(c, area, next, previous);
    this.tree.muted = false;
    return survivor;
  }
}

class PlainErase extends RbTree {
  override erase(c: number, va: Va): void {
    super.erase(c, va, false);
  }
}

class EraseNotPropagated extends FreeSpace {
  override readonly tree: RbTree = new PlainErase(this.areas, this.containers);
}

class PlainInsert extends RbTree {
  override insert(c: number, va: Va, above: Va, asLeft: boolean, _augmented: boolean): void {
    super.insert(c, va, above, asLeft, false);
  }
}

class InsertNotPropagated extends FreeSpace {
  override readonly tree: RbTree = new PlainInsert(this.areas, this.containers);
}

class ListedAtTail extends FreeSpace {
  override linkListAfter(c: number, va: Va, previous: Va): void {
    const sorted = this.containers.info[c]!.sorted;
    super.linkListAfter(c, va, sorted ? (this.containers.tail[c]! as Va) : previous);
  }
}

/** Frees behind and before what is free already. */
const FREE_ASIDE = instanceOf(
  "global-tree",
  { space: 6, lazyMax: 9 },
  "a=alloc(2); b=alloc(2); free(b); purge; free(a); purge",
);
/** Leaves a hole, then fills it. */
const HOLE = instanceOf(
  "global-tree",
  { space: 8, lazyMax: 9 },
  "a=alloc(1); b=alloc(1); free(a); purge; c=alloc(1)",
);
/** Fills the larger of two holes, a leaf of the tree. */
const LARGER_HOLE = instanceOf(
  "global-tree",
  { space: 4, lazyMax: 9 },
  "a=alloc(2); b=alloc(1); free(a); purge; c=alloc(2)",
);

/** Mutants of the index. */
export const INDEX_MUTANTS: readonly Mutant[] = [
  {
    id: "MU-5",
    kind: "mistake",
    title: "a clip at an edge does not propagate the new size up the tree",
    base: "global-tree",
    make: withIndex(GlobalTree, ClipNotPropagated),
    instance: HOLE,
    killedBy: ["INV-AUGMENT"],
  },
  {
    id: "MU-6",
    kind: "mistake",
    title: "a merge with both neighbours frees the middle record without unlinking it",
    base: "global-tree",
    make: withIndex(GlobalTree, MiddleKept),
    instance: instanceOf(
      "global-tree",
      { space: 6, lazyMax: 9 },
      "a=alloc(1); b=alloc(1); free(a); purge; free(b); purge",
    ),
    killedBy: ["INV-REC"],
  },
  {
    id: "MU-80",
    kind: "mistake",
    title: "a freed area is merged with its left neighbour only",
    base: "global-tree",
    make: withIndex(GlobalTree, LeftNeighbourOnly),
    instance: FREE_ASIDE,
    killedBy: ["INV-COALESCED"],
  },
  {
    id: "MU-81",
    kind: "mistake",
    title: "a freed area is merged with its right neighbour only",
    base: "global-tree",
    make: withIndex(GlobalTree, RightNeighbourOnly),
    instance: instanceOf(
      "global-tree",
      { space: 6, lazyMax: 9 },
      "a=alloc(1); b=alloc(1); c=alloc(1); free(a); purge; free(b); purge",
    ),
    killedBy: ["INV-COALESCED"],
  },
  {
    id: "MU-82",
    kind: "mistake",
    title: "a merge does not propagate the new size up the tree",
    base: "global-tree",
    make: withIndex(GlobalTree, MergeNotPropagated),
    instance: FREE_ASIDE,
    killedBy: ["INV-AUGMENT"],
  },
  {
    id: "MU-83",
    kind: "mistake",
    title: "an erase leaves the maxima above as they were",
    base: "global-tree",
    make: withIndex(GlobalTree, EraseNotPropagated),
    instance: LARGER_HOLE,
    killedBy: ["INV-AUGMENT"],
  },
  {
    id: "MU-84",
    kind: "mistake",
    title: "an insertion leaves the maxima above as they were",
    base: "global-tree",
    make: withIndex(GlobalTree, InsertNotPropagated),
    instance: HOLE,
    killedBy: ["INV-AUGMENT"],
  },
  {
    id: "MU-85",
    kind: "mistake",
    title: "a new record goes to the end of the list, wherever it is in the tree",
    base: "global-tree",
    make: withIndex(GlobalTree, ListedAtTail),
    instance: HOLE,
    killedBy: ["INV-SORTED"],
  },
];
