// SPDX-License-Identifier: GPL-2.0-only
//
// What a kernel gives an allocator: heap, records, locks, CPUs, faults, work items, TLB. One object per
// simulated kernel; it knows no design. An allocator declares its containers, locks and works, then seals it.

import type { LockObserver, Step, Site } from "../../explore/sync.ts";
import { EVENT } from "../../spec/events.ts";
import type { FaultPoint } from "../../spec/faults.ts";
import type { Instance } from "../../spec/instance.ts";
import { areasOf } from "../../spec/operations.ts";
import { Areas, FIRST_CONTAINER, NONE, PLACE, type Va } from "../heap/areas.ts";
import { Containers } from "../heap/containers.ts";
import { EventLog } from "../heap/event-log.ts";
import { Heap, type HeapObserver } from "../heap/heap.ts";
import { FreeSpace } from "../structures/free-space.ts";
import { Cpus } from "./cpus.ts";
import { Faults } from "./faults.ts";
import { type Lock, Locks } from "./locks.ts";
import { Tlb } from "./tlb.ts";
import type { QueueShape } from "./workqueue/queues.ts";
import { Works } from "./workqueue/works.ts";

/** How many of each thing a design declares. */
export interface Needs {
  readonly containers: number;
  readonly locks: number;
  readonly works: number;
  /** Records beyond what the programs need of any design. */
  readonly records?: number;
  /** Workqueues beside the system's own. Without the list, each work item has a pool of its own. */
  readonly queues?: readonly QueueShape[];
  /** Extra words of state. */
  readonly words: number;
}

/** Makes the index of a simulated kernel. */
export type IndexMaker = (areas: Areas, containers: Containers, events: EventLog) => FreeSpace;

/** How a simulated kernel is built. */
export interface KernelOptions {
  /** Check each heap access; slow. */
  readonly strict?: boolean;
  readonly observer?: LockObserver | undefined;
  /** Told of each access to the heap; slow. */
  readonly accesses?: HeapObserver | undefined;
  /** One run only: the initial state is not kept, which halves the memory of a large instance. */
  readonly once?: boolean;
  /** Most vmap_area records at one time; by default what the programs can need. */
  readonly recordsMax?: number;
  /** Makes the index that all containers share; by default the port of the kernel's. */
  readonly index?: IndexMaker | undefined;
}

/** Kinds of a range that only a running operation holds. */
export const LIMBO = { NONE: 0, GRANT: 1, BLOCK: 2 } as const;

/** One simulated kernel. */
export class Kernel {
  readonly instance: Instance;
  readonly heap: Heap;
  readonly events: EventLog;
  readonly areas: Areas;
  readonly containers: Containers;
  readonly index: FreeSpace;
  readonly locks: Locks;
  readonly cpus: Cpus;
  readonly faults: Faults;
  readonly works: Works;
  readonly tlb: Tlb;
  /** Number of tasks; processes above are workers, one per work item, then the boot and the manager of workers. */
  readonly tasks: number;
  /** The process that boots the machine and the one that creates workers, or -1. */
  readonly bootProcess: number;
  readonly managerProcess: number;
  readonly processes: number;
  /** Ghost: the range that a process took from the free space and has not yet put into a container. */
  readonly limboStart: Int32Array;
  readonly limboEnd: Int32Array;
  readonly limboKind: Int32Array;
  // Which of the records that a section allocates for splits it does not get, from 1; 0 if it gets all.
  private splitFailsAt = 0;

