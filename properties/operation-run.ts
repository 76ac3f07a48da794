// SPDX-License-Identifier: GPL-2.0-only
//
// A design that does one operation after another, on one task, and behind each of them what its workers have to do: for
// counts, which need long runs and no interleavings. Unlike a session it can be asked for the next operation at any time.

import { LiveExecutor } from "../explore/executor.ts";
import { type Call, call, isReady, type KernelCode, type Site, type Step, tail } from "../explore/sync.ts";
import type { GlobalTree } from "../impl/allocators/global-tree.ts";
import type { AllocatorClass } from "../impl/allocators/registry.ts";
import { Simulation } from "../impl/simulation.ts";
import { Checker } from "./checker.ts";
import { expectedToHold } from "./scenarios/scenario.ts";
import { EVENT, EVENT_WORDS } from "../spec/events.ts";
import type { Instance, PageRange } from "../spec/instance.ts";

/** How a run is set up. */
export interface OperationRunOptions {
  /** Replaces the class that the instance names. */
  readonly design?: AllocatorClass | undefined;
  readonly recordsMax?: number | undefined;
  /** Check each step for all that the design is expected to keep; a violation is thrown. Slow where trees are large. */
  readonly checked?: boolean | undefined;
  /** Told before each step. */
  readonly beforeStep?: ((process: number, step: Step) => void) | undefined;
}

// Not declared: it is no place in the code of a kernel.
const NEXT: Site = { id: -1, fn: "task", what: "wait for the next operation" };

const STEPS_MAX = 50_000_000;

/** The task that does the operations; every other process is a thread of the kernel. */
export const TASK = 0;

/** One design at work. The instance needs one empty program. */
export class OperationRun {
  readonly sim: Simulation;
  readonly allocator: GlobalTree;
  private readonly executor: LiveExecutor;
  private readonly checker: Checker | undefined;
  private readonly options: OperationRunOptions;
  // Pages of live areas, and the sizes of these by their first page.
  private readonly live: Uint8Array;
  private readonly sizes = new Map<number, number>();
  private wanted: Call | undefined;
  private result = 0;

  constructor(instance: Instance, options: OperationRunOptions = {}) {
    const { design, recordsMax, checked = false } = options;
    this.options = options;
    this.sim = new Simulation(
      instance,
      { once: true, ...(recordsMax === undefined ? {} : { recordsMax }) },
      design,
    );
    const { sim } = this;
    this.allocator = sim.allocator;
    this.live = new Uint8Array(instance.spacePages);
    this.executor = new LiveExecutor({
      processes: sim.processes.map((p, i) => (i === TASK ? { ...p, entry: call(this, this.task) } : p)),
      reset: () => sim.reset(),
      begin: (p) => sim.begin(p),
      betweenSteps: (now) => sim.betweenSteps(now),
      snapshot: () => sim.snapshot(),
      restore: (snapshot) => sim.restore(snapshot),
      equals: (snapshot) => sim.equals(snapshot),
      digest: () => sim.digest(),
    });
    this.checker = checked
      ? new Checker(sim, { watched: expectedToHold(instance.allocator, [instance]) })
      : undefined;
    this.executor.reset();
    this.checker?.reset();
  }

  /** vmalloc(): the first page, or a negative errno. Throws if what is granted is not free. */
  alloc(size: number, align: number, { start, end }: PageRange): number {
    const page = this.perform(call(this, this.allocAndMap, size, align, start, end));
    if (page < 0) return page;
    if (this.live.subarray(page, page + size).includes(1)) {
      throw new Error(`[${page},${page + size}) was granted, of which pages are live already`);
    }
    this.live.fill(1, page, page + size);
    this.sizes.set(page, size);
    return page;
  }

  /** vfree(). */
  free(page: number): void {
    this.live.fill(0, page, page + this.sizes.get(page)!);
    this.perform(call(this.allocator, this.allocator.removeVmArea, page));
  }

  /** vm_unmap_aliases(): what is lazy is purged, and pools decay in part. */
  aliases(): void {
    this.perform(call(this.allocator, this.allocator.vmUnmapAliases));
  }

  // The operation to its end, then all that workers find to do.
  private perform(operation: Call): number {
    const { executor } = this;
    this.wanted = operation;
    this.step(TASK);
    for (let steps = 0; steps < STEPS_MAX; steps++) {
      const own = executor.pending[TASK]!;
      const done = own.site === NEXT;
      if (!done && isReady(own)) this.step(TASK);
      else {
        const worker = executor.pending.findIndex((step, p) => p !== TASK && step && isReady(step));
        if (worker >= 0) this.step(worker);
        else if (done) return this.result;
        else throw new Error(`the task waits for ever in ${own.site.fn}: ${own.site.what}`);
      }
    }
    throw new Error(`an operation did not end within ${STEPS_MAX} steps`);
  }

  private step(process: number): void {
    const { checker, executor, options, sim } = this;
    const step = executor.pending[process]!;
    options.beforeStep?.(process, step);
    sim.begin(process);
    executor.advance(process, step.run(0));
    this.refuseAlarms();
    if (checker?.afterStep(process)) throw new Error(`${checker.finding!.id}: ${checker.finding!.message}`);
  }

  // A WARN or an oops of the kernel's own.
  private refuseAlarms(): void {
    const { rows, count } = this.sim.kernel.events;
    for (let at = 0; at < count * EVENT_WORDS; at += EVENT_WORDS) {
      const kind = rows[at]!;
      if (kind !== EVENT.WARN && kind !== EVENT.OOPS) continue;
      throw new Error(`${kind === EVENT.WARN ? "a WARN" : "an oops"} of kind ${rows[at + 2]!}`);
    }
  }

  *task(): KernelCode {
    yield { site: NEXT, ready: () => this.wanted !== undefined, run: () => 0 };
    const operation = this.wanted!;
    this.wanted = undefined;
    this.result = yield operation;
    return tail(this, this.task);
  }

  *allocAndMap(size: number, align: number, vstart: number, vend: number): KernelCode {
    const { allocator } = this;
    const page = yield call(allocator, allocator.allocVmapArea, size, align, vstart, vend);
    if (page >= 0) yield allocator.setupAndMap(page, size);
    return page;
  }
}
