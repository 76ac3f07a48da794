// SPDX-License-Identifier: GPL-2.0-only
//
// Small cases for the workqueue: tasks and work functions as lists of acts, on a machine of a few queues and CPUs.

import { SYSTEM_WQ, WORK_CPU_UNBOUND, type QueueShape } from "../../../../impl/kernel/workqueue/queues.ts";
import type { BootPhase, FaultPlan, WorkerPlan } from "../../../../spec/instance.ts";

/** One thing that a task or a work function does. */
export type Act =
  | { readonly act: "queue"; readonly work: number; readonly on: number; readonly cpu: number }
  | { readonly act: "flush" | "init" | "clear"; readonly work: number }
  | { readonly act: "offline" | "online"; readonly cpu: number }
  | { readonly act: "post" | "wait"; readonly cell: number };

/** queue_work_on(): by default on the system's queue and any CPU. */
export const queue = (work: number, on: number = SYSTEM_WQ, cpu: number = WORK_CPU_UNBOUND): Act => ({
  act: "queue",
  work,
  on,
  cpu,
});

/** flush_work(). */
export const flush = (work: number): Act => ({ act: "flush", work });

/** INIT_WORK(). */
export const initWork = (work: number): Act => ({ act: "init", work });

/** work->func = NULL. */
export const clearFunc = (work: number): Act => ({ act: "clear", work });

/** A CPU goes down. */
export const offline = (cpu: number): Act => ({ act: "offline", cpu });

/** A CPU comes back. */
export const online = (cpu: number): Act => ({ act: "online", cpu });

/** Adds 1 to a counter. */
export const post = (cell: number): Act => ({ act: "post", cell });

/** Sleeps until the counter is not 0. */
export const waitFor = (cell: number): Act => ({ act: "wait", cell });

/** Number of counters. A new worker takes its stack from the last one, if it is not 0. */
export const CELLS = 3;

/** The counter of stacks for workers. */
export const STACKS = CELLS - 1;

/** A case. */
export interface SmallCase {
  /** Queues 1, 2, ...: beside the system's own. */
  readonly queues?: readonly QueueShape[];
  /** What each item's function does. */
  readonly works: readonly (readonly Act[])[];
  /** What each task does; task i starts on CPU i. */
  readonly tasks: readonly (readonly Act[])[];
  readonly cpus?: number;
  readonly workers?: WorkerPlan;
  readonly boot?: BootPhase;
  readonly faults?: FaultPlan;
}

/** A queue like that of the drain. */
export const RESCUED: QueueShape = { name: "rescued", unbound: true, memReclaim: true };

/** Another one. */
export const RESCUED_TOO: QueueShape = { name: "rescued_too", unbound: true, memReclaim: true };

/** An unbound queue as large as they come. */
export const UNBOUND: QueueShape = { name: "unbound", unbound: true };

/** An unbound queue that executes one item at a time. */
export const ORDERED: QueueShape = { name: "ordered", unbound: true, maxActive: 1 };
