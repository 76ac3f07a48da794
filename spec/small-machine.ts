// SPDX-License-Identifier: GPL-2.0-only
//
// A short way to write instances down: a few numbers and the programs in their text form.

import { ALLOCATION_FAULTS, type FaultPoint } from "./faults.ts";
import type { AllocatorId, BootPhase, Instance, PageRange, WorkerPlan } from "./instance.ts";
import { validateInstance } from "./instance-rules.ts";
import { parsePrograms } from "./program-text.ts";

/** What differs from the usual small machine: two CPUs and nodes, blocks of 8 pages, no faults. */
export interface Machine {
  readonly space: number;
  readonly vmalloc?: PageRange;
  readonly modules?: PageRange;
  readonly cpus?: number;
  readonly nodes?: number;
  readonly block?: number;
  readonly lazyMax?: number;
  readonly faults?: readonly FaultPoint[] | "all";
  readonly faultBudget?: number;
  readonly migrations?: number;
  readonly poolPages?: number;
  readonly workers?: WorkerPlan;
  readonly boot?: BootPhase;
  /** Most live areas of a closed instance; without it the instance is bounded. */
  readonly liveMax?: number;
}

/** Makes an instance; one line of `programs` per task. Throws on a text that is no valid instance. */
export function instanceOf(
  allocator: AllocatorId,
  machine: Machine,
  ...programs: readonly string[]
): Instance {
  const parsed = parsePrograms(programs.join("\n"), "built-in program");
  if (!parsed.ok) throw new Error(parsed.error.message);
  const points = machine.faults === "all" ? ALLOCATION_FAULTS : (machine.faults ?? []);
  const instance: Instance = {
    allocator,
    spacePages: machine.space,
    vmalloc: machine.vmalloc ?? { start: 0, end: machine.space },
    ...(machine.modules ? { modules: machine.modules } : {}),
    cpus: machine.cpus ?? 2,
    nodes: machine.nodes ?? 2,
    blockPages: machine.block ?? 8,
    lazyMaxPages: machine.lazyMax ?? 3,
    ...(machine.poolPages === undefined ? {} : { poolPages: machine.poolPages }),
    ...(machine.workers ? { workers: machine.workers } : {}),
    ...(machine.boot ? { boot: machine.boot } : {}),
    faults: { budget: points.length === 0 ? 0 : (machine.faultBudget ?? 1), points },
    migrations: machine.migrations ?? 0,
    ...(machine.liveMax === undefined ? {} : { closed: { liveMax: machine.liveMax } }),
    programs: parsed.value,
  };
  const wrong = validateInstance(instance, "built-in instance");
  if (wrong) throw new Error(wrong.message);
  return instance;
}
