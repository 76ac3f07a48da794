// SPDX-License-Identifier: GPL-2.0-only
//
// The rules of a schedule: steps and values are counts, each list is sorted by step with one entry per step.
// Whether the schedule fits an instance shows only when it is replayed.

import { foundText } from "./found-text.ts";
import type { Schedule } from "./schedule.ts";
import { PAGE_NUMBER_MAX } from "./units.ts";
import { inputError, type InputError } from "./user-error.ts";

/** Largest step number, process index and choice value: what a heap word holds. */
const COUNT_MAX = PAGE_NUMBER_MAX;

/** The first rule that the schedule breaks, or undefined. */
export function validateSchedule(schedule: Schedule, source = "schedule"): InputError | undefined {
  const switches = schedule.switches.map(({ at, to }) => [at, to] as const);
  const choices = schedule.choices.map(({ at, value }) => [at, value] as const);
  return checkList(switches, "switches", "to", source) ?? checkList(choices, "choices", "value", source);
}

function checkList(
  list: readonly (readonly [number, number])[],
  name: string,
  field: string,
  source: string,
): InputError | undefined {
  const range = `an integer from 0 to ${COUNT_MAX}`;
  let last = -1;
  for (const [i, [at, value]] of list.entries()) {
    const path = `${name}[${i}]`;
    if (!isCount(at)) return problem(source, `${path}.at`, range, at);
    if (at <= last) return problem(source, `${path}.at`, `a step after step ${last}`, at);
    if (!isCount(value)) return problem(source, `${path}.${field}`, range, value);
    last = at;
  }
  return undefined;
}

function isCount(n: number): boolean {
  return Number.isInteger(n) && n >= 0 && n <= COUNT_MAX;
}

function problem(source: string, path: string, expected: string, found: number): InputError {
  return inputError("VMC-E025", source, path, expected, foundText(found));
}
