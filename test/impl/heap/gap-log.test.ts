// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from "vitest";
import { GapLog } from "../../../impl/heap/gap-log.ts";

const rows = (log: GapLog): readonly (readonly number[])[] =>
  Array.from({ length: log.count }, (_, i) => [log.start[i]!, log.end[i]!, log.sign[i]!]);

test("keeps what a step did in order, however much it is, and nothing of the step before", () => {
  const log = new GapLog();
  log.note(3, 5, 1);
  log.begin();
  const noted = Array.from({ length: 50 }, (_, i) => [i, 2 * i + 1, i % 2 === 0 ? 1 : -1] as const);
  for (const [start, end, sign] of noted) log.note(start, end, sign);
  expect(rows(log)).toEqual(noted);
});

test("an empty range is none", () => {
  const log = new GapLog();
  log.note(4, 4, 1);
  log.note(5, 4, -1);
  expect(rows(log)).toEqual([]);
});
