// SPDX-License-Identifier: GPL-2.0-only
//
// Reads /proc/vmallocinfo: the areas of a kernel before or after its trace. Source: vmalloc_info_show() in mm/vmalloc.c.

import { quoted } from "../../spec/found-text.ts";
import { PAGE_BYTES } from "../trace-event.ts";
import { UnreadableInput } from "./unreadable-input.ts";

/** One area. Pages of 4 KiB. */
export interface InfoArea {
  /** First page. */
  readonly page: number;
  /** Pages, any guard page included. */
  readonly pages: number;
  /** Whether it is lazy: freed, and not purged yet. */
  readonly isLazy: boolean;
  /** Whether it is a chunk of per-CPU memory, whose allocation has no event. */
  readonly isChunk: boolean;
  /** From 1. */
  readonly line: number;
}

const LINE = /^0x([0-9a-f]{1,16})-0x([0-9a-f]{1,16}) +(\d{1,20})(?: +(\S.*))?$/;
/** What is printed in place of an address before there are random numbers to hash it with. */
const NO_ADDRESS = /^0x\(|^\(/;
/** A hashed address has as many bits. */
const HASH_MAX = 2 ** 32;
const UNPURGED = "unpurged vm_area";
/** Its caller. */
const CHUNK = "pcpu_get_vm_areas+";

const EXPECTED = "0xSTART-0xEND SIZE";
const READABLE =
  "boot the kernel with no_hash_pointers, or read the file as root with kernel.kptr_restrict=1";

/** An address in two parts, as no number holds 64 bits. */
interface Address {
  readonly page: number;
  readonly offset: number;
}

/**
 * The areas, in the order of the text, blank lines left out. O(length). Throws an UnreadableInput, which is an InputError
 * with the code VMC-E041, if a line is malformed, if the kernel has hidden the addresses, and if there is none at all.
 */
export function parseVmallocinfo(text: string, file: string): InfoArea[] {
  const areas: InfoArea[] = [];
  for (const [i, whole] of text.split("\n").entries()) {
    const line = whole.trimEnd();
    if (line !== "") areas.push(parseLine(line, i + 1, file));
  }
  if (areas.length === 0) throw unreadable(file, "", "an area in each line", "no line", "read it as root");
  return areas;
}

function parseLine(text: string, line: number, file: string): InfoArea {
  const [, first, behind, bytes, what] = LINE.exec(text) ?? [];
  if (first === undefined || behind === undefined || bytes === undefined) {
    if (NO_ADDRESS.test(text)) throw hashed(file, line);
    throw unreadable(file, `${line}:1`, EXPECTED, quoted(text));
  }
  const start = address(first);
  const end = address(behind);
  if (isZero(start) && isZero(end)) {
    const hint = "read it as root, with kernel.kptr_restrict=1 or no_hash_pointers";
    throw unreadable(file, `${line}:1`, "addresses", "only zeros", hint);
  }
  const pages = end.page - start.page;
  const isAligned = start.offset === 0 && end.offset === 0;
  if (!isAligned || pages <= 0 || pages * PAGE_BYTES !== Number(bytes)) {
    if (isHash(start) && isHash(end)) throw hashed(file, line);
    const found = quoted(text.slice(0, text.indexOf(bytes, first.length + behind.length) + bytes.length));
    throw unreadable(file, `${line}:1`, "whole pages from START to END, SIZE bytes in all", found);
  }
  const isLazy = what?.startsWith(UNPURGED) === true;
  return { page: start.page, pages, isLazy, isChunk: what?.startsWith(CHUNK) === true, line };
}

function address(digits: string): Address {
  const all = digits.padStart(16, "0");
  return { page: Number.parseInt(all.slice(0, 13), 16), offset: Number.parseInt(all.slice(13), 16) };
}

function isZero({ offset, page }: Address): boolean {
  return page === 0 && offset === 0;
}

function isHash({ page }: Address): boolean {
  return page * PAGE_BYTES < HASH_MAX;
}

function hashed(file: string, line: number): UnreadableInput {
  return unreadable(file, `${line}:1`, "addresses", "hashed ones", READABLE);
}

function unreadable(
  file: string,
  path: string,
  expected: string,
  found: string,
  hint?: string,
): UnreadableInput {
  return new UnreadableInput("VMC-E041", file, path, expected, found, hint);
}
