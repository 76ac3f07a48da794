// SPDX-License-Identifier: GPL-2.0-only
//
// What is freed, how often it is purged, and what is live in the end.

import { expect, test } from "vitest";
import { TraceChecker } from "../../../trace/check/trace-checker.ts";
import { feed, findingsOf, listed } from "../event-script.ts";

/** A page of the modules of x86-64. */
const MODULE = 0xffffffffc0000;
const X86 = listed(MODULE, 2);

test("an address that nobody knows may have come between the list and the first line", () => {
  expect(findingsOf("1/0 free 100", { initial: [X86] })).toEqual(["TR-FREE suspicious 1"]);
  expect(findingsOf("1/0 free 100")).toEqual([]);
});

test("one that was seen to be used and freed is proved to be unknown, with a list or without", () => {
  const text = "1/0 alloc 100+4\n1/0 free 100\n3/1 purge 100..104 1\n1/0 free 100";
  expect(findingsOf(text, { initial: [X86] })).toEqual(["TR-FREE violation 4"]);
  const module = `1/0 alloc ${MODULE}+1 window=${MODULE}..${MODULE + 64}`;
  expect(findingsOf(`${module}\n${text}`)).toEqual(["TR-FREE violation 5"]);
  expect(findingsOf(text.replace("1/0 free 100", "2/0 free 100"), { initial: [X86] })).toEqual([
    "TR-FREE suspicious 4",
  ]);
  expect(findingsOf(text.replace(/1\/0 free 100$/, "2/0 free 100"), { initial: [X86] })).toEqual([
    "TR-FREE suspicious 4",
  ]);
});

test("where per-CPU chunks begin at any page, nothing of it is proved", () => {
  const text = "1/0 alloc 100+4\n1/0 free 100\n1/0 free 100";
  expect(findingsOf(text, { initial: [] })).toEqual(["TR-DOUBLE-FREE suspicious 3"]);
  expect(findingsOf(text, { initial: [X86] })).toEqual(["TR-DOUBLE-FREE violation 3"]);
});

test("a multiple of 2 MiB may be a per-CPU chunk", () => {
  const checker = new TraceChecker({ initial: [X86] });
  feed(checker, "1/0 free 1024");
  expect(checker.findings.kept).toEqual([]);
  expect(checker.counts.chunkFrees).toBe(1);
});

test("an address inside of an area, and one within a page", () => {
  const inside = "1/0 alloc 100+4\n1/0 free 102";
  expect(findingsOf(inside, { initial: [X86] })).toEqual(["TR-FREE violation 2"]);
  expect(findingsOf(inside.replace("1/0 free", "2/0 free"), { initial: [X86] })).toEqual([
    "TR-FREE suspicious 2",
  ]);
  expect(findingsOf("1/0 free 102", { initial: [X86, listed(100, 4)] })).toEqual(["TR-FREE suspicious 1"]);
  expect(findingsOf("1/0 alloc 100+4\n1/0 free 100.16")).toEqual(["TR-FREE violation 2"]);
});

test("an area is freed once", () => {
  const text = "1/0 alloc 100+4\n2/1 alloc 10+1\n1/0 free 100\n2/1 free 100";
  expect(findingsOf(text, { initial: [X86] })).toEqual(["TR-DOUBLE-FREE violation 4"]);
  expect(findingsOf(text.replaceAll("100", "1024"), { initial: [X86] })).toEqual([
    "TR-DOUBLE-FREE suspicious 4",
  ]);
  const silent = text.replace("2/1 alloc 10+1\n", "");
  expect(findingsOf(silent, { initial: [X86] })).toEqual(["TR-DOUBLE-FREE suspicious 3"]);
});

test("one that is older than the trace too, if both tasks had printed something", () => {
  const older = [X86, listed(100, 4)];
  expect(findingsOf("1/0 free 100\n2/1 free 100", { initial: older })).toEqual([
    "TR-DOUBLE-FREE suspicious 2",
  ]);
  const text = "1/0 alloc 10+1\n2/1 alloc 11+1\n1/0 free 100\n2/1 free 100";
  expect(findingsOf(text, { initial: older })).toEqual(["TR-DOUBLE-FREE violation 4"]);
});

test("a purge takes at least what was freed before the line of the last one", () => {
  const text = "1/0 alloc 100+4\n1/0 free 100\n3/1 purge 0..1 0\n3/1 purge 0..1 0";
  expect(findingsOf(text)).toEqual(["TR-PURGED-FEW violation 4"]);
  expect(findingsOf("1/0 alloc 100+4\n1/0 free 100\n3/1 purge 0..1 0\n3/1 purge 100..104 1")).toEqual([]);
  // The line of a task that was silent before may be older than the trace.
  expect(findingsOf(text.replace("1/0 free", "2/0 free"))).toEqual([]);
});

