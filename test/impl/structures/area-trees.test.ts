// SPDX-License-Identifier: GPL-2.0-only
// Records in range trees: neighbours, entries that are stale, and what is noted of the gaps.
import { describe, expect, it } from "vitest";
import { AREA_WORDS } from "../../../impl/heap/area-words.ts";
import { Areas, NONE, type Va } from "../../../impl/heap/areas.ts";
import { Containers } from "../../../impl/heap/containers.ts";
import { EventLog } from "../../../impl/heap/event-log.ts";
import { Heap } from "../../../impl/heap/heap.ts";
import { AreaIndex } from "../../../impl/structures/area-index.ts";
import { AreaTrees, treeWords } from "../../../impl/structures/area-trees.ts";
import { ALARM, EVENT } from "../../../spec/events.ts";

const RECORDS = 64;
const PROCESS = 1;

/** One tree of records beside the occupied tree. */
class Trees {
  readonly events = new EventLog();
  readonly heap = new Heap(RECORDS * (AREA_WORDS + 2) + treeWords(1, RECORDS) + 256, false);
  readonly areas: Areas;
  readonly tree: number;
  readonly trees: AreaTrees;

  constructor() {
    const { events, heap } = this;
    events.process = PROCESS;
    this.areas = new Areas(heap, RECORDS, events, () => undefined);
    const containers = new Containers(heap, 1, () => undefined);
    this.tree = containers.declare("busy", -1, 0, { coalesced: false, augmented: false, sorted: false });
    const { areas } = this;
    const index = new AreaIndex(areas, containers, events);
    this.trees = new AreaTrees({ heap, areas, containers, index, events }, 1, RECORDS, () => undefined);
    this.trees.declare(this.tree, "busy.mt", () => undefined);
    heap.seal();
    areas.init();
    this.trees.ranges.init();
  }

  /** A record in the tree. */
  add(start: number, end: number): Va {
    const va = this.areas.allocate(PROCESS);
    this.areas.assign(va, start, end, PROCESS);
    if (!this.trees.store(this.tree, va)) throw new Error(`no room for [${start},${end})`);
    return va;
  }

  /** The alarms since the last call. */
  alarms(): string[] {
    const names = Object.entries(ALARM);
    const told = Array.from({ length: this.events.count }, (_, i) =>
      this.events.rows.subarray(i * 8, i * 8 + 3),
    );
    this.events.count = 0;
    return told
      .filter(([kind]) => kind === EVENT.WARN || kind === EVENT.OOPS)
      .map((row) => names.find(([, code]) => code === row[2])![0]);
  }

  gaps(): number[][] {
    const { count, end, sign, start } = this.trees.gaps;
    return Array.from({ length: count }, (_, i) => [start[i]!, end[i]!, sign[i]!]);
  }
}

describe("records in range trees", () => {
  it("are found by an address in them, behind it and below it", () => {
    const t = new Trees();
    const low = t.add(2, 5);
    const high = t.add(8, 9);
    const { tree, trees } = t;
    expect([1, 2, 4, 5, 8, 9].map((page) => trees.find(tree, page))).toEqual([
      NONE,
      low,
      low,
      NONE,
      high,
      NONE,
    ]);
    expect([0, 4, 5, 9].map((page) => trees.findExceed(tree, page))).toEqual([low, low, high, NONE]);
    expect([-1, 1, 2, 7, 8, 20].map((page) => trees.findEnclose(tree, page))).toEqual([
      NONE,
      NONE,
      low,
      low,
      high,
      high,
    ]);
  });

  it("fit between their neighbours or not; if not, there is a warning", () => {
    const t = new Trees();
    const low = t.add(2, 5);
    t.add(8, 9);
    expect([t.trees.fits(t.tree, 5, 8), t.trees.left, t.alarms()]).toEqual([true, low, []]);
    expect([t.trees.fits(t.tree, 0, 2), t.trees.left]).toEqual([true, NONE]);
    for (const [start, end] of [
      [4, 6],
      [6, 9],
      [0, 12],
    ] as const) {
      expect([t.trees.fits(t.tree, start, end), t.alarms()]).toEqual([false, ["OVERLAP"]]);
    }
  });

  it("stay in the tree if nothing is erased, and reading them there is an oops once they are freed", () => {
    const t = new Trees();
    const va = t.add(2, 5);
    t.trees.leave(t.tree, va);
    t.areas.release(va);
    t.alarms();
    expect(t.trees.find(t.tree, 3)).toBe(va);
    t.trees.startOf(t.tree, va);
    expect(t.alarms()).toEqual(["FREED_RECORD"]);
    const erased = t.add(8, 9);
    expect([t.trees.erase(t.tree, erased), t.alarms(), t.trees.find(t.tree, 8)]).toEqual([true, [], NONE]);
  });

  it("stay where a store finds no memory", () => {
    const t = new Trees();
    const va = t.add(2, 5);
    t.trees.ranges.fails = () => true;
    expect([t.trees.erase(t.tree, va), t.trees.trim(t.tree, 2, 3), t.trees.find(t.tree, 2)]).toEqual([
      false,
      false,
      va,
    ]);
    // Nothing is no store.
    expect(t.trees.trim(t.tree, 3, 3)).toBe(true);
  });
});

describe("the occupied tree", () => {
  it("notes which pages ceased to be gaps, and which became one", () => {
    const t = new Trees();
    const { trees } = t;
    expect([trees.occupy(2, 6), trees.isVacant(0, 2), trees.isVacant(1, 3)]).toEqual([true, true, false]);
    trees.gaps.begin();
    trees.occupy(4, 8);
    trees.vacate(3, 7);
    expect(t.gaps()).toEqual([
      [6, 8, -1],
      [3, 4, 1],
      [4, 7, 1],
    ]);
  });

  it("notes nothing if the store fails", () => {
    const t = new Trees();
    t.trees.occupy(2, 6);
    t.trees.gaps.begin();
    t.trees.ranges.fails = () => true;
    expect([t.trees.occupy(0, 8), t.trees.vacate(0, 8), t.gaps()]).toEqual([false, false, []]);
  });
});
