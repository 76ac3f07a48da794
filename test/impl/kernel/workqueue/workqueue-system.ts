// SPDX-License-Identifier: GPL-2.0-only
//
// A small case as a system for the engine: tasks, one thread for each item, the boot and the creation of workers, over
// the workqueue of the simulated kernel and nothing else of it. The reference hears of each call.

import { isReady, call, type KernelCode, type LockObserver, site, tail } from "../../../../explore/sync.ts";
import type { InternedExecutor } from "../../../../explore/positions.ts";
import type { Searchable, SearchMonitor } from "../../../../explore/search/search.ts";
import type { ProcessSpec } from "../../../../explore/system.ts";
import { EventLog } from "../../../../impl/heap/event-log.ts";
import { Heap } from "../../../../impl/heap/heap.ts";
import { Boot } from "../../../../impl/kernel/boot.ts";
import { Cpus } from "../../../../impl/kernel/cpus.ts";
import { Faults } from "../../../../impl/kernel/faults.ts";
import { Locks } from "../../../../impl/kernel/locks.ts";
import {
  FLUSH_SITES,
  flushWork,
  S as WORKER_SITES,
  Workers,
} from "../../../../impl/kernel/workqueue/workers.ts";
import { SYSTEM_WQ } from "../../../../impl/kernel/workqueue/queues.ts";
import { Works } from "../../../../impl/kernel/workqueue/works.ts";
import { EVENT, type EventKind } from "../../../../spec/events.ts";
import { BOOT_PHASES } from "../../../../spec/instance.ts";
import { Reference, type RuleId } from "./reference.ts";
import { type Act, CELLS, type SmallCase, STACKS } from "./small-case.ts";

const S = {
  queue: site("queue_work_on", "queue"),
  init: site("INIT_WORK", "forget what the item was doing"),
  clear: site("work_struct", "func = NULL"),
  flushed: site("flush_work", "the caller goes on"),
  hotplug: site("cpu_up", "a CPU comes or goes"),
  post: site("up", "add 1"),
  wait: site("down", "sleep until it is not 0"),
  stack: site("alloc_thread_stack_node", "take a stack, if there is one"),
};

/** -ENOMEM */
const NO_STACK = -12;

/** What may be replaced: by a mutant, or by an observer of another kind. */
export interface Variant {
  readonly Works?: typeof Works;
  readonly Workers?: typeof Workers;
  readonly strict?: boolean;
  readonly observer?: LockObserver | undefined;
}

/** One case in execution. */
export class WorkqueueSystem implements Searchable {
  readonly processes: readonly ProcessSpec[];
  readonly works: Works;
  readonly reference: Reference;
  /** What lock analysis has heard in this step. */
  readonly heard: string[] = [];
  readonly events: EventLog;
  private readonly heap: Heap;
  private readonly cpus: Cpus;
  private readonly locks: Locks;
  private readonly workers: Workers;
  private readonly cells: Int32Array;
  private readonly programs: readonly (readonly Act[])[];
  private readonly initial: Int32Array;
  private readonly observer: LockObserver;

  constructor(small: SmallCase, variant: Variant = {}) {
    const { boot, cpus = 2, faults = { budget: 0, points: [] }, queues = [], tasks, works } = small;
    const threads = tasks.length + works.length;
    const processes = threads + 2;
    const heap = new Heap(2048, variant.strict ?? false);
    this.heap = heap;
    this.programs = [...tasks, ...works];
    this.events = new HeardEvents((kind, a, b) => {
      this.hear(kind, a, b);
    });
    const { events } = this;
    this.observer = variant.observer ?? this.listener();
    this.locks = new Locks(heap, 0, processes, events, this.observer);
    this.cpus = new Cpus(heap, cpus, processes, 0, events, true);
    const cpuOf = (process: number): number => this.cpus.of(process);
    const isOnline = (cpu: number): boolean => this.cpus.isOnline(cpu);
    this.reference = new Reference(heap, {
      count: works.length,
      processes,
      cpus,
      queues,
      cpuOf,
      isOnline,
      executor: (work) => tasks.length + work,
    });
    const failing = new Faults(heap, faults);
    this.works = new (variant.Works ?? Works)(
      heap,
      {
        count: works.length,
        processes,
        cpus,
        localCpu: () => this.cpus.current(),
        isOnline,
        queues,
        workers: small.workers,
        boot,
      },
      events,
      this.locks,
      failing,
    );
    this.cells = heap.words("cells", CELLS);
    works.forEach((_, work) => this.works.declare(`work ${work}`, work, tasks.length + work));
    const { workers: plan } = small;
    this.workers = new (variant.Workers ?? Workers)(this.works, events, {
      functionOf: (work) => call(this, this.program, tasks.length + work, 0),
      createWorker: () => call(this, this.createWorker),
    });
    heap.seal();
    this.cpus.init(Array.from({ length: processes }, (_, i) => (i < tasks.length ? i % cpus : 0)));
    failing.init();
    this.works.begin();
    works.forEach((_, work) => {
      this.works.init(work);
    });
    this.reference.begin(boot ? BOOT_PHASES.indexOf(boot) : 2, plan?.idle);
    this.listen();
    const phase = this.works.phase;
    const bootCode = new Boot(this.works, []);
    this.processes = [
      ...tasks.map((_, i) => ({ name: `task ${i}`, entry: call(this, this.program, i, 0), daemon: false })),
      ...works.map((_, work) => ({
        name: `kworker/${work}`,
        entry: call(this.workers, this.workers.kworker, work),
        daemon: true,
      })),
      ...(boot ? [{ name: "init", entry: call(bootCode, bootCode.init, phase), daemon: false }] : []),
      ...(plan?.stackPages
        ? [{ name: "kthreadd", entry: call(this.workers, this.workers.manager), daemon: true }]
        : []),
    ];
    this.initial = heap.snapshot();
  }

