// SPDX-License-Identifier: GPL-2.0-only
//
// The job of `selfcheck`: searches programs with known numbers, one after the other.

import {
  checkAnswer,
  type KnownAnswer,
  knownAnswers,
  type SelfCheckRow,
} from "../../explore/selfcheck/selfcheck.ts";
import type { Watcher } from "./job.ts";

/** Transitions between two looks at the clock; a search asks that often. */
const STEPS_BETWEEN_LOOKS = 4096;

/** What to check. */
export interface SelfCheckRequest {
  /** Those that take many seconds as well. */
  readonly large: boolean;
  /** Threads of each search. */
  readonly workers: number;
}

/** All rows, as far as the work came. */
export interface SelfCheckReport {
  readonly planned: number;
  readonly rows: readonly SelfCheckRow[];
}

/** Checks all known answers of a request. */
export function selfChecked(
  { large, workers }: SelfCheckRequest,
  watcher: Watcher<SelfCheckReport>,
): SelfCheckReport {
  const answers = knownAnswers(true).filter((answer) => large || !answer.large);
  const total = answers.reduce((sum, answer) => sum + stepsOf(answer), 0);
  const rows: SelfCheckRow[] = [];
  const report = (): SelfCheckReport => ({ planned: answers.length, rows: [...rows] });
  let steps = 0;
  for (const answer of answers) {
    const before = steps;
    const tick = (): boolean => {
      const fraction = Math.min(1, steps / total);
      const runs = rows.reduce((sum, row) => sum + row.orders, 0);
      return watcher.tick({ phase: "known answer", item: answer.name, runs, steps, fraction });
    };
    if (tick()) break;
    const heed = (): "stop" | undefined => {
      steps += STEPS_BETWEEN_LOOKS;
      return tick() ? "stop" : undefined;
    };
    const row = checkAnswer(answer, { heed, workers });
    if (!row) break;
    steps = before + stepsOf(answer);
    rows.push(row);
    watcher.keep(report());
  }
  return report();
}

/** How many transitions it takes; about, where the number is not known. */
function stepsOf({ orders, expected }: KnownAnswer): number {
  return orders * (expected.transitions ?? 2 * (expected.states ?? 0));
}
