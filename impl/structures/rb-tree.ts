// SPDX-License-Identifier: GPL-2.0-only
//
// The red-black tree of the kernel over vmap_area records, with or without the augmented maximum
// (subtree_max_size). Same shapes as the kernel's: padded searches depend on the shape.
// Source: lib/rbtree.c, include/linux/rbtree_augmented.h (v6.6), Cormen et al. chapter 13.

import { AREA_WORD } from "../heap/area-words.ts";
import type { Areas, Va } from "../heap/areas.ts";
import type { ChangeLog } from "../heap/change-log.ts";
import type { Containers } from "../heap/containers.ts";

// Constants of this module, not imports: the compiler folds the former into the code and not the latter.
const NONE = 0;
const BLACK = 0;
const RED = 1;
const START = AREA_WORD.start;
const END = AREA_WORD.end;
const PARENT = AREA_WORD.parent;
const LEFT = AREA_WORD.left;
const RIGHT = AREA_WORD.right;
const MAX = AREA_WORD.subtreeMaxSize;
const COLOR = AREA_WORD.color;

/** Tree operations. The caller holds the container's lock and has found the place by address. */
export class RbTree {
  private readonly words: Int32Array;
  private readonly log: ChangeLog;
  private readonly root: Int32Array;

  constructor(areas: Areas, containers: Containers) {
    this.words = areas.words;
    this.log = areas.changes;
    this.root = containers.root;
  }

  /** augment_tree_propagate_from(): recompute upwards until nothing changes. O(log n). */
  propagateFrom(from: Va): void {
    this.propagate(from, NONE);
  }

  /** rb_link_node + rb_insert_color (or rb_insert_augmented). O(log n). */
  insert(c: number, va: Va, above: Va, asLeft: boolean, augmented: boolean): void {
    const w = this.words;
    this.log.touch3(va, above, NONE);
    w[va + PARENT] = above;
    w[va + LEFT] = NONE;
    w[va + RIGHT] = NONE;
    w[va + COLOR] = RED;
    if (above === NONE) this.root[c] = va;
    else w[above + (asLeft ? LEFT : RIGHT)] = va;
    if (augmented) {
      w[va + MAX] = 0;
      this.propagate(va, NONE);
    }
    this.insertColor(c, va, augmented);
  }

  /** rb_erase (or rb_erase_augmented). O(log n). */
  erase(c: number, va: Va, augmented: boolean): void {
    const w = this.words;
    const left = w[va + LEFT]! as Va;
    const right = w[va + RIGHT]! as Va;
    const top = w[va + PARENT]! as Va;
    let child: Va;
    let above: Va;
    let removedColor: number;
    if (left === NONE || right === NONE) {
      child = left === NONE ? right : left;
      above = top;
      removedColor = w[va + COLOR]!;
      this.log.touch3(va, child, above);
      this.replaceChild(c, above, va, child);
      if (child !== NONE) w[child + PARENT] = above;
      if (augmented) this.propagate(above, NONE);
    } else {
      let next = right;
      for (let down = w[next + LEFT]! as Va; down !== NONE; down = w[down + LEFT]! as Va) next = down;
      child = w[next + RIGHT]! as Va;
      above = next === right ? next : (w[next + PARENT]! as Va);
      this.log.touch4(va, next, left, top);
      this.log.touch3(child, above, right);
      removedColor = w[next + COLOR]!;
      if (next !== right) {
        w[above + LEFT] = child;
        if (child !== NONE) w[child + PARENT] = above;
        w[next + RIGHT] = right;
        w[right + PARENT] = next;
      }
      this.replaceChild(c, top, va, next);
      w[next + PARENT] = top;
      w[next + LEFT] = left;
      w[left + PARENT] = next;
      w[next + COLOR] = w[va + COLOR]!;
      if (augmented) {
        // What the ancestors know of the removed record is what they know of its successor, until it changes.
        w[next + MAX] = w[va + MAX]!;
        this.propagate(above, next);
        this.propagate(next, NONE);
      }
    }
    w[va + PARENT] = NONE;
    w[va + LEFT] = NONE;
    w[va + RIGHT] = NONE;
    w[va + COLOR] = BLACK;
    w[va + MAX] = 0;
    if (removedColor === BLACK) this.eraseColor(c, child, above, augmented);
  }

  /** The augmented callback's propagate(): upwards from `from`, `stop` excluded, until nothing changes. */
  private propagate(from: Va, stop: number): void {
    const w = this.words;
    for (let va = int(from); va !== stop; va = w[va + PARENT]! as Va) {
      const max = maxOf(w, va);
      if (w[va + MAX] === max) return;
      this.log.touch(va);
      w[va + MAX] = max;
    }
  }

