// SPDX-License-Identifier: GPL-2.0-only
//
// Patterns of operations, and the operations of a machine that they stand for.

import { describe, expect, it } from "vitest";
import { Alphabet, patternOf } from "../../../properties/differential/moves.ts";
import { caseText } from "../../../properties/differential/program.ts";
import { printProgram } from "../../../spec/program-text.ts";

const MACHINE = { space: 8, cpus: 2, nodes: 1 };

const operationsOf = (moves: Parameters<typeof patternOf>[0][], machine = MACHINE): string =>
  printProgram(new Alphabet("node-index", machine, moves.map(patternOf)).operations);

describe("a pattern", () => {
  it("allocates what stands before its equals sign, and names the rest", () => {
    expect(patternOf("A=alloc(2,align=4,window=modules)", 3)).toMatchObject({
      index: 3,
      verb: "alloc",
      allocates: ["A"],
      names: [],
      pages: 2,
      cost: [2, 2, 1],
    });
    expect(patternOf("find(A+last)", 0)).toMatchObject({
      verb: "find",
      allocates: [],
      names: ["A"],
      of: "alloc",
    });
    expect(patternOf({ text: "flip", once: true }, 0)).toMatchObject({ verb: "flip", names: [], once: true });
  });

  it("may allocate several areas, and name those of another verb", () => {
    expect(patternOf("A, B=both(1)", 0)).toMatchObject({ allocates: ["A", "B"], verb: "both" });
    expect(patternOf({ text: "undo(A)", of: "both" }, 0)).toMatchObject({ names: ["A"], of: "both" });
  });
});

describe("an alphabet", () => {
  it("has a slot for the areas of each allocating pattern", () => {
    expect(operationsOf(["A=alloc(1)", "A=alloc(2)", "free(A)", "find(A+last)", "purge"])).toBe(
      "a0=alloc(1); a1=alloc(2); free(a0); free(a1); find(a0+0); find(a1+1); purge",
    );
  });

  it("has nothing that the machine or the design has not", () => {
    const moves = [
      "A=alloc(9)",
      "A=alloc(1,window=modules)",
      "A=alloc(1,window=7..9)",
      "free(A)",
      "shrink",
      "purge",
    ];
    expect(operationsOf(moves)).toBe("purge");
    const modules = { space: 8, vmalloc: { start: 0, end: 4 }, modules: { start: 4, end: 8 } };
    expect(operationsOf(["A=alloc(1,window=modules)", "free(A)"], { ...MACHINE, ...modules })).toBe(
      "a0=alloc(1,window=modules); free(a0)",
    );
  });
});

it("a case as text names areas in order and says when work runs", () => {
  const alloc = patternOf("A=alloc(2)", 0);
  const free = patternOf("free(A)", 1);
  const elements = [
    { task: 0, pattern: alloc, areas: [], fault: true },
    { task: 1, pattern: alloc, areas: [], fault: false },
    "quiet" as const,
    { task: 0, pattern: free, areas: [1], fault: false },
  ];
  expect(caseText({ elements, setting: "late" })).toEqual({
    programs: ["a=alloc(2); free(b)", "b=alloc(2)"],
    order: "0! 1 quiet 0",
  });
  expect(caseText({ elements: elements.slice(0, 2), setting: "prompt" }).order).toBe("0! quiet 1 quiet");
});
