// SPDX-License-Identifier: GPL-2.0-only
//
// What is said of the cause of a violation: whom it concerns, who wrote that last, and which order was missing. Data;
// a rendering makes text of it.

/** One step of a run, as a cause. */
export interface Deed {
  /** From 0. */
  readonly step: number;
  /** Name of the process. */
  readonly who: string;
  readonly cpu: number;
  /** Kernel function. */
  readonly fn: string;
}

/** A value that a step read before it wrote: what it wrote depends on it. */
export interface Dependency {
  /** The word, by the kernel's name. */
  readonly of: string;
  /** The value, where it is a single number. */
  readonly value?: number | undefined;
  /** Who wrote it last; absent if nobody has since the start. */
  readonly writer?: Deed | undefined;
}

/** A step that wrote what the violation is about. */
export interface Writer extends Deed {
  /** What it did to it, in words. */
  readonly did: readonly string[];
  /** The locks that it held while it did. */
  readonly locks: readonly string[];
  /** What it read in the same critical section, what others had written first. */
  readonly reads: readonly Dependency[];
}

/** How two steps came to run in either order. */
export type Lack =
  /** Nothing was held by both. */
  | "no-common-lock"
  /** Both held a lock, which was given back between what one saw and what it did with it. */
  | "released-between";

/** Two steps of different processes that nothing orders, and what is theirs. */
export interface MissingOrder {
  readonly of: string;
  readonly lack: Lack;
  /** The one that went first: it read, or it wrote. */
  readonly first: Deed & { readonly locks: readonly string[]; readonly writes: boolean };
  /** The other process's step: it writes, or it takes up what was written. */
  readonly second: Deed & { readonly locks: readonly string[]; readonly writes: boolean };
  /** What the first process then did on the strength of what it had read; absent if it did nothing more. */
  readonly use?: Deed | undefined;
}

/** A process in a circle of locks: what it holds, since when, and what it wants. */
export interface Held extends Deed {
  readonly lock: string;
  /** What it wants while it holds that. */
  readonly wants: string;
  /** The step that wanted it; absent if it still waits. */
  readonly at?: number | undefined;
}

/** Why a violation happened. */
export interface Why {
  /** What the violation is about: ranges of pages, words, lists. Never empty. */
  readonly subject: readonly string[];
  /** Those who wrote that, the last one first. */
  readonly writers: readonly Writer[];
  /** Most relevant first. */
  readonly orders: readonly MissingOrder[];
  /** In a deadlock, or two orders of two locks. */
  readonly held: readonly Held[];
  /** What ought to have happened in between, in words. */
  readonly omitted: readonly string[];
  /** Whether the steps of one process alone lead to it. */
  readonly alone: boolean;
}
