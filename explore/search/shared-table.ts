// SPDX-License-Identifier: GPL-2.0-only
//
// The table of visited states for several threads. A slot is claimed by its first word and published by its second;
// both are never zero in use, and a slot in use never changes. The table grows while all threads are paused.
// Source: Laarman, van de Pol, Weber, "Boosting multi-core reachability performance with shared hash tables", 2010.

import { StateTable } from "./state-table.ts";

/** A StateTable whose memory other threads use at the same time. It never grows by itself. */
export class SharedTable extends StateTable {
  override add(lowWord: number, highWord: number): boolean {
    const low = lowWord === 0 ? 1 : lowWord;
    const high = highWord === 0 ? 1 : highWord;
    const { entries, capacity, recent } = this;
    if (recent) {
      const at = (high & (recent.length / 2 - 1)) * 2;
      if (recent[at] === low && recent[at + 1] === high) return false;
      recent[at] = low;
      recent[at + 1] = high;
    }
    let slot = this.home(low, high);
    for (let probes = 0; probes < capacity; probes++) {
      const at = slot * 2;
      // Plain reads are enough: a word that is not zero is final.
      let claimed = entries[at]!;
      if (claimed === 0) {
        claimed = Atomics.compareExchange(entries, at, 0, low);
        if (claimed === 0) {
          this.publish(slot, high);
          return true;
        }
      }
      if (claimed === low) {
        let published = entries[at + 1]!;
        while (published === 0) published = Atomics.load(entries, at + 1);
        if (published === high) {
          if (this.numbers) this.last = Atomics.load(this.numbers, slot) - 1;
          return false;
        }
      }
      if (++slot === capacity) slot = 0;
    }
    throw new Error("search: the table of states is full although its threads were to pause before");
  }

  private publish(slot: number, high: number): void {
    if (this.numbers) {
      this.last = this.next;
      this.next += this.stride;
      Atomics.store(this.numbers, slot, this.last + 1);
    }
    Atomics.store(this.entries, slot * 2 + 1, high);
    this.count++;
  }
}
