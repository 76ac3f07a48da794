// SPDX-License-Identifier: GPL-2.0-only
//
// Allocation out of an augmented free index: the lowest match, and the clip by fit type. Sizes in pages.
// Source: mm/vmalloc.c (v6.6): find_vmap_lowest_match, classify_va_fit_type, adjust_va_to_fit_type, va_alloc.

import { EVENT } from "../../spec/events.ts";
import { AREA_WORD } from "../heap/area-words.ts";
import type { Va } from "../heap/areas.ts";
import { AreaIndex } from "./area-index.ts";

// Constants of this module: the compiler folds these into the code, and not the imported ones.
const NONE = 0 as Va;
const START = AREA_WORD.start;
const END = AREA_WORD.end;
const PARENT = AREA_WORD.parent;
const LEFT = AREA_WORD.left;
const RIGHT = AREA_WORD.right;
const MAX = AREA_WORD.subtreeMaxSize;

/** enum fit_type. */
export const FIT = { NOTHING: 0, FL: 1, LE: 2, RE: 3, NE: 4 } as const;

/** Hands out a record for the second remainder of a split, or NONE if there is none to be had. */
export type SpareSource = () => Va;

/** ALIGN(): the next multiple of a power of two. */
export function alignUp(page: number, align: number): number {
  return align === 1 ? page : Math.ceil(page / align) * align;
}

function isWithin(w: Int32Array, va: Va, size: number, align: number, vstart: number): boolean {
  const start = w[va + START]!;
  return alignUp(start > vstart ? start : vstart, align) + size <= w[va + END]!;
}

/** Search and clip. The caller holds the container's lock. */
export class FreeSpace extends AreaIndex {
  /**
   * __alloc_vmap_area(): lowest match, then clip. Returns the first page, or `vend` if nothing fits (the error
   * value of v6.6). The search length is padded by the alignment as in the kernel, so for `align > 1` a fit can
   * be missed (9333fe98d0a6). O(log n) for `align <= 1`.
   */
  allocate(c: number, size: number, align: number, vstart: number, vend: number, spare: SpareSource): number {
    const adjust = !(align <= 1 || vend - vstart === size);
    const va = this.findVmapLowestMatch(c, size, align, vstart, adjust);
    if (va === NONE) {
      this.events.emit(EVENT.SEARCH_FAILED, c, size, align, vstart, vend);
      return vend;
    }
    return this.vaAlloc(c, va, size, align, vstart, vend, spare);
  }

  /** va_alloc(): out of exactly this record. Returns the first page, or `vend`. */
  vaAlloc(
    c: number,
    va: Va,
    size: number,
    align: number,
    vstart: number,
    vend: number,
    spare: SpareSource,
  ): number {
    const at = alignUp(Math.max(this.words[va + START]!, vstart), align);
    if (at + size > vend) {
      this.events.emit(EVENT.SEARCH_FAILED, c, size, align, vstart, vend);
      return vend;
    }
    return this.clip(c, va, at, size, spare) ? at : vend;
  }

  /** is_within_this_va(): vend is not looked at here. */
  isWithinThisVa(va: Va, size: number, align: number, vstart: number): boolean {
    return isWithin(this.words, va, size, align, vstart);
  }

  /** find_vmap_lowest_match(). Address-lowest if `adjust` is false; otherwise subtrees are pruned too early. */
  findVmapLowestMatch(c: number, size: number, align: number, from: number, adjust: boolean): Va {
    const w = this.words;
    const length = adjust ? size + align - 1 : size;
    let vstart = from;
    let va = this.containers.root[c]! as Va;
    while (va !== NONE) {
      const left = w[va + LEFT]!;
      if (left !== NONE && w[left + MAX]! >= length && vstart < w[va + START]!) {
        va = left as Va;
        continue;
      }
      if (isWithin(w, va, size, align, vstart)) return va;
      const right = w[va + RIGHT]!;
      if (right !== NONE && w[right + MAX]! >= length) {
        va = right as Va;
        continue;
      }
      // Backtrack to the first ancestor with an unvisited right subtree that is large enough.
      va = w[va + PARENT]! as Va;
      while (va !== NONE) {
        if (isWithin(w, va, size, align, vstart)) return va;
        const start = w[va + START]!;
        const beyond = w[va + RIGHT]!;
        if (beyond !== NONE && w[beyond + MAX]! >= length && vstart <= start) {
          // Shift the start beyond this node, so that the way back does not enter its left subtree again.
          vstart = start + 1;
          va = beyond as Va;
          break;
        }
        va = w[va + PARENT]! as Va;
      }
    }
    return NONE;
  }

  /** classify_va_fit_type(). */
  classify(va: Va, at: number, size: number): number {
    const start = this.words[va + START]!;
    const end = this.words[va + END]!;
    if (at < start || at + size > end) return FIT.NOTHING;
    if (start === at) return end === at + size ? FIT.FL : FIT.LE;
    return end === at + size ? FIT.RE : FIT.NE;
  }

  /** adjust_va_to_fit_type() of a record that was found in another way. The caller holds the container's lock. */
  adjustVaToFitType(c: number, va: Va, at: number, size: number, spare: SpareSource): boolean {
    return this.clip(c, va, at, size, spare);
  }

  /** adjust_va_to_fit_type(): takes `[at, at + size)` out of the record. False if a split found no record. */
  protected clip(c: number, va: Va, at: number, size: number, spare: SpareSource): boolean {
    const a = this.areas;
    const w = this.words;
    const fit = this.classify(va, at, size);
    const oldStart = w[va + START]!;
    const oldEnd = w[va + END]!;
    let low: Va = NONE;
    switch (fit) {
      case FIT.FL:
        this.unlink(c, va, this.events.process);
        a.release(va);
        break;
      case FIT.LE:
        this.setStart(c, va, at + size);
        break;
      case FIT.RE:
        this.setEnd(c, va, at);
        break;
      case FIT.NE:
        low = spare();
        if (low === NONE) {
          this.events.emit(EVENT.CLIP_FAILED, c);
          return false;
        }
        a.assign(low, oldStart, at, this.events.process);
        this.setStart(c, va, at + size);
        break;
      default:
        this.events.emit(EVENT.CLIP_FAILED, c);
        return false;
    }
    if (fit !== FIT.FL) {
      this.tree.propagateFrom(va);
      if (low !== NONE) this.insert(c, low, this.events.process);
    }
    this.events.emit(EVENT.CLIP, c, fit, oldStart, oldEnd, at, at + size);
    return true;
  }
}
