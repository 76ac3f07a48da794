// SPDX-License-Identifier: GPL-2.0-only
//
// The checks of a search. A search jumps between states, so what a check knows must follow from the state and the
// step alone: the reference model is set to the abstraction of the state that is left, the step's events are applied
// to it, and the new state is checked from scratch.

import type { SearchMonitor } from "../../explore/search/search.ts";
import type { LockAnalysis } from "../../explore/lock-analysis.ts";
import type { InternedExecutor } from "../../explore/positions.ts";
import { isReady } from "../../explore/sync.ts";
import { NodeBlocks } from "../../impl/allocators/node-blocks.ts";
import { NONE, PLACE } from "../../impl/heap/areas.ts";
import { LIMBO } from "../../impl/kernel/kernel.ts";
import type { Simulation } from "../../impl/simulation.ts";
import { ReferenceModel } from "../../model/reference-model.ts";
import { ALARMS, EVENT, EVENT_WORDS } from "../../spec/events.ts";
import type { InvariantId } from "../../spec/invariants.ts";
import type { Finding } from "../finding.ts";
import { idOf, loadModel, stepProblem } from "../full/abstraction.ts";
import { stateProblem } from "../full/full-check.ts";
import { extent, handles } from "../full/walk.ts";

/** Watches a search over one simulation. */
export class SimulationSearchMonitor implements SearchMonitor {
  /** What ended the search. */
  finding: Finding | undefined;
  /** Events seen, by kind: how often each happened in some transition. */
  readonly events: Float64Array = new Float64Array(64);
  /** In a closed instance: all is quiet, and no more is lazy than may be. Bounded ones end in their goals. */
  readonly isGoal?: () => boolean;
  private executor: InternedExecutor | undefined;
  private readonly sim: Simulation;
  private readonly locks: LockAnalysis | undefined;
  private readonly watched: ReadonlySet<InvariantId>;
  private readonly model: ReferenceModel;
  private readonly nothingHeld: Int32Array;
  // What each process holds in the state that the transitions leave.
  private held: Int32Array;
  // The abstraction of the state that the transitions leave.
  private readonly left: ReferenceModel;

  constructor(sim: Simulation, watched: ReadonlySet<InvariantId>, locks?: LockAnalysis) {
    this.sim = sim;
    this.watched = watched;
    this.locks = locks;
    this.nothingHeld = new Int32Array(sim.processes.length);
    this.held = this.nothingHeld;
    const pages = sim.kernel.instance.spacePages;
    this.model = new ReferenceModel(pages, sim.kernel.tlb.everyCpu);
    this.left = new ReferenceModel(pages, sim.kernel.tlb.everyCpu);
    const { closed, lazyMaxPages } = sim.kernel.instance;
    if (closed) this.isGoal = () => this.isQuiet() && sim.allocator.lazyNr[0]! <= lazyMaxPages;
  }

  attach(executor: InternedExecutor): void {
    this.executor = executor;
    this.finding = undefined;
  }

  enter(): void {
    loadModel(this.sim, this.left);
    const { locks } = this;
    if (!locks) return;
    locks.restoreHeld(this.nothingHeld);
    this.sim.kernel.locks.announceHeld();
    this.sim.kernel.works.announceRunning();
    this.held = locks.saveHeld();
  }

  afterStep(_process: number, isNew: boolean): boolean {
    const { events } = this.sim.kernel;
    const { left, model } = this;
    model.state.set(left.state);
    model.mapped.set(left.mapped);
    model.stale.set(left.stale);
    for (let i = 0; i < events.count; i++) this.event(i * EVENT_WORDS);
    if (this.locks?.finding) {
      const { kind, message } = this.locks.finding;
      this.report(kind === "sleep" ? "INV-SLEEP" : "INV-LOCKORDER", () => message);
      // One that is not watched must not hide the next one.
      this.locks.finding = undefined;
    }
    this.locks?.restoreHeld(this.held);
    // A known state needs no second look, but the step that leads there is a new one. Behind a state without an
    // abstraction nothing can be judged, so it ends the search whatever is watched.
    if (!this.finding) {
      this.finding = isNew ? stateProblem(this.sim, this.model) : stepProblem(this.sim, this.model);
    }
    if (isNew && !this.finding && this.isGoal && this.isQuiet())
      this.quiescent(this.sim.allocator.lazyNr[0]!);
    return this.finding !== undefined;
  }

  // Every task is between two operations, and no worker has anything to do.
  private isQuiet(): boolean {
    const { tasks } = this.sim.kernel;
    return this.executor!.pending.every((step, p) => !step || (step.idle && (p < tasks || !isReady(step))));
  }

  atEnd(deadlock: boolean): boolean {
    const { sim } = this;
    if (deadlock) this.report("INV-DEADLOCK", () => "nothing is enabled, and not all tasks are done");
    else this.quiescent(sim.allocator.lazyNr[0]!);
    return this.finding !== undefined;
  }

