// SPDX-License-Identifier: GPL-2.0-only
//
// Congruent areas: that they are, that a call gets all or none of them, and that it gets the highest. Whether a call
// may fail for good is in search.ts, with the other requests.

import { EVENT } from "../../spec/events.ts";
import { areasOf } from "../../spec/operations.ts";
import { NONE } from "../../impl/heap/areas.ts";
import { requestOf, SLOT } from "../../impl/kernel/tasks.ts";
import { highestBase } from "../../model/congruent-fit.ts";
import type { Check, CheckContext, CheckFactory } from "./check.ts";

/** The checks of instances that ask for congruent areas. */
export const pcpu: CheckFactory = (context) =>
  context.sim.allocator.pcpuRequests.length > 0 ? new Pcpu(context) : undefined;

/** Where an area belongs: the first slot of its call, the request, and its number there. */
interface Member {
  readonly first: number;
  readonly request: number;
  readonly area: number;
}

/** Free records up to this number are looked at in each search. */
const ALWAYS_UP_TO = 64;

/** INV-PCPU-CONGRUENT, INV-PCPU-HIGHEST. */
class Pcpu implements Check {
  readonly on: NonNullable<Check["on"]>;
  private readonly context: CheckContext;
  /** By slot. */
  private readonly members: readonly (Member | undefined)[];
  // Of the current step: the request that was searched for, its base, and what was granted.
  private request = -1;
  private base = -1;
  private granted: number[] = [];
  private sinceWalk = 0;

  constructor(context: CheckContext) {
    this.context = context;
    this.members = membersOf(context);
    const row = (at: number, i: number): number => context.rows[at + 2 + i]!;
    this.on = {
      [EVENT.PCPU_SEARCHED]: (at) => {
        this.request = row(at, 0);
        this.base = row(at, 1);
        this.highest();
      },
      [EVENT.GRANT]: (at) => {
        if (this.request >= 0) this.granted.push(row(at, 0), row(at, 1));
      },
      [EVENT.OP_END]: (at) => this.ended(row(at, 0), row(at, 1)),
    };
  }

  reset(): void {
    this.request = -1;
    this.granted = [];
    this.sinceWalk = 0;
  }

  afterStep(): void {
    if (this.request < 0) return;
    if (this.granted.length > 0) this.together();
    this.request = -1;
    this.granted = [];
  }

  // A call that has failed holds nothing: each area that is busy is somebody's.
  atQuiescence(): void {
    const { kernel, menu, tasks } = this.context.sim;
    // The stacks of workers are busy as well.
    if (kernel.managerProcess >= 0) return;
    let live = menu ? menu.liveCount : 0;
    for (let slot = 0; slot < tasks.operations.length; slot++) if (tasks.state[slot] === SLOT.LIVE) live++;
    const { containers } = kernel;
    let busy = 0;
    for (const { id, kind } of containers.all()) if (kind === "busy") busy += containers.count[id]!;
    if (busy !== live) {
      this.context.report(
        "INV-PCPU-CONGRUENT",
        () => `${busy} areas are busy when all is quiet, the tasks have ${live}`,
      );
    }
  }

  // Of what one search took: the areas of the request, each at its offset from the base.
  private together(): void {
    const { granted, base } = this;
    const { offsets, sizes } = this.context.sim.allocator.pcpuRequests[this.request]!;
    const right = offsets.every((offset, i) => {
      const start = base + offset;
      return granted.some(
        (page, at) => at % 2 === 0 && page === start && granted[at + 1] === start + sizes[i]!,
      );
    });
    if (right && granted.length === 2 * offsets.length) return;
    this.context.report("INV-PCPU-CONGRUENT", () => {
      const list = offsets.map((offset, i) => `[${base + offset},${base + offset + sizes[i]!})`);
      const got = granted.flatMap((page, at) => (at % 2 === 0 ? [`[${page},${granted[at + 1]!})`] : []));
      return `${got.join(", ")} granted, the areas at base ${base} are ${list.join(", ")}`;
    });
  }

  // What the caller got: areas that are busy, and of one call all or none.
  private ended(slot: number, state: number): void {
    const member = this.members[slot];
    if (!member || state === SLOT.FREED) return;
    const { tasks, allocator, kernel } = this.context.sim;
    const { containers } = kernel;
    const { first, request, area } = member;
    const { offsets, sizes } = allocator.pcpuRequests[request]!;
    if (state === SLOT.FAILED) {
      const kept = containers.count[allocator.pcpuList[this.context.process]!]!;
      const some = offsets.some((_, i) => tasks.state[first + i] === SLOT.LIVE);
      if (kept === 0 && !some) return;
      this.context.report("INV-PCPU-CONGRUENT", () =>
        some ? "a call failed and gave some of its areas" : `a call failed and keeps ${kept} of its records`,
      );
      return;
    }
    const page = tasks.page[slot]!;
    const base = tasks.page[first]! - offsets[0]!;
    if (page !== base + offsets[area]! || !this.isBusy(page, page + sizes[area]!)) {
      this.context.report(
        "INV-PCPU-CONGRUENT",
        () => `area ${area} of base ${base} is said to be at ${page}, where no such area is busy`,
      );
    }
  }

  private isBusy(start: number, end: number): boolean {
    const { areas, containers } = this.context.sim.kernel;
    return containers.all().some(({ id, kind }) => {
      if (kind !== "busy") return false;
      let va = containers.head[id]!;
      while (va !== NONE && areas.start[va] !== start) va = areas.next[va]!;
      return va !== NONE && areas.end[va] === end;
    });
  }

  // By the free tree as it was: what is in it, and what the call has just taken out.
  private highest(): void {
    const { allocator, kernel } = this.context.sim;
    const { areas, containers, instance } = kernel;
    const request = allocator.pcpuRequests[this.request]!;
    const { base } = this;
    if (!this.due(containers.count[allocator.free]!)) return;
    const isFree = new Uint8Array(instance.spacePages);
    for (let va = containers.head[allocator.free]!; va !== NONE; va = areas.next[va]!) {
      isFree.fill(1, areas.start[va], areas.end[va]);
    }
    if (base >= 0) {
      request.offsets.forEach((offset, i) =>
        isFree.fill(1, base + offset, base + offset + request.sizes[i]!),
      );
    }
    const highest = highestBase(request, instance.vmalloc, (page) => isFree[page] === 1);
    if (highest <= base) return;
    this.context.report("INV-PCPU-HIGHEST", () =>
      base < 0
        ? `no base was found, though the areas fit at ${highest}`
        : `base ${base} was chosen, the highest is ${highest}`,
    );
  }

  private due(length: number): boolean {
    if (length <= ALWAYS_UP_TO) return true;
    this.sinceWalk += ALWAYS_UP_TO;
    if (this.sinceWalk < length) return false;
    this.sinceWalk = 0;
    return true;
  }
}

function membersOf({ sim }: CheckContext): (Member | undefined)[] {
  const members: (Member | undefined)[] = [];
  for (const op of sim.kernel.instance.programs.flat()) {
    const first = members.length;
    const request = op.op === "pcpu" ? requestOf(sim.allocator, op) : -1;
    areasOf(op).forEach((_, area) => members.push(request < 0 ? undefined : { first, request, area }));
  }
  return members;
}
