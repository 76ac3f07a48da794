// SPDX-License-Identifier: GPL-2.0-only
//
// Ownership, by what changed: if every page was in one place before a step, it is in one place after it exactly
// if the step's changes cancel out on every page. So a step costs what it changed, however many areas live.
// On the way: pages whose meaning changed must have changed in the reference model, and no others.

import { EVENT } from "../../spec/events.ts";
import { FIRST_CONTAINER, PLACE, type Va } from "../../impl/heap/areas.ts";
import type { ContainerInfo, ContainerKind } from "../../impl/heap/containers.ts";
import { LIMBO } from "../../impl/kernel/kernel.ts";
import type { Check, CheckContext } from "./check.ts";
import { limboCode, type PlaceCodes, placeCodes } from "./places.ts";

/** INV-OWN1, INV-CONSERVE, INV-BLOCK-EDGE, INV-CLIP-ATOMIC, INV-REFINE. */
export class Ownership implements Check {
  readonly on: NonNullable<Check["on"]>;
  private readonly context: CheckContext;
  private readonly codes: PlaceCodes;
  // What each process held outside all records, as of the last step.
  private readonly limboStart: Int32Array;
  private readonly limboEnd: Int32Array;
  private readonly limboKind: Int32Array;
  // Intervals that a step took away (sign -1) or brought (sign +1).
  private start = new Int32Array(64);
  private end = new Int32Array(64);
  private code = new Int32Array(64);
  private sign = new Int8Array(64);
  private count = 0;
  private cuts = new Int32Array(128);
  private modelled = 0;
  private clipFailed = false;
  // Whether gaps of the occupied tree were the free space after the last step, and not the records of the free tree.
  private readonly gapsWere: Int32Array;
  // Of the intervals that cover the piece that is looked at: how many were left and entered, the places, any edge.
  private taken = 0;
  private brought = 0;
  private before = -1;
  private after = -1;
  private edge = false;

  constructor(context: CheckContext) {
    this.context = context;
    this.codes = placeCodes(context.sim);
    const n = context.sim.kernel.processes;
    this.limboStart = context.memory.int32(n);
    this.limboEnd = context.memory.int32(n);
    this.limboKind = context.memory.int32(n);
    this.gapsWere = context.memory.int32(1);
    const edges = (at: number, sign: number): void => {
      const r = context.rows;
      const from = r[at + 2]!;
      const to = r[at + 3]!;
      this.add(from, from + 1, this.codes.edge, sign);
      this.add(to - 1, to, this.codes.edge, sign);
    };
    this.on = {
      [EVENT.BLOCK_PLACED]: (at) => edges(at, 1),
      [EVENT.BLOCK_RETURNED]: (at) => edges(at, -1),
      [EVENT.CLIP_FAILED]: () => {
        this.clipFailed = true;
      },
    };
  }

  reset(): void {
    this.limboStart.fill(0);
    this.limboEnd.fill(0);
    this.limboKind.fill(0);
    this.gapsWere[0] = this.context.sim.allocator.gapsAreFree() ? 1 : 0;
    this.count = 0;
  }

  afterStep(): void {
    const { sim, model, report, process } = this.context;
    const { areas } = sim.kernel;
    const { changes } = areas;
    this.modelled = 0;
    const { free } = sim.allocator;
    const gaps = sim.allocator.gapsAreFree();
    const gapsWere = this.gapsWere[0] !== 0;
    for (let i = 0; i < changes.count; i++) {
      const va = changes.record[i]! as Va;
      const oldPlace = changes.oldPlace[i]!;
      const place = areas.place[va]!;
      const oldStart = changes.oldStart[i]!;
      const oldEnd = changes.oldEnd[i]!;
      const start = areas.start[va]!;
      const end = areas.end[va]!;
      const was = oldPlace >= PLACE.LIMBO && !(gapsWere && oldPlace === free);
      const is = place >= PLACE.LIMBO && !(gaps && place === free);
      if (was && is && oldStart === start && oldEnd === end) {
        if (oldPlace !== place) this.moved(start, end, oldPlace, place);
        continue;
      }
      if (this.clipFailed && was && isFreeIndex(sim.kernel.containers.info[oldPlace]?.kind)) {
        if (!this.isBack(oldStart, oldEnd, oldPlace)) {
          report("INV-CLIP-ATOMIC", () => `a clip failed but changed the record [${oldStart},${oldEnd})`);
        }
      }
      if (was) this.add(oldStart, oldEnd, oldPlace, -1);
      if (is) this.add(start, end, place, 1);
    }
    this.clipFailed = false;
    if (gaps) this.gapChanges(gapsWere);
    this.gapsWere[0] = gaps ? 1 : 0;
    this.limboChanges(process);
    if (this.count > 0) this.sweep();
    if (this.modelled !== model.changed) {
      const changed = model.changed;
      report("INV-REFINE", () => `the step moved ${this.modelled} pages, its events say ${changed}`);
    }
    model.settle();
  }

