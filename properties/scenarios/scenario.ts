// SPDX-License-Identifier: GPL-2.0-only
//
// A scenario: a small named situation with its expected outcome, as a litmus test. Run under the schedule without
// deviations, under every schedule that deviates once, and under random ones.

import type { AllocatorClass } from "../../impl/allocators/registry.ts";
import { SLOT } from "../../impl/kernel/tasks.ts";
import { createRng } from "../../explore/rng.ts";
import { PctStrategy } from "../../explore/strategies/pct.ts";
import { RandomStrategy } from "../../explore/strategies/random.ts";
import type { AllocatorId, Instance } from "../../spec/instance.ts";
import { invariantsFor, type InvariantId, isExpectedToHold } from "../../spec/invariants.ts";
import { instanceOf, type Machine } from "../../spec/small-machine.ts";
import { RUN_TO_COMPLETION } from "../../spec/schedule.ts";
import { SITUATIONS } from "../campaigns/catalogue.ts";
import { type Outcome, Session } from "../session.ts";
import { capture, shrinkSchedule } from "../shrink/shrink.ts";
import type { FailingRun } from "../shrink/shrink.ts";

/** What a scenario comes to. */
export type Expectation =
  | {
      readonly kind: "holds";
      /** Situations that some run must reach. */
      readonly reaches?: readonly string[];
      /** Outcome of allocations without deviations: first page, or "failed". */
      readonly pages?: Readonly<Record<string, number | "failed">>;
      /** Allocations that fail in some run and succeed in another. */
      readonly undecided?: readonly string[];
    }
  /** The invariant is violated, or the situation is reached, in some run. */
  | { readonly kind: "finding"; readonly id: string };

/** A scenario. */
export interface Scenario {
  readonly id: string;
  readonly title: string;
  readonly designs: readonly AllocatorId[];
  readonly instance: (allocator: AllocatorId) => Instance;
  /** A design with a fault put in on purpose. */
  readonly design?: AllocatorClass;
  /** By default the invariants that are expected to hold. */
  readonly watched?: readonly InvariantId[];
  readonly expect: Expectation;
}

/** A scenario, written down shortly: one text per task. */
export function scenarioOf(
  id: string,
  title: string,
  designs: Scenario["designs"],
  machine: Machine,
  programs: readonly string[],
  expect: Expectation,
  more: Pick<Scenario, "design" | "watched"> = {},
): Scenario {
  return {
    id,
    title,
    designs,
    instance: (allocator) => instanceOf(allocator, machine, ...programs),
    expect,
    ...more,
  };
}

/** Steps after which an interleaving of a scenario is cut off; one that ends takes a few hundred. */
const STEPS_MAX = 20_000;

/** The outcome of a scenario for one design. */
export interface ScenarioResult {
  readonly scenario: Scenario;
  readonly allocator: AllocatorId;
  readonly asExpected: boolean;
  /** One line: what was found, or what was missed. */
  readonly text: string;
  readonly runs: number;
  /** The shortest found run, if the scenario is about a finding. */
  readonly failing?: FailingRun | undefined;
}

/** The invariants that a design is expected to keep in these instances; without any, in plain ones. */
export function expectedToHold(
  allocator: AllocatorId,
  instances: readonly Instance[] = [],
): ReadonlySet<InvariantId> {
  return new Set(
    invariantsFor(allocator)
      .map((invariant) => invariant.id)
      .filter((id) => isExpectedToHold(id, allocator, instances)),
  );
}

/**
 * Runs a scenario on one of its designs, or on what stands in for it. `randomRuns` come on top of the systematic
 * ones. Run-to-completion is unfair, so a single deviation may make a loop wait for ever for what is never run: such
 * an interleaving says nothing and does not count. No other one may be cut off.
 */