  /** __rb_change_child(). */
  private replaceChild(c: number, above: Va, old: Va, by: Va): void {
    const w = this.words;
    if (above === NONE) this.root[c] = by;
    else w[above + (w[above + LEFT] === old ? LEFT : RIGHT)] = by;
  }

  /** Rotates `top` down; its child on the side `near` comes up. Notes both, for recolouring. */
  private rotate(c: number, top: Va, near: number, augmented: boolean): void {
    const w = this.words;
    const far = LEFT + RIGHT - near;
    const up = w[top + near]! as Va;
    const moved = w[up + far]! as Va;
    const above = w[top + PARENT]! as Va;
    this.log.touch4(top, up, moved, above);
    w[top + near] = moved;
    if (moved !== NONE) w[moved + PARENT] = top;
    w[up + PARENT] = above;
    this.replaceChild(c, above, top, up);
    w[up + far] = top;
    w[top + PARENT] = up;
    if (augmented) {
      w[up + MAX] = w[top + MAX]!;
      w[top + MAX] = maxOf(w, top);
    }
  }

  private insertColor(c: number, inserted: Va, augmented: boolean): void {
    const w = this.words;
    let va = int(inserted);
    for (;;) {
      let above = w[va + PARENT]! as Va;
      if (above === NONE) {
        this.log.touch(va);
        w[va + COLOR] = BLACK;
        return;
      }
      if (w[above + COLOR] === BLACK) return;
      const grand = w[above + PARENT]! as Va;
      const side = w[grand + LEFT] === above ? LEFT : RIGHT;
      const otherSide = LEFT + RIGHT - side;
      const uncle = w[grand + otherSide]! as Va;
      if (uncle !== NONE && w[uncle + COLOR] === RED) {
        this.log.touch3(above, uncle, grand);
        w[above + COLOR] = BLACK;
        w[uncle + COLOR] = BLACK;
        w[grand + COLOR] = RED;
        va = grand;
        continue;
      }
      if (w[above + otherSide] === va) {
        this.rotate(c, above, otherSide, augmented);
        above = va;
      }
      this.rotate(c, grand, side, augmented);
      w[above + COLOR] = BLACK;
      w[grand + COLOR] = RED;
      return;
    }
  }

  private eraseColor(c: number, from: Va, fromAbove: Va, augmented: boolean): void {
    const w = this.words;
    let va = int(from);
    let above = int(fromAbove);
    while (above !== NONE && (va === NONE || w[va + COLOR] === BLACK)) {
      const side = w[above + LEFT] === va ? LEFT : RIGHT;
      const otherSide = LEFT + RIGHT - side;
      let sibling = w[above + otherSide]! as Va;
      if (w[sibling + COLOR] === RED) {
        this.rotate(c, above, otherSide, augmented);
        w[sibling + COLOR] = BLACK;
        w[above + COLOR] = RED;
        sibling = w[above + otherSide]! as Va;
      }
      const near = w[sibling + side]! as Va;
      let far = w[sibling + otherSide]! as Va;
      if (far === NONE || w[far + COLOR] === BLACK) {
        if (near === NONE || w[near + COLOR] === BLACK) {
          this.log.touch(sibling);
          w[sibling + COLOR] = RED;
          va = above;
          above = w[va + PARENT]! as Va;
          continue;
        }
        this.rotate(c, sibling, side, augmented);
        far = sibling;
        sibling = near;
      }
      this.rotate(c, above, otherSide, augmented);
      this.log.touch(far);
      w[sibling + COLOR] = w[above + COLOR]!;
      w[above + COLOR] = BLACK;
      w[far + COLOR] = BLACK;
      return;
    }
    if (va === NONE) return;
    this.log.touch(va);
    w[va + COLOR] = BLACK;
  }
}

/** The same handle, known to the compiler as a machine word: a loop over it then needs no tagging. */
function int(va: Va): Va {
  return (va | 0) as Va;
}

/** max(size, M(left), M(right)): compute_subtree_max_size(). */
function maxOf(w: Int32Array, va: Va): number {
  let max = w[va + END]! - w[va + START]!;
  const left = w[va + LEFT]!;
  if (left !== NONE) {
    const inLeft = w[left + MAX]!;
    if (inLeft > max) max = inLeft;
  }
  const right = w[va + RIGHT]!;
  if (right !== NONE) {
    const inRight = w[right + MAX]!;
    if (inRight > max) max = inRight;
  }
  return max;
}
