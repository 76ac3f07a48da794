// SPDX-License-Identifier: GPL-2.0-only
//
// Every form in which a line of a trace may come is read as what it says.

import { describe, expect, test } from "vitest";
import { KIND } from "../../../trace/trace-event.ts";
import { readText } from "./read-text.ts";

const HEAD = "          insmod-152     [003] .....     5.016038: ";
const ALLOC =
  "alloc_vmap_area: va_start: 18446687426318225408 size=49152 align=1 vstart=0xffffcc7ac0000000 vend=0xffffec7abfffffff failed=0";
const FREE = "free_vmap_area_noflush: va_start=0xffffd2fd80440000 nr_lazy=5 nr_lazy_max=24576";
const PURGE = "purge_vmap_area_lazy: start=0xffffd2fd80244000 end=0xffffd2fd8048d000 num_purged=19";

const ALLOCATED = {
  kind: KIND.ALLOC,
  line: 1,
  comm: "insmod",
  pid: 152,
  cpu: 3,
  inInterrupt: false,
  time: 5_016_038,
  address: 18446687426318225408n,
  from: 0xffffcc7ac0000000n,
  to: 0xffffec7abfffffffn,
  size: 49152,
  align: 1,
  failed: false,
  nrLazy: 0,
  nrLazyMax: 0,
  numPurged: 0,
};
const FREED = {
  ...ALLOCATED,
  kind: KIND.FREE,
  address: 0xffffd2fd80440000n,
  from: 0n,
  to: 0n,
  size: 0,
  align: 0,
  nrLazy: 5,
  nrLazyMax: 24576,
};
const PURGED = {
  ...FREED,
  kind: KIND.PURGE,
  address: 0n,
  from: 0xffffd2fd80244000n,
  to: 0xffffd2fd8048d000n,
  nrLazy: 0,
  nrLazyMax: 0,
  numPurged: 19,
};

/** The only event of a line, which nothing else is in. */
function only(line: string): unknown {
  const { events, summary } = readText(line, { strict: true });
  expect(summary).toMatchObject({ lines: 1, events: 1, malformed: 0 });
  return events[0];
}

test("the three events, with a line feed, without, and with a carriage return", () => {
  for (const end of ["\n", "", "\r\n", "\r"]) {
    expect(only(`${HEAD}${ALLOC}${end}`)).toEqual(ALLOCATED);
    expect(only(`${HEAD}${FREE}${end}`)).toEqual(FREED);
    expect(only(`${HEAD}${PURGE}${end}`)).toEqual(PURGED);
  }
});

test("nothing of an earlier event stays in a later one", () => {
  const { events } = readText([ALLOC, PURGE, FREE, ALLOC].map((body) => `${HEAD}${body}\n`).join(""));
  expect(events).toEqual([
    ALLOCATED,
    { ...PURGED, line: 2 },
    { ...FREED, line: 3 },
    { ...ALLOCATED, line: 4 },
  ]);
});

test.each([
  ["          insmod-152     [003] ", undefined],
  ["          insmod-152     [003] ....", false],
  ["          insmod-152     [003] d.h.", true],
  ["          insmod-152     [003] d.s1.", true],
  ["          insmod-152     [003] d.H1.", true],
  ["          insmod-152     [003] .N...", false],
  ["          insmod-152     [003] ..z...", true],
  ["          insmod-152     (  123) [003] .....", false],
  ["          insmod-152     (-------) [003] .....", false],
  ["          insmod-152     (  123) [003] d.h1.", true],
  ["insmod-152 [003]", undefined],
  ["insmod-152 [3] d.h..", true],
])("columns before the time: %s", (columns, inInterrupt) => {
  expect(only(`${columns}     5.016038: ${ALLOC}`)).toEqual({ ...ALLOCATED, inInterrupt });
  expect(only(`${columns}     5.016038: ${FREE}`)).toEqual({ ...FREED, inInterrupt });
});

