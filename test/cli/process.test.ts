// SPDX-License-Identifier: GPL-2.0-only
//
// The command as a process of its own, from the build: streams, exit codes, signals, and work in a thread.

import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { FINDS, vmapcheck } from "./world.ts";

const MAIN = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

interface Exited {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function start(args: readonly string[]): ChildProcess {
  const { NO_COLOR: _, FORCE_COLOR: __, VMAPCHECK_SEED: ___, ...env } = process.env;
  return spawn(process.execPath, [MAIN, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
}

/** Waits for the end; `onOut` sees all of stdout so far, whenever there is more. */
function ended(child: ChildProcess, onOut: (out: string) => void = () => undefined): Promise<Exited> {
  let out = "";
  let err = "";
  child.stdout?.on("data", (data) => {
    out += String(data);
    onOut(out);
  });
  child.stderr?.on("data", (data) => {
    err += String(data);
  });
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, out, err })));
}

test("a run in a thread says what a run without one says", async () => {
  const apart = await ended(start(FINDS));
  expect(apart).toEqual(await vmapcheck(FINDS));
  expect(apart.code).toBe(1);
});

test("bad input is one line on stderr", async () => {
  expect(await ended(start(["run", "node-blocks", "--cpus", "0"]))).toEqual({
    code: 2,
    out: "",
    err: 'vmapcheck: VMC-E002: --cpus: expected an integer from 1 to 64, found "0"; see vmapcheck run --help\n',
  });
});

test("help and version end well", async () => {
  expect(await ended(start(["--version"]))).toMatchObject({ code: 0, err: "" });
  expect(await ended(start(["check", "--help"]))).toMatchObject({ code: 0, err: "" });
});

test("SIGINT ends the work, and what was done is shown", async () => {
  const child = start(["run", "node-blocks", "--runs", "100000000", "--seed", "1"]);
  const interrupt = (out: string): void => {
    if (out.includes("plan: ")) setTimeout(() => child.kill("SIGINT"), 500);
  };
  const { code, out, err } = await ended(child, interrupt);
  expect({ code, err }).toEqual({ code: 130, err: "" });
  expect(out).toContain("INTERRUPTED, this is what was done so far:");
  expect(out).toMatch(/^NOT DECIDED after [\d,]+ interleavings of /m);
});

test("SIGINT ends a search, and what it saw is not called held", async () => {
  const child = start(["explore", "node-blocks", "--campaign", "node-blocks-helpers"]);
  const interrupt = (out: string): void => {
    if (out.includes("not checked here")) setTimeout(() => child.kill("SIGINT"), 500);
  };
  const { code, out, err } = await ended(child, interrupt);
  expect({ code, err }).toEqual({ code: 130, err: "" });
  expect(out).toContain("INTERRUPTED, this is what was done so far:");
  expect(out).toMatch(/^NOT DECIDED after [\d,]+ states /m);
});

test("a search in a thread says what one without says", async () => {
  const args = ["explore", "node-blocks", "--campaign", "node-blocks-kasan"];
  expect(await ended(start(args))).toEqual(await vmapcheck(args));
});

test("a reader that went away ends it quietly, without a verdict if there is none", async () => {
  const work = start(["mutants", "MU-1", "MU-2"]);
  work.stdout?.destroy();
  expect(await ended(work)).toMatchObject({ code: 4, err: "" });
  const listing = start(["list", "invariants"]);
  listing.stdout?.destroy();
  expect(await ended(listing)).toMatchObject({ code: 0, err: "" });
});
