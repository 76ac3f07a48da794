// SPDX-License-Identifier: GPL-2.0-only
//
// The part of a frontier that has no room in memory, as a file without a name: it is gone when the process is.

import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SpillFile } from "../chunk-store.ts";

/** Opens a new file in a directory; its number is valid in all threads. */
export function openSpillFile(directory: string = tmpdir()): number {
  const folder = mkdtempSync(join(directory, "search-"));
  try {
    return openSync(join(folder, "frontier"), "wx+", 0o600);
  } finally {
    // What is open stays usable.
    rmSync(folder, { recursive: true });
  }
}

/** Closes it. */
export function closeSpillFile(file: number): void {
  closeSync(file);
}

/** Its slots, of so many bytes each. */
export function spillSlots(file: number, slotBytes: number): SpillFile {
  return {
    write: (slot, bytes) => {
      for (let at = 0; at < bytes.length;) {
        at += writeSync(file, bytes, at, bytes.length - at, slot * slotBytes + at);
      }
    },
    read: (slot, bytes) => {
      for (let at = 0; at < bytes.length;) {
        const got = readSync(file, bytes, at, bytes.length - at, slot * slotBytes + at);
        if (got === 0) throw new Error("search: the file of the frontier has become shorter");
        at += got;
      }
    },
  };
}
