// SPDX-License-Identifier: GPL-2.0-only
//
// The reference model of the address space: one state per page, and for each event whether it is legal.
// It must stay so simple that a reader sees that it is right. It knows no tree, no node, no lock.

import { EVENT } from "../spec/events.ts";
import type { InvariantId } from "../spec/invariants.ts";
import { PAGE } from "./abstraction.ts";

/** Why an event is illegal. */
export interface Illegal {
  readonly invariant: InvariantId;
  readonly message: string;
}

/** Where a model keeps its pages. */
export type ModelStorage = Pick<ReferenceModel, "state" | "mapped" | "stale">;

const NAMES = ["free", "live", "freed"];

/** Pages `0 .. pages - 1`, all free and unmapped at first. */
export class ReferenceModel {
  /** PAGE state of each page. */
  readonly state: Uint8Array;
  /** 1 while a page-table entry maps the page. */
  readonly mapped: Uint8Array;
  /** Mask of the CPUs that may still translate the page although it is not mapped. */
  readonly stale: Int32Array;
  /** Pages that changed their state since the last clear. */
  changed = 0;
  private readonly everyCpu: number;
  // Ends of the ranges that were released since then, in pairs.
  private readonly released: number[] = [];

  /** `everyCpu` is the mask of all CPUs; `storage`, all zero, is where the pages are kept. */
  constructor(pages: number, everyCpu: number, storage: ModelStorage = newStorage(pages)) {
    this.state = storage.state;
    this.mapped = storage.mapped;
    this.stale = storage.stale;
    this.everyCpu = everyCpu;
  }

  /** All pages free, unmapped, translated nowhere. */
  reset(): void {
    this.state.fill(PAGE.FREE);
    this.mapped.fill(0);
    this.stale.fill(0);
    this.settle();
  }

  /** A step is over: from here on changes are counted anew. */
  settle(): void {
    this.changed = 0;
    this.released.length = 0;
  }

  /** Applies an event, or says why it is illegal and stays as it was. Events that are not about pages are legal. */
  apply(kind: number, a: number, b: number, c: number, d: number, e: number): Illegal | undefined {
    switch (kind) {
      case EVENT.GRANT:
        return this.grant(a, b, c, d, e);
      case EVENT.BIND:
        return this.expect(a, b, PAGE.LIVE, "INV-REFINE", "inserted as busy");
      case EVENT.MAP:
        return this.map(a, b);
      case EVENT.UNLINK:
        return this.unlink(a, b);
      case EVENT.UNMAP:
        return this.unmap(a, b);
      case EVENT.FLUSH:
        return this.flush(a, b, c);
      case EVENT.RELEASE:
        return this.release(a, b);
      case EVENT.WITHDRAW:
        return this.withdraw(a, b);
      case EVENT.UNGRANT:
        return this.ungrant(a, b);
      default:
        return undefined;
    }
  }

  /**
   * The oracle: the lowest fit in the free (or free and freed) pages of a window, or -1. Pages that a design has
   * set aside do not count. O(window).
   */
  lowestFit(
    size: number,
    align: number,
    vstart: number,
    vend: number,
    freedCounts: boolean,
    setAside: (page: number) => boolean = () => false,
  ): number {
    for (let at = Math.ceil(vstart / align) * align; at + size <= vend; at += align) {
      let page = at;
      while (page < at + size && this.isUsable(page, freedCounts) && !setAside(page)) page++;
      if (page === at + size) return at;
    }
    return -1;
  }

  /** What is asked for must be what is given, and nobody else may have it or still reach it. */
  private grant(
    start: number,
    end: number,
    align: number,
    vstart: number,
    vend: number,
  ): Illegal | undefined {
    const area = `[${start},${end})`;
    if (end <= start || start % align !== 0 || start < vstart || end > vend) {
      const message = `${area} was granted for align ${align} in window [${vstart},${vend})`;
      return { invariant: "INV-BOUNDS", message };
    }
    for (let page = start; page < end; page++) {
      if (this.state[page] === PAGE.LIVE) {
        return {
          invariant: "INV-DISJOINT",
          message: `${area} was granted, but page ${page} is live already`,
        };
      }
      if (this.state[page] === PAGE.FREED) {
        return { invariant: "INV-TLB", message: `${area} was granted, but page ${page} awaits its purge` };
      }
      if (this.stale[page] !== 0) return this.staleError(page, `${area} was granted`);
    }
    this.become(start, end, PAGE.LIVE);
    return undefined;
  }

