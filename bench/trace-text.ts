// SPDX-License-Identifier: GPL-2.0-only
//
// The texts that the benchmarks of traces read.

import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";

/** The file of a small trace of a real kernel. Throws where the tests were not installed. */
export function traceFixture(trace: string): string {
  const name = `test/trace/fixtures/${trace}.trace.txt`;
  const found = [`../${name}`, `../../${name}`]
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .find((path) => existsSync(path));
  if (found === undefined)
    throw new Error(`${name} is not part of this installation; name a trace: --trace FILE`);
  return found;
}

/** The bytes of a trace, packed by gzip or not. */
export function traceText(file: string): Uint8Array {
  const bytes = readFileSync(file);
  return bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
}
