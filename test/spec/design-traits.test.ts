// SPDX-License-Identifier: GPL-2.0-only
//
// What some designs know and others do not: an error with one whole line elsewhere, and rules of its own at home.

import { describe, expect, test } from "vitest";
import { TRAITS } from "../../spec/design-traits.ts";
import { ALLOCATOR_IDS, type Instance } from "../../spec/instance.ts";
import { validateInstance } from "../../spec/instance-rules.ts";
import type { HotplugOperation, Operation } from "../../spec/operations.ts";
import { changed, INSTANCE, type Mutable, POOLED, pooledInstance } from "./sample.ts";

/** The error's code and line, or "valid". */
function verdict(change: (draft: Mutable<Instance>) => void, of = INSTANCE): string {
  const error = validateInstance(changed(change, of), "i.json");
  return error === undefined ? "valid" : `${error.code} ${error.message}`;
}

/** Hotplug of CPU 1. */
function cpus(...kinds: readonly HotplugOperation["op"][]): readonly Operation[] {
  return kinds.map((op) => ({ op, cpu: 1 }));
}

describe("what only designs with pools know", () => {
  test.each<[string, (draft: Mutable<Instance>) => void, string]>([
    [
      "poolPages",
      (d) => (d.poolPages = 2),
      "VMC-E026 i.json: poolPages: expected nothing (node-blocks is a design without pools), found 2",
    ],
    [
      "workers",
      (d) => (d.workers = { idle: 1 }),
      "VMC-E026 i.json: workers: expected nothing (node-blocks is a design without pools), found an object",
    ],
    [
      "boot",
      (d) => (d.boot = "workqueue_init"),
      "VMC-E026 i.json: boot: expected nothing (node-blocks is a design without pools), found " +
        '"workqueue_init"',
    ],
    [
      "a fault of theirs",
      (d) => (d.faults.points = ["kasan", "queue-work"]),
      "VMC-E026 i.json: faults.points[1]: expected one of alloc, preload, split, fill-record, kasan, pcpu-record (node-blocks is " +
        'a design without pools), found "queue-work"',
    ],
    [
      "the shrinker",
      (d) => d.programs[1]?.push({ op: "shrink" }),
      "VMC-E026 i.json: programs[1][5].op: expected another operation (node-blocks is a design without pools), " +
        'found "shrink"',
    ],
    [
      "CPU hotplug",
      (d) => d.programs[0]?.push({ op: "offline", cpu: 1 }),
      "VMC-E026 i.json: programs[0][4].op: expected another operation (node-blocks is a design without pools), " +
        'found "offline"',
    ],
    ["fields that are named and absent", (d) => Object.assign(d, { poolPages: undefined }), "valid"],
  ])("%s is an error elsewhere", (_, change, expected) => {
    expect(verdict(change)).toBe(expected);
  });

  test.each(ALLOCATOR_IDS)("the rule follows the traits of %s", (allocator) => {
    const { pools, blocks } = TRAITS[allocator];
    const error = validateInstance(pooledInstance(allocator));
    expect(error?.code).toBe(pools ? undefined : "VMC-E026");
    const faults = { budget: 1, points: ["fill-record"] } as const;
    expect(validateInstance({ ...INSTANCE, allocator, faults })).toBeUndefined();
    expect(validateInstance({ ...INSTANCE, allocator, blockPages: 3 }) === undefined).toBe(!blocks);
  });

  describe.each(POOLED)("%s", (allocator) => {
    const pooled = pooledInstance(allocator);
    const hotplug = (...program: Operation[]): ((draft: Mutable<Instance>) => void) => {
      return (d) => (d.programs = [program as Mutable<Operation>[]]);
    };
    test.each<[string, (draft: Mutable<Instance>) => void, string]>([
      ["all of it", () => undefined, "valid"],
      [
        "pools of no page",
        (d) => (d.poolPages = 0),
        "VMC-E020 i.json: poolPages: expected an integer from 1 to 2147483647, found 0",
      ],
      ["the largest pools", (d) => (d.poolPages = 2 ** 31 - 1), "valid"],
      ["no idle worker, and none to be had", (d) => (d.workers = { idle: 0 }), "valid"],
      ["64 idle workers", (d) => (d.workers = { idle: 64 }), "valid"],
      [
        "65 idle workers",
        (d) => (d.workers = { idle: 65 }),
        "VMC-E020 i.json: workers.idle: expected an integer from 0 to 64, found 65",
      ],
      [
        "a stack of no page",
        (d) => (d.workers = { idle: 1, stackPages: 0 }),
        "VMC-E020 i.json: workers.stackPages: expected an integer from 1 to 2147483647, found 0",
      ],
      [
        "an unknown phase of the boot",
        (d) => Object.assign(d, { boot: "start_kernel" }),
        "VMC-E020 i.json: boot: expected one of vmalloc_init, workqueue_init_early, workqueue_init, found " +
          '"start_kernel"',
      ],
      ["a CPU that comes, goes and goes again", hotplug(...cpus("online", "offline", "offline")), "valid"],
      [
        "a CPU that there is not",
        hotplug({ op: "offline", cpu: 1 }, { op: "online", cpu: 2 }),
        "VMC-E022 i.json: programs[0][1].cpu: expected an integer from 0 to 1 (a CPU of the instance), found 2",
      ],
      [
        "hotplug of the only CPU",
        (d) => Object.assign(d, { cpus: 1, programs: [[{ op: "offline", cpu: 0 }]] }),
        "VMC-E020 i.json: cpus: expected 2 or more (programs[0][0] is CPU hotplug), found 1",
      ],
      ["menus with all of it", (d) => (d.closed = { liveMax: 2 }), "valid"],
    ])("%s", (_, change, expected) => {
      expect(verdict(change, pooled)).toBe(expected);
    });
  });
});
