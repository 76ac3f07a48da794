// SPDX-License-Identifier: GPL-2.0-only
// Shapes of the trees: root, links and colours equal those of the textbook after every insertion and removal.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TextbookTree } from "./textbook-tree.ts";
import { PROCESS, World } from "./world.ts";

const KEYS = 48;

/** Toggles each key in turn: in if it is out, out if it is in. */
function toggle(name: "free" | "busy", keys: readonly number[]): void {
  const world = new World(KEYS + 2);
  const c = world[name];
  const textbook = new TextbookTree();
  const present = new Set<number>();
  for (const key of keys) {
    // Sizes differ, so that the augmented maximum moves with the rotations.
    if (present.delete(key)) {
      const va = world.space.find(c, key);
      world.space.unlink(c, va, PROCESS);
      world.areas.release(va);
      textbook.delete(key);
    } else {
      present.add(key);
      world.space.insert(c, world.record(key, key + 1 + ((key * 7) % 5)), PROCESS);
      textbook.insert(key);
    }
    expect(world.shape(c)).toBe(textbook.shape());
    world.check(c);
  }
}

describe("RbTree has the shape of the textbook's tree", () => {
  for (const name of ["free", "busy"] as const) {
    it(`${name === "free" ? "augmented" : "plain"}, random keys`, () => {
      const key = fc.nat(KEYS - 1).map((k) => k * 10);
      fc.assert(
        fc.property(fc.array(key, { maxLength: 200, size: "max" }), (keys) => toggle(name, keys)),
        { numRuns: 60 },
      );
    });
  }

  it("whatever the order of all insertions and all removals of seven keys", () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray([0, 10, 20, 30, 40, 50, 60], { minLength: 7 }),
        fc.shuffledSubarray([0, 10, 20, 30, 40, 50, 60], { minLength: 7 }),
        (inserted, removed) => toggle("free", [...inserted, ...removed]),
      ),
      { numRuns: 500 },
    );
  });

  it("a known case: ascending 1..8, then the root goes and its successor takes its place", () => {
    const world = new World(16);
    for (let i = 1; i <= 8; i++) world.fill(world.busy, [[i * 10, i * 10 + 1]]);
    expect(world.shape(world.busy)).toBe("(((. 10b .) 20r (. 30b .)) 40b ((. 50b .) 60r (. 70b (. 80r .))))");
    world.space.unlink(world.busy, world.space.find(world.busy, 40), PROCESS);
    expect(world.shape(world.busy)).toBe("(((. 10b .) 20r (. 30b .)) 50b ((. 60b .) 70r (. 80b .)))");
    world.check(world.busy);
  });
});
