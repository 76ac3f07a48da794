// SPDX-License-Identifier: GPL-2.0-only
//
// A simulated kernel ready to run: a design, the tasks of an instance, the workers. It is what the engine
// explores; state that is not in the heap does not exist.

import { type Call, call, type LockObserver } from "../explore/sync.ts";
import type { Instance } from "../spec/instance.ts";
import { ALLOCATORS, type AllocatorClass } from "./allocators/registry.ts";
import type { GlobalTree } from "./allocators/global-tree.ts";
import type { Heap } from "./heap/heap.ts";
import type { Kernel, KernelOptions } from "./kernel/kernel.ts";
import { Boot } from "./kernel/boot.ts";
import { MenuTasks } from "./kernel/menu.ts";
import { Tasks } from "./kernel/tasks.ts";

/** A process of the simulation, as the engine wants it. */
export interface SimulatedProcess {
  readonly name: string;
  readonly entry: Call;
  readonly daemon: boolean;
}

/** One instance in execution. */
export class Simulation {
  readonly allocator: GlobalTree;
  readonly kernel: Kernel;
  readonly tasks: Tasks;
  readonly processes: readonly SimulatedProcess[];
  /** In a closed instance: runs the tasks. */
  readonly menu: MenuTasks | undefined;
  private readonly heap: Heap;
  private readonly initial: Int32Array | undefined;
  private observer: LockObserver | undefined;

  /** `design` replaces the class that the instance names: a mutant, or a patch under test. */
  constructor(instance: Instance, options: KernelOptions = {}, design?: AllocatorClass) {
    const Design = design ?? ALLOCATORS[instance.allocator];
    this.allocator = new Design(instance, options);
    this.kernel = this.allocator.kernel;
    this.heap = this.kernel.heap;
    this.tasks = new Tasks(this.allocator, instance);
    const { tasks, allocator } = this;
    const { closed } = instance;
    const menu = closed && new MenuTasks(this.allocator, instance, closed.liveMax);
    this.menu = menu;
    this.allocator.boot();
    const works = this.kernel.works;
    this.processes = [
      ...instance.programs.map((_, i) => ({
        name: `task ${i}`,
        entry: menu ? call(menu, menu.task, i) : call(tasks, tasks.task, i, 0),
        daemon: menu !== undefined,
      })),
      ...Array.from({ length: works.count }, (_, w) => ({
        name: `kworker/${works.name(w)}`,
        entry: call(allocator.workers, allocator.workers.kworker, w),
        daemon: true,
      })),
      ...this.kernelThreads(),
    ];
    this.initial = options.once ? undefined : this.heap.snapshot();
  }

  // What only some instances have.
  private kernelThreads(): SimulatedProcess[] {
    const { allocator, kernel } = this;
    const { workers } = allocator;
    const initcalls = [allocator.earlyInitcalls(), allocator.lateInitcalls()];
    const boot = new Boot(
      kernel.works,
      initcalls.filter((each) => each !== undefined),
    );
    const threads: SimulatedProcess[] = [];
    if (kernel.bootProcess >= 0) {
      threads.push({ name: "init", entry: call(boot, boot.init, kernel.works.phase), daemon: false });
    }
    if (kernel.managerProcess >= 0) {
      threads.push({ name: "kthreadd", entry: call(workers, workers.manager), daemon: true });
    }
    return threads;
  }

  /** Back to the initial state. A simulation for one run is in it only before that run. */
  reset(): void {
    if (this.initial) this.heap.restore(this.initial);
    this.kernel.clearStep();
  }

  begin(process: number): void {
    const { events, areas } = this.kernel;
    events.process = process;
    events.count = 0;
    areas.changes.begin();
    this.allocator.gaps?.begin();
  }

  betweenSteps(now: boolean): void {
    if (this.heap.strict) this.heap.strict.betweenSteps = now;
  }

  /** While a step is only rehearsed, lock analysis must not hear of it. */
  rehearse(now: boolean): void {
    const { locks } = this.kernel;
    if (now) {
      this.observer = locks.observer;
      locks.observer = undefined;
    } else locks.observer = this.observer;
  }

  snapshot(): Int32Array {
    return this.heap.snapshot();
  }

  restore(snapshot: Int32Array): void {
    this.heap.restore(snapshot);
  }

  equals(snapshot: Int32Array): boolean {
    return this.heap.equals(snapshot);
  }

  digest(): string {
    return this.heap.digest();
  }
}
