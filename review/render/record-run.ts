// SPDX-License-Identifier: GPL-2.0-only
//
// A run as rows of data: replays a schedule and notes, step by step, who did what and how the address space looks
// afterwards. All that a rendering needs; nothing here is text for people except the facts.

import { ReplayStrategy } from "../../explore/strategies/replay.ts";
import type { Strategy } from "../../explore/strategy.ts";
import type { Site } from "../../explore/sync.ts";
import type { AllocatorClass } from "../../impl/allocators/registry.ts";
import { SLOT } from "../../impl/kernel/tasks.ts";
import type { Simulation } from "../../impl/simulation.ts";
import { isDeadlock, type WaitScene } from "../../properties/deadlock.ts";
import type { Finding } from "../../properties/finding.ts";
import { type Outcome, Session, type SessionOptions } from "../../properties/session.ts";
import type { SituationFactory } from "../../properties/situations/situation.ts";
import type { Why } from "../../properties/why/contract.ts";
import { explainRun } from "../../properties/why/explain.ts";
import { EVENT, EVENT_WORDS } from "../../spec/events.ts";
import type { Instance, PageRange } from "../../spec/instance.ts";
import { INVARIANTS, type InvariantId, isInvariantId } from "../../spec/invariants.ts";
import type { Schedule } from "../../spec/schedule.ts";
import { eventsOf, factsOf, type RecordedEvent } from "./event-text.ts";
import { changedPages, type Strip, stripOf } from "./strip.ts";
import { AREA_CELL, areaLetters } from "./strip-legend.ts";

/** What to replay. */
export interface RunToRecord {
  readonly instance: Instance;
  readonly schedule: Schedule;
  /** Id of the invariant that the run violates or of the situation that it reaches; other ones are not looked at. */
  readonly violates?: string | undefined;
  /** Replaces the class that the instance names. */
  readonly design?: AllocatorClass | undefined;
  /** Steps after which the run ends, if it shows a livelock. */
  readonly endsAt?: number | undefined;
  /** Where a situation of that id is looked up. */
  readonly situations?: readonly SituationFactory[] | undefined;
}

/** One step. */
export interface RunRow {
  /** From 0. */
  readonly step: number;
  readonly process: number;
  /** CPU that it ran on. */
  readonly cpu: number;
  /** Kernel function. */
  readonly fn: string;
  readonly what: string;
  /** What the step returned; absent if it ended in an exception. */
  readonly result?: number | undefined;
  readonly events: readonly RecordedEvent[];
  /** What the environment decided and what the events say, in words. */
  readonly facts: readonly string[];
  /** The space after the step. */
  readonly strip: Strip;
  /** Pages in which it differs from the space before the step. */
  readonly changed?: PageRange | undefined;
}

/** A run. */
export interface RecordedRun {
  readonly instance: Instance;
  /** Names of the processes. */
  readonly processes: readonly string[];
  /** The space before the first step. */
  readonly initial: Strip;
  readonly rows: readonly RunRow[];
  readonly end: Outcome["end"];
  readonly finding: Finding | undefined;
  /** Who waits for whom, if that is what was found. */
  readonly waits?: WaitScene | undefined;
  /** Why it came to what was found. */
  readonly why?: Why | undefined;
  /** Digest of the last state and of all decisions. */
  readonly stateDigest: string;
  readonly choicesDigest: string;
  /** Deviations of the schedule that did not fit. */
  readonly skipped: number;
}

/** Replays and records. */
export function recordRun(run: RunToRecord): RecordedRun {
  const recorded = new Recorder(run).record();
  if (!recorded.finding) return recorded;
  const why = explainRun(run.instance, run.schedule, optionsFor(run));
  return why ? { ...recorded, why } : recorded;
}

/** The session that sees what the run shows, and nothing else. */
function optionsFor({ design, violates, situations, endsAt }: RunToRecord): SessionOptions {
  return {
    design,
    watched: watchedFor(violates),
    situations: situations?.filter(({ id }) => id === violates),
    stopAt: violates,
    endsAt,
    strict: violates === "INV-STRICT",
  };
}

/** The set of watched invariants under which a run that ends in `violates` ends there again. */
export function watchedFor(violates: string | undefined): ReadonlySet<InvariantId> {
  if (violates === undefined) return new Set(INVARIANTS.map(({ id }) => id));
  return new Set(isInvariantId(violates) ? [violates] : []);
}

