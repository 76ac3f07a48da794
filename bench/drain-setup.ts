// SPDX-License-Identifier: GPL-2.0-only
//
// Bench (f), the state before a drain: N areas of a design, mapped and lazily freed through its own functions, and if
// wanted as many again that an earlier purge has released before.

import { start } from "../explore/executor.ts";
import { type Call, call, isReady, isStep, type KernelCode, TailCall } from "../explore/sync.ts";
import type { AllocatorClass } from "../impl/allocators/registry.ts";
import { Simulation } from "../impl/simulation.ts";
import { TRAITS } from "../spec/design-traits.ts";
import type { AllocatorId, Instance } from "../spec/instance.ts";
import { instanceOf } from "../spec/small-machine.ts";
import { CountingSpace } from "./drain-cost.ts";

/** Sizes of the areas: all of one page, or a mix with some that are too large for a pool. */
export type Sizes = "single" | "mixed";

/** What is to be drained. */
export interface Workload {
  readonly design: AllocatorId;
  readonly areas: number;
  readonly sizes: Sizes;
  /** Whether as many areas were freed and purged before: the designs with pools have them in their pools. */
  readonly before: boolean;
  readonly nodes?: number;
  /** Size classes that have a pool; by default as many as in the kernel. */
  readonly poolPages?: number;
}

/** As many CPUs as nodes, which is the kernel's own number of nodes up to 128 CPUs. */
export const NODES = 8;

/** MAX_VA_SIZE_PAGES. */
export const POOL_PAGES = 256;

/** One area in 64 is too large for a pool. */
const MIX = [1, 2, 4, 8] as const;
const LARGE_EVERY = 64;

/** Pages of area `i`. Eight in a row are equal, so that every node gets the same mix. */
export function sizeOf(sizes: Sizes, i: number, poolPages: number): number {
  if (sizes === "single") return 1;
  const row = Math.floor(i / NODES);
  return row % LARGE_EVERY === LARGE_EVERY - 1 ? poolPages + 1 : MIX[row % MIX.length]!;
}

/** A simulation with its lazy areas, from which any number of runs can start. */
export class Prepared {
  readonly sim: Simulation;
  /** Pages that are lazily freed. */
  readonly lazyPages: number;
  private readonly instance: Writable;
  private readonly snapshot: Int32Array;

  constructor(sim: Simulation, instance: Writable) {
    this.sim = sim;
    this.instance = instance;
    this.lazyPages = sim.allocator.lazyNr[0]!;
    this.snapshot = sim.snapshot();
  }

  /** Back to the lazy areas, which are now `backlog` times lazy_max_pages(); one less is how many helpers may run. */
  rewind(backlog: number): void {
    this.sim.restore(this.snapshot);
    this.instance.lazyMaxPages = Math.max(1, Math.floor(this.lazyPages / backlog));
  }

  /** Asks for the drain, as a free above the limit does on that CPU. */
  askForDrain(cpu: number): void {
    const { allocator } = this.sim;
    new Solo(this.sim).run(cpu, call(allocator, allocator.scheduleDrain));
  }
}

type Writable = Instance & { lazyMaxPages: number };

/** Runs the works until none is left. */
export type Settle = (sim: Simulation) => void;

/**
 * Brings a design into the state that is drained: beside each area that is freed lies one that is not, so that lazy
 * areas merge in no design. `design` replaces its class.
 */
export function prepare(workload: Workload, settle: Settle, design?: AllocatorClass): Prepared {
  const { areas, sizes, before, nodes = NODES, poolPages = POOL_PAGES } = workload;
  let pages = 0;
  for (let i = 0; i < areas; i++) pages += sizeOf(sizes, i, poolPages);
  const batches = before ? 2 : 1;
  const { blocks, pools } = TRAITS[workload.design];
  const machine = {
    // Edges and left-overs of blocks need more than what is asked for.
    space: Math.ceil((pages * batches + areas) * 1.125) + nodes * 2048,
    cpus: nodes,
    nodes,
    block: blocks ? 256 : 16,
    // Nobody asks for a drain before its time.
    lazyMax: pages,
    ...(pools ? { poolPages } : {}),
  };
  const idle = Array.from({ length: nodes }, () => "-");
  const instance: Writable = { ...instanceOf(workload.design, machine, ...idle) };
  const options = {
    once: true,
    recordsMax: (batches + 1) * areas + Math.ceil(areas / 8) + 4096,
    index: (...parts: ConstructorParameters<typeof CountingSpace>) => new CountingSpace(...parts),
  };
  const sim = new Simulation(instance, options, design);
  const { allocator } = sim;
  sim.kernel.areas.changes.stop();
  const solo = new Solo(sim);
  const pageOf = new Int32Array(areas * batches);
  for (let i = 0; i < areas; i++) {
    const task = i % nodes;
    for (let b = 0; b < batches; b++) {
      pageOf[b * areas + i] = solo.run(task, call(solo, solo.alloc, sizeOf(sizes, i, poolPages)));
    }
    solo.run(task, call(solo, solo.alloc, 1));
  }
  for (let b = 0; b < batches; b++) {
    if (b > 0) {
      solo.run(0, call(allocator, allocator.scheduleDrain));
      settle(sim);
    }
    for (let i = 0; i < areas; i++) {
      solo.run(i % nodes, call(allocator, allocator.removeVmArea, pageOf[b * areas + i]!));
    }
  }
  return new Prepared(sim, instance);
}

// Calls of kernel functions with nothing else running.
class Solo {
  private readonly sim: Simulation;

  constructor(sim: Simulation) {
    this.sim = sim;
  }

  *alloc(size: number): KernelCode {
    const { allocator, kernel } = this.sim;
    const { start: vstart, end: vend } = kernel.instance.vmalloc;
    const page = yield call(allocator, allocator.allocVmapArea, size, 1, vstart, vend);
    if (page < 0) throw new Error(`${size} pages were refused`);
    yield allocator.setupAndMap(page, size);
    return page;
  }

  run(process: number, target: Call): number {
    const stack = [start(target)];
    let value: number | undefined;
    for (;;) {
      const code = stack.at(-1)!;
      const reached = value === undefined ? code.next() : code.next(value);
      value = undefined;
      if (!reached.done) {
        if (!isStep(reached.value)) {
          stack.push(start(reached.value));
          continue;
        }
        if (!isReady(reached.value)) throw new Error("a step waits, and nobody else runs");
        this.sim.begin(process);
        value = reached.value.run(0);
        continue;
      }
      stack.pop();
      if (reached.value instanceof TailCall) stack.push(start(reached.value.target));
      else if (stack.length === 0) return reached.value;
      else value = reached.value;
    }
  }
}
