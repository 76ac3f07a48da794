// SPDX-License-Identifier: GPL-2.0-only
//
// The simpler instances of an instance: without a task, without an operation, with smaller sizes and a smaller
// machine. Every offered instance obeys the rules of instances.

import type { AllocOperation, Operation, PcpuOperation } from "../../spec/operations.ts";
import { BOOT_PHASES, type Instance } from "../../spec/instance.ts";
import { validateInstance } from "../../spec/instance-rules.ts";

/** Simpler instances, boldest first. Each differs in one thing. */
export function* simplerInstances(of: Instance): Iterable<Instance> {
  for (const candidate of candidates(of)) {
    if (validateInstance(candidate) === undefined) yield candidate;
  }
}

function* candidates(of: Instance): Iterable<Instance> {
  yield* withoutTasks(of);
  yield* withoutOperations(of);
  yield* smallerMachine(of);
  yield* smallerOperations(of);
}

function* withoutTasks(of: Instance): Iterable<Instance> {
  if (of.programs.length < 2) return;
  for (let t = 0; t < of.programs.length; t++) {
    yield withPrograms(
      of,
      of.programs.filter((_, i) => i !== t),
    );
  }
  // Two tasks in one, which takes away a CPU's worth of concurrency.
  for (let t = 1; t < of.programs.length; t++) {
    const merged = of.programs.flatMap((ops, i) => {
      if (i === t) return [];
      return i === t - 1 ? [[...ops, ...of.programs[t]!]] : [ops];
    });
    yield withPrograms(of, merged);
  }
}

function* withoutOperations(of: Instance): Iterable<Instance> {
  for (let t = 0; t < of.programs.length; t++) {
    for (let i = 0; i < of.programs[t]!.length; i++) {
      yield withPrograms(
        of,
        of.programs.map((ops, p) => (p === t ? ops.filter((_, j) => j !== i) : ops)),
      );
    }
  }
}

// Operations on areas that nobody allocates any more go with them.
function withPrograms(of: Instance, programs: readonly (readonly Operation[])[]): Instance {
  const allocates = ({ op }: Operation): boolean => op === "alloc" || op === "pcpu";
  const names = new Set(programs.flat().flatMap((op) => ("name" in op && allocates(op) ? [op.name] : [])));
  const kept = programs
    .map((ops) => ops.filter((op) => !("name" in op) || allocates(op) || names.has(op.name)))
    .filter((ops, i, all) => ops.length > 0 || all.every((o) => o.length === 0) === (i === 0));
  return { ...of, programs: kept };
}

function* smallerMachine(of: Instance): Iterable<Instance> {
  if (of.modules && !of.programs.flat().some((op) => op.op === "alloc" && op.window === "modules")) {
    const { modules: _, ...rest } = of;
    yield rest;
  }
  for (const cpus of smaller(of.cpus, 1)) yield { ...of, cpus };
  for (const nodes of smaller(of.nodes, 1)) yield { ...of, nodes };
  for (const spacePages of smaller(of.spacePages, 1)) yield withSpace(of, spacePages);
  for (const blockPages of smaller(of.blockPages, 1)) yield { ...of, blockPages };
  yield* simplerLazyLimit(of);
  yield* simplerBoot(of);
  yield* simplerWorkers(of);
  yield* simplerPools(of);
  for (const migrations of smaller(of.migrations, 0)) yield { ...of, migrations };
  for (const budget of smaller(of.faults.budget, 0)) {
    yield { ...of, faults: budget === 0 ? { budget: 0, points: [] } : { ...of.faults, budget } };
  }
  if (of.faults.points.length > 1) {
    for (const point of of.faults.points) {
      yield { ...of, faults: { ...of.faults, points: of.faults.points.filter((p) => p !== point) } };
    }
  }
}

// Simplest is a limit that is never passed, since the drain work then stays out of the way; else the lowest one.
function* simplerLazyLimit(of: Instance): Iterable<Instance> {
  const { lazyMaxPages, spacePages } = of;
  if (lazyMaxPages !== spacePages) yield { ...of, lazyMaxPages: spacePages };
  if (lazyMaxPages < spacePages) {
    for (const lower of smaller(lazyMaxPages, 0)) yield { ...of, lazyMaxPages: lower };
  }
}

