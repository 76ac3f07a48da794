// SPDX-License-Identifier: GPL-2.0-only
//
// The help on recording: it can be copied from a terminal, and names what has to be recorded.

import { describe, expect, test } from "vitest";
import { traceRecordHelp } from "../../../cli/trace/record-help.ts";

const EVENTS = ["alloc_vmap_area", "free_vmap_area_noflush", "purge_vmap_area_lazy"] as const;

describe("the help on recording a trace", () => {
  const text = traceRecordHelp();
  const lines = text.split("\n");

  test("fits into 90 columns of plain characters, and ends with a line break", () => {
    expect(lines.filter((line) => line.length > 90)).toEqual([]);
    expect(lines.filter((line) => /\s$/.test(line))).toEqual([]);
    expect(text).toMatch(/^[\x20-\x7e\n]+[^\n]\n$/);
  });

  test.each(EVENTS)("%s is switched on by tracefs and by trace-cmd", (event) => {
    expect(text).toContain(`  echo vmalloc:${event} >> set_event\n`);
    expect(text).toMatch(new RegExp(`-e vmalloc:${event} `));
  });

  test("the clock is set before the buffer is filled, and tracing is off when the trace is read", () => {
    const at = (line: string): number => lines.findIndex((each) => each.includes(line));
    const order = [
      "trace_clock",
      "> trace",
      "vmallocinfo > /tmp/before.txt; echo 1 > tracing_on",
      "echo 0 > tracing_on; cat",
      "cat trace >",
      "per_cpu/cpu*/stats",
    ].map(at);
    expect(order).not.toContain(-1);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
  });

  test("all commands of a kernel's command line and of trace-cmd are there", () => {
    for (const word of ["trace_event=vmalloc:*", "trace_buf_size=", "no_hash_pointers", "--no-filter"]) {
      expect(text).toContain(word);
    }
  });
});
