// SPDX-License-Identifier: GPL-2.0-only
//
// The cause of a violation as a short section of a counterexample: the missing order, the last writers, what they had
// read. At most a dozen lines, the most relevant first.

import type { Deed, Dependency, Held, MissingOrder, Why, Writer } from "../../properties/why/contract.ts";
import { hanging } from "./text-layout.ts";

/** Most lines of the section. */
export const WHY_LINES_MAX = 12;

/** Lines that writers have for certain, whatever is missing. */
const WRITER_LINES = 5;

const INDENT = "  ";

/** The lines, ASCII, at most `width` characters each. */
export function whyLines(why: Why, width: number): readonly string[] {
  const item = (label: string, text: string): readonly string[] => hanging(`${INDENT}${label}`, text, width);
  const head = hanging("why: ", why.subject.join(", "), width).slice(0, 2);
  const causes = [
    ...why.held.map((held) => item("locks: ", heldText(held))),
    ...why.omitted.map((text) => item("missing: ", text)),
    ...why.orders.map((order) => item("missing: ", orderText(order))),
    ...(why.alone && why.held.length === 0
      ? [item("order: ", "none is missing, one process alone does it")]
      : []),
  ];
  const writers = why.writers.map((writer) => item(`step ${writer.step}: `, writerText(writer)));
  const shown = fitting(causes, WHY_LINES_MAX - head.length - WRITER_LINES);
  return [...head, ...shown, ...fitting(writers, WHY_LINES_MAX - head.length - shown.length)];
}

/** Whole items as long as there is room; of the first one, what fits. */
function fitting(items: readonly (readonly string[])[], room: number): readonly string[] {
  const lines: string[] = [];
  for (const item of items) {
    if (lines.length + item.length > room) return lines.length === 0 ? item.slice(0, room) : lines;
    lines.push(...item);
  }
  return lines;
}

function writerText({ who, fn, did, locks, reads }: Writer): string {
  const after = reads.map(readText).join(", ");
  return `${who} in ${fn}: ${did.join(", ")}; ${underText(locks)}${after === "" ? "" : `; had read ${after}`}`;
}

function readText({ of, value, writer }: Dependency): string {
  const what = value === undefined ? of : `${of} = ${value}`;
  return writer ? `${what} as of step ${writer.step} (${writer.who})` : what;
}

function orderText({ of, lack, first, second, use }: MissingOrder): string {
  const one = `step ${first.step} (${stepText(first)}) ${first.writes ? "writes" : "reads"} ${of} ${underText(first.locks)}`;
  const other = `step ${second.step} (${stepText(second)}) ${second.writes ? "writes" : "reads"} it ${underText(second.locks)}`;
  const then = use ? `, step ${use.step} (${use.fn}) goes on with what was read` : "";
  const common =
    lack === "no-common-lock"
      ? "no lock in common"
      : use
        ? "the lock is released in between"
        : "the lock says not who comes first";
  return `${common}: ${one}, ${other}${then}`;
}

function stepText({ who, fn }: Deed): string {
  return `${who}, ${fn}`;
}

function heldText({ who, fn, step, lock, wants, at }: Held): string {
  const want = at === undefined ? `waits for ${wants}` : `takes ${wants} in step ${at}`;
  return `${who} has ${lock} since step ${step} (${fn}) and ${want}`;
}

function underText(locks: readonly string[]): string {
  return locks.length === 0 ? "without a lock" : `under ${locks.join(", ")}`;
}
