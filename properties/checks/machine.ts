// SPDX-License-Identifier: GPL-2.0-only
//
// The kernel's own alarms, the drain work's progress, and the node of busy areas.

import { ALARMS, EVENT } from "../../spec/events.ts";
import type { Va } from "../../impl/heap/areas.ts";
import type { ContainerInfo } from "../../impl/heap/containers.ts";
import type { Check, CheckContext } from "./check.ts";
import type { History } from "./check-memory.ts";

/** INV-NOWARN, INV-DRAIN, INV-DRAIN-NOLOST, INV-BUSY-NODE. */
export class Machine implements Check {
  readonly on: NonNullable<Check["on"]>;
  private readonly context: CheckContext;
  readonly recordKinds = ["busy"] as const;
  readonly history: readonly History[];
  // A free saw more lazy pages than may be, and no purge has begun since.
  private exceeded = 0;
  // queue_work() said that the drain is pending, and it has not started since.
  private refused = 0;

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
        if (row(at, 4) !== 0) this.exceeded = 1;
      },
      [EVENT.LAZY_ADD]: (at) => {
        if (row(at, 2) !== 0) this.exceeded = 1;
      },
      [EVENT.PURGE_BEGIN]: () => {
        this.exceeded = 0;
      },
      [EVENT.QUEUE_WORK]: (at) => {
        if (row(at, 0) === drainWork && row(at, 1) === 0) this.refused = 1;
      },
      [EVENT.WORK_START]: (at) => {
        if (row(at, 0) === drainWork) this.refused = 0;
      },
    };
    this.history = [
      {
        invariants: ["INV-DRAIN"],
        past: true,
        words: 1,
        save: (into, at) => {
          into[at] = this.exceeded;
        },
        load: (from, at) => {
          this.exceeded = from[at]!;
        },
      },
      {
        invariants: ["INV-DRAIN-NOLOST"],
        past: true,
        words: 1,
        save: (into, at) => {
          into[at] = this.refused;
        },
        load: (from, at) => {
          this.refused = from[at]!;
        },
      },
    ];
  }

  reset(): void {
    this.exceeded = 0;
    this.refused = 0;
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
    const { report, sim } = this.context;
    if (this.exceeded !== 0) {
      report("INV-DRAIN", () => "a free saw too many lazy pages, and no purge began after it");
    }
    const nr = sim.allocator.lazyNr[0]!;
    const limit = sim.kernel.instance.lazyMaxPages;
    if (nr > limit) report("INV-DRAIN", () => `all is quiet with ${nr} lazy pages, the limit is ${limit}`);
    if (this.refused !== 0) {
      report("INV-DRAIN-NOLOST", () => "queue_work() said that the drain is pending, and it never started");
    }
  }
}