  constructor(instance: Instance, needs: Needs, options: KernelOptions) {
    this.instance = instance;
    this.tasks = instance.programs.length;
    const threads = this.tasks + needs.works;
    this.bootProcess = instance.boot ? threads : -1;
    this.managerProcess = instance.workers?.stackPages ? threads + (instance.boot ? 1 : 0) : -1;
    this.processes = threads + (this.bootProcess < 0 ? 0 : 1) + (this.managerProcess < 0 ? 0 : 1);
    const records = (options.recordsMax ?? recordsNeeded(instance)) + (needs.records ?? 0) + 1;
    const n = FIRST_CONTAINER + needs.containers;
    const words =
      records * 15 +
      n * 8 +
      needs.locks +
      needs.works * 6 +
      this.processes * 9 +
      instance.cpus * 3 +
      instance.spacePages * 2 +
      needs.words +
      256;
    const heap = new Heap(words, options.strict ?? false, options.accesses);
    const events = new EventLog();
    this.heap = heap;
    this.events = events;
    this.areas = new Areas(heap, records, events, (va, raw) => {
      const place = raw.place[va]!;
      if (va === NONE) return "NULL record";
      if (place === PLACE.SLAB) return "record is not allocated";
      if (place >= FIRST_CONTAINER) return this.containerGuard(place);
      return raw.owner[va] === events.process ? undefined : "record belongs to another process";
    });
    this.locks = new Locks(heap, needs.locks, this.processes, events, options.observer);
    this.containers = new Containers(heap, needs.containers, (c) => this.containerGuard(c));
    this.index =
      options.index?.(this.areas, this.containers, events) ??
      new FreeSpace(this.areas, this.containers, events);
    const hotplug = instance.programs.flat().some(({ op }) => op === "offline");
    this.cpus = new Cpus(heap, instance.cpus, this.processes, instance.migrations, events, hotplug);
    this.faults = new Faults(heap, instance.faults);
    this.works = new Works(
      heap,
      {
        count: needs.works,
        processes: this.processes,
        cpus: instance.cpus,
        localCpu: () => this.cpus.current(),
        isOnline: (cpu) => this.cpus.isOnline(cpu),
        queues: needs.queues,
        workers: instance.workers,
        boot: instance.boot,
      },
      events,
      this.locks,
      this.faults,
    );
    this.tlb = new Tlb(
      heap,
      instance.spacePages,
      Math.min(records, instance.spacePages),
      instance.cpus,
      events,
    );
    this.limboStart = heap.words("limbo.start", this.processes);
    this.limboEnd = heap.words("limbo.end", this.processes);
    this.limboKind = heap.words("limbo.kind", this.processes);
  }

  /** Sets the initial state and fixes the heap's size. */
  boot(): void {
    const cpus = this.instance.cpus;
    this.areas.init();
    this.faults.init();
    this.works.begin();
    this.cpus.init(Array.from({ length: this.processes }, (_, i) => (i < this.tasks ? i % cpus : 0)));
    this.heap.seal();
  }

  /** Forgets what the last step said and changed. O(1). */
  clearStep(): void {
    this.events.count = 0;
    this.areas.changes.begin();
  }

  /** The process whose step runs now. */
  get current(): number {
    return this.events.process;
  }

  /** A plain step: one atomic action without a lock. */
  step(site: Site, run: (choice: number) => number): Step {
    return { site, run };
  }

  /** A plain step on what only this process touches: a record in its hands, the slab's free records. */
  localStep(site: Site, run: () => number): Step {
    return { site, run, local: true };
  }

  /** A plain step that reads the number of the CPU that it runs on. */
  cpuStep(site: Site, run: () => number): Step {
    return { site, run, local: this.cpus.isFixed };
  }

  /** A plain step that reads per-CPU data. */
  perCpuStep(site: Site, run: () => number): Step {
    const alone = this.tasks <= this.cpus.count && this.managerProcess < 0;
    return { site, run, local: this.cpus.isFixed && alone };
  }

  /** A critical section as one step. It may hold one access that others make without the lock, and no more. */
  locked(site: Site, lock: Lock, body: () => number): Step {
    return {
      site,
      gate: lock.gate,
      waitsFor: lock.waitsFor,
      run: () => {
        this.locks.acquire(lock);
        const result = body();
        this.locks.release(lock);
        return result;
      },
    };
  }

  /** Which of the records that splits want from now on cannot be had, from 1; 0 for none. For sections that choose it. */
  armSplit(failsAt: number): void {
    this.splitFailsAt = failsAt;
  }

