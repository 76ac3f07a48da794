// SPDX-License-Identifier: GPL-2.0-only
//
// Watches a search with the checks of every step: those that watch a run, so that both see the same. What no step's
// changes can show is looked for in every quiet state, and in a share of all states that their fingerprints decide.

import { hasCircle, LOCK_PAIRS, LockAnalysis } from "../../explore/lock-analysis.ts";
import type { InternedExecutor } from "../../explore/positions.ts";
import type { Fingerprint, Searchable, SearchMonitor } from "../../explore/search/search.ts";
import { declaredSites, type Site } from "../../explore/sync.ts";
import { waitingIn } from "../../explore/wait-cycle.ts";
import { sitesIn } from "../../impl/allocators/design-sites.ts";
import type { AllocatorClass } from "../../impl/allocators/registry.ts";
import { Simulation } from "../../impl/simulation.ts";
import { EVENT_WORDS } from "../../spec/events.ts";
import type { Instance } from "../../spec/instance.ts";
import { hasPcpu } from "../../spec/operations.ts";
import { type InvariantId, isInvariantId } from "../../spec/invariants.ts";
import { Checker } from "../checker.ts";
import { deadlockOf } from "../deadlock.ts";
import type { SituationFactory } from "../situations/situation.ts";
import type { Finding } from "../finding.ts";
import { stateProblem } from "../full/full-check.ts";
import { lockNames } from "../lock-names.ts";
import { isQuiet } from "../quiet.ts";
import { Canonical } from "./canonical.ts";
import { SearchedSystem } from "./searched-system.ts";

/** Without these, what the checks know does not follow from the state: a search always watches for them. */
const GROUND: readonly InvariantId[] = ["INV-REFINE", "INV-OWN1", "INV-CONSERVE", "INV-BLOCK-EDGE"];

/**
 * Cannot be judged by a state and the operations that go on in it. INV-DRAIN is not among them: that all is quiet with
 * too many lazy pages shows in the state.
 */
const OF_THE_PAST: readonly InvariantId[] = [
  "INV-ALIASES",
  "INV-BLOCK-RETURN",
  "INV-COMPLETE-ALL",
  "INV-DRAIN-NOLOST",
  "INV-PCPU-COMPLETE",
];

/** One state in so many is checked from scratch; a power of two. */
const FULL_EVERY = 64;

/** Kinds of events are below this. */
const EVENT_KINDS = 64;

/** How an instance is searched. */
export interface SearchedOptions {
  /** Replaces the class that the instance names. */
  readonly design?: AllocatorClass | undefined;
  /** Steps that no other process can observe are taken at once; they are visible to INV-COMPLETE-ALL and the like, so without. */
  readonly merge?: boolean | undefined;
  /** False for fewer states: OF_THE_PAST are not checked, and INV-DRAIN by the state alone. */
  readonly past?: boolean | undefined;
  /** False to tell like tasks apart. */
  readonly symmetry?: boolean | undefined;
  /** Situations to look for, of those that are searchable; by one worker only. */
  readonly situations?: readonly SituationFactory[] | undefined;
  /** By default the canonical ones. */
  readonly fingerprints?: FingerprintMaker | undefined;
}

/**
 * Whether a search of an instance with these options cannot judge an invariant. In a closed one an area that is looked
 * up may be freed at any time, so nobody says what a look-up must find.
 */
export function isUnseen(
  id: InvariantId,
  { closed, programs }: Pick<Instance, "closed" | "programs">,
  { merge, past }: { readonly merge: boolean; readonly past: boolean },
): boolean {
  // Without congruent areas there is nothing to judge.
  if (id === "INV-PCPU-COMPLETE") return (merge || !past) && hasPcpu(programs);
  return (
    (!past && OF_THE_PAST.includes(id)) ||
    (merge && id === "INV-COMPLETE-ALL") ||
    (closed !== undefined && id === "INV-BUSY-FIND")
  );
}

/** Makes the fingerprints of a simulation's states. */
export type FingerprintMaker = (sim: Simulation) => Pick<Canonical, "fingerprint">;

/** One instance under search, with its checks. */
export class Searched implements SearchMonitor {
  /** What ended the search. */
  finding: Finding | undefined;
  readonly sim: Simulation;
  readonly system: Searchable;
  readonly counts: Float64Array;
  /** How often each step of the design was taken, in the order of `sitesIn`. */
  readonly sites: Float64Array;
  /** By kind: how often each event happened. */
  readonly events: Float64Array;
  // For each pair of lock classes, in how many workers the first was held when the second was taken.
  private readonly orders: Float64Array;
  private readonly checker: Checker;
  private readonly locks: LockAnalysis;
  private readonly searched: SearchedSystem;
  private readonly print: Fingerprint = { low: 0, high: 0 };
  private readonly watchesOrders: boolean;
  private readonly watchesQueues: boolean;
  private readonly nothingHeld: Int32Array;
  // What each process holds in the state that the transitions leave.
  private readonly held: Int32Array;
  private executor: InternedExecutor | undefined;

