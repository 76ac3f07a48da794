// SPDX-License-Identifier: GPL-2.0-only
//
// A world for commands under test: two strings for streams, no terminal, jobs in this thread.

import { mkdtempSync, rmSync } from "node:fs";
import { Readable } from "node:stream";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { dispatch } from "../../cli/dispatch.ts";
import type { ExitCode } from "../../cli/exit-codes.ts";
import type { Io } from "../../cli/io.ts";
import { runJobHere } from "../../cli/jobs/perform.ts";

/** What a command did. */
export interface Ended {
  readonly code: ExitCode;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line. */
export async function vmapcheck(args: readonly string[], changes: Partial<Io> = {}): Promise<Ended> {
  let out = "";
  let err = "";
  const io: Io = {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    stdin: () => Readable.from([]),
    setVerdict: () => undefined,
    env: {},
    outIsTerminal: false,
    errIsTerminal: false,
    columns: 80,
    runJob: runJobHere,
    ...changes,
  };
  const code = await dispatch(args, io);
  return { code, out, err };
}

/** A folder for one test file, removed at its end. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "vmapcheck-test-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Arguments of a run that finds a known violation at once. */
export const FINDS = [
  "run",
  "node-blocks",
  "--program",
  "a=alloc(1); purge",
  "--faults",
  "kasan",
  "--invariants",
  "INV-BLOCK-RETURN",
  "--runs",
  "500",
  "--seed",
  "s",
] as const;
