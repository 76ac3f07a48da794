// SPDX-License-Identifier: GPL-2.0-only
// The canonical fingerprint takes nothing for the same that differs: the verdict and the ends of all runs are those of
// a search in which every word counts. And a fingerprint that leaves out too much is seen.
import { describe, expect, test } from "vitest";
import { campaignOf } from "../../../properties/campaigns/catalogue.ts";
import { mutantOf } from "../../../properties/mutants/catalogue.ts";
import { Canonical } from "../../../properties/search/canonical.ts";
import { instanceOf } from "../../../spec/small-machine.ts";
import type { Instance } from "../../../spec/instance.ts";
import type { FingerprintMaker } from "../../../properties/search/search-monitor.ts";
import { everyWord, searchWith } from "./searches.ts";

/** A mistake: it does not matter where task 1 is. */
const withoutTaskOne: FingerprintMaker = (sim) => {
  const made = new Canonical(sim);
  return {
    fingerprint: (executor, history, into) => {
      const blind = { at: (process: number) => executor.at(process === 1 ? 0 : process) };
      made.fingerprint(Object.assign(Object.create(executor) as typeof executor, blind), history, into);
    },
  };
};

const INSTANCES: readonly (readonly [name: string, instance: Instance])[] = [
  ["node-blocks-kasan 0", campaignOf("node-blocks-kasan").instances[0]!],
  ["node-blocks-stranded 0", campaignOf("node-blocks-stranded").instances[0]!],
  [
    "windows",
    instanceOf(
      "global-tree",
      { space: 8 },
      "a=alloc(1,window=3..6); free(a); b=alloc(2)",
      "c=alloc(2); purge",
    ),
  ],
  [
    "alignment",
    instanceOf(
      "node-index",
      { space: 8, lazyMax: 1 },
      "a=alloc(1); b=alloc(2,align=2); free(a)",
      "c=alloc(1)",
    ),
  ],
  [
    "two blocks",
    instanceOf(
      "node-blocks",
      { space: 16, lazyMax: 1, faults: ["fill-record"] },
      "a=alloc(2); free(a)",
      "b=alloc(1)",
    ),
  ],
  [
    "congruent areas",
    instanceOf(
      "node-index",
      { space: 6, block: 3, lazyMax: 1, cpus: 1, faults: ["split", "pcpu-record"], faultBudget: 2 },
      "p=pcpu(3:1,0:1); pfree(p)",
      "q=pcpu(0:2); pfree(q)",
    ),
  ],
];

describe.each(INSTANCES)("%s", (_name, instance) => {
  test("has the same verdict and the same ends when every word counts, and no fewer states", () => {
    // An end is the same whatever came before it.
    const least = searchWith(instance, { past: false });
    const all = searchWith(instance, { past: false, fingerprints: everyWord });
    expect([least.end, least.finding]).toEqual(["exhausted", undefined]);
    expect([all.end, all.finding]).toEqual(["exhausted", undefined]);
    expect(least.states).toBeLessThanOrEqual(all.states);
    expect([...least.ends].sort()).toEqual([...all.ends].sort());
    // Every end is one state: nothing that counts is told apart.
    expect(least.terminals).toBe(least.ends.size);
  });
});

// A lost update, a leak of a record, a range that two have, a work that is initialised while it runs.
test.each(["MU-37", "MU-111", "MU-4", "MU-54"])("%s: the same finding at the same depth", (id) => {
  const { instance, make } = mutantOf(id);
  const least = searchWith(instance, { design: make });
  const all = searchWith(instance, { design: make, fingerprints: everyWord });
  expect(least.finding).toBeDefined();
  expect([least.finding?.id, least.trace?.length]).toEqual([all.finding?.id, all.trace?.length]);
});

test("without the position of one task in the fingerprint, a lost update is not found", () => {
  const { instance, make: design } = mutantOf("MU-37");
  expect(searchWith(instance, { design }).finding?.id).toBe("INV-LAZYNR-GE");
  expect(searchWith(instance, { design, fingerprints: withoutTaskOne })).toMatchObject({
    end: "exhausted",
    finding: undefined,
  });
});
