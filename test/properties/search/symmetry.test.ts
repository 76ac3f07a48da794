// SPDX-License-Identifier: GPL-2.0-only
// Like tasks may be exchanged: fewer states, the same verdict, the same quiet states but for the tasks' numbers.
import { describe, expect, test } from "vitest";
import type { AllocatorId, Instance } from "../../../spec/instance.ts";
import { instanceOf, type Machine } from "../../../spec/small-machine.ts";
import { mutantOf } from "../../../properties/mutants/catalogue.ts";
import { searchInstance } from "../../../properties/search/search-instance.ts";
import { ordersOf, Renaming, taskClasses } from "../../../properties/search/symmetry.ts";
import { INVARIANTS } from "../../../spec/invariants.ts";
import { quietStates } from "./searches.ts";

function closed(allocator: AllocatorId, machine: Machine, liveMax: number, ...menus: string[]): Instance {
  return { ...instanceOf(allocator, machine, ...menus), closed: { liveMax } };
}

const TWO = ["a=alloc(1); free(a)", "b=alloc(1); free(b)"];
const CONGRUENT = ["p=pcpu(0:1,1:1); pfree(p)", "q=pcpu(0:1,1:1); pfree(q)"];
const THREE = [...TWO, "c=alloc(1); free(c)"];

describe("classes of tasks", () => {
  test.each<[string, Instance, unknown]>([
    [
      "on one CPU",
      closed("global-tree", { space: 2, cpus: 1 }, 1, ...TWO),
      [{ tasks: [0, 1], withCpus: false }],
    ],
    [
      "each on a CPU",
      closed("global-tree", { space: 2, cpus: 3 }, 1, ...THREE),
      [{ tasks: [0, 1, 2], withCpus: true }],
    ],
    [
      "two on one CPU, one alone",
      closed("global-tree", { space: 2, cpus: 2 }, 1, ...THREE),
      [{ tasks: [0, 2], withCpus: false }],
    ],
    [
      "on CPUs of one node",
      closed("node-blocks", { space: 8, cpus: 3, nodes: 2 }, 1, ...THREE),
      [{ tasks: [0, 2], withCpus: true }],
    ],
    ["on CPUs of different nodes", closed("node-blocks", { space: 8, cpus: 2, nodes: 2 }, 1, ...TWO), []],
    ["with other menus", closed("global-tree", { space: 2, cpus: 1 }, 1, TWO[0]!, "b=alloc(1); purge"), []],
    ["with programs", instanceOf("global-tree", { space: 2, cpus: 1 }, ...TWO), []],
  ])("%s", (_name, instance, classes) => {
    expect(taskClasses(instance)).toEqual(classes);
  });
});

test("a renaming moves tasks, their CPUs and masks of them", () => {
  const renaming = new Renaming(5, 3);
  renaming.assign({ tasks: [0, 2], withCpus: true }, [2, 0]);
  expect([...renaming.as]).toEqual([2, 1, 0, 3, 4]);
  expect([...renaming.from]).toEqual([2, 1, 0, 3, 4]);
  expect([...renaming.cpuAs]).toEqual([2, 1, 0]);
  expect(renaming.mask(0b01011)).toBe(0b01110);
  expect(renaming.cpuMask(0b001)).toBe(0b100);
});

test("orders: all that keep equal keys together", () => {
  const keys = Int32Array.of(7, 3, 7, 7);
  expect([...ordersOf([1, 0, 2, 3], keys)].map((order) => order.join("")).sort()).toEqual(
    ["1023", "1032", "1203", "1230", "1302", "1320"].sort(),
  );
});

// How many states there are without it, and with it.
const INSTANCES: readonly (readonly [name: string, instance: Instance, all: number, fewer: number])[] = [
  ["one CPU", closed("global-tree", { space: 2, lazyMax: 1, cpus: 1 }, 1, ...TWO), 18_987, 9669],
  ["two CPUs", closed("global-tree", { space: 2, lazyMax: 1, cpus: 2 }, 1, ...TWO), 47_727, 24_039],
  [
    "migrations",
    closed("global-tree", { space: 1, lazyMax: 0, cpus: 2, migrations: 1 }, 1, ...TWO),
    47_443,
    23_779,
  ],
  ["three CPUs", closed("global-tree", { space: 1, lazyMax: 0, cpus: 3 }, 1, ...THREE), 99_217, 18_434],
  ["node-index", closed("node-index", { space: 1, block: 1, lazyMax: 0, cpus: 2 }, 1, ...TWO), 8303, 4199],
  [
    "congruent areas, whose records are the tasks' own",
    closed("global-tree", { space: 2, lazyMax: 1, cpus: 2 }, 2, ...CONGRUENT),
    17_758,
    9068,
  ],
  [
    "two kinds of congruent areas, and shadows that fail",
    closed(
      "global-tree",
      { space: 3, lazyMax: 3, cpus: 2, faults: ["kasan"] },
      3,
      "p=pcpu(0:1,2:1); r=pcpu(1:1,0:1); pfree(p)",
      "q=pcpu(0:1,2:1); s=pcpu(1:1,0:1); pfree(q)",
    ),
    19_734,
    9902,
  ],
  [
    "node-blocks, one node",
    closed(
      "node-blocks",
      { space: 2, block: 4, nodes: 1, lazyMax: 0, cpus: 2 },
      1,
      ...TWO.map((menu) => menu.replace("alloc(1)", "alloc(2)")),
    ),
    10_143,
    5128,
  ],
];

describe.each(INSTANCES)("%s", (_name, instance, all, fewer) => {
  test("the same verdict and the same quiet states", () => {
    const apart = quietStates(instance, { past: false, symmetry: false });
    const alike = quietStates(instance, { past: false });
    expect([apart.end, apart.states]).toEqual(["exhausted", all]);
    expect([alike.end, alike.states]).toEqual(["exhausted", fewer]);
    expect([...alike.quiet].sort()).toEqual([...apart.quiet].sort());
    expect(alike.depth).toBe(apart.depth);
  });
});

// What the checks remember names tasks as well.
test.each(["MU-37", "MU-43", "MU-46", "MU-115", "MU-4"])("%s: the same finding at the same depth", (id) => {
  const { base, make: design, instance: own } = mutantOf(id);
  const menus = TWO.map((menu) => `${menu}; purge; aliases`);
  const machine = { space: base === "node-blocks" ? 4 : 2, block: 4, lazyMax: 1, cpus: 2, nodes: 1 };
  const instance = { ...closed(base, machine, 2, ...menus), faults: own.faults };
  const watched = new Set(INVARIANTS.map((each) => each.id));
  const [apart, alike] = [false, true].map((symmetry) =>
    searchInstance(instance, watched, { design, symmetry, statesMax: 200_000 }),
  );
  expect(apart!.finding).toBeDefined();
  expect([alike!.finding, alike!.trace?.length]).toEqual([apart!.finding, apart!.trace?.length]);
  expect(alike!.states).toBeLessThan(apart!.states);
});
