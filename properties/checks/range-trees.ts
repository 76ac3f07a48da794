// SPDX-License-Identifier: GPL-2.0-only
//
// Range trees: each maps just the records of its container, and the trees of free and of occupied ranges agree with
// each other as far as the design says that they do.

import { EVENT } from "../../spec/events.ts";
import { MapleNodes } from "../../impl/allocators/maple-nodes.ts";
import { OccupiedIndex } from "../../impl/allocators/occupied-index.ts";
import { NONE, type Va } from "../../impl/heap/areas.ts";
import { PAGE } from "../../model/abstraction.ts";
import type { Check, CheckContext, CheckFactory } from "./check.ts";

/** The checks of designs with range trees. */
export const rangeTrees: CheckFactory = (context) =>
  context.sim.allocator instanceof MapleNodes ? new RangeTrees(context, context.sim.allocator) : undefined;

/** INV-INDEX, INV-COALESCED, INV-OCC-STORE, INV-OCC-DUAL, INV-OCC-FREEMT, INV-OCC-RETRY, and the like. */
class RangeTrees implements Check {
  readonly on: NonNullable<Check["on"]>;
  private readonly context: CheckContext;
  private readonly allocator: MapleNodes;
  // Whether the free tree is kept in step with the occupied one.
  private readonly dual: boolean;

  constructor(context: CheckContext, allocator: MapleNodes) {
    this.context = context;
    this.allocator = allocator;
    this.dual = !(allocator instanceof OccupiedIndex);
    const row = (at: number, i: number): number => context.rows[at + 2 + i]!;
    this.on = {
      [EVENT.OCCUPIED_TWICE]: (at) =>
        context.report(
          "INV-OCC-STORE",
          () => `[${row(at, 0)},${row(at, 1)}) is stored as occupied, and part of it is already`,
        ),
      [EVENT.GRANT]: (at) => this.granted(row(at, 0), row(at, 1)),
      [EVENT.FREE_TREE_READ]: (at) => this.read(row(at, 0), row(at, 1), row(at, 2)),
      [EVENT.PERF_MODE]: () => this.allUsable("decay"),
      [EVENT.HOLE_SCAN]: (at) => this.scanned(row(at, 0), row(at, 1)),
    };
  }

  reset(): void {}

  afterStep(): void {
    const { areas } = this.context.sim.kernel;
    const { changes } = areas;
    for (let i = 0; i < changes.count; i++) {
      const va = changes.record[i]! as Va;
      const was = changes.oldPlace[i]!;
      const is = areas.place[va]!;
      if (this.allocator.trees.tree(is) !== undefined) this.indexed(va, is);
      const tree = this.allocator.trees.tree(was);
      if (tree !== undefined) this.left(va, was, changes.oldStart[i]!, changes.oldEnd[i]!);
    }
    if (this.dual && this.allocator.perfMode[0] !== 0) this.inStep();
  }

  // A record is in its tree over its whole range.
  private indexed(va: Va, c: number): void {
    const { areas, containers } = this.context.sim.kernel;
    const start = areas.start[va]!;
    const end = areas.end[va]!;
    let found = false;
    this.allocator.trees.ranges.forEachIn(
      this.allocator.trees.tree(c)!,
      start,
      end - 1,
      (first, last, entry) => {
        if (entry === va && first === start && last === end - 1) found = true;
      },
    );
    const { kind } = containers.info[c]!;
    if (!found) {
      this.context.report("INV-INDEX", () => `[${start},${end}) is ${kind}, its tree does not say so`);
    }
    if (kind === "free" && this.dual) this.coalesced(start, end);
  }

  private coalesced(start: number, end: number): void {
    const { ranges } = this.allocator.trees;
    const tree = this.allocator.trees.tree(this.allocator.free)!;
    let touches = false;
    ranges.forEachIn(tree, start - 1, end, (first, last) => {
      if (last === start - 1 || first === end) touches = true;
    });
    if (!touches) return;
    this.context.report(
      "INV-COALESCED",
      () => `[${start},${end}) touches a neighbour in the free tree and was not merged with it`,
    );
  }

  // A tree that a record has left maps nothing to it any more.
  private left(va: Va, c: number, start: number, end: number): void {
    const { areas, containers } = this.context.sim.kernel;
    const stays = areas.place[va] === c;
    this.allocator.trees.ranges.forEachIn(
      this.allocator.trees.tree(c)!,
      start,
      end - 1,
      (first, last, entry) => {
        if (entry !== va || (stays && first >= areas.start[va]! && last < areas.end[va]!)) return;
        const { kind } = containers.info[c]!;
        this.context.report(
          "INV-INDEX",
          () =>
            `the tree of what is ${kind} still leads from [${first},${last + 1}) to a record that has left it`,
        );
      },
    );
  }

