// SPDX-License-Identifier: GPL-2.0-only
//
// What a watch keeps about each process, from one step to another.

import type { CheckContext } from "../checks/check.ts";
import type { History } from "../checks/check-memory.ts";

/** Per-process notes that an operation's end wipes out. */
export class Notes {
  readonly value: Int32Array;

  constructor(context: CheckContext) {
    this.value = new Int32Array(context.sim.kernel.processes);
  }

  reset(): void {
    this.value.fill(0);
  }

  /** For a search. Notes must be 0 again when they no longer matter. */
  get history(): readonly History[] {
    const { value } = this;
    return [
      {
        invariants: [],
        words: value.length,
        rename: (from, at, { as }, into) => {
          for (let p = 0; p < value.length; p++) into[at + as[p]!] = from[at + p]!;
        },
        save: (into, at) => into.set(value, at),
        load: (from, at) => value.set(from.subarray(at, at + value.length)),
      },
    ];
  }
}
