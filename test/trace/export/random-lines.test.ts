// SPDX-License-Identifier: GPL-2.0-only
//
// Whatever a trace says, what is made of it is an instance that keeps all rules, and nothing goes missing silently.

import seedrandom from "seedrandom";
import { expect, test } from "vitest";
import { validateInstance } from "../../../spec/instance-rules.ts";
import { ProgramExport } from "../../../trace/export/program-export.ts";
import { KIND, type TraceEvent } from "../../../trace/trace-event.ts";

const EVENTS = 400;

/** Random events over few pages, CPUs and tasks, so that addresses come again; one in 30 is a hundred times as large. */
function* events(seed: string): Generator<TraceEvent> {
  const random = seedrandom(seed);
  const below = (n: number): number => Math.floor(random() * n);
  const cpus = 1 + below(40);
  for (let line = 1; line <= EVENTS; line++) {
    const kind = [KIND.ALLOC, KIND.FREE, KIND.ALLOC, KIND.FREE, KIND.PURGE][below(5)] ?? KIND.ALLOC;
    const isModules = below(4) === 0;
    const large = below(30) === 0 ? 100 : 1;
    const pid = below(6);
    yield {
      kind,
      line,
      cpu: below(cpus) * 3,
      pid,
      inInterrupt: undefined,
      time: line,
      page: 1000 + below(60),
      offset: below(50) === 0 ? 8 : 0,
      size: large * (1 + below(40)) * 4096 + (below(50) === 0 ? 1 : 0),
      align: below(3) === 0 ? 4096 * 2 ** below(6) : below(50),
      failed: below(20) === 0,
      fromPage: isModules ? 900_000 : 1000 + below(2) * 10,
      fromOffset: 0,
      toPage: isModules ? 910_000 : 800_000,
      toOffset: below(2) * 4095,
      nrLazy: 1,
      nrLazyMax: below(3) * 40,
      numPurged: below(4),
      comm: () => (pid === 0 ? "kworker/u8:1" : "insmod"),
    };
  }
}

test.each(Array.from({ length: 150 }, (_, i) => `lines ${i}`))("%s", (seed) => {
  const from = 1 + (seed.length % 5);
  const program = new ProgramExport({ from, to: EVENTS - 3, operationsMax: 250, spacePagesMax: 4096 });
  const lineOf = new Map<string, { readonly cpu: number; readonly size: number }>();
  for (const event of events(seed)) {
    lineOf.set(`l${event.line}`, { cpu: event.cpu, size: event.size / 4096 });
    program.event(event);
  }
  const { events: heard, instance, left, operations } = program.result();
  expect(validateInstance(instance)).toBeUndefined();
  expect(instance.spacePages).toBeLessThanOrEqual(4096);
  const { losses, widened, ...leftOut } = left;
  expect(heard).toBe(EVENTS - 3 - from + 1);
  expect(operations + Object.values(leftOut).reduce((sum, count) => sum + count, 0)).toBe(heard);
  expect(losses).toBe(0);
  expect(operations).toBe(instance.programs.flat().length);
  const allocations = instance.programs.flat().filter((op) => op.op === "alloc");
  expect(widened).toBeLessThanOrEqual(allocations.length);
  for (const { name, size } of allocations) expect(size).toBe(lineOf.get(name)?.size);
});
