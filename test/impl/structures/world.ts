// SPDX-License-Identifier: GPL-2.0-only
// A heap with three containers of areas and nothing else of a kernel, and a full check of one container that
// shares no code with what it checks. Pages everywhere.
import { AREA_WORDS } from "../../../impl/heap/area-words.ts";
import { Areas, FIRST_CONTAINER, NONE, PLACE, type Va, slotOf } from "../../../impl/heap/areas.ts";
import { Containers } from "../../../impl/heap/containers.ts";
import { EventLog } from "../../../impl/heap/event-log.ts";
import { Heap } from "../../../impl/heap/heap.ts";
import { FreeSpace } from "../../../impl/structures/free-space.ts";
import { EVENT_WORDS } from "../../../spec/events.ts";

export type Interval = readonly [start: number, end: number];

/** The process in whose hands all records are that lie in no container. */
export const PROCESS = 1;

/** One record of a walk over a tree. */
interface Visit {
  readonly va: Va;
  readonly blackHeight: number;
  readonly max: number;
}

export class World {
  readonly heap: Heap;
  readonly events = new EventLog();
  readonly areas: Areas;
  readonly containers: Containers;
  readonly space: FreeSpace;
  /** Augmented and coalesced, as the free tree. */
  readonly free: number;
  /** Neither, as the busy tree. */
  readonly busy: number;
  /** Coalesced, not augmented, as the lazy tree of v6.6. */
  readonly lazy: number;

  constructor(records = 512, strict = false) {
    this.heap = new Heap(records * (AREA_WORDS + 2) + 256, strict);
    this.events.process = PROCESS;
    this.areas = new Areas(this.heap, records, this.events, (handle, raw) => {
      if (slotOf(handle) < 1) return "NULL record";
      if (!Number.isInteger(slotOf(handle))) return "not a handle";
      const place = raw.place[handle]!;
      if (place === PLACE.SLAB) return "not allocated";
      return place >= FIRST_CONTAINER || raw.owner[handle] === PROCESS ? undefined : "of another process";
    });
    this.containers = new Containers(this.heap, 3, () => undefined);
    const none = { coalesced: false, augmented: false, sorted: true };
    this.free = this.containers.declare("free", -1, 0, { ...none, coalesced: true, augmented: true });
    this.busy = this.containers.declare("busy", -1, 0, none);
    this.lazy = this.containers.declare("lazy", -1, 0, { ...none, coalesced: true });
    this.heap.seal();
    this.areas.init();
    this.space = new FreeSpace(this.areas, this.containers, this.events);
  }

  /** A record with an extent, in no container. */
  record(start: number, end: number): Va {
    const va = this.areas.allocate(PROCESS);
    this.areas.assign(va, start, end, PROCESS);
    return va;
  }

  /** Inserts intervals in the given order, without merging. */
  fill(c: number, intervals: readonly Interval[]): Va[] {
    return intervals.map(([start, end]) => {
      const va = this.record(start, end);
      if (!this.space.insert(c, va, PROCESS)) throw new Error(`fill: [${start},${end}) overlaps`);
      return va;
    });
  }

  extent(va: Va): Interval {
    return [this.areas.start[va]!, this.areas.end[va]!];
  }

  /** The container's records in list order. */
  list(c: number): Interval[] {
    const out: Interval[] = [];
    for (let va = this.containers.head[c]! as Va; va !== NONE; va = this.areas.next[va]! as Va) {
      out.push(this.extent(va));
      if (out.length > this.areas.capacity) throw new Error("the list is a cycle");
    }
    return out;
  }

  /** Shape of the tree, colours included. */
  shape(c: number): string {
    const draw = (va: Va): string =>
      va === NONE
        ? "."
        : `(${draw(this.areas.left[va]! as Va)} ${this.areas.start[va]!}${this.areas.color[va] === 1 ? "r" : "b"} ` +
          `${draw(this.areas.right[va]! as Va)})`;
    return draw(this.containers.root[c]! as Va);
  }

  /** The events since the last call, as rows of numbers. */
  takeEvents(): number[][] {
    const rows = Array.from({ length: this.events.count }, (_, i) => [
      ...this.events.rows.subarray(i * EVENT_WORDS, (i + 1) * EVENT_WORDS),
    ]);
    this.events.count = 0;
    return rows;
  }

  /** Everything that must be true of one container; throws at the first thing that is not. */
  check(c: number): void {
    const { areas: a, containers: k } = this;
    const must = (holds: boolean, what: string): void => {
      if (!holds) throw new Error(`container ${c}: ${what}; tree ${this.shape(c)}`);
    };
    const info = k.info[c]!;
    const inOrder: Va[] = [];
    const visit = (va: Va, parent: Va): Visit => {
      if (va === NONE) return { va, blackHeight: 0, max: 0 };
      must(inOrder.length <= a.capacity, "the tree is a cycle");
      must(a.parent[va] === parent, `parent pointer of ${va}`);
      must(a.place[va] === c, `place of ${va} is ${a.place[va]!}`);
      must(a.owner[va] === 0, `owner of ${va} is ${a.owner[va]!}`);
      const red = a.color[va] === 1;
      must(!red || (parent !== NONE && a.color[parent] === 0), `${va} is red under red, or a red root`);
      const left = visit(a.left[va]! as Va, va);
      inOrder.push(va);
      const right = visit(a.right[va]! as Va, va);
      must(left.blackHeight === right.blackHeight, `black heights differ at ${va}`);
      const max = Math.max(a.end[va]! - a.start[va]!, left.max, right.max);
      must(a.subtreeMaxSize[va] === (info.augmented ? max : 0), `subtreeMaxSize of ${va}, expected ${max}`);
      return { va, blackHeight: left.blackHeight + (red ? 0 : 1), max };
    };
    visit(k.root[c]! as Va, NONE);

    let previous = NONE;
    let pages = 0;
    for (const va of inOrder) {
      must((previous === NONE ? k.head[c] : a.next[previous]) === va, `list order at ${va}`);
      must(a.prev[va] === previous, `prev of ${va}`);
      must(a.start[va]! < a.end[va]!, `empty extent of ${va}`);
      must(previous === NONE || a.end[previous]! <= a.start[va]!, `overlap or wrong order at ${va}`);
      pages += a.end[va]! - a.start[va]!;
      previous = va;
    }
    must(previous === NONE ? k.head[c] === NONE : a.next[previous] === NONE, "end of list");
    must(k.tail[c] === previous, "tail");
    must(k.count[c] === inOrder.length, `count is ${k.count[c]!}, records are ${inOrder.length}`);
    must(k.pages[c] === pages, `pages are ${k.pages[c]!}, records hold ${pages}`);
  }
}
