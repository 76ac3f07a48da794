// SPDX-License-Identifier: GPL-2.0-only
// The flat heap: snapshots are the whole state, digests tell states apart, strict mode refuses what it must.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HANDLE_BASE, Heap } from "../../../impl/heap/heap.ts";
import { StrictFault } from "../../../impl/heap/strict-fault.ts";

const FIELDS = ["key", "link"] as const;

// Handles of the second and the third record, whose words are 2 and 3, 4 and 5.
const SECOND = HANDLE_BASE + 2;
const THIRD = HANDLE_BASE + 4;

function build(strict = false) {
  const heap = new Heap(256, strict);
  const counters = heap.words("counters", 5);
  const map = heap.bytes("map", 7);
  const { fields, words } = heap.records("node", FIELDS, 4);
  heap.seal();
  return { heap, counters, map, fields, words };
}

const write = fc.record({ at: fc.nat(14), value: fc.integer() });

describe("Heap", () => {
  it("lays views out one after the other, bytes rounded up to words", () => {
    const { heap, counters, map, fields, words } = build();
    expect(heap.size).toBe(5 + 2 + 8);
    counters[4] = -1;
    map[6] = 255;
    fields.link[SECOND] = 9;
    expect([...heap.snapshot()]).toEqual([0, 0, 0, 0, -1, 0, 0xff0000, 0, 0, 0, 9, 0, 0, 0, 0]);
    expect(words[SECOND + 1]).toBe(9);
  });

  it("restores what a snapshot holds, and equals it only then", () => {
    fc.assert(
      fc.property(fc.array(write), fc.array(write, { minLength: 1 }), (first, then) => {
        const { heap } = build();
        const poke = ({ at, value }: { at: number; value: number }): void => {
          const state = heap.snapshot();
          state[at] = value;
          heap.restore(state);
        };
        first.forEach(poke);
        const before = heap.snapshot();
        const digest = heap.digest();
        then.forEach(poke);
        const after = heap.snapshot();
        expect(heap.equals(before)).toBe(after.every((word, i) => word === before[i]));
        heap.restore(before);
        expect([...heap.snapshot()]).toEqual([...before]);
        expect(heap.equals(before)).toBe(true);
        expect(heap.digest()).toBe(digest);
        const rows = new Int32Array(2 * heap.size + 1).fill(7);
        heap.save(rows, heap.size);
        expect([...rows.subarray(heap.size, 2 * heap.size)]).toEqual([...before]);
        expect([rows[heap.size - 1], rows[2 * heap.size]]).toEqual([7, 7]);
      }),
    );
  });

  it("a snapshot is a copy", () => {
    const { heap, counters } = build();
    const before = heap.snapshot();
    counters[0] = 1;
    expect(before[0]).toBe(0);
    expect(heap.equals(before)).toBe(false);
  });

  it("states that differ in one word never have the same digest", () => {
    fc.assert(
      fc.property(fc.array(write), fc.nat(14), fc.integer(), fc.integer(), (writes, at, x, y) => {
        fc.pre(x !== y);
        const { heap } = build();
        const state = heap.snapshot();
        for (const w of writes) state[w.at] = w.value;
        const digests = [x, y].map((value) => {
          state[at] = value;
          heap.restore(state);
          return heap.digest();
        });
        expect(digests[0]).toMatch(/^[0-9a-f]{16}$/);
        expect(digests[0]).not.toBe(digests[1]);
      }),
    );
  });

  it("digests of small states do not collide in either half", () => {
    const { heap, counters } = build();
    const halves: [Set<string>, Set<string>] = [new Set(), new Set()];
    for (let i = 0; i < 20 ** 3; i++) {
      counters[0] = i % 20;
      counters[1] = Math.floor(i / 20) % 20;
      counters[4] = Math.floor(i / 400);
      halves[0].add(heap.digest().slice(0, 8));
      halves[1].add(heap.digest().slice(8));
    }
    expect(halves.map((half) => half.size)).toEqual([8000, 8000]);
  });

  it("refuses views beyond its size or after seal()", () => {
    const small = new Heap(4, false);
    small.words("a", 3);
    expect(() => small.words("b", 2)).toThrow("5 words asked for, limit 4");
    small.words("c", 1);
    small.seal();
    expect(() => small.words("d", 1)).toThrow("after seal()");
  });
});

