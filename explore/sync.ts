// SPDX-License-Identifier: GPL-2.0-only
//
// What simulated code is made of: sites, steps, calls. Kernel code is a generator that yields these and
// touches shared state only inside the closure of a step. This module must never know what the state is.
// Source: the project's design ("kernel state is flat, kernel code is coroutines, only steps touch state").

/** A place in the simulated code: a kernel function and what happens there. Made once, at module load. */
export interface Site {
  /** Dense index, in order of declaration. */
  readonly id: number;
  /** Kernel function, by its C name. */
  readonly fn: string;
  /** What the step does, as a phrase for a reader of the C code. */
  readonly what: string;
}

const declared: Site[] = [];

/** Declares a site. Called at module level only, so that the catalogue of sites is complete before a run. */
export function site(fn: string, what: string): Site {
  const made: Site = { id: declared.length, fn, what };
  declared.push(made);
  return made;
}

/** All sites declared so far, by id. */
export function declaredSites(): readonly Site[] {
  return declared;
}

/** Names what a step that is not enabled waits for; used only in reports. */
export interface WaitReason {
  /** The lock, work item or condition. */
  readonly resource: string;
  /** Index of the process that holds it, or -1 if nobody does. */
  readonly holder: number;
  /** `worker`: a work item is pending, and there is no thread to run it. */
  readonly kind?: "worker" | undefined;
}

/** A condition on one word of the state. A step behind a gate costs the scheduler no call. */
export interface Gate {
  readonly words: Int32Array;
  readonly index: number;
  /** The gate is open while `words[index]` is this. */
  readonly value: number;
}

/**
 * One atomic action. `run` may read and write the heap and must not write to the locals that it captures:
 * a step may be run again, from the same heap, with the same outcome.
 */
export interface Step {
  readonly site: Site;
  /** Runs the action; `choice` is in `0 .. choices() - 1`. The result is plain data. */
  readonly run: (choice: number) => number;
  /** The step is enabled only while the gate is open: a free lock, a pending work. */
  readonly gate?: Gate | undefined;
  /** Whether the step is enabled now, where a gate cannot say it. Reads the heap only. */
  readonly ready?: (() => boolean) | undefined;
  /** Number of outcomes that the environment may choose from now; absent means one. */
  readonly choices?: (() => number) | undefined;
  /** Why the step is not enabled. */
  readonly waitsFor?: (() => WaitReason) | undefined;
  /**
   * A process that waits here has nothing to do: a worker without work. A function says whether it is so now, and reads
   * the heap only: a worker whose work is pending and which has no thread to run on waits in the same step.
   */
  readonly idle?: boolean | (() => boolean);
  /**
   * The step is always enabled, has no choices, commutes with every step of every other process and is invisible to
   * what watches states; and no process takes such steps for ever. A search may then take it first, and alone.
   * Source: a singleton ample set, Clarke, Grumberg, Peled, Model Checking, chapter 10.
   */
  readonly local?: boolean;
}

/** A frame: its history of results collapses to its return value when it returns. */
export interface Call {
  readonly self: object;
  readonly body: KernelFunction;
  readonly args: readonly number[];
}

/** Returned by a kernel function instead of a number: replaces the frame by another one. */
export class TailCall {
  readonly target: Call;
  constructor(target: Call) {
    this.target = target;
  }
}

/** What a kernel function yields. */
export type Op = Step | Call;

/** A kernel function in execution. Results of steps and calls are numbers. */
export type KernelCode = Generator<Op, number | TailCall, number>;

/** A kernel function. Its arguments are its whole local state at entry. */
export type KernelFunction = (...args: number[]) => KernelCode;

/** A call of a kernel function; the result of the `yield` is its return value. */
export function call(self: object, body: KernelFunction, ...args: number[]): Call {
  return { self, body, args };
}

/** A tail call: the caller's frame, and all results in it, is forgotten. Loops are written this way. */
export function tail(self: object, body: KernelFunction, ...args: number[]): TailCall {
  return new TailCall({ self, body, args });
}

/** Whether a step can be taken now. */
export function isReady(step: Step): boolean {
  const { gate, ready } = step;
  return (!gate || gate.words[gate.index] === gate.value) && (!ready || ready());
}

/** Whether a process that waits in this step has nothing to do now. */
export function isIdle({ idle }: Step): boolean {
  return typeof idle === "function" ? idle() : idle === true;
}

/** Tells a step from a call. */
export function isStep(op: Op): op is Step {
  return "run" in op;
}

/**
 * Told of lock operations as they happen, inside steps. Lock classes are small integers; locks of one class
 * (the busy locks of all nodes, say) share an order.
 */
export interface LockObserver {
  acquired(process: number, lockClass: number): void;
  released(process: number, lockClass: number): void;
  /** The process may sleep here, although it holds a spinlock: only that is told. */
  mightSleep(process: number): void;
  /** The process waits until a work item of this class has run. */
  waitedForWork(process: number, workClass: number): void;
  /** A worker begins (true) or ends (false) to run a work item of this class. */
  workRuns(process: number, workClass: number, begins: boolean): void;
  /** The same of the queue that the item is on, which it begins to run before the item and ends to run after it. */
  queueRuns?(process: number, queueClass: number, begins: boolean): void;
  /** The process waits for an item of a queue that may come to run one item at a time: a rescuer, or max_active 1. */
  waitedForQueue?(process: number, queueClass: number): void;
  /** A worker of a queue for memory reclaim waits for an item of one that is not; by their names. */
  flushDependency?(process: number, from: string, to: string): void;
}