test.each([
  ["kworker/u8:1-ev", 61],
  ["kworker/2:1", 61],
  ["<idle>", 0],
  ["<...>", 4_194_304],
  ["a b", 9],
  ["x-1 [000] y", 77],
  ["a-2 [1", 77],
  ["[x]: (y)", 1],
  ["äöü", 12],
  ["-", 12],
  ["", 12],
])("a task named %s", (comm, pid) => {
  const columns = 16 - new TextEncoder().encode(comm).length;
  const padded = `${" ".repeat(columns)}${comm}`;
  expect(only(`${padded}-${pid}     [003] .....     5.016038: ${ALLOC}`)).toEqual({
    ...ALLOCATED,
    comm,
    pid,
  });
  const report = `${padded}-${pid}     [003]     5.016038: ${FREE.replace(":", ":   ")}`;
  expect(only(report)).toEqual({ ...FREED, comm, pid, inInterrupt: undefined });
});

test.each([
  ["5.016038", 5_016_038, "us"],
  ["5.016038123", 5_016_038.123, "us"],
  ["1732135742.000001", 1_732_135_742_000_001, "us"],
  ["17", 17, "ticks"],
  ["123456789012345678", 123_456_789_012_345_680, "ticks"],
])("a time of %s", (text, time, timeUnit) => {
  const { events, summary } = readText(`${HEAD.replace("5.016038", text)}${ALLOC}\n`, { strict: true });
  expect(events).toEqual([{ ...ALLOCATED, time }]);
  expect(summary.timeUnit).toBe(timeUnit);
});

test.each([
  "alloc_vmap_area: va_start: 0xffffcc7ac05cd000 size=49152 align=1 vstart=0xffffcc7ac0000000 vend=0xffffec7abfffffff failed=0",
  "alloc_vmap_area: va_start=0xFFFFCC7AC05CD000 size=49152 align=1 vstart=0xffffcc7ac0000000 vend=0xffffec7abfffffff failed=0",
  "alloc_vmap_area: va_start:0xffffcc7ac05cd000 size=0xc000 align=0x1 vstart=0xffffcc7ac0000000 vend=0xffffec7abfffffff failed=0",
  "alloc_vmap_area:va_start:0xffffcc7ac05cd000 size=49152 align=1 vstart=0xffffcc7ac0000000 vend=0xffffec7abfffffff failed=0  ",
  "alloc_vmap_area: failed=0 vend=0xffffec7abfffffff vstart=0xffffcc7ac0000000 align=1 size=49152 va_start=0xffffcc7ac05cd000",
  "alloc_vmap_area: va_start=0xffffcc7ac05cd000 size=49152 align=1 vstart=0xffffcc7ac0000000 vend=0xffffec7abfffffff failed=0 node=3 gfp=GFP_KERNEL|__GFP_ZERO",
  "alloc_vmap_area: caller=foo+0x1/0x2 [bar] va_start=0xffffcc7ac05cd000 size=49152 align=1 vstart=0xffffcc7ac0000000 vend=0xffffec7abfffffff failed=0 flags: 7",
])("fields in another form or order, with others: %s", (body) => {
  expect(only(`${HEAD}${body}`)).toEqual({ ...ALLOCATED, address: 0xffffcc7ac05cd000n });
});

test("a failure with an error number in place of the address, and the largest number", () => {
  const body = ALLOC.replace("18446687426318225408", "18446744073709551582").replace("failed=0", "failed=1");
  expect(only(`${HEAD}${body}`)).toEqual({ ...ALLOCATED, address: 2n ** 64n - 34n, failed: true });
  const last = ALLOC.replace("18446687426318225408", "18446744073709551615");
  expect(only(`${HEAD}${last}`)).toEqual({ ...ALLOCATED, address: 2n ** 64n - 1n });
  const empty = PURGE.replace(/0x\w+ end=0x\w+/u, "0xffffffffffffffff end=0x0");
  expect(only(`${HEAD}${empty}`)).toEqual({ ...PURGED, from: 2n ** 64n - 1n, to: 0n });
});

