// SPDX-License-Identifier: GPL-2.0-only
//
// Decoding instances and schedules: whole error lines, round trips, and equality of decoded and plain types.

import fc from "fast-check";
import { describe, expect, expectTypeOf, test } from "vitest";
import type { Instance } from "../../spec/instance.ts";
import type { InstanceSchema, OperationSchema, ScheduleSchema } from "../../spec/instance-schema.ts";
import { decodeInstance, decodeSchedule } from "../../spec/instance-schema.ts";
import type { Operation } from "../../spec/operations.ts";
import type { Schedule } from "../../spec/schedule.ts";
import { INSTANCE, instanceArbitrary, SCHEDULE, scheduleArbitrary } from "./sample.ts";

/** The instance as loose JSON, changed. */
function loose(change: (draft: Loose) => void): unknown {
  const draft = structuredClone(INSTANCE) as unknown as Loose;
  change(draft);
  return draft;
}

interface Loose {
  [field: string]: unknown;
  programs: Record<string, unknown>[][];
}

function firstOperation(change: (op: Record<string, unknown>) => void): unknown {
  return loose((draft) => {
    const op = draft.programs[0]?.[0];
    if (op !== undefined) change(op);
  });
}

function line(value: unknown): string {
  const decoded = decodeInstance(value, "i.json");
  return decoded.ok ? "valid" : decoded.error.message;
}

test("decoded types are the plain types", () => {
  expectTypeOf<typeof InstanceSchema.Type>().toEqualTypeOf<Instance>();
  expectTypeOf<typeof OperationSchema.Type>().toEqualTypeOf<Operation>();
  expectTypeOf<typeof ScheduleSchema.Type>().toEqualTypeOf<Schedule>();
});

test("decoding gives back every valid instance and schedule", () => {
  fc.assert(
    fc.property(instanceArbitrary, (instance) => {
      expect(decodeInstance(JSON.parse(JSON.stringify(instance)), "x")).toEqual({
        ok: true,
        value: instance,
      });
    }),
  );
  fc.assert(
    fc.property(scheduleArbitrary, (schedule) => {
      expect(decodeSchedule(JSON.parse(JSON.stringify(schedule)), "x")).toEqual({
        ok: true,
        value: schedule,
      });
    }),
  );
});

