// SPDX-License-Identifier: GPL-2.0-only
// What kind of trap it is: a circle of waits beside tasks that go on, a round that never ends, work that is lost.
import { expect, test } from "vitest";
import { type KernelCode, site, tail } from "../../../explore/sync.ts";
import { replayCounterexample } from "../../../properties/counterexample.ts";
import { mutantOf } from "../../../properties/mutants/catalogue.ts";
import { searchInstance } from "../../../properties/search/search-instance.ts";
import { searchedCounterexample } from "../../../properties/search/trace.ts";
import { tellTrap } from "../../../properties/search/trap.ts";
import { GlobalTree } from "../../../impl/allocators/global-tree.ts";
import type { InvariantId } from "../../../spec/invariants.ts";
import { instanceOf } from "../../../spec/small-machine.ts";

const SPIN = site("drain_vmap_area_work", "look at vmap_lazy_nr under vmap_purge_lock");
const VAIN = site("__purge_vmap_area_lazy", "look, and release nothing");

const WATCHED: readonly InvariantId[] = ["INV-LOWEST"];

const TRAP = "behind this state, no quiet one with no more lazy pages than the limit can be reached; ";

const BOUNDED = instanceOf("global-tree", { space: 1, lazyMax: 0, cpus: 1 }, "a=alloc(1); free(a)");

test("a deadlock of one task, while another one goes on for ever", () => {
  const instance = {
    ...instanceOf("global-tree", { space: 2, lazyMax: 4, cpus: 1 }, "a=alloc(1)", "aliases"),
    closed: { liveMax: 1 },
  };
  const { make: design } = mutantOf("MU-46");
  const { end, finding, waits } = searchInstance(instance, new Set(WATCHED), { design });
  expect([end, finding]).toEqual([
    "trap",
    {
      id: "TRAP",
      message: `${TRAP}deadlock: task 1 waits in mutex_lock for vmap_purge_lock, held by task 1 (itself)`,
    },
  ]);
  expect(waits).toEqual({
    processes: [
      {
        name: "task 1",
        has: ["holds vmap_purge_lock"],
        fn: "mutex_lock",
        resource: "vmap_purge_lock",
        holder: "task 1",
      },
    ],
    end: "circle",
  });
});

test("a deadlock in which all end", () => {
  const { instance, make: design } = mutantOf("MU-46");
  const { finding, waits } = searchInstance(instance, new Set(WATCHED), { design });
  expect(finding?.message).toContain(`${TRAP}deadlock: task 0 waits in mutex_lock`);
  expect(waits?.end).toBe("circle");
});

test("a livelock, which a run shows as well if the instance is bounded", () => {
  const { make: design } = mutantOf("MU-140");
  const round =
    /^livelock: kworker\/drain_vmap_work goes round in (?=.*__purge_vmap_area_lazy)(?=.*drain_vmap_area_work)[^;]*$/;
  const bounded = searchInstance(BOUNDED, new Set(WATCHED), { design });
  expect([bounded.end, bounded.finding?.id, bounded.waits]).toEqual(["trap", "TRAP", undefined]);
  expect(bounded.finding?.message.slice(TRAP.length)).toMatch(round);
  const kept = searchedCounterexample(bounded, { instance: BOUNDED, watched: WATCHED, design })!;
  expect(kept.violation.invariant).toBe("INV-LIVELOCK");
  const options = { design, watched: new Set<InvariantId>(["INV-LIVELOCK"]) };
  expect(replayCounterexample(kept, options).differences).toEqual([]);
  // The task comes to an end in each round: it is not what never ends.
  const closed = searchInstance({ ...BOUNDED, closed: { liveMax: 1 } }, new Set(WATCHED), { design });
  expect(closed.finding?.message.slice(TRAP.length)).toMatch(round);
});

/** Keeps vmap_purge_lock while it waits for vmap_lazy_nr to fall. */
class SpinsUnderMutex extends GlobalTree {
  override *drainVmapAreaWork(): KernelCode {
    yield this.lockPurge();
    return tail(this, this.spin);
  }

  *spin(): KernelCode {
    const nr = yield this.kernel.step(SPIN, () => this.lazyNr[0]!);
    return nr > 0 ? tail(this, this.spin) : yield this.unlockPurge(0);
  }
}

test("who waits for one that goes round makes no deadlock of it", () => {
  const instance = {
    ...instanceOf("global-tree", { space: 2, lazyMax: 0, cpus: 1 }, "a=alloc(1); free(a)", "purge"),
    closed: { liveMax: 1 },
  };
  const { finding, waits } = searchInstance(instance, new Set(WATCHED), { design: SpinsUnderMutex });
  expect(finding?.message.slice(TRAP.length)).toMatch(
    /^livelock: kworker\/drain_vmap_work goes round in drain_vmap_area_work; task \d never goes on from mutex_lock/,
  );
  expect(waits).toBeUndefined();
});

/** Forgets to schedule the drain work, and a purge releases nothing. */
class NeverDrains extends GlobalTree {
  protected override lazyMaxPages(): number {
    return 1000;
  }

  override *purgeVmapAreaLazy(): KernelCode {
    return yield this.kernel.step(VAIN, () => 0);
  }
}

test.each([undefined, { liveMax: 1 }])("lost work, closed: %o", (closed) => {
  const instance = { ...BOUNDED, ...(closed && { closed }) };
  const { finding, waits } = searchInstance(instance, new Set(WATCHED), { design: NeverDrains });
  expect(finding?.message).toMatch(
    /; lost work: vmap_lazy_nr stays above 0 \(1 now\), and no purge is queued$/,
  );
  expect(waits).toBeUndefined();
});

test("the faithful port is in no such state; what is no trap says nothing of the sort", () => {
  const { finding, waits } = tellTrap(BOUNDED, [], undefined);
  expect(waits).toBeUndefined();
  expect(finding.id).toBe("TRAP");
  expect(searchInstance(BOUNDED, new Set(WATCHED))).toMatchObject({ end: "exhausted", waits: undefined });
});
