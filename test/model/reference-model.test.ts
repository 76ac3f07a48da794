// SPDX-License-Identifier: GPL-2.0-only
// The reference model: what each event does to the pages, and the whole message when it is not allowed.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ABSTRACTIONS, PAGE } from "../../model/abstraction.ts";
import { ReferenceModel } from "../../model/reference-model.ts";
import { EVENT } from "../../spec/events.ts";
import { ALLOCATOR_IDS } from "../../spec/instance.ts";

type Event = readonly [kind: keyof typeof EVENT, ...operands: number[]];

const PAGES = 8;
const EVERY_CPU = 0b11;

/** The model after some events, all of them legal. */
function after(...events: readonly Event[]): ReferenceModel {
  const model = new ReferenceModel(PAGES, EVERY_CPU);
  for (const event of events) {
    const illegal = apply(model, event);
    if (illegal !== undefined) throw new Error(illegal);
  }
  return model;
}

/** Applies an event: what the model says against it. */
function apply(model: ReferenceModel, [kind, a = 0, b = 0, c = 0, d = 0, e = 0]: Event): string | undefined {
  const illegal = model.apply(EVENT[kind], a, b, c, d, e);
  return illegal && `${illegal.invariant}: ${illegal.message}`;
}

/** States, mapped pages, stale translations. */
const draw = (model: ReferenceModel): string => {
  return `${[...model.state].map((s) => "fld"[s]!).join("")} ${model.mapped.join("")} ${model.stale.join("")}`;
};

const GRANT: Event = ["GRANT", 2, 5, 1, 0, 8];
const LIFE: readonly Event[] = [
  GRANT,
  ["BIND", 2, 5],
  ["MAP", 2, 5],
  ["UNLINK", 2, 5],
  ["UNMAP", 2, 5],
  ["FLUSH", 0, 8, EVERY_CPU],
  ["RELEASE", 2, 5],
];

describe("the reference model", () => {
  it("follows an area through its life", () => {
    const states = LIFE.map((_, i) => `${LIFE[i]![0]}: ${draw(after(...LIFE.slice(0, i + 1)))}`);
    expect(states).toEqual([
      "GRANT: fflllfff 00000000 00000000",
      "BIND: fflllfff 00000000 00000000",
      "MAP: fflllfff 00111000 00000000",
      "UNLINK: ffdddfff 00111000 00000000",
      "UNMAP: ffdddfff 00000000 00333000",
      "FLUSH: ffdddfff 00000000 00000000",
      "RELEASE: ffffffff 00000000 00000000",
    ]);
  });

  it("forgets everything on reset", () => {
    const model = after(...LIFE.slice(0, 5));
    expect(model.changed).toBe(6);
    model.reset();
    expect([draw(model), model.changed]).toEqual(["ffffffff 00000000 00000000", 0]);
  });

  it("lets a never-mapped area go without a flush", () => {
    expect(draw(after(GRANT, ["BIND", 2, 5], ["UNLINK", 2, 5], ["RELEASE", 2, 5]))).toBe(draw(after()));
  });

  it("lets a granted range go that was never used", () => {
    expect(draw(after(GRANT, ["UNGRANT", 2, 5]))).toBe(draw(after()));
  });

  it("takes back what is free; what the same step has released has not changed then", () => {
    const model = after(...LIFE);
    model.settle();
    expect(apply(model, ["WITHDRAW", 0, 3])).toBeUndefined();
    expect([draw(model), model.changed]).toEqual(["dddfffff 00000000 00000000", 3]);
    model.settle();
    for (const event of [
      ["RELEASE", 1, 3],
      ["WITHDRAW", 2, 5],
    ] as const)
      apply(model, event);
    expect([draw(model), model.changed]).toEqual(["dfdddfff 00000000 00000000", 3]);
    expect(apply(model, ["WITHDRAW", 0, 1])).toBe("INV-REFINE: [0,1) was taken back, but page 0 is freed");
  });

  it("lets events that are not about pages pass", () => {
    const known = new Set([
      "GRANT",
      "BIND",
      "MAP",
      "UNLINK",
      "UNMAP",
      "FLUSH",
      "RELEASE",
      "UNGRANT",
      "WITHDRAW",
    ]);
    const others = (Object.keys(EVENT) as (keyof typeof EVENT)[]).filter((kind) => !known.has(kind));
    const model = after(...LIFE.slice(0, 3));
    const before = draw(model);
    for (const kind of others) expect(apply(model, [kind, 2, 5, 1, 0, 8])).toBeUndefined();
    expect(draw(model)).toBe(before);
  });
});

