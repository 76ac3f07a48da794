// SPDX-License-Identifier: GPL-2.0-only
//
// Waits as people see them: columns where they fit, a list where they do not, and what the last one waits for.

import { expect, test } from "vitest";
import type { WaitingProcess, WaitScene } from "../../properties/deadlock.ts";
import { waitLines } from "../../review/render/wait-cycle-text.ts";

const process = (
  name: string,
  has: readonly string[],
  fn: string,
  resource: string,
  holder?: string,
): WaitingProcess => ({ name, has, fn, resource, holder });

const TASK = process(
  "task 0",
  ["holds vmap_purge_lock"],
  "flush_work",
  "work drain_vmap_work",
  "kworker/drain",
);
const DRAIN = process(
  "kworker/drain",
  ["runs work drain_vmap_work"],
  "mutex_lock",
  "vmap_purge_lock",
  "task 0",
);

const text = (scene: WaitScene): string => waitLines(scene).join("\n");

test("a column for each process", () => {
  expect(text({ processes: [TASK, DRAIN], end: "circle" })).toBe(
    `
Who waits for whom:

  task 0                              kworker/drain
  ------                              -------------
  holds vmap_purge_lock
                                      runs work drain_vmap_work
  waits in flush_work for work
  drain_vmap_work, held by
  kworker/drain
                                      waits in mutex_lock for
                                      vmap_purge_lock, held by task 0

  *** DEADLOCK ***
`.trim(),
  );
});

test("three processes still fit, and one that waits for itself has a column, too", () => {
  const three = [0, 1, 2].map((i) =>
    process(`task ${i}`, [`holds lock ${i}`], "f", `lock ${(i + 1) % 3}`, `task ${(i + 1) % 3}`),
  );
  const lines = waitLines({ processes: three, end: "circle" });
  expect(lines[2]).toBe("  task 0                  task 1                  task 2");
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(72);
  const self = process("task 0", ["holds A"], "f", "A", "task 0");
  expect(text({ processes: [self], end: "circle" })).toContain("  waits in f for A, held by itself\n");
});

test("a long circle is a list", () => {
  const processes = Array.from({ length: 4 }, (_, i) =>
    process(
      `task ${i}`,
      [`holds lock_${i}, and_another_${i}`],
      "take",
      `lock_${(i + 1) % 4}`,
      `task ${(i + 1) % 4}`,
    ),
  );
  const lines = waitLines({ processes, end: "circle" });
  expect(lines.slice(2, 6)).toEqual([
    "  task 0",
    "    holds lock_0, and_another_0",
    "    waits in take for lock_1, held by task 1",
    "  task 1",
  ]);
});

test("so is one with a name that a column cannot hold, and no line is too long", () => {
  const long = "kworker/a_name_of_more_than_thirty_letters";
  const processes = [
    process("task 0", [], "flush_work", `work ${"x".repeat(80)}`, long),
    { ...DRAIN, name: long },
  ];
  const lines = waitLines({ processes, end: "circle" });
  expect(lines[2]).toBe("  task 0");
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(72);
});

test("a chain says why it ends", () => {
  const worker = process("kworker/drain", ["is to run work drain"], "process_one_work", "a worker thread");
  expect(text({ processes: [TASK, worker], end: "nobody" })).toMatch(
    /held by nobody\n\n {2}\*{3} DEADLOCK: nobody holds a worker thread \*{3}$/,
  );
  expect(text({ processes: [DRAIN], end: "other" })).toMatch(
    /\n {2}\*{3} DEADLOCK: task 0 does not give vmap_purge_lock back \*{3}$/,
  );
});
