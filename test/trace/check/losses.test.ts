// SPDX-License-Identifier: GPL-2.0-only
//
// Where events are missing, nothing is decided that they might explain.

import { expect, test } from "vitest";
import { TraceChecker } from "../../../trace/check/trace-checker.ts";
import { feed, findingsOf } from "../event-script.ts";

const OVERLAP = "1/0 alloc 100+4\n2/0 alloc 101+4\n3/0 purge 0..50 1";

test("what is found since a CPU's last line is doubted when that CPU has lost events", () => {
  expect(findingsOf(`${OVERLAP}\nlost 0`)).toEqual(["TR-OVERLAP violation 2"]);
  expect(findingsOf(`${OVERLAP}\nlost 1`)).toEqual(["TR-OVERLAP undecidable 2"]);
  expect(findingsOf(`9/1 free 7\n${OVERLAP}\nlost 1`)).toEqual(["TR-OVERLAP undecidable 3"]);
  expect(findingsOf(`${OVERLAP}\n9/1 free 7\nlost 1`)).toEqual(["TR-OVERLAP violation 2"]);
  expect(findingsOf(`${OVERLAP}\n9/1 free 7\nlost`)).toEqual(["TR-OVERLAP undecidable 2"]);
});

test("what one line says by itself is not doubted", () => {
  const text = "1/0 alloc 101+2 align=2\nlost 0\nlost 1\n1/0 alloc 103+2 align=2";
  expect(findingsOf(text)).toEqual(["TR-ALIGN violation 1", "TR-ALIGN violation 4"]);
});

test("a line that cannot be read may have been any event, and says nothing of those before it", () => {
  expect(findingsOf(`${OVERLAP}\nunreadable`)).toEqual(["TR-OVERLAP violation 2"]);
  expect(findingsOf("1/0 alloc 100+4\nunreadable\n2/0 alloc 101+4\n3/0 purge 0..50 1")).toEqual([]);
});

test("an area from before a loss may have been freed since", () => {
  expect(findingsOf("1/0 alloc 100+4\nlost 1\n2/0 alloc 101+4\n3/0 purge 0..50 1")).toEqual([]);
});

test("behind a loss, rules hold for what comes then", () => {
  expect(findingsOf(`1/0 alloc 100+4\nlost 1\n${OVERLAP.replaceAll("/0", "/1")}`)).toEqual([
    "TR-OVERLAP violation 4",
  ]);
});

test("findings beyond the limit are doubted as well", () => {
  const checker = new TraceChecker({ findingsMax: 0 });
  feed(checker, `${OVERLAP}\n1/0 alloc 201+2 align=2`);
  expect(checker.findings.byRule()).toEqual([
    ["TR-OVERLAP", { violation: 1, suspicious: 0, undecidable: 0 }],
    ["TR-ALIGN", { violation: 1, suspicious: 0, undecidable: 0 }],
  ]);
  feed(checker, "lost 1");
  expect(checker.findings.byRule()).toEqual([
    ["TR-OVERLAP", { violation: 0, suspicious: 0, undecidable: 1 }],
    ["TR-ALIGN", { violation: 1, suspicious: 0, undecidable: 0 }],
  ]);
});

/** So many events of a CPU that say nothing, with odd pages so that pages of 4 KiB are seen. */
function filling(cpu: number, count: number): string {
  return Array.from({ length: count }, (_, i) => `5/${cpu} alloc ${(cpu + 2) * 10_000 + 2 * i + 1}+1`).join(
    "\n",
  );
}

test("in overwritten buffers a gap may follow the first page of each CPU's events", () => {
  const overlap = OVERLAP.replaceAll("/0", "/1");
  expect(findingsOf(`overwritten\n${filling(0, 10)}\n${OVERLAP}`)).toEqual(["TR-OVERLAP undecidable 13"]);
  // 129 events of a CPU do not fit one page of 4 KiB.
  expect(findingsOf(`overwritten\n${filling(0, 129)}\n${OVERLAP}`)).toEqual(["TR-OVERLAP violation 132"]);
  const two = `overwritten\n${filling(0, 129)}\nstarted 1\n${filling(1, 10)}\n${overlap}`;
  expect(findingsOf(two)).toEqual(["TR-OVERLAP undecidable 143"]);
  const full = `overwritten\n${filling(0, 129)}\nstarted 1\n${filling(1, 129)}\n${overlap}`;
  expect(findingsOf(full)).toEqual(["TR-OVERLAP violation 262"]);
});

test("an area from before the gap may have been freed in it", () => {
  const text = `overwritten\n1/0 alloc 100+4\n${filling(0, 128)}\n2/0 alloc 101+4\n3/0 purge 0..50 1`;
  expect(findingsOf(text)).toEqual([]);
});

test("of larger pages more events fit one", () => {
  const large = filling(0, 129).replaceAll(
    /alloc (\d+)\+1/g,
    (_, page: string) => `alloc ${Number(page) * 16}+16`,
  );
  const text = `overwritten\n${large}\n1/0 alloc 160+16\n2/0 alloc 160+16\n3/0 purge 0..50 1`;
  expect(findingsOf(text)).toEqual(["TR-OVERLAP undecidable 132"]);
});

test("the checker says from which line on it decides", () => {
  const checker = new TraceChecker();
  expect(checker.completeFrom).toBe(1);
  feed(checker, "1/0 alloc 100+4\nlost 0");
  expect(checker.completeFrom).toBe(2);
  const overwritten = new TraceChecker();
  feed(overwritten, "overwritten\n1/0 alloc 101+4");
  expect(overwritten.completeFrom).toBeUndefined();
});