export function runScenario(
  scenario: Scenario,
  allocator: AllocatorId,
  randomRuns: number,
  standIn?: AllocatorClass,
): ScenarioResult {
  const { expect } = scenario;
  const finding = expect.kind === "finding" ? expect.id : undefined;
  const isInvariant = finding?.startsWith("INV-") ?? false;
  const instance = scenario.instance(allocator);
  const watched = new Set(scenario.watched ?? expectedToHold(allocator, [instance]));
  if (isInvariant) watched.add(finding as InvariantId);
  const session = new Session(instance, {
    design: scenario.design ?? standIn,
    watched,
    situations: SITUATIONS,
    stopAt: isInvariant ? undefined : finding,
    stepsMax: STEPS_MAX,
  });
  const tally = new Tally(session);
  const { finding: stop, end } = explore(session, randomRuns, (outcome) => tally.count(outcome));
  const result = { scenario, allocator, runs: tally.runs };
  if (stop) {
    const failing = shrinkSchedule(session, capture(session, stop));
    return { ...result, asExpected: stop.id === finding, text: `${stop.id}: ${stop.message}`, failing };
  }
  if (end === "limit") return { ...result, asExpected: false, text: "an interleaving did not end" };
  if (expect.kind === "finding") return { ...result, asExpected: false, text: `${expect.id} was not found` };
  const missed = tally.missed(expect);
  return {
    ...result,
    asExpected: missed === undefined,
    text: missed ?? `held in ${tally.runs} interleavings`,
  };
}

class Tally {
  runs = 0;
  private readonly session: Session;
  private readonly reached = new Set<string>();
  private readonly plain = new Map<string, number | "failed">();
  private readonly failed = new Set<string>();
  private readonly succeeded = new Set<string>();

  constructor(session: Session) {
    this.session = session;
  }

  count(outcome: Outcome): void {
    if (outcome.end === "limit") return;
    this.runs++;
    const { tasks } = this.session.sim;
    for (const id of this.session.checker.reached.keys()) this.reached.add(id);
    if (outcome.end !== "done") return;
    tasks.operations.forEach(({ name }, slot) => {
      const failed = tasks.state[slot] === SLOT.FAILED;
      (failed ? this.failed : this.succeeded).add(name);
      if (this.runs === 1) this.plain.set(name, failed ? "failed" : tasks.page[slot]!);
    });
  }

  /** What an expectation that all holds asks for and was not seen. */
  missed(expect: Extract<Expectation, { kind: "holds" }>): string | undefined {
    for (const id of expect.reaches ?? []) if (!this.reached.has(id)) return `${id} was never reached`;
    for (const [name, page] of Object.entries(expect.pages ?? {})) {
      const got = this.plain.get(name);
      if (got !== page) return `"${name}": expected ${page}, found ${got ?? "no run without deviations"}`;
    }
    for (const name of expect.undecided ?? []) {
      if (!this.failed.has(name)) return `"${name}" never failed`;
      if (!this.succeeded.has(name)) return `"${name}" never succeeded`;
    }
    return undefined;
  }
}

// Without deviations, then with each single one, then at random. Returns what ended it: the first finding, an
// interleaving that was cut off and should not have been, or the last one.
function explore(session: Session, randomRuns: number, count: (outcome: Outcome) => void): Outcome {
  const look = (outcome: Outcome, isFair: boolean): boolean => {
    count(outcome);
    return outcome.finding !== undefined || (isFair && outcome.end === "limit");
  };
  const plain = session.replay(RUN_TO_COMPLETION);
  if (look(plain, true)) return plain;
  for (let at = 0; at < plain.steps; at++) {
    for (let to = 0; to < session.sim.processes.length; to++) {
      const outcome = session.replay({ switches: [{ at, to }], choices: [] });
      if (look(outcome, false)) return outcome;
    }
    const outcome = session.replay({ switches: [], choices: [{ at, value: 1 }] });
    if (look(outcome, false)) return outcome;
  }
  const rng = createRng("scenario");
  const strategies = [new RandomStrategy(rng, session.profile), new PctStrategy(rng, session.profile, 3)];
  for (let i = 0; i < randomRuns; i++) {
    const outcome = session.run(strategies[i % strategies.length]!);
    if (look(outcome, true)) return outcome;
  }
  return plain;
}
