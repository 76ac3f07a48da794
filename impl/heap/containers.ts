// SPDX-License-Identifier: GPL-2.0-only
//
// Containers of records: a tree root and a list head each, as struct rb_list of the kernel. What a container is
// for, its guard and its node are static; its contents are in the heap.

import { FIRST_CONTAINER } from "./areas.ts";
import type { Guard, Heap } from "./heap.ts";

/** What the records of a container stand for. */
export type ContainerKind =
  | "free"
  | "node-free"
  | "busy"
  | "lazy"
  | "purge"
  | "reclaim"
  | "pool"
  | "decay"
  /** vas[] of pcpu_get_vm_areas(): records without a range, which have one from their clip on. */
  | "pcpu"
  | "retry"
  | "failed";

/** The fixed part of a container. */
export interface ContainerInfo {
  /** Id, also the `place` of its records. */
  readonly id: number;
  readonly kind: ContainerKind;
  /** Node that it belongs to, -1 for the global ones. */
  readonly node: number;
  /** Lock that guards it, or -1: it belongs to the process in `holder`. */
  readonly lock: number;
  /** Whether neighbours are merged on insertion. */
  readonly coalesced: boolean;
  /** Whether subtree_max_size is kept. */
  readonly augmented: boolean;
  /** Whether it has a tree beside the list, and so is sorted by address. */
  readonly sorted: boolean;
}

/** All containers of one simulated kernel. */
export class Containers {
  readonly info: (ContainerInfo | undefined)[] = [];
  /** Root of the tree, a record handle. */
  readonly root: Int32Array;
  /** First and last record of the list. */
  readonly head: Int32Array;
  readonly tail: Int32Array;
  /** Number of records. */
  readonly count: Int32Array;
  /** Ghost: sum of the sizes of its records, pages. */
  readonly pages: Int32Array;
  /** Process that holds a container without a lock. */
  readonly holder: Int32Array;

  constructor(heap: Heap, count: number, guard: Guard) {
    const n = FIRST_CONTAINER + count;
    this.root = heap.words("container.root", n, guard);
    this.head = heap.words("container.head", n, guard);
    this.tail = heap.words("container.tail", n, guard);
    this.count = heap.words("container.count", n);
    this.pages = heap.words("container.pages", n);
    this.holder = heap.words("container.holder", n);
  }

  /** Declares the next container and returns its id. */
  declare(
    kind: ContainerKind,
    node: number,
    lock: number,
    shape: Pick<ContainerInfo, "coalesced" | "augmented" | "sorted">,
  ): number {
    const id = Math.max(FIRST_CONTAINER, this.info.length);
    this.info[id] = { id, kind, node, lock, ...shape };
    return id;
  }

  /** The declared containers. */
  all(): readonly ContainerInfo[] {
    return this.info.filter((c) => c !== undefined);
  }
}
