// SPDX-License-Identifier: GPL-2.0-only
//
// Four searches for space, asked about one set of free ranges: the padded search for a gap, the padded walk over the free
// tree, the walk over the red-black tree of mainline, and the lowest fit by the reference model. Nothing is taken.

import { DualIndex, NO_ADDRESS } from "../impl/allocators/dual-index.ts";
import { OccupiedIndex } from "../impl/allocators/occupied-index.ts";
import { ALLOCATORS, type AllocatorClass } from "../impl/allocators/registry.ts";
import { AREA_WORDS } from "../impl/heap/area-words.ts";
import { Areas, NONE, type Va } from "../impl/heap/areas.ts";
import { Containers } from "../impl/heap/containers.ts";
import { EventLog } from "../impl/heap/event-log.ts";
import { Heap } from "../impl/heap/heap.ts";
import { Simulation } from "../impl/simulation.ts";
import { FreeSpace } from "../impl/structures/free-space.ts";
import { PAGE } from "../model/abstraction.ts";
import { ReferenceModel } from "../model/reference-model.ts";
import type { AllocatorId, Instance, PageRange } from "../spec/instance.ts";
import { instanceOf } from "../spec/small-machine.ts";
import type { Designs } from "./campaigns.ts";

/** No page. */
export const NO_FIT = -1;

/** A search. */
export interface Search {
  /** Begins anew with these free ranges, in order, none beside another. */
  set(free: readonly PageRange[]): void;
  /** The first page of the area that would be handed out, or NO_FIT. */
  ask(size: number, align: number, vstart: number, vend: number): number;
}

/** The searches, by name. */
export interface Searches {
  /** The search for a gap of the occupied tree. */
  readonly finder: Search;
  /** The walk over the free tree, where the search for a gap is left out. */
  readonly walk: Search;
  /** find_vmap_lowest_match() and va_alloc(). */
  readonly mainline: Search;
  readonly lowest: Search;
}

/** The searches in a space of so many pages; of the ports, or of what stands in for them. */
export function searchesIn(pages: number, designs?: Designs): Searches {
  return {
    finder: finderIn(pages, designs),
    walk: walkIn(pages, designs),
    mainline: new MainlineSearch(pages),
    lowest: new LowestFit(pages),
  };
}

type Make<D> = new (...args: ConstructorParameters<AllocatorClass>) => D;

// A stand-in must be of the kind of design that the search belongs to.
function made<D>(id: AllocatorId, of: Make<D>, designs: Designs | undefined): Make<D> {
  const design: unknown = designs?.[id] ?? ALLOCATORS[id];
  if (design === of || (typeof design === "function" && design.prototype instanceof of))
    return design as Make<D>;
  throw new Error(`what stands in for ${id} is of another kind`);
}

function instanceIn(allocator: AllocatorId, pages: number): Instance {
  return instanceOf(allocator, { space: pages, cpus: 1, nodes: 1 }, "-");
}

function finderIn(pages: number, designs: Designs | undefined): Search {
  const Design = made("occupied-index", OccupiedIndex, designs);
  class Finder extends Design implements Search {
    set(free: readonly PageRange[]): void {
      this.gaps.begin();
      this.trees.vacate(0, pages);
      let at = 0;
      for (const { start, end } of [...free, { start: pages, end: pages }]) {
        if (at < start) this.trees.occupy(at, start);
        at = end;
      }
    }

    ask(size: number, align: number, vstart: number, vend: number): number {
      forget(this.kernel.events);
      const at = this.occupiedMtFindHoleWindow(vstart, vend - 1, size, align);
      return at === NO_ADDRESS ? NO_FIT : at;
    }
  }
  return booted(instanceIn("occupied-index", pages), Finder);
}

function walkIn(pages: number, designs: Designs | undefined): Search {
  const Design = made("dual-index", DualIndex, designs);
  class Walk extends Design implements Search {
    set(free: readonly PageRange[]): void {
      for (const va of this.trees.records(this.free)) {
        this.unlinkVmapAreaFree(va);
        this.areas.release(va);
      }
      for (const { start, end } of free) {
        const va = this.areas.allocate(0);
        this.areas.assign(va, start, end, 0);
        this.trees.store(this.free, va);
      }
      this.areas.changes.begin();
    }

    ask(size: number, align: number, vstart: number, vend: number): number {
      forget(this.kernel.events);
      const at = this.allocFromFreeMt(size, align, vstart, vend);
      return at === NO_ADDRESS ? NO_FIT : at;
    }

    protected override takeFrom(_va: Va, at: number): number {
      return at;
    }
  }
  return booted(instanceIn("dual-index", pages), Walk);
}

// As the simulation boots it, with the lock in nobody's hands: there is one process, and no strict mode.
function booted<D extends AllocatorClass>(instance: Instance, design: D): InstanceType<D> {
  const { allocator } = new Simulation(instance, { recordsMax: instance.spacePages + 8 }, design);
  return allocator as InstanceType<D>;
}

function forget(events: EventLog): void {
  events.count = 0;
}

/** The free tree of mainline. */
class MainlineSearch implements Search {
  private readonly events = new EventLog();
  private readonly areas: Areas;
  private readonly containers: Containers;
  private readonly free: number;
  private readonly space: FreeSpace;

  constructor(pages: number) {
    const heap = new Heap((pages + 8) * (AREA_WORDS + 1) + 256, false);
    this.areas = new Areas(heap, pages + 8, this.events, () => undefined);
    this.containers = new Containers(heap, 1, () => undefined);
    this.free = this.containers.declare("free", -1, 0, { coalesced: true, augmented: true, sorted: true });
    heap.seal();
    this.areas.init();
    this.space = new Untaken(this.areas, this.containers, this.events);
  }

  set(free: readonly PageRange[]): void {
    const { areas, containers, space } = this;
    for (let va = containers.head[this.free]! as Va; va !== NONE; va = containers.head[this.free]! as Va) {
      space.unlink(this.free, va, 0);
      areas.release(va);
    }
    for (const { start, end } of free) {
      const va = areas.allocate(0);
      areas.assign(va, start, end, 0);
      space.insert(this.free, va, 0);
    }
    areas.changes.begin();
  }

  ask(size: number, align: number, vstart: number, vend: number): number {
    forget(this.events);
    const at = this.space.allocate(this.free, size, align, vstart, vend, () => NONE);
    return at === vend ? NO_FIT : at;
  }
}

/** Finds, and leaves what it has found where it is. */
class Untaken extends FreeSpace {
  protected override clip(): boolean {
    return true;
  }
}

class LowestFit implements Search {
  private readonly model: ReferenceModel;

  constructor(pages: number) {
    this.model = new ReferenceModel(pages, 1);
  }

  set(free: readonly PageRange[]): void {
    this.model.state.fill(PAGE.LIVE);
    for (const { start, end } of free) this.model.state.fill(PAGE.FREE, start, end);
  }

  ask(size: number, align: number, vstart: number, vend: number): number {
    return this.model.lowestFit(size, align, vstart, vend, false);
  }
}
