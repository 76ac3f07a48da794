// SPDX-License-Identifier: GPL-2.0-only
// Page tables and TLBs: what an unmap leaves behind and what a flush takes away.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BareKernel } from "./bare-kernel.ts";

const PAGES = 8;

const state = (k: BareKernel): string => `${k.tlb.mapped.join("")} ${k.tlb.stale.join("")}`;

describe("the TLB", () => {
  it("maps, and leaves translations behind when it unmaps", () => {
    const k = new BareKernel();
    expect(k.step(0, () => k.tlb.map(2, 5))).toEqual(["MAP 2 5"]);
    expect(state(k)).toBe("00111000 00000000");
    expect(k.step(0, () => k.tlb.unmap(2, 5))).toEqual(["UNMAP 2 5"]);
    expect(state(k)).toBe("00000000 00333000");
  });

  it("flushes what the range covers, and no more", () => {
    const k = new BareKernel();
    k.step(0, () => k.tlb.unmap(0, 2));
    k.step(0, () => k.tlb.unmap(4, 8));
    expect(k.step(1, () => k.tlb.flush(1, 6))).toEqual(["FLUSH 1 6 3"]);
    expect(state(k)).toBe("00000000 30000033");
    k.step(1, () => k.tlb.flush(0, 8));
    expect(state(k)).toBe("00000000 00000000");
  });

  it("flushes only the CPUs that take part", () => {
    const k = new BareKernel({ cpus: 3 });
    k.step(0, () => k.tlb.unmap(0, 2));
    expect(k.step(0, () => k.tlb.flush(0, 2, 0b101))).toEqual(["FLUSH 0 2 5"]);
    expect(state(k)).toBe("00000000 22000000");
    k.step(0, () => k.tlb.flush(0, 2, 0b010));
    expect(state(k)).toBe("00000000 00000000");
  });

  it("has every CPU in its mask, 32 and more too", () => {
    expect(new BareKernel({ cpus: 1 }).tlb.everyCpu).toBe(1);
    expect(new BareKernel({ cpus: 31 }).tlb.everyCpu).toBe(0x7fff_ffff);
    expect(new BareKernel({ cpus: 32 }).tlb.everyCpu).toBe(-1);
    expect(new BareKernel({ cpus: 64 }).tlb.everyCpu).toBe(-1);
  });

  it.each([1, 2, 30, 31, 32, 64])(
    "forgets a range that %i CPUs flushed, so that there is room for the next",
    (cpus) => {
      const k = new BareKernel({ cpus });
      for (let i = 0; i < 20; i++) {
        k.step(0, () => k.tlb.unmap(0, 4));
        k.step(0, () => k.tlb.flush(0, 8));
        expect(state(k)).toBe("00000000 00000000");
      }
    },
  );

  it("keeps per page what a plain list of flags would", () => {
    const range = fc
      .tuple(fc.nat(PAGES - 1), fc.nat(PAGES - 1))
      .map(([a, b]) => [Math.min(a, b), Math.max(a, b) + 1] as const);
    const operation = fc.oneof(
      fc.record({ kind: fc.constant("unmap" as const), range, mask: fc.constant(3) }),
      fc.record({ kind: fc.constant("flush" as const), range, mask: fc.constantFrom(1, 2, 3) }),
    );
    const property = fc.property(fc.array(operation, { maxLength: 8 }), (operations) => {
      const k = new BareKernel();
      const stale = Array.from({ length: PAGES }, () => 0);
      for (const {
        kind,
        range: [start, end],
        mask,
      } of operations) {
        k.step(0, () => (kind === "unmap" ? k.tlb.unmap(start, end) : k.tlb.flush(start, end, mask)));
        for (let page = start; page < end; page++) stale[page] = kind === "unmap" ? 3 : stale[page]! & ~mask;
        expect([...k.tlb.stale]).toEqual(stale);
      }
    });
    fc.assert(property, { seed: 829, numRuns: 500 });
  });
});
