// SPDX-License-Identifier: GPL-2.0-only
//
// The kernel's own alarms, the drain work's progress, and the node of busy areas.

import { ALARMS, EVENT } from "../../spec/events.ts";
import type { Va } from "../../impl/heap/areas.ts";
import type { ContainerInfo } from "../../impl/heap/containers.ts";
import type { Check, CheckContext } from "./check.ts";

/** INV-NOWARN, INV-DRAIN, INV-DRAIN-NOLOST, INV-BUSY-NODE. */
export class Machine implements Check {
  readonly on: NonNullable<Check["on"]>;
  private readonly context: CheckContext;
  readonly recordKinds = ["busy"] as const;
  private exceededAt = 0;
  private purgeBeganAt = 0;
  private refusedAt = 0;
  private drainStartedAt = 0;

  constructor(context: CheckContext) {
    this.context = context;
    const { drainWork } = context.sim.allocator;
    const row = (at: number, i: number): number => context.rows[at + 2 + i]!;
    const alarm = (at: number): void => {
      const code = row(at, 0);
      context.report("INV-NOWARN", () => ALARMS[code] ?? `alarm ${code}`);
    };
    this.on = {
      [EVENT.WARN]: alarm,
      [EVENT.OOPS]: alarm,
      [EVENT.LAZY]: (at) => {
        if (row(at, 4) !== 0) this.exceededAt = context.step;
      },
      [EVENT.PURGE_BEGIN]: () => {
        this.purgeBeganAt = context.step;
      },
      [EVENT.QUEUE_WORK]: (at) => {
        if (row(at, 0) === drainWork && row(at, 1) === 0) this.refusedAt = context.step;
      },
      [EVENT.WORK_START]: (at) => {
        if (row(at, 0) === drainWork) this.drainStartedAt = context.step;
      },
    };
  }

  reset(): void {
    this.exceededAt = 0;
    this.purgeBeganAt = 0;
    this.refusedAt = 0;
    this.drainStartedAt = 0;
  }

  record(va: Va, info: ContainerInfo): void {
    const { areas } = this.context.sim.kernel;
    const start = areas.start[va]!;
    const { blockPages } = this.context.sim.kernel.instance;
    const { nodes } = this.context.sim.allocator;
    const node = nodes === 1 ? 0 : Math.floor(start / blockPages) % nodes;
    if (node !== info.node) {
      this.context.report(
        "INV-BUSY-NODE",
        () => `[${start},${areas.end[va]}) is busy in node ${info.node}, its address belongs to node ${node}`,
      );
    }
  }

  atQuiescence(): void {
    const { report } = this.context;
    if (this.exceededAt > this.purgeBeganAt) {
      report("INV-DRAIN", () => "a free saw too many lazy pages, and no purge began after it");
    }
    if (this.refusedAt > this.drainStartedAt) {
      report("INV-DRAIN-NOLOST", () => "queue_work() said that the drain is pending, and it never started");
    }
  }
}
