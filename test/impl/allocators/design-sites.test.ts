// SPDX-License-Identifier: GPL-2.0-only
// The places of a design are those that its runs come to: no more, no less.
import { expect, test } from "vitest";
import { createRng } from "../../../explore/rng.ts";
import { RandomStrategy } from "../../../explore/strategies/random.ts";
import type { Site } from "../../../explore/sync.ts";
import { DESIGN_SITES, sitesIn } from "../../../impl/allocators/design-sites.ts";
import { instanceOf } from "../../../spec/small-machine.ts";
import { TRAITS } from "../../../spec/design-traits.ts";
import { Session } from "../../../properties/session.ts";
import { ALLOCATOR_IDS, type AllocatorId, type Instance } from "../../../spec/instance.ts";

const congruent = (allocator: AllocatorId): Instance =>
  instanceOf(
    allocator,
    { space: 8, block: 4, lazyMax: 1, faults: ["split", "kasan", "pcpu-record"], faultBudget: 2 },
    "p=pcpu(2:1,0:1); a=alloc(4); pfree(p)",
    "q=pcpu(4:2,0:2,align=2); pfree(q); b=alloc(3,window=2..8); purge",
  );

const ALL: ReadonlySet<Site> = new Set(ALLOCATOR_IDS.flatMap((id) => sitesIn(congruent(id))));

/** Sites of all ports that random runs of instances come to. */
function reachedIn(instances: readonly Instance[]): ReadonlySet<Site> {
  const reached = new Set<Site>();
  for (const instance of instances) {
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

/** Small and full, with all that may go wrong. */
function usual(allocator: AllocatorId): readonly Instance[] {
  return [0, 3].map((lazyMax) =>
    instanceOf(
      allocator,
      { space: 16, block: 8, lazyMax, faults: "all", faultBudget: 2, migrations: 2 },
      "a=alloc(2); free(a); b=alloc(1); find(b+0); free(b)",
      "c=alloc(2); d=alloc(9); free(c); aliases",
      "e=alloc(1); g=alloc(3); free(g); purge",
      ...(TRAITS[allocator].pools
        ? ["h=alloc(1); free(h); purge; i=alloc(1); free(i); aliases; aliases"]
        : []),
    ),
  );
}

const text = ({ fn, what }: Site): string => `${fn}: ${what}`;

test.each(ALLOCATOR_IDS)("%s", (allocator) => {
  const reached = [...reachedIn(usual(allocator))].map(text);
  expect(reached.sort()).toEqual(DESIGN_SITES[allocator].map(text).sort());
});

test.each(ALLOCATOR_IDS)("%s with congruent areas has places of its own", (allocator) => {
  const instance = congruent(allocator);
  const usualSites = DESIGN_SITES[allocator];
  const own = sitesIn(instance).slice(usualSites.length);
  expect(sitesIn(instance).slice(0, usualSites.length)).toEqual(usualSites);
  expect(own.length).toBe(7);
  const reached = [...reachedIn([instance])].filter((each) => !usualSites.includes(each));
  expect(reached.map(text).sort()).toEqual(own.map(text).sort());
});
