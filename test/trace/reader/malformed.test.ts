// SPDX-License-Identifier: GPL-2.0-only
//
// What cannot be read is counted, with its place, or thrown; it is never taken for something else.

import { expect, test } from "vitest";
import { errorLine } from "../../../cli/error-text.ts";
import { LINE_BYTES_MAX } from "../../../trace/reader/trace-reader.ts";
import { UnreadableInput } from "../../../trace/reader/unreadable-input.ts";
import { readText } from "./read-text.ts";

const HEAD = "          insmod-152     [003] .....     5.016038: ";
const ALLOC =
  "alloc_vmap_area: va_start: 18446687426318225408 size=49152 align=1 vstart=0xffffcc7ac0000000 vend=0xffffec7abfffffff failed=0";
const GOOD = `${HEAD}${ALLOC}`;

/** The error of the only line. */
function thrown(text: string | Uint8Array): UnreadableInput {
  try {
    readText(text, { strict: true });
  } catch (error) {
    if (error instanceof UnreadableInput) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

test.each([
  ["size=49152", "size=49152x", "a blank behind the number", '"x"'],
  ["size=49152", "size=", "a number", '" "'],
  ["size=49152", "size=x", "a number", '"x"'],
  ["size=49152", "size", "a field", '"size"'],
  ["size=49152 ", "", "the field size", "the end of the line"],
  ["size=49152", "sise=49152", "the field size", "the end of the line"],
  ["size=49152", "size=1 size=49152", "one field size", '"size=49152"'],
  ["18446687426318225408", "18446744073709551616", "a number of at most 64 bits", '"18446744073709551616"'],
  ["18446687426318225408", "-34", "a number", '"-34"'],
  ["0xffffcc7ac0000000", "0xfffffcc7ac0000000", "a number of at most 64 bits", '"0xfffffcc7ac0000000"'],
  ["0xffffcc7ac0000000", "0x", "a number", '"0x"'],
  ["0xffffcc7ac0000000", "ffffcc7ac0000000", "a number", '"ffffcc7ac0000000"'],
  ["failed=0", "failed=2", "0 or 1", '"2"'],
  ["failed=0", "failed=", "a number", "the end of the line"],
  [" failed=0", "", "the field failed", "the end of the line"],
  ["failed=0", "failed=0 vms/1-183", "a field", '"vms/1-183"'],
  ["area:", "area", "an event's name and a colon", '"alloc_vmap_area"'],
  ["area: va", "area(va", "an event's name and a colon", '"alloc_vmap_area(va_start:"'],
  ["5.016038:", "5.016038", "a colon behind the time", '" "'],
  ["5.016038", "5.01603", "a time with 6 or 9 digits behind the dot", '"01603:"'],
  ["5.016038", "x", "a time", '"x:"'],
  ["..... ", "... ", "flags of a task, or a time", '"..."'],
  ["[003]", "[70000]", "a CPU's number up to 65535", '"70000]"'],
  ["[003]", "003]", "a CPU in square brackets", '"003]"'],
  ["[003]", "[003", "] behind the CPU", '" "'],
  ["-152", "152", "a task's name, - and its process id", '" "'],
  ["-152", "-1523456789", "a process id of at most 9 digits", '"1523456789"'],
])("%s replaced by %s", (part, by, expected, found) => {
  const line = GOOD.replace(part, by);
  const error = thrown(`\n${line}\n`);
  expect(error).toMatchObject({ code: "VMC-E040", source: "t", expected, found });
  const [{ column } = { column: 0 }] = readText(`\n${line}\n`).summary.firstMalformed;
  expect(error.path).toBe(`2:${column}`);
  const rest = line.slice(column - 1);
  expect(rest.startsWith(found.slice(1, -1)) || (rest.trim() === "" && found.startsWith("the end"))).toBe(
    true,
  );
});

test("columns are characters, and what is found is shown without its control characters", () => {
  const error = thrown(
    `          äöümod-152     [003] .....     5.016038: ${ALLOC.replace("49152", "\u001b[31m")}`,
  );
  expect(error).toMatchObject({ path: "1:105", found: '"\\u001b[31m"' });
  expect(errorLine(error, "trace")).toBe(
    'vmapcheck: VMC-E040: t: 1:105: expected a number, found "\\u001b[31m"; see vmapcheck trace --help',
  );
});

test.each([
  ["##### CPU x buffer started ####", "##### CPU n buffer started ####"],
  ["# entries-in-buffer/entries-written: 1/x   #P:4", "# entries-in-buffer/entries-written: n/n   #P:n"],
  ["CPU:1 [LOST x EVENTS]", "CPU:n [LOST n EVENTS] or CPU:n [n EVENTS DROPPED]"],
  ["CPU:99999 [LOST EVENTS]", "CPU:n [LOST n EVENTS] or CPU:n [n EVENTS DROPPED]"],
  [
    "# nop latency trace v1.1.5 on 6.12.107",
    "the default format of a trace, which has no option latency-format",
  ],
  ["  insmod-152     3.....    5us : alloc_vmap_area: va_start: 1", "a CPU in square brackets"],
  ["hello", "a task's name, - and its process id"],
  ["\u0000\u0000", "a task's name, - and its process id"],
  [`${HEAD}7: alloc_vmap_area: va_start: 1`, "an event's name"],
  [`${HEAD}`, "an event's name and a colon"],
])("%j is no line of a trace", (text, expected) => {
  expect(thrown(text)).toMatchObject({ code: "VMC-E040", expected });
});

test("a long line is skipped, wherever the text is cut, and the next one is read", () => {
  for (const [length, malformed] of [
    [LINE_BYTES_MAX, 0],
    [LINE_BYTES_MAX + 1, 1],
    [5 * LINE_BYTES_MAX, 1],
  ] as const) {
    const long = `${GOOD} x=`.padEnd(length, "1");
    const text = `${long}\n${GOOD}\n`;
    for (const chunk of [1000, 65_536, 65_537, 1 << 20]) {
      const { events, summary } = readText(text, { chunk });
      expect(summary).toMatchObject({ lines: 2, events: 2 - malformed, malformed });
      expect(events.at(-1)?.line).toBe(2);
      const padded = readText(GOOD.replace(" align", `${" ".repeat(length - GOOD.length)} align`), { chunk });
      expect(padded.summary).toMatchObject({ lines: 1, malformed });
    }
  }
  const tooLong = GOOD.padEnd(LINE_BYTES_MAX + 1, " ");
  expect(thrown(tooLong)).toMatchObject({ path: "1:65537", found: "a longer one" });
});

test("blanks in great number between the columns do not outwit the length's limit", () => {
  const line = GOOD.replace("[003] ", `[003]${" ".repeat(LINE_BYTES_MAX)}`);
  expect(readText(`${line}\n`).summary).toMatchObject({ lines: 1, events: 0, malformed: 1 });
});

test("all malformed lines are counted, the first ten are kept", () => {
  const { summary } = readText(`${GOOD}\n${"no\n".repeat(25)}${GOOD}`);
  expect(summary).toMatchObject({ lines: 27, events: 2, malformed: 25 });
  expect(summary.firstMalformed.map(({ line }) => line)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
});

test("bytes that are no UTF-8, within a task's name and without", () => {
  const bytes = new TextEncoder().encode(`${GOOD}\n${GOOD}\n`);
  bytes[12] = 0xff;
  bytes[GOOD.length + 1 + GOOD.indexOf("size")] = 0xfe;
  const { events, summary } = readText(bytes);
  expect(events).toMatchObject([{ comm: "in\ufffdmod" }]);
  expect(summary).toMatchObject({ lines: 2, events: 1, malformed: 1 });
});