  constructor(
    instance: Instance,
    watched: ReadonlySet<InvariantId>,
    { design, merge = false, past = true, symmetry = true, situations, fingerprints }: SearchedOptions = {},
  ) {
    const steps = sitesIn(instance);
    this.counts = new Float64Array(steps.length + EVENT_KINDS + LOCK_PAIRS);
    this.sites = this.counts.subarray(0, steps.length);
    this.events = this.counts.subarray(steps.length, steps.length + EVENT_KINDS);
    this.orders = this.counts.subarray(-LOCK_PAIRS);
    this.locks = new LockAnalysis(
      instance.programs.length,
      lockNames(() => this.sim),
    );
    this.sim = new Simulation(instance, { observer: this.locks }, design);
    const processes = this.sim.processes.length;
    this.locks.watch(processes);
    this.checker = new Checker(this.sim, {
      watched: new Set([...watched, ...GROUND].filter((id) => !isUnseen(id, instance, { merge, past }))),
      locks: this.locks,
      situations: situations?.filter(({ searchable }) => searchable),
      isQuiet: () => this.isQuiet(),
    });
    const canonical = fingerprints?.(this.sim) ?? new Canonical(this.sim, symmetry);
    const { print } = this;
    this.searched = new SearchedSystem(
      this.sim,
      this.checker,
      {
        fingerprint: (executor, history, into) => {
          canonical.fingerprint(executor, history, into);
          print.low = into.low;
          print.high = into.high;
        },
      },
      this.sites,
      placesOf(steps),
      past,
    );
    this.system = this.searched;
    this.watchesQueues = watched.has("INV-WQ-FLUSH");
    this.watchesOrders = watched.has("INV-LOCKORDER") || watched.has("INV-WQ-FLUSH");
    this.nothingHeld = new Int32Array(processes);
    this.held = new Int32Array(processes);
  }

  /** All is quiet, and no more is lazy than may be. */
  isGoal(): boolean {
    const { allocator, kernel } = this.sim;
    return this.isQuiet() && allocator.lazyNr[0]! <= kernel.instance.lazyMaxPages;
  }

  attach(executor: InternedExecutor): void {
    this.executor = executor;
    this.searched.attach(executor);
    this.finding = undefined;
    this.locks.reset();
  }

  enter(): void {
    const { locks } = this;
    locks.restoreHeld(this.nothingHeld);
    locks.announcing = true;
    this.sim.kernel.locks.announceHeld();
    this.sim.kernel.works.announceRunning();
    locks.announcing = false;
    locks.saveHeld(this.held);
  }

  checkStep(process: number): boolean {
    const { checker, events, locks } = this;
    const { count, rows } = this.sim.kernel.events;
    for (let i = 0; i < count; i++) events[rows[i * EVENT_WORDS]!]!++;
    if (checker.afterStep(process)) return this.ends();
    // One that is not watched must not hide the next one.
    locks.forgetFindings();
    locks.restoreHeld(this.held);
    if (locks.hasNewOrder) locks.noteOrders(this.orders);
    this.searched.remember();
    return false;
  }

  afterStep(_process: number, isNew: boolean): boolean {
    const looked = isNew && ((this.print.low & (FULL_EVERY - 1)) === 0 || this.isQuiet());
    return looked && this.isBad();
  }

  /** `processes` may call others daemons than the simulation does. */
  atEnd(deadlock: boolean, processes: Simulation["processes"] = this.sim.processes): boolean {
    const { checker, sim } = this;
    if (!deadlock) return checker.atQuiescence() && this.ends();
    const { id, message } = deadlockOf(waitingIn(processes, this.executor!.pending), sim);
    return checker.note(id, () => message) !== undefined && this.ends();
  }

  /** Ids of the situations that some transition came to, as far as the search is not being told again. */
  get reached(): readonly string[] {
    return [...this.checker.reached.keys()].sort();
  }

  /** Whether what all workers saw of the order between locks has a circle, which none of them need have seen. */
  get ordersConflict(): boolean {
    return this.watchesOrders && hasCircle(this.orders, this.watchesQueues);
  }

  // The checker forgets its finding when the way to it is looked for.
  private ends(): boolean {
    this.finding = this.checker.finding;
    return true;
  }

  // Everything from scratch.
  private isBad(): boolean {
    const wrong = stateProblem(this.sim, this.checker.model);
    if (!wrong || !isInvariantId(wrong.id)) return false;
    return this.checker.note(wrong.id, () => wrong.message) !== undefined && this.ends();
  }

  private isQuiet(): boolean {
    return isQuiet(this.executor!.pending, this.sim.kernel.tasks);
  }
}

// By name, and by id the place in the list: ids follow from the order in which modules are loaded, and a mutant that
// replaces a function has sites of its own for the steps that it keeps.
function placesOf(steps: readonly Site[]): Int32Array {
  const places = new Map(steps.map(({ fn, what }, i) => [`${fn}: ${what}`, i]));
  return Int32Array.from(declaredSites(), ({ fn, what }) => places.get(`${fn}: ${what}`) ?? -1);
}
