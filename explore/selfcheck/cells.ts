// SPDX-License-Identifier: GPL-2.0-only
//
// The smallest system that the known answers need: a few shared cells and locks in one Int32Array, and processes that
// read, write, lock and unlock. Must stay so plain that a wrong number can only be the engine's.

import { call, type KernelFunction, site, type Step } from "../sync.ts";
import type { ProcessSpec } from "../system.ts";
import { WordSystem } from "./word-system.ts";

const SITES = {
  read: site("cells", "read"),
  write: site("cells", "write"),
  lock: site("cells", "lock"),
  unlock: site("cells", "unlock"),
  stay: site("cells", "stay"),
};

/** Processes over shared cells and locks, all zero at first. */
export class Cells extends WordSystem {
  readonly processes: readonly ProcessSpec[];
  private readonly locksAt: number;

  /** `make` gives the body of process `p`; the processes are put in the given order. */
  constructor(
    size: { readonly cells: number; readonly locks: number },
    order: readonly number[],
    make: (cells: Cells) => KernelFunction,
  ) {
    super(size.cells + size.locks);
    this.locksAt = size.cells;
    const body = make(this);
    this.processes = order.map((p) => ({ name: `process ${p}`, entry: call(this, body, p), daemon: true }));
  }

  /** The content of a cell. */
  read(cell: number): Step {
    return { site: SITES.read, run: () => this.words[cell]! };
  }

  /** Changes a cell. */
  write(cell: number, value: number): Step {
    return { site: SITES.write, run: () => this.put(cell, value) };
  }

  /** Takes a lock; not enabled while anybody holds it. */
  lock(lock: number): Step {
    const index = this.locksAt + lock;
    const gate = { words: this.words, index, value: 0 };
    return { site: SITES.lock, gate, run: () => this.put(index, 1) };
  }

  /** Gives a lock back. */
  unlock(lock: number): Step {
    return { site: SITES.unlock, run: () => this.put(this.locksAt + lock, 0) };
  }

  /** Where a process stays whose locals still count as state. */
  stay(): Step {
    return { site: SITES.stay, idle: true, ready: () => false, run: () => 0 };
  }

  private put(index: number, value: number): number {
    this.words[index] = value;
    return 0;
  }
}