describe("an illegal event", () => {
  const cases: readonly (readonly [history: readonly Event[], event: Event, message: string])[] = [
    [[], ["GRANT", 2, 2, 1, 0, 8], "INV-BOUNDS: [2,2) was granted for align 1 in window [0,8)"],
    [[], ["GRANT", 5, 3, 1, 0, 8], "INV-BOUNDS: [5,3) was granted for align 1 in window [0,8)"],
    [[], ["GRANT", 3, 4, 2, 0, 8], "INV-BOUNDS: [3,4) was granted for align 2 in window [0,8)"],
    [[], ["GRANT", 1, 3, 1, 2, 8], "INV-BOUNDS: [1,3) was granted for align 1 in window [2,8)"],
    [[], ["GRANT", 4, 7, 1, 0, 6], "INV-BOUNDS: [4,7) was granted for align 1 in window [0,6)"],
    [[GRANT], ["GRANT", 4, 6, 1, 0, 8], "INV-DISJOINT: [4,6) was granted, but page 4 is live already"],
    [LIFE.slice(0, 4), ["GRANT", 4, 6, 1, 0, 8], "INV-TLB: [4,6) was granted, but page 4 awaits its purge"],
    [LIFE.slice(0, 6), ["GRANT", 0, 3, 1, 0, 8], "INV-TLB: [0,3) was granted, but page 2 awaits its purge"],
    [[], ["BIND", 2, 5], "INV-REFINE: [2,5) was inserted as busy, but page 2 is free"],
    [[GRANT], ["BIND", 4, 6], "INV-REFINE: [4,6) was inserted as busy, but page 5 is free"],
    [[GRANT], ["BIND", 4, 9], "INV-REFINE: [4,9) was inserted as busy, but page 5 is free"],
    [[], ["MAP", 2, 5], "INV-REFINE: [2,5) was mapped, but page 2 is free"],
    [LIFE.slice(0, 3), ["MAP", 4, 5], "INV-REFINE: [4,5) was mapped, but page 4 is live and mapped already"],
    [LIFE.slice(0, 4), ["MAP", 4, 5], "INV-REFINE: [4,5) was mapped, but page 4 is freed and mapped already"],
    [[], ["UNLINK", 2, 5], "INV-REFINE: [2,5) was given up by its owner, but page 2 is free"],
    [LIFE.slice(0, 4), ["UNLINK", 2, 5], "INV-REFINE: [2,5) was given up by its owner, but page 2 is freed"],
    [[GRANT], ["UNMAP", 2, 5], "INV-REFINE: [2,5) was unmapped, but page 2 is live"],
    [[GRANT], ["RELEASE", 2, 5], "INV-REFINE: [2,5) was released for reuse, but page 2 is live"],
    [LIFE, ["RELEASE", 2, 5], "INV-REFINE: [2,5) was released for reuse, but page 2 is free"],
    [[], ["UNGRANT", 2, 5], "INV-REFINE: [2,5) was given back unused, but page 2 is free"],
    [LIFE.slice(0, 3), ["UNGRANT", 2, 5], "INV-TLB: [2,5) was given back unused, but page 2 is mapped"],
    [[], ["RELEASE", 8, 9], "INV-REFINE: [8,9) was released for reuse, but page 8 is outside the space"],
    [
      LIFE.slice(0, 4),
      ["RELEASE", 2, 5],
      "INV-TLB: [2,5) was released for reuse, but page 2 is still mapped",
    ],
    [
      LIFE.slice(0, 5),
      ["RELEASE", 2, 5],
      "INV-TLB: [2,5) was released for reuse, but CPU 0, 1 may still translate page 2",
    ],
    [
      [...LIFE.slice(0, 5), ["FLUSH", 0, 4, EVERY_CPU]],
      ["RELEASE", 2, 5],
      "INV-TLB: [2,5) was released for reuse, but CPU 0, 1 may still translate page 4",
    ],
    [
      [...LIFE.slice(0, 5), ["FLUSH", 0, 8, 0b01]],
      ["RELEASE", 2, 5],
      "INV-TLB: [2,5) was released for reuse, but CPU 1 may still translate page 2",
    ],
  ];

  it.each(cases)("after %j: %j", (history, event, message) => {
    const model = after(...history);
    const before = draw(model);
    expect(apply(model, event)).toBe(message);
    expect(draw(model)).toBe(before);
  });

  it("may not reach a page whose translation somebody else left behind", () => {
    const model = after(...LIFE);
    model.stale[3] = 0b10;
    expect(apply(model, GRANT)).toBe("INV-TLB: [2,5) was granted, but CPU 1 may still translate page 3");
  });
});

describe("the oracle", () => {
  it("is the lowest aligned place where every page is free", () => {
    const shape = fc.array(fc.constantFrom(PAGE.FREE, PAGE.LIVE, PAGE.FREED), {
      minLength: PAGES,
      maxLength: PAGES,
    });
    const request = fc.tuple(
      fc.integer({ min: 1, max: 4 }),
      fc.constantFrom(1, 2, 4),
      fc.nat(7),
      fc.nat(7),
      fc.boolean(),
    );
    const property = fc.property(shape, request, (state, [size, align, a, b, freed]) => {
      const [vstart, vend] = [Math.min(a, b), Math.max(a, b) + 1];
      const model = new ReferenceModel(PAGES, EVERY_CPU);
      model.state.set(state);
      const fits = Array.from({ length: PAGES }, (_, at) => at).filter((at) => {
        const pages = state.slice(at, at + size);
        const usable = pages.every((s) => s === PAGE.FREE || (freed && s === PAGE.FREED));
        return usable && at % align === 0 && at >= vstart && at + size <= vend;
      });
      expect(model.lowestFit(size, align, vstart, vend, freed)).toBe(fits[0] ?? -1);
    });
    fc.assert(property, { seed: 829, numRuns: 1000 });
  });
});

describe("the abstraction", () => {
  it("gives every place of a design a meaning, and blocks to one design only", () => {
    expect(ALLOCATOR_IDS.map((id) => Object.keys(ABSTRACTIONS[id]).length)).toEqual([
      7, 7, 11, 10, 10, 10, 12, 12,
    ]);
    expect(ABSTRACTIONS["global-tree"]).toEqual({
      free: PAGE.FREE,
      "grant-in-flight": PAGE.LIVE,
      pcpu: PAGE.LIVE,
      busy: PAGE.LIVE,
      "freed-in-flight": PAGE.FREED,
      lazy: PAGE.FREED,
      purge: PAGE.FREED,
    });
    const { "node-free": nodeFree, edge, reclaim, "block-in-flight": block } = ABSTRACTIONS["node-blocks"];
    expect([nodeFree, edge, reclaim, block]).toEqual([PAGE.FREE, PAGE.FREE, PAGE.FREE, PAGE.FREE]);
  });
});
