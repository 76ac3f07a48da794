// SPDX-License-Identifier: GPL-2.0-only
// The slab's free slots against a plain Set: whatever was taken and given back, the lowest free slot is next.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Heap } from "../../../impl/heap/heap.ts";
import { SlotSet } from "../../../impl/heap/slot-set.ts";

// Around one word, one level and two levels of the tree of masks.
const CAPACITIES = [2, 3, 32, 33, 1024, 1025, 40_000];

function filled(capacity: number): { heap: Heap; slots: SlotSet } {
  const heap = new Heap(capacity + 64, false);
  const slots = new SlotSet(heap, "slots", capacity);
  heap.seal();
  slots.fill(capacity);
  return { heap, slots };
}

describe("SlotSet", () => {
  it.each(CAPACITIES)("of %i hands out 1, 2, 3 ... and then 0, and never slot 0", (capacity) => {
    const { slots } = filled(capacity);
    for (let slot = 1; slot < capacity; slot++) {
      if (slots.take() !== slot) throw new Error(`slot ${slot} was due`);
    }
    expect([slots.take(), slots.take()]).toEqual([0, 0]);
    slots.add(capacity - 1);
    expect([slots.take(), slots.take()]).toEqual([capacity - 1, 0]);
  });

  it.each(CAPACITIES)("of %i agrees with a Set", (capacity) => {
    // A batch takes a share of the slots or gives a share of the taken ones back, in an order of its own.
    const batch = fc.record({ take: fc.boolean(), share: fc.nat(100), stride: fc.nat(1000) });
    fc.assert(
      fc.property(fc.array(batch, { maxLength: 12 }), (batches) => {
        const { heap, slots } = filled(capacity);
        const full = heap.snapshot();
        const taken = new Set<number>();
        let lowest = 1;
        const give = (slot: number): void => {
          slots.add(slot);
          taken.delete(slot);
          lowest = Math.min(lowest, slot);
        };
        for (const { take, share, stride } of batches) {
          const limit = Math.min(600, Math.ceil((capacity * share) / 100));
          for (let i = 0; take && i < limit; i++) {
            while (taken.has(lowest)) lowest++;
            const expected = lowest < capacity ? lowest : 0;
            expect(slots.take()).toBe(expected);
            if (expected !== 0) taken.add(expected);
          }
          const order = take
            ? []
            : [...taken].sort((x, y) => ((x * 7919) % (stride + 2)) - ((y * 7919) % (stride + 2)));
          for (const slot of order.slice(0, limit)) give(slot);
        }
        for (let slot = 0; slot < Math.min(capacity, 700); slot++) {
          if (slots.has(slot) !== (slot !== 0 && !taken.has(slot)))
            throw new Error(`whether ${slot} is free`);
        }
        Array.from(taken).forEach(give);
        expect(heap.equals(full)).toBe(true);
      }),
      { numRuns: 25 },
    );
  });
});
