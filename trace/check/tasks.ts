// SPDX-License-Identifier: GPL-2.0-only
//
// What each task printed last. A task does one thing at a time: a purge whose line it prints had not begun when it
// printed the line before, and what it frees was not yet lazy then.

import type { TraceEvent } from "../trace-event.ts";

/** Tasks that are remembered at most; the ones that have been silent for longest are forgotten. */
const TASKS_MAX = 1 << 16;

interface Last {
  line: number;
}

/** Lines by task. */
export class Tasks {
  private byTask = new Map<number, Last>();
  private readonly byCpu = new Map<number, Last>();

  /**
   * Notes an event, and returns the line of the last one that its task printed itself, 0 if none is known. One that an
   * interrupt printed says nothing of the task. O(1).
   */
  note({ cpu, inInterrupt, line, pid }: TraceEvent): number {
    const onCpu = this.byCpu.get(cpu);
    if (onCpu) onCpu.line = line;
    else this.byCpu.set(cpu, { line });
    // The idle task of each CPU is one of its own.
    const task = pid > 0 ? pid : -1 - cpu;
    const last = this.byTask.get(task);
    const before = last?.line ?? 0;
    if (inInterrupt === true) return before;
    if (last) {
      last.line = line;
      return before;
    }
    this.byTask.set(task, { line });
    if (this.byTask.size > TASKS_MAX) this.forget();
    return 0;
  }

  /** Line of the last event of a CPU, 0 if there was none. */
  lastOn(cpu: number): number {
    return this.byCpu.get(cpu)?.line ?? 0;
  }

  /** The CPUs that have printed something. */
  get cpus(): number {
    return this.byCpu.size;
  }

  private forget(): void {
    const all = [...this.byTask].sort(([, a], [, b]) => b.line - a.line);
    this.byTask = new Map(all.slice(0, TASKS_MAX / 2));
  }
}
