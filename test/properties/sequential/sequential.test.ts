// SPDX-License-Identifier: GPL-2.0-only
// One caller, any history: every answer is the model's, for each design; and a search that is a little wrong is not.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type KernelCode, site } from "../../../explore/sync.ts";
import { GlobalTree } from "../../../impl/allocators/global-tree.ts";
import type { AllocatorClass } from "../../../impl/allocators/registry.ts";
import { NONE, type Va } from "../../../impl/heap/areas.ts";
import { configurationArbitrary } from "../../../properties/arbitraries/configurations.ts";
import { SequentialDriver } from "../../../properties/sequential/driver.ts";
import { sequentialProperty } from "../../../properties/sequential/property.ts";
import { ALLOCATOR_IDS } from "../../../spec/instance.ts";
import { configurationOf } from "../small-instance.ts";

const S = { nothing: site("reclaim_and_purge_vmap_areas", "nothing") };

const SEED = 20_230_829;

describe.each(ALLOCATOR_IDS)("%s", (allocator) => {
  it("answers every sequential history as the model does", () => {
    const configurations = configurationArbitrary(allocator, {
      faultsMax: 0,
      migrationsMax: 0,
      pagesMax: 40,
      // The driver lets works run when it likes, which takes workers and a boot that is over.
      workers: false,
      boot: false,
    });
    for (const configuration of fc.sample(configurations, { seed: SEED, numRuns: 25 })) {
      fc.assert(sequentialProperty(configuration), { seed: SEED, numRuns: 15 });
    }
  });
});

/** First fit that passes over a free area of exactly the size. */
class SkipsExactFit extends GlobalTree {
  protected override globalSearch(size: number, align: number, vstart: number, vend: number): number {
    const va = this.index.findVmapLowestMatch(this.free, size, align, vstart, false);
    const from = va !== NONE && this.areas.size(va) === size ? this.areas.end[va]! : vstart;
    return super.globalSearch(size, align, from, vend);
  }
}

/** Counts freed pages twice, so that the drain is queued too early. */
class CountsTwice extends GlobalTree {
  protected override lazyAdd(va: Va): number {
    super.lazyAdd(va);
    return super.lazyAdd(va);
  }
}

/** Gives up without looking at what was freed. */
class NeverPurges extends GlobalTree {
  override *reclaimAndPurgeVmapAreas(): KernelCode {
    return yield this.kernel.step(S.nothing, () => 0);
  }
}

describe("the sequential property", () => {
  // Only the model's own word counts here: no invariant is watched.
  const shrunk = (design: AllocatorClass): string => {
    const property = sequentialProperty(configurationOf("global-tree"), { design, watched: new Set() });
    const { failed, counterexample, errorInstance } = fc.check(property, { seed: SEED });
    expect(failed).toBe(true);
    return `${fc.stringify(counterexample?.[0]).replace(/ \/\*.*/, "")}: ${(errorInstance as Error).message}`;
  };

  it("kills a first fit that skips an exact fit", () => {
    expect(shrunk(SkipsExactFit)).toMatchInlineSnapshot(
      `"alloc(1,window=0..16),alloc(1,align=4,window=0..16),alloc(3,window=0..16): alloc(3,window=0..16): answer 5, the lowest fit is 1"`,
    );
  });

  it("kills a free that counts its pages twice", () => {
    expect(shrunk(CountsTwice)).toMatchInlineSnapshot(
      `"alloc(2,window=0..16),free(0): free(0): the drain is pending"`,
    );
  });

  it("kills an overflow that does not purge", () => {
    expect(shrunk(NeverPurges)).toMatchInlineSnapshot(
      `"alloc(1,window=0..16),free(0),purge: purge: pages are 2000000000000000, expected 0000000000000000"`,
    );
  });
});

describe("the driver", () => {
  it("runs one operation after the other, and works only when they are let", () => {
    const driver = new SequentialDriver(configurationOf("global-tree", { lazyMaxPages: 1 }), {
      strict: true,
    });
    const all = { start: 0, end: 16 };
    expect([driver.alloc(2, 1, all), driver.alloc(14, 1, all), driver.alloc(1, 1, all)]).toEqual([0, 2, -16]);
    expect(driver.find(15)).toBe(2);
    expect(driver.free(2)).toBe(0);
    expect(driver.drainPending).toBe(true);
    driver.settle();
    expect(driver.drainPending).toBe(false);
    expect(driver.find(15)).toBe(-1);
    expect(driver.alloc(1, 8, all)).toBe(8);
    expect([driver.finding, driver.fullCheck()]).toEqual([undefined, undefined]);
  });
});
