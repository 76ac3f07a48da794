// SPDX-License-Identifier: GPL-2.0-only
// Strict mode: the ports keep the discipline that makes interleaving steps enough, and each way of breaking it is
// found in a design that does nothing else wrong.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RandomStrategy } from "../../explore/strategies/random.ts";
import { createRng } from "../../explore/rng.ts";
import { NondeterminismError } from "../../explore/runner.ts";
import { call, type KernelCode, site, tail } from "../../explore/sync.ts";
import { GlobalTree } from "../../impl/allocators/global-tree.ts";
import type { AllocatorClass } from "../../impl/allocators/registry.ts";
import { NONE, type Va } from "../../impl/heap/areas.ts";
import { instanceArbitrary } from "../../properties/arbitraries/instances.ts";
import { huntInstance, newStats } from "../../properties/hunt.ts";
import { expectedToHold } from "../../properties/scenarios/scenario.ts";
import { Session } from "../../properties/session.ts";
import { ALLOCATOR_IDS } from "../../spec/instance.ts";
import { RUN_TO_COMPLETION } from "../../spec/schedule.ts";
import { instanceOf } from "./small-instance.ts";

const S = {
  peek: site("test", "look without a lock"),
  count: site("test", "count in a local"),
};

describe.each(ALLOCATOR_IDS)("%s", (allocator) => {
  it("keeps the discipline, with faults and migrations", () => {
    const stats = newStats();
    const instances = fc.sample(instanceArbitrary(allocator), { seed: 20_230_829, numRuns: 40 });
    const migrating = instances.filter(({ migrations, cpus }) => migrations > 0 && cpus > 1);
    const failing = instances.filter(({ faults }) => faults.points.length > 0);
    expect([migrating.length, failing.length].every((n) => n > 10)).toBe(true);
    for (const instance of instances) {
      const plan = { runs: 8, strictRuns: 8, strategy: "mixed", seed: "strict" } as const;
      const watched = expectedToHold(allocator, [instance]);
      expect(huntInstance(instance, plan, { watched }, stats)?.finding).toBeUndefined();
    }
    expect(stats.runs).toBe(320);
  });
});

/** Reads a record on the way from one step to the next. */
class BetweenSteps extends GlobalTree {
  override *removeVmArea(page: number): KernelCode {
    const va = yield call(this, this.findUnlinkVmapArea, page);
    if (this.areas.size(va as Va) === 0) return 0;
    return tail(this, this.freeVmapAreaNoflush, va, 0);
  }
}

/** Starts to look at the heap before its first step. */
class BeforeTheFirst extends GlobalTree {
  override *findVmapArea(page: number): KernelCode {
    if (this.lazyNr[0]! > 0) return -1;
    return yield* super.findVmapArea(page);
  }
}

/** find_vmap_area() that remembers the record and looks at it again behind the lock. */
class ReadsUnlocked extends GlobalTree {
  override *findVmapArea(page: number): KernelCode {
    const found = yield this.kernel.locked(S.peek, this.busyLock[0]!, () =>
      this.index.find(this.busy[0]!, page),
    );
    if (found === NONE) return -1;
    return yield this.kernel.step(S.peek, () => this.areas.start[found]!);
  }
}

/** Looks whether the busy tree is empty, without its lock. */
class PeeksAtContainer extends GlobalTree {
  override *findVmapArea(page: number): KernelCode {
    const empty = yield this.kernel.step(S.peek, () =>
      this.containers.root[this.busy[0]!] === NONE ? 1 : 0,
    );
    return empty ? -1 : yield* super.findVmapArea(page);
  }
}

/** The same, marked as deliberate. */
class PeeksDeliberately extends GlobalTree {
  override *findVmapArea(page: number): KernelCode {
    const empty = yield this.kernel.step(S.peek, () =>
      this.kernel.heap.racy(() => (this.containers.root[this.busy[0]!] === NONE ? 1 : 0)),
    );
    return empty ? -1 : yield* super.findVmapArea(page);
  }
}

