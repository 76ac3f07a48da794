// SPDX-License-Identifier: GPL-2.0-only
//
// vmap_lazy_nr against what lies on the lazy and purge lists, and the life of records.

import { EVENT } from "../../spec/events.ts";
import { NONE } from "../../impl/heap/areas.ts";
import type { Check, CheckContext } from "./check.ts";

/** INV-LAZYNR-GE, INV-LAZYNR-POS, INV-LAZYNR-EQ, INV-REC. */
export class Accounting implements Check {
  readonly on: NonNullable<Check["on"]>;
  private readonly context: CheckContext;
  private readonly lists: readonly number[];
  // vmap_lazy_nr after the last step.
  private readonly last: Int32Array;

  constructor(context: CheckContext) {
    this.context = context;
    const { containers } = context.sim.kernel;
    this.lists = containers
      .all()
      .filter((c) => c.kind === "lazy" || c.kind === "purge")
      .map((c) => c.id);
    this.last = context.memory.int32(1);
    const compare = (): void => this.compare();
    this.on = {
      [EVENT.LAZY_ADD]: compare,
      [EVENT.LAZY]: compare,
      [EVENT.RELEASE]: compare,
      [EVENT.PURGE_COLLECTED]: compare,
      [EVENT.BAD_RECORD_FREE]: () =>
        context.report("INV-REC", () => "a vmap_area record was freed that is linked or not allocated"),
    };
  }

  reset(): void {
    this.last[0] = 0;
  }

  // A step may change vmap_lazy_nr and say nothing; then this is seen at the next step that does.
  afterStep(): void {
    const nr = this.context.sim.allocator.lazyNr[0]!;
    if (nr === this.last[0]) return;
    this.last[0] = nr;
    this.compare();
  }

  atQuiescence(): void {
    const { sim, report } = this.context;
    const nr = sim.allocator.lazyNr[0]!;
    const { areas, containers, cpus } = sim.kernel;
    let lazy = 0;
    for (const info of containers.all()) if (info.kind === "lazy") lazy += containers.pages[info.id]!;
    if (nr !== lazy) {
      report("INV-LAZYNR-EQ", () => `vmap_lazy_nr is ${nr} when all is quiet, ${lazy} pages are lazy`);
    }
    let known = 0;
    // Whoever still holds records of pcpu_get_vm_areas() has forgotten them.
    for (const { id, kind } of containers.all()) if (kind !== "pcpu") known += containers.count[id]!;
    for (let cpu = 0; cpu < cpus.count; cpu++) if (cpus.preloadOf(cpu) !== NONE) known++;
    if (known !== areas.live) {
      report("INV-REC", () => `${areas.live} records are allocated when all is quiet, ${known} can be found`);
    }
  }

  private compare(): void {
    const { sim, report } = this.context;
    const nr = sim.allocator.lazyNr[0]!;
    if (nr < 0) report("INV-LAZYNR-POS", () => `vmap_lazy_nr is ${nr}`);
    const listed = this.listed();
    if (nr < listed) {
      report("INV-LAZYNR-GE", () => `vmap_lazy_nr is ${nr}, but ${listed} pages are on lazy and purge lists`);
    }
  }

  private listed(): number {
    const { pages } = this.context.sim.kernel.containers;
    let sum = 0;
    for (const list of this.lists) sum += pages[list]!;
    return sum;
  }
}
