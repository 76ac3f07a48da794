// SPDX-License-Identifier: GPL-2.0-only
//
// A configuration in a line or two, and the programs that run on it.

import { TRAITS } from "../../spec/design-traits.ts";
import type { Instance, WorkerPlan } from "../../spec/instance.ts";
import { printProgram } from "../../spec/program-text.ts";
import { rangeText } from "../../spec/range-checks.ts";
import { hanging, wrap } from "./text-layout.ts";

/** A configuration: sizes, limits, and what the environment may do. */
export function configurationLines(instance: Instance, width: number): readonly string[] {
  const { spacePages, vmalloc, modules, cpus, nodes, blockPages, lazyMaxPages } = instance;
  const { poolPages, workers, boot, faults, migrations } = instance;
  const whole = vmalloc.start === 0 && vmalloc.end === spacePages;
  const parts = [
    plural(spacePages, "page"),
    ...(whole ? [] : [`vmalloc ${rangeText(vmalloc)}`]),
    ...(modules === undefined ? [] : [`modules ${rangeText(modules)}`]),
    plural(cpus, "CPU"),
    ...(instance.allocator === "global-tree" ? [] : nodeParts(nodes, blockPages, instance)),
    `lazy limit ${plural(lazyMaxPages, "page")}`,
    ...(poolPages === undefined ? [] : [`pools up to ${plural(poolPages, "page")}`]),
    ...(workers === undefined ? [] : workerParts(workers)),
    ...(boot === undefined ? [] : [`from ${boot} on`]),
    faults.budget === 0 || faults.points.length === 0
      ? "no faults"
      : `up to ${plural(faults.budget, "fault")} at ${faults.points.join(", ")}`,
    ...(migrations === 0 ? [] : [`up to ${plural(migrations, "migration")}`]),
  ];
  return wrap(parts.join(", "), width);
}

function nodeParts(nodes: number, blockPages: number, { allocator }: Instance): readonly string[] {
  const what = TRAITS[allocator].blocks ? "blocks" : "zones";
  return [plural(nodes, "node"), `${what} of ${plural(blockPages, "page")}`];
}

function workerParts({ idle, stackPages }: WorkerPlan): readonly string[] {
  return [
    plural(idle, "idle worker"),
    stackPages === undefined
      ? "none can be created"
      : `others are created with a stack of ${plural(stackPages, "page")}`,
  ];
}

/** The programs, one per line, each with the CPU that it starts on. */
export function programLines(instance: Instance, width: number): readonly string[] {
  return instance.programs.flatMap((program, task) =>
    hanging(`  task ${task} on CPU ${task % instance.cpus}: `, printProgram(program), width),
  );
}

function plural(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}
