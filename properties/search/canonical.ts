// SPDX-License-Identifier: GPL-2.0-only
//
// Canonical fingerprints of a simulation: two states that differ only in how records are numbered, in ghosts, or in
// the shape of trees that nobody can observe, are one state.

import type { InternedExecutor } from "../../explore/positions.ts";
import { PositionPrints } from "../../explore/search/position-print.ts";
import type { Fingerprint } from "../../explore/search/search.ts";
import { NONE, PLACE, type Va } from "../../impl/heap/areas.ts";
import { HANDLE_BASE } from "../../impl/heap/heap.ts";
import type { Simulation } from "../../impl/simulation.ts";
import { handles } from "../full/walk.ts";

// Records are visited where they are; ghosts and what only makes flushes cheap follow from the rest. So does the number
// of spinlocks that a process holds.
const NOT_VERBATIM = /^(vmap_area|container\.|ne_fit_preload_node|tlb\.range|lock\.spinning)/;

/** Fingerprints of the states of one simulation. Only for instances whose pages and sizes are below HANDLE_BASE. */
export class Canonical {
  private readonly sim: Simulation;
  private readonly offsets: Int32Array;
  private readonly prints = new PositionPrints((n) => n >= HANDLE_BASE);
  // Padded searches depend on the shape of the free trees; without an alignment above one page nothing does.
  private readonly shapeMatters: boolean;
  // Canonical number of each record of the current state, by handle; 0 if it has none yet.
  private readonly numbers: Int32Array;
  private readonly numbered: number[] = [];
  private readonly containers: readonly {
    readonly id: number;
    readonly augmented: boolean;
    /** Whether the flags of its records mean anything. */
    readonly flagged: boolean;
  }[];
  private low = 0;
  private high = 0;

  constructor(sim: Simulation) {
    const { instance, heap, areas, containers } = sim.kernel;
    if (instance.spacePages >= HANDLE_BASE) throw new Error("canonical: the space is too large for a search");
    this.sim = sim;
    this.offsets = heap.offsetsExcept(NOT_VERBATIM);
    this.numbers = new Int32Array(areas.words.length);
    this.containers = containers.all().map(({ id, augmented, kind }) => ({
      id,
      augmented,
      flagged: kind === "busy" || kind === "lazy" || kind === "purge",
    }));
    this.shapeMatters = instance.programs.flat().some((op) => op.op === "alloc" && op.align > 1);
  }

  /** The fingerprint of the current state, with what the checks remember of the way there. O(state). */
  fingerprint(executor: InternedExecutor, history: Int32Array, into: Fingerprint): void {
    this.low = 0x811c9dc5 | 0;
    this.high = 0x2545f491 | 0;
    this.mixWords(history);
    this.mixContainers();
    this.mixPreloads();
    for (let p = 0; p < this.sim.processes.length; p++) {
      const { skeleton, references } = this.prints.of(executor.at(p));
      this.mix(skeleton);
      for (const va of references) this.mixReference(va as Va);
    }
    if (this.numbered.length !== this.sim.kernel.areas.live) this.mixLost();
    for (const va of this.numbered) this.numbers[va] = 0;
    this.numbered.length = 0;
    into.low = this.low;
    into.high = this.high;
  }

  // The same as `mix` of each word: most of the words, so without a call for each.
  private mixWords(history: Int32Array): void {
    const { state } = this.sim.kernel.heap;
    const { offsets } = this;
    let { low, high } = this;
    for (let i = 0; i < offsets.length; i++) {
      const word = state[offsets[i]!]!;
      low = Math.imul(low ^ word, 0x9e3779b1);
      low ^= low >>> 15;
      high = Math.imul(high ^ word ^ (low << 7), 0x85ebca6b);
      high ^= high >>> 13;
    }
    for (let i = 0; i < history.length; i++) {
      const word = history[i]!;
      low = Math.imul(low ^ word, 0x9e3779b1);
      low ^= low >>> 15;
      high = Math.imul(high ^ word ^ (low << 7), 0x85ebca6b);
      high ^= high >>> 13;
    }
    this.low = low;
    this.high = high;
  }

  private mixContainers(): void {
    const { areas, containers } = this.sim.kernel;
    for (const info of this.containers) {
      this.mix(containers.count[info.id]!);
      const { flagged } = info;
      for (let va = containers.head[info.id]! as Va; va !== NONE; va = areas.next[va]! as Va) {
        this.number(va);
        this.mix(areas.start[va]!);
        this.mix(areas.end[va]!);
        if (flagged) this.mix(areas.flags[va]!);
      }
      if (!this.shapeMatters || !info.augmented) continue;
      for (let va = containers.head[info.id]! as Va; va !== NONE; va = areas.next[va]! as Va) {
        this.mix(this.numbers[areas.parent[va]!]!);
        this.mix(areas.color[va]!);
      }
    }
  }

  private mixPreloads(): void {
    const { cpus } = this.sim.kernel;
    for (let cpu = 0; cpu < cpus.count; cpu++) {
      const va = cpus.preloadOf(cpu);
      this.mix(va === NONE ? 0 : 1);
      if (va !== NONE) this.number(va);
    }
  }

  // A record in somebody's hands: in a place that was visited, or only there.
  private mixReference(va: Va): void {
    const { areas } = this.sim.kernel;
    const known = this.numbers[va]!;
    if (known !== 0) {
      this.mix(known);
      return;
    }
    const place = areas.place[va]!;
    this.mix(-1 - place);
    // Freed since: the number is a dead local.
    if (place === PLACE.SLAB) return;
    this.number(va);
    this.mix(areas.start[va]!);
    this.mix(areas.end[va]!);
    this.mix(areas.flags[va]!);
  }

  // Records that are allocated and that nobody knows: without them, a leak would look like no leak.
  private mixLost(): void {
    const { areas } = this.sim.kernel;
    const lost = [...handles(areas)].filter((va) => areas.place[va] !== PLACE.SLAB && this.numbers[va] === 0);
    for (const va of lost.sort((a, b) => areas.start[a]! - areas.start[b]!)) {
      this.mix(-1 - areas.place[va]!);
      this.mix(areas.start[va]!);
      this.mix(areas.end[va]!);
      this.mix(areas.flags[va]!);
    }
  }

  private number(va: Va): void {
    this.numbers[va] = this.numbered.push(va);
  }

  private mix(word: number): void {
    let low = Math.imul(this.low ^ word, 0x9e3779b1);
    low ^= low >>> 15;
    let high = Math.imul(this.high ^ word ^ (low << 7), 0x85ebca6b);
    high ^= high >>> 13;
    this.low = low;
    this.high = high;
  }
}