  // Free in one tree is a gap of the other, in the vmalloc window: for what the step changed.
  private inStep(): void {
    const { areas } = this.context.sim.kernel;
    const { changes } = areas;
    const { free, gaps } = this.allocator;
    for (let i = 0; i < changes.count; i++) {
      const va = changes.record[i]!;
      if (changes.oldPlace[i] === free) this.sameIn(changes.oldStart[i]!, changes.oldEnd[i]!);
      if (areas.place[va] === free) this.sameIn(areas.start[va]!, areas.end[va]!);
    }
    for (let i = 0; i < gaps.count; i++) this.sameIn(gaps.start[i]!, gaps.end[i]!);
  }

  private sameIn(start: number, end: number): void {
    const { vmalloc } = this.context.sim.kernel.instance;
    const from = Math.max(start, vmalloc.start);
    const to = Math.min(end, vmalloc.end);
    for (let page = from; page < to; page++) {
      const free = this.isFree(page);
      if (free !== this.allocator.trees.isVacant(page, page + 1)) {
        this.context.report(
          "INV-OCC-DUAL",
          () => `page ${page} is ${free ? "free, and occupied" : "not free, and not occupied"}`,
        );
        return;
      }
    }
  }

  private isFree(page: number): boolean {
    const { areas } = this.context.sim.kernel;
    const { free, trees } = this.allocator;
    let found = false;
    trees.ranges.forEachIn(trees.tree(free)!, page, page, (_first, _last, entry) => {
      found = areas.place[entry] === free && areas.start[entry]! <= page && page < areas.end[entry]!;
    });
    return found;
  }

  private granted(start: number, end: number): void {
    const { areas, containers } = this.context.sim.kernel;
    for (const { id, kind } of containers.all()) {
      if (kind !== "retry") continue;
      for (let va = containers.head[id]!; va !== NONE; va = areas.next[va]!) {
        if (areas.start[va]! >= end || areas.end[va]! <= start) continue;
        this.context.report(
          "INV-OCC-RETRY",
          () => `[${start},${end}) was granted, [${areas.start[va]},${areas.end[va]}) waits for another try`,
        );
        return;
      }
    }
  }

  private read(start: number, end: number, vacant: number): void {
    const { allocator, context } = this;
    if (!allocator.gapsAreFree() || vacant !== 0) return;
    context.report(
      "INV-OCC-FREEMT",
      () => `the free tree is asked and says [${start},${end}), of which the occupied tree has a part`,
    );
  }

  private scanned(gaps: number, align: number): void {
    if (this.dual || align <= 1 || gaps <= 1) return;
    const { containers } = this.context.sim.kernel;
    if (containers.head[this.allocator.retryList] !== NONE) return;
    this.context.report("INV-OCC-PAD", () => `${gaps} gaps were looked at for an alignment of ${align}`);
  }

  atQuiescence(): void {
    const { areas, containers } = this.context.sim.kernel;
    const va = containers.head[this.allocator.retryList]!;
    if (va !== NONE) {
      this.context.report(
        "INV-RETRY-DRAIN",
        () => `[${areas.start[va]},${areas.end[va]}) waits for another try that nobody makes`,
      );
    }
    this.allUsable();
  }

  // What the model takes for free is a gap, or in a pool, or on its way out of one.
  private allUsable(onItsWay?: "decay"): void {
    const { model, sim } = this.context;
    if (this.allocator.perfMode[0] === 0) return;
    const { areas, containers, instance } = sim.kernel;
    const usable = new Uint8Array(instance.spacePages);
    sim.allocator.forEachFree((start, end) => usable.fill(1, start, end));
    for (const { id, kind } of containers.all()) {
      if (kind !== "pool" && kind !== onItsWay) continue;
      for (let va = containers.head[id]!; va !== NONE; va = areas.next[va]!) {
        usable.fill(1, areas.start[va], areas.end[va]);
      }
    }
    const page = usable.findIndex((each, p) => each === 0 && model.state[p] === PAGE.FREE);
    if (page < 0) return;
    this.context.report("INV-OCC-BOOT", () => `page ${page} was given back and can never be allocated again`);
  }
}
