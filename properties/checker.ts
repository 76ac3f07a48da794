// SPDX-License-Identifier: GPL-2.0-only
//
// The monitor of a simulation: all checks behind the engine's interface. Keeps the first violation of a watched
// invariant. Looks at what a step said and changed; a step that did neither costs next to nothing.

import { EVENT_WORDS } from "../spec/events.ts";
import { INVARIANTS, type InvariantId, isInvariantId } from "../spec/invariants.ts";
import type { LockAnalysis, LockFinding } from "../explore/lock-analysis.ts";
import type { Monitor } from "../explore/system.ts";
import { NodeBlocks } from "../impl/allocators/node-blocks.ts";
import { FIRST_CONTAINER, type Va } from "../impl/heap/areas.ts";
import type { Simulation } from "../impl/simulation.ts";
import { ReferenceModel } from "../model/reference-model.ts";
import { Accounting } from "./checks/accounting.ts";
import { Aliases } from "./checks/aliases.ts";
import { BlockMap } from "./checks/block-map.ts";
import { blocks } from "./checks/blocks.ts";
import type { Check, CheckContext, CheckFactory, EventHandler } from "./checks/check.ts";
import { CheckMemory, type History } from "./checks/check-memory.ts";
import { Machine } from "./checks/machine.ts";
import { Ownership } from "./checks/ownership.ts";
import { pcpu } from "./checks/pcpu.ts";
import { pools } from "./checks/pools.ts";
import { rangeTrees } from "./checks/range-trees.ts";
import { Purge } from "./checks/purge.ts";
import { refinement } from "./checks/refinement.ts";
import { Search } from "./checks/search.ts";
import { Structure } from "./checks/structure.ts";
import type { Finding } from "./finding.ts";
import { stateProblem } from "./full/full-check.ts";
import type { SituationFactory } from "./situations/situation.ts";

/** What a checker watches for. */
export interface CheckerOptions {
  /** Invariants that end a run; by default all of the catalogue. */
  readonly watched?: ReadonlySet<InvariantId> | undefined;
  /** Lock analysis that the simulation reports to. */
  readonly locks?: LockAnalysis | undefined;
  /** Situations to watch for. */
  readonly situations?: readonly SituationFactory[] | undefined;
  /** The situation that ends a run. */
  readonly stopAt?: string | undefined;
  /**
   * Whether every task is between two operations and no worker has anything to do: in a closed instance, where no run
   * ends, such states are judged as the ends of runs are.
   */
  readonly isQuiet?: (() => boolean) | undefined;
}

/** In strict runs, the whole state is checked from scratch after every n-th step. */
const FULL_EVERY = 7;

/** Most memory of all checks, bytes. */
const MEMORY_PER_PAGE = 12;
const MEMORY_PER_PROCESS = 16;

/** What a finding of lock analysis violates. */
const LOCK_INVARIANTS = {
  order: "INV-LOCKORDER",
  recursion: "INV-LOCKORDER",
  sleep: "INV-SLEEP",
  flush: "INV-WQ-FLUSH",
} as const satisfies Record<LockFinding["kind"], InvariantId>;

const STANDING: readonly CheckFactory[] = [
  refinement,
  (c) => new Ownership(c),
  (c) => new Structure(c),
  (c) => new Machine(c),
  blocks,
  pools,
  rangeTrees,
  (c) => new Accounting(c),
  (c) => new Purge(c),
  (c) => new Aliases(c),
  (c) => new Search(c),
  pcpu,
];

/** All checks over one simulation. */
export class Checker implements Monitor {
  /** The first violation of the run, or the situation that it was to stop at. */
  finding: Finding | undefined;
  /** Situations reached in this run, and how. */
  readonly reached = new Map<string, string>();
  readonly model: ReferenceModel;
  /** What the checks know that follows from the state. */
  readonly memory: CheckMemory;
  private readonly sim: Simulation;
  private readonly locks: LockAnalysis | undefined;
  private readonly context: CheckContext;
  private readonly checks: readonly Check[];
  private readonly handlers: readonly (readonly EventHandler[])[];
  /** By container id. */
  private readonly recordChecks: readonly (readonly Check[])[];
  private readonly afterChecks: readonly Check[];
  private readonly watched: ReadonlySet<InvariantId>;
  private readonly isQuiet: (() => boolean) | undefined;

