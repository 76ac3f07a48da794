// SPDX-License-Identifier: GPL-2.0-only
//
// Files as the command reads and writes them. Errors are values; a file is written under another name first and
// renamed, so that nobody ever sees half of it.

import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { quoted } from "../spec/found-text.ts";
import type { UserError } from "../spec/user-error.ts";

/** Largest file that is read; nothing that this tool writes comes near. */
const BYTES_MAX = 64 * 1024 * 1024;

/** Text of a file, or what is wrong. */
export type ReadResult = { readonly text: string } | { readonly error: UserError };

/** Reads a whole file as UTF-8. */
export function readTextFile(path: string): ReadResult {
  const wrong = (found: string): ReadResult => ({
    error: { code: "VMC-E003", message: `${shown(path)}: expected a readable file, found ${found}` },
  });
  try {
    const { size } = statSync(path);
    if (size > BYTES_MAX) return wrong(`${size} bytes, more than ${BYTES_MAX}`);
    const bytes = readFileSync(path);
    try {
      return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
    } catch {
      return wrong("bytes that are not UTF-8 text");
    }
  } catch (error) {
    return wrong(reason(error));
  }
}

/** Writes a whole file, or nothing. Returns what is wrong. */
export function writeTextFile(path: string, text: string): UserError | undefined {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  try {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) {
      return unwritable(path, "a directory");
    }
    const file = openSync(temporary, "wx", 0o666);
    try {
      writeAll(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
    return undefined;
  } catch (error) {
    rmSync(temporary, { force: true });
    return unwritable(path, reason(error));
  }
}

/** Makes a folder, with those above it. Returns what is wrong. */
export function makeFolder(path: string): UserError | undefined {
  try {
    mkdirSync(path, { recursive: true });
    return undefined;
  } catch (error) {
    return unwritable(path, reason(error));
  }
}

/** What stands in the way of writing a file there, before any work is done for it. Changes nothing. */
export function checkWritable(path: string): UserError | undefined {
  const probe = join(dirname(path), `.${basename(path)}.${process.pid}.probe`);
  try {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) {
      return unwritable(path, "a directory");
    }
    closeSync(openSync(probe, "wx"));
    rmSync(probe, { force: true });
    return undefined;
  } catch (error) {
    return unwritable(path, reason(error));
  }
}

function writeAll(file: number, text: string): void {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
}

function unwritable(path: string, found: string): UserError {
  return { code: "VMC-E004", message: `${shown(path)}: expected a place to write to, found ${found}` };
}

/** A file name in an error: as it is where that is safe. */
export function shown(path: string): string {
  return /^[\x21-\x7e]{1,200}$/.test(path) ? path : quoted(path);
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ["ENOENT", "no such file or folder"],
  ["EISDIR", "a directory"],
  ["ENOTDIR", "a path through something that is no folder"],
  ["EACCES", "no permission"],
  ["EPERM", "no permission"],
  ["EROFS", "a read-only file system"],
  ["ENOSPC", "no space left on the device"],
  ["ENAMETOOLONG", "a name that is too long"],
  ["ELOOP", "a circle of symbolic links"],
  ["EEXIST", "something else of that name"],
]);

/** What stood in the way, in words. */
export function reason(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return REASONS.get(code) ?? (code === "" ? "a name that is no path" : code);
}
