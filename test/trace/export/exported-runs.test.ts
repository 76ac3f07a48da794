// SPDX-License-Identifier: GPL-2.0-only
//
// What is made of the traces of real kernels is a valid instance that every design can run, and its file holds it all.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createRng } from "../../../explore/rng.ts";
import { RandomStrategy } from "../../../explore/strategies/random.ts";
import { expectedToHold } from "../../../properties/scenarios/scenario.ts";
import { Session } from "../../../properties/session.ts";
import { ALLOCATOR_IDS, type Instance } from "../../../spec/instance.ts";
import { decodeInstance } from "../../../spec/instance-schema.ts";
import { parseJson } from "../../../spec/json-text.ts";
import { RUN_TO_COMPLETION } from "../../../spec/schedule.ts";
import { instanceText } from "../../../trace/export/instance-text.ts";
import { type ExportedProgram, ProgramExport } from "../../../trace/export/program-export.ts";
import { TraceReader } from "../../../trace/reader/trace-reader.ts";

const ROOT = join(import.meta.dirname, "../../..");

const TRACES = ["k6.12-1cpu-small", "k6.12-2cpu-failed-alloc", "k7.2-2cpu-small"] as const;

function exported(name: (typeof TRACES)[number]): ExportedProgram {
  const program = new ProgramExport({ from: 1, to: Infinity });
  const reader = new TraceReader(program, { file: name, strict: true });
  reader.write(readFileSync(join(ROOT, "test/trace/fixtures", `${name}.trace.txt`)));
  reader.end();
  return program.result();
}

describe.each(TRACES)("%s", (name) => {
  const program = exported(name);

  test("each event is an operation, or is counted with the reason why not", () => {
    const { widened, losses, ...left } = program.left;
    const leftOut = Object.values(left).reduce((sum, count) => sum + count, 0);
    expect(program.operations + leftOut).toBe(program.events);
    expect([widened, losses]).toEqual([0, 0]);
    expect(program.operations).toBeGreaterThan(program.events / 2);
  });

  test("the file gives the same instance", () => {
    const json = parseJson(instanceText(program.instance), "file");
    if (!json.ok) throw new Error(json.error.message);
    expect(decodeInstance(json.value, "file")).toEqual({ ok: true, value: program.instance });
  });

  test("all requests are served when tasks run to completion", () => {
    const session = new Session(program.instance, { watched: new Set() });
    expect(session.replay(RUN_TO_COMPLETION).end).toBe("done");
    const allocations = program.instance.programs.flat().filter(({ op }) => op === "alloc");
    // 1 is live, 3 is freed: see SLOT of the simulated tasks.
    expect([...session.sim.tasks.state].filter((state) => state === 1 || state === 3)).toHaveLength(
      allocations.length,
    );
  });
});

// The check of dual-index looks at each page, so that it takes seconds in larger spaces.
test.each(ALLOCATOR_IDS)("%s runs the load of a kernel and keeps its invariants", (allocator) => {
  const instance: Instance = { ...exported("k7.2-2cpu-small").instance, allocator };
  const session = new Session(instance, { watched: expectedToHold(allocator, [instance]) });
  const strategy = new RandomStrategy(createRng(allocator), session.profile);
  for (let run = 0; run < 2; run++) {
    const { end, finding } = session.run(strategy);
    expect([end, finding?.message]).toEqual(["done", undefined]);
  }
});

test("the program that is kept for benchmarks is what its trace gives", () => {
  const kept = readFileSync(join(ROOT, "bench/programs/k7.2-2cpu-small.json"), "utf8");
  expect(instanceText(exported("k7.2-2cpu-small").instance)).toBe(kept);
});
