// SPDX-License-Identifier: GPL-2.0-only
//
// The three sizes of the bounded protocol NB, as data, and the numbers of each. Source: the description of the
// protocol that bench/peers/nb.pml follows as well; its counts were met by SPIN, TLC and a hand-written search.

/** One operation of a thread. */
export type ProtocolOperation =
  | { readonly kind: "alloc"; readonly area: number }
  | { readonly kind: "free"; readonly area: number }
  | { readonly kind: "purge" };

/** One thread: the node that it runs on, and its program. */
export interface ProtocolThread {
  readonly node: number;
  readonly program: readonly ProtocolOperation[];
}

/** An instance of the protocol. Areas are numbered from 1; `sizes[0]` is not used. */
export interface ProtocolInstance {
  readonly pages: number;
  readonly sizes: readonly number[];
  readonly threads: readonly ProtocolThread[];
}

/** Pages of a block; a block may start anywhere. */
export const BLOCK_PAGES = 6;

/** Nodes. */
export const NODES = 2;

/** Largest allocation that a node serves, pages. */
export const NODE_SIZE_MAX = 2;

/** Name of a size. */
export type ProtocolName = "NB-1" | "NB-2" | "NB-3";

/** Programs as text: `aS` allocates S pages, `fJ` frees the thread's own J-th allocation, `p` purges. */
const PROGRAMS: Readonly<Record<ProtocolName, readonly [pages: number, ...(readonly [number, string])[]]>> = {
  "NB-1": [14, [0, "a2 f0 a3 f1"], [0, "a2 f0 p"], [1, "p"]],
  "NB-2": [16, [0, "a2 f0 a3 f1"], [0, "a2 f0 p"], [1, "a1 f0 a2 f1"], [1, "p"]],
  "NB-3": [16, [0, "a2 f0 a3 f1"], [0, "a2 f0 p a1 f1"], [1, "a1 f0 a2 f1 p"], [1, "p p"]],
};

/** Counts of a size. */
export interface ProtocolCounts {
  readonly states: number;
  readonly transitions: number;
  readonly terminals: number;
  readonly depth: number;
}

/** What a correct model counts. */
export const PROTOCOL_COUNTS: Readonly<Record<ProtocolName, ProtocolCounts>> = {
  "NB-1": { states: 8847, transitions: 18_972, terminals: 20, depth: 33 },
  "NB-2": { states: 924_083, transitions: 2_631_720, terminals: 613, depth: 53 },
  "NB-3": { states: 9_505_419, transitions: 28_414_834, terminals: 619, depth: 73 },
};

/** The instance of a size. */
export function protocolInstance(name: ProtocolName): ProtocolInstance {
  const [pages, ...programs] = PROGRAMS[name];
  const sizes = [0];
  const threads = programs.map(([node, text]): ProtocolThread => {
    const own: number[] = [];
    const program = text.split(" ").map((word): ProtocolOperation => {
      if (word === "p") return { kind: "purge" };
      const value = Number(word.slice(1));
      if (word.startsWith("f")) return { kind: "free", area: own[value]! };
      own.push(sizes.push(value) - 1);
      return { kind: "alloc", area: own.at(-1)! };
    });
    return { node, program };
  });
  return { pages, sizes, threads };
}
