// SPDX-License-Identifier: GPL-2.0-only
//
// Workqueues and worker pools as they are declared: what does not change in a run.
// Source: kernel/workqueue.c: alloc_workqueue, WQ_UNBOUND, WQ_MEM_RECLAIM, max_active.

/** How a queue was allocated. */
export interface QueueShape {
  readonly name: string;
  /** WQ_UNBOUND: its items run on any CPU; otherwise on the CPU that they were queued on. */
  readonly unbound?: boolean;
  /** WQ_MEM_RECLAIM: it has a rescuer. */
  readonly memReclaim?: boolean;
  /** Most items that execute at one time; 0, the kernel's own default, is WQ_DFL_ACTIVE. */
  readonly maxActive?: number;
}

/** A queue. */
export interface Workqueue {
  readonly id: number;
  readonly name: string;
  readonly unbound: boolean;
  readonly hasRescuer: boolean;
  readonly maxActive: number;
}

/** WQ_DFL_ACTIVE (v6.6). */
export const WQ_DFL_ACTIVE = 256;

/** CPU number of queue_work() and schedule_work(): any. */
export const WORK_CPU_UNBOUND = -1;

/** The per-CPU queue of schedule_work(), which has no rescuer. */
export const SYSTEM_WQ = 0;

/** The system's queue and those of the shapes, by id. */
export function workqueuesOf(shapes: readonly QueueShape[]): readonly Workqueue[] {
  return [{ name: "events" }, ...shapes].map((shape: QueueShape, id) => ({
    id,
    name: shape.name,
    unbound: shape.unbound ?? false,
    hasRescuer: shape.memReclaim ?? false,
    maxActive: shape.maxActive === undefined || shape.maxActive === 0 ? WQ_DFL_ACTIVE : shape.maxActive,
  }));
}

/** What has been initialised: nothing, queueing, or the workers too. */
export const PHASE = { NONE: 0, QUEUEING: 1, ONLINE: 2 } as const;
