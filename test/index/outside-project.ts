// SPDX-License-Identifier: GPL-2.0-only
//
// A project outside this package: a temporary folder in which `vmapcheck` is linked as `npm install` links a folder, with
// the compiler and the test runner of this package. Needs the build.

import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const COMPILER = join(ROOT, "node_modules/typescript/bin/tsc");
const RUNNER = join(ROOT, "node_modules/vitest/vitest.mjs");

/** What a program did. */
export interface Exited {
  readonly code: number | null;
  /** Both streams. */
  readonly text: string;
}

/** A folder with these files, by path, or with those of another folder; removed at the end of the test file. */
export function outsideProject(files: ReadonlyMap<string, string> | string): string {
  const folder = mkdtempSync(join(tmpdir(), "vmapcheck-outside-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  if (typeof files === "string") cpSync(files, folder, { recursive: true });
  else {
    for (const [path, text] of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
  }
  const modules = join(folder, "node_modules");
  mkdirSync(modules, { recursive: true });
  symlinkSync(ROOT, join(modules, "vmapcheck"), "junction");
  symlinkSync(join(ROOT, "node_modules/vitest"), join(modules, "vitest"), "junction");
  return folder;
}

/** Checks the types of a project, by its own settings. */
export const compiled = (folder: string): Promise<Exited> => ran(folder, [COMPILER]);

/** Runs the tests of a project. */
export const tested = (folder: string): Promise<Exited> => ran(folder, [RUNNER, "run"]);

// The environment of the test runner that runs this must not reach the one that is started.
function ran(folder: string, args: readonly string[]): Promise<Exited> {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(?:VITEST|NODE_ENV|TEST|DEV|PROD|MODE|SSR)/.test(name),
  );
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { ...Object.fromEntries(kept), NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  child.stdout.on("data", (data) => {
    text += String(data);
  });
  child.stderr.on("data", (data) => {
    text += String(data);
  });
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, text })));
}
