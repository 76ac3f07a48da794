// SPDX-License-Identifier: GPL-2.0-only
//
// The red-black tree of the kernel over vmap_area records, with or without the augmented maximum
// (subtree_max_size). Same shapes as the kernel's: padded searches depend on the shape.
// Source: lib/rbtree.c, include/linux/rbtree_augmented.h (v6.6), Cormen et al. chapter 13.

import { type Areas, NONE, type Va } from "../heap/areas.ts";
import type { Containers } from "../heap/containers.ts";

const BLACK = 0;
const RED = 1;

/** Tree operations. The caller holds the container's lock and has found the place by address. */
export class RbTree {
  private readonly areas: Areas;
  private readonly containers: Containers;

  constructor(areas: Areas, containers: Containers) {
    this.areas = areas;
    this.containers = containers;
  }

  /** max(size, M(left), M(right)): compute_subtree_max_size(). */
  maxOf(va: Va): number {
    const { left, right, subtreeMaxSize, start, end } = this.areas;
    let max = end[va]! - start[va]!;
    const l = left[va]!;
    if (l !== NONE && subtreeMaxSize[l]! > max) max = subtreeMaxSize[l]!;
    const r = right[va]!;
    if (r !== NONE && subtreeMaxSize[r]! > max) max = subtreeMaxSize[r]!;
    return max;
  }

  /** augment_tree_propagate_from(): recompute upwards until nothing changes. O(log n). */
  propagateFrom(from: Va): void {
    const { parent, subtreeMaxSize } = this.areas;
    for (let va = from; va !== NONE; va = parent[va]! as Va) {
      const max = this.maxOf(va);
      if (subtreeMaxSize[va] === max) return;
      this.areas.touch(va);
      subtreeMaxSize[va] = max;
    }
  }

  /** rb_link_node + rb_insert_color (or rb_insert_augmented). O(log n). */
  insert(c: number, va: Va, above: Va, asLeft: boolean, augmented: boolean): void {
    const a = this.areas;
    a.touch(va);
    a.parent[va] = above;
    a.left[va] = NONE;
    a.right[va] = NONE;
    a.color[va] = RED;
    if (above === NONE) this.containers.root[c] = va;
    else {
      a.touch(above);
      if (asLeft) a.left[above] = va;
      else a.right[above] = va;
    }
    if (augmented) {
      a.subtreeMaxSize[va] = 0;
      this.propagateFrom(va);
    }
    this.insertColor(c, va, augmented);
  }

  /** rb_erase (or rb_erase_augmented). O(log n). */
  erase(c: number, va: Va, augmented: boolean): void {
    const a = this.areas;
    a.touch(va);
    const l = a.left[va]! as Va;
    const r = a.right[va]! as Va;
    let child: Va;
    let above: Va;
    let removedColor: number;
    if (l === NONE || r === NONE) {
      child = l === NONE ? r : l;
      above = a.parent[va]! as Va;
      removedColor = a.color[va]!;
      this.replace(c, va, child);
    } else {
      let next = r;
      while (a.left[next]! !== NONE) next = a.left[next]! as Va;
      removedColor = a.color[next]!;
      child = a.right[next]! as Va;
      a.touch(next);
      if (next === r) above = next;
      else {
        above = a.parent[next]! as Va;
        this.replace(c, next, child);
        a.right[next] = r;
        a.touch(r);
        a.parent[r] = next;
      }
      this.replace(c, va, next);
      a.left[next] = l;
      a.touch(l);
      a.parent[l] = next;
      a.color[next] = a.color[va]!;
      if (augmented) a.subtreeMaxSize[next] = 0;
    }
    a.parent[va] = NONE;
    a.left[va] = NONE;
    a.right[va] = NONE;
    a.color[va] = BLACK;
    if (augmented) this.recomputeFrom(above);
    if (removedColor === BLACK) this.eraseColor(c, child, above, augmented);
  }

  // After an erase the lowest changed node may be unchanged while its ancestors are stale, so this does not
  // stop early.
  private recomputeFrom(from: Va): void {
    const { parent, subtreeMaxSize } = this.areas;
    for (let va = from; va !== NONE; va = parent[va]! as Va) {
      const max = this.maxOf(va);
      if (subtreeMaxSize[va] !== max) {
        this.areas.touch(va);
        subtreeMaxSize[va] = max;
      }
    }
  }

