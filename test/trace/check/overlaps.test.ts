// SPDX-License-Identifier: GPL-2.0-only
//
// Live areas that share a page, and the line of a free that may come late.

import { expect, test } from "vitest";
import { findingsOf, listed } from "../event-script.ts";

/** The list of a kernel of x86-64, where per-CPU chunks do not begin at any page. */
const X86 = [listed(0xffffffffc0000, 2), listed(60, 1, { isLazy: true })];

test.each([
  ["the same pages", "100+4"],
  ["its first page", "97+4"],
  ["its last page", "103+4"],
  ["pages within", "101+2"],
  ["more than all of it", "98+8"],
])("an area over %s of a live one", (_, where) => {
  const text = `1/0 alloc 100+4\n2/1 alloc ${where}\n3/0 purge 0..50 1`;
  expect(findingsOf(text)).toEqual(["TR-OVERLAP violation 2"]);
});

test("neighbours share nothing", () => {
  expect(findingsOf("1/0 alloc 100+4\n2/1 alloc 104+4\n2/1 alloc 96+4\n3/0 purge 0..50 1")).toEqual([]);
});

test("one allocation over several live areas is several findings", () => {
  const text = "1/0 alloc 100+4\n1/0 alloc 104+4\n2/1 alloc 102+4\n3/0 purge 0..50 1";
  expect(findingsOf(text)).toEqual(["TR-OVERLAP violation 3", "TR-OVERLAP violation 3"]);
});

test("without a purge that may have released the area, no late line explains it", () => {
  const text = "1/0 alloc 100+4\n3/0 purge 0..50 1\n2/1 alloc 100+4\n3/0 purge 0..50 1\n1/0 free 100";
  expect(findingsOf(text)).toEqual(["TR-OVERLAP violation 3"]);
});

test("a purge before the older area was allocated has not released it", () => {
  const text = "3/0 purge 50..200 1\n1/0 alloc 100+4\n2/1 alloc 100+4\n3/0 purge 0..50 1";
  expect(findingsOf(text)).toEqual(["TR-OVERLAP violation 3"]);
});

test("a purge in between, and a task that is silent until its free: the line may be late", () => {
  const text = "1/0 alloc 100+4\n3/0 purge 50..200 1\n2/1 alloc 101+4\n1/0 free 100";
  expect(findingsOf(text)).toEqual(["TR-OVERLAP suspicious 3"]);
});

test("a purge in flight may have released it as well", () => {
  const text = "1/0 alloc 100+4\n2/1 alloc 101+4\n1/0 free 100\n3/0 purge 50..200 1";
  expect(findingsOf(text)).toEqual(["TR-OVERLAP suspicious 2"]);
});

test("but not one that began behind the overlap", () => {
  const text = "1/0 alloc 100+4\n2/1 alloc 100+4\n3/0 alloc 10+1\n3/0 purge 50..200 1";
  expect(findingsOf(text)).toEqual(["TR-OVERLAP violation 2"]);
});

test("nor one of the task that allocated over it, which frees nothing meanwhile either", () => {
  expect(findingsOf("1/0 alloc 100+4\n2/1 alloc 100+4\n2/1 purge 50..200 1")).toEqual([
    "TR-OVERLAP violation 2",
  ]);
  const text = "1/0 alloc 100+4\n3/0 purge 50..200 1\n2/1 alloc 101+4\n2/1 free 100";
  expect(findingsOf(text, { initial: X86 })).toEqual(["TR-OVERLAP violation 3"]);
  expect(findingsOf(text)).toEqual(["TR-OVERLAP suspicious 3"]);
});

test("of two areas at the same address, a free may be the newer one's", () => {
  const text = "1/0 alloc 100+4\n3/0 purge 50..200 1\n2/1 alloc 100+4\n2/1 free 100\n1/0 free 100";
  expect(findingsOf(text)).toEqual(["TR-OVERLAP suspicious 3"]);
});

test("or that of an area that came there later", () => {
  const text =
    "1/0 alloc 100+4\n3/0 purge 50..200 1\n2/1 alloc 99+4\n2/1 free 99\n3/0 purge 50..200 1\n" +
    "2/1 alloc 100+1\n2/1 free 100\n1/0 free 100";
  expect(findingsOf(text)).toEqual(["TR-OVERLAP suspicious 3"]);
});

test("the task that frees the older area printed a line behind the overlap: it was live", () => {
  const text = "1/0 alloc 100+4\n3/0 purge 50..200 1\n2/1 alloc 101+4\n1/0 alloc 10+1\n1/0 free 100";
  expect(findingsOf(text, { initial: X86 })).toEqual(["TR-OVERLAP violation 3"]);
});

test("a free that never comes leaves it suspicious", () => {
  const text = "1/0 alloc 100+4\n3/0 purge 50..200 1\n2/1 alloc 100+4";
  expect(findingsOf(text)).toEqual(["TR-OVERLAP suspicious 3"]);
});

test("both areas may be freed then, and a third free is told", () => {
  const text = "1/0 alloc 100+4\n2/1 alloc 100+4\n3/0 purge 0..50 0\n2/1 free 100\n1/0 free 100";
  expect(findingsOf(text)).toEqual(["TR-OVERLAP violation 2"]);
  expect(findingsOf(`${text}\n1/0 free 100`, { initial: X86 })).toEqual([
    "TR-OVERLAP violation 2",
    "TR-DOUBLE-FREE violation 6",
  ]);
});

test("an area from before the trace may have been freed before the first line", () => {
  const initial = [listed(100, 4)];
  expect(findingsOf("1/0 alloc 102+4\n3/0 purge 0..50 0", { initial })).toEqual(["TR-OVERLAP suspicious 1"]);
});

test("a vmap block may have been given back without a line", () => {
  const text = "1/0 alloc 256+256 align=256\n2/1 alloc 256+4\n3/0 purge 0..50 1";
  expect(findingsOf(text)).toEqual(["TR-OVERLAP suspicious 2"]);
});

test("many overlaps keep little", () => {
  const lines = ["9/0 alloc 5+1"];
  for (let i = 0; i < 5000; i++) lines.push("1/0 alloc 100+4");
  const findings = findingsOf(lines.join("\n"), { findingsMax: 10_000 });
  expect(findings).toHaveLength(4999);
  expect(new Set(findings.map((each) => each.split(" ")[1]))).toEqual(new Set(["suspicious"]));
});
