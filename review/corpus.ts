// SPDX-License-Identifier: GPL-2.0-only
//
// Counterexamples that were kept from before: each must replay to the last digest, or a change has altered what the
// code does.

import { replayCounterexample } from "../properties/counterexample.ts";
import type { Counterexample } from "../spec/counterexample.ts";
import { sessionOptionsOf } from "./kept-run.ts";
import { count } from "./render/text-layout.ts";
import type { CorpusLine } from "./report.ts";

/** A kept counterexample and the name of its file. */
export interface CorpusEntry {
  readonly id: string;
  readonly counterexample: Counterexample;
}

/** Replays one. Costs as many steps as the counterexample has, twice if nothing shows the first time. */
export function replayKept({ id, counterexample }: CorpusEntry): CorpusLine {
  const { instance, tool, violation } = counterexample;
  const { differences } = replayCounterexample(counterexample, sessionOptionsOf(counterexample));
  const reproduced = differences.length === 0;
  const steps = count(violation.step + 1, "step");
  return {
    name: id,
    allocator: instance.allocator,
    finding: violation.invariant,
    tool,
    reproduced,
    text: reproduced
      ? `${violation.invariant} again in ${steps}`
      : `does not replay as recorded by vmapcheck ${tool}: ${differences.join("; ")}`,
  };
}