  private replace(c: number, old: Va, by: Va): void {
    const a = this.areas;
    const above = a.parent[old]! as Va;
    if (above === NONE) this.containers.root[c] = by;
    else {
      a.touch(above);
      if (a.left[above] === old) a.left[above] = by;
      else a.right[above] = by;
    }
    if (by !== NONE) {
      a.touch(by);
      a.parent[by] = above;
    }
  }

  private rotate(c: number, top: Va, leftwards: boolean, augmented: boolean): void {
    const a = this.areas;
    const near = leftwards ? a.right : a.left;
    const far = leftwards ? a.left : a.right;
    const up = near[top]! as Va;
    const moved = far[up]! as Va;
    a.touch(top);
    a.touch(up);
    near[top] = moved;
    if (moved !== NONE) {
      a.touch(moved);
      a.parent[moved] = top;
    }
    this.replaceParent(c, top, up);
    far[up] = top;
    a.parent[top] = up;
    if (augmented) {
      a.subtreeMaxSize[up] = a.subtreeMaxSize[top]!;
      a.subtreeMaxSize[top] = this.maxOf(top);
    }
  }

  private replaceParent(c: number, old: Va, by: Va): void {
    const a = this.areas;
    const above = a.parent[old]! as Va;
    a.parent[by] = above;
    if (above === NONE) this.containers.root[c] = by;
    else {
      a.touch(above);
      if (a.left[above] === old) a.left[above] = by;
      else a.right[above] = by;
    }
  }

  private insertColor(c: number, inserted: Va, augmented: boolean): void {
    const a = this.areas;
    let va = inserted;
    for (;;) {
      let above = a.parent[va]! as Va;
      if (above === NONE) {
        a.color[va] = BLACK;
        return;
      }
      if (a.color[above] === BLACK) return;
      const grand = a.parent[above]! as Va;
      const onLeft = a.left[grand] === above;
      const uncle = (onLeft ? a.right[grand] : a.left[grand])! as Va;
      if (uncle !== NONE && a.color[uncle] === RED) {
        a.color[above] = BLACK;
        a.color[uncle] = BLACK;
        a.color[grand] = RED;
        va = grand;
        continue;
      }
      if ((onLeft ? a.right[above] : a.left[above]) === va) {
        this.rotate(c, above, onLeft, augmented);
        above = va;
      }
      a.color[above] = BLACK;
      a.color[grand] = RED;
      this.rotate(c, grand, !onLeft, augmented);
      return;
    }
  }

  private eraseColor(c: number, from: Va, fromAbove: Va, augmented: boolean): void {
    const a = this.areas;
    let va = from;
    let above = fromAbove;
    while (above !== NONE && (va === NONE || a.color[va] === BLACK)) {
      const onLeft = a.left[above] === va;
      const same = onLeft ? a.left : a.right;
      const other = onLeft ? a.right : a.left;
      let sibling = other[above]! as Va;
      if (a.color[sibling] === RED) {
        a.color[sibling] = BLACK;
        a.color[above] = RED;
        this.rotate(c, above, onLeft, augmented);
        sibling = other[above]! as Va;
      }
      const nearNephew = same[sibling]! as Va;
      const farNephew = other[sibling]! as Va;
      const farRed = farNephew !== NONE && a.color[farNephew] === RED;
      if (!farRed && (nearNephew === NONE || a.color[nearNephew] === BLACK)) {
        a.color[sibling] = RED;
        va = above;
        above = a.parent[va]! as Va;
        continue;
      }
      if (!farRed) {
        a.color[nearNephew] = BLACK;
        a.color[sibling] = RED;
        this.rotate(c, sibling, !onLeft, augmented);
        sibling = other[above]! as Va;
      }
      a.color[sibling] = a.color[above]!;
      a.color[above] = BLACK;
      a.color[other[sibling]!] = BLACK;
      this.rotate(c, above, onLeft, augmented);
      return;
    }
    if (va !== NONE) a.color[va] = BLACK;
  }
}