  /** A program, from one of its acts on. */
  *program(index: number, at: number): KernelCode {
    const act = this.programs[index]![at];
    if (!act) return 0;
    switch (act.act) {
      case "queue":
        yield { site: S.queue, run: () => (this.works.queue(act.work, act.cpu, act.on) ? 1 : 0) };
        break;
      case "flush":
        yield flushWork(this.workers, act.work);
        break;
      case "init":
        yield this.step(S.init, () => {
          this.works.init(act.work);
        });
        break;
      case "clear":
        yield this.step(S.clear, () => {
          this.works.clearFunc(act.work);
          this.reference.clears(act.work);
        });
        break;
      case "offline":
      case "online":
        yield this.step(S.hotplug, () => {
          this.cpus.hotplug(act.cpu, act.act === "online" ? 1 : 0);
        });
        break;
      case "post":
        yield this.step(S.post, () => {
          this.cells[act.cell] = this.cells[act.cell]! + 1;
        });
        break;
      case "wait":
        yield { site: S.wait, ready: () => this.cells[act.cell] !== 0, run: () => 0 };
        break;
    }
    return tail(this, this.program, index, at + 1);
  }

  /** A stack for a worker, if one is left. */
  *createWorker(): KernelCode {
    return yield {
      site: S.stack,
      run: () => {
        const left = this.cells[STACKS]!;
        if (left === 0) return NO_STACK;
        this.cells[STACKS] = left - 1;
        this.reference.takesStack();
        return 0;
      },
    };
  }

  reset(): void {
    this.heap.restore(this.initial);
    this.begin(0);
  }

  begin(process: number): void {
    this.events.process = process;
    this.events.count = 0;
    this.heard.length = 0;
    this.reference.hears.length = 0;
  }

  betweenSteps(now: boolean): void {
    if (this.heap.strict) this.heap.strict.betweenSteps = now;
  }