  atQuiescence(): void {
    const { sim, report } = this.context;
    const { limboKind, limboStart, limboEnd } = sim.kernel;
    for (let p = 0; p < limboKind.length; p++) {
      if (limboKind[p] !== LIMBO.NONE) {
        report("INV-CONSERVE", () => `[${limboStart[p]},${limboEnd[p]}) was granted and is in no index`);
      }
    }
    const counted = this.countPages();
    const space = sim.kernel.instance.spacePages;
    if (counted !== space) {
      report(
        "INV-CONSERVE",
        () => `${space - counted} of ${space} pages are in no container when all is quiet`,
      );
    }
  }

  // Whether one of the records that the step changed has this range in this index now: a clip that was undone may leave
  // it in another record.
  private isBack(start: number, end: number, index: number): boolean {
    const { areas } = this.context.sim.kernel;
    const { changes } = areas;
    for (let i = 0; i < changes.count; i++) {
      const va = changes.record[i]!;
      if (areas.place[va] === index && areas.start[va] === start && areas.end[va] === end) return true;
    }
    return false;
  }

  // Pages in containers and block edges. Lists on a stack are gone when all is quiet.
  private countPages(): number {
    const { containers } = this.context.sim.kernel;
    let sum = 0;
    for (const info of containers.all()) {
      if (info.kind !== "free" && !isOnStack(info)) sum += containers.pages[info.id]!;
    }
    this.context.sim.allocator.forEachFree((start, end) => {
      sum += end - start;
    });
    return sum + 2 * this.context.blocks.count;
  }

  // What the step did to the gaps; if they were not the free space before it, all of them take the place of the free
  // tree's records.
  private gapChanges(gapsWere: boolean): void {
    const { allocator, kernel } = this.context.sim;
    const { gap } = this.codes;
    if (gapsWere) {
      const log = allocator.gaps!;
      for (let i = 0; i < log.count; i++) this.add(log.start[i]!, log.end[i]!, gap, log.sign[i]!);
      return;
    }
    const { areas, containers } = kernel;
    for (let va = containers.head[allocator.free]!; va !== 0; va = areas.next[va]!) {
      this.add(areas.start[va]!, areas.end[va]!, allocator.free, -1);
    }
    allocator.forEachFree((start, end) => this.add(start, end, gap, 1));
  }

  private limboChanges(p: number): void {
    const { limboStart, limboEnd, limboKind } = this.context.sim.kernel;
    const kind = limboKind[p]!;
    if (kind === this.limboKind[p] && limboStart[p] === this.limboStart[p]) return;
    const before = this.limboKind[p]!;
    if (before !== LIMBO.NONE) {
      this.add(this.limboStart[p]!, this.limboEnd[p]!, limboCode(this.codes, before), -1);
    }
    if (kind !== LIMBO.NONE) this.add(limboStart[p]!, limboEnd[p]!, limboCode(this.codes, kind), 1);
    this.limboKind[p] = kind;
    this.limboStart[p] = limboStart[p]!;
    this.limboEnd[p] = limboEnd[p]!;
  }

  private add(start: number, end: number, code: number, sign: number): void {
    if (start === end) return;
    if (this.count === this.start.length) this.grow();
    const i = this.count++;
    this.start[i] = start;
    this.end[i] = end;
    this.code[i] = code;
    this.sign[i] = sign;
  }

  // Cuts the line at all ends and looks at each piece. Few intervals: all against all; many: sorted sweep.
  private sweep(): void {
    const n = this.count;
    this.count = 0;
    const cuts = this.cuts;
    let m = 0;
    for (let i = 0; i < n; i++) {
      cuts[m++] = this.start[i]!;
      cuts[m++] = this.end[i]!;
    }
    if (n > 12) {
      this.sweepMany(m);
      return;
    }
    for (let i = 1; i < m; i++) {
      const cut = cuts[i]!;
      let j = i;
      for (; j > 0 && cuts[j - 1]! > cut; j--) cuts[j] = cuts[j - 1]!;
      cuts[j] = cut;
    }
    for (let k = 0; k + 1 < m; k++) {
      const from = cuts[k]!;
      const to = cuts[k + 1]!;
      if (from === to) continue;
      for (let i = 0; i < n; i++) if (this.start[i]! <= from && this.end[i]! >= to) this.cover(i);
      this.piece(from, to);
    }
  }

