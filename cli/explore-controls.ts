// SPDX-License-Identifier: GPL-2.0-only
//
// The options of `vmapcheck explore` that say how an instance is searched, and not which one.

import type { ExploreRequest } from "./jobs/explore.ts";
import type { OptionSpec, Parsed } from "./options.ts";

/** Most threads. */
const WORKERS_MAX = 64;

/** Most seconds: a month. */
const SECONDS_MAX = 31 * 86_400;

/** What is searched, and with what. */
export const CONTROL_OPTIONS: readonly OptionSpec[] = [
  {
    name: "workers",
    value: "N",
    text: "threads that search together (1); they come to the same figures",
    integer: { min: 1, max: WORKERS_MAX },
  },
  { name: "no-symmetry", text: "tell tasks apart that differ in nothing but their number" },
  {
    name: "merge",
    text: "take steps that no other process can observe at once: fewer states, the same verdict; without INV-COMPLETE-ALL",
  },
  {
    name: "no-history",
    text: "fewer states: leave out the invariants that depend on what happened before the current operations",
  },
  {
    name: "max-time",
    value: "SECONDS",
    text: "time after which the search gives up; without it there is no such limit",
    integer: { min: 1, max: SECONDS_MAX },
  },
  {
    name: "checkpoint",
    value: "FILE",
    text: "where the search is kept every minute, and when it is interrupted or a limit ends it",
  },
  {
    name: "resume",
    value: "FILE",
    text: "a checkpoint to go on from; the other options must be those of the search that wrote it, except limits and --workers",
  },
];

/** How to search. */
export type Controls = Pick<
  ExploreRequest,
  "workers" | "symmetry" | "merge" | "past" | "checkpoint" | "resume"
>;

/** What the options say. */
export function controlsOf(parsed: Parsed): Controls {
  return {
    workers: parsed.integer("workers", 1),
    symmetry: !parsed.has("no-symmetry"),
    merge: parsed.has("merge"),
    past: !parsed.has("no-history"),
    checkpoint: parsed.text("checkpoint"),
    resume: parsed.text("resume"),
  };
}

/** Seconds after which a search gives up. */
export function secondsOf(parsed: Parsed): number | undefined {
  return parsed.integer("max-time", undefined);
}
