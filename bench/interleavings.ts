// SPDX-License-Identifier: GPL-2.0-only
//
// Bench (a): interleavings per second of node-blocks with all invariants on, beside the same program, with the
// same steps and the same checks, driven by fast-check's own scheduler.

import fc from "fast-check";
import { InternedExecutor } from "../explore/positions.ts";
import { createRng } from "../explore/rng.ts";
import { isIdle, isReady } from "../explore/sync.ts";
import { RandomStrategy } from "../explore/strategies/random.ts";
import { instanceOf } from "../spec/small-machine.ts";
import { expectedToHold } from "../properties/scenarios/scenario.ts";
import { Session } from "../properties/session.ts";
import type { Instance } from "../spec/instance.ts";
import { median, type Sample } from "./statistics.ts";

/** What was measured. */
export interface InterleavingsResult {
  readonly program: string;
  readonly runs: number;
  readonly repeats: number;
  /** Steps per second of the engine, and whole interleavings. */
  readonly ours: Sample;
  readonly runsPerSecond: number;
  /** Steps per second of fc.scheduler; who cannot go on asks again each time it is scheduled. */
  readonly polling: Sample;
  /** The same; who cannot go on sleeps outside the scheduler until some step was taken. */
  readonly waking: Sample;
  /** Ours to fast-check's scheduler, steps per second, pair by pair. */
  readonly ratioPolling: Sample;
  readonly ratioWaking: Sample;
}

/** The program of both: three tasks on two nodes; fills, drains, purges and helpers occur. */
export function benchInstance(): Instance {
  return instanceOf(
    "node-blocks",
    { space: 32, cpus: 3, nodes: 2, block: 8, lazyMax: 2 },
    "a=alloc(1); free(a); b=alloc(2); free(b)",
    "c=alloc(2); free(c); d=alloc(1)",
    "e=alloc(1); g=alloc(2); free(e); purge",
  );
}

/** Runs both, in turn, `repeats` times. `schedulerRuns` is smaller because it is slower. */
export async function measureInterleavings(
  runs: number,
  schedulerRuns: number,
  repeats: number,
): Promise<InterleavingsResult> {
  const instance = benchInstance();
  const ours: number[] = [];
  const polling: number[] = [];
  const waking: number[] = [];
  const { stepsPerRun } = runOurs(instance, Math.min(runs, 2000));
  for (let i = 0; i < repeats; i++) {
    ours.push(runOurs(instance, runs).rate);
    polling.push(await runScheduler(instance, schedulerRuns, false));
    waking.push(await runScheduler(instance, schedulerRuns, true));
  }
  const rate = median(ours);
  return {
    program: "node-blocks, 3 tasks, 2 nodes, 11 operations, all invariants that hold",
    runs,
    repeats,
    ours: rate,
    runsPerSecond: rate.median / stepsPerRun,
    polling: median(polling),
    waking: median(waking),
    ratioPolling: median(ours.map((r, i) => r / polling[i]!)),
    ratioWaking: median(ours.map((r, i) => r / waking[i]!)),
  };
}

// Steps per second of the engine.
function runOurs(instance: Instance, runs: number): { readonly rate: number; readonly stepsPerRun: number } {
  const session = new Session(instance, { watched: expectedToHold("node-blocks") });
  const strategy = new RandomStrategy(createRng("bench"), session.profile);
  let steps = 0;
  const start = performance.now();
  for (let i = 0; i < runs; i++) {
    const outcome = session.run(strategy);
    if (outcome.end !== "done") throw new Error(`run ${i}: ${outcome.finding?.message ?? outcome.end}`);
    steps += outcome.steps;
  }
  return { rate: steps / ((performance.now() - start) / 1000), stepsPerRun: steps / runs };
}

// Steps per second of fc.scheduler over the same steps: each process awaits its turn before each step.
async function runScheduler(instance: Instance, runs: number, wake: boolean): Promise<number> {
  const session = new Session(instance, { watched: expectedToHold("node-blocks") });
  const { sim, checker } = session;
  const executor = new InternedExecutor(sim);
  let steps = 0;
  const start = performance.now();
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      sim.reset();
      executor.reset();
      checker.reset();
      const isOver = (): boolean =>
        executor.pending.every((s) => s === undefined || (isIdle(s) && !isReady(s)));
      let sleepers: (() => void)[] = [];
      const drive = async (process: number): Promise<void> => {
        for (;;) {
          const step = executor.pending[process];
          if (!step || isOver()) return;
          if (wake && !isReady(step)) {
            await new Promise<void>((resume) => sleepers.push(resume));
            continue;
          }
          await scheduler.schedule(Promise.resolve());
          if (!isReady(step)) continue;
          steps++;
          sim.begin(process);
          executor.advance(process, step.run(0));
          if (checker.afterStep(process)) throw new Error(checker.finding!.message);
          const woken = sleepers;
          sleepers = [];
          for (const resume of woken) resume();
        }
      };
      const all = Promise.all(sim.processes.map((_, p) => drive(p)));
      await scheduler.waitFor(all);
      if (checker.atQuiescence()) throw new Error(checker.finding!.message);
    }),
    { numRuns: runs, seed: 1 },
  );
  return steps / ((performance.now() - start) / 1000);
}
