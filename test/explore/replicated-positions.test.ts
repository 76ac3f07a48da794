// SPDX-License-Identifier: GPL-2.0-only
//
// Executors that share a log have the same numbers for the same positions, whoever meets a position first.

import fc from "fast-check";
import { expect, test } from "vitest";
import { DerivationLog } from "../../explore/derivation-log.ts";
import { InternedExecutor, type Position } from "../../explore/positions.ts";
import { PositionPrints } from "../../explore/search/position-print.ts";
import { isReady } from "../../explore/sync.ts";
import { randomProgram, toyOf } from "./random-programs.ts";
import { philosophers } from "./families.ts";

test("in any order of meeting them, and when the log is read back", () => {
  let shared = 0;
  fc.assert(
    fc.property(
      randomProgram,
      fc.array(fc.tuple(fc.nat(2), fc.nat(9), fc.nat(3)), { maxLength: 120, size: "max" }),
      (program, plan) => {
        const log = new DerivationLog();
        const systems = [0, 1, 2].map(() => toyOf(program));
        const executors = systems.map((system) => {
          system.reset();
          const executor = new InternedExecutor(system, 1, log);
          executor.reset();
          return executor;
        });
        const prints = executors.map(() => new PositionPrints((n) => n === 1));
        for (const [who, process, choice] of plan) {
          const executor = executors[who]!;
          const step = executor.pending[process % executor.pending.length];
          if (!step || !isReady(step)) continue;
          const p = process % executor.pending.length;
          systems[who]!.begin(p);
          executor.advance(p, step.run(step.choices ? choice % step.choices() : 0));
          prints[who]!.of(executor.at(p));
        }
        const again = new InternedExecutor(toyOf(program), 1, log);
        again.reset();
        for (const executor of [...executors, again]) executor.catchUp();
        if (log.length > 5) shared++;
        const known = again.at(0).all;
        for (const [who, executor] of executors.entries()) {
          const { all } = executor.at(0);
          expect(all.map(shape)).toEqual(known.map(shape));
          const others = new PositionPrints((n) => n === 1);
          for (const position of all.toReversed())
            expect(prints[who]!.of(position)).toEqual(others.of(position));
        }
      },
    ),
    { numRuns: 200 },
  );
  expect(shared).toBeGreaterThan(20);
});

function shape({ id, step, frame, results }: Position): readonly unknown[] {
  return [id, step?.site.id, frame.caller?.id, frame.target.args, results];
}

test("a log that is full says so", () => {
  const log = new DerivationLog(DerivationLog.reserve(2048));
  expect(() => {
    for (let i = 0; i < 1000; i++) log.append(i, i);
  }).toThrow(
    "the log of positions of the search would take more than the 2048 bytes that are reserved for it",
  );
});

test("a log of another system is refused", () => {
  const log = new DerivationLog();
  log.append(7777, 0);
  const executor = new InternedExecutor(philosophers(3), 1, log);
  executor.reset();
  expect(() => executor.catchUp()).toThrow("the log names a position that its derivations do not lead to");
});
