// SPDX-License-Identifier: GPL-2.0-only
// Progress: from every state all can come to rest. What goes round for ever is a trap, in a bounded instance too.
import { expect, test } from "vitest";
import { type KernelCode, site } from "../../../explore/sync.ts";
import { GlobalTree } from "../../../impl/allocators/global-tree.ts";
import { instanceOf } from "../../../spec/small-machine.ts";
import { expectedToHold } from "../../../properties/scenarios/scenario.ts";
import { type InstanceSearch, searchInstance } from "../../../properties/search/search-instance.ts";
import { traceSteps } from "../../../properties/search/trace.ts";

const VAIN = site("__purge_vmap_area_lazy", "look, and release nothing");

/** A purge that releases nothing: the drain work of v6.6 looks again and again. */
class PurgesInVain extends GlobalTree {
  override *purgeVmapAreaLazy(): KernelCode {
    return yield this.kernel.step(VAIN, () => 0);
  }
}

// If the allocation fails, there is nothing to free, and nothing to drain.
const INSTANCE = instanceOf(
  "global-tree",
  { space: 4, lazyMax: 0, faults: ["alloc"] },
  "a=alloc(1); free(a)",
);
const searched = (design?: typeof GlobalTree): InstanceSearch =>
  searchInstance(INSTANCE, expectedToHold("global-tree"), { design, past: false });

test("a drain that goes round for ever is a trap, and the way into it is a shortest one", () => {
  const { end, finding, trace, shortest } = searched(PurgesInVain);
  expect([end, finding?.id, shortest]).toEqual(["trap", "TRAP", true]);
  expect(finding?.message).toMatch(/; livelock: kworker\/drain_vmap_work goes round in /);
  // From the moment that there will be a page to free, all roads lead to the drain.
  const steps = traceSteps(INSTANCE, trace!, PurgesInVain).map(({ fn, what }) => `${fn}: ${what}`);
  expect(steps).toEqual(["alloc_vmap_area: allocate the vmap_area record"]);
});

test("the faithful port can come to rest from every state", () => {
  expect(searched()).toMatchObject({ end: "exhausted", finding: undefined });
});
