// SPDX-License-Identifier: GPL-2.0-only
//
// Can all programs of an instance finish? A free waits until the allocation of its area has returned; programs
// that wait for each other in a circle would look like a deadlock of the kernel, so they are rejected beforehand.

import { quoted } from "./found-text.ts";
import type {
  AllocOperation,
  FreeOperation,
  Operation,
  PcpuFreeOperation,
  PcpuOperation,
} from "./operations.ts";
import { inputError, type InputError } from "./user-error.ts";

/**
 * Runs the programs without any allocator: only waits count. They never take anything from each other, so one
 * order that finishes means that all do. Returns the first circle as an error. Names must be known already.
 */
export function findProgramsStuck(
  programs: readonly (readonly Operation[])[],
  source = "instance",
): InputError | undefined {
  const done = new Set<string>();
  const next = programs.map(() => 0);
  for (let progress = true; progress;) {
    progress = false;
    for (const [task, program] of programs.entries()) {
      const before = next[task] ?? 0;
      const after = runUntilWait(program, before, done);
      next[task] = after;
      if (after > before) progress = true;
    }
  }
  const first = next.findIndex((position, task) => position < (programs[task]?.length ?? 0));
  return first === -1 ? undefined : circleError(programs, next, first, source);
}

/** Runs one program until it ends or waits; returns its new position. */
function runUntilWait(program: readonly Operation[], from: number, done: Set<string>): number {
  let position = from;
  for (; position < program.length; position++) {
    const op = program[position];
    if (isFree(op) && !done.has(op.name)) break;
    if (isAllocation(op)) done.add(op.name);
  }
  return position;
}

/** Follows the waits from a stuck program until one comes up twice, and names those of the circle. */
function circleError(
  programs: readonly (readonly Operation[])[],
  next: readonly number[],
  from: number,
  source: string,
): InputError {
  const visited: number[] = [];
  let task = from;
  while (!visited.includes(task)) {
    visited.push(task);
    const name = waitedFor(programs, next, task);
    task = programs.findIndex((program) => program.some((op) => isAllocation(op) && op.name === name));
  }
  const circle = visited.slice(visited.indexOf(task));
  const waits = circle.map((each) => {
    return `programs[${each}][${next[each] ?? 0}] waits for ${quoted(waitedFor(programs, next, each))}`;
  });
  const path = `programs[${task}][${next[task] ?? 0}]`;
  return inputError(
    "VMC-E024",
    source,
    path,
    "programs that can all finish",
    `a circle: ${waits.join(", ")}`,
  );
}

function waitedFor(
  programs: readonly (readonly Operation[])[],
  next: readonly number[],
  task: number,
): string {
  const op = programs[task]?.[next[task] ?? 0];
  return isFree(op) ? op.name : "";
}

function isFree(op: Operation | undefined): op is FreeOperation | PcpuFreeOperation {
  return op?.op === "free" || op?.op === "pfree";
}

function isAllocation(op: Operation | undefined): op is AllocOperation | PcpuOperation {
  return op?.op === "alloc" || op?.op === "pcpu";
}
