// SPDX-License-Identifier: GPL-2.0-only
//
// A lock between threads: one word of shared memory, 0 while it is free. Source: the mutex of Drepper, "Futexes Are
// Tricky", without its third state: the lock is held for microseconds, and a waiter that misses the call wakes by itself.

/** How long a waiter sleeps at most, milliseconds. */
const NAP = 1;

/** Takes the lock at `words[at]`. */
export function lock(words: Int32Array, at: number): void {
  while (Atomics.compareExchange(words, at, 0, 1) !== 0) Atomics.wait(words, at, 1, NAP);
}

/** Gives the lock at `words[at]` back. */
export function unlock(words: Int32Array, at: number): void {
  Atomics.store(words, at, 0);
  Atomics.notify(words, at, 1);
}