  // A purge may merge thousands of areas in one step: sort the ends and keep the open intervals' counts.
  private sweepMany(m: number): void {
    const order = Array.from({ length: m }, (_, i) => i);
    const at = (e: number): number => (e % 2 === 0 ? this.start[e >> 1]! : this.end[e >> 1]!);
    order.sort((x, y) => at(x) - at(y) || x - y);
    const open = new Set<number>();
    for (let k = 0; k + 1 < m; k++) {
      const e = order[k]!;
      if (e % 2 === 0) open.add(e >> 1);
      else open.delete(e >> 1);
      const from = at(e);
      const to = at(order[k + 1]!);
      if (from === to || open.size === 0) continue;
      for (const i of open) this.cover(i);
      this.piece(from, to);
    }
  }

  // Interval `i` covers the piece that is looked at.
  private cover(i: number): void {
    const code = this.code[i]!;
    if (this.sign[i]! < 0) {
      this.taken++;
      this.before = code;
      return;
    }
    this.brought++;
    if (code === this.codes.edge) this.edge = true;
    if (this.after < 0 || code !== this.codes.edge) this.after = code;
  }

  // Judges the piece by the intervals that cover it, and is ready for the next one.
  private piece(from: number, to: number): void {
    const { taken, brought, before, after, edge } = this;
    this.taken = 0;
    this.brought = 0;
    this.before = -1;
    this.after = -1;
    this.edge = false;
    if (taken === 0 && brought === 0) return;
    const { report } = this.context;
    const names = this.codes.names;
    if (brought > taken) {
      const atEdge = names[this.codes.edge]!;
      const onEdge = edge && after !== this.codes.edge;
      const other = onEdge ? atEdge : taken > 0 ? names[before]! : this.placeNow(from, after);
      const inGap = after === this.codes.gap || other === names[this.codes.gap];
      report(
        edge || other === atEdge ? "INV-BLOCK-EDGE" : inGap ? "INV-OCC-EQ" : "INV-OWN1",
        () => `pages [${from},${to}) are in two places: ${names[after]!}, and ${other}`,
      );
    } else if (brought < taken) {
      report("INV-CONSERVE", () => `pages [${from},${to}) left "${names[before]!}" and are in no place now`);
    } else this.moved(from, to, before, after);
  }

  // Pages in one place before and after: the model must have moved exactly those whose meaning changed.
  private moved(from: number, to: number, before: number, after: number): void {
    const { meaning, names } = this.codes;
    const { model, report } = this.context;
    const want = meaning[after]!;
    if (want === meaning[before]) return;
    this.modelled += to - from;
    for (let page = from; page < to; page++) {
      if (model.state[page] !== want) {
        report(
          "INV-REFINE",
          () =>
            `page ${page} went from "${names[before]!}" to "${names[after]!}", which the model has not seen`,
        );
        return;
      }
    }
  }

  // Only for messages: who else holds a page.
  private placeNow(page: number, after: number): string {
    if (this.context.blocks.isEdge(page)) return this.codes.names[this.codes.edge]!;
    const { allocator, kernel } = this.context.sim;
    const { containers, areas } = kernel;
    let free = false;
    allocator.forEachFree((start, end) => {
      if (start <= page && page < end) free = true;
    });
    const freeCode = allocator.gapsAreFree() ? this.codes.gap : allocator.free;
    if (free && after !== freeCode) return this.codes.names[freeCode]!;
    for (const info of containers.all()) {
      if (info.id === allocator.free) continue;
      for (let va = containers.head[info.id]!; va !== 0; va = areas.next[va]!) {
        if (areas.start[va]! <= page && page < areas.end[va]! && areas.place[va]! >= FIRST_CONTAINER) {
          return this.codes.names[info.id]!;
        }
      }
    }
    return "a place outside all containers";
  }

  private grow(): void {
    const wider = <A extends Int32Array | Int8Array>(from: A, to: A): A => {
      to.set(from);
      return to;
    };
    const size = this.start.length * 2;
    this.start = wider(this.start, new Int32Array(size));
    this.end = wider(this.end, new Int32Array(size));
    this.code = wider(this.code, new Int32Array(size));
    this.sign = wider(this.sign, new Int8Array(size));
    this.cuts = new Int32Array(size * 2);
  }
}

/** Whether a list lies on the stack of a purge, of a decay, of the per-CPU allocator, or of who drains the retry list. */
function isOnStack({ kind, lock }: ContainerInfo): boolean {
  return (
    kind === "reclaim" ||
    kind === "decay" ||
    kind === "pcpu" ||
    kind === "failed" ||
    (kind === "retry" && lock < 0)
  );
}

function isFreeIndex(kind: ContainerKind | undefined): boolean {
  return kind === "free" || kind === "node-free";
}