  rehearse(now: boolean): void {
    this.locks.observer = now ? undefined : this.observer;
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

  private step(where: ReturnType<typeof site>, run: () => void): { site: typeof where; run: () => number } {
    return {
      site: where,
      run: () => {
        run();
        return 0;
      },
    };
  }

  // The calls whose results nobody announces.
  private listen(): void {
    const { events, reference, works } = this;
    const queue = works.queue.bind(works);
    works.queue = (work: number, cpu: number, on?: number) => {
      const before = events.count;
      const result = queue(work, cpu, on);
      reference.queued(
        events.process,
        work,
        cpu,
        on ?? SYSTEM_WQ,
        result,
        this.saidSince(before, EVENT.OOPS),
      );
      return result;
    };
    const beginFlush = works.beginFlush.bind(works);
    works.beginFlush = (work) => {
      const before = events.count;
      const result = beginFlush(work);
      reference.flushes(events.process, work, this.saidSince(before, EVENT.WARN), result > 0);
      return result;
    };
    const init = works.init.bind(works);
    works.init = (work) => {
      const before = events.count;
      init(work);
      const said = events.rows.subarray(8 * before + 2, 8 * before + 5);
      const right = [work, Number(reference.isPending(work)), Number(reference.isRunning(work))];
      if (said.some((word, i) => word !== right[i])) reference.breaks("init-work");
      if (works.isPending(work) || !works.hasFunc(work)) reference.breaks("init-work");
      reference.inits(work);
    };
    const addWorker = works.addWorker.bind(works);
    works.addWorker = (pool) => {
      addWorker(pool);
      reference.creates(pool);
    };
  }

  private saidSince(count: number, kind: EventKind): boolean {
    const { events } = this;
    for (let i = count; i < events.count; i++) if (events.rows[8 * i] === kind) return true;
    return false;
  }

  private hear(kind: EventKind, a: number, b: number): void {
    const { reference } = this;
    const { process } = this.events;
    if (kind === EVENT.WORK_START) reference.starts(process, a, b === 1);
    else if (kind === EVENT.WORK_END) reference.finishes(process, a);
    else if (kind === EVENT.BOOT) reference.boots(a);
    else if (kind === EVENT.NO_WORKER) reference.runsOut();
  }

  private listener(): LockObserver {
    const { heard } = this;
    return {
      acquired: () => {},
      released: () => {},
      mightSleep: () => {},
      waitedForWork: (process, work) => heard.push(`${process} waits for ${work}`),
      workRuns: (process, work, begins) => heard.push(`${process} ${begins ? "runs" : "ran"} ${work}`),
      queueRuns: (process, on, begins) => heard.push(`${process} ${begins ? "runs" : "ran"} queue ${on}`),
      waitedForQueue: (process, on) => heard.push(`${process} waits for queue ${on}`),
      flushDependency: (process, from, to) => heard.push(`${process} depends ${from} ${to}`),
    };
  }
}

/** Events, with an ear. */
class HeardEvents extends EventLog {
  private readonly told: (kind: EventKind, a: number, b: number) => void;

  constructor(told: (kind: EventKind, a: number, b: number) => void) {
    super();
    this.told = told;
  }

  override emit(kind: EventKind, a = 0, b = 0, c = 0, d = 0, e = 0, f = 0): void {
    super.emit(kind, a, b, c, d, e, f);
    this.told(kind, a, b);
  }
}

/** Holds a system against its reference, in every state. */
export class Judge implements SearchMonitor {
  /** The rule that was broken. */
  broken: RuleId | undefined;
  private readonly system: WorkqueueSystem;
  private executor: InternedExecutor | undefined;

  constructor(system: WorkqueueSystem) {
    this.system = system;
  }

  attach(executor: InternedExecutor): void {
    this.executor = executor;
    this.broken = undefined;
  }

  afterStep(): boolean {
    this.broken = this.system.reference.broken ?? this.heardWrong() ?? this.readyWrong();
    return this.broken !== undefined;
  }

  /** All tasks are done, and no item is left. */
  isGoal(): boolean {
    const { processes, reference } = this.system;
    return reference.isIdle && this.executor!.pending.every((step, p) => !step || processes[p]!.daemon);
  }

  atEnd(deadlock: boolean): boolean {
    return deadlock;
  }

  // Who may go on now, by the rules and by the code. What goes on too early is told before what waits too long.
  private readyWrong(): RuleId | undefined {
    const { processes, reference, works } = this.system;
    const first = processes.findIndex(({ name }) => name === "kworker/0");
    const { pending } = this.executor!;
    let waits: RuleId | undefined;
    for (let p = 0; p < pending.length; p++) {
      const step = pending[p];
      if (step?.site === FLUSH_SITES.wait && isReady(step) !== reference.isFlushed(p)) {
        if (isReady(step)) return "flush-waits";
        waits = "flush-later";
      }
      if (step?.site === WORKER_SITES.dequeue) {
        const why = reference.whyNot(p - first);
        if (isReady(step) && why) return why;
        if (!isReady(step) && !why) waits ??= "progress";
      }
    }
    const needs = works.poolsInNeed();
    const pools = Array.from({ length: reference.pools }, (_, pool) => pool);
    return waits ?? (pools.some((p) => needs.includes(p) !== reference.needs(p)) ? "manager" : undefined);
  }

  private heardWrong(): RuleId | undefined {
    const { heard, reference } = this.system;
    const differs = (words: RegExp): boolean =>
      heard.filter((line) => words.test(line)).join("; ") !==
      reference.hears.filter((line) => words.test(line)).join("; ");
    if (differs(/depends/)) return "flush-dependency";
    if (differs(/waits for queue/)) return "flush-recursion";
    return differs(/./) ? "lockdep" : undefined;
  }
}