/** find_vmap_area() that looks at a record that somebody else has just unlinked. */
class ReadsForeignRecord extends GlobalTree {
  private unlinked: Va = NONE;

  protected override findUnlink(node: number, page: number): Va {
    this.unlinked = super.findUnlink(node, page);
    return this.unlinked;
  }

  protected override lazyInsert(va: Va, node: number, nr: number): number {
    this.unlinked = NONE;
    return super.lazyInsert(va, node, nr);
  }

  override *findVmapArea(page: number): KernelCode {
    yield this.kernel.step(S.peek, () => (this.unlinked === NONE ? 0 : this.areas.start[this.unlinked]!));
    return yield* super.findVmapArea(page);
  }
}

/** Looks at a record after it was merged away. */
class UsesAfterFree extends GlobalTree {
  protected override purgeOne(list: number): void {
    const va = this.containers.head[list]! as Va;
    super.purgeOne(list);
    if (this.areas.size(va) < 0) this.kernel.oops(0);
  }
}

/** Gives up vmap_purge_lock without having it. */
class UnlocksTwice extends GlobalTree {
  override *reclaimAndPurgeVmapAreas(): KernelCode {
    yield this.lockPurge();
    yield this.unlockPurge(0);
    yield this.unlockPurge(0);
    return 0;
  }
}

/** A step that counts in a local of its function. */
class WritesToLocal extends GlobalTree {
  override *findVmapArea(page: number): KernelCode {
    let rounds = 0;
    while (rounds < 6) yield this.kernel.step(S.count, () => ++rounds);
    return yield* super.findVmapArea(page);
  }
}

const PROGRAMS =
  "a=alloc(2); b=alloc(1); find(b+0); free(a); purge; find(b+0)\nc=alloc(1); find(c+0); free(c); purge";

function findingOf(design: AllocatorClass): string {
  const instance = instanceOf("global-tree", PROGRAMS);
  const session = new Session(instance, { design, strict: true, watched: new Set(["INV-STRICT"]) });
  const strategy = new RandomStrategy(createRng("strict mode"), session.profile);
  for (let i = 0; i < 100; i++) {
    const { finding } = i === 0 ? session.replay(RUN_TO_COMPLETION) : session.run(strategy);
    if (finding) return `${finding.id}: ${finding.message.replace(/\[\d+\]/, "[...]")}`;
  }
  return "nothing";
}

describe("strict mode", () => {
  it.each([
    [BetweenSteps, "INV-STRICT: vmap_area.end[...]: heap access outside a step"],
    [BeforeTheFirst, "INV-STRICT: vmap_lazy_nr[...]: heap access outside a step"],
    [ReadsUnlocked, "INV-STRICT: vmap_area.start[...]: without busy.lock"],
    [PeeksAtContainer, "INV-STRICT: container.root[...]: without busy.lock"],
    [PeeksDeliberately, "nothing"],
    [ReadsForeignRecord, "INV-STRICT: vmap_area.start[...]: record belongs to another process"],
    [UsesAfterFree, "INV-STRICT: vmap_area.end[...]: record is not allocated"],
    [UnlocksTwice, "INV-STRICT: vmap_purge_lock: released by a process without it"],
  ])("finds what %o does", (design, expected) => {
    expect(findingOf(design)).toBe(expected);
  });

  it("finds a step that writes to a local, by executing it twice", () => {
    expect(() => findingOf(WritesToLocal)).toThrow(NondeterminismError);
    expect(() => findingOf(WritesToLocal)).toThrow(
      'test: "count in a local": the same step from the same state differs',
    );
  });

  it("costs nothing when it is off: the same designs run", () => {
    for (const design of [ReadsUnlocked, PeeksAtContainer, ReadsForeignRecord, UsesAfterFree]) {
      const session = new Session(instanceOf("global-tree", PROGRAMS), { design });
      expect(session.replay(RUN_TO_COMPLETION).end).toBe("done");
    }
  });
});
