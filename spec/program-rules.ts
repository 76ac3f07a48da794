// SPDX-License-Identifier: GPL-2.0-only
//
// The rules of an instance's programs: operands in range, names that exist, areas freed once, and an order in
// which all programs can finish. Plain code; never repairs anything.

import { checkOperationTraits } from "./design-traits.ts";
import { quoted } from "./found-text.ts";
import type { Configuration, Instance, PageRange } from "./instance.ts";
import type { AllocOperation, Operation, PcpuOperation } from "./operations.ts";
import { checkPcpuShape } from "./pcpu-rules.ts";
import { findProgramsStuck } from "./program-order.ts";
import { checkAlign, checkInteger, checkRange, rangeText } from "./range-checks.ts";
import { inputError, type InputError, type UserErrorCode } from "./user-error.ts";

/** What names an area: it appears in program texts, tables and test names. */
export const AREA_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,31}$/;

/** Most programs that an instance may have. */
export const PROGRAMS_MAX = 16;

/** Where an operation stands. */
interface Place {
  readonly task: number;
  readonly index: number;
}

/** All that the rules need to know about the areas of an instance. */
interface Areas {
  readonly allocs: Map<string, Place & { readonly alloc: AllocOperation | PcpuOperation }>;
  readonly frees: Map<string, Place>;
}

/** The range that an operation's window stands for; undefined if the instance has no such window. */
export function windowRange(
  configuration: Pick<Configuration, "vmalloc" | "modules">,
  window: AllocOperation["window"],
): PageRange | undefined {
  if (window === "vmalloc") return configuration.vmalloc;
  if (window === "modules") return configuration.modules;
  return window;
}

/** The first rule that the programs break, or undefined. The configuration itself must be valid. */
export function validatePrograms(instance: Instance, source = "instance"): InputError | undefined {
  const { programs } = instance;
  if (programs.length < 1 || programs.length > PROGRAMS_MAX) {
    const found = `${programs.length}`;
    return inputError("VMC-E020", source, "programs", `1 to ${PROGRAMS_MAX} programs`, found);
  }
  const areas: Areas = { allocs: new Map(), frees: new Map() };
  return (
    firstError(programs, (op, place) => {
      return checkOperationTraits(op, pathOf(place), instance.allocator, source);
    }) ??
    firstError(programs, (op, place) => checkAlloc(op, place, instance, areas, source)) ??
    firstError(programs, (op, place) => checkPcpu(op, place, instance, areas, source)) ??
    firstError(programs, (op, place) => checkFree(op, place, areas, source)) ??
    firstError(programs, (op, place) => checkFind(op, place, areas, source)) ??
    firstError(programs, (op, place) => checkHotplug(op, place, instance, source)) ??
    checkFlip(instance, source) ??
    findProgramsStuck(programs, source)
  );
}

function firstError(
  programs: Instance["programs"],
  check: (op: Operation, place: Place) => InputError | undefined,
): InputError | undefined {
  for (const [task, program] of programs.entries()) {
    for (const [index, op] of program.entries()) {
      const error = check(op, { task, index });
      if (error !== undefined) return error;
    }
  }
  return undefined;
}

function checkAlloc(
  op: Operation,
  place: Place,
  instance: Instance,
  areas: Areas,
  source: string,
): InputError | undefined {
  if (op.op !== "alloc") return undefined;
  const path = pathOf(place);
  const wrong = checkName(op, place, areas, source);
  if (wrong !== undefined) return wrong;
  const window = windowRange(instance, op.window);
  if (window === undefined) {
    const expected = "a window of the instance, which has no modules window";
    return inputError("VMC-E022", source, `${path}.window`, expected, '"modules"');
  }
  const sizeMax = window.end - window.start;
  return (
    checkRange(source, `${path}.window`, window, instance.spacePages) ??
    checkInteger(
      source,
      `${path}.size`,
      op.size,
      1,
      sizeMax,
      "VMC-E022",
      `the pages of its window ${rangeText(window)}`,
    ) ??
    checkAlign(source, `${path}.align`, op.align)
  );
}

function checkPcpu(
  op: Operation,
  place: Place,
  instance: Instance,
  areas: Areas,
  source: string,
): InputError | undefined {
  if (op.op !== "pcpu") return undefined;
  return checkName(op, place, areas, source) ?? checkPcpuShape(op, pathOf(place), instance, source);
}