describe("an observed heap", () => {
  it("tells of each access by the name of its view, and of nothing else", () => {
    const told: unknown[] = [];
    const heap = new Heap(64, false, {
      read: (...access) => told.push(["read", ...access]),
      written: (...access) => told.push(["written", ...access]),
    });
    const counters = heap.words("counters", 2);
    const map = heap.bytes("map", 3);
    const { fields, words } = heap.records("node", FIELDS, 4);
    heap.seal();
    counters[1] = 7;
    counters[0] = counters[1] ?? 0;
    counters.fill(0);
    map[2] = 257;
    fields.link[SECOND] = 5;
    words[SECOND] = words[SECOND + 1]!;
    heap.restore(heap.snapshot());
    expect(told).toEqual([
      ["written", "counters", 1, 0, 7],
      ["read", "counters", 1, 7],
      ["written", "counters", 0, 0, 7],
      ["written", "counters", 0, 7, 0],
      ["written", "counters", 1, 7, 0],
      ["written", "map", 2, 0, 1],
      ["written", "node.link", SECOND, 0, 5],
      ["read", "node.words", SECOND + 1, 5],
      ["written", "node.words", SECOND, 0, 5],
    ]);
  });
});

describe("a strict heap", () => {
  it("behaves like a plain one inside a step", () => {
    const { heap, counters, map, fields, words } = build(true);
    counters[4] = -5;
    map[0] = 3;
    fields.link[SECOND] = 8;
    words[THIRD] = 6;
    expect([counters[4], map[0], fields.link[SECOND], fields.key[THIRD], words[SECOND + 1]]).toEqual([
      -5, 3, 8, 6, 8,
    ]);
    expect(heap.snapshot().filter((word) => word !== 0)).toHaveLength(4);
  });

  it("refuses reads and writes between steps, snapshots excepted", () => {
    const { heap, counters, fields } = build(true);
    heap.strict!.betweenSteps = true;
    expect(() => counters[0]).toThrow(new StrictFault("counters[0]: heap access outside a step"));
    expect(() => {
      fields.key[2] = 1;
    }).toThrow("node.key[2]: heap access outside a step");
    expect(heap.snapshot()[7]).toBe(0);
    heap.strict!.betweenSteps = false;
    expect(counters[0]).toBe(0);
  });

  it.each([-1, 5, 1.5, Number.NaN])("refuses index %d", (index) => {
    const { counters } = build(true);
    expect(() => counters[index]).toThrow(StrictFault);
    expect(() => {
      counters[index] = 1;
    }).toThrow(StrictFault);
  });

  it("refuses everything that is not an indexed access, the length excepted", () => {
    const { counters } = build(true);
    expect(counters.length).toBe(5);
    expect(() => counters.fill(1)).toThrow("only indexed access is allowed");
  });

  it("asks the guard, except in a racy section, however deep", () => {
    const heap = new Heap(64, true);
    let held = false;
    const guarded = heap.words("root", 3, (i) => (held || i === 2 ? undefined : "without the lock"));
    const { fields, words } = heap.records("node", FIELDS, 3, (handle, raw) =>
      handle === 0 ? "NULL record" : raw.key[handle] === 13 ? "unlucky" : undefined,
    );
    heap.seal();
    expect(() => guarded[0]).toThrow("root[0]: without the lock");
    expect(guarded[2]).toBe(0);
    const value = heap.racy(() => heap.racy(() => guarded[1]!) + guarded[0]!);
    expect(value).toBe(0);
    expect(() => guarded[1]).toThrow(StrictFault);
    expect(() => heap.racy(() => counterOf(undefined))).toThrow("no counter");
    expect(() => guarded[1]).toThrow(StrictFault);
    held = true;
    expect(guarded[1]).toBe(0);

    expect(() => fields.link[0]).toThrow("node.link[0]: NULL record");
    expect(() => words[1]).toThrow("node.words[1]: NULL record");
    fields.key[SECOND] = 13;
    expect(() => fields.link[SECOND]).toThrow("unlucky");
    expect(() => words[SECOND + 1]).toThrow("unlucky");
    expect(words[THIRD]).toBe(0);
  });
});

function counterOf(counters: Int32Array | undefined): number {
  if (!counters) throw new Error("no counter");
  return counters[0]!;
}