test("and it is told once", () => {
  const text = "1/0 alloc 100+4\n1/0 free 100\n3/1 purge 0..1 0\n3/1 purge 0..1 0\n3/1 purge 0..1 0";
  expect(findingsOf(text)).toEqual(["TR-PURGED-FEW violation 4"]);
});

test("what was lazy before the trace may have been purged before its first line", () => {
  const initial = [X86, listed(50, 1, { isLazy: true }), listed(60, 1, { isLazy: true })];
  const text = "1/0 alloc 10+1\n1/0 free 10\n3/1 purge 10..11 1\n3/1 purge 0..1 0";
  expect(findingsOf(text, { initial })).toEqual(["TR-PURGED-FEW suspicious 4"]);
  expect(findingsOf(text.replace("0..1 0", "50..61 2"), { initial })).toEqual([]);
});

test("a line that comes late, and makes it too many, is not missing later", () => {
  const text = "1/0 alloc 100+4\n3/1 purge 100..104 1\n1/0 free 100\n3/1 purge 0..1 0\n3/1 purge 0..1 0";
  expect(findingsOf(text, { initial: [X86] })).toEqual(["TR-PURGED-MANY suspicious 2"]);
});

test("purges take no more than was freed, if it is known what was lazy before", () => {
  const text = "1/0 alloc 100+4\n1/0 free 100\n3/1 purge 90..104 3";
  expect(findingsOf(text)).toEqual([]);
  const initial = [X86, listed(90, 1, { isLazy: true })];
  expect(findingsOf(text, { initial })).toEqual(["TR-PURGED-MANY suspicious 3"]);
  expect(findingsOf(text.replace(/3$/, "2"), { initial })).toEqual([]);
});

test("on one CPU each count is compared", () => {
  const text =
    "1/0 alloc 100+4\n1/0 alloc 200+2\n1/0 free 100 nr_lazy=4\n1/0 free 200 nr_lazy=6\n3/0 purge 100..202 1";
  const initial: never[] = [];
  expect(findingsOf(text, { initial, cpus: 1 })).toEqual(["TR-PURGED-FEW suspicious 5"]);
  expect(findingsOf(text, { initial, cpus: 2 })).toEqual([]);
  expect(findingsOf(text.replace(/1$/, "2"), { initial, cpus: 1 })).toEqual([]);
  expect(findingsOf(text.replace("nr_lazy=6", "nr_lazy=7"), { initial, cpus: 1 })).toEqual([
    "TR-NR-LAZY suspicious 4",
    "TR-PURGED-FEW suspicious 5",
  ]);
});

test("without a list from before, the first purge that takes something sets the count", () => {
  const text = "3/0 purge 1..9 4\n1/0 alloc 100+4\n1/0 free 100 nr_lazy=5";
  expect(findingsOf(text, { cpus: 1 })).toEqual(["TR-NR-LAZY suspicious 3"]);
  expect(findingsOf(text.replace("3/0 purge 1..9 4\n", "3/0 purge 1..9 0\n"), { cpus: 1 })).toEqual([]);
});

test("the end state is compared with the list from after", () => {
  const text = "1/0 alloc 100+4\n1/0 alloc 200+2\n1/0 free 200";
  const initial = [X86, listed(50, 3)];
  const check = (...final: Parameters<typeof listed>[]): string[] => {
    const checker = new TraceChecker({ initial });
    feed(checker, text);
    checker.end(2, [X86, ...final.map((each) => listed(...each))]);
    return checker.findings.kept.map(({ rule, verdict, message }) => `${rule} ${verdict}: ${message}`);
  };
  expect(check([100, 4], [50, 3], [200, 2, { isLazy: true }], [512, 512, { isChunk: true }])).toEqual([]);
  expect(check([100, 5], [200, 2], [300, 1])).toEqual([
    "TR-FINAL suspicious: an area is live when the trace ends, and the list from after it does not have it",
    "TR-FINAL suspicious: an area is of another size in the list from after the trace",
    "TR-FINAL suspicious: an area is freed when the trace ends, and live in the list from after it",
    "TR-FINAL suspicious: the list from after the trace has an area that no line and no list from before it knows",
  ]);
});

test("without a list from before, only what the trace knows is compared with the one from after", () => {
  const final = [listed(100, 4), listed(300, 1)];
  expect(findingsOf("1/0 alloc 100+4", { final })).toEqual([]);
  expect(findingsOf("1/0 alloc 100+4\n1/0 alloc 200+4", { final })).toEqual(["TR-FINAL suspicious 2"]);
});
