// SPDX-License-Identifier: GPL-2.0-only
//
// Brute force for tests: every run of a toy, depth first and without any memory of states; and every state of a
// toy, breadth first, from (memory, positions). As plain as possible, since other searches are measured by them.

import { InternedExecutor } from "../../explore/positions.ts";
import { Runner, type RunEnd } from "../../explore/runner.ts";
import type { Strategy, View } from "../../explore/strategy.ts";
import { isIdle } from "../../explore/sync.ts";
import type { System } from "../../explore/system.ts";
import { monitor } from "./toy-system.ts";

/** Goes through all runs: each begins like the last one and takes the next alternative at its last open place. */
export class EveryRunStrategy implements Strategy {
  private readonly path: { taken: number; readonly of: number }[] = [];
  private at = 0;
  private view!: View;

  begin(view: View): void {
    this.view = view;
    this.at = 0;
  }

  next(): number {
    return this.view.enabled[this.decide(this.view.enabledCount)]!;
  }

  choose(n: number): number {
    return this.decide(n);
  }

  /** Moves on to the next run; false if there is none. */
  advance(): boolean {
    for (;;) {
      const last = this.path.at(-1);
      if (!last) return false;
      if (++last.taken < last.of) return true;
      this.path.pop();
    }
  }

  private decide(of: number): number {
    if (this.at === this.path.length) this.path.push({ taken: 0, of });
    const place = this.path[this.at++]!;
    if (place.of !== of) throw new Error(`${place.of} alternatives have become ${of}`);
    return place.taken;
  }
}

/** How many runs there are, by their end. `seen` is called after each. */
export function everyRun(
  system: System,
  seen: (runner: Runner, end: RunEnd) => void = () => {},
): { runs: number; deadlocks: number } {
  const runner = new Runner(system, monitor());
  const strategy = new EveryRunStrategy();
  let runs = 0;
  let deadlocks = 0;
  do {
    const { end } = runner.run(strategy);
    runs++;
    if (end === "deadlock") deadlocks++;
    seen(runner, end);
  } while (strategy.advance());
  return { runs, deadlocks };
}

/** What a search over states counts. */
export interface StateCount {
  readonly states: number;
  readonly edges: number;
  /** States in which nothing is enabled. */
  readonly terminal: number;
  /** Those of them in which a process has not finished and may not stay. */
  readonly deadlocks: number;
}

/** Every state of a system. */
export function everyState(system: System): StateCount {
  const executor = new InternedExecutor(system);
  system.reset();
  executor.reset();
  const seen = new Set<string>();
  const queue: { memory: Int32Array; positions: number[] }[] = [];
  const meet = (): void => {
    const memory = system.snapshot();
    const positions = executor.save();
    const key = `${memory.join()}|${positions.join()}`;
    if (seen.has(key)) return;
    seen.add(key);
    queue.push({ memory, positions });
  };
  meet();
  let edges = 0;
  let terminal = 0;
  let deadlocks = 0;
  for (const { memory, positions } of queue) {
    const edgesBefore = edges;
    let stuck = false;
    system.processes.forEach((process, p) => {
      system.restore(memory);
      executor.load(positions);
      const step = executor.pending[p];
      if (!step) return;
      if (step.ready && !step.ready()) {
        if (!(process.daemon && isIdle(step))) stuck = true;
        return;
      }
      const choices = step.choices?.() ?? 1;
      for (let choice = 0; choice < choices; choice++) {
        system.restore(memory);
        executor.load(positions);
        system.begin(p);
        executor.advance(p, step.run(choice));
        edges++;
        meet();
      }
    });
    if (edges > edgesBefore) continue;
    terminal++;
    if (stuck) deadlocks++;
  }
  return { states: seen.size, edges, terminal, deadlocks };
}