  // Nothing left to do: accounts must be square, and no work may have been lost.
  private quiescent(nr: number): void {
    const { sim } = this;
    const { containers, areas, cpus, instance } = sim.kernel;
    const lost = this.lostPages();
    if (lost) this.report("INV-CONSERVE", () => `all is quiet, and ${lost}`);
    let lazy = 0;
    let known = 0;
    for (const info of containers.all()) {
      if (info.kind === "lazy") lazy += containers.pages[info.id]!;
      known += containers.count[info.id]!;
    }
    for (let cpu = 0; cpu < cpus.count; cpu++) if (cpus.preloadOf(cpu) !== NONE) known++;
    if (nr !== lazy) this.report("INV-LAZYNR-EQ", () => `vmap_lazy_nr is ${nr}, ${lazy} pages are lazy`);
    if (known !== areas.live) {
      this.report("INV-REC", () => `${areas.live} records are allocated, ${known} can be found`);
    }
    if (nr > instance.lazyMaxPages) {
      this.report(
        "INV-DRAIN",
        () => `all is quiet with ${nr} lazy pages, the limit is ${instance.lazyMaxPages}`,
      );
    }
  }

  // Pages that only somebody on the way could account for, when nobody is on the way.
  private lostPages(): string | undefined {
    const { areas, containers, limboKind, limboStart, limboEnd } = this.sim.kernel;
    for (let p = 0; p < limboKind.length; p++) {
      if (limboKind[p] !== LIMBO.NONE)
        return `[${limboStart[p]},${limboEnd[p]}) was granted and is in no index`;
    }
    for (const va of handles(areas)) {
      if (areas.place[va] === PLACE.LIMBO) return `${extent(areas, va)} was freed and is in no index`;
    }
    for (const { id, kind } of containers.all()) {
      const va = containers.head[id]!;
      if (kind === "reclaim" && va !== NONE)
        return `${extent(areas, va)} is on the list of a purge that is over`;
    }
    return undefined;
  }

  private event(at: number): void {
    const { rows } = this.sim.kernel.events;
    const kind = rows[at]!;
    this.events[kind]!++;
    const illegal = this.model.apply(
      kind,
      rows[at + 2]!,
      rows[at + 3]!,
      rows[at + 4]!,
      rows[at + 5]!,
      rows[at + 6]!,
    );
    if (illegal) this.report(illegal.invariant, () => illegal.message);
    switch (kind) {
      case EVENT.WARN:
      case EVENT.OOPS:
        this.report("INV-NOWARN", () => ALARMS[rows[at + 2]!] ?? `alarm ${rows[at + 2]}`);
        break;
      case EVENT.BAD_RECORD_FREE:
        this.report("INV-REC", () => "a record was freed that is linked or not allocated");
        break;
      case EVENT.INIT_WORK:
        if (rows[at + 3] !== 0 || rows[at + 4] !== 0) {
          this.report(
            "INV-INITWORK",
            () => `INIT_WORK of ${this.sim.kernel.works.name(rows[at + 2]!)} in use`,
          );
        }
        break;
      case EVENT.FLUSH:
        this.flush(rows[at + 2]!, rows[at + 3]!);
        break;
      case EVENT.PURGE_COLLECTED:
        this.collected(rows[at + 4]!);
        break;
      case EVENT.PURGE_END:
        this.purgeEnds();
        break;
      default:
        break;
    }
  }

  private flush(start: number, end: number): void {
    const { areas, containers } = this.sim.kernel;
    for (const info of containers.all()) {
      if (info.kind !== "purge") continue;
      for (let va = containers.head[info.id]!; va !== NONE; va = areas.next[va]!) {
        if (areas.start[va]! >= start && areas.end[va]! <= end) continue;
        this.report("INV-FLUSH-COVER", () => `[${start},${end}) was flushed, more is on a purge list`);
      }
    }
  }

  // Only node-blocks writes node ids.
  private collected(node: number): void {
    const { areas, containers } = this.sim.kernel;
    if (!(this.sim.allocator instanceof NodeBlocks)) return;
    for (const info of containers.all()) {
      if (info.kind !== "purge" || info.node !== node) continue;
      for (let va = containers.head[info.id]!; va !== NONE; va = areas.next[va]!) {
        const id = idOf(areas.flags[va]!);
        if (id < 0 || id === node) continue;
        this.report(
          "INV-PURGE-NODE",
          () => `${extent(areas, va)} carries the id of node ${id}, and the purge takes it from node ${node}`,
        );
      }
    }
  }

  private purgeEnds(): void {
    const { containers, works } = this.sim.kernel;
    for (const info of containers.all()) {
      if (info.kind === "purge" && containers.head[info.id] !== NONE) {
        this.report(
          "INV-HELPERS-DONE",
          () => `the purge ends with areas on the purge list of node ${info.node}`,
        );
      }
    }
    for (let work = 0; work < works.count; work++) {
      if (work !== this.sim.allocator.drainWork && !works.isIdle(work)) {
        this.report(
          "INV-HELPERS-DONE",
          () => `the purge ends while ${works.name(work)} is pending or running`,
        );
      }
    }
  }

  private report(invariant: InvariantId, message: () => string): void {
    if (this.finding || !this.watched.has(invariant)) return;
    this.finding = { id: invariant, message: message() };
  }
}
