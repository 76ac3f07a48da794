// SPDX-License-Identifier: GPL-2.0-only
// Each rule of the workqueue is broken by a mistake, and seen to be broken, on a case that the faithful code keeps.
import { describe, expect, test } from "vitest";
import { CASES } from "./cases.ts";
import { judge } from "./judged.ts";
import { ITEM_MUTANTS, type Mutant } from "./mutants-of-items.ts";
import { THREAD_MUTANTS } from "./mutants-of-threads.ts";
import { RULES } from "./reference.ts";

const MUTANTS: readonly Mutant[] = [...ITEM_MUTANTS, ...THREAD_MUTANTS];

describe("a mistake breaks its rule", () => {
  test.each(MUTANTS.map((mutant) => [mutant.mistake, mutant] as const))(
    "%s",
    (_, { breaks, on, variant }) => {
      expect(judge(CASES[on]!, variant).end).toBe(breaks);
      expect(judge(CASES[on]!).end).toBe(CASES[on]!.end);
    },
  );
});

test("each rule is broken by some mistake", () => {
  expect([...new Set(MUTANTS.map(({ breaks }) => breaks))].sort()).toEqual(Object.keys(RULES).sort());
});

test("a mistake is seen in strict mode too", () => {
  const { breaks, on, variant } = MUTANTS[0]!;
  expect(judge(CASES[on]!, { ...variant, strict: true }).end).toBe(breaks);
});
