// SPDX-License-Identifier: GPL-2.0-only
//
// From the lines of a trace to an instance: every kind of line, by hand.

import { describe, expect, test } from "vitest";
import { printPrograms } from "../../../spec/program-text.ts";
import { leftOutLines } from "../../../trace/export/left-out.ts";
import {
  type ExportedProgram,
  type ExportOptions,
  ProgramExport,
} from "../../../trace/export/program-export.ts";
import { TraceReader } from "../../../trace/reader/trace-reader.ts";

const VMALLOC = "vstart=0xffffc90000000000 vend=0xffffe8ffffffffff";
const PART = "vstart=0xffffc90000000000 vend=0xffffc90000400000";
const MODULES = "vstart=0xffffffffc0000000 vend=0xffffffffff000000";

/** First page of the vmalloc window, and of the modules one. */
const BASE = 0xffffc90000000000n;
const MODULES_BASE = 0xffffffffc0000000n;

function address(page: number, base = BASE): bigint {
  return base + BigInt(page) * 4096n;
}

function line(cpu: number, task: string, text: string): string {
  return `  ${task} [00${cpu}] .....     5.000000: ${text}`;
}

function alloc(cpu: number, page: number, pages: number, more: Alloc = {}): string {
  const { align = 1, base = BASE, failed = 0, task = "insmod-7", window = VMALLOC } = more;
  const at = address(page, base).toString();
  return line(
    cpu,
    task,
    `alloc_vmap_area: va_start: ${at} size=${pages * 4096} align=${align} ${window} failed=${failed}`,
  );
}

interface Alloc {
  readonly align?: number;
  readonly base?: bigint;
  readonly failed?: number;
  readonly task?: string;
  readonly window?: string;
}

function free(cpu: number, page: number, task = "insmod-7", lazyMax = 8192): string {
  const at = address(page).toString(16);
  return line(cpu, task, `free_vmap_area_noflush: va_start=0x${at} nr_lazy=1 nr_lazy_max=${lazyMax}`);
}

function purge(cpu: number, purged: number, task = "insmod-7"): string {
  return line(
    cpu,
    task,
    `purge_vmap_area_lazy: start=0xffffc90000000000 end=0xffffc90000001000 num_purged=${purged}`,
  );
}

function exported(lines: readonly string[], options: Partial<ExportOptions> = {}): ExportedProgram {
  const program = new ProgramExport({ from: 1, to: Infinity, ...options });
  const reader = new TraceReader(program, { file: "by hand", strict: true });
  reader.write(new TextEncoder().encode(`${lines.join("\n")}\n`));
  reader.end();
  return program.result();
}

const textOf = ({ instance }: ExportedProgram): string => printPrograms(instance.programs);

describe("programs", () => {
  test("each CPU is a task in the order of its lines, and areas are named by their lines", () => {
    const lines = [alloc(3, 0, 2), alloc(1, 4, 3, { align: 16384 }), free(1, 0), free(3, 4), alloc(3, 0, 5)];
    expect(textOf(exported(lines))).toMatchInlineSnapshot(`
      "l2=alloc(3,align=4); free(l1)
      l1=alloc(2); free(l2); l5=alloc(5)"
    `);
  });

  test("CPUs beyond the most tasks share them", () => {
    const lines = Array.from({ length: 18 }, (_, cpu) =>
      alloc(0, cpu * 4, 1).replace("[000]", `[0${10 + cpu}]`),
    );
    const { instance } = exported(lines);
    expect([instance.cpus, instance.programs.length]).toEqual([16, 16]);
    expect(instance.programs.map(({ length }) => length)).toEqual([
      2,
      2,
      ...Array.from({ length: 14 }, () => 1),
    ]);
  });

  test("only the lines of the window count", () => {
    const lines = [alloc(0, 0, 1), alloc(0, 4, 1), free(0, 0), free(0, 4), alloc(0, 0, 1)];
    const program = exported(lines, { from: 2, to: 4 });
    expect(textOf(program)).toBe("l2=alloc(1); free(l2)");
    expect([program.events, program.operations, program.left.unknownFrees]).toEqual([3, 2, 1]);
  });

  test("without an event there is one task with nothing to do", () => {
    expect(exported(["# tracer: nop"])).toMatchObject({
      operations: 0,
      instance: { programs: [[]], cpus: 1 },
    });
  });

  test("an address that is allocated again without a free in between stays live, under its own name", () => {
    expect(textOf(exported([alloc(0, 0, 1), alloc(0, 0, 2), free(0, 0)]))).toBe(
      "l1=alloc(1); l2=alloc(2); free(l2)",
    );
  });
});

