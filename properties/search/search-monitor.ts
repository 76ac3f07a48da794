// SPDX-License-Identifier: GPL-2.0-only
//
// The checks of a search. A search jumps between states, so what a check knows must follow from the state and the
// step alone: the reference model is set to the abstraction of the state that is left, the step's events are applied
// to it, and the new state is checked from scratch.

import type { SearchMonitor } from "../../explore/search/search.ts";
import type { LockAnalysis } from "../../explore/lock-analysis.ts";
import { NONE } from "../../impl/heap/areas.ts";
import type { Simulation } from "../../impl/simulation.ts";
import { ReferenceModel } from "../../model/reference-model.ts";
import { ALARMS, EVENT, EVENT_WORDS } from "../../spec/events.ts";
import type { InvariantId } from "../../spec/invariants.ts";
import type { Finding } from "../finding.ts";
import { loadModel } from "../full/abstraction.ts";
import { stateProblem } from "../full/full-check.ts";

/** Watches a search over one simulation. */
export class SimulationSearchMonitor implements SearchMonitor {
  /** What ended the search. */
  finding: Finding | undefined;
  /** Events seen, by kind: how often each happened in some transition. */
  readonly events: Float64Array = new Float64Array(64);
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
    }
    this.locks?.restoreHeld(this.held);
    if (isNew && !this.finding) {
      const wrong = stateProblem(this.sim, this.model);
      if (wrong) this.report(wrong.id as InvariantId, () => wrong.message);
    }
    return this.finding !== undefined;
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
