// SPDX-License-Identifier: GPL-2.0-only
//
// The shape of the indexes, record by record: order of list and tree, coalescing, augmented maxima. Applied to
// the records that a step touched; full.ts applies the same rules to all of them.

import { EVENT } from "../../spec/events.ts";
import { NONE, type Va } from "../../impl/heap/areas.ts";
import type { ContainerInfo } from "../../impl/heap/containers.ts";
import { FIT } from "../../impl/structures/free-space.ts";
import type { Check, CheckContext } from "./check.ts";

/** INV-SORTED, INV-COALESCED, INV-AUGMENT, INV-CLIP. */
export class Structure implements Check {
  readonly on: NonNullable<Check["on"]>;
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
    this.on = { [EVENT.CLIP]: (at) => this.clip(at) };
  }

  reset(): void {}

  record(va: Va, info: ContainerInfo): void {
    const { areas } = this.context.sim.kernel;
    if (!info.sorted) return;
    this.order(va, info.id);
    if (info.coalesced) this.coalesced(va);
    if (info.augmented) {
      this.augmented(va);
      const above = areas.parent[va]! as Va;
      if (above !== NONE) this.augmented(above);
    }
  }

  private order(va: Va, place: number): void {
    const { areas, containers } = this.context.sim.kernel;
    const { start, end, prev, next, left, right, parent } = areas;
    const from = start[va]!;
    const to = end[va]!;
    const p = prev[va]!;
    const n = next[va]!;
    const l = left[va]!;
    const r = right[va]!;
    const above = parent[va]!;
    const good =
      from < to &&
      (p === NONE
        ? containers.head[place] === va
        : next[p] === va && end[p]! <= from && areas.place[p] === place) &&
      (n === NONE
        ? containers.tail[place] === va
        : prev[n] === va && to <= start[n]! && areas.place[n] === place) &&
      (above === NONE
        ? containers.root[place] === va
        : left[above] === va
          ? to <= start[above]!
          : right[above] === va && end[above]! <= from) &&
      (l === NONE || (parent[l] === va && end[l]! <= from)) &&
      (r === NONE || (parent[r] === va && to <= start[r]!));
    if (!good) {
      this.context.report(
        "INV-SORTED",
        () => `[${from},${to}) is out of order in ${containers.info[place]!.kind}`,
      );
    }
  }

  private coalesced(va: Va): void {
    const { areas, containers } = this.context.sim.kernel;
    const { start, end, prev, next } = areas;
    const p = prev[va]!;
    const n = next[va]!;
    if ((p !== NONE && end[p] === start[va]) || (n !== NONE && start[n] === end[va])) {
      this.context.report("INV-COALESCED", () => {
        const { kind } = containers.info[areas.place[va]!]!;
        return `[${start[va]},${end[va]}) touches a neighbour in ${kind} and was not merged with it`;
      });
    }
  }

  private augmented(va: Va): void {
    const { areas } = this.context.sim.kernel;
    const l = areas.left[va]!;
    const r = areas.right[va]!;
    let want = areas.end[va]! - areas.start[va]!;
    if (l !== NONE && areas.subtreeMaxSize[l]! > want) want = areas.subtreeMaxSize[l]!;
    if (r !== NONE && areas.subtreeMaxSize[r]! > want) want = areas.subtreeMaxSize[r]!;
    if (areas.subtreeMaxSize[va] !== want) {
      this.context.report("INV-AUGMENT", () => {
        const { start, end, subtreeMaxSize } = areas;
        return `subtree_max_size of [${start[va]},${end[va]}) is ${subtreeMaxSize[va]}, its subtree holds ${want}`;
      });
    }
  }

  // A clip leaves old = grant + remainders, at most two, and two only for a split.
  private clip(at: number): void {
    const r = this.context.rows;
    const fit = r[at + 3]!;
    const oldStart = r[at + 4]!;
    const oldEnd = r[at + 5]!;
    const start = r[at + 6]!;
    const end = r[at + 7]!;
    const low = start > oldStart;
    const high = end < oldEnd;
    const want = low ? (high ? FIT.NE : FIT.RE) : high ? FIT.LE : FIT.FL;
    if (start < oldStart || end > oldEnd || fit !== want) {
      this.context.report(
        "INV-CLIP",
        () => `[${start},${end}) was clipped out of [${oldStart},${oldEnd}) as fit type ${fit}`,
      );
    }
  }
}
