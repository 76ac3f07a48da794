// SPDX-License-Identifier: GPL-2.0-only
//
// Layout of a node of a range index in the heap: 32 words, in two cache lines or three. Slots and pivots are those of
// the maple tree; the last pivot of a node is not kept, it is the end of the node's own range. Words that a node does
// not use are zero. Hot code takes these offsets into constants of its own module first, as for AREA_WORD.
// Source: include/linux/maple_tree.h (v6.6): maple_leaf_64 as maple_range_64, maple_arange_64.

/** Words per node. A node's handle is its number times this, so that `words[node + i]` is its i-th word. */
export const NODE_WORDS = 32;

/** The first word of each part; inner slots and gaps lie where a leaf keeps its pivots and slots. */
export const NODE_WORD = {
  /** HEADER of the node; 0 if it is free. */
  header: 0,
  /** Last index of each slot's range, but of the last one's. */
  pivot: 1,
  /** Leaf: the entries, 0 where the range is NULL. */
  leafSlot: 16,
  /** Inner node: handles of the children. */
  innerSlot: 10,
  /** Inner node: the longest NULL range below each child. */
  gap: 20,
} as const;

/** Parts of a header: `(tree + 1) << treeShift`, one bit for inner nodes, and the number of slots in use. */
export const HEADER = { count: 31, inner: 32, treeShift: 6 } as const;

/** Slots of a node: MAPLE_RANGE64_SLOTS and MAPLE_ARANGE64_SLOTS. */
export const SLOTS = { leaf: 16, inner: 10 } as const;

/** Fewest slots in use in a node that is no root. The kernel's mt_min_slots are 6 and 4. */
export const SLOTS_MIN = { leaf: 8, inner: 5 } as const;

/** Highest index; the length of the range of all indexes is the largest 32-bit integer. */
export const INDEX_MAX = 2 ** 31 - 2;

/** Levels of the highest tree: 2^31 ranges in leaves of 8 under nodes of 5, and some more. */
export const LEVELS_MAX = 16;

/**
 * Most nodes that `trees` trees with `entries` non-NULL entries in all can need, roots included. All other nodes are at
 * least half full, and n entries have at most n + 1 NULL ranges around them.
 */
export function nodesNeeded(trees: number, entries: number): number {
  // Of e entries: floor((2e + 1) / 8) leaves, if they do not fit into the root. No way to share the entries out among
  // several trees makes the sum larger.
  if (2 * entries + 1 <= SLOTS.leaf) return trees;
  let nodes = trees;
  for (let level = entries >> 2; ; level = Math.floor(level / SLOTS_MIN.inner)) {
    nodes += level;
    if (level <= SLOTS.inner) return nodes;
  }
}