  /** A critical section in which adjust_va_to_fit_type() may want a record, or up to so many. */
  lockedSplit(site: Site, lock: Lock, body: () => number, splits = 1): Step {
    const fails = this.faults.choices("split");
    return {
      site,
      gate: lock.gate,
      waitsFor: lock.waitsFor,
      choices: fails && (splits === 1 ? fails : () => 1 + (fails() - 1) * splits),
      run: (choice) => {
        this.locks.acquire(lock);
        this.splitFailsAt = choice;
        const result = body();
        this.splitFailsAt = 0;
        this.locks.release(lock);
        return result;
      },
    };
  }

  /** Takes a lock that the process keeps. */
  locking(site: Site, lock: Lock): Step {
    return {
      site,
      gate: lock.gate,
      waitsFor: lock.waitsFor,
      run: () => {
        this.locks.acquire(lock);
        return 0;
      },
    };
  }

  /** kmem_cache_alloc_node(): a record, or NONE where the environment lets it fail. May sleep. */
  slabAlloc(site: Site, point: FaultPoint): Step {
    const choices = this.faults.choices(point);
    return {
      site,
      choices,
      local: choices === undefined,
      run: (choice) => {
        this.locks.mightSleep();
        if (choice === 1) {
          this.faults.spend();
          return NONE;
        }
        return this.areas.allocate(this.current);
      },
    };
  }

  /** A point in preemptible code behind which the process may be on another CPU. */
  preemptPoint(site: Site): Step {
    return {
      site,
      choices: this.cpus.migrationChoices,
      run: (choice) => {
        this.cpus.migrate(choice);
        return 0;
      },
    };
  }

  /** The record for a split: this CPU's preloaded one, else a GFP_NOWAIT allocation, which may fail. */
  readonly spare = (): Va => {
    const preloaded = this.cpus.preload();
    if (preloaded !== NONE) {
      this.cpus.setPreload(NONE);
      this.areas.adopt(preloaded, this.current);
      return preloaded;
    }
    return this.spareNowait();
  };

  /** kmem_cache_alloc(GFP_NOWAIT) under a lock: the record of a split, or one that fails as it does. */
  spareNowait(): Va {
    if (this.splitFailsAt > 0 && --this.splitFailsAt === 0) {
      this.faults.spend();
      return NONE;
    }
    return this.areas.allocate(this.current);
  }

  /** Notes that the running process alone holds `[start, end)` now. */
  enterLimbo(kind: number, start: number, end: number): void {
    const p = this.current;
    this.limboKind[p] = kind;
    this.limboStart[p] = start;
    this.limboEnd[p] = end;
  }

  /** Notes that the range went into a container or a record. */
  leaveLimbo(): void {
    this.enterLimbo(LIMBO.NONE, 0, 0);
  }

  /** A kernel WARN. */
  warn(alarm: number, detail = 0): void {
    this.events.emit(EVENT.WARN, alarm, detail);
  }

  /** A point where the kernel would die. */
  oops(alarm: number, detail = 0): void {
    this.events.emit(EVENT.OOPS, alarm, detail);
  }

  private containerGuard(c: number): string | undefined {
    const info = this.containers.info[c];
    if (!info) return "no such container";
    if (info.lock >= 0) {
      return this.locks.held(info.lock) ? undefined : `without ${this.locks.all[info.lock]!.name}`;
    }
    return this.containers.holder[c] === this.current ? undefined : "the list belongs to another process";
  }
}

// Each allocation makes at most a busy record, two free remainders and, in a fill, a block record with its
// remainder; each page has one record at most.
function recordsNeeded(instance: Instance): number {
  // What pcpu_get_vm_areas() of each task holds before it has an address.
  const held = instance.programs.reduce(
    (sum, program) => sum + Math.max(0, ...program.map((op) => (op.op === "pcpu" ? op.sizes.length : 0))),
    0,
  );
  // A closed instance may keep every page in a record of its own, beside two in the hands of each task and the
  // preloaded ones. No more than that: the smaller a state, the faster a search.
  if (instance.closed) {
    return instance.spacePages + 2 * instance.programs.length + instance.cpus + held;
  }
  const stacks = instance.workers?.stackPages ? instance.nodes + 1 : 0;
  const allocations = stacks + instance.programs.flat().flatMap(areasOf).length;
  return (
    Math.min(instance.spacePages, 5 * allocations + 1) +
    3 * instance.programs.length +
    instance.cpus +
    held +
    4
  );
}
