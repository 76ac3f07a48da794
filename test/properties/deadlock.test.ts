// SPDX-License-Identifier: GPL-2.0-only
//
// Deadlocks: which invariant they violate, and that a run, a search and a replay say the same of them.

import { describe, expect, test } from "vitest";
import type { AllocatorClass } from "../../impl/allocators/registry.ts";
import { SizePools } from "../../impl/allocators/size-pools.ts";
import { replayCounterexample } from "../../properties/counterexample.ts";
import { mutantOf } from "../../properties/mutants/catalogue.ts";
import { searchInstance } from "../../properties/search/search-instance.ts";
import { searchedCounterexample } from "../../properties/search/trace.ts";
import { runOnce, Session } from "../../properties/session.ts";
import type { Instance } from "../../spec/instance.ts";
import type { InvariantId } from "../../spec/invariants.ts";
import { RUN_TO_COMPLETION } from "../../spec/schedule.ts";
import { instanceOf } from "../../spec/small-machine.ts";

/** The system's own queue has no rescuer. */
const DRAINS = instanceOf(
  "size-pools",
  { space: 2, lazyMax: 0, cpus: 1, workers: { idle: 0 } },
  "a=alloc(1); free(a)",
);
const HELPERS = mutantOf("MU-55");

const CASES: readonly (readonly [string, Instance, AllocatorClass, InvariantId, RegExp])[] = [
  [
    "a work that no thread runs",
    DRAINS,
    SizePools,
    "INV-WQ-NODEADLOCK",
    /^kworker\/drain_vmap_work waits in process_one_work for a worker for events, held by nobody$/,
  ],
  [
    "two that wait for each other",
    HELPERS.instance,
    HELPERS.make,
    "INV-DEADLOCK",
    /^([^;]+) waits in \S+ for work (.* purge_work), held by ([^;]+); \3 waits in mutex_lock for vmap_purge_lock, held by \1(;|$)/,
  ],
];

describe.each(CASES)("%s", (_, instance, design, id, message) => {
  const watched = new Set<InvariantId>(["INV-DEADLOCK", "INV-WQ-NODEADLOCK"]);

  test("is found by a search, and a run says the same", () => {
    const result = searchInstance(instance, watched, { design });
    expect([result.end, result.finding?.id]).toEqual(["deadlock", id]);
    expect(result.finding?.message).toMatch(message);
    const kept = searchedCounterexample(result, { instance, watched: [...watched], design })!;
    expect(kept.violation).toEqual({
      invariant: id,
      message: result.finding!.message,
      step: result.trace!.length - 1,
    });
    const { differences, session } = replayCounterexample(kept, { design, watched });
    expect(differences).toEqual([]);
    expect(session.waits?.end).toBe(id === "INV-DEADLOCK" ? "circle" : "nobody");
  });
});

test("who has what is told: locks, and the work that the one before waits for", () => {
  const session = new Session(HELPERS.instance, { design: HELPERS.make, watched: new Set(["INV-DEADLOCK"]) });
  session.replay(RUN_TO_COMPLETION);
  const { processes } = session.waits!;
  const [purger, helper] = processes;
  expect(processes).toHaveLength(2);
  expect(purger).toMatchObject({ has: ["holds vmap_purge_lock"], holder: helper!.name });
  expect(helper).toMatchObject({
    has: [`runs ${purger!.resource}`],
    fn: "mutex_lock",
    resource: "vmap_purge_lock",
    holder: purger!.name,
  });
});

test("with a worker, or a rescuer, there is no deadlock", () => {
  expect(runOnce({ ...DRAINS, workers: { idle: 1 } }).finding).toBeUndefined();
  expect(runOnce({ ...DRAINS, allocator: "unbound-drain-v3" }).finding).toBeUndefined();
});
