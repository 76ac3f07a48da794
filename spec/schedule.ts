// SPDX-License-Identifier: GPL-2.0-only
//
// Schedules, as deviations from run-to-completion. Without deviations, the process that ran last goes on while
// it is enabled, then the enabled process of lowest index; every choice takes value 0. Steps count from 0.

/** At step `at`, run process `to` although run-to-completion would run another one. */
export interface SwitchDeviation {
  readonly at: number;
  readonly to: number;
}

/** At step `at`, the environment's choice takes value `value` instead of 0. */
export interface ChoiceDeviation {
  readonly at: number;
  readonly value: number;
}

/** A schedule. Both lists are sorted by step, with at most one entry per step. */
export interface Schedule {
  readonly switches: readonly SwitchDeviation[];
  readonly choices: readonly ChoiceDeviation[];
}

/** The schedule without deviations. */
export const RUN_TO_COMPLETION: Schedule = { switches: [], choices: [] };
