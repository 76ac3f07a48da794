// SPDX-License-Identifier: GPL-2.0-only
//
// Random toy programs: functions with steps, branches, nested calls, tail calls, loops by tail call, calls whose
// results are dead, and functions that return without a step. Every run of them is finite.

import fc from "fast-check";
import { call, type KernelCode, tail } from "../../explore/sync.ts";
import { Toy } from "./toy-system.ts";

/** One statement. `acc` is the function's only local besides its arguments. */
export type Statement =
  | { readonly op: "read"; readonly cell: number; readonly keep: boolean }
  | { readonly op: "write" | "add"; readonly cell: number; readonly value: number }
  | { readonly op: "swap"; readonly cell: number; readonly value: number }
  | { readonly op: "lock" | "unlock"; readonly lock: number }
  | { readonly op: "choose"; readonly of: number }
  | { readonly op: "call"; readonly to: number; readonly keep: boolean }
  | { readonly op: "return-if-odd" };

/** How a function ends. */
export type Ending = "return" | "forget" | "tail" | "loop";

export interface ToyFunction {
  readonly body: readonly Statement[];
  readonly ending: Ending;
}

/** Functions call later ones only; process p begins with `entries[p]`. */
export interface RandomProgram {
  readonly functions: readonly ToyFunction[];
  readonly entries: readonly number[];
}

const CELLS = 3;
const LOCKS = 2;
const VALUES = 4;

const cell = fc.nat({ max: CELLS - 1 });
const lock = fc.nat({ max: LOCKS - 1 });
const value = fc.nat({ max: VALUES - 1 });

const statement: fc.Arbitrary<Statement> = fc.oneof(
  fc.record({ op: fc.constant("read" as const), cell, keep: fc.boolean() }),
  fc.record({ op: fc.constantFrom("write" as const, "add" as const), cell, value }),
  fc.record({ op: fc.constant("swap" as const), cell, value }),
  fc.record({ op: fc.constantFrom("lock" as const, "unlock" as const), lock }),
  fc.record({ op: fc.constant("choose" as const), of: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ op: fc.constant("call" as const), to: fc.integer({ min: 1, max: 3 }), keep: fc.boolean() }),
  fc.record({ op: fc.constant("return-if-odd" as const) }),
);

const toyFunction: fc.Arbitrary<ToyFunction> = fc.record({
  body: fc.array(statement, { maxLength: 5 }),
  ending: fc.constantFrom<Ending>("return", "forget", "tail", "loop"),
});

/** Random programs for one to four processes; often several processes begin alike. */
export const randomProgram: fc.Arbitrary<RandomProgram> = fc.record({
  functions: fc.array(toyFunction, { minLength: 4, maxLength: 4 }),
  entries: fc.array(fc.nat({ max: 2 }), { minLength: 1, maxLength: 4 }),
});

/** The toy that executes a program. */
export function toyOf({ functions, entries }: RandomProgram): Toy {
  const toy = new Toy({ cells: CELLS, locks: LOCKS });
  function* execute(index: number, argument: number, fuel: number): KernelCode {
    const { body, ending } = functions[index]!;
    let acc = argument;
    for (const s of body) {
      switch (s.op) {
        case "read": {
          const read = yield toy.read(s.cell);
          if (s.keep) acc = read;
          break;
        }
        case "write":
          // Captures a local that changes later.
          yield toy.step(() => {
            toy.set(s.cell, (acc + s.value) % VALUES);
            return 0;
          });
          break;
        case "add":
          acc = (yield toy.fetchAdd(s.cell, s.value)) % VALUES;
          break;
        case "swap":
          acc = yield toy.swap(s.cell, acc, s.value);
          break;
        case "lock":
          yield toy.lock(s.lock);
          break;
        case "unlock":
          yield toy.unlock(s.lock);
          break;
        case "choose":
          acc = yield toy.choose(s.of);
          break;
        case "call": {
          const to = index + s.to;
          if (to >= functions.length) break;
          const returned = yield call(toy, execute, to, acc, 1);
          if (s.keep) acc = returned;
          break;
        }
        case "return-if-odd":
          if (acc % 2 === 1) return acc;
          break;
      }
    }
    switch (ending) {
      case "return":
        return acc;
      case "forget":
        return 0;
      case "tail":
        return index + 1 < functions.length ? tail(toy, execute, index + 1, acc, 1) : acc;
      case "loop":
        return fuel > 0 ? tail(toy, execute, index, acc, fuel - 1) : acc;
    }
  }
  entries.forEach((entry, p) => toy.spawn(`p${p}`, execute, entry, 0, 2));
  return toy;
}
