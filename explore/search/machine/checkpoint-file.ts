// SPDX-License-Identifier: GPL-2.0-only
//
// Files of checkpoints. One is written beside its place, forced to the disk and then renamed, so that there is the old
// one or the new one, whenever the process is killed. A file is: a line that names its form, the sections, a text that
// describes them with a checksum for each, and the place of that text.

import { closeSync, fsyncSync, openSync, readSync, renameSync, statSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { crc32 } from "node:zlib";
import type { ChunkStore } from "../chunk-store.ts";
import {
  type Checkpoint,
  CHECKPOINT_VERSION,
  type CheckpointHead,
  readFrontier,
  readSections,
  type SectionReader,
  type SectionWriter,
  writeSections,
} from "../checkpoint.ts";
import type { SearchMemory } from "../search-memory.ts";

/** Begins each file; the version follows, and a line feed. */
const MAGIC = "checkpoint of a search, version ";

/** The last bytes: offset, length and checksum of the description, and this mark. */
const TAIL = 32;
const TAIL_MARK = 0x5eac_0001;

/** Bytes that are read or written at once. */
const PIECE = 1 << 20;

interface Section {
  readonly name: string;
  readonly at: number;
  readonly length: number;
  readonly crc: number;
}

interface Description {
  readonly head: CheckpointHead;
  readonly sections: readonly Section[];
}

/** A checkpoint, or why there is none. */
export type CheckpointFound =
  | { readonly checkpoint: Checkpoint; readonly problem?: undefined; readonly identity?: undefined }
  | {
      readonly checkpoint?: undefined;
      readonly problem: string;
      /** What it is a checkpoint of, if that is the problem. */
      readonly identity?: string;
    };

/** Writes a checkpoint in place of the one that may be there. */
export function writeCheckpoint(
  path: string,
  head: CheckpointHead,
  memory: SearchMemory,
  store: ChunkStore,
): void {
  const fresh = `${path}.new`;
  const file = openSync(fresh, "w");
  try {
    const sections: Section[] = [];
    const scratch = new Uint8Array(PIECE);
    let at = 0;
    const append = (bytes: Uint8Array): void => {
      for (let from = 0; from < bytes.length;) {
        const done = writeSync(file, bytes, from, bytes.length - from, at);
        from += done;
        at += done;
      }
    };
    append(new TextEncoder().encode(`${MAGIC}${CHECKPOINT_VERSION}\n`));
    const to: SectionWriter = {
      section: (name) => sections.push({ name, at, length: 0, crc: 0 }),
      write: (bytes) => {
        for (let from = 0; from < bytes.length; from += PIECE) {
          const piece = scratch.subarray(0, Math.min(PIECE, bytes.length - from));
          piece.set(bytes.subarray(from, from + piece.length));
          append(piece);
          const now = sections.pop()!;
          sections.push({ ...now, length: now.length + piece.length, crc: crc32(piece, now.crc) });
        }
      },
    };
    writeSections(memory, store, to);
    const description: Description = { head, sections };
    const text = new TextEncoder().encode(JSON.stringify(description));
    const tail = Float64Array.of(at, text.length, crc32(text), TAIL_MARK);
    append(text);
    append(new Uint8Array(tail.buffer));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(fresh, path);
  const folder = openSync(dirname(path), "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** Reads a checkpoint and checks all of it; `identity` and `merge` must be those of the search that wrote it. */
export function openCheckpoint(path: string, identity: string, merge = false): CheckpointFound {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (error) {
    return { problem: `it cannot be opened: ${(error as NodeJS.ErrnoException).code ?? "unknown reason"}` };
  }
  try {
    const described = describe(file, statSync(path).size);
    if (typeof described === "string") return { problem: described };
    const { head, sections } = described;
    if (head.identity !== identity) {
      return { problem: "it is of another search", identity: head.identity };
    }
    if (head.merge !== merge) {
      return { problem: `it is of a search ${head.merge ? "with" : "without"} merging of steps` };
    }
    const damaged = sections.find((section) => checksum(file, section) !== section.crc);
    if (damaged) return { problem: `it is damaged: the checksum of its section "${damaged.name}" is wrong` };
    return { checkpoint: checkpointOf(path, described) };
  } catch (error) {
    return { problem: `it cannot be read: ${(error as Error).message}` };
  } finally {
    closeSync(file);
  }
}

function checkpointOf(path: string, { head, sections }: Description): Checkpoint {
  const reading = <T>(work: (from: SectionReader) => T): T => {
    const file = openSync(path, "r");
    try {
      return work(sectionReader(file, sections));
    } finally {
      closeSync(file);
    }
  };
  return {
    head,
    load: (workers) => reading((from) => readSections(head, workers, from)),
    loadFrontier: (store) => reading((from) => readFrontier(head, store, from)),
  };
}

// The description at the end of the file, or what is wrong.
function describe(file: number, size: number): Description | string {
  const first = new TextDecoder().decode(pieceAt(file, 0, Math.min(size, 64)));
  if (!first.startsWith(MAGIC)) return "it is not a checkpoint of a search";
  const version = first.slice(MAGIC.length, first.indexOf("\n"));
  if (version !== String(CHECKPOINT_VERSION)) {
    return `it has version ${version}, expected ${CHECKPOINT_VERSION}`;
  }
  const broken = "it is damaged: its end is missing or wrong";
  if (size < TAIL) return broken;
  const tail = new Float64Array(pieceAt(file, size - TAIL, TAIL).slice().buffer);
  const [at, length, crc, mark] = tail as unknown as [number, number, number, number];
  if (mark !== TAIL_MARK || !Number.isSafeInteger(at) || at + length + TAIL !== size || length > PIECE * 64) {
    return broken;
  }
  const text = pieceAt(file, at, length);
  if (crc32(text) !== crc) return broken;
  return JSON.parse(new TextDecoder().decode(text)) as Description;
}

function checksum(file: number, { at, length }: Section): number {
  let crc = 0;
  for (let done = 0; done < length; done += PIECE) {
    crc = crc32(pieceAt(file, at + done, Math.min(PIECE, length - done)), crc);
  }
  return crc;
}

function pieceAt(file: number, at: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  readFully(file, bytes, at);
  return bytes;
}

function readFully(file: number, bytes: Uint8Array, from: number): void {
  for (let at = 0; at < bytes.length;) {
    const got = readSync(file, bytes, at, bytes.length - at, from + at);
    if (got === 0) throw new Error("it has become shorter");
    at += got;
  }
}

// Checks once more: the file may have been replaced since it was opened.
function sectionReader(file: number, sections: readonly Section[]): SectionReader {
  let now: Section | undefined;
  let at = 0;
  let crc = 0;
  return {
    section: (name) => {
      now = sections.find((section) => section.name === name);
      if (!now) throw new Error(`the checkpoint has no section "${name}"`);
      ({ at } = now);
      crc = 0;
      return now.length;
    },
    read: (bytes) => {
      for (let from = 0; from < bytes.length; from += PIECE) {
        const piece = pieceAt(file, at, Math.min(PIECE, bytes.length - from));
        bytes.set(piece, from);
        at += piece.length;
        crc = crc32(piece, crc);
      }
      if (now && at === now.at + now.length && crc !== now.crc) {
        throw new Error("the checkpoint has changed while it was read");
      }
    },
  };
}
