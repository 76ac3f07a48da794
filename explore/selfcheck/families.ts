// SPDX-License-Identifier: GPL-2.0-only
//
// Families of small concurrent programs whose numbers of states are published or were counted by brute force. No
// number depends on the order of the processes. Sources: the test-suites of Stateright (increment, increment_lock), GenMC
// and Concuerror (philosophers).

import type { KernelCode } from "../sync.ts";
import { Cells } from "./cells.ts";

/** A family: a system of `n` processes, in any order of `0 .. n - 1`. */
export type Family = (order: readonly number[]) => Cells;

/** Each process: read x; write x = read + 1. What it read stays part of the state. */
export const increment: Family = (order) =>
  new Cells({ cells: 1, locks: 0 }, order, (cells) => {
    return function* body(): KernelCode {
      const value = yield cells.read(0);
      yield cells.write(0, value + 1);
      yield cells.stay();
      return 0;
    };
  });

/** Each process: lock; read x; write x = read + 1; unlock. What it read stays part of the state. */
export const incrementLock: Family = (order) =>
  new Cells({ cells: 1, locks: 1 }, order, (cells) => {
    return function* body(): KernelCode {
      yield cells.lock(0);
      const value = yield cells.read(0);
      yield cells.write(0, value + 1);
      yield cells.unlock(0);
      yield cells.stay();
      return 0;
    };
  });

/** Each philosopher: lock the left fork, then the right one; unlock the right one, then the left. */
export const philosophers: Family = (order) =>
  new Cells({ cells: 0, locks: order.length }, order, (cells) => {
    return function* body(left: number): KernelCode {
      const right = (left + 1) % order.length;
      yield cells.lock(left);
      yield cells.lock(right);
      yield cells.unlock(right);
      yield cells.unlock(left);
      return 0;
    };
  });

/** Every rotation of `0 .. n - 1`, and the reverse: many faults of a search hide in one order. */
export function orders(n: number): readonly (readonly number[])[] {
  const line = Array.from({ length: n }, (_, i) => i);
  return [...line.map((from) => [...line.slice(from), ...line.slice(0, from)]), line.toReversed()];
}
