// SPDX-License-Identifier: GPL-2.0-only
//
// The purge: one at a time, a flush that covers what was collected and comes before the release, helpers that
// are counted and waited for, and nothing stale that was freed before it began.

import { EVENT } from "../../spec/events.ts";
import { NONE } from "../../impl/heap/areas.ts";
import { NodeBlocks } from "../../impl/allocators/node-blocks.ts";
import type { Check, CheckContext } from "./check.ts";

interface FreedRange {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** INV-PURGE-SERIAL, INV-FLUSH-COVER, INV-HELPERS-DONE, INV-HELPER-COUNT, INV-INITWORK, INV-ALIASES. */
export class Purge implements Check {
  readonly on: NonNullable<Check["on"]>;
  private readonly context: CheckContext;
  private readonly purgeLists: readonly number[];
  private readonly helperWorks: readonly number[];
  private active = 0;
  private flushed = false;
  private purger = -1;
  private beganAt = 0;
  private allowed = 0;
  private queued = 0;
  // Ranges whose free has completed, oldest first, and when each page was last unmapped.
  private freed: FreedRange[] = [];
  private readonly unmappedAt: Int32Array;
  // Step of the last call of vm_unmap_aliases(), by process.
  private readonly calledAt: Int32Array;

  constructor(context: CheckContext) {
    this.context = context;
    const { kernel, allocator } = context.sim;
    this.purgeLists = kernel.containers
      .all()
      .filter((c) => c.kind === "purge")
      .map((c) => c.id);
    this.helperWorks = allocator instanceof NodeBlocks ? allocator.purgeWork : [];
    this.unmappedAt = new Int32Array(kernel.instance.spacePages);
    this.calledAt = new Int32Array(kernel.processes);
    const row = (at: number, i: number): number => context.rows[at + 2 + i]!;
    this.on = {
      [EVENT.PURGE_BEGIN]: () => this.begins(),
      [EVENT.PURGE_HELPERS]: (at) => this.helpers(row(at, 0), row(at, 1), row(at, 2)),
      [EVENT.QUEUE_WORK]: (at) => {
        if (this.helperWorks.includes(row(at, 0))) this.queued++;
      },
      [EVENT.INIT_WORK]: (at) => this.initWork(row(at, 0), row(at, 1), row(at, 2)),
      [EVENT.FLUSH]: (at) => this.flush(row(at, 0), row(at, 1)),
      [EVENT.RELEASE]: (at) => this.release(row(at, 0), row(at, 1)),
      [EVENT.UNMAP]: (at) => this.unmappedAt.fill(context.step, row(at, 0), row(at, 1)),
      [EVENT.LAZY]: (at) => this.freed.push({ start: row(at, 0), end: row(at, 1), step: context.step }),
      [EVENT.PURGE_END]: () => this.ends(),
      [EVENT.ALIASES_BEGIN]: () => {
        this.calledAt[context.process] = context.step;
      },
      [EVENT.ALIASES_END]: () => this.aliasesReturns(),
    };
  }

  reset(): void {
    this.active = 0;
    this.flushed = false;
    this.purger = -1;
    this.freed = [];
  }

  private begins(): void {
    this.active++;
    if (this.active > 1)
      this.context.report("INV-PURGE-SERIAL", () => "a purge begins while another is going on");
    this.flushed = false;
    this.purger = this.context.process;
    this.beganAt = this.context.step;
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
    if (this.queued !== this.allowed) {
      report(
        "INV-HELPER-COUNT",
        () => `${this.queued} helpers were queued, the formula allows ${this.allowed}`,
      );
    }
    this.checkStale();
  }

  // No page whose free had completed before the purge began may still be translated.
  private checkStale(): void {
    const { report } = this.context;
    const rest: FreedRange[] = [];
    for (const range of this.freed) {
      if (range.step > this.beganAt) {
        rest.push(range);
        continue;
      }
      const page = this.staleSince(range);
      if (page >= 0) {
        report("INV-ALIASES", () => `page ${page} was freed before the purge began and is stale behind it`);
      }
    }
    this.freed = rest;
  }

  // The same for vm_unmap_aliases() as a whole, whatever it did.
  private aliasesReturns(): void {
    const { process, report } = this.context;
    for (const range of this.freed) {
      const page = range.step > this.calledAt[process]! ? -1 : this.staleSince(range);
      if (page < 0) continue;
      report("INV-ALIASES", () => `vm_unmap_aliases() returns, page ${page} was freed before and is stale`);
      return;
    }
  }

  // The first page of a range that some CPU may translate since the range was freed, or -1.
  private staleSince({ start, end, step }: FreedRange): number {
    const { stale } = this.context.model;
    for (let page = start; page < end; page++) {
      if (stale[page] !== 0 && this.unmappedAt[page]! <= step) return page;
    }
    return -1;
  }
}