describe("one line says where, what was expected and what was found", () => {
  const fields =
    "allocator, spacePages, vmalloc, cpus, nodes, blockPages, lazyMaxPages, faults, migrations, programs";
  const allFields = fields
    .replace("vmalloc", "vmalloc, modules")
    .replace("lazyMaxPages", "lazyMaxPages, pageSize, poolPages, workers, boot, closed");
  const ops =
    '"alloc", "free", "find", "purge", "aliases", "pcpu", "pfree", "shrink", "flip", "offline" or "online"';
  test.each<[string, unknown, string]>([
    ["not an object", 5, `i.json: expected an object with ${fields}, found 5`],
    ["null", null, `i.json: expected an object with ${fields}, found null`],
    ["a list", [1, 2], `i.json: expected an object with ${fields}, found a list of 2`],
    [
      "nothing in it",
      {},
      'i.json: allocator: expected "global-tree", "node-index", "node-blocks", "size-pools", "unbound-drain", "unbound-drain-v3", "dual-index" or "occupied-index", found nothing',
    ],
    [
      "a misspelt field",
      loose((d) => {
        d["lazyMaxPage"] = 2;
        delete d["lazyMaxPages"];
      }),
      `i.json: lazyMaxPage: expected only the fields ${allFields}, found an unknown field`,
    ],
    [
      "a field of the prototype",
      JSON.parse('{"__proto__": {"cpus": 1}}'),
      `i.json: __proto__: expected only the fields ${allFields}, found an unknown field`,
    ],
    ["a missing number", loose((d) => delete d["cpus"]), "i.json: cpus: expected an integer, found nothing"],
    ["a number as text", loose((d) => (d["cpus"] = "2")), 'i.json: cpus: expected an integer, found "2"'],
    ["a fraction", loose((d) => (d["cpus"] = 1.5)), "i.json: cpus: expected an integer, found 1.5"],
    ["NaN", loose((d) => (d["cpus"] = NaN)), "i.json: cpus: expected an integer, found NaN"],
    [
      "a window that is null",
      loose((d) => (d["modules"] = null)),
      "i.json: modules: expected an object with start, end, found null",
    ],
    [
      "half a window",
      loose((d) => (d["vmalloc"] = { start: 0 })),
      "i.json: vmalloc.end: expected an integer, found nothing",
    ],
    [
      "an operation that is a number",
      loose((d) => Object.assign(d.programs[0] ?? [], [7])),
      "i.json: programs[0][0]: expected an operation, which is an object with op, found 7",
    ],
    [
      "an operation without a kind",
      firstOperation((op) => delete op["op"]),
      `i.json: programs[0][0].op: expected ${ops}, found nothing`,
    ],
    [
      "an operation of an unknown kind",
      firstOperation((op) => (op["op"] = "mmap")),
      `i.json: programs[0][0].op: expected ${ops}, found "mmap"`,
    ],
    [
      "an operation with a field of another kind",
      firstOperation((op) => (op["offset"] = 1)),
      "i.json: programs[0][0].offset: expected only the fields op, name, size, align, window, cached, found an unknown field",
    ],
    [
      "hotplug without a CPU",
      loose((d) => d.programs.push([{ op: "offline" }])),
      "i.json: programs[2][0].cpu: expected an integer, found nothing",
    ],
    [
      "hotplug with a field of another kind",
      loose((d) => d.programs.push([{ op: "online", cpu: 1, name: "a" }])),
      "i.json: programs[2][0].name: expected only the fields op, cpu, found an unknown field",
    ],
    [
      "a shrinker with an operand",
      loose((d) => d.programs.push([{ op: "shrink", pages: 3 }])),
      "i.json: programs[2][0].pages: expected only the fields op, found an unknown field",
    ],
    [
      "workers that are a number",
      loose((d) => (d["workers"] = 3)),
      "i.json: workers: expected an object with idle, found 3",
    ],
    [
      "workers without a number",
      loose((d) => (d["workers"] = { stackPages: 4 })),
      "i.json: workers.idle: expected an integer, found nothing",
    ],
    [
      "an unknown phase of the boot",
      loose((d) => (d["boot"] = "start_kernel")),
      'i.json: boot: expected "vmalloc_init", "workqueue_init_early" or "workqueue_init", found "start_kernel"',
    ],
    [
      "a field that is right and a design that is not",
      loose((d) => (d["poolPages"] = 2)),
      "i.json: poolPages: expected nothing (node-blocks is a design without pools), found 2",
    ],
    [
      "an unknown window",
      firstOperation((op) => (op["window"] = "heap")),
      'i.json: programs[0][0].window: expected "vmalloc" or "modules" or an object with start, end, found "heap"',
    ],
    [
      "half an explicit window",
      firstOperation((op) => (op["window"] = { start: 3 })),
      "i.json: programs[0][0].window.end: expected an integer, found nothing",
    ],
    [
      "a flag that is a number",
      firstOperation((op) => (op["cached"] = 1)),
      "i.json: programs[0][0].cached: expected true or false, found 1",
    ],
    [
      "a text that would break the line",
      firstOperation((op) => (op["window"] = "a\nb\u202ec\u0007")),
      'i.json: programs[0][0].window: expected "vmalloc" or "modules" or an object with start, end, found "a\\nb\\u202ec\\u0007"',
    ],
    [
      "a long text",
      loose((d) => (d["allocator"] = "x".repeat(1000))),
      `i.json: allocator: expected "global-tree", "node-index", "node-blocks", "size-pools", "unbound-drain", "unbound-drain-v3", "dual-index" or "occupied-index", found "${"x".repeat(40)}..."`,
    ],
    [
      "a shape that is right and a range that is not",
      loose((d) => (d["cpus"] = 65)),
      "i.json: cpus: expected an integer from 1 to 64, found 65",
    ],
  ])("%s", (_, value, expected) => {
    expect(line(value)).toBe(expected);
  });
});

test("any JSON whatever gives a value or one line", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(line(value)).toMatch(/^i\.json: .*expected .+, found .+$/);
    }),
  );
});

test("schedules must be in order", () => {
  const bad = (schedule: Schedule): string => {
    const decoded = decodeSchedule(schedule, "s.json");
    return decoded.ok ? "valid" : `${decoded.error.code} ${decoded.error.message}`;
  };
  expect(bad(SCHEDULE)).toBe("valid");
  const twice = { ...SCHEDULE, choices: [SCHEDULE.choices[0], { at: 4, value: 2 }] } as Schedule;
  expect(bad(twice)).toBe("VMC-E025 s.json: choices[1].at: expected a step after step 4, found 4");
  const unsorted = { switches: [...SCHEDULE.switches].reverse(), choices: [] };
  expect(bad(unsorted)).toBe("VMC-E025 s.json: switches[1].at: expected a step after step 9, found 3");
  const negative = { switches: [], choices: [{ at: 0, value: -1 }] };
  expect(bad(negative)).toBe(
    "VMC-E025 s.json: choices[0].value: expected an integer from 0 to 2147483647, found -1",
  );
  const fraction = { switches: [{ at: 0.5, to: 0 }], choices: [] };
  expect(bad(fraction)).toBe("VMC-E011 s.json: switches[0].at: expected an integer, found 0.5");
});