describe("lines of other events and tracers", () => {
  test.each([
    "kfree: call_site=free_vmap_area_noflush ptr=1",
    "alloc_ret: (__get_vm_area_node+0xcc/0x130 <- alloc_vmap_area) start=0xffffd006c03a8000",
    "alloc_vmap_area: (alloc_vmap_area+0x0/0x7f0) size=8192",
    "alloc_vmap_area <-__get_vm_area_node",
    "alloc_vmap_area(size=4096) <-__get_vm_area_node",
    "vfree <-free_work",
    "sys_openat(dfd: 3, filename: 7f0)",
    "sys_openat -> 0x3",
    "<stack trace>",
    "<user stack trace>",
    "vms_init [vms]: a text",
    "tracing_mark_write: alloc_vmap_area: va_start: 1",
    "sched_switch: prev_comm=a prev_pid=1 ==> next_comm=b",
  ])("%s", (body) => {
    expect(readText(`${HEAD}${body}\n`).summary).toMatchObject({ events: 0, otherEvents: 1, malformed: 0 });
  });
});

describe("formats", () => {
  const lines = `${HEAD}${ALLOC}\n => __vmalloc_node\n\n${HEAD}${FREE}\n`;

  test("the kernel's header", () => {
    const header = "# tracer: nop\n#\n# entries-in-buffer/entries-written: 2/2   #P:4\n#\n";
    expect(readText(`${header}${lines}`, { strict: true })).toMatchObject({
      losses: [],
      summary: {
        format: "ftrace",
        recognised: true,
        lines: 8,
        events: 2,
        otherLines: 6,
        cpus: 4,
        entries: { inBuffer: 2, written: 2 },
      },
    });
    expect(readText(header).summary).toMatchObject({ format: "ftrace", recognised: true, events: 0 });
  });

  test("trace_pipe, with a header in the midst of it and twice", () => {
    expect(readText(lines).summary).toMatchObject({
      format: "trace_pipe",
      cpus: undefined,
      entries: undefined,
    });
    const header = "# tracer: nop\n# entries-in-buffer/entries-written: 2/5   #P:4\n";
    const twice = readText(`${lines}${header}${lines}${header.replace("#P:4", "#P:8")}${lines}`);
    expect(twice.summary).toMatchObject({
      format: "trace_pipe",
      events: 6,
      cpus: 4,
      losses: 2,
      malformed: 0,
    });
    expect(twice.losses.map(({ line }) => line)).toEqual([6, 12]);
  });

  test("trace-cmd report", () => {
    const text = `version = 7\nCPU 1 is empty\ncpus=2\n${lines.replaceAll("..... ", "")}`;
    expect(readText(text, { strict: true })).toMatchObject({
      events: [
        { kind: KIND.ALLOC, inInterrupt: undefined },
        { kind: KIND.FREE, inInterrupt: undefined },
      ],
      summary: { format: "trace-cmd", recognised: true, cpus: 2, otherLines: 5 },
    });
  });

  test.each(["", "\n\n", "hello\n", "\0\0\0", "# a comment\n", "int main(void)\n{\n}\n", "5.3: x: y\n"])(
    "no trace: %j",
    (text) => {
      expect(readText(text).summary).toMatchObject({ format: "unknown", recognised: false, events: 0 });
    },
  );
});

test("losses", () => {
  const text = [
    "# entries-in-buffer/entries-written: 3855/15377   #P:4",
    "##### CPU 3 buffer started ####",
    "CPU:1 [LOST 411 EVENTS]",
    "CPU:2 [LOST EVENTS]",
    "CPU:7 [204600 EVENTS DROPPED]",
    "CPU:8 [EVENTS DROPPED]\r",
    "# entries-in-buffer/entries-written: 7/7   #P:4",
  ].join("\n");
  const { losses, summary } = readText(text, { strict: true });
  expect(losses).toEqual([
    { line: 1, cpu: undefined, events: 11_522, kind: "overwritten" },
    { line: 2, cpu: 3, events: undefined, kind: "started" },
    { line: 3, cpu: 1, events: 411, kind: "lost" },
    { line: 4, cpu: 2, events: undefined, kind: "lost" },
    { line: 5, cpu: 7, events: 204_600, kind: "lost" },
    { line: 6, cpu: 8, events: undefined, kind: "lost" },
  ]);
  expect(summary).toMatchObject({ losses: 6, entries: { inBuffer: 3855, written: 15_377 }, otherLines: 7 });
});
