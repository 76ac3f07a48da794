// SPDX-License-Identifier: GPL-2.0-only
//
// How many operations a range index has carried out, and how many nodes they touched: what tests of its cost look at
// instead of clocks. Not state: it lies outside the heap, and is not restored with it.

/** Kinds of operations; `find` counts next as well, `findRev` prev, `emptyArea` its twin, `erase` stores of NULL. */
export const OPERATION_KINDS = ["walk", "find", "findRev", "emptyArea", "store", "erase"] as const;

/** One of them. */
export type OperationKind = (typeof OPERATION_KINDS)[number];

/** The number of each kind, as it is passed to `add`. */
export const OPERATION = Object.fromEntries(OPERATION_KINDS.map((kind, i) => [kind, i])) as Readonly<
  Record<OperationKind, number>
>;

const KINDS = OPERATION_KINDS.length;

/** Counters of each tree. */
export class OperationCounts {
  private readonly counters: Float64Array;

  constructor(trees: number) {
    this.counters = new Float64Array(2 * KINDS * trees);
  }

  /** Counts an operation that touched so many nodes. */
  add(tree: number, operation: number, nodes: number): void {
    const { counters } = this;
    const at = 2 * (tree * KINDS + operation);
    counters[at] = counters[at]! + 1;
    counters[at + 1] = counters[at + 1]! + nodes;
  }

  /** Operations of a kind so far. */
  operations(tree: number, kind: OperationKind): number {
    return this.counters[2 * (tree * KINDS + OPERATION[kind])]!;
  }

  /** Nodes that they read or wrote: each level of each way down, and each node split, merged or dropped. */
  nodes(tree: number, kind: OperationKind): number {
    return this.counters[2 * (tree * KINDS + OPERATION[kind]) + 1]!;
  }

  /** Back to zero, all trees. */
  reset(): void {
    this.counters.fill(0);
  }
}
