// SPDX-License-Identifier: GPL-2.0-only
//
// Writes the files of a new project: all of them or none. They are written under another name first, and the folder is
// renamed when it is whole.

import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { UserError } from "../../spec/user-error.ts";
import { TOOL_VERSION } from "../../spec/version.ts";
import { reason, shown } from "../files.ts";

/** Writes files, given by their paths within the folder. It must not exist, or be empty. Returns what is wrong. */
export function writeProject(folder: string, files: ReadonlyMap<string, string>): UserError | undefined {
  const target = resolve(folder);
  const wrong = (found: string): UserError => ({
    code: "VMC-E004",
    message: `${shown(folder)}: expected a new or an empty folder, found ${found}`,
  });
  const temporary = join(dirname(target), `.${basename(target)}.${process.pid}.tmp`);
  try {
    const there = statSync(target, { throwIfNoEntry: false });
    if (there && !there.isDirectory()) return wrong("a file");
    if (there && readdirSync(target).length > 0)
      return wrong("one that holds files, which are not overwritten");
    mkdirSync(temporary);
    for (const [path, text] of files) {
      mkdirSync(dirname(join(temporary, path)), { recursive: true });
      writeFileSync(join(temporary, path), text, { flag: "wx" });
    }
    renameSync(temporary, target);
    return undefined;
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    return wrong(reason(error));
  }
}

/**
 * What a project in that folder asks for as `vmapcheck`: this very package where it lies in a folder of its own, and its
 * version where it was installed.
 */
export function dependencyFrom(folder: string): string {
  const root = packageRoot();
  if (root.split(sep).includes("node_modules")) return `^${TOOL_VERSION}`;
  const parent = dirname(resolve(folder));
  const real = existsSync(parent) ? realpathSync(parent) : parent;
  return `file:${relative(join(real, basename(resolve(folder))), root)
    .split(sep)
    .join("/")}`;
}

// Sources lie two folders below the package, the build three.
function packageRoot(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const file = join(folder, "package.json");
    if (existsSync(file) && readFileSync(file, "utf8").includes('"name": "vmapcheck"'))
      return realpathSync(folder);
    if (folder === dirname(folder)) throw new Error("the folder of the package vmapcheck cannot be found");
  }
}
