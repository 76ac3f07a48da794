// SPDX-License-Identifier: GPL-2.0-only
//
// What a search has executed of its design, and what that makes of its verdict: a search that never got to a step that
// its instance must come to says nothing about it.

import type { Site } from "../../explore/sync.ts";
import { sitesIn } from "../../impl/allocators/design-sites.ts";
import { EVENT } from "../../spec/events.ts";
import type { Instance } from "../../spec/instance.ts";
import type { SearchInstance } from "../../spec/search-instances/entry.ts";
import type { InstanceSearch } from "./search-instance.ts";

/** Steps of a kernel function. */
export interface FunctionCoverage {
  readonly fn: string;
  readonly executed: number;
  readonly steps: number;
}

/** A step that no transition executed. */
export interface UnreachedStep {
  readonly fn: string;
  readonly what: string;
  /** Why the instance cannot come to it, if the catalogue says so. */
  readonly why?: string | undefined;
}

/** What a search has executed. */
export interface Coverage {
  /** In the order of the source. */
  readonly functions: readonly FunctionCoverage[];
  readonly unreached: readonly UnreachedStep[];
}

/** The steps of an instance's design that a search has executed; `named` gives reasons. */
export function coverageOf(
  instance: Pick<Instance, "allocator" | "programs">,
  { sites }: Pick<InstanceSearch, "sites">,
  named?: SearchInstance,
): Coverage {
  const functions = new Map<string, { executed: number; steps: number }>();
  const unreached: UnreachedStep[] = [];
  const reasons = reasonsOf(named);
  for (const [i, { fn, what }] of sitesIn(instance).entries()) {
    const row = functions.get(fn) ?? { executed: 0, steps: 0 };
    functions.set(fn, row);
    row.steps++;
    if (sites[i]! > 0) row.executed++;
    else unreached.push({ fn, what, why: reasons.get(stepOf({ fn, what })) });
  }
  return { functions: [...functions].map(([fn, row]) => ({ fn, ...row })), unreached };
}

/**
 * What makes a finished search of a named instance vacuous, one line each: a step or an event that it must come to and
 * did not, or a step that it came to although the catalogue says that it cannot.
 */
export function vacuousBecause(
  named: SearchInstance,
  search: Pick<InstanceSearch, "sites" | "events">,
): readonly string[] {
  const { unreached } = coverageOf(named.instance, search, named);
  const never = new Set(unreached.map(stepOf));
  return [
    ...unreached.flatMap((each) => (each.why === undefined ? [`never executed: ${stepOf(each)}`] : [])),
    ...named.events.flatMap(({ event, text }) =>
      search.events[EVENT[event]]! > 0 ? [] : [`never happened: ${text}`],
    ),
    ...[...reasonsOf(named).keys()].flatMap((step) =>
      never.has(step) ? [] : [`executed, although it is said to be out of reach: ${step}`],
    ),
  ];
}

function stepOf({ fn, what }: Pick<Site, "fn" | "what">): string {
  return `${fn}: ${what}`;
}

function reasonsOf(named: SearchInstance | undefined): ReadonlyMap<string, string> {
  const groups = named?.unreachable ?? [];
  return new Map(groups.flatMap(({ steps, why }) => steps.map((step) => [step, why] as const)));
}
