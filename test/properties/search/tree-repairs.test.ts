// SPDX-License-Identifier: GPL-2.0-only
// With its repair, a named instance that pins a defect of the designs with range trees holds in all states; or the next
// defect comes to light.
import { expect, test } from "vitest";
import { mutantOf } from "../../../properties/mutants/catalogue.ts";
import { watchedIn } from "../../../properties/search/pinned.ts";
import { searchInstance } from "../../../properties/search/search-instance.ts";
import { searchInstancesOf } from "../../../spec/search-instances.ts";

/** A repair, the instance, and what a search of it sees: nothing, or an invariant after so many steps. */
const ROWS = [
  ["MU-19", "bounded-tiny-modules", undefined, undefined],
  ["MU-22", "bounded-tiny-exact", undefined, undefined],
  // Left over: what a decay loses, and what is published while the mode changes.
  ["MU-260", "closed-tiny-flip", "INV-CONSERVE", 45],
  ["MU-19", "closed-tiny-modules", "INV-OCC-EQ", 14],
  ["MU-262", "bounded-tiny-lost", "INV-CONSERVE", 30],
  // All of what is wrong around the perf mode.
  ["MU-261", "closed-tiny-flip", undefined, undefined],
  ["MU-261", "bounded-tiny-lost", undefined, undefined],
  ["MU-261", "bounded-tiny-decay", undefined, undefined],
  // What the per-CPU allocator takes for free.
  ["MU-21", "closed-tiny-pcpu", undefined, undefined],
  ["MU-21", "closed-tiny-chunks", undefined, undefined],
  ["MU-264", "closed-tiny-store", undefined, undefined],
  ["MU-264", "bounded-tiny-store", undefined, undefined],
  ["MU-266", "closed-tiny-store", undefined, undefined],
] as const;

test.each(ROWS)("%s in %s", (id, name, invariant, steps) => {
  const { base, make } = mutantOf(id);
  const named = searchInstancesOf(base).find((each) => each.name === name)!;
  expect(named.violates).toBeDefined();
  const { end, finding, trace } = searchInstance(named.instance, watchedIn(named), { design: make });
  expect([end, finding?.id, trace?.length]).toEqual([
    invariant === undefined ? "exhausted" : "violation",
    invariant,
    steps,
  ]);
});
