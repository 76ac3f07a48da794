// SPDX-License-Identifier: GPL-2.0-only
//
// A patch as it might be posted: "mm/vmalloc: update vmap_lazy_nr once per purge". A purge of v6.6 takes each area off the
// counter by itself, an atomic operation for each one. Two versions: v1 stores zero when the list is empty, v2 adds up and
// subtracts once.

import { definePatch, GlobalTree, type Instance, type KernelOptions, NONE, type Va } from "vmapcheck";

/**
 * v1: "Once its list is empty, nothing is lazy any more, so that a plain store of zero will do." It will not: what was freed
 * while the purge ran has been counted, and its pages are no longer counted then.
 */
export class StoresZero extends GlobalTree {
  protected override purgeOne(list: number): void {
    const va = this.containers.head[list] as Va;
    this.index.unlinkList(list, va, this.kernel.current);
    this.releaseTo(this.free, va, -1);
    if (this.containers.head[list] === NONE) this.lazyNr[0] = 0;
  }
}

/** v2: the pages of all areas are subtracted at once, behind the last one. */
export class SubtractsOnce extends GlobalTree {
  /** Pages that this purge has given back; under vmap_purge_lock. State lies in the heap, never in a field of the class. */
  private readonly given: Int32Array;

  constructor(instance: Instance, options: KernelOptions) {
    super(instance, options);
    this.given = this.kernel.heap.words("purge.given", 1, () =>
      this.kernel.locks.held(this.purgeLock.id) ? undefined : "without vmap_purge_lock",
    );
  }

  protected override purgeOne(list: number): void {
    const va = this.containers.head[list] as Va;
    const given = this.given[0]! + this.areas.size(va);
    this.index.unlinkList(list, va, this.kernel.current);
    this.releaseTo(this.free, va, -1);
    const isLast = this.containers.head[list] === NONE;
    this.given[0] = isLast ? 0 : given;
    if (isLast) this.lazyNr[0] = this.lazyNr[0]! - given;
  }
}

/** v1 of the patch. */
export const V1 = definePatch({
  name: "one-counter-update-v1",
  title: "a purge stores zero to vmap_lazy_nr when its list is empty",
  base: "global-tree",
  design: StoresZero,
});

/** v2 of the patch. */
export const V2 = definePatch({
  name: "one-counter-update-v2",
  title: "a purge subtracts the pages of all its areas from vmap_lazy_nr at once",
  base: "global-tree",
  design: SubtractsOnce,
});
