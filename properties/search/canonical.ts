// SPDX-License-Identifier: GPL-2.0-only
//
// Canonical fingerprints of a simulation: two states that differ only in how records are numbered, in ghosts, in which
// of several like tasks is which, or in the shape of trees that nobody can observe, are one state.

import type { InternedExecutor } from "../../explore/positions.ts";
import { PositionPrints } from "../../explore/search/position-print.ts";
import type { Fingerprint } from "../../explore/search/search.ts";
import type { Call } from "../../explore/sync.ts";
import { MapleNodes } from "../../impl/allocators/maple-nodes.ts";
import { NONE, PLACE, type Va } from "../../impl/heap/areas.ts";
import { HANDLE_BASE } from "../../impl/heap/heap.ts";
import { LIMBO } from "../../impl/kernel/kernel.ts";
import type { Simulation } from "../../impl/simulation.ts";
import { handles } from "../full/walk.ts";
import { ordersOf, Renaming, sortByKey, type TaskClass, taskClasses } from "./symmetry.ts";

// Records are visited where they are, and what names processes or CPUs is renamed; ghosts and what only makes flushes
// cheap follow from the rest. So does the number of spinlocks that a process holds.
const NOT_VERBATIM =
  /^(vmap_area|container\.|ne_fit_preload_node|tlb\.range|tlb\.stale|lock\.|cpu\.of|limbo\.|maple)/;

/** What the checks remember, as words; `renamed` gives those of the state in which tasks have other numbers. */
export interface HistoryWords {
  readonly words: Int32Array;
  renamed(renaming: Renaming): Int32Array;
}