  private map(start: number, end: number): Illegal | undefined {
    for (let page = start; page < end; page++) {
      if (this.state[page] !== PAGE.LIVE || this.mapped[page] !== 0) {
        return {
          invariant: "INV-REFINE",
          message: `[${start},${end}) was mapped, but page ${page} is ${NAMES[this.state[page]!]!}${
            this.mapped[page] === 0 ? "" : " and mapped already"
          }`,
        };
      }
    }
    this.mapped.fill(1, start, end);
    return undefined;
  }

  private unlink(start: number, end: number): Illegal | undefined {
    const wrong = this.expect(start, end, PAGE.LIVE, "INV-REFINE", "given up by its owner");
    if (!wrong) this.become(start, end, PAGE.FREED);
    return wrong;
  }

  private unmap(start: number, end: number): Illegal | undefined {
    const wrong = this.expect(start, end, PAGE.FREED, "INV-REFINE", "unmapped");
    if (wrong) return wrong;
    this.mapped.fill(0, start, end);
    this.stale.fill(this.everyCpu, start, end);
    return undefined;
  }

  private flush(start: number, end: number, cpus: number): undefined {
    if (cpus === this.everyCpu) this.stale.fill(0, start, end);
    else for (let page = start; page < end; page++) this.stale[page]! &= ~cpus;
    return undefined;
  }

  /** Fit for reuse means: given up, not mapped, and no CPU can reach the old page any more. */
  private release(start: number, end: number): Illegal | undefined {
    const wrong = this.expect(start, end, PAGE.FREED, "INV-REFINE", "released for reuse");
    if (wrong) return wrong;
    for (let page = start; page < end; page++) {
      if (this.mapped[page] !== 0) {
        const message = `[${start},${end}) was released for reuse, but page ${page} is still mapped`;
        return { invariant: "INV-TLB", message };
      }
      if (this.stale[page] !== 0) return this.staleError(page, `[${start},${end}) was released for reuse`);
    }
    this.become(start, end, PAGE.FREE);
    this.released.push(start, end);
    return undefined;
  }

  /** What is free may be set aside until the next purge; if it was released by this very step, nothing has changed. */
  private withdraw(start: number, end: number): Illegal | undefined {
    const wrong = this.expect(start, end, PAGE.FREE, "INV-REFINE", "taken back");
    if (wrong) return wrong;
    this.become(start, end, PAGE.FREED);
    for (let i = 0; i < this.released.length; i += 2) {
      const from = Math.max(start, this.released[i]!);
      const to = Math.min(end, this.released[i + 1]!);
      if (from < to) this.changed -= 2 * (to - from);
    }
    return undefined;
  }

  /** Granted, and given back before anybody mapped it: no CPU can know it. */
  private ungrant(start: number, end: number): Illegal | undefined {
    const wrong = this.expect(start, end, PAGE.LIVE, "INV-REFINE", "given back unused");
    if (wrong) return wrong;
    for (let page = start; page < end; page++) {
      if (this.mapped[page] === 0) continue;
      return {
        invariant: "INV-TLB",
        message: `[${start},${end}) was given back unused, but page ${page} is mapped`,
      };
    }
    this.become(start, end, PAGE.FREE);
    return undefined;
  }

  private expect(
    start: number,
    end: number,
    state: number,
    invariant: InvariantId,
    what: string,
  ): Illegal | undefined {
    for (let page = start; page < end; page++) {
      if (this.state[page] !== state) {
        const is = NAMES[this.state[page]!] ?? "outside the space";
        return { invariant, message: `[${start},${end}) was ${what}, but page ${page} is ${is}` };
      }
    }
    return undefined;
  }

  private staleError(page: number, what: string): Illegal {
    const cpus: number[] = [];
    for (let cpu = 0; cpu < 32; cpu++) if ((this.stale[page]! >>> cpu) & 1) cpus.push(cpu);
    return {
      invariant: "INV-TLB",
      message: `${what}, but CPU ${cpus.join(", ")} may still translate page ${page}`,
    };
  }

  private isUsable(page: number, freedCounts: boolean): boolean {
    return this.state[page] === PAGE.FREE || (freedCounts && this.state[page] === PAGE.FREED);
  }

  private become(start: number, end: number, state: number): void {
    this.state.fill(state, start, end);
    this.changed += end - start;
  }
}

function newStorage(pages: number): ModelStorage {
  return { state: new Uint8Array(pages), mapped: new Uint8Array(pages), stale: new Int32Array(pages) };
}
