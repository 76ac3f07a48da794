// SPDX-License-Identifier: GPL-2.0-only
//
// The rules of a request for congruent areas: what pcpu_get_vm_areas() takes for granted of its callers, and what it
// would only warn about. Plain code; never repairs anything.

import { foundText } from "./found-text.ts";
import type { Instance, PageRange } from "./instance.ts";
import type { PcpuOperation, PcpuRequest } from "./operations.ts";
import { checkAlign, rangeText } from "./range-checks.ts";
import { inputError, type InputError } from "./user-error.ts";

/** Most areas of one request. */
export const PCPU_AREAS_MAX = 8;

/** The first rule that the areas of a request break, or undefined. `path` is the operation's place. */
export function checkPcpuShape(
  op: PcpuOperation,
  path: string,
  instance: Pick<Instance, "vmalloc" | "closed">,
  source: string,
): InputError | undefined {
  return (
    checkAlign(source, `${path}.align`, op.align) ??
    checkCounts(op, path, source) ??
    checkEach(op, path, source) ??
    checkDisjoint(op, path, source) ??
    checkReach(op, path, instance.vmalloc, source) ??
    checkLiveMax(op, path, instance, source)
  );
}

/** Where the highest area of a request ends, counted from its base, pages. */
export function pcpuReach({ offsets, sizes }: PcpuRequest): number {
  return Math.max(...offsets.map((offset, i) => offset + sizes[i]!));
}

/** The pages of a window between its first and its last multiple of an alignment. */
export function alignedWindow({ start, end }: PageRange, align: number): PageRange {
  return { start: Math.ceil(start / align) * align, end: Math.floor(end / align) * align };
}

function checkCounts(
  { offsets, sizes }: PcpuOperation,
  path: string,
  source: string,
): InputError | undefined {
  const n = offsets.length;
  if (n < 1 || n > PCPU_AREAS_MAX) {
    const found = `${n}`;
    return inputError("VMC-E022", source, `${path}.offsets`, `1 to ${PCPU_AREAS_MAX} areas`, found);
  }
  if (sizes.length === n) return undefined;
  return inputError("VMC-E022", source, `${path}.sizes`, `${n}, one for each offset`, `${sizes.length}`);
}

function checkEach(
  { offsets, sizes, align }: PcpuOperation,
  path: string,
  source: string,
): InputError | undefined {
  for (const [i, offset] of offsets.entries()) {
    const wrong =
      checkMultiple(source, `${path}.offsets[${i}]`, offset, align, 0) ??
      checkMultiple(source, `${path}.sizes[${i}]`, sizes[i]!, align, align);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function checkMultiple(
  source: string,
  path: string,
  n: number,
  align: number,
  min: number,
): InputError | undefined {
  if (Number.isInteger(n) && n >= min && n % align === 0) return undefined;
  const expected =
    align === 1 ? `an integer from ${min} on` : `a multiple of the alignment ${align} from ${min} on`;
  return inputError("VMC-E022", source, path, expected, foundText(n));
}

function checkDisjoint(
  { offsets, sizes }: PcpuOperation,
  path: string,
  source: string,
): InputError | undefined {
  for (const [i, offset] of offsets.entries()) {
    const other = offsets.findIndex(
      (each, j) => j < i && each < offset + sizes[i]! && offset < each + sizes[j]!,
    );
    if (other === -1) continue;
    const expected = `an area that offsets[${other}] does not overlap`;
    return inputError("VMC-E022", source, `${path}.offsets[${i}]`, expected, foundText(offset));
  }
  return undefined;
}

// The kernel warns, and returns NULL.
function checkReach(
  op: PcpuOperation,
  path: string,
  vmalloc: PageRange,
  source: string,
): InputError | undefined {
  const { start, end } = alignedWindow(vmalloc, op.align);
  const reach = pcpuReach(op);
  if (reach <= end - start) return undefined;
  const room =
    start < end ? `the pages of ${rangeText({ start, end })}` : "the window holds no such alignment";
  const expected = `areas within ${Math.max(0, end - start)} pages (${room})`;
  return inputError("VMC-E022", source, `${path}.offsets`, expected, `${reach} pages`);
}

// A menu must not offer what can never be picked.
function checkLiveMax(
  { offsets }: PcpuOperation,
  path: string,
  { closed }: Pick<Instance, "closed">,
  source: string,
): InputError | undefined {
  if (closed === undefined || closed.liveMax >= offsets.length) return undefined;
  const expected = `${offsets.length} or more (${path} allocates as many areas)`;
  return inputError("VMC-E020", source, "closed.liveMax", expected, `${closed.liveMax}`);
}
