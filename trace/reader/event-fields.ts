// SPDX-License-Identifier: GPL-2.0-only
//
// The fields of the three events in any order, with others among them that a newer kernel may print.

import { KIND } from "../trace-event.ts";
import { isWord, COLON, type LineCursor } from "./line-cursor.ts";
import { bytesOf, type LineEvent } from "./line-event.ts";
import type { WideNumber } from "./wide-number.ts";

/** Stores a number. False if the field cannot have that value. */
type Store = (event: LineEvent, number: WideNumber) => boolean;

interface Field {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly store: Store;
  /** Values that it may have, for an error. */
  readonly values: string;
}

function field(name: string, store: Store, values = "a number"): Field {
  return { name, bytes: bytesOf(name), store, values };
}

/** Stores by an assignment, which is always possible. */
function set(assign: (event: LineEvent, number: WideNumber) => void): Store {
  return (event, number) => {
    assign(event, number);
    return true;
  };
}

const from = set((event, { page, offset }) => {
  event.fromPage = page;
  event.fromOffset = offset;
});
const to = set((event, { page, offset }) => {
  event.toPage = page;
  event.toOffset = offset;
});
const vaStart = set((event, { page, offset }) => {
  event.page = page;
  event.offset = offset;
});

/** By KIND. All of them must be there. */
const FIELDS: readonly (readonly Field[])[] = [
  [
    field("va_start", vaStart),
    field(
      "size",
      set((event, n) => (event.size = n.value())),
    ),
    field(
      "align",
      set((event, n) => (event.align = n.value())),
    ),
    field("vstart", from),
    field("vend", to),
    field(
      "failed",
      (event, n) => {
        event.failed = n.value() === 1;
        return n.value() <= 1;
      },
      "0 or 1",
    ),
  ],
  [
    field("va_start", vaStart),
    field(
      "nr_lazy",
      set((event, n) => (event.nrLazy = n.value())),
    ),
    field(
      "nr_lazy_max",
      set((event, n) => (event.nrLazyMax = n.value())),
    ),
  ],
  [
    field("start", from),
    field("end", to),
    field(
      "num_purged",
      (event, n) => {
        event.numPurged = n.value();
        return n.value() < 2 ** 32;
      },
      "a number of at most 32 bits",
    ),
  ],
];

/** Reads all fields up to the line's end. `kind` is one of KIND. */
export function readFields(cursor: LineCursor, event: LineEvent, kind: number): boolean {
  event.become(kind);
  const fields = FIELDS[kind] ?? FIELDS[KIND.ALLOC] ?? [];
  let missing = (1 << fields.length) - 1;
  for (cursor.blanks(); !cursor.atEnd(); cursor.blanks()) {
    const keyAt = cursor.at;
    while (isWord(cursor.bytes[cursor.at] ?? 0)) cursor.at++;
    const keyEnd = cursor.at;
    const isColon = cursor.take(COLON);
    if (keyEnd === keyAt || (!isColon && !cursor.take(0x3d))) return cursor.fail("a field", keyAt);
    if (isColon) cursor.blanks();
    const i = fields.findIndex(({ bytes }) => isAt(cursor.bytes, keyAt, keyEnd, bytes));
    const known = fields[i];
    if (known === undefined) {
      if (!skipValue(cursor)) return false;
      continue;
    }
    if ((missing & (1 << i)) === 0) return cursor.fail(`one field ${known.name}`, keyAt);
    missing &= ~(1 << i);
    const valueAt = cursor.at;
    if (!cursor.wide()) return false;
    if (!cursor.atGap()) return cursor.fail("a blank behind the number");
    if (!known.store(event, cursor.number)) return cursor.fail(known.values, valueAt);
  }
  const name = fields.find((_, i) => (missing & (1 << i)) !== 0)?.name;
  return name === undefined ? true : cursor.fail(`the field ${name}`);
}

function isAt(bytes: Uint8Array, at: number, end: number, expected: Uint8Array): boolean {
  return end - at === expected.length && expected.every((byte, i) => bytes[at + i] === byte);
}

/** The value of a field that nobody knows, with a module's name in square brackets behind it if there is one. */
function skipValue(cursor: LineCursor): boolean {
  if (cursor.atGap()) return cursor.fail("a value");
  cursor.nonBlanks();
  const behind = cursor.at;
  cursor.blanks();
  if (cursor.take(0x5b)) {
    while (isWord(cursor.bytes[cursor.at] ?? 0)) cursor.at++;
    if (cursor.take(0x5d) && cursor.atGap()) return true;
  }
  cursor.at = behind;
  return true;
}
