// SPDX-License-Identifier: GPL-2.0-only
// The bench of searches on the smallest subjects: one worker and two agree (else it throws), every line is there. No
// times.
import { expect, it } from "vitest";
import { benchSearch, formatSearch } from "../../bench/search.ts";

it("has a line for each subject and number of workers, with the known numbers", () => {
  const rows = benchSearch({
    instances: ["node-blocks/bounded-tiny-helpers"],
    protocols: ["NB-1"],
    runs: 1,
    entries: {
      instance: new URL("../../dist/properties/search/search-entry.js", import.meta.url),
      protocol: new URL("../../dist/explore/selfcheck/selfcheck-worker.js", import.meta.url),
    },
  });
  expect(rows.map(({ what, workers, states }) => [what, workers, states])).toEqual([
    ["node-blocks/bounded-tiny-helpers", 1, 6631],
    ["node-blocks/bounded-tiny-helpers", 2, 6631],
    ["NB-1", 1, 8847],
    ["NB-1", 2, 8847],
  ]);
  expect(formatSearch(rows).split("\n")).toHaveLength(6);
});
