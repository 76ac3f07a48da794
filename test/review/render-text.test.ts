// SPDX-License-Identifier: GPL-2.0-only
//
// Wrapping, tables, strips, configurations, events, progress: the small parts of all texts.

import fc from "fast-check";
import { expect, test } from "vitest";
import { Simulation } from "../../impl/simulation.ts";
import { configurationLines } from "../../review/render/configuration-text.ts";
import { factsOf } from "../../review/render/event-text.ts";
import { durationText, progressText } from "../../review/render/progress-text.ts";
import { cells, changedPages, type Strip } from "../../review/render/strip.ts";
import { areaLetters, legend } from "../../review/render/strip-legend.ts";
import { count, grouped, hanging, table, wrap } from "../../review/render/text-layout.ts";
import { EVENT } from "../../spec/events.ts";
import type { Instance } from "../../spec/instance.ts";
import { parsePrograms } from "../../spec/program-text.ts";
import { instanceOf } from "../../spec/small-machine.ts";

test("wrapping keeps all words in order and within the width", () => {
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^[!-~]{1,30}$/)),
      fc.integer({ min: 1, max: 40 }),
      (words, width) => {
        const lines = wrap(words.join(" "), width);
        expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
        expect(lines.join("").replaceAll(" ", "")).toBe(words.join(""));
        // No line is broken before it has to be.
        for (let i = 1; i < lines.length; i++) {
          const [first = ""] = lines[i]!.split(" ");
          const fits = lines[i - 1]!.length + 1 + first.length <= width;
          expect(fits && words.includes(first)).toBe(false);
        }
      },
    ),
  );
});

test("a hanging text begins below itself", () => {
  expect(hanging("found: ", "one two three", 15)).toEqual(["found: one two", "       three"]);
});

test("tables align numbers and wrap one column", () => {
  const columns = [{ title: "id" }, { title: "n", align: "right" as const }, { title: "text", wraps: true }];
  expect(
    table(
      columns,
      [
        ["a", "1", "short"],
        ["bcd", "1,000", "a text that is longer than its column"],
      ],
      30,
    ),
  ).toEqual([
    "id       n  text",
    "a        1  short",
    "bcd  1,000  a text that is",
    "            longer than its",
    "            column",
  ]);
  expect(table(columns, [])).toEqual(["id  n  text"]);
});

test("counts are read by people", () => {
  expect([0, 1, 999, 1000, 1234567].map(grouped)).toEqual(["0", "1", "999", "1,000", "1,234,567"]);
  expect([count(1, "step"), count(2, "step"), count(2, "entry", "entries")]).toEqual([
    "1 step",
    "2 steps",
    "2 entries",
  ]);
});

test("strips differ where a page differs", () => {
  const strip = (text: string): Strip => text.split("").map((cell, i) => ({ start: i, end: i + 1, cell }));
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom(".", "a"), fc.constantFrom(".", "a"))), (pages) => {
      const before = pages.map(([cell]) => cell);
      const after = pages.map(([, cell]) => cell);
      const different = pages.flatMap(([x, y], page) => (x === y ? [] : [page]));
      const changed = changedPages(strip(before.join("")), strip(after.join("")));
      expect(changed).toEqual(
        different.length === 0 ? undefined : { start: different[0], end: different.at(-1)! + 1 },
      );
      expect(cells(strip(before.join("")), { start: 0, end: pages.length })).toBe(before.join(""));
    }),
  );
});

test("areas get letters of their own, and never that of a purge list", () => {
  const parsed = parsePrograms("p=alloc(1); a=alloc(1); a1=alloc(1)\nb2=alloc(1); _x=alloc(1)");
  const programs = parsed.ok ? parsed.value : [];
  expect(areaLetters(programs)).toEqual(["P", "a", "A", "b", "c"]);
  expect(legend(new Set(["a", "A", ".", "!"]), programs)).toBe(
    "a live, A = a1 live, . free, ! in two places at once",
  );
  const many = Array.from({ length: 60 }, (_, i) => `n${i}=alloc(1)`).join(";");
  const parsedMany = parsePrograms(many);
  const letters = areaLetters(parsedMany.ok ? parsedMany.value : []);
  const named = letters.filter((letter) => letter !== "#");
  expect(new Set(named).size).toBe(named.length);
  expect(named).not.toContain("p");
});