  constructor(sim: Simulation, options: CheckerOptions = {}) {
    const { spacePages, blockPages, closed } = sim.kernel.instance;
    const { processes, tlb } = sim.kernel;
    this.sim = sim;
    this.locks = options.locks;
    this.isQuiet = closed && options.isQuiet;
    this.watched = options.watched ?? new Set(INVARIANTS.map((i) => i.id));
    this.memory = new CheckMemory(spacePages * MEMORY_PER_PAGE + processes * MEMORY_PER_PROCESS + 64);
    this.model = new ReferenceModel(spacePages, tlb.everyCpu, {
      state: this.memory.uint8(spacePages),
      mapped: this.memory.uint8(spacePages),
      stale: this.memory.int32(spacePages),
    });
    this.context = {
      sim,
      model: this.model,
      report: (invariant, message) => this.report(invariant, message),
      rows: sim.kernel.events.rows,
      step: 0,
      process: 0,
      inFlight: new Uint8Array(processes),
      lastStep: new Int32Array(processes),
      blocks: new BlockMap(this.memory, hasBlocks(sim) ? spacePages : 0, blockPages),
      memory: this.memory,
    };
    const watches = (options.situations ?? []).map((situation): Check => {
      const stops = situation.id === options.stopAt;
      const watch = situation.watch(this.context, (message) => this.reach(situation.id, message, stops));
      return { ...watch, reset: () => watch.reset?.() };
    });
    this.checks = [...STANDING.flatMap((make) => make(this.context) ?? []), ...watches];
    this.recordChecks = sim.kernel.containers.info.map((info) =>
      this.checks.filter((check) => info && check.record && (check.recordKinds?.includes(info.kind) ?? true)),
    );
    this.afterChecks = this.checks.filter((check) => check.afterStep);
    const byKind: EventHandler[][] = [];
    for (const check of this.checks) {
      for (const [kind, handler] of Object.entries(check.on ?? {})) {
        if (handler) (byKind[Number(kind)] ??= []).push(handler);
      }
    }
    this.handlers = Array.from(byKind, (list) => list ?? []);
  }

  /** What the checks remember of the way to the current state, as far as watched invariants and situations need it. */
  get histories(): readonly History[] {
    return this.checks
      .flatMap((check) => check.history ?? [])
      .filter(({ invariants }) => invariants.length === 0 || invariants.some((id) => this.watched.has(id)));
  }

  /** Back to the beginning of a run. Its first step has the number behind `step`. */
  reset(step = 0): void {
    this.finding = undefined;
    this.reached.clear();
    this.context.step = step;
    this.context.inFlight.fill(0);
    this.context.lastStep.fill(0);
    this.locks?.reset();
    for (const check of this.checks) check.reset();
  }

  afterStep(process: number): boolean {
    const { strict } = this.sim.kernel.heap;
    if (!strict) return this.lookAtStep(process);
    // A check looks at everything, whoever holds what.
    strict.racy = true;
    this.lookAtStep(process);
    if (this.context.step % FULL_EVERY === 0 && !this.finding) this.lookAtAll();
    strict.racy = false;
    return this.finding !== undefined;
  }

  // What no step's changes can show: colours, counts, slab records, page tables that changed without an event.
  private lookAtAll(): void {
    const wrong = stateProblem(this.sim, this.model, (id) => isInvariantId(id) && this.watched.has(id));
    if (wrong && isInvariantId(wrong.id)) this.report(wrong.id, () => wrong.message);
  }

  private lookAtStep(process: number): boolean {
    const { kernel } = this.sim;
    const { events } = kernel;
    const { changes } = kernel.areas;
    const { context } = this;
    context.step++;
    context.process = process;
    context.inFlight[process] = 1;
    context.lastStep[process] = context.step;
    if (events.count > 0) {
      context.rows = events.rows;
      for (let i = 0; i < events.count; i++) {
        const at = i * EVENT_WORDS;
        const list = this.handlers[events.rows[at]!];
        if (list) for (let h = 0; h < list.length; h++) list[h]!(at);
      }
    }
    const gaps = this.sim.allocator.gaps?.count ?? 0;
    if (events.count > 0 || changes.count > 0 || gaps > 0) this.lookAtChanges();
    if (this.locks && this.locks.findings.length > 0) this.lockFindings(this.locks.findings);
    if (this.isQuiet?.()) for (const check of this.checks) check.atQuiescence?.();
    return this.finding !== undefined;
  }

  private lookAtChanges(): void {
    const { kernel } = this.sim;
    const { changes, place } = kernel.areas;
    const { info } = kernel.containers;
    for (let i = 0; i < changes.count; i++) {
      const va = changes.record[i]! as Va;
      const at = place[va]!;
      if (at < FIRST_CONTAINER) continue;
      const list = this.recordChecks[at]!;
      for (let c = 0; c < list.length; c++) list[c]!.record!(va, info[at]!);
    }
    for (let c = 0; c < this.afterChecks.length; c++) this.afterChecks[c]!.afterStep!();
  }

  atQuiescence(): boolean {
    const { strict } = this.sim.kernel.heap;
    if (strict) strict.racy = true;
    for (const check of this.checks) check.atQuiescence?.();
    if (strict) strict.racy = false;
    return this.finding !== undefined;
  }

  /** Whether a violation of the invariant would end the run. */
  watches(invariant: InvariantId): boolean {
    return this.watched.has(invariant);
  }

  /** Notes a violation that showed elsewhere; returns it if the invariant is watched. */
  note(invariant: InvariantId, message: () => string): Finding | undefined {
    this.report(invariant, message);
    return this.finding;
  }

  private report(invariant: InvariantId, message: () => string): void {
    if (this.finding || !this.watched.has(invariant)) return;
    this.finding = { id: invariant, message: message() };
  }

  private reach(id: string, message: () => string, stops: boolean): void {
    if (this.reached.has(id)) return;
    this.reached.set(id, message());
    if (stops && !this.finding) this.finding = { id, message: this.reached.get(id)! };
  }

  private lockFindings(findings: LockAnalysis["findings"]): void {
    for (const { kind, message } of findings) this.report(LOCK_INVARIANTS[kind], () => message);
  }
}

// Other designs have no use for the map.
function hasBlocks({ allocator }: Simulation): boolean {
  return allocator instanceof NodeBlocks;
}
