// SPDX-License-Identifier: GPL-2.0-only
//
// The rules that an instance must keep before anything may run it. Plain code without the schema library, so that
// generators and shrinkers can ask as often as they like. Never repairs an instance: it names the first problem.

import { checkTraits, TRAITS } from "./design-traits.ts";
import { FAULT_POINTS } from "./faults.ts";
import { foundText } from "./found-text.ts";
import { ALLOCATOR_IDS, BOOT_PHASES, type Configuration, type Instance } from "./instance.ts";
import { validatePrograms } from "./program-rules.ts";
import { checkInteger, checkRange, rangeText } from "./range-checks.ts";
import { PAGE_NUMBER_MAX, PAGE_SIZE_LIMITS } from "./units.ts";
import { inputError, type InputError } from "./user-error.ts";

/** Limits of a configuration. */
export const LIMITS = {
  cpusMax: 64,
  nodesMax: 255,
  liveMax: 64,
  idleWorkersMax: 64,
  /** A block gives two pages to its edges and serves at most a quarter of its size, so fewer serve nothing. */
  nodeBlocksBlockPagesMin: 4,
} as const;

/** The first rule that the instance breaks, or undefined. `source` names the input in the error. */
export function validateInstance(instance: Instance, source = "instance"): InputError | undefined {
  return validateConfiguration(instance, source) ?? validatePrograms(instance, source);
}

/** The rules that do not concern programs. */
export function validateConfiguration(
  configuration: Configuration,
  source = "instance",
): InputError | undefined {
  return (
    checkAllocator(configuration, source) ??
    checkTraits(configuration, source) ??
    checkInteger(source, "spacePages", configuration.spacePages, 1, PAGE_NUMBER_MAX) ??
    checkRange(source, "vmalloc", configuration.vmalloc, configuration.spacePages) ??
    checkModules(configuration, source) ??
    checkInteger(source, "cpus", configuration.cpus, 1, LIMITS.cpusMax) ??
    checkInteger(source, "nodes", configuration.nodes, 1, LIMITS.nodesMax) ??
    checkBlockPages(configuration, source) ??
    checkInteger(source, "lazyMaxPages", configuration.lazyMaxPages, 0, PAGE_NUMBER_MAX) ??
    checkPageSize(configuration, source) ??
    checkPoolPages(configuration, source) ??
    checkWorkers(configuration, source) ??
    checkBoot(configuration, source) ??
    checkClosed(configuration, source) ??
    checkInteger(source, "faults.budget", configuration.faults.budget, 0, PAGE_NUMBER_MAX) ??
    checkFaultPoints(configuration, source) ??
    checkInteger(source, "migrations", configuration.migrations, 0, PAGE_NUMBER_MAX)
  );
}

function checkAllocator(configuration: Configuration, source: string): InputError | undefined {
  if (ALLOCATOR_IDS.includes(configuration.allocator)) return undefined;
  const found = foundText(configuration.allocator);
  return inputError("VMC-E020", source, "allocator", `one of ${ALLOCATOR_IDS.join(", ")}`, found);
}

function checkModules(configuration: Configuration, source: string): InputError | undefined {
  const { modules, vmalloc, spacePages } = configuration;
  if (modules === undefined) return undefined;
  const outside = checkRange(source, "modules", modules, spacePages);
  if (outside !== undefined) return outside;
  if (modules.end <= vmalloc.start || modules.start >= vmalloc.end) return undefined;
  const expected = `a range that does not overlap the vmalloc window ${rangeText(vmalloc)}`;
  return inputError("VMC-E021", source, "modules", expected, rangeText(modules));
}

function checkBlockPages(configuration: Configuration, source: string): InputError | undefined {
  const { allocator, blockPages } = configuration;
  if (!TRAITS[allocator].blocks) return checkInteger(source, "blockPages", blockPages, 1, PAGE_NUMBER_MAX);
  const min = LIMITS.nodeBlocksBlockPagesMin;
  return checkInteger(source, "blockPages", blockPages, min, PAGE_NUMBER_MAX, "VMC-E020", `for ${allocator}`);
}

function checkClosed({ closed }: Configuration, source: string): InputError | undefined {
  return closed && checkInteger(source, "closed.liveMax", closed.liveMax, 1, LIMITS.liveMax);
}

function checkPageSize({ pageSize }: Configuration, source: string): InputError | undefined {
  if (pageSize === undefined) return undefined;
  const { min, max } = PAGE_SIZE_LIMITS;
  const good = pageSize >= min && pageSize <= max && Number.isInteger(Math.log2(pageSize));
  const expected = `a power of two from ${min} to ${max}`;
  return good ? undefined : inputError("VMC-E020", source, "pageSize", expected, foundText(pageSize));
}

function checkPoolPages({ poolPages }: Configuration, source: string): InputError | undefined {
  if (poolPages === undefined) return undefined;
  return checkInteger(source, "poolPages", poolPages, 1, PAGE_NUMBER_MAX);
}

function checkWorkers({ workers }: Configuration, source: string): InputError | undefined {
  if (workers === undefined) return undefined;
  const { idle, stackPages } = workers;
  const wrong = checkInteger(source, "workers.idle", idle, 0, LIMITS.idleWorkersMax);
  if (wrong !== undefined || stackPages === undefined) return wrong;
  return checkInteger(source, "workers.stackPages", stackPages, 1, PAGE_NUMBER_MAX);
}

function checkBoot({ boot }: Configuration, source: string): InputError | undefined {
  if (boot === undefined || BOOT_PHASES.includes(boot)) return undefined;
  return inputError("VMC-E020", source, "boot", `one of ${BOOT_PHASES.join(", ")}`, foundText(boot));
}

function checkFaultPoints(configuration: Configuration, source: string): InputError | undefined {
  const { points } = configuration.faults;
  for (const [i, point] of points.entries()) {
    const path = `faults.points[${i}]`;
    if (!FAULT_POINTS.includes(point)) {
      return inputError("VMC-E020", source, path, `one of ${FAULT_POINTS.join(", ")}`, foundText(point));
    }
    if (points.indexOf(point) !== i) {
      return inputError(
        "VMC-E020",
        source,
        path,
        "each fault point at most once",
        `${foundText(point)} again`,
      );
    }
  }
  return undefined;
}