function checkName(
  op: AllocOperation | PcpuOperation,
  place: Place,
  areas: Areas,
  source: string,
): InputError | undefined {
  const path = pathOf(place);
  if (!AREA_NAME.test(op.name)) {
    const expected = "a name of 1 to 32 letters, digits and underscores that does not begin with a digit";
    return nameError(source, `${path}.name`, expected, quoted(op.name));
  }
  const other = areas.allocs.get(op.name);
  if (other !== undefined) {
    return nameError(source, `${path}.name`, `a name that ${pathOf(other)} does not use`, quoted(op.name));
  }
  areas.allocs.set(op.name, { ...place, alloc: op });
  return undefined;
}

function checkFree(op: Operation, place: Place, areas: Areas, source: string): InputError | undefined {
  if (op.op !== "free" && op.op !== "pfree") return undefined;
  const path = `${pathOf(place)}.name`;
  const area = areas.allocs.get(op.name);
  if (area === undefined) return unknownArea(source, path, op.name);
  if ((area.alloc.op === "pcpu") !== (op.op === "pfree")) {
    const expected = op.op === "pfree" ? "areas of pcpu" : "an area of alloc (pfree frees those of pcpu)";
    return nameError(source, path, expected, quoted(op.name));
  }
  if (area.alloc.op === "alloc" && area.alloc.cached === true) {
    const expected = "an area that is not cached (its subsystem gives it back)";
    return nameError(source, path, expected, quoted(op.name));
  }
  const other = areas.frees.get(op.name);
  if (other !== undefined) {
    return nameError(source, path, `an area that ${pathOf(other)} does not free`, quoted(op.name));
  }
  areas.frees.set(op.name, place);
  if (area.task === place.task && area.index > place.index) return tooEarly(source, path, area, op.name);
  return undefined;
}

function checkFind(op: Operation, place: Place, areas: Areas, source: string): InputError | undefined {
  if (op.op !== "find") return undefined;
  const path = `${pathOf(place)}.name`;
  const area = areas.allocs.get(op.name);
  if (area === undefined) return unknownArea(source, path, op.name);
  if (area.task !== place.task) {
    return nameError(source, path, "an area that the same program allocates", quoted(op.name));
  }
  if (area.index > place.index) return tooEarly(source, path, area, op.name);
  if (area.alloc.op === "pcpu") {
    return nameError(source, path, "an area of alloc (nobody looks up those of pcpu)", quoted(op.name));
  }
  if (area.alloc.cached === true) {
    const expected = "an area that is not cached (it may be given back at any time)";
    return nameError(source, path, expected, quoted(op.name));
  }
  const free = areas.frees.get(op.name);
  if (free !== undefined && (free.task !== place.task || free.index < place.index)) {
    const expected = `an area that is not freed before the end of the find (${pathOf(free)} frees it)`;
    return nameError(source, path, expected, quoted(op.name));
  }
  const last = area.alloc.size - 1;
  return checkInteger(source, `${pathOf(place)}.offset`, op.offset, 0, last, "VMC-E022", "inside the area");
}

// Which CPUs are online shows only in a run: there an operation that cannot be done does nothing.
function checkHotplug(
  op: Operation,
  place: Place,
  { cpus }: Instance,
  source: string,
): InputError | undefined {
  if (op.op !== "offline" && op.op !== "online") return undefined;
  const path = pathOf(place);
  if (cpus < 2) {
    return inputError("VMC-E020", source, "cpus", `2 or more (${path} is CPU hotplug)`, `${cpus}`);
  }
  return checkInteger(source, `${path}.cpu`, op.cpu, 0, cpus - 1, "VMC-E022", "a CPU of the instance");
}

// The mode is switched on once: by a task, or by the boot.
function checkFlip({ boot, closed, programs }: Instance, source: string): InputError | undefined {
  let flipped = "";
  return firstError(programs, (op, place) => {
    if (op.op !== "flip") return undefined;
    const path = pathOf(place);
    const other = closed ? "an open instance" : boot !== undefined ? "no boot" : flipped;
    flipped = `no ${path}`;
    if (other === "") return undefined;
    return inputError("VMC-E020", source, path, `${other}, to switch the perf mode on once`, "flip");
  });
}

function unknownArea(source: string, path: string, name: string): InputError {
  return nameError(source, path, "the name of an area that some program allocates", quoted(name));
}

function tooEarly(source: string, path: string, area: Place, name: string): InputError {
  return nameError(
    source,
    path,
    `an area that is allocated earlier (${pathOf(area)} allocates it)`,
    quoted(name),
  );
}

function nameError(source: string, path: string, expected: string, found: string): InputError {
  const code: UserErrorCode = "VMC-E023";
  return inputError(code, source, path, expected, found);
}

function pathOf(place: Place): string {
  return `programs[${place.task}][${place.index}]`;
}
