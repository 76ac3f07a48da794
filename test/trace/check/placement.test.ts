// SPDX-License-Identifier: GPL-2.0-only
//
// Rules that one allocation breaks by itself.

import { expect, test } from "vitest";
import { placementProblems } from "../../../trace/check/placement.ts";
import { findingsOf, isEvent, scripted } from "../event-script.ts";

test("an area begins at a multiple of its alignment", () => {
  expect(findingsOf("1/0 alloc 102+2 align=2")).toEqual([]);
  expect(findingsOf("1/0 alloc 101+2 align=2")).toEqual(["TR-ALIGN violation 1"]);
  expect(findingsOf("1/0 alloc 256+2 align=512")).toEqual(["TR-ALIGN violation 1"]);
});

test("an alignment within a page asks for no page", () => {
  const [event] = scripted("1/0 alloc 101+2").filter(isEvent);
  expect(placementProblems({ ...event!, align: 64 })).toEqual([]);
  expect(placementProblems({ ...event!, align: 1 })).toEqual([]);
});

test("an alignment that is no power of two is taken as it is", () => {
  const [event] = scripted("1/0 alloc 3+2").filter(isEvent);
  expect(placementProblems({ ...event!, align: 12_288 })).toEqual([]);
  expect(placementProblems({ ...event!, align: 6144 })).toEqual([]);
  expect(placementProblems({ ...event!, align: 5000 }).map(([rule]) => rule)).toEqual(["TR-ALIGN"]);
});

test("an area lies in its window, whose end is the first byte behind it", () => {
  expect(findingsOf("1/0 alloc 100+2 window=100..102")).toEqual([]);
  expect(findingsOf("1/0 alloc 99+2 window=100..102")).toEqual(["TR-WINDOW violation 1"]);
  expect(findingsOf("1/0 alloc 101+2 window=100..102")).toEqual(["TR-WINDOW violation 1"]);
});

test("a window that ends at the last byte of a page has that page", () => {
  const [event] = scripted("1/0 alloc 100+2 window=100..101").filter(isEvent);
  expect(placementProblems({ ...event!, toOffset: 4095 })).toEqual([]);
  expect(placementProblems({ ...event!, toOffset: 4094 }).map(([rule]) => rule)).toEqual(["TR-WINDOW"]);
});

test("addresses near the end of the address space are exact", () => {
  const last = 2 ** 52 - 1;
  expect(findingsOf(`1/0 alloc ${last}+1 window=0..${last + 1}`)).toEqual([]);
  expect(findingsOf(`1/0 alloc ${last}+2 window=0..${last + 1}`)).toEqual(["TR-WINDOW violation 1"]);
});

test("an area is a whole number of pages", () => {
  expect(findingsOf("1/0 alloc 100+0")).toEqual(["TR-PAGES violation 1"]);
  expect(findingsOf("1/0 alloc 100+1.5")).toEqual(["TR-PAGES violation 1"]);
  expect(findingsOf("1/0 alloc 100.8+1")).toEqual(["TR-PAGES violation 1", "TR-ALIGN violation 1"]);
});

test("a failed allocation says nothing of a place", () => {
  expect(findingsOf("1/0 alloc failed\n1/0 alloc failed")).toEqual([]);
});
