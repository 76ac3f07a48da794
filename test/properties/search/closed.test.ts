// SPDX-License-Identifier: GPL-2.0-only
// Closed instances: tasks that pick from a menu for ever. A verdict on all states is one on runs of any length.
import { describe, expect, test } from "vitest";
import type { KernelCode } from "../../../explore/sync.ts";
import { GlobalTree } from "../../../impl/allocators/global-tree.ts";
import { instanceOf, type Machine } from "../../../spec/small-machine.ts";
import { replayCounterexample, toCounterexample } from "../../../properties/counterexample.ts";
import { expectedToHold } from "../../../properties/scenarios/scenario.ts";
import {
  type InstanceSearch,
  type InstanceSearchOptions,
  searchInstance,
} from "../../../properties/search/search-instance.ts";
import { toSchedule } from "../../../properties/search/trace.ts";
import type { AllocatorId } from "../../../spec/instance.ts";

function closed(
  allocator: AllocatorId,
  machine: Machine,
  liveMax: number,
  menus: readonly string[],
  options: InstanceSearchOptions = {},
): InstanceSearch {
  const instance = { ...instanceOf(allocator, machine, ...menus), closed: { liveMax } };
  return searchInstance(instance, expectedToHold(allocator), { statesMax: 400_000, ...options });
}

describe("faithful ports: every state is good, and all can come to rest", () => {
  // States, and how many there are to those who do not look back.
  test.each<[AllocatorId, Machine, number, readonly string[], number, number]>([
    ["global-tree", { space: 2, lazyMax: 1, cpus: 1 }, 2, ["a=alloc(1); free(a)"], 5240, 2265],
    [
      "global-tree",
      { space: 2, lazyMax: 1, cpus: 1 },
      1,
      ["a=alloc(1); free(a)", "b=alloc(1); free(b)"],
      50_421,
      9669,
    ],
    [
      "node-index",
      { space: 2, block: 1, lazyMax: 1, cpus: 1 },
      2,
      ["a=alloc(1); free(a); purge"],
      6726,
      3001,
    ],
    [
      "node-blocks",
      { space: 4, block: 4, nodes: 1, lazyMax: 1, cpus: 1 },
      2,
      ["a=alloc(1); free(a)"],
      149_974,
      71_857,
    ],
  ])("%s %o, at most %i live", (allocator, machine, liveMax, menus, states, now) => {
    const held = { end: "exhausted", finding: undefined, terminals: 0 };
    expect(closed(allocator, machine, liveMax, menus)).toMatchObject({ ...held, states });
    expect(closed(allocator, machine, liveMax, menus, { past: false })).toMatchObject({
      ...held,
      states: now,
    });
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
  const result = closed("global-tree", { space: 3, lazyMax: 1, cpus: 1 }, 2, ["a=alloc(1); free(a)"], {
    design: NeverDrains,
  });
  expect(result.finding).toEqual({
    id: "INV-DRAIN",
    message: "all is quiet with 2 lazy pages, the limit is 1",
  });
  // A run comes to it, too.
  const instance = {
    ...instanceOf("global-tree", { space: 3, lazyMax: 1, cpus: 1 }, "a=alloc(1); free(a)"),
    closed: { liveMax: 2 },
  };
  const options = { design: NeverDrains, watched: expectedToHold("global-tree") };
  const schedule = toSchedule(instance, result.trace!, options)!;
  const kept = toCounterexample({ instance, schedule }, options);
  expect([kept.violation.invariant, kept.violation.step + 1]).toEqual(["INV-DRAIN", result.trace!.length]);
  expect(replayCounterexample(kept, options).differences).toEqual([]);
});

test("a deadlock: a task that waits for itself, and in the end all others for it", () => {
  const menus = ["a=alloc(1); free(a); purge", "b=alloc(1); free(b)"];
  const result = closed("global-tree", { space: 2, lazyMax: 4, cpus: 1 }, 1, menus, {
    design: TakesPurgeLockTwice,
  });
  expect(result).toMatchObject({ end: "deadlock", finding: { id: "INV-DEADLOCK" } });
});
