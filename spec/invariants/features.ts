// SPDX-License-Identifier: GPL-2.0-only
//
// What an instance may contain that makes a faithful port break an invariant which it keeps otherwise.

import type { Instance } from "../instance.ts";
import { hasPcpu } from "../operations.ts";

/** A feature of an instance. */
export const FEATURES = {
  shrink: "the shrinker may run at any time",
  boot: "the boot goes on while tasks run",
  "no-worker": "there may be no worker for a pending work item",
  "queue-fault": "queue_work() may be made to fail",
  pcpu: "congruent areas are asked for",
} as const;

/** Name of a feature. */
export type Feature = keyof typeof FEATURES;

type Featured = Pick<Instance, "boot" | "faults" | "programs" | "workers">;

/** Whether an instance has a feature. */
export function hasFeature({ boot, faults, programs, workers }: Featured, feature: Feature): boolean {
  switch (feature) {
    case "shrink":
      return programs.some((program) => program.some(({ op }) => op === "shrink"));
    case "boot":
      return boot !== undefined;
    case "no-worker":
      return workers !== undefined || faults.points.includes("worker");
    case "queue-fault":
      return faults.points.includes("queue-work");
    case "pcpu":
      return hasPcpu(programs);
  }
}
