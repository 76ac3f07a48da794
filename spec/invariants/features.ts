// SPDX-License-Identifier: GPL-2.0-only
//
// What an instance may contain that makes a faithful port break an invariant which it keeps otherwise.

import type { Instance } from "../instance.ts";
import { hasPcpu } from "../operations.ts";

/** A feature of an instance. */
export const FEATURES = {
  shrink: "the shrinker may run at any time",
  boot: "the boot goes on while tasks run",
  "early-boot": "works may be queued and flushed before there are workers",
  "no-worker": "there may be no worker for a pending work item",
  "queue-fault": "queue_work() may be made to fail",
  pcpu: "congruent areas are asked for",
  "maple-fault": "a store into a range tree may find no memory",
  flip: "the perf mode is switched on while tasks run",
  "store-before-flip": "a store into a range tree may find no memory while the perf mode is off",
} as const;

/** Name of a feature. */
export type Feature = keyof typeof FEATURES;

type Featured = Pick<Instance, "boot" | "faults" | "programs" | "workers">;

/** Whether an instance has a feature. */
export function hasFeature(instance: Featured, feature: Feature): boolean {
  const { boot, faults, programs, workers } = instance;
  switch (feature) {
    case "shrink":
      return programs.some((program) => program.some(({ op }) => op === "shrink"));
    case "boot":
      return boot !== undefined;
    case "early-boot":
      return boot === "vmalloc_init" || boot === "workqueue_init_early";
    case "no-worker":
      return workers !== undefined || faults.points.includes("worker");
    case "queue-fault":
      return faults.points.includes("queue-work");
    case "pcpu":
      return hasPcpu(programs);
    case "maple-fault":
      return faults.points.includes("maple");
    case "flip":
      return boot !== undefined || programs.some((program) => program.some(({ op }) => op === "flip"));
    case "store-before-flip":
      return hasFeature(instance, "maple-fault") && hasFeature(instance, "flip");
  }
}
