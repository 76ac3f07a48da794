// SPDX-License-Identifier: GPL-2.0-only
//
// The one JSON document of --json. All times and rates, and what else a machine decides, are in its field `timing`; the
// rest depends on the options only.

import { canonicalJson } from "../spec/canonical-json.ts";
import { TOOL_VERSION } from "../spec/version.ts";
import type { ExitCode } from "./exit-codes.ts";
import type { Io } from "./io.ts";

/** Version of the documents' form; raised when a field changes its meaning or goes. */
const DOCUMENT_VERSION = 1;

/** The time that the work took, and what it was done in. */
interface Timing {
  readonly seconds: number;
  readonly runs?: number;
  readonly steps?: number;
  readonly states?: number;
  readonly transitions?: number;
  /** Of a trace. */
  readonly events?: number;
  /** Memory that the states took, bytes. */
  readonly bytes?: number;
}

/** Prints the document of a command. */
export function printJson(
  io: Io,
  command: string,
  exitCode: ExitCode,
  body: Readonly<Record<string, unknown>>,
  timing: Timing,
): void {
  const document = {
    tool: `vmapcheck ${TOOL_VERSION}`,
    format: DOCUMENT_VERSION,
    command,
    exitCode,
    ...body,
    timing: timingOf(timing),
  };
  io.setVerdict(exitCode);
  io.out(`${canonicalJson(document, 2)}\n`);
}

function timingOf({
  seconds,
  runs,
  steps,
  states,
  transitions,
  events,
  bytes,
}: Timing): Readonly<Record<string, number>> {
  const rate = (n: number): number => Math.round(n / Math.max(seconds, 0.001));
  return {
    seconds: Math.round(seconds * 1000) / 1000,
    ...(runs === undefined ? {} : { runsPerSecond: rate(runs) }),
    ...(steps === undefined ? {} : { stepsPerSecond: rate(steps) }),
    ...(states === undefined ? {} : { statesPerSecond: rate(states) }),
    ...(transitions === undefined ? {} : { transitionsPerSecond: rate(transitions) }),
    ...(events === undefined ? {} : { eventsPerSecond: rate(events) }),
    ...(bytes === undefined ? {} : { bytes }),
  };
}
