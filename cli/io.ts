// SPDX-License-Identifier: GPL-2.0-only
//
// What a command may touch of the world: two streams, the environment, the terminal. Tests hand in their own.

import type { Readable } from "node:stream";
import { COLOURED, type Paint, PLAIN } from "../review/render/paint.ts";
import type { ExitCode } from "./exit-codes.ts";
import type { RunJob } from "./jobs/job.ts";

/** The world as a command sees it. */
export interface Io {
  /** Writes to stdout. */
  out(text: string): void;
  /** Writes to stderr. */
  err(text: string): void;
  /** Standard input. */
  stdin(): Readable;
  /** Says what the exit code will be, before the text that may find no reader. */
  setVerdict(code: ExitCode): void;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether each stream is a terminal, and how wide. */
  readonly outIsTerminal: boolean;
  readonly errIsTerminal: boolean;
  readonly columns: number;
  /** Runs long work, in a thread of its own or at once. */
  readonly runJob: RunJob;
}

/** The colours for stdout: NO_COLOR and FORCE_COLOR decide, else whether it is a terminal. */
export function paintFor(io: Io): Paint {
  const { env, outIsTerminal } = io;
  const force = env["FORCE_COLOR"];
  if (force !== undefined && force !== "") return force === "0" || force === "false" ? PLAIN : COLOURED;
  if ((env["NO_COLOR"] ?? "") !== "") return PLAIN;
  return outIsTerminal && env["TERM"] !== "dumb" ? COLOURED : PLAIN;
}
