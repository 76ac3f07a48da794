// SPDX-License-Identifier: GPL-2.0-only
// The slab of vmap_area records: allocation, release, what it refuses, and the log of changes.
import { describe, expect, it } from "vitest";
import { AREA_FIELDS, AREA_WORD, AREA_WORDS } from "../../../impl/heap/area-words.ts";
import { Areas, NONE, PLACE, type Va, handleOf } from "../../../impl/heap/areas.ts";
import { ChangeLog } from "../../../impl/heap/change-log.ts";
import { EventLog } from "../../../impl/heap/event-log.ts";
import { Heap } from "../../../impl/heap/heap.ts";
import { EVENT, EVENT_WORDS } from "../../../spec/events.ts";

function slab(capacity: number, strict = false) {
  const heap = new Heap(capacity * (AREA_WORDS + 1) + 16, strict);
  const events = new EventLog();
  const areas = new Areas(heap, capacity, events, (va, raw) =>
    raw.place[va] === PLACE.SLAB ? "not allocated" : undefined,
  );
  heap.seal();
  areas.init();
  return { heap, events, areas };
}

describe("Areas", () => {
  it("reads the same word by field and by offset", () => {
    const { areas } = slab(4);
    const va = areas.allocate(1);
    for (const [i, field] of AREA_FIELDS.entries()) {
      areas[field][va] = 100 + i;
      expect(areas.words[va + AREA_WORD[field]]).toBe(100 + i);
    }
  });

  it("keeps the links side by side, which the searches rely on", () => {
    expect(AREA_WORD.right).toBe(AREA_WORD.left + 1);
  });

  it("hands out zeroed records, the lowest first, and is as before when all are back", () => {
    const { areas, heap } = slab(6);
    const empty = heap.snapshot();
    const records = [1, 2, 3].map((process) => areas.allocate(process));
    expect(records).toEqual([1, 2, 3].map(handleOf));
    expect([areas.live, areas.place[records[1]!], areas.owner[records[1]!]]).toEqual([3, PLACE.BLANK, 2]);
    areas.assign(records[1]!, 4, 9, 2);
    expect([areas.size(records[1]!), areas.place[records[1]!]]).toEqual([5, PLACE.LIMBO]);
    areas.flags[records[1]!] = 0x102;
    areas.release(records[1]!);
    expect(areas.allocate(5)).toBe(records[1]);
    expect(AREA_FIELDS.map((field) => areas[field][records[1]!])).toEqual([
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      PLACE.BLANK,
      5,
    ]);
    for (const va of records) areas.release(va);
    expect(heap.equals(empty)).toBe(true);
  });

  it("names the limit when the slab is exhausted", () => {
    const { areas } = slab(3);
    areas.allocate(0);
    areas.allocate(0);
    expect(() => areas.allocate(0)).toThrow("more than 2 records needed (recordsMax)");
  });

  it.each<[string, (areas: Areas) => Va]>([
    ["NULL", () => NONE],
    ["a free record", () => handleOf(1)],
    [
      "a linked record",
      (areas) => {
        const va = areas.allocate(1);
        areas.place[va] = 3;
        return va;
      },
    ],
  ])("reports the release of %s and changes nothing", (_, prepare) => {
    const { areas, events, heap } = slab(4);
    const va = prepare(areas);
    const before = heap.snapshot();
    areas.release(va);
    expect([...events.rows.subarray(0, EVENT_WORDS)]).toEqual([EVENT.BAD_RECORD_FREE, 0, va, 0, 0, 0, 0, 0]);
    expect(events.count).toBe(1);
    expect(heap.equals(before)).toBe(true);
  });

  it("lifts the guard for the slab's own accesses only, and not longer", () => {
    const { areas, heap } = slab(4, true);
    const va = areas.allocate(1);
    expect(() => areas.start[handleOf(2)]).toThrow("not allocated");
    heap.racy(() => {
      areas.adopt(va, 2);
      areas.release(va);
      areas.release(va);
      expect(areas.place[va]).toBe(PLACE.SLAB);
    });
    expect(() => areas.start[va]).toThrow("not allocated");
  });
});

describe("ChangeLog", () => {
  const words = new Int32Array(AREA_WORDS * 1000).map((_, i) => i);
  const handles = Array.from({ length: 999 }, (_, i) => (i + 1) * AREA_WORDS);

  it("notes a record once per step, with what it was at the first touch", () => {
    const record = words.slice();
    const log = new ChangeLog(record, record.length);
    log.touch(24);
    record[24] = -1;
    log.touch3(24, 0, 36);
    log.touch4(48, 36, 24, 48);
    expect(log.count).toBe(3);
    expect([...log.record.subarray(0, 3)]).toEqual([24, 36, 48]);
    expect([log.oldStart[0], log.oldEnd[0], log.oldPlace[0]]).toEqual([24, 25, 24 + AREA_WORD.place]);
    log.begin();
    expect(log.count).toBe(0);
    log.touch(24);
    expect([log.count, log.oldStart[0]]).toEqual([1, -1]);
  });

  it("passes NULL over, in every step", () => {
    const log = new ChangeLog(words, words.length);
    for (let step = 0; step < 2; step++) {
      log.touch(0);
      log.touch3(0, 0, 0);
      log.touch4(0, 0, 0, 0);
      expect(log.count).toBe(0);
      log.begin();
    }
  });

  it("tells all records apart and grows with their number", () => {
    const log = new ChangeLog(words, words.length);
    for (let step = 0; step < 2; step++) {
      for (const va of [...handles, ...handles]) log.touch(va);
      expect([...log.record.subarray(0, log.count)]).toEqual(handles);
      expect([...log.oldEnd.subarray(0, log.count)]).toEqual(handles.map((va) => va + 1));
      expect(log.oldPlace[998]).toBe(999 * AREA_WORDS + AREA_WORD.place);
      log.begin();
    }
  });

  it("notes nothing once stopped", () => {
    const log = new ChangeLog(words, words.length);
    log.touch(12);
    log.stop();
    log.touch(12);
    log.touch3(24, 36, 48);
    log.begin();
    log.touch4(12, 24, 36, 48);
    expect(log.count).toBe(0);
  });
});
