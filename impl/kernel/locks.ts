// SPDX-License-Identifier: GPL-2.0-only
//
// Spinlocks and mutexes: an owner word each, taken and released inside steps only. A step that takes a lock is
// enabled while the lock is free, so that spinning and sleeping are both just not being scheduled.

import type { Gate, LockObserver, WaitReason } from "../../explore/sync.ts";
import type { EventLog } from "../heap/event-log.ts";
import type { Heap } from "../heap/heap.ts";
import { StrictFault } from "../heap/strict-fault.ts";

/** One lock. */
export interface Lock {
  readonly id: number;
  readonly name: string;
  /** Lock class: locks of one class (all nodes' busy locks) are ordered as one. */
  readonly lockClass: number;
  /** A mutex may be held across sleeps; a spinlock may not. */
  readonly sleeps: boolean;
  /** Open while the lock is free: the gate of a step that takes it. */
  readonly gate: Gate;
  /** Whether it is free now. */
  readonly isFree: () => boolean;
  /** Who is waited for. */
  readonly waitsFor: () => WaitReason;
}

/** All locks of a simulated kernel. Declared at construction, stored in the heap. */
export class Locks {
  readonly all: Lock[] = [];
  /** Class names, by class. */
  readonly classNames: string[] = [];
  /** Owner: process + 1, or 0. */
  readonly owner: Int32Array;
  /** Number of spinlocks that a process holds. */
  private readonly spinning: Int32Array;
  private readonly events: EventLog;
  /** Told of each operation; unset while a step is only rehearsed. */
  observer: LockObserver | undefined;

  constructor(
    heap: Heap,
    lockCount: number,
    processCount: number,
    events: EventLog,
    observer: LockObserver | undefined,
  ) {
    this.owner = heap.words("lock.owner", lockCount);
    this.spinning = heap.words("lock.spinning", processCount);
    this.events = events;
    this.observer = observer;
  }

  /** Declares a lock of the class `className`. */
  declare(name: string, className: string, sleeps: boolean): Lock {
    let lockClass = this.classNames.indexOf(className);
    if (lockClass < 0) lockClass = this.classNames.push(className) - 1;
    const id = this.all.length;
    const owner = this.owner;
    const lock: Lock = {
      id,
      name,
      lockClass,
      sleeps,
      gate: { words: owner, index: id, value: 0 },
      isFree: () => owner[id] === 0,
      waitsFor: () => ({ resource: name, holder: owner[id]! - 1 }),
    };
    this.all.push(lock);
    return lock;
  }

  /** spin_lock() or mutex_lock(); the step's gate has seen to it that the lock is free. */
  acquire(lock: Lock): void {
    const process = this.events.process;
    if (this.owner[lock.id] !== 0) throw new StrictFault(`${lock.name}: taken while it is held`);
    if (lock.sleeps) this.mightSleep();
    else this.spinning[process] = this.spinning[process]! + 1;
    this.owner[lock.id] = process + 1;
    this.observer?.acquired(process, lock.lockClass);
  }

  /** spin_unlock() or mutex_unlock(). */
  release(lock: Lock): void {
    const process = this.events.process;
    if (this.owner[lock.id] !== process + 1)
      throw new StrictFault(`${lock.name}: released by a process without it`);
    if (!lock.sleeps) this.spinning[process] = this.spinning[process]! - 1;
    this.owner[lock.id] = 0;
    this.observer?.released(process, lock.lockClass);
  }

  /** Tells the observer what is held now, as if it had just been taken: for a search, which jumps between states. */
  announceHeld(): void {
    for (const lock of this.all) {
      const owner = this.owner[lock.id]!;
      if (owner !== 0) this.observer?.acquired(owner - 1, lock.lockClass);
    }
  }

  /** Whether the running process holds the lock with this id. */
  held(id: number): boolean {
    return this.owner[id] === this.events.process + 1;
  }

  /** might_sleep(): a finding if the running process holds a spinlock. */
  mightSleep(): void {
    if (this.spinning[this.events.process] !== 0) this.observer?.mightSleep(this.events.process);
  }
}
