// SPDX-License-Identifier: GPL-2.0-only
// The tiny named instances are searched: they hold, they have as many states as the catalogue says, and they come to
// every step of their design except exactly those that the catalogue names.
import { describe, expect, test } from "vitest";
import { DESIGN_SITES } from "../../../impl/allocators/design-sites.ts";
import { coverageOf, vacuousBecause } from "../../../properties/search/coverage.ts";
import { isAsPinned, watchedIn } from "../../../properties/search/pinned.ts";
import { type InstanceSearch, searchInstance } from "../../../properties/search/search-instance.ts";
import { defectOf } from "../../../spec/defects.ts";
import { ALLOCATOR_IDS } from "../../../spec/instance.ts";
import { SEARCH_INSTANCES, searchInstanceOf, searchInstancesOf } from "../../../spec/search-instances.ts";
import { type SearchInstance, STATES_OF_CLASS } from "../../../spec/search-instances/entry.ts";

const isTiny = ({ size }: SearchInstance): boolean => size === "tiny";
const searches = new Map<string, InstanceSearch>();

/** The search of a named instance, made once. */
function searched(named: SearchInstance): InstanceSearch {
  const known = searches.get(named.id);
  if (known) return known;
  const made = searchInstance(named.instance, watchedIn(named), { statesMax: STATES_OF_CLASS.tiny });
  searches.set(named.id, made);
  return made;
}

const TINY = SEARCH_INSTANCES.filter(isTiny);

test.each(TINY.filter(({ violates }) => !violates).map((each) => [each.id, each] as const))(
  "%s",
  (_id, named) => {
    const result = searched(named);
    const { end, finding, states, deadlocks } = result;
    expect({ end, finding, states, deadlocks }).toEqual({
      end: "exhausted",
      finding: undefined,
      states: named.states,
      deadlocks: 0,
    });
    expect(vacuousBecause(named, result)).toEqual([]);
  },
);

test.each(TINY.filter(({ violates }) => violates).map((each) => [each.id, each] as const))(
  "%s shows what is wrong",
  (_id, named) => {
    const result = searched(named);
    expect([result.finding?.id, result.trace?.length, result.states]).toEqual([
      named.violates!.invariant,
      named.violates!.steps,
      named.states,
    ]);
    expect(isAsPinned(named, result)).toBe(true);
    expect(defectOf(named.violates!.by).breaks).toContain(named.violates!.invariant);
  },
);

test.each(ALLOCATOR_IDS)("the tiny ones of %s execute every step between them", (allocator) => {
  const tiny = searchInstancesOf(allocator).filter(isTiny).map(searched);
  const never = DESIGN_SITES[allocator].filter((_site, i) => tiny.every(({ sites }) => sites[i] === 0));
  expect(never).toEqual([]);
});

describe("a verdict is vacuous", () => {
  const named = searchInstanceOf("global-tree/closed-tiny-purge")!;
  const helped = searchInstanceOf("node-blocks/bounded-tiny-helpers")!;

  test("if a step that is not said to be out of reach was never executed", () => {
    const careless = { ...named, unreachable: named.unreachable.slice(1) };
    expect(vacuousBecause(careless, searched(named))).toEqual([
      "never executed: preload_this_cpu_lock: preemptible: the task may migrate",
    ]);
  });

  test("if the catalogue says too much", () => {
    const step = "mutex_lock: take vmap_purge_lock";
    const timid = { ...named, unreachable: [...named.unreachable, { steps: [step], why: "fear" }] };
    expect(vacuousBecause(timid, searched(named))).toEqual([
      `executed, although it is said to be out of reach: ${step}`,
    ]);
  });

  test("if an event never happened", () => {
    const other = searched(searchInstanceOf("node-blocks/closed-tiny")!);
    const unhelped = { sites: searched(helped).sites, events: other.events };
    expect(vacuousBecause(helped, unhelped)).toEqual(["never happened: a purge handed a node to a helper"]);
  });
});

test("coverage counts by function, and gives the reasons of the catalogue", () => {
  const named = searchInstanceOf("global-tree/closed-tiny")!;
  const { functions, unreached } = coverageOf(named.instance, searched(named), named);
  expect(functions).toContainEqual({ fn: "preload_this_cpu_lock", executed: 2, steps: 3 });
  expect(functions.reduce((sum, { steps }) => sum + steps, 0)).toBe(DESIGN_SITES["global-tree"].length);
  expect(unreached).toEqual([
    {
      fn: "preload_this_cpu_lock",
      what: "preemptible: the task may migrate",
      why: "no migration is allowed here",
    },
  ]);
});
