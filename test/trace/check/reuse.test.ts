// SPDX-License-Identifier: GPL-2.0-only
//
// Areas that are used again: what a purge line before or behind the reuse proves.

import { expect, test } from "vitest";
import { TraceChecker } from "../../../trace/check/trace-checker.ts";
import { feed, findingsOf, isEvent, listed, scripted } from "../event-script.ts";

const FREED = "1/0 alloc 100+4\n1/0 free 100";

test("a purge line in between that covers the area explains the reuse", () => {
  expect(findingsOf(`${FREED}\n3/1 purge 100..104 1\n2/0 alloc 100+4`)).toEqual([]);
});

test("a purge line that covers a part of it does not", () => {
  const text = `${FREED}\n3/1 purge 100..103 1\n2/0 alloc 100+4\n3/1 purge 0..10 1`;
  expect(findingsOf(text)).toEqual(["TR-REUSE violation 4"]);
});

test("nor does one that purged nothing", () => {
  const text = `${FREED}\n3/1 purge 100..104 0\n2/0 alloc 100+4\n3/1 purge 0..10 1`;
  expect(findingsOf(text)).toEqual(["TR-REUSE violation 4"]);
});

test("a purge in flight explains it: the first line behind the reuse covers it, and its task was silent", () => {
  expect(findingsOf(`${FREED}\n2/0 alloc 100+4\n3/1 purge 100..104 1`)).toEqual([]);
});

test("a purge that had not begun does not: its task printed a line behind the reuse", () => {
  const text = `${FREED}\n2/0 alloc 100+4\n3/1 alloc 10+1\n3/1 purge 100..104 1`;
  expect(findingsOf(text)).toEqual(["TR-REUSE violation 3"]);
});

test("the task that used it again cannot have been in a purge meanwhile", () => {
  expect(findingsOf(`${FREED}\n3/1 alloc 100+4\n3/1 purge 100..104 1`)).toEqual(["TR-REUSE violation 3"]);
});

test("a line of another task on that CPU says nothing", () => {
  const text = `${FREED}\n2/0 alloc 100+4\n4/1 alloc 10+1\n3/1 purge 100..104 1`;
  expect(findingsOf(text)).toEqual([]);
});

test("the idle tasks of two CPUs are two tasks", () => {
  expect(findingsOf(`${FREED}\n2/0 alloc 100+4\n0/0 alloc 10+1\n0/1 purge 100..104 1`)).toEqual([]);
  expect(findingsOf(`${FREED}\n2/0 alloc 100+4\n0/1 alloc 10+1\n0/1 purge 100..104 1`)).toEqual([
    "TR-REUSE violation 3",
  ]);
});

test("only the first line behind the reuse counts", () => {
  const text = `${FREED}\n2/0 alloc 100+4\n3/1 purge 0..10 1\n3/1 purge 100..104 1`;
  expect(findingsOf(text)).toEqual(["TR-REUSE violation 3"]);
});

test("the line of the free may be late, behind a whole purge", () => {
  const text = "1/0 alloc 100+4\n3/1 purge 100..104 1\n1/0 free 100\n2/0 alloc 100+4\n3/1 purge 0..10 0";
  expect(findingsOf(text)).toEqual(["TR-REUSE suspicious 4"]);
});

test("but not if its task printed a line between purge and free", () => {
  const text =
    "1/0 alloc 100+4\n3/1 purge 100..104 1\n1/0 alloc 10+1\n1/0 free 100\n2/0 alloc 100+4\n3/1 purge 0..10 0";
  expect(findingsOf(text)).toEqual(["TR-REUSE violation 5"]);
});

test("what is left of an area is as lazy as it was", () => {
  const text = `${FREED}\n2/0 alloc 100+1\n3/1 purge 0..10 0\n2/0 alloc 103+1\n3/1 purge 0..10 1`;
  expect(findingsOf(text)).toEqual(["TR-REUSE violation 3", "TR-REUSE violation 5"]);
});

test("an area that was lazy before the trace may have been purged before its first line", () => {
  const initial = [listed(100, 4, { isLazy: true })];
  expect(findingsOf("2/0 alloc 100+4\n3/1 purge 0..10 0", { initial })).toEqual(["TR-REUSE suspicious 1"]);
  expect(findingsOf("3/1 purge 90..110 1\n2/0 alloc 100+4", { initial })).toEqual([]);
});

test("the first page of an area whose size is unknown is known to be lazy", () => {
  const text = "1/0 alloc 10+1\n1/0 free 100\n2/0 alloc 99+3\n3/1 purge 0..10 1";
  expect(findingsOf(text)).toEqual(["TR-REUSE violation 3"]);
  expect(findingsOf(text.replace("1/0 alloc 10+1\n", ""))).toEqual(["TR-REUSE suspicious 2"]);
});

test("of an area on the list, another one may have come in its place", () => {
  const text = "1/0 alloc 10+1\n1/0 free 100\n2/0 alloc 102+1\n3/1 purge 0..10 1";
  expect(findingsOf(text, { initial: [listed(100, 4)] })).toEqual(["TR-REUSE suspicious 3"]);
});

test("reuses are counted by what explains them", () => {
  const checker = new TraceChecker();
  feed(
    checker,
    `${FREED}\n2/0 alloc 100+4\n3/1 purge 100..104 1\n2/0 free 100\n3/1 purge 90..110 1\n2/0 alloc 101+1\n` +
      "2/0 alloc 103+1\n2/0 free 101\n2/0 alloc 101+1",
  );
  checker.end(2);
  const { reuses, reusedAreas, inFlight, open } = checker.counts;
  expect({ reuses, reusedAreas, inFlight, open }).toEqual({
    reuses: 4,
    reusedAreas: 3,
    inFlight: 1,
    open: 1,
  });
});

test("a trace without purge lines decides nothing of it, and little is remembered", () => {
  const checker = new TraceChecker();
  const rounds = 100_000;
  const [allocation, free] = scripted("1/0 alloc 100+4\n1/0 free 100").filter(isEvent);
  for (let i = 0; i < rounds; i++) {
    checker.event({ ...allocation!, line: 2 * i + 1 });
    checker.event({ ...free!, line: 2 * i + 2 });
  }
  expect(checker.size).toBeLessThan(70_000);
  checker.end(2);
  expect(checker.findings.kept).toEqual([]);
  expect(checker.counts).toMatchObject({ reuses: rounds - 1, open: rounds - 1 });
});

test("what was released and is not used again is forgotten at last", () => {
  const checker = new TraceChecker();
  const [allocation, free, purge] = scripted("1/0 alloc 100+1\n1/0 free 100\n2/1 purge 0..900000 1").filter(
    isEvent,
  );
  for (let i = 0; i < 150_000; i++) {
    const page = 2 * i;
    checker.event({ ...allocation!, page, line: 3 * i + 1 });
    checker.event({ ...free!, page, line: 3 * i + 2 });
    checker.event({ ...purge!, line: 3 * i + 3 });
  }
  expect(checker.size).toBeLessThan(400_000);
  expect(checker.findings.kept).toEqual([]);
});
