// SPDX-License-Identifier: GPL-2.0-only
//
// Every rule of an instance: it passes for a good instance and fails, with exactly one whole line, for a bad one.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Instance } from "../../spec/instance.ts";
import { validateInstance } from "../../spec/instance-rules.ts";
import type { AllocOperation, Operation } from "../../spec/operations.ts";
import { changed, instanceArbitrary, INSTANCE, type Mutable, POOLED, pooledInstance } from "./sample.ts";

/** The error's code and line, or "valid". */
function verdict(change: (draft: Mutable<Instance>) => void): string {
  const error = validateInstance(changed(change), "i.json");
  return error === undefined ? "valid" : `${error.code} ${error.message}`;
}

/** The verdict on programs, all in a small plain configuration. */
function verdictOn(...programs: readonly (readonly Operation[])[]): string {
  return verdict((draft) => (draft.programs = structuredClone(programs) as Mutable<Instance["programs"]>));
}

const alloc = (name: string, more: Partial<AllocOperation> = {}): AllocOperation => {
  return { op: "alloc", name, size: 1, align: 1, window: "vmalloc", ...more };
};
const free = (name: string): Operation => ({ op: "free", name });
const find = (name: string, offset = 0): Operation => ({ op: "find", name, offset });

test("the sample instance is valid", () => {
  expect(validateInstance(INSTANCE)).toBeUndefined();
});

test("every generated instance is valid", () => {
  fc.assert(fc.property(instanceArbitrary, (instance) => validateInstance(instance) === undefined));
});

describe("configuration", () => {
  test.each<[string, (draft: Mutable<Instance>) => void, string]>([
    [
      "no space",
      (d) => (d.spacePages = 0),
      "VMC-E020 i.json: spacePages: expected an integer from 1 to 2147483647, found 0",
    ],
    [
      "space beyond 32 bits",
      (d) => (d.spacePages = 2 ** 31),
      "VMC-E020 i.json: spacePages: expected an integer from 1 to 2147483647, found 2147483648",
    ],
    ["largest space", (d) => (d.spacePages = 2 ** 31 - 1), "valid"],
    [
      "window begins before the space",
      (d) => (d.vmalloc.start = -1),
      "VMC-E021 i.json: vmalloc.start: expected an integer from 0 to 23 (inside the space), found -1",
    ],
    [
      "window ends behind the space",
      (d) => (d.vmalloc.end = 25),
      "VMC-E021 i.json: vmalloc.end: expected an integer from 1 to 24 (after start, inside the space), found 25",
    ],
    [
      "empty window",
      (d) => (d.vmalloc.end = 0),
      "VMC-E021 i.json: vmalloc.end: expected an integer from 1 to 24 (after start, inside the space), found 0",
    ],
    ["modules next to vmalloc", (d) => (d.modules = { start: 16, end: 17 }), "valid"],
    [
      "modules overlap vmalloc",
      (d) => (d.modules = { start: 15, end: 24 }),
      "VMC-E021 i.json: modules: expected a range that does not overlap the vmalloc window [0, 16), found [15, 24)",
    ],
    [
      "modules outside the space",
      (d) => (d.modules = { start: 16, end: 99 }),
      "VMC-E021 i.json: modules.end: expected an integer from 17 to 24 (after start, inside the space), found 99",
    ],
    ["no CPU", (d) => (d.cpus = 0), "VMC-E020 i.json: cpus: expected an integer from 1 to 64, found 0"],
    ["65 CPUs", (d) => (d.cpus = 65), "VMC-E020 i.json: cpus: expected an integer from 1 to 64, found 65"],
    ["64 CPUs", (d) => (d.cpus = 64), "valid"],
    [
      "256 nodes",
      (d) => (d.nodes = 256),
      "VMC-E020 i.json: nodes: expected an integer from 1 to 255, found 256",
    ],
    ["255 nodes", (d) => (d.nodes = 255), "valid"],
    [
      "blocks that serve nothing",
      (d) => (d.blockPages = 3),
      "VMC-E020 i.json: blockPages: expected an integer from 4 to 2147483647 (for node-blocks), found 3",
    ],
    ["smallest block", (d) => (d.blockPages = 4), "valid"],
    ["zones of one page", (d) => Object.assign(d, { allocator: "node-index", blockPages: 1 }), "valid"],
    [
      "zones of no page",
      (d) => Object.assign(d, { allocator: "global-tree", blockPages: 0 }),
      "VMC-E020 i.json: blockPages: expected an integer from 1 to 2147483647, found 0",
    ],
    [
      "negative limit",
      (d) => (d.lazyMaxPages = -1),
      "VMC-E020 i.json: lazyMaxPages: expected an integer from 0 to 2147483647, found -1",
    ],
    ["limit zero", (d) => (d.lazyMaxPages = 0), "valid"],
    ["closed", (d) => (d.closed = { liveMax: 3 }), "valid"],
    [
      "closed, without a live area",
      (d) => (d.closed = { liveMax: 0 }),
      "VMC-E020 i.json: closed.liveMax: expected an integer from 1 to 64, found 0",
    ],
    ["pages of 64K", (d) => (d.pageSize = 65_536), "valid"],
    [
      "a page size that is no power of two",
      (d) => (d.pageSize = 5000),
      "VMC-E020 i.json: pageSize: expected a power of two from 4096 to 65536, found 5000",
    ],
    [
      "a page size below the limit",
      (d) => (d.pageSize = 2048),
      "VMC-E020 i.json: pageSize: expected a power of two from 4096 to 65536, found 2048",
    ],
    [
      "negative fault budget",
      (d) => (d.faults.budget = -1),
      "VMC-E020 i.json: faults.budget: expected an integer from 0 to 2147483647, found -1",
    ],
    [
      "unknown fault point",
      (d) => Object.assign(d.faults, { points: ["disk"] }),
      "VMC-E020 i.json: faults.points[0]: expected one of alloc, preload, split, fill-record, kasan, worker, " +
        'workqueue, queue-work, pcpu-record, maple, found "disk"',
    ],
    [
      "fault point twice",
      (d) => (d.faults.points = ["split", "split"]),
      'VMC-E020 i.json: faults.points[1]: expected each fault point at most once, found "split" again',
    ],
    [
      "negative migrations",
      (d) => (d.migrations = -1),
      "VMC-E020 i.json: migrations: expected an integer from 0 to 2147483647, found -1",
    ],
    [
      "unknown design",
      (d) => Object.assign(d, { allocator: "slab" }),
      'VMC-E020 i.json: allocator: expected one of global-tree, node-index, node-blocks, size-pools, unbound-drain, unbound-drain-v3, dual-index, occupied-index, found "slab"',
    ],
    ["no program", (d) => (d.programs = []), "VMC-E020 i.json: programs: expected 1 to 16 programs, found 0"],
    [
      "17 programs",
      (d) => (d.programs = Array.from({ length: 17 }, () => [])),
      "VMC-E020 i.json: programs: expected 1 to 16 programs, found 17",
    ],
    ["16 idle programs", (d) => (d.programs = Array.from({ length: 16 }, () => [])), "valid"],
  ])("%s", (_, change, expected) => {
    expect(verdict(change)).toBe(expected);
  });
});

