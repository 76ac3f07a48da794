// SPDX-License-Identifier: GPL-2.0-only
//
// Processes that differ in nothing but their number, told apart by nothing: fingerprints over sorted positions count
// the known numbers of states, in every order of the processes, and come to the same verdict.

import { describe, expect, test } from "vitest";
import type { InternedExecutor } from "../../explore/positions.ts";
import { PositionPrints } from "../../explore/search/position-print.ts";
import { type Fingerprint, search } from "../../explore/search/search.ts";
import type { Cells } from "../../explore/selfcheck/cells.ts";
import { type Family, increment, incrementLock, orders } from "../../explore/selfcheck/families.ts";

/** Sorts the positions before it mixes them; the number of a process, its argument, does not count. */
function sorting(cells: Cells): Cells & { fingerprint(executor: InternedExecutor, into: Fingerprint): void } {
  const prints = new PositionPrints(
    () => false,
    () => [],
  );
  const fingerprint = (executor: InternedExecutor, into: Fingerprint): void => {
    const skeletons = cells.processes.map((_, p) => prints.of(executor.at(p)).skeleton);
    let low = 0;
    let high = 0x2545f491;
    for (const word of [...cells.words, ...skeletons.sort((a, b) => a - b)]) {
      low = Math.imul(low ^ word, 0x9e3779b1);
      low ^= low >>> 15;
      high = Math.imul(high ^ word, 0x85ebca6b);
      high ^= high >>> 13;
    }
    into.low = low;
    into.high = high;
  };
  return Object.assign(cells, { fingerprint });
}

const NUMBERS: readonly (readonly [name: string, family: Family, states: readonly number[]])[] = [
  ["increment", increment, [3, 8, 22, 63, 184, 539]],
  ["increment_lock", incrementLock, [5, 9, 13, 17, 21, 25]],
];

describe.each(NUMBERS)("%s", (_name, family, states) => {
  test.each(states.map((number, i) => [i + 1, number]))("of %i: %i states", (n, number) => {
    for (const order of orders(n)) {
      const { end, states: found, deadlocks } = search(sorting(family(order)));
      // Where all stay for ever, nobody is stuck.
      expect([order.join(), end, found, deadlocks]).toEqual([order.join(), "exhausted", number, 0]);
    }
  });
});
