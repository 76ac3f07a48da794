// SPDX-License-Identifier: GPL-2.0-only
//
// Everything that must be true of the words of one tree of a range index, looked at as a whole. For checkers: shares no
// code with what it checks but the layout of a node. Must never change anything.
// Source: lib/maple_tree.c (v6.6): mt_validate, mas_validate_gaps, mas_validate_limits, mt_validate_nulls.

import { HEADER, INDEX_MAX, NODE_WORD, NODE_WORDS, SLOTS, SLOTS_MIN } from "./node-words.ts";

/** What is looked at. */
export interface Structure {
  readonly words: Readonly<Int32Array>;
  /** Number of trees: their roots are the first nodes. */
  readonly trees: number;
  readonly nodesMax: number;
  /** Whether the set of free nodes has this one. */
  readonly isFree: (node: number) => boolean;
  /** Number of non-NULL entries that the tree is said to have. */
  readonly entries: number;
}

/** The first broken rule, in words; undefined if there is none. */
export function structureProblem(structure: Structure, tree: number): string | undefined {
  const look = new Look(structure, tree);
  look.below(tree * NODE_WORDS, 0, INDEX_MAX, 0);
  look.others();
  return look.problem;
}

class Look {
  problem: string | undefined;
  private readonly s: Structure;
  private readonly tree: number;
  private readonly reached = new Set<number>();
  private leafDepth = -1;
  private entries = 0;
  private ranges = 0;
  private afterNull = false;

  constructor(structure: Structure, tree: number) {
    this.s = structure;
    this.tree = tree;
  }

  private must(holds: boolean, node: number, rule: string): boolean {
    if (!holds) this.problem ??= `tree ${this.tree}, node ${node / NODE_WORDS}: ${rule}`;
    return this.problem === undefined;
  }

  /** Looks at a node whose range is `[first, last]`, and at all below it. Returns its longest NULL range. */
  below(node: number, first: number, last: number, depth: number): number {
    const { words: w, trees, nodesMax } = this.s;
    const isNode = Number.isInteger(node / NODE_WORDS) && node >= 0 && node < nodesMax * NODE_WORDS;
    if (!this.must(isNode, node, "no such node")) return 0;
    if (!this.must(!this.reached.has(node), node, "reached twice")) return 0;
    this.reached.add(node);
    const header = w[node]!;
    const count = header & HEADER.count;
    const inner = (header & HEADER.inner) !== 0;
    const kind = inner ? "inner" : "leaf";
    const isRoot = depth === 0;
    this.must(isRoot === node < trees * NODE_WORDS, node, "a root that is not on top");
    this.must(header >> HEADER.treeShift === this.tree + 1, node, "belongs to another tree");
    const least = isRoot ? (inner ? 2 : 1) : SLOTS_MIN[kind];
    const fits = count >= least && count <= SLOTS[kind];
    if (!this.must(fits, node, `${count} slots in use, not ${least} to ${SLOTS[kind]}`)) return 0;
    this.unused(node, count, inner);
    const gap = inner
      ? this.inner(node, count, first, last, depth)
      : this.leaf(node, count, first, last, depth);
    const isHigher = !isRoot || !inner || this.leafDepth > 1 || this.ranges > SLOTS.leaf;
    this.must(isHigher, node, `${this.ranges} ranges would fit into the root`);
    return gap;
  }

  private inner(node: number, count: number, first: number, last: number, depth: number): number {
    const w = this.s.words;
    let longest = 0;
    let from = first;
    for (let i = 0; i < count && this.problem === undefined; i++) {
      const to = this.slotLast(node, i, count, from, last);
      const gap = this.below(w[node + NODE_WORD.innerSlot + i]!, from, to, depth + 1);
      const kept = w[node + NODE_WORD.gap + i]!;
      this.must(kept === gap, node, `gap ${i} is ${kept}, and ${gap} below`);
      longest = Math.max(longest, gap);
      from = to + 1;
    }
    return longest;
  }

  private leaf(node: number, count: number, first: number, last: number, depth: number): number {
    const w = this.s.words;
    if (this.leafDepth < 0) this.leafDepth = depth;
    this.must(this.leafDepth === depth, node, `a leaf at depth ${depth}, others at ${this.leafDepth}`);
    let longest = 0;
    let from = first;
    for (let i = 0; i < count && this.problem === undefined; i++) {
      const to = this.slotLast(node, i, count, from, last);
      const entry = w[node + NODE_WORD.leafSlot + i]!;
      this.must(entry >= 0, node, `entry ${entry}`);
      this.must(entry !== 0 || !this.afterNull, node, `slot ${i} is NULL behind a NULL`);
      this.afterNull = entry === 0;
      if (entry !== 0) this.entries++;
      else longest = Math.max(longest, to - from + 1);
      this.ranges++;
      from = to + 1;
    }
    return longest;
  }

  /** Last index of a slot's range, which must not be empty and must end within the node. */
  private slotLast(node: number, i: number, count: number, from: number, last: number): number {
    if (i === count - 1) {
      this.must(from <= last, node, `slot ${i} begins at ${from}, the node ends at ${last}`);
      return last;
    }
    const pivot = this.s.words[node + NODE_WORD.pivot + i]!;
    this.must(from <= pivot && pivot < last, node, `pivot ${i} is ${pivot}, not in ${from} .. ${last - 1}`);
    return pivot;
  }

  private unused(node: number, count: number, inner: boolean): void {
    const used = new Set<number>([NODE_WORD.header]);
    for (let i = 0; i < count; i++) {
      if (i < count - 1) used.add(NODE_WORD.pivot + i);
      used.add((inner ? NODE_WORD.innerSlot : NODE_WORD.leafSlot) + i);
      if (inner) used.add(NODE_WORD.gap + i);
    }
    for (let i = 0; i < NODE_WORDS; i++) {
      if (!used.has(i)) this.must(this.s.words[node + i] === 0, node, `unused word ${i} is not zero`);
    }
  }

  /** What is not below the root: no node of this tree, and no traces in free nodes. */
  others(): void {
    const { words: w, trees, nodesMax, isFree, entries } = this.s;
    const { tree, reached } = this;
    this.must(this.entries === entries, tree * NODE_WORDS, `${this.entries} entries, counted as ${entries}`);
    for (let node = 0; node < nodesMax * NODE_WORDS; node += NODE_WORDS) {
      const free = node >= trees * NODE_WORDS && isFree(node);
      if (reached.has(node)) this.must(!free, node, "in use and in the set of free nodes");
      else {
        this.must(
          w[node]! >> HEADER.treeShift !== tree + 1,
          node,
          "of this tree and not reached from its root",
        );
        this.must(free === (w[node] === 0), node, "neither in use nor in the set of free nodes");
        for (let i = 1; free && i < NODE_WORDS; i++) {
          this.must(w[node + i] === 0, node, `free, and word ${i} is not zero`);
        }
      }
    }
  }
}
