// SPDX-License-Identifier: GPL-2.0-only
// Instances for tests, written as program text. Invalid ones throw: a test must not run what the tool refuses.
import { validateInstance } from "../../spec/instance-rules.ts";
import type { AllocatorId, Configuration, Instance } from "../../spec/instance.ts";
import { parsePrograms } from "../../spec/program-text.ts";

/** 16 pages, one vmalloc window, two CPUs and nodes, blocks of 8, no faults, no migrations. */
export function configurationOf(
  allocator: AllocatorId,
  changes: Partial<Omit<Configuration, "allocator">> = {},
): Configuration {
  const spacePages = changes.spacePages ?? 16;
  return {
    allocator,
    vmalloc: { start: 0, end: spacePages },
    cpus: 2,
    nodes: 2,
    blockPages: 8,
    lazyMaxPages: 2,
    faults: { budget: 0, points: [] },
    migrations: 0,
    ...changes,
    spacePages,
  };
}

/** A valid instance; programs one per line. */
export function instanceOf(
  allocator: AllocatorId,
  programs: string,
  changes: Partial<Omit<Configuration, "allocator">> = {},
): Instance {
  const parsed = parsePrograms(programs);
  if (!parsed.ok) throw new Error(parsed.error.message);
  const instance = { ...configurationOf(allocator, changes), programs: parsed.value };
  const wrong = validateInstance(instance);
  if (wrong) throw new Error(wrong.message);
  return instance;
}
