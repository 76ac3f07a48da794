#!/usr/bin/env node
// SPDX-License-Identifier: GPL-2.0-only
//
// The `vmapcheck` command. Hands the process's arguments and streams to the commands; decides nothing itself.

import { apology, dispatch } from "./dispatch.ts";
import { EXIT } from "./exit-codes.ts";
import type { Io } from "./io.ts";
import { runJobInThread } from "./jobs/thread.ts";

const COLUMNS = 100;

const args = process.argv.slice(2);

/** A reader that went away wants no more. Without a verdict yet, there is none. */
function quietly(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
  process.exit(process.exitCode ?? EXIT.undecided);
}

process.stdout.on("error", quietly);
process.stderr.on("error", quietly);
// A job listens too, and then it is the job that ends.
process.on("SIGINT", () => {
  if (process.listenerCount("SIGINT") === 1) process.exit(EXIT.interrupted);
});
process.on("uncaughtException", (error) => {
  process.stderr.write(apology(error, args));
  process.exit(EXIT.fault);
});

const io: Io = {
  out: (text) => {
    process.stdout.write(text);
  },
  err: (text) => {
    process.stderr.write(text);
  },
  stdin: () => process.stdin,
  setVerdict: (code) => {
    process.exitCode = code;
  },
  env: process.env,
  outIsTerminal: process.stdout.isTTY,
  errIsTerminal: process.stderr.isTTY,
  // A terminal that does not know its width says 0.
  columns: process.stderr.columns || COLUMNS,
  runJob: runJobInThread,
};

process.exitCode = await dispatch(args, io);
