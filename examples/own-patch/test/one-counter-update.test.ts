// SPDX-License-Identifier: GPL-2.0-only
//
// v1 is refuted by a minimal counterexample, v2 holds where v1 fails and beyond.

import { expect, test } from "vitest";
import {
  encodeToken,
  huntPatch,
  huntPatchAtRandom,
  instanceOf,
  replayOn,
  replayPatch,
  searchPatch,
} from "vmapcheck";
import { SubtractsOnce, V1, V2 } from "../src/one-counter-update.ts";

// One task frees and purges, another one frees meanwhile. The limit is out of reach, so no drain work runs.
const PURGE_BESIDE_FREE = instanceOf(
  "global-tree",
  { space: 4, lazyMax: 4 },
  "a=alloc(1); free(a); purge",
  "b=alloc(1); free(b)",
);

// The same for ever, with the drain work: a verdict on runs of any length.
const FOR_EVER = instanceOf(
  "global-tree",
  { space: 2, cpus: 1, lazyMax: 1, liveMax: 1 },
  "a=alloc(1); free(a)",
  "purge",
);

test("v1 is refuted: what was freed while the purge ran is no longer counted", () => {
  const { counterexample, minimal, text, violates } = huntPatch(V1, PURGE_BESIDE_FREE, { seed: "v1" });
  expect(violates, text).toBe("INV-LAZYNR-GE");
  expect(minimal).toBe(true);
  // Two areas of a page each, and one switch between the tasks: nothing can be left out.
  expect(counterexample!.instance.programs.map((program) => program.length)).toEqual([3, 2]);
  expect(counterexample!.schedule.switches).toHaveLength(1);
  expect(text).toContain("vmap_lazy_nr is 0, but 1 pages are on lazy and purge lists");
});

test("its counterexample is one token, which replays here and holds for v2", () => {
  const { counterexample } = huntPatch(V1, PURGE_BESIDE_FREE, { seed: "v1" });
  const token = encodeToken(counterexample!);
  const again = replayPatch(V1, token);
  expect(again.ok && again.value.differences).toEqual([]);
  expect(replayPatch(V2, token).ok).toBe(false);
  expect(replayOn(SubtractsOnce, counterexample!).verdict).toBe("held");
});

test("v2 holds in every interleaving of the same programs", () => {
  const { text, verdict } = searchPatch(V2, PURGE_BESIDE_FREE);
  expect(verdict, text).toBe("held");
});

test("v2 holds in runs of any length of a small machine, v1 does not", () => {
  expect(searchPatch(V1, FOR_EVER).verdict).toBe("violated");
  const { text, verdict } = searchPatch(V2, FOR_EVER);
  expect(verdict, text).toBe("held");
});

test("v2 holds in random programs", () => {
  const machine = instanceOf("global-tree", { space: 8, lazyMax: 2, faults: "all" }, "purge");
  const { text, verdict } = huntPatchAtRandom(V2, machine, { seed: "v2", cases: 20 });
  expect(verdict, text).toBe("held");
});
