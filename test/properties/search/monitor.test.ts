// SPDX-License-Identifier: GPL-2.0-only
// What the checks of a search must not pass over: steps into known states, bad states that nobody watches for, what
// comes behind a lock finding that nobody watches for.
import { expect, test } from "vitest";
import { GlobalTree } from "../../../impl/allocators/global-tree.ts";
import type { Va } from "../../../impl/heap/areas.ts";
import { instanceOf } from "../../../spec/small-machine.ts";
import { mutantOf } from "../../../properties/mutants/catalogue.ts";
import { searchInstance } from "../../../properties/search/search-instance.ts";

/** The unlink of page 0 says nothing of itself if another area is lazy already; the state that it leaves is right. */
class SilentSecondUnlink extends GlobalTree {
  protected override findUnlink(node: number, page: number): Va {
    const va = super.findUnlink(node, page);
    if (page === 0 && this.containers.count[this.lazy[0]!]! > 0) this.kernel.events.count = 0;
    return va;
  }
}

const TWO_FREES = instanceOf(
  "global-tree",
  { space: 4, lazyMax: 8 },
  "a=alloc(1,window=0..2); free(a)",
  "b=alloc(1,window=2..4); free(b)",
);

test("a step into a known state is held against the model like any other", () => {
  expect(searchInstance(TWO_FREES, new Set(["INV-REFINE"]))).toMatchObject({ end: "exhausted" });
  const { end, finding } = searchInstance(TWO_FREES, new Set(["INV-REFINE"]), { design: SilentSecondUnlink });
  expect([end, finding?.id]).toEqual(["violation", "INV-REFINE"]);
});

test("a state in which a page has two owners ends the search whatever is watched", () => {
  const { instance, make } = mutantOf("MU-107");
  const { end, finding } = searchInstance(instance, new Set(), { design: make });
  expect([end, finding?.id]).toEqual(["violation", "INV-OWN1"]);
});

/** Sleeps under a spinlock each time that an area becomes busy, and nests two locks both ways. */
class SleepsAndNests extends mutantOf("MU-115").make {
  protected override bindRecord(va: Va, page: number, size: number, flags: number): void {
    this.kernel.locks.mightSleep();
    super.bindRecord(va, page, size, flags);
  }
}

test("a lock finding that is not watched hides no later one", () => {
  const { instance } = mutantOf("MU-115");
  const found = (id: "INV-SLEEP" | "INV-LOCKORDER"): string | undefined =>
    searchInstance(instance, new Set([id]), { design: SleepsAndNests }).finding?.id;
  expect(found("INV-SLEEP")).toBe("INV-SLEEP");
  expect(found("INV-LOCKORDER")).toBe("INV-LOCKORDER");
});