describe("operations", () => {
  test.each<[string, readonly (readonly Operation[])[], string]>([
    [
      "size zero",
      [[alloc("a", { size: 0 })]],
      "VMC-E022 i.json: programs[0][0].size: expected an integer from 1 to 16 (the pages of its window [0, 16)), found 0",
    ],
    [
      "larger than its window",
      [[alloc("a"), alloc("b", { size: 5, window: { start: 8, end: 12 } })]],
      "VMC-E022 i.json: programs[0][1].size: expected an integer from 1 to 4 (the pages of its window [8, 12)), found 5",
    ],
    ["as large as its window", [[alloc("a", { size: 16 })]], "valid"],
    [
      "alignment three",
      [[alloc("a", { align: 3 })]],
      "VMC-E022 i.json: programs[0][0].align: expected a power of two from 1 to 1073741824, found 3",
    ],
    [
      "alignment zero",
      [[alloc("a", { align: 0 })]],
      "VMC-E022 i.json: programs[0][0].align: expected a power of two from 1 to 1073741824, found 0",
    ],
    ["largest alignment", [[alloc("a", { align: 2 ** 30 })]], "valid"],
    [
      "alignment beyond 31 bits",
      [[alloc("a", { align: 2 ** 31 })]],
      "VMC-E022 i.json: programs[0][0].align: expected a power of two from 1 to 1073741824, found 2147483648",
    ],
    [
      "explicit window outside the space",
      [[alloc("a", { window: { start: 20, end: 25 } })]],
      "VMC-E021 i.json: programs[0][0].window.end: expected an integer from 21 to 24 (after start, inside the space), found 25",
    ],
    [
      "name with a blank",
      [[alloc("a b")]],
      "VMC-E023 i.json: programs[0][0].name: expected a name of 1 to 32 letters, digits and underscores that does " +
        'not begin with a digit, found "a b"',
    ],
    [
      "name used twice",
      [[alloc("a")], [alloc("a")]],
      'VMC-E023 i.json: programs[1][0].name: expected a name that programs[0][0] does not use, found "a"',
    ],
    [
      "free of an unknown area",
      [[free("a")]],
      'VMC-E023 i.json: programs[0][0].name: expected the name of an area that some program allocates, found "a"',
    ],
    [
      "free before the allocation",
      [[free("a"), alloc("a")]],
      "VMC-E023 i.json: programs[0][0].name: expected an area that is allocated earlier (programs[0][1] allocates " +
        'it), found "a"',
    ],
    [
      "freed twice, by two programs",
      [[alloc("a"), free("a")], [free("a")]],
      'VMC-E023 i.json: programs[1][0].name: expected an area that programs[0][1] does not free, found "a"',
    ],
    ["freed by another program", [[alloc("a")], [free("a")]], "valid"],
    [
      "free of a cached area",
      [[alloc("a", { cached: true }), free("a")]],
      "VMC-E023 i.json: programs[0][1].name: expected an area that is not cached (its subsystem gives it back), " +
        'found "a"',
    ],
    [
      "find of an unknown area",
      [[find("a")]],
      'VMC-E023 i.json: programs[0][0].name: expected the name of an area that some program allocates, found "a"',
    ],
    [
      "find in another program",
      [[alloc("a")], [find("a")]],
      'VMC-E023 i.json: programs[1][0].name: expected an area that the same program allocates, found "a"',
    ],
    [
      "find before the allocation",
      [[find("a"), alloc("a")]],
      "VMC-E023 i.json: programs[0][0].name: expected an area that is allocated earlier (programs[0][1] allocates " +
        'it), found "a"',
    ],
    [
      "find after the free",
      [[alloc("a"), free("a"), find("a")]],
      "VMC-E023 i.json: programs[0][2].name: expected an area that is not freed before the end of the find " +
        '(programs[0][1] frees it), found "a"',
    ],
    [
      "find of what another program frees",
      [[alloc("a"), find("a")], [free("a")]],
      "VMC-E023 i.json: programs[0][1].name: expected an area that is not freed before the end of the find " +
        '(programs[1][0] frees it), found "a"',
    ],
    [
      "find of a cached area",
      [[alloc("a", { cached: true }), find("a")]],
      "VMC-E023 i.json: programs[0][1].name: expected an area that is not cached (it may be given back at any " +
        'time), found "a"',
    ],
    [
      "find behind the area",
      [[alloc("a", { size: 2 }), find("a", 2)]],
      "VMC-E022 i.json: programs[0][1].offset: expected an integer from 0 to 1 (inside the area), found 2",
    ],
    ["find of the last page", [[alloc("a", { size: 2 }), find("a", 1)]], "valid"],
    [
      "two programs in a circle",
      [
        [free("b"), alloc("a")],
        [free("a"), alloc("b")],
      ],
      "VMC-E024 i.json: programs[0][0]: expected programs that can all finish, found a circle: programs[0][0] waits " +
        'for "b", programs[1][0] waits for "a"',
    ],
    [
      "a circle behind a program that only waits for it",
      [
        [free("c"), alloc("x")],
        [free("c2"), alloc("c")],
        [free("c3"), alloc("c2")],
        [alloc("y"), free("c1"), alloc("c3")],
        [alloc("z"), free("y"), free("c0"), alloc("c1")],
        [free("x"), alloc("c0")],
      ],
      "VMC-E024 i.json: programs[0][0]: expected programs that can all finish, found a circle: programs[0][0] waits " +
        'for "c", programs[1][0] waits for "c2", programs[2][0] waits for "c3", programs[3][1] waits for "c1", ' +
        'programs[4][2] waits for "c0", programs[5][0] waits for "x"',
    ],
    [
      "a circle that the first stuck program is not part of",
      [
        [free("b")],
        [free("c"), alloc("b")],
        [free("d"), alloc("c")],
        [free("e"), alloc("d")],
        [alloc("f"), free("f"), free("g"), alloc("e")],
        [free("h"), alloc("g")],
        [free("i"), alloc("h")],
        [alloc("j"), free("k"), alloc("i")],
        [free("j"), free("l"), alloc("k")],
        [free("m"), alloc("l")],
        [free("n"), alloc("m")],
        [free("o"), alloc("n"), alloc("p")],
        [free("p"), alloc("o")],
      ],
      "VMC-E024 i.json: programs[11][0]: expected programs that can all finish, found a circle: programs[11][0] " +
        'waits for "o", programs[12][0] waits for "p"',
    ],
    [
      "waits in both directions without a circle",
      [
        [alloc("a"), free("b")],
        [alloc("b"), free("a")],
      ],
      "valid",
    ],
  ])("%s", (_, programs, expected) => {
    expect(verdictOn(...programs)).toBe(expected);
  });

  test("an operation that names a window the instance lacks", () => {
    const line = verdict((draft) => delete draft.modules);
    expect(line).toBe(
      "VMC-E022 i.json: programs[1][1].window: expected a window of the instance, which has no modules window, " +
        'found "modules"',
    );
  });
});

test.each([INSTANCE, ...POOLED.map(pooledInstance)])(
  "NaN, fractions and infinities are rejected for every number of an instance of $allocator",
  (instance) => {
    const numbers = numberPaths(instance, []);
    expect(numbers.length).toBeGreaterThan(20);
    for (const path of numbers) {
      for (const bad of [NaN, 0.5, -0.5, Infinity, -Infinity, 2 ** 53]) {
        const draft = structuredClone(instance) as Mutable<Instance>;
        setAt(draft, path, bad);
        const error = validateInstance(draft);
        expect(error?.found, `${path.join(".")} = ${bad}`).toBe(String(bad));
      }
    }
  },
);

/** Paths of all numbers within a value. */
function numberPaths(value: unknown, path: readonly string[]): (readonly string[])[] {
  if (typeof value === "number") return [path];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, field]) => numberPaths(field, [...path, key]));
}

function setAt(value: object, path: readonly string[], to: number): void {
  const [key = "", ...rest] = path;
  if (rest.length === 0) Object.assign(value, { [key]: to });
  else setAt((value as Record<string, object>)[key] ?? {}, rest, to);
}
