// SPDX-License-Identifier: GPL-2.0-only
// Closed instances: tasks that pick from a menu for ever. A verdict on all states is one on runs of any length.
import { describe, expect, test } from "vitest";
import type { KernelCode } from "../../../explore/sync.ts";
import { GlobalTree } from "../../../impl/allocators/global-tree.ts";
import type { AllocatorClass } from "../../../impl/allocators/registry.ts";
import { instanceOf, type Machine } from "../../../properties/campaigns/instances.ts";
import { expectedToHold } from "../../../properties/scenarios/scenario.ts";
import { type InstanceSearch, searchInstance } from "../../../properties/search/search-instance.ts";
import type { AllocatorId } from "../../../spec/instance.ts";

function closed(
  allocator: AllocatorId,
  machine: Machine,
  liveMax: number,
  menus: readonly string[],
  design?: AllocatorClass,
): InstanceSearch {
  const instance = { ...instanceOf(allocator, machine, ...menus), closed: { liveMax } };
  return searchInstance(instance, expectedToHold(allocator), { statesMax: 400_000 }, design);
}

describe("faithful ports: every state is good, and all can come to rest", () => {
  test.each<[AllocatorId, Machine, number, readonly string[], number]>([
    ["global-tree", { space: 2, lazyMax: 1, cpus: 1 }, 2, ["a=alloc(1); free(a)"], 2265],
    [
      "global-tree",
      { space: 2, lazyMax: 1, cpus: 1 },
      1,
      ["a=alloc(1); free(a)", "b=alloc(1); free(b)"],
      31_237,
    ],
    ["node-index", { space: 2, block: 1, lazyMax: 1, cpus: 1 }, 2, ["a=alloc(1); free(a); purge"], 3006],
    [
      "node-blocks",
      { space: 4, block: 4, nodes: 1, lazyMax: 1, cpus: 1 },
      2,
      ["a=alloc(1); free(a)"],
      74_708,
    ],
  ])("%s %o, at most %i live", (allocator, machine, liveMax, menus, states) => {
    const result = closed(allocator, machine, liveMax, menus);
    expect(result).toMatchObject({ end: "exhausted", finding: undefined, states, terminals: 0 });
  });
});

/** Forgets to schedule the drain work. */
class NeverDrains extends GlobalTree {
  protected override lazyMaxPages(): number {
    return 1000;
  }
}

/** Takes vmap_purge_lock a second time. */
class TakesPurgeLockTwice extends GlobalTree {
  override *purgeVmapAreaLazy(): KernelCode {
    yield this.lockPurge();
    return 0;
  }
}

test("lost work: quiet with more lazy pages than may be", () => {
  const result = closed(
    "global-tree",
    { space: 3, lazyMax: 1, cpus: 1 },
    2,
    ["a=alloc(1); free(a)"],
    NeverDrains,
  );
  expect(result.finding).toEqual({
    id: "INV-DRAIN",
    message: "all is quiet with 2 lazy pages, the limit is 1",
  });
});

test("a deadlock: a task that waits for itself, and in the end all others for it", () => {
  const menus = ["a=alloc(1); free(a); purge", "b=alloc(1); free(b)"];
  const result = closed("global-tree", { space: 2, lazyMax: 4, cpus: 1 }, 1, menus, TakesPurgeLockTwice);
  expect(result).toMatchObject({ end: "deadlock", finding: { id: "INV-DEADLOCK" } });
});
