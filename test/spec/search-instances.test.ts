// SPDX-License-Identifier: GPL-2.0-only
// The catalogue of named instances: valid, unique, honest about its sizes, and with something tiny for each design.
import { describe, expect, test } from "vitest";
import { sitesIn } from "../../impl/allocators/design-sites.ts";
import { ALLOCATOR_IDS } from "../../spec/instance.ts";
import { validateInstance } from "../../spec/instance-rules.ts";
import {
  SEARCH_INSTANCES,
  searchInstanceOf,
  searchInstancesOf,
  USUAL_INSTANCE,
} from "../../spec/search-instances.ts";
import { SIZE_CLASSES, STATES_OF_CLASS } from "../../spec/search-instances/entry.ts";

test("ids and names are unique, and found again", () => {
  expect(new Set(SEARCH_INSTANCES.map(({ id }) => id)).size).toBe(SEARCH_INSTANCES.length);
  for (const each of SEARCH_INSTANCES) {
    expect(each.id).toBe(`${each.allocator}/${each.name}`);
    expect(searchInstanceOf(each.id)).toBe(each);
    expect(searchInstancesOf(each.allocator)).toContain(each);
  }
  expect(searchInstanceOf("node-blocks/closed")).toBeUndefined();
});

describe.each(SEARCH_INSTANCES.map((each) => [each.id, each] as const))("%s", (_id, each) => {
  const { instance, name, size, states, statement, unreachable, allocator, violates } = each;

  test("is valid, and its name says its shape and size", () => {
    expect(validateInstance(instance)).toBeUndefined();
    expect(instance.allocator).toBe(allocator);
    expect(name).toMatch(/^(closed|bounded)-(tiny|small|medium|large)(-[a-z]+)*$/);
    expect(name.startsWith(`${instance.closed ? "closed" : "bounded"}-${size}`)).toBe(true);
    expect(statement).not.toMatch(/\.$/);
    const smaller = SIZE_CLASSES[SIZE_CLASSES.indexOf(size) - 1];
    expect(states).toBeLessThanOrEqual(STATES_OF_CLASS[size]);
    // Where something is wrong, a search may end early.
    expect(states).toBeGreaterThan(smaller && !violates ? STATES_OF_CLASS[smaller] : 0);
  });

  test("what it cannot reach are steps of its design, each said once", () => {
    const steps = sitesIn(instance).map(({ fn, what }) => `${fn}: ${what}`);
    const listed = unreachable.flatMap((group) => group.steps);
    expect(listed.filter((step) => steps.filter((known) => known === step).length !== 1)).toEqual([]);
    expect(new Set(listed).size).toBe(listed.length);
    expect(listed.length).toBeLessThan(steps.length / 2);
  });
});

test.each(ALLOCATOR_IDS)("%s has closed and bounded tiny ones, and the usual one", (allocator) => {
  const own = searchInstancesOf(allocator);
  const tiny = own.filter(({ size }) => size === "tiny");
  expect(tiny.map(({ instance }) => instance.closed !== undefined)).toEqual(
    expect.arrayContaining([true, false]),
  );
  const usual = own.find(({ name }) => name === USUAL_INSTANCE);
  expect(usual).toMatchObject({ size: "tiny" });
  expect(usual?.instance.programs.length).toBe(2);
});
