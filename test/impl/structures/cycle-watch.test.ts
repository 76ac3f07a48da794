// SPDX-License-Identifier: GPL-2.0-only
// A walk that comes back is noticed in time, and one that does not is let go on.
import { expect, test } from "vitest";
import { CycleWatch } from "../../../impl/structures/cycle-watch.ts";

test("is noticed within three times of lead and cycle, and not before the walk comes back", () => {
  for (let lead = 0; lead < 24; lead++) {
    for (let cycle = 1; cycle < 24; cycle++) {
      const watch = new CycleWatch();
      let steps = 0;
      while (!watch.isBack(steps < lead ? steps : lead + ((steps - lead) % cycle))) steps++;
      expect(steps).toBeGreaterThanOrEqual(lead + cycle);
      expect(steps).toBeLessThanOrEqual(3 * (lead + cycle));
    }
  }
});

test("positions differ if one of their numbers does", () => {
  const watch = new CycleWatch();
  for (let i = 0; i < 1000; i++) {
    expect(watch.isBack(1, 2, i, 3)).toBe(false);
    expect(watch.isBack(1, i, 1000, 3)).toBe(false);
  }
});
