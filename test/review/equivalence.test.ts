// SPDX-License-Identifier: GPL-2.0-only
// The two loops of a purge: the same as they are, and told apart as soon as one of them is changed a little.
import { describe, expect, it } from "vitest";
import { type KernelCode, tail } from "../../explore/sync.ts";
import type { AllocatorClass } from "../../impl/allocators/registry.ts";
import { SizePools } from "../../impl/allocators/size-pools.ts";
import { UnboundDrain } from "../../impl/allocators/unbound-drain.ts";
import { UnboundDrainV3 } from "../../impl/allocators/unbound-drain-v3.ts";
import { purgeLoops } from "../../review/equivalence.ts";

const SAME =
  "the same in all 84 distributions of up to 3 lazy areas on each of 1 to 3 nodes, in 852 cases with every limit: " +
  "ranges, helpers, counts, pools, free tree";

class FromNodeOne extends UnboundDrain {
  override *dispatch(node: number, helpers: number): KernelCode {
    if (node === 0 && this.nodes > 1) {
      this.workQueued[0] = 0;
      return tail(this, super.dispatch, 1, helpers);
    }
    return yield* super.dispatch(node, helpers);
  }
}

class OneHelperMore extends UnboundDrain {
  protected override countHelpers(): number {
    return super.countHelpers() + 1;
  }
}

class LastNodeFirst extends UnboundDrain {
  protected override dispatchOne(node: number, helpers: number, refused: number): number {
    return super.dispatchOne(this.nodes - 1 - node, helpers, refused);
  }
}

class CountsNothing extends UnboundDrain {
  protected override addPurged(): number {
    return 0;
  }
}

class KeepsPools extends UnboundDrain {
  protected override populates(): boolean {
    return true;
  }
}

const withAfter = (design: AllocatorClass) => purgeLoops({ designs: { "unbound-drain": design } });

describe("the loops over a cpumask and over all nodes", () => {
  it("come to the same", { timeout: 60_000 }, () => {
    expect(purgeLoops()).toEqual({ verdict: "holds", text: SAME });
  });

  it("and so does that of v3", { timeout: 60_000 }, () => {
    expect(purgeLoops({ after: "unbound-drain-v3" })).toEqual({ verdict: "holds", text: SAME });
    expect(UnboundDrainV3.prototype).toBeInstanceOf(UnboundDrain);
  });
});

describe("a loop that is another one", () => {
  it.each([
    ["begins at node 1", FromNodeOne],
    ["has a helper too many", OneHelperMore],
    ["takes the nodes from the end", LastNodeFirst],
    ["does not count what it purges", CountsNothing],
    ["puts areas into pools that are being emptied", KeepsPools],
  ] as const)("%s", (_, design) => {
    const { verdict, text } = withAfter(design);
    expect(verdict).toBe("refuted");
    expect(text).toMatch(/^[\d and]+ areas on \d nodes?, limit \d, (purge|aliases): .* before, .* after$/);
  });

  it("is seen in the design before the patch as well", () => {
    class NoHelpers extends SizePools {
      protected override countHelpers(): number {
        super.countHelpers();
        return 0;
      }
    }
    expect(purgeLoops({ designs: { "size-pools": NoHelpers } }).verdict).toBe("refuted");
  });
});

it("two loops without helpers prove nothing", { timeout: 60_000 }, () => {
  class Before extends SizePools {
    protected override countHelpers(): number {
      super.countHelpers();
      return 0;
    }
  }
  class After extends UnboundDrain {
    protected override countHelpers(): number {
      super.countHelpers();
      return 0;
    }
  }
  expect(purgeLoops({ designs: { "size-pools": Before, "unbound-drain": After } })).toEqual({
    verdict: "not-decided",
    text: "no purge had a helper, so nothing was compared",
  });
});
