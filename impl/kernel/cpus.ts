// SPDX-License-Identifier: GPL-2.0-only
//
// CPUs: which one a process runs on, migration, and the per-CPU slot that holds a preloaded record.
// Source: raw_smp_processor_id, this_cpu_read, __this_cpu_cmpxchg; ne_fit_preload_node of mm/vmalloc.c.

import { EVENT } from "../../spec/events.ts";
import type { Va } from "../heap/areas.ts";
import type { EventLog } from "../heap/event-log.ts";
import type { Heap } from "../heap/heap.ts";

/** CPU of each process and the per-CPU data. */
export class Cpus {
  readonly count: number;
  private readonly cpuOf: Int32Array;
  private readonly migrationsLeft: Int32Array;
  private readonly preloaded: Int32Array;
  /** 0 for a CPU that is offline; empty in instances without hotplug. */
  private readonly online: Int32Array;
  private readonly migrations: number;
  private readonly events: EventLog;

  constructor(
    heap: Heap,
    cpus: number,
    processes: number,
    migrations: number,
    events: EventLog,
    hotplug = false,
  ) {
    this.count = cpus;
    this.cpuOf = heap.words("cpu.of", processes);
    this.migrationsLeft = heap.words("cpu.migrationsLeft", 1);
    this.preloaded = heap.words("ne_fit_preload_node", cpus);
    this.online = heap.words("cpu.online", hotplug ? cpus : 0);
    this.migrations = cpus > 1 ? migrations : 0;
    this.events = events;
  }

  /** Sets the initial state: `cpu[i]` is where process i starts. */
  init(cpu: readonly number[]): void {
    cpu.forEach((c, process) => {
      this.cpuOf[process] = c;
    });
    this.migrationsLeft[0] = this.migrations;
    for (let cpu = 0; cpu < this.online.length; cpu++) this.online[cpu] = 1;
  }

  /** cpu_online(); also for numbers that no CPU has. */
  isOnline(cpu: number): boolean {
    return cpu < this.count && (this.online.length === 0 || this.online[cpu] !== 0);
  }

  /** Takes a CPU down, from which all processes move to the next one, or brings it up. The last one stays. */
  hotplug(cpu: number, online: number): void {
    if (this.online.length === 0 || this.online[cpu] === online) return;
    if (online === 0 && this.nextOnline(cpu) === cpu) return;
    this.online[cpu] = online;
    for (let p = 0; p < this.cpuOf.length; p++)
      if (!this.isOnline(this.cpuOf[p]!)) this.cpuOf[p] = this.nextOnline(cpu);
    this.events.emit(EVENT.HOTPLUG, cpu, online);
  }

  private nextOnline(cpu: number): number {
    let next = cpu;
    do next = (next + 1) % this.count;
    while (this.online[next] === 0);
    return next;
  }

  /** Whether processes migrate at all in this instance. */
  get migratable(): boolean {
    return this.migrations > 0;
  }

  /** Whether every process stays on its CPU: no migration, no hotplug. */
  get isFixed(): boolean {
    return !this.migratable && this.online.length === 0;
  }

  /** Number of CPUs that the running process may be on next: value 0 keeps it where it is. */
  readonly migrationChoices = (): number => (this.migrationsLeft[0]! > 0 ? this.count : 1);

  /** Moves the running process to the `choice`-th next CPU. */
  migrate(choice: number): void {
    if (choice === 0) return;
    const process = this.events.process;
    const cpu = (this.cpuOf[process]! + choice) % this.count;
    this.cpuOf[process] = this.isOnline(cpu) ? cpu : this.nextOnline(cpu);
    this.migrationsLeft[0] = this.migrationsLeft[0]! - 1;
  }

  /** raw_smp_processor_id() of the running process. */
  current(): number {
    return this.cpuOf[this.events.process]!;
  }

  /** CPU of any process, for reports. */
  of(process: number): number {
    return this.cpuOf[process]!;
  }

  /** this_cpu_read(ne_fit_preload_node). */
  preload(): Va {
    return this.preloaded[this.current()]! as Va;
  }

  /** The slot of any CPU, for checkers. */
  preloadOf(cpu: number): Va {
    return this.preloaded[cpu]! as Va;
  }

  /** Writes the slot of the running CPU. */
  setPreload(va: Va): void {
    this.preloaded[this.current()] = va;
  }
}
