// SPDX-License-Identifier: GPL-2.0-only
//
// The purge: one at a time, a flush that covers what was collected and comes before the release, helpers that
// are counted and waited for.

import { hasFeature } from "../../spec/invariants/features.ts";
import { EVENT } from "../../spec/events.ts";
import { NONE } from "../../impl/heap/areas.ts";
import { PurgeHelpers } from "../../impl/allocators/node-purge.ts";
import type { Check, CheckContext } from "./check.ts";
import type { History } from "./check-memory.ts";

/** INV-PURGE-SERIAL, INV-FLUSH-COVER, INV-HELPERS-DONE, INV-HELPER-COUNT, INV-INITWORK. */
export class Purge implements Check {
  readonly on: NonNullable<Check["on"]>;
  readonly history: readonly History[];
  private readonly context: CheckContext;
  private readonly purgeLists: readonly number[];
  private readonly helperWorks: readonly number[];
  private active = 0;
  private flushed = false;
  private purger = -1;
  private allowed = 0;
  private queued = 0;
  // Whether nothing can keep a purge from queueing the helpers that it may have.
  private readonly mustQueue: boolean;

  constructor(context: CheckContext) {
    this.context = context;
    const { kernel, allocator } = context.sim;
    this.mustQueue = !(["boot", "queue-fault"] as const).some((each) => hasFeature(kernel.instance, each));
    this.purgeLists = kernel.containers
      .all()
      .filter((c) => c.kind === "purge")
      .map((c) => c.id);
    this.helperWorks = allocator instanceof PurgeHelpers ? allocator.purgeWork : [];
    const row = (at: number, i: number): number => context.rows[at + 2 + i]!;
    this.on = {
      [EVENT.PURGE_BEGIN]: () => this.begins(),
      [EVENT.PURGE_HELPERS]: (at) => this.helpers(row(at, 0), row(at, 1), row(at, 2)),
      [EVENT.QUEUE_WORK]: (at) => {
        const node = this.helperWorks.indexOf(row(at, 0));
        if (row(at, 1) !== 0 && node >= 0) this.queues(node);
      },
      [EVENT.INIT_WORK]: (at) => this.initWork(row(at, 0), row(at, 1), row(at, 2)),
      [EVENT.FLUSH]: (at) => this.flush(row(at, 0), row(at, 1)),
      [EVENT.RELEASE]: (at) => this.release(row(at, 0), row(at, 1)),
      [EVENT.PURGE_END]: () => this.ends(),
    };
    // What is only known while a purge goes on is forgotten behind it.
    this.history = [
      {
        invariants: ["INV-PURGE-SERIAL", "INV-FLUSH-COVER", "INV-HELPER-COUNT"],
        words: 4,
        rename: (from, at, { as }, into) => {
          const word = from[at + 1]!;
          into[at + 1] = from[at] === 0 ? word : 2 * as[word >> 1]! + (word & 1);
        },
        save: (into, at) => {
          const on = this.active > 0;
          into[at] = this.active;
          into[at + 1] = on ? 2 * this.purger + (this.flushed ? 1 : 0) : 0;
          into[at + 2] = on ? this.allowed : 0;
          into[at + 3] = on ? this.queued : 0;
        },
        load: (from, at) => {
          this.active = from[at]!;
          this.purger = from[at + 1]! >> 1;
          this.flushed = (from[at + 1]! & 1) !== 0;
          this.allowed = from[at + 2]!;
          this.queued = from[at + 3]!;
        },
      },
    ];
  }

  reset(): void {
    this.active = 0;
    this.flushed = false;
    this.purger = -1;
  }

  private begins(): void {
    this.active++;
    if (this.active > 1)
      this.context.report("INV-PURGE-SERIAL", () => "a purge begins while another is going on");
    this.flushed = false;
    this.purger = this.context.process;
    this.allowed = 0;
    this.queued = 0;
  }

  private helpers(computed: number, marked: number, nr: number): void {
    const { containers, instance } = this.context.sim.kernel;
    const withWork = this.purgeLists.filter((list) => containers.head[list] !== NONE).length;
    const wanted = Math.floor(nr / Math.max(1, instance.lazyMaxPages));
    const right = Math.min(Math.max(wanted, 1), withWork) - 1;
    this.allowed = right;
    if (computed !== right || marked !== withWork) {
      this.context.report(
        "INV-HELPER-COUNT",
        () =>
          `${computed} helpers for ${marked} nodes; ${nr} lazy pages and ${withWork} nodes with work make ${right}`,
      );
    }
  }

  private queues(node: number): void {
    this.queued++;
    const { head } = this.context.sim.kernel.containers;
    if (head[this.purgeLists[node]!] === NONE) {
      this.context.report("INV-HELPER-COUNT", () => `a helper is queued for node ${node}, which has no work`);
    }
  }

  private initWork(work: number, pending: number, running: number): void {
    if (pending !== 0 || running !== 0) {
      this.context.report(
        "INV-INITWORK",
        () =>
          `INIT_WORK of ${this.context.sim.kernel.works.name(work)} while it is ${pending ? "pending" : "running"}`,
      );
    }
  }

  private flush(start: number, end: number): void {
    this.flushed = true;
    const { areas, containers } = this.context.sim.kernel;
    for (const list of this.purgeLists) {
      for (let va = containers.head[list]!; va !== NONE; va = areas.next[va]!) {
        if (areas.start[va]! < start || areas.end[va]! > end) {
          this.context.report(
            "INV-FLUSH-COVER",
            () => `[${start},${end}) was flushed, [${areas.start[va]},${areas.end[va]}) is on a purge list`,
          );
          return;
        }
      }
    }
  }

  // The purger and its helpers may release only behind the flush of this purge.
  private release(start: number, end: number): void {
    const { process, sim } = this.context;
    if (this.active === 0 || this.flushed) return;
    if (process === this.purger || process > sim.kernel.tasks) {
      this.context.report(
        "INV-FLUSH-COVER",
        () => `[${start},${end}) was released before the flush of its purge`,
      );
    }
  }

  private ends(): void {
    const { sim, report } = this.context;
    this.active--;
    const { containers, works } = sim.kernel;
    for (const list of this.purgeLists) {
      if (containers.head[list] !== NONE) {
        const { node } = containers.info[list]!;
        report("INV-HELPERS-DONE", () => `the purge ends with areas on the purge list of node ${node}`);
      }
    }
    for (const work of this.helperWorks) {
      if (!works.isIdle(work)) {
        report("INV-HELPERS-DONE", () => `the purge ends while ${works.name(work)} is pending or running`);
      }
    }
    if (this.queued > this.allowed || (this.queued < this.allowed && this.mustQueue)) {
      report(
        "INV-HELPER-COUNT",
        () => `${this.queued} helpers were queued, the formula allows ${this.allowed}`,
      );
    }
  }
}
