// SPDX-License-Identifier: GPL-2.0-only
//
// The invariants I1 to I6 of the bounded protocol, checked in each new state of a search. Source: the description of
// the protocol; bench/peers/nb.pml has no copy of them, since only counts are compared there.

import type { InternedExecutor } from "../positions.ts";
import type { SearchMonitor } from "../search/search.ts";
import type { Site } from "../sync.ts";
import { AREA, LABEL, PAGE, type Protocol } from "./protocol.ts";
import { BLOCK_PAGES, NODES } from "./protocol-sizes.ts";

const FILL_LABELS: readonly Site[] = [LABEL.F1, LABEL.F2, LABEL.F3];
const PURGE_LABELS: readonly Site[] = [LABEL.P1, LABEL.P2, LABEL.P3, LABEL.P4, LABEL.P5];

/** Where a finished process leaves an area. */
const AT_REST: readonly number[] = [AREA.BUSY, AREA.LAZY, AREA.DONE, AREA.FAILED];

/** Finds a state that breaks an invariant. */
export class ProtocolInvariants implements SearchMonitor {
  /** The first invariant that was broken. */
  broken: string | undefined;
  private readonly protocol: Protocol;
  private executor: InternedExecutor | undefined;

  constructor(protocol: Protocol) {
    this.protocol = protocol;
  }

  attach(executor: InternedExecutor): void {
    this.executor = executor;
    this.broken = undefined;
  }

  afterStep(_process: number, isNew: boolean): boolean {
    if (isNew) this.broken ??= this.brokenNow();
    return this.broken !== undefined;
  }

  atEnd(): boolean {
    if (!this.isQuiescent()) this.broken ??= "I6 quiescence";
    return this.broken !== undefined;
  }

  /** The invariant that the current state breaks. */
  brokenNow(): string | undefined {
    if (!this.hasSingleOwners()) return "I1 single owner";
    const blocks = this.brokenBlocks();
    if (blocks !== undefined) return blocks;
    if (!this.countsLazyPages()) return "I4 lazy accounting";
    return this.flagsAgree() ? undefined : "I5 flags";
  }

  private hasSingleOwners(): boolean {
    const { page, state, address, areas } = this.protocol;
    let owned = 0;
    for (let area = 1; area <= areas; area++) {
      if (state[area]! < AREA.GOT || state[area]! > AREA.PURGING) continue;
      const size = this.protocol.size(area);
      owned += size;
      for (let i = 0; i < size; i++) if (page[address[area]! + i] !== PAGE.OWNED + area) return false;
    }
    return this.pagesThat((value) => value > PAGE.OWNED) === owned;
  }

  // I2 and I3: blocks have their edges and belong to one node, and none of them is wholly free.
  private brokenBlocks(): string | undefined {
    const { page } = this.protocol;
    for (let at = 0; at < page.length;) {
      const value = page[at]!;
      if (value !== PAGE.EDGE) {
        const inside =
          value > PAGE.OWNED ? this.protocol.origin[value - PAGE.OWNED] !== 0 : this.nodeFree(value);
        if (inside) return "I2 blocks and edges";
        at++;
        continue;
      }
      if (page[at + BLOCK_PAGES - 1] !== PAGE.EDGE) return "I2 blocks and edges";
      let free = 0;
      const owner = this.ownerNode(page[at + 1]!);
      for (let i = 1; i < BLOCK_PAGES - 1; i++) {
        const inner = page[at + i]!;
        if (owner === 0 || this.ownerNode(inner) !== owner) return "I2 blocks and edges";
        if (this.nodeFree(inner)) free++;
      }
      if (free === BLOCK_PAGES - 2) return "I3 full blocks are released";
      at += BLOCK_PAGES;
    }
    return undefined;
  }

  private nodeFree(value: number): boolean {
    return value >= 1 && value <= NODES;
  }

  // 1 + the node that a page inside a block belongs to, or 0.
  private ownerNode(value: number): number {
    if (this.nodeFree(value)) return value;
    return value > PAGE.OWNED ? this.protocol.origin[value - PAGE.OWNED]! : 0;
  }

  private countsLazyPages(): boolean {
    const { state, areas, lazy } = this.protocol;
    let pages = 0;
    for (let area = 1; area <= areas; area++) {
      if (state[area]! >= AREA.COUNTED && state[area]! <= AREA.PURGING) pages += this.protocol.size(area);
    }
    return lazy[0] === pages;
  }

  private flagsAgree(): boolean {
    const { filling, words, instance } = this.protocol;
    for (let node = 0; node < NODES; node++) {
      const fillers = this.threadsAt((label, t) => {
        return instance.threads[t]!.node === node && FILL_LABELS.includes(label);
      });
      if (fillers !== filling[node]) return false;
    }
    return (
      this.threadsAt((label) => PURGE_LABELS.includes(label)) === words[0] &&
      this.pagesThat((value) => value === PAGE.FILL_HELD) ===
        BLOCK_PAGES * this.threadsAt((label) => label === LABEL.F2) &&
      this.pagesThat((value) => value === PAGE.PURGE_HELD) > 0 ===
        this.threadsAt((label) => label === LABEL.P4) > 0
    );
  }

  private isQuiescent(): boolean {
    const { filling, words, state, areas } = this.protocol;
    for (let area = 1; area <= areas; area++) if (!AT_REST.includes(state[area]!)) return false;
    return (
      this.threadsAt(() => true) === 0 &&
      filling.every((flag) => flag === 0) &&
      words[0] === 0 &&
      this.pagesThat((value) => value === PAGE.FILL_HELD || value === PAGE.PURGE_HELD) === 0
    );
  }

  private pagesThat(holds: (value: number) => boolean): number {
    const { page } = this.protocol;
    let count = 0;
    for (let at = 0; at < page.length; at++) if (holds(page[at]!)) count++;
    return count;
  }

  // How many threads that have not finished are at such a label.
  private threadsAt(holds: (label: Site, thread: number) => boolean): number {
    if (!this.executor) throw new Error("the invariants watch no search");
    const { pending } = this.executor;
    let count = 0;
    for (let t = 0; t < pending.length; t++) if (pending[t] && holds(pending[t]!.site, t)) count++;
    return count;
  }
}
