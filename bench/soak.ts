// SPDX-License-Identifier: GPL-2.0-only
//
// Bench (c): checked operations per second with many live areas. Four tasks on four CPUs allocate and free at
// random under all checks, with the drain work and its helpers running beside them. What must not grow with the
// number of live areas is the cost of checking a step.

import { LiveExecutor } from "../explore/executor.ts";
import { createRng } from "../explore/rng.ts";
import { call, isReady, type KernelCode, tail } from "../explore/sync.ts";
import { Simulation } from "../impl/simulation.ts";
import { instanceOf } from "../spec/small-machine.ts";
import { Checker } from "../properties/checker.ts";
import { expectedToHold } from "../properties/scenarios/scenario.ts";
import { median, type Sample } from "./statistics.ts";

/** One size. */
export interface SoakRow {
  readonly live: number;
  readonly checked: boolean;
  /** Operations measured: an allocation or a free each. */
  readonly operations: number;
  readonly stepsPerOperation: number;
  readonly operationsPerSecond: Sample;
  readonly microsecondsPerOperation: number;
  /** Typed arrays of simulation and checks, per live area. */
  readonly bytesPerArea: number;
}

const TASKS = 4;
const WINDOWS = 5;
const SIZE_MAX = 4;

/** Measures one number of live areas, in WINDOWS windows behind a warm-up. */
export function measureSoak(live: number, operations: number, checked: boolean): SoakRow {
  // Without --expose-gc, what earlier measurements left behind blurs the memory figure. Array buffers are given back
  // in the background: the second collection waits for the first one.
  globalThis.gc?.();
  globalThis.gc?.();
  const before = process.memoryUsage().arrayBuffers;
  const soak = new Soak(live, checked);
  soak.run(live + operations / WINDOWS);
  const bytes = process.memoryUsage().arrayBuffers - before;
  const perWindow = Math.floor(operations / WINDOWS);
  const rates: number[] = [];
  let steps = 0;
  for (let i = 0; i < WINDOWS; i++) {
    const start = performance.now();
    steps += soak.run(perWindow);
    rates.push(perWindow / ((performance.now() - start) / 1000));
  }
  const rate = median(rates);
  return {
    live,
    checked,
    operations: perWindow * WINDOWS,
    stepsPerOperation: steps / (perWindow * WINDOWS),
    operationsPerSecond: rate,
    microsecondsPerOperation: 1e6 / rate.median,
    bytesPerArea: bytes / live,
  };
}

// One endless run, looked at in slices.
class Soak {
  private readonly sim: Simulation;
  private readonly executor: LiveExecutor;
  private readonly checker: Checker | undefined;
  private readonly rng = createRng("soak");
  private readonly wanted: number;
  private readonly vend: number;
  // First pages of the live areas, in random order.
  private readonly pages: Int32Array;
  private count = 0;
  private done = 0;
  private readonly enabled: number[] = [];

  constructor(live: number, checked: boolean) {
    const machine = {
      space: live * 3 + 512,
      cpus: TASKS,
      nodes: 2,
      block: 128,
      lazyMax: Math.max(16, Math.min(8192, live >> 2)),
    };
    const idle = Array.from({ length: TASKS }, () => "-");
    this.sim = new Simulation(instanceOf("node-blocks", machine, ...idle), {
      once: true,
      recordsMax: Math.ceil(live * 1.35) + 256,
    });
    this.wanted = live;
    this.vend = machine.space;
    this.pages = new Int32Array(live + TASKS + 1);
    const { sim } = this;
    this.executor = new LiveExecutor({
      processes: sim.processes.map((p, i) => (i < TASKS ? { ...p, entry: call(this, this.task) } : p)),
      reset: () => sim.reset(),
      begin: (p) => sim.begin(p),
      betweenSteps: (now) => sim.betweenSteps(now),
      snapshot: () => sim.snapshot(),
      restore: (snapshot) => sim.restore(snapshot),
      equals: (snapshot) => sim.equals(snapshot),
      digest: () => sim.digest(),
    });
    this.checker = checked ? new Checker(sim, { watched: expectedToHold("node-blocks") }) : undefined;
    this.executor.reset();
    this.checker?.reset();
  }

  /** Goes on until so many more operations are done; returns the steps that it took. */
  run(operations: number): number {
    const until = this.done + operations;
    const { sim, executor, checker, enabled, rng } = this;
    let steps = 0;
    while (this.done < until) {
      let n = 0;
      executor.pending.forEach((step, p) => {
        if (step && isReady(step)) enabled[n++] = p;
      });
      const process = enabled[rng.below(n)]!;
      sim.begin(process);
      const result = executor.pending[process]!.run(0);
      executor.advance(process, result);
      steps++;
      if (checker?.afterStep(process)) throw new Error(`${checker.finding!.id}: ${checker.finding!.message}`);
    }
    return steps;
  }

  /** A task: an allocation while there are too few areas, else the free of a random one; for ever. */
  *task(): KernelCode {
    const { allocator } = this.sim;
    if (this.count >= this.wanted) {
      const at = this.rng.below(this.count);
      const page = this.pages[at]!;
      this.count--;
      this.pages[at] = this.pages[this.count]!;
      yield call(allocator, allocator.removeVmArea, page);
    } else {
      const size = 1 + this.rng.below(SIZE_MAX);
      const page = yield call(allocator, allocator.allocVmapArea, size, 1, 0, this.vend);
      if (page < 0) throw new Error(`${size} pages were refused with ${this.count} live areas`);
      yield allocator.setupAndMap(page, size);
      this.pages[this.count++] = page;
    }
    this.done++;
    return tail(this, this.task);
  }
}