/** Fingerprints of the states of one simulation. Only for instances whose pages and sizes are below HANDLE_BASE. */
export class Canonical {
  private readonly sim: Simulation;
  private readonly offsets: Int32Array;
  private readonly prints: PositionPrints;
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
    /** The range tree that indexes its records; their list is in no order. */
    readonly tree: number | undefined;
    /** The task that it belongs to by its number, or -1. */
    readonly task: number;
  }[];
  private readonly classes: readonly (TaskClass & { readonly order: number[] })[];
  private readonly renaming: Renaming;
  // What tells the tasks of a class apart, whatever their numbers; by task.
  private readonly keys: Int32Array;
  private low = 0;
  private high = 0;

  /** Without `symmetry`, tasks keep their numbers. */
  constructor(sim: Simulation, symmetry = true) {
    const { instance, heap, areas, containers } = sim.kernel;
    if (instance.spacePages >= HANDLE_BASE) throw new Error("canonical: the space is too large for a search");
    this.sim = sim;
    this.offsets = heap.offsetsExcept(NOT_VERBATIM);
    this.numbers = new Int32Array(areas.words.length);
    this.containers = containers.all().map(({ id, augmented, kind }) => ({
      id,
      augmented,
      flagged: kind === "busy" || kind === "lazy" || kind === "purge",
      tree: sim.allocator instanceof MapleNodes ? sim.allocator.trees.tree(id) : undefined,
      task: sim.allocator.pcpuList.indexOf(id),
    }));
    const classes = symmetry ? taskClasses(instance) : [];
    this.classes = classes.map((each) => ({ ...each, order: [...each.tasks] }));
    this.renaming = new Renaming(sim.processes.length, instance.cpus);
    this.keys = new Int32Array(instance.programs.length);
    this.prints = new PositionPrints((n) => n >= HANDLE_BASE, this.namesOfCalls());
    this.shapeMatters = instance.programs.flat().some((op) => op.op === "alloc" && op.align > 1);
  }

  /** The fingerprint of the current state, with what the checks remember of the way there. O(state). */
  fingerprint(executor: InternedExecutor, history: HistoryWords, into: Fingerprint): void {
    if (this.classes.length === 0) this.print(executor, history.words, into);
    else if (this.sortTasks(executor)) this.print(executor, history.renamed(this.renaming), into);
    else this.printLeast(executor, history, into);
  }

  // Gives the tasks of each class new numbers by their keys; false if two have the same key.
  private sortTasks(executor: InternedExecutor): boolean {
    const { keys, renaming } = this;
    const { limboEnd, limboKind, limboStart } = this.sim.kernel;
    let told = true;
    for (const each of this.classes) {
      for (const task of each.tasks) {
        this.low = 0;
        this.high = 0;
        this.mix(this.prints.of(executor.at(task)).skeleton);
        this.mix(limboKind[task]!);
        this.mix(limboStart[task]!);
        this.mix(limboEnd[task]!);
        keys[task] = this.low;
      }
      if (!sortByKey(each.order, keys)) told = false;
      renaming.assign(each, each.order);
    }
    return told;
  }

  // Of all orders of the tasks that their keys leave open, the one with the least fingerprint.
  private printLeast(executor: InternedExecutor, history: HistoryWords, into: Fingerprint): void {
    let low = 0;
    let high = 0;
    let any = false;
    const through = (at: number): void => {
      const each = this.classes[at];
      if (each) {
        for (const order of ordersOf(each.order, this.keys)) {
          this.renaming.assign(each, order);
          through(at + 1);
        }
        return;
      }
      this.print(executor, history.renamed(this.renaming), into);
      if (any && (into.high > high || (into.high === high && into.low >= low))) return;
      any = true;
      ({ low, high } = into);
    };
    through(0);
    into.low = low;
    into.high = high;
  }

  private print(executor: InternedExecutor, history: Int32Array, into: Fingerprint): void {
    this.low = 0x811c9dc5 | 0;
    this.high = 0x2545f491 | 0;
    this.mixWords(history);
    this.mixStale();
    this.mixLocks();
    this.mixContainers();
    this.mixTrees();
    this.mixPreloads();
    this.mixProcesses(executor);
    if (this.numbered.length !== this.sim.kernel.areas.live) this.mixLost();
    for (const va of this.numbered) this.numbers[va] = 0;
    this.numbered.length = 0;
    into.low = this.low;
    into.high = this.high;
  }

  private mixProcesses(executor: InternedExecutor): void {
    const { cpus, limboEnd, limboKind, limboStart, tasks } = this.sim.kernel;
    const { cpuAs, from } = this.renaming;
    for (let i = 0; i < from.length; i++) {
      const p = from[i]!;
      const { skeleton, references } = this.prints.of(executor.at(p));
      this.mix(skeleton);
      for (let r = 0; r < references.length; r++) this.mixReference(references[r]! as Va);
      // Nothing that a worker does depends on its CPU.
      if (p < tasks) this.mix(cpuAs[cpus.of(p)]!);
      this.mix(limboKind[p]!);
      if (limboKind[p] === LIMBO.NONE) continue;
      this.mix(limboStart[p]!);
      this.mix(limboEnd[p]!);
    }
  }

  private mixLocks(): void {
    const { owner } = this.sim.kernel.locks;
    const { as } = this.renaming;
    for (let lock = 0; lock < owner.length; lock++) {
      const holder = owner[lock]!;
      this.mix(holder === 0 ? 0 : as[holder - 1]! + 1);
    }
  }

  // Most pages are stale on no CPU or on all.
  private mixStale(): void {
    const { everyCpu, stale } = this.sim.kernel.tlb;
    for (let page = 0; page < stale.length; page++) {
      const mask = stale[page]!;
      this.mix(mask === 0 || mask === everyCpu ? mask : this.renaming.cpuMask(mask));
    }
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
      const { flagged, task, tree } = info;
      const id = task < 0 ? info.id : this.sim.allocator.pcpuList[this.renaming.from[task]!]!;
      this.mix(containers.count[id]!);
      // Its list is in no order of its own.
      if (tree !== undefined) continue;
      for (let va = containers.head[id]! as Va; va !== NONE; va = areas.next[va]! as Va) {
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

  // A range tree is what it maps to what; how its nodes are cut, or an occupied range out of pieces, nobody can observe.
  private mixTrees(): void {
    const { allocator } = this.sim;
    if (!(allocator instanceof MapleNodes)) return;
    const { ranges } = allocator.trees;
    for (const { id } of this.containers) {
      const tree = allocator.trees.tree(id);
      if (tree === undefined) continue;
      ranges.forEach(tree, this.mixEntry);
      this.mix(-1);
    }
    allocator.trees.forEachGap(this.sim.kernel.instance.spacePages, this.mixRange);
  }

  private readonly mixRange = (start: number, end: number): void => {
    this.mix(start);
    this.mix(end);
  };

  private readonly mixEntry = (first: number, last: number, va: number): void => {
    this.mix(first);
    this.mix(last);
    this.mixReference(va as Va);
  };

  private mixPreloads(): void {
    const { cpus } = this.sim.kernel;
    for (let cpu = 0; cpu < cpus.count; cpu++) {
      const va = cpus.preloadOf(this.renaming.cpuFrom[cpu]!);
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

  // The code of like tasks has one name.
  private namesOfCalls(): ((call: Call) => readonly number[]) | undefined {
    const { menu } = this.sim;
    const first = new Map(
      this.classes.flatMap(({ tasks }) => tasks.map((task) => [task, tasks[0]!] as const)),
    );
    if (!menu || first.size === 0) return undefined;
    return ({ self, args }) => (self === menu ? [first.get(args[0]!) ?? args[0]!, ...args.slice(1)] : args);
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