describe("windows", () => {
  test("the largest is vmalloc, a part of it is widened, what lies outside is modules", () => {
    const program = exported([
      alloc(0, 0, 2),
      alloc(0, 8, 2, { window: PART }),
      alloc(0, 0, 2, { base: MODULES_BASE, window: MODULES }),
    ]);
    expect(textOf(program)).toBe("l1=alloc(2); l2=alloc(2); l3=alloc(2,window=modules)");
    expect(program.left.widened).toBe(1);
    const { modules, spacePages, vmalloc } = program.instance;
    expect(modules).toEqual({ start: vmalloc.end, end: spacePages });
  });

  test("without requests for modules there is no such window", () => {
    expect(exported([alloc(0, 0, 1)]).instance.modules).toBeUndefined();
  });
});

describe("purges", () => {
  test("of a task: aliases; behind an allocation that failed: purge; of a kworker, or of nothing: none", () => {
    const program = exported([
      alloc(0, 0, 1),
      purge(0, 1),
      alloc(0, 0, 1, { failed: 1 }),
      purge(0, 2),
      alloc(1, 8, 1, { failed: 1, task: "other-8" }),
      purge(0, 3),
      purge(0, 0),
      purge(1, 4, "kworker/1:2-77"),
    ]);
    expect(textOf(program)).toBe("l1=alloc(1); aliases; purge; aliases");
    expect(leftOutLines(program.left)).toEqual([
      "2 allocations that failed",
      "1 purges of kernel workers, which the simulated kernel starts by itself",
      "1 purges that found nothing to purge",
    ]);
  });

  test("an allocation that failed is forgotten by the next event of its task", () => {
    const lines = [alloc(0, 0, 1, { failed: 1 }), alloc(0, 0, 1), purge(0, 1)];
    expect(textOf(exported(lines))).toBe("l2=alloc(1); aliases");
  });

  test("more than the steps of a run allow are left out, and everything else stays", () => {
    const pairs = Array.from({ length: 200 }, () => [alloc(0, 0, 1), free(0, 0), purge(0, 1)]).flat();
    const { instance, left, operations } = exported(pairs);
    const kept = instance.programs.flat().filter(({ op }) => op === "aliases").length;
    expect(left.costlyPurges).toBeGreaterThan(0);
    expect([kept + left.costlyPurges, operations]).toEqual([200, 400 + kept]);
  });
});

describe("limits", () => {
  test("what has no room beside what is live is left out with its free", () => {
    const lines = [alloc(0, 0, 300), alloc(0, 512, 100), free(0, 512), free(0, 0), alloc(0, 512, 100)];
    const program = exported(lines, { spacePagesMax: 1024 });
    expect(textOf(program)).toBe("l1=alloc(300); free(l1); l5=alloc(100)");
    expect(program.left).toMatchObject({ tooLarge: 1, freesOfTooLarge: 1 });
    expect(program.instance.spacePages).toBeLessThanOrEqual(1024);
  });

  test("behind the most operations nothing is taken", () => {
    const lines = [alloc(0, 0, 1), free(0, 0), alloc(0, 0, 1), free(0, 0), purge(0, 1)];
    const program = exported(lines, { operationsMax: 3 });
    expect(textOf(program)).toBe("l1=alloc(1); free(l1); l3=alloc(1)");
    expect(program.left.behindLimit).toBe(2);
  });

  test("sizes and alignments that are not in pages are left out", () => {
    const odd = [
      alloc(0, 0, 1).replace("size=4096", "size=5000"),
      alloc(0, 0, 1, { align: 3 * 4096 }),
      alloc(0, 0, 1, { align: 5000 }),
      alloc(0, 0, 0),
    ];
    expect(exported(odd)).toMatchObject({ operations: 0, left: { malformed: 4 } });
  });

  test("the lazy limit is an eighth of what is freed, and never above the kernel's", () => {
    const lines = (lazyMax: number): string[] => [alloc(0, 0, 800), free(0, 0, "insmod-7", lazyMax)];
    expect(exported(lines(8192)).instance.lazyMaxPages).toBe(100);
    expect(exported(lines(64)).instance.lazyMaxPages).toBe(64);
  });

  test("a gap in the window is counted", () => {
    const lines = ["CPU:1 [LOST 3 EVENTS]", alloc(0, 0, 1), "CPU:0 [LOST 4 EVENTS]", free(0, 0)];
    expect(exported(lines, { from: 2 }).left.losses).toBe(1);
  });
});