test("a configuration says what was chosen, and nothing of what was not", () => {
  const plain = instanceOf("node-index", { space: 16 }, "-");
  const text = (more: Partial<Instance>): string => configurationLines({ ...plain, ...more }, 200).join("\n");
  const usual = "16 pages, 2 CPUs, 2 nodes, zones of 8 pages, lazy limit 3 pages";
  expect(text({})).toBe(`${usual}, no faults`);
  expect(text({ poolPages: 2 })).toBe(`${usual}, pools up to 2 pages, no faults`);
  expect(text({ workers: { idle: 1 } })).toBe(`${usual}, 1 idle worker, none can be created, no faults`);
  expect(text({ workers: { idle: 0, stackPages: 4 }, boot: "workqueue_init_early" })).toBe(
    `${usual}, 0 idle workers, others are created with a stack of 4 pages, from workqueue_init_early on, no faults`,
  );
  expect(text({ allocator: "node-blocks", faults: { budget: 2, points: ["kasan"] } })).toBe(
    `${usual.replace("zones", "blocks")}, up to 2 faults at kasan`,
  );
});

test("every event has a text, or none on purpose", () => {
  const sim = new Simulation(instanceOf("node-blocks", { space: 16 }, "a=alloc(1)"), {});
  const operands: Partial<Record<keyof typeof EVENT, readonly number[]>> = {
    POOL_ADD: [3, 5, 1, 2],
    POOL_TAKEN: [3, 5, 0, 2],
    POOL_DETACHED: [1, 2, 1],
    POOL_DECAYED: [1, 2, 3, 1, 0],
    BOOT: [2],
    HOTPLUG: [1, 0],
    FLUSHED_WORK: [0, 1],
  };
  const kinds = Object.keys(EVENT) as (keyof typeof EVENT)[];
  const texts = kinds.map((kind) => factsOf(sim, [{ kind, operands: operands[kind] ?? [0, 0, 0, 0, 0, 0] }]));
  expect(texts.flat().join("\n")).not.toMatch(/undefined|NaN|  /);
  expect(texts.slice(kinds.indexOf("POOL_ADD")).flat()).toMatchInlineSnapshot(`
    [
      "[3,5) goes to the pool of node 1 for 3 pages",
      "[3,5) taken from the pool of node 0 for 3 pages",
      "the pool of node 1 for 3 pages detached: 1 area",
      "the pool of node 1 for 3 pages decayed: 3 released, 1 left over",
      "workqueue_init has run",
      "CPU 1 is offline",
      "waited for drain_vmap_work",
      "no kworker can be created, now and from now on",
      "above the limit, and nobody takes the request for a drain",
      "the pool of node 0 for 1 page: 0 put back",
      "events could not be allocated",
      "base 0 for the areas",
      "[0,0) goes back to the global heap unused",
      "failed: no base for the areas, not even after a purge",
      "[0,0) is not free any more",
      "[0,0) waits for another try",
      "the perf mode stays off",
      "[0,0) is stored over what is occupied",
      "0 gaps looked at",
      "the free tree says that [0,0) is free",
    ]
  `);
  const others = [
    { kind: "POOL_DECAYED", operands: [0, 1, 0, 0, 2, 0] },
    { kind: "HOTPLUG", operands: [0, 1] },
    { kind: "FLUSHED_WORK", operands: [0, 0] },
  ] as const;
  expect(factsOf(sim, others)).toMatchInlineSnapshot(`
    [
      "the pool of node 0 for 2 pages decayed: 0 released, 0 left over",
      "CPU 0 is online",
      "drain_vmap_work was idle",
    ]
  `);
});

test("progress is one line that fits", () => {
  const progress = { phase: "campaigns", item: "x", runs: 12_000, steps: 345_678, fraction: 0.25 };
  expect(progressText(progress, 10, 200)).toBe(
    "25%  campaigns x  12,000 runs  345,678 steps  1,200 runs/s  10 s  about 30 s left",
  );
  expect(progressText(progress, 10, 20)).toHaveLength(20);
  expect(progressText({ ...progress, fraction: 0, runs: 0, steps: 0, item: "" }, 0, 80)).toBe(
    "0%  campaigns  0 runs  0 runs/s  0 s",
  );
  expect([0, 59.6, 200, 7500].map(durationText)).toEqual(["0 s", "1 min 00 s", "3 min 20 s", "2 h 05 min"]);
});
