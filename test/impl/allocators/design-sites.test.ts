// SPDX-License-Identifier: GPL-2.0-only
// The places of a design are those that its runs come to: no more, no less.
import { expect, test } from "vitest";
import { createRng } from "../../../explore/rng.ts";
import { RandomStrategy } from "../../../explore/strategies/random.ts";
import type { Site } from "../../../explore/sync.ts";
import { DESIGN_SITES } from "../../../impl/allocators/design-sites.ts";
import { instanceOf } from "../../../spec/small-machine.ts";
import { TRAITS } from "../../../spec/design-traits.ts";
import { Session } from "../../../properties/session.ts";
import { ALLOCATOR_IDS, type AllocatorId } from "../../../spec/instance.ts";

const ALL: ReadonlySet<Site> = new Set(Object.values(DESIGN_SITES).flat());

/** Sites of all ports that runs of a design come to, small and full and with all that may go wrong. */
function reachedBy(allocator: AllocatorId): ReadonlySet<Site> {
  const reached = new Set<Site>();
  for (const lazyMax of [0, 3]) {
    const instance = instanceOf(
      allocator,
      { space: 16, block: 8, lazyMax, faults: "all", faultBudget: 2, migrations: 2 },
      "a=alloc(2); free(a); b=alloc(1); find(b+0); free(b)",
      "c=alloc(2); d=alloc(9); free(c); aliases",
      "e=alloc(1); g=alloc(3); free(g); purge",
      ...(TRAITS[allocator].pools
        ? ["h=alloc(1); free(h); purge; i=alloc(1); free(i); aliases; aliases"]
        : []),
    );
    const session = new Session(instance, {
      watched: new Set(),
      onStep: (_process, step) => {
        if (ALL.has(step.site)) reached.add(step.site);
      },
    });
    const strategy = new RandomStrategy(createRng("sites"), session.profile);
    for (let run = 0; run < 1500; run++) session.run(strategy);
  }
  return reached;
}

test.each(ALLOCATOR_IDS)("%s", (allocator) => {
  const text = ({ fn, what }: Site): string => `${fn}: ${what}`;
  const reached = [...reachedBy(allocator)].map(text);
  expect(reached.sort()).toEqual(DESIGN_SITES[allocator].map(text).sort());
});
