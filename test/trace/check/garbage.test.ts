// SPDX-License-Identifier: GPL-2.0-only
//
// Events that no kernel prints: the checker says something or nothing, but does not fall over, and its list stays in order.

import seedrandom from "seedrandom";
import { expect, test } from "vitest";
import { Area } from "../../../trace/check/area.ts";
import { SortedAreas } from "../../../trace/check/sorted-areas.ts";
import { TraceChecker } from "../../../trace/check/trace-checker.ts";
import { isEvent, listed, scripted } from "../event-script.ts";

const SPACE = 60;

test("random events, losses among them, are checked to the end", () => {
  const random = seedrandom("garbage");
  const draw = (n: number): number => Math.floor(random() * n);
  for (let run = 0; run < 300; run++) {
    const lines = Array.from({ length: 200 }, () => {
      const task = `${draw(4)}/${draw(3)}`;
      const what = draw(60);
      if (what === 0) return ["lost 0", "lost", "overwritten", "started 1", "unreadable"][draw(5)]!;
      if (what < 25)
        return `${task} alloc ${draw(SPACE)}+${draw(9)}${draw(5) === 0 ? ".5" : ""} align=${2 ** draw(3)}`;
      if (what < 50) return `${task} free ${draw(SPACE)}${draw(9) === 0 ? ".8" : ""} nr_lazy=${draw(20)}`;
      return `${task} purge ${draw(SPACE)}..${draw(SPACE)} ${draw(5)}`;
    });
    const initial = draw(2) === 0 ? undefined : [listed(5, 9), listed(20, 4, { isLazy: true }), listed(7, 3)];
    const checker = new TraceChecker({ initial });
    for (const each of scripted(lines.join("\n"))) {
      if (isEvent(each)) checker.event(each);
      else checker.loss(each);
    }
    checker.end(1 + draw(2), initial);
    const live = [...checker.liveAreas()];
    const isSorted = live.every((area, i) => i === 0 || live[i - 1]!.end <= area.page);
    expect({ run, isSorted }).toEqual({ run, isSorted: true });
    expect(checker.size).toBeLessThan(2000);
  }
});

test("the list of areas does what a plain list does", () => {
  const random = seedrandom("sorted areas");
  const draw = (n: number): number => Math.floor(random() * n);
  const areas = new SortedAreas();
  let plain: Area[] = [];
  for (let i = 0; i < 10_000; i++) {
    const area = new Area(draw(10_000), 1 + draw(i % 500 === 0 ? 800 : 6));
    const touched = plain.filter((each) => each.page < area.end && area.page < each.end);
    expect(areas.firstIn(area.page, area.end)).toBe(touched[0]);
    const taken: Area[] = [];
    if (draw(3) === 0) {
      for (const each of touched) areas.remove(each);
      taken.push(...touched);
      plain = plain.filter((each) => !touched.includes(each));
    } else {
      areas.place(area, taken);
      plain = [...plain.filter((each) => !touched.includes(each)), area].sort((a, b) => a.page - b.page);
    }
    expect(taken).toEqual(touched);
    expect(areas.beginningAt(area.page)).toBe(plain.find(({ page }) => page === area.page));
    expect(areas.count).toBe(plain.length);
  }
  expect([...areas]).toEqual(plain);
  expect(plain.length).toBeGreaterThan(300);
});
