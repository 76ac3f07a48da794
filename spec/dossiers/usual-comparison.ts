// SPDX-License-Identifier: GPL-2.0-only
//
// What is compared of the designs of a patch unless its dossier has reasons for something else: small machines, and
// operations that every design knows.

import type { DifferencePlan } from "../differences.ts";

/** A modules window of four pages behind a vmalloc window of eight. */
export const WITH_MODULES = {
  space: 12,
  vmalloc: { start: 0, end: 8 },
  modules: { start: 8, end: 12 },
} as const;

/** Without expectations, which every dossier states itself. */
export const USUAL_COMPARISON = {
  moves: [
    "A=alloc(1)",
    "A=alloc(3)",
    "A=alloc(2,align=4)",
    "A=alloc(1,window=0..1)",
    "free(A)",
    "find(A+last)",
    "purge",
  ],
  machines: [
    { space: 8, lazyMax: 0 },
    { space: 8, cpus: 1, nodes: 1, block: 4, lazyMax: 3 },
    { space: 16, cpus: 1, lazyMax: 2 },
    { ...WITH_MODULES, lazyMax: 1 },
  ],
  operationsMax: 4,
  operationsInGate: 3,
  faults: ["kasan"],
  random: { cases: 150, operationsMax: 12 },
  races: {
    moves: ["A=alloc(1)", "A=alloc(3)", "free(A)", "purge"],
    machines: [{ space: 8, lazyMax: 0 }],
    operationsMax: 3,
  },
} as const satisfies Omit<DifferencePlan, "expected">;
