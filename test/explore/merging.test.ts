// SPDX-License-Identifier: GPL-2.0-only
//
// Merging of invisible steps: the same verdict and the same ends in fewer states where steps are local, and an auditor
// that finds the step that only says so.

import { describe, expect, test } from "vitest";
import { auditMerging, search, type SearchResult, type Served } from "../../explore/search/search.ts";
import type { KernelCode, Step } from "../../explore/sync.ts";
import { entryOf, KIT, type Kit, type Make } from "./worker-entry.ts";

/** What the middle step of each process does: none but the first two may be called local. */
type Kind = "own cell" | "nothing" | "shared cell" | "waits" | "takes a lock" | "chooses" | "round";

interface Instance {
  readonly kind: Kind;
  readonly order: readonly number[];
  /** What the sum over all results must not be, at the end of a run. */
  readonly wrong: number;
}

// Each process: add to the shared cell; the middle step; add what it has got to the shared cell.
function middle({ Cells, site, tail }: Kit, { kind, order, wrong }: Instance): Served {
  const n = order.length;
  const s = site("merging", "a step");
  const system = new Cells({ cells: n + 1, locks: 1 }, order, (cells) => {
    const { words } = cells;
    const add = (by: number): Step => ({ site: s, run: () => ((words[n]! += by), words[n]!) });
    const local: Record<string, (own: number) => Step> = {
      "own cell": (own) => ({ site: s, local: true, run: () => (words[own] = 1) }),
      nothing: () => ({ site: s, local: true, run: () => 1 }),
      "shared cell": () => ({ site: s, local: true, run: () => words[n]! }),
      waits: () => ({ site: s, local: true, ready: () => words[n]! > 1, run: () => 1 }),
      "takes a lock": () => {
        const run = (): number => ((words[n + 1] = 1 - words[n + 1]!), 1);
        return { site: s, local: true, run };
      },
      chooses: () => ({ site: s, local: true, choices: () => 2, run: (choice) => choice }),
    };
    function* round(): KernelCode {
      yield local["nothing"]!(0);
      return tail(cells, round);
    }
    return function* body(own: number): KernelCode {
      yield add(1);
      if (kind === "round") return tail(cells, round);
      const got = yield local[kind]!(own);
      if (kind === "takes a lock") yield { site: s, ready: () => words[n + 1] === 0, run: () => 0 };
      yield add(got);
      return 0;
    };
  });
  return { system, monitor: { afterStep: () => false, atEnd: () => system.words[n] === wrong } };
}

function run(instance: Instance, merge: boolean, count = 1): SearchResult {
  const make: Make<Instance> = middle;
  const { system, monitor } = make(KIT, instance);
  const workers = { count, entry: entryOf(make), data: instance };
  return search(system, monitor, { merge, chunkRows: 3, workers });
}

const ORDERS = [
  [0, 1, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
];

describe.each(["own cell", "nothing"] as const)("a sound local step: %s", (kind) => {
  test.each(ORDERS)("in order %i %i %i: fewer states, the same ends, no offender", (...order) => {
    const instance = { kind, order, wrong: -1 };
    const all = run(instance, false);
    for (const workers of [1, 2]) {
      const merged = run(instance, true, workers);
      expect(merged).toMatchObject({ end: "exhausted", terminals: all.terminals, deadlocks: 0 });
      expect(merged.states).toBeLessThan(all.states);
      expect([merged.states, merged.transitions]).toEqual([
        run(instance, true).states,
        run(instance, true).transitions,
      ]);
    }
    expect(auditMerging(middle(KIT, instance).system)).toBeUndefined();
  });

  test("what is found is the same, to the byte, and a shortest way", () => {
    const instance = { kind, order: [0, 1, 2], wrong: 6 };
    const all = run(instance, false);
    expect(all.end).toBe("violation");
    for (const workers of [1, 2]) expect(run(instance, true, workers)).toEqual(all);
  });
});

describe("a step that only says that it is local", () => {
  test.each([
    ["shared cell", "does not commute with another step"],
    ["waits", "is not always enabled"],
    ["takes a lock", "changes whether another step is enabled, or its choices"],
    ["chooses", "has choices"],
    ["round", "is one of local steps without an end"],
  ] as const)("%s: it %s", (kind, why) => {
    const offender = auditMerging(middle(KIT, { kind, order: [0, 1, 2], wrong: -1 }).system);
    expect(offender).toMatchObject({ why });
  });

  test("changes the result of a search that nobody has audited", () => {
    const ends = (merge: boolean): number =>
      run({ kind: "shared cell", order: [0, 1, 2], wrong: -1 }, merge).terminals;
    expect(ends(true)).toBeLessThan(ends(false));
    const missed = Array.from({ length: 20 }, (_, sum) => sum).filter((wrong) => {
      const instance: Instance = { kind: "shared cell", order: [0, 1, 2], wrong };
      return run(instance, false).end === "violation" && run(instance, true).end === "exhausted";
    });
    expect(missed.length).toBeGreaterThan(0);
  });
});
