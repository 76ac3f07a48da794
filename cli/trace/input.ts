// SPDX-License-Identifier: GPL-2.0-only
//
// The bytes of a trace: from a file or standard input, plain or gzip, as a stream.

import { createReadStream } from "node:fs";
import { pipeline as piped, type Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import type { UserError } from "../../spec/user-error.ts";
import { reason, shown } from "../files.ts";

/** What a command line calls standard input. */
export const STDIN = "-";

const CHUNK_BYTES = 1 << 18;

/** Name of an input in texts. */
export function inputName(path: string): string {
  return path === STDIN ? "standard input" : shown(path);
}

/**
 * Hands all bytes of an input to `hear`, unpacked, until they end or the signal says so. Returns what is wrong with the
 * input; what `hear` throws goes through.
 */
export async function readInput(
  path: string,
  stdin: () => Readable,
  hear: (bytes: Uint8Array) => void,
  signal: AbortSignal,
): Promise<UserError | undefined> {
  const source = path === STDIN ? stdin() : createReadStream(path, { highWaterMark: CHUNK_BYTES });
  const listen = async (chunks: AsyncIterable<Buffer>): Promise<void> => {
    for await (const chunk of chunks) hear(chunk);
  };
  try {
    await pipeline(source, unpacked, listen, { signal });
    return undefined;
  } catch (error) {
    if (signal.aborted) return undefined;
    const found = foundOf(error);
    if (found === undefined) throw error;
    return { code: "VMC-E003", message: `${inputName(path)}: expected a readable file, found ${found}` };
  }
}

async function* unpacked(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const rest = chunks[Symbol.asyncIterator]();
  let head: Buffer = Buffer.alloc(0);
  while (head.length < 2) {
    const next = await rest.next();
    if (next.done === true) break;
    head = Buffer.concat([head, next.value]);
  }
  const all = async function* (): AsyncGenerator<Buffer> {
    yield head;
    yield* { [Symbol.asyncIterator]: () => rest };
  };
  const isGzip = head[0] === 0x1f && head[1] === 0x8b;
  // An error of either stream ends the iteration over the last one.
  if (isGzip) yield* piped(all(), createGunzip({ chunkSize: CHUNK_BYTES }), () => undefined);
  else yield* all();
}

// What is wrong with the input, if that is what is wrong.
function foundOf(error: unknown): string | undefined {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code.startsWith("Z_")) return "gzip data that is damaged or cut off";
  return /^E[A-Z0-9]+$/.test(code) || code === "ERR_INVALID_ARG_VALUE" ? reason(error) : undefined;
}
