// SPDX-License-Identifier: GPL-2.0-only
//
// A counterexample against a design that may have been repaired since. A schedule is a list of deviations by number of
// step, and a repaired design takes other steps, so that the one run says little where it holds: other interleavings of
// the same programs are looked at as well, or all states where tasks never end.

import { ReplayStrategy } from "../../explore/strategies/replay.ts";
import { type AllocatorClass, ALLOCATORS } from "../../impl/allocators/registry.ts";
import { replayCounterexample } from "../../properties/counterexample.ts";
import { huntInstance, newStats } from "../../properties/hunt.ts";
import { SEARCHED, searchInstance } from "../../properties/search/search-instance.ts";
import { searchedCounterexample } from "../../properties/search/trace.ts";
import { Session } from "../../properties/session.ts";
import type { Counterexample } from "../../spec/counterexample.ts";
import { validateInstance } from "../../spec/instance-rules.ts";
import { isInvariantId } from "../../spec/invariants.ts";
import type { Schedule } from "../../spec/schedule.ts";
import { validateSchedule } from "../../spec/schedule-rules.ts";
import { renderCounterexample } from "../render/counterexample-text.ts";
import { optionsToSee, recordCounterexample } from "../render/record-counterexample.ts";

/** What a second look came to. */
export interface SecondLook {
  /** `undecided`: runs were cut off, or a search came to its limit, before anything was found. */
  readonly verdict: "held" | "violated" | "undecided";
  /** The run that violates, or how far the verdict reaches. */
  readonly text: string;
  /** Whether it fails exactly as recorded: the same step, the same state. */
  readonly asRecorded: boolean;
  /** Deviations of the schedule that the design has no place for. */
  readonly skipped: number;
}

/** How far a look goes beyond the recorded schedule. */
export interface LookFurther {
  /** Other interleavings, where the tasks come to an end; by default 2000. */
  readonly runs?: number | undefined;
  /** States, where they do not; by default 200,000. */
  readonly statesMax?: number | undefined;
}

const STRICT_SHARE = 50;

/** What a counterexample is replayed from: all of it, or what it was before it was kept. */
export type Replayable = Pick<
  Counterexample,
  "instance" | "schedule" | "violation" | "stateDigest" | "choicesDigest"
>;

/**
 * Replays a counterexample on a design and, if it holds there, looks further. The same arguments give the same look.
 * Throws on an instance or a schedule that is none.
 */
export function replayOn(design: AllocatorClass, kept: Replayable, further: LookFurther = {}): SecondLook {
  const { instance, schedule, violation } = kept;
  const wrong = validateInstance(instance, "instance") ?? validateSchedule(schedule, "schedule");
  if (wrong) throw new Error(wrong.message);
  const options = optionsToSee(kept, design);
  const { outcome, differences } = replayCounterexample({ tool: "", ...kept }, options);
  const skipped = skippedOf(kept, design);
  const asRecorded = differences.length === 0;
  if (outcome.finding) {
    return { verdict: "violated", text: textOf(kept, schedule, outcome.steps, design), asRecorded, skipped };
  }
  const { switches, choices } = schedule;
  const deviations = switches.length + choices.length;
  const fit = skipped === 0 ? "" : ` (${skipped} of its ${deviations} deviations do not fit any more)`;
  const look = instance.closed ? allStates(kept, design, further) : otherRuns(kept, design, further);
  const held = `${violation.invariant} HELD along the recorded schedule${fit}`;
  const text = look.verdict === "violated" ? look.text : `${held}; ${look.text}`;
  return { ...look, text, asRecorded: false, skipped };
}

type Look = Pick<SecondLook, "verdict" | "text">;

function otherRuns(kept: Replayable, design: AllocatorClass, { runs = 2000 }: LookFurther): Look {
  const { instance } = kept;
  const options = optionsToSee(kept, design);
  const strictRuns = Math.ceil(runs / STRICT_SHARE);
  const stats = newStats();
  const plan = { runs, strictRuns, strategy: "mixed", seed: "second look" } as const;
  const caught = runs === 0 ? undefined : huntInstance(instance, plan, options, stats);
  if (caught) {
    const schedule = caught.session.lastSchedule();
    return { verdict: "violated", text: textOf(kept, schedule, caught.session.runner.steps, design) };
  }
  const seen = `${stats.runs.toLocaleString("en-US")} other interleavings of the same programs`;
  return stats.cutOff === 0
    ? { verdict: "held", text: `HELD in ${seen}: sampled, not exhausted` }
    : { verdict: "undecided", text: `${stats.cutOff} of ${seen} were cut off` };
}

function allStates(kept: Replayable, design: AllocatorClass, { statesMax = 200_000 }: LookFurther): Look {
  const { instance, violation } = kept;
  const id = violation.invariant;
  if (!isInvariantId(id) || !SEARCHED.has(id)) {
    return { verdict: "undecided", text: "no search of a closed instance checks it" };
  }
  const result = searchInstance(instance, new Set([id]), { statesMax, design });
  const seen = `${result.states.toLocaleString("en-US")} states`;
  if (result.finding?.id === id) {
    const found = searchedCounterexample(result, { instance, watched: [id], design });
    const text = found
      ? textOf(kept, found.schedule, found.violation.step + 1, design)
      : `VIOLATED: ${id}: ${result.finding.message}`;
    return { verdict: "violated", text };
  }
  if (result.end === "exhausted") return { verdict: "held", text: `HELD in all ${seen}` };
  return { verdict: "undecided", text: `${seen} searched, and not all (${result.end})` };
}

function textOf(
  { instance, violation }: Replayable,
  schedule: Schedule,
  steps: number,
  design: AllocatorClass,
): string {
  const seen = { instance, schedule, violation: { ...violation, step: steps - 1 } };
  const patch = design === ALLOCATORS[instance.allocator] ? undefined : { name: design.name };
  return renderCounterexample(recordCounterexample(seen, design), { patch });
}

function skippedOf({ instance, schedule, violation }: Replayable, design: AllocatorClass): number {
  const stepsMax = instance.closed ? { stepsMax: violation.step + 1 } : {};
  const session = new Session(instance, { design, watched: new Set(), ...stepsMax });
  const strategy = new ReplayStrategy(schedule);
  session.run(strategy);
  return strategy.skipped;
}
