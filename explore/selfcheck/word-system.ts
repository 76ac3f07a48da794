// SPDX-License-Identifier: GPL-2.0-only
//
// What the systems with known answers have in common: all state lies in one Int32Array, at first all zero.

import type { ProcessSpec, System } from "../system.ts";

/** A system whose state is some words. */
export abstract class WordSystem implements System {
  abstract readonly processes: readonly ProcessSpec[];
  /** The whole state. */
  readonly words: Int32Array;

  constructor(size: number) {
    this.words = new Int32Array(size);
  }

  reset(): void {
    this.words.fill(0);
  }

  begin(): void {}

  betweenSteps(): void {}

  snapshot(): Int32Array {
    return this.words.slice();
  }

  restore(snapshot: Int32Array): void {
    this.words.set(snapshot);
  }

  saveInto(row: Int32Array, offset: number): void {
    const { words } = this;
    for (let i = 0; i < words.length; i++) row[offset + i] = words[i]!;
  }

  loadFrom(row: Int32Array, offset: number): void {
    const { words } = this;
    for (let i = 0; i < words.length; i++) words[i] = row[offset + i]!;
  }

  equals(snapshot: Int32Array): boolean {
    return this.words.every((word, i) => word === snapshot[i]);
  }

  digest(): string {
    return this.words.join();
  }
}
