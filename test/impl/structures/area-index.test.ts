// SPDX-License-Identifier: GPL-2.0-only
// The indexes against a plain sorted array of intervals: after every operation the whole container is checked.
import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NONE, PLACE, type Va, handleOf } from "../../../impl/heap/areas.ts";
import { ALARM, EVENT } from "../../../spec/events.ts";
import { type Interval, PROCESS, World } from "./world.ts";

type Op =
  | { readonly op: "insert" | "mergeOrAdd"; readonly start: number; readonly size: number }
  | { readonly op: "unlink"; readonly pick: number }
  | { readonly op: "find"; readonly page: number };

type ContainerName = "free" | "busy" | "lazy";

const opsOf = (add: "insert" | "mergeOrAdd", pagesMax: number): fc.Arbitrary<Op[]> =>
  fc.array(
    fc.oneof(
      {
        weight: 5,
        arbitrary: fc.record({
          op: fc.constant(add),
          start: fc.nat(pagesMax - 1),
          size: fc.integer({ min: 1, max: 5 }),
        }),
      },
      { weight: 2, arbitrary: fc.record({ op: fc.constant("unlink" as const), pick: fc.nat(1000) }) },
      { weight: 1, arbitrary: fc.record({ op: fc.constant("find" as const), page: fc.nat(pagesMax) }) },
    ),
    { maxLength: 120, size: "max" },
  );

/** What the index must hold: sorted, disjoint intervals. */
class Sorted {
  intervals: Interval[] = [];

  overlaps([start, end]: Interval): boolean {
    return this.intervals.some(([s, e]) => start < e && s < end);
  }

  insert(added: Interval): void {
    this.intervals = [...this.intervals, added].sort((x, y) => x[0] - y[0]);
  }

  /** Inserts and merges with the neighbours that touch; returns the merged interval. */
  merge([start, end]: Interval): Interval {
    const touching = this.intervals.filter(([s, e]) => e === start || s === end);
    const merged: Interval = [
      Math.min(start, ...touching.map(([s]) => s)),
      Math.max(end, ...touching.map(([, e]) => e)),
    ];
    this.intervals = this.intervals.filter((i) => !touching.includes(i));
    this.insert(merged);
    return merged;
  }
}

function apply(world: World, model: Sorted, c: number, op: Op): void {
  const { space, areas } = world;
  switch (op.op) {
    case "insert":
    case "mergeOrAdd": {
      const wanted: Interval = [op.start, op.start + op.size];
      const va = world.record(...wanted);
      const before = world.heap.snapshot();
      const refused = model.overlaps(wanted);
      if (op.op === "insert") assert.equal(space.insert(c, va, PROCESS), !refused);
      else {
        const survivor = space.mergeOrAdd(c, va);
        assert.equal(survivor === NONE, refused);
        if (!refused) assert.deepEqual(world.extent(survivor), model.merge(wanted));
      }
      if (!refused) {
        if (op.op === "insert") model.insert(wanted);
        assert.deepEqual(world.takeEvents(), []);
        break;
      }
      assert.deepEqual(world.takeEvents(), [[EVENT.WARN, PROCESS, ALARM.OVERLAP, c, ...wanted, 0, 0]]);
      assert.equal(world.heap.equals(before), true);
      areas.release(va);
      break;
    }
    case "unlink": {
      const [gone] = model.intervals.splice(op.pick % (model.intervals.length || 1), 1);
      if (gone === undefined) break;
      const va = space.find(c, gone[0]);
      space.unlink(c, va, PROCESS);
      assert.deepEqual([areas.place[va], areas.owner[va], world.extent(va)], [PLACE.LIMBO, PROCESS, gone]);
      assert.deepEqual(
        [areas.parent, areas.left, areas.right, areas.prev, areas.next, areas.subtreeMaxSize].map(
          (f) => f[va],
        ),
        [0, 0, 0, 0, 0, 0],
      );
      areas.release(va);
      break;
    }
    case "find": {
      const expected = model.intervals.find(([s, e]) => s <= op.page && op.page < e);
      const va = space.find(c, op.page);
      assert.deepEqual(va === NONE ? undefined : world.extent(va), expected);
      break;
    }
  }
  world.check(c);
  expect(world.list(c)).toEqual(model.intervals);
  expect(areas.live).toBe(model.intervals.length);
}

function run(name: ContainerName, ops: readonly Op[], strict: boolean): void {
  const world = new World(256, strict);
  const empty = world.heap.snapshot();
  const model = new Sorted();
  const c = world[name];
  for (const op of ops) apply(world, model, c, op);
  // Taking everything out again must lead back to the very first state: no leak, no trace of history.
  while (model.intervals.length > 0) apply(world, model, c, { op: "unlink", pick: 0 });
  expect(world.heap.equals(empty)).toBe(true);
}

describe("AreaIndex against a sorted array", () => {
  const cases: [ContainerName, "insert" | "mergeOrAdd", number][] = [
    ["free", "mergeOrAdd", 80],
    ["free", "insert", 400],
    ["busy", "insert", 400],
    ["lazy", "mergeOrAdd", 300],
  ];
  for (const [name, add, pagesMax] of cases) {
    it(`${name}: ${add}, unlink, find in ${pagesMax} pages`, () => {
      fc.assert(
        fc.property(opsOf(add, pagesMax), (ops) => run(name, ops, false)),
        { numRuns: 60 },
      );
    });
  }

  it("never touches the NULL record or a wrong handle", () => {
    fc.assert(
      fc.property(opsOf("mergeOrAdd", 60), opsOf("insert", 200), (merges, inserts) => {
        run("free", merges.slice(0, 60), true);
        run("busy", inserts.slice(0, 60), true);
      }),
      { numRuns: 10 },
    );
  });
});