// Simplest is a boot that is over; else one that has come further.
function* simplerBoot(of: Instance): Iterable<Instance> {
  const { boot, ...rest } = of;
  if (boot === undefined) return;
  yield rest;
  for (const later of BOOT_PHASES.slice(BOOT_PHASES.indexOf(boot) + 1)) yield { ...rest, boot: later };
}

// Simplest are workers for the asking. Fewer idle ones are not simpler: that is what a kernel short of them has.
function* simplerWorkers(of: Instance): Iterable<Instance> {
  const { workers, ...rest } = of;
  if (workers === undefined) return;
  yield rest;
  const { idle, stackPages } = workers;
  if (stackPages === undefined) return;
  yield { ...rest, workers: { idle } };
  for (const pages of smaller(stackPages, 1)) yield { ...rest, workers: { idle, stackPages: pages } };
}

// Simplest are pools as large as the kernel's, which need no word.
function* simplerPools(of: Instance): Iterable<Instance> {
  const { poolPages, ...rest } = of;
  if (poolPages === undefined) return;
  yield rest;
  for (const pages of smaller(poolPages, 1)) yield { ...rest, poolPages: pages };
}

// The vmalloc window follows where it reached to the end of the space.
function withSpace(of: Instance, spacePages: number): Instance {
  const end = of.vmalloc.end === of.spacePages ? spacePages : Math.min(of.vmalloc.end, spacePages);
  return { ...of, spacePages, vmalloc: { ...of.vmalloc, end } };
}

function* smallerOperations(of: Instance): Iterable<Instance> {
  for (let t = 0; t < of.programs.length; t++) {
    for (let i = 0; i < of.programs[t]!.length; i++) {
      const op = of.programs[t]![i]!;
      for (const simpler of simplerOperations(op)) {
        yield {
          ...of,
          programs: of.programs.map((ops, p) => (p === t ? ops.map((o, j) => (j === i ? simpler : o)) : ops)),
        };
      }
    }
  }
}

function* simplerOperations(op: Operation): Iterable<Operation> {
  if (op.op === "find") for (const offset of smaller(op.offset, 0)) yield { ...op, offset };
  if (op.op === "offline" || op.op === "online") for (const cpu of smaller(op.cpu, 0)) yield { ...op, cpu };
  if (op.op === "pcpu") yield* simplerAreas(op);
  if (op.op !== "alloc") return;
  for (const size of smaller(op.size, 1)) yield { ...op, size };
  if (op.align > 1) {
    yield { ...op, align: 1 };
    if (op.align > 2) yield { ...op, align: op.align / 2 };
  }
  if (op.window !== "vmalloc") yield { ...op, window: "vmalloc" };
  if (op.cached) yield plain(op);
}

// Fewer areas, smaller ones, and ones that lie closer together. What is no multiple of the alignment then is no offer.
function* simplerAreas(op: PcpuOperation): Iterable<Operation> {
  const { offsets, sizes, align } = op;
  const without = (list: readonly number[], i: number): readonly number[] => list.filter((_, j) => j !== i);
  const changed = (list: readonly number[], i: number, n: number): readonly number[] =>
    list.map((each, j) => (j === i ? n : each));
  if (offsets.length > 1) {
    for (let i = 0; i < offsets.length; i++) {
      yield { ...op, offsets: without(offsets, i), sizes: without(sizes, i) };
    }
  }
  if (align > 1) {
    const divided = (list: readonly number[]): readonly number[] => list.map((n) => n / align);
    yield { ...op, offsets: divided(offsets), sizes: divided(sizes), align: 1 };
    yield { ...op, align: 1 };
    if (align > 2) yield { ...op, align: align / 2 };
  }
  for (let i = 0; i < offsets.length; i++) {
    for (const n of smaller(sizes[i]! / align, 1)) yield { ...op, sizes: changed(sizes, i, n * align) };
    for (const n of smaller(offsets[i]! / align, 0)) yield { ...op, offsets: changed(offsets, i, n * align) };
  }
}

function plain(op: AllocOperation): AllocOperation {
  const { cached: _, ...rest } = op;
  return rest;
}

function* smaller(n: number, least: number): Iterable<number> {
  if (n <= least) return;
  yield least;
  const half = Math.floor((n + least) / 2);
  if (half !== least && half !== n - 1) yield half;
  if (n - 1 !== least) yield n - 1;
}