class Recorder {
  private readonly session: Session;
  private readonly strategy: ReplayStrategy;
  private readonly rows: RunRow[] = [];
  private readonly blocks: PageRange[] = [];
  private readonly letters: readonly string[];
  // Letter of the area that was last granted at a page.
  private readonly granted = new Map<number, string>();
  private strip: Strip;
  private picked = 0;
  private cpu = 0;
  private faults = 0;

  constructor(run: RunToRecord) {
    const { instance } = run;
    this.letters = areaLetters(instance.programs);
    this.strategy = new ReplayStrategy(run.schedule);
    this.session = new Session(instance, {
      ...optionsFor(run),
      onStep: (process, step, choice, result) => {
        this.note(process, step.site, result, this.chosen(choice));
      },
    });
    this.strip = stripOf(this.session.sim, this.context);
  }

  record(): RecordedRun {
    const { session, strategy } = this;
    const initial = this.strip;
    const { end, finding } = session.run(this.watching(strategy));
    if (this.rows.length < session.runner.steps) this.noteFatal();
    return {
      instance: session.instance,
      processes: session.sim.processes.map(({ name }) => name),
      initial,
      rows: this.rows,
      end,
      finding,
      ...(isDeadlock(finding) && { waits: session.waits }),
      stateDigest: session.sim.digest(),
      choicesDigest: session.runner.decisionDigest(),
      skipped: strategy.skipped,
    };
  }

  private get context(): Parameters<typeof stripOf>[1] {
    return { areaCell: (start) => this.granted.get(start) ?? AREA_CELL, blocks: this.blocks };
  }

  // The CPU must be read before the step, which may migrate.
  private watching(strategy: Strategy): Strategy {
    return {
      begin: (view) => strategy.begin(view),
      choose: (n) => strategy.choose(n),
      next: () => {
        this.picked = strategy.next();
        this.cpu = this.sim.kernel.heap.racy(() => this.sim.kernel.cpus.of(this.picked));
        this.faults = this.sim.kernel.heap.racy(() => this.sim.kernel.faults.spent);
        return this.picked;
      },
    };
  }

  private get sim(): Simulation {
    return this.session.sim;
  }

  private chosen(choice: number): readonly string[] {
    if (choice === 0) return [];
    const { cpus, faults, heap } = this.sim.kernel;
    const cpu = heap.racy(() => cpus.of(this.picked));
    if (cpu !== this.cpu) return [`migrates to CPU ${cpu}`];
    return heap.racy(() => faults.spent) > this.faults ? ["FAILS (injected fault)"] : [];
  }

  private note(process: number, site: Site, result: number | undefined, chosen: readonly string[]): void {
    const { sim } = this;
    sim.kernel.heap.racy(() => this.follow(process));
    const strip = stripOf(sim, this.context);
    const events = eventsOf(sim);
    this.rows.push({
      step: this.rows.length,
      process,
      cpu: this.cpu,
      fn: site.fn,
      what: site.what,
      result,
      events,
      facts: [...chosen, ...factsOf(sim, events)],
      strip,
      changed: changedPages(this.strip, strip),
    });
    this.strip = strip;
  }

  /** A step that broke the discipline has no result; its process still stands before it. */
  private noteFatal(): void {
    const at = this.session.runner.waiting().find(({ process }) => process === this.picked);
    if (at) this.note(this.picked, at.site, undefined, []);
  }

  /** Follows what events say about blocks and about whose area a range becomes. */
  private follow(process: number): void {
    const { rows, count } = this.sim.kernel.events;
    let granted = 0;
    for (let i = 0; i < count; i++) {
      const at = i * EVENT_WORDS;
      const start = rows[at + 2]!;
      const end = rows[at + 3]!;
      if (rows[at] === EVENT.BLOCK_PLACED) this.blocks.push({ start, end });
      if (rows[at] === EVENT.BLOCK_RETURNED) {
        const gone = this.blocks.findIndex((block) => block.start === start && block.end === end);
        if (gone >= 0) this.blocks.splice(gone, 1);
      }
      if (rows[at] === EVENT.GRANT) this.granted.set(start, this.letterFor(process, granted++));
    }
  }

  /** The area that a task allocates now: of its areas that are not decided, the one behind so many others. */
  private letterFor(process: number, behind: number): string {
    const { allocators, state } = this.sim.tasks;
    let left = behind;
    for (const [slot, task] of allocators.entries()) {
      if (task === process && state[slot] === SLOT.NONE && left-- === 0) return this.letters[slot]!;
    }
    return AREA_CELL;
  }
}