describe("mergeOrAdd", () => {
  const around: Interval[] = [
    [2, 4],
    [6, 8],
  ];
  it.each<{ add: Interval; list: Interval[]; survivor: "previous" | "next" | "itself" }>([
    { add: [4, 6], list: [[2, 8]], survivor: "previous" },
    // prettier-ignore
    { add: [4, 5], list: [[2, 5], [6, 8]], survivor: "previous" },
    // prettier-ignore
    { add: [5, 6], list: [[2, 4], [5, 8]], survivor: "next" },
    // prettier-ignore
    { add: [9, 11], list: [[2, 4], [6, 8], [9, 11]], survivor: "itself" },
    // prettier-ignore
    { add: [8, 11], list: [[2, 4], [6, 11]], survivor: "next" },
    // prettier-ignore
    { add: [0, 2], list: [[0, 4], [6, 8]], survivor: "previous" },
  ])("$add beside [2,4) and [6,8) leaves the record of $survivor", ({ add, list, survivor }) => {
    const world = new World();
    const [previous, next] = world.fill(world.free, around);
    const itself = world.record(...add);
    expect(world.space.mergeOrAdd(world.free, itself)).toBe({ previous, next, itself }[survivor]);
    expect(world.list(world.free)).toEqual(list);
    expect(world.areas.live).toBe(list.length);
    world.check(world.free);
  });
});

describe("unlink and moveAll", () => {
  it("unlinking a record that is in no tree warns and changes nothing", () => {
    const world = new World();
    world.fill(world.busy, [[1, 2]]);
    const va = world.record(5, 6);
    const before = world.heap.snapshot();
    world.space.unlink(world.busy, va, 2);
    expect(world.takeEvents()).toEqual([[EVENT.WARN, PROCESS, ALARM.UNLINK_UNLINKED, va, 0, 0, 0, 0]]);
    expect(world.heap.equals(before)).toBe(true);
  });

  it("moveAll empties the source, keeps the list's order and takes the records out of the tree", () => {
    const world = new World();
    const { areas, containers, space, lazy } = world;
    const purge = containers.declare("purge", -1, -1, { coalesced: false, augmented: false, sorted: false });
    expect(purge).toBe(6);
    const target = world.busy;
    const records = world.fill(lazy, [
      [8, 9],
      [1, 2],
      [4, 6],
    ]);
    areas.changes.begin();
    space.moveAll(lazy, target, 3);
    world.check(lazy);
    expect(world.list(lazy)).toEqual([]);
    expect(world.list(target)).toEqual([
      [1, 2],
      [4, 6],
      [8, 9],
    ]);
    expect([containers.count[target], containers.pages[target], containers.holder[target]]).toEqual([
      3, 4, 3,
    ]);
    expect(containers.root[target]).toBe(NONE);
    for (const va of records) expect([areas.place[va], areas.parent[va]]).toEqual([target, NONE]);
    expect(areas.changes.count).toBe(3);
    for (const va of records) {
      space.unlinkList(target, va, 3);
      areas.release(va);
    }
    expect([containers.head[target], containers.tail[target], containers.count[target]]).toEqual([0, 0, 0]);
    expect([containers.pages[target], areas.live]).toEqual([0, 0]);
  });
});

describe("change tracking", () => {
  const WORDS = ["start", "end", "parent", "left", "right", "subtreeMaxSize", "prev", "next"] as const;

  it("names every record that an operation changes, with its former extent and place", () => {
    fc.assert(
      fc.property(opsOf("mergeOrAdd", 60), (ops) => {
        const world = new World(128);
        const { areas } = world;
        const look = (va: number): (number | undefined)[] =>
          [...WORDS, "flags", "color", "place", "owner"].map((f) => areas[f as "start"][va]);
        const model = new Sorted();
        for (const op of ops.slice(0, 40)) {
          const all = Array.from({ length: areas.capacity }, (_, i) => (i === 0 ? 0 : handleOf(i)));
          const before = all.map(look);
          areas.changes.begin();
          apply(world, model, world.free, op);
          const { record, oldStart, oldEnd, oldPlace, count } = areas.changes;
          const noted = new Map(Array.from({ length: count }, (_, i) => [record[i]!, i]));
          for (const [slot, va] of all.entries()) {
            const note = noted.get(va);
            const was = before[slot]!;
            if (note !== undefined) {
              assert.deepEqual([oldStart[note], oldEnd[note], oldPlace[note]], [was[0], was[1], was[10]]);
            } else assert.deepEqual(look(va), was);
          }
        }
      }),
      { numRuns: 8 },
    );
  });

  it("notes the record whose owner a refused insert changes", () => {
    const world = new World();
    world.fill(world.busy, [[1, 3]]);
    const va: Va = world.record(2, 4);
    world.areas.changes.begin();
    world.space.insert(world.busy, va, 2);
    expect(world.areas.owner[va]).toBe(2);
    expect(world.areas.changes.count).toBe(1);
  });
});
