// SPDX-License-Identifier: GPL-2.0-only
// The pieces of a simulated kernel without an allocator, and a list of what they said.
import { EventLog } from "../../../impl/heap/event-log.ts";
import { Heap } from "../../../impl/heap/heap.ts";
import { Cpus } from "../../../impl/kernel/cpus.ts";
import { Faults } from "../../../impl/kernel/faults.ts";
import { Locks } from "../../../impl/kernel/locks.ts";
import { Tlb } from "../../../impl/kernel/tlb.ts";
import { Works } from "../../../impl/kernel/workqueue/works.ts";
import type { LockObserver } from "../../../explore/sync.ts";
import { EVENT, EVENT_WORDS } from "../../../spec/events.ts";
import type { FaultPlan } from "../../../spec/instance.ts";

const NAMES = new Map<number, string>(Object.entries(EVENT).map(([name, code]) => [code, name]));

/** How large everything is. */
export interface BareOptions {
  readonly processes?: number;
  readonly cpus?: number;
  readonly pages?: number;
  readonly migrations?: number;
  readonly faults?: FaultPlan;
}

/** Three processes on two CPUs over 8 pages, if not said otherwise. */
export class BareKernel {
  readonly events = new EventLog();
  readonly heap = new Heap(4096, false);
  /** What lock analysis would hear. */
  readonly heard: string[] = [];
  readonly locks: Locks;
  readonly works: Works;
  readonly cpus: Cpus;
  readonly faults: Faults;
  readonly tlb: Tlb;

  constructor(options: BareOptions = {}) {
    const {
      processes = 3,
      cpus = 2,
      pages = 8,
      migrations = 0,
      faults = { budget: 0, points: [] },
    } = options;
    const observer: LockObserver = {
      acquired: (process, lockClass) => this.heard.push(`${process} takes ${lockClass}`),
      released: (process, lockClass) => this.heard.push(`${process} gives ${lockClass}`),
      mightSleep: (process) => this.heard.push(`${process} may sleep with a spinlock`),
      waitedForWork: (process, workClass) => this.heard.push(`${process} waited for work ${workClass}`),
      workRuns: (process, workClass, begins) => {
        this.heard.push(`${process} ${begins ? "begins" : "ends"} work ${workClass}`);
      },
    };
    this.locks = new Locks(this.heap, 4, processes, this.events, observer);
    this.works = new Works(
      this.heap,
      { count: 3, processes, cpus, localCpu: () => this.cpus.current() },
      this.events,
      this.locks,
    );
    this.cpus = new Cpus(this.heap, cpus, processes, migrations, this.events);
    this.faults = new Faults(this.heap, faults);
    this.tlb = new Tlb(this.heap, pages, 8, cpus, this.events);
    this.heap.seal();
    this.cpus.init(Array.from({ length: processes }, (_, i) => i % cpus));
    this.faults.init();
  }

  /** Runs something as a step of a process; returns the events that it said, as text. */
  step(process: number, action: () => void): string[] {
    this.events.process = process;
    this.events.count = 0;
    action();
    return Array.from({ length: this.events.count }, (_, i) => {
      const row = [...this.events.rows.subarray(i * EVENT_WORDS, (i + 1) * EVENT_WORDS)];
      while (row.length > 2 && row.at(-1) === 0) row.pop();
      return `${NAMES.get(row[0]!)!} ${row.slice(2).join(" ")}`.trimEnd();
    });
  }
}
