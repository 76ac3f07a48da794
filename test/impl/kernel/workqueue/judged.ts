// SPDX-License-Identifier: GPL-2.0-only
//
// Searches all interleavings of a case, and says how it ends: as a search does, or with the rule that was broken.

import { describe, expect, test } from "vitest";
import { search, type SearchResult } from "../../../../explore/search/search.ts";
import type { Expected } from "./cases.ts";
import type { RuleId } from "./reference.ts";
import type { SmallCase } from "./small-case.ts";
import { Judge, type Variant, WorkqueueSystem } from "./workqueue-system.ts";

/** What a search of a case came to. */
export interface Judged {
  readonly end: SearchResult["end"] | RuleId;
  readonly states: number;
}

/** Searches a case. */
export function judge(small: SmallCase, variant: Variant = {}): Judged {
  const system = new WorkqueueSystem(small, variant);
  const monitor = new Judge(system);
  const { end, states } = search(system, monitor, { statesMax: 200_000 });
  return { end: monitor.broken ?? end, states };
}

/** Each case ends as it says, in strict mode too, and no rule is broken on the way. */
export function describeCases(title: string, cases: Readonly<Record<string, Expected>>): void {
  describe(title, () => {
    test.each(Object.entries(cases))("%s", (_, small) => {
      const { end, states } = judge(small);
      expect(end).toBe(small.end);
      expect(judge(small, { strict: true })).toEqual({ end, states });
    });
  });
}
