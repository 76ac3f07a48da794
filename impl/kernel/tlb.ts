// SPDX-License-Identifier: GPL-2.0-only
//
// Page tables and TLBs of the address space: which page is mapped, and which CPUs may still hold a translation
// of a page that is not. Source: vunmap_range_noflush, flush_tlb_kernel_range.
// ABSTRACTION: a flush reaches all CPUs in one step; risk: a use of a page between two inter-processor
// interrupts of one flush is not seen. No design acts on a page before flush_tlb_kernel_range has returned.

import { EVENT } from "../../spec/events.ts";
import type { EventLog } from "../heap/event-log.ts";
import type { Heap } from "../heap/heap.ts";

/** Mapped and stale state per page. CPUs above 31 share mask bits. */
export class Tlb {
  /** 1 if the page-table entry is set. */
  readonly mapped: Uint8Array;
  /** Mask of CPUs whose TLB may hold a translation of a page that is no longer mapped. */
  readonly stale: Int32Array;
  /** Unmapped ranges with stale pages, so that a flush costs what was unmapped and not what it spans. */
  private readonly rangeStart: Int32Array;
  private readonly rangeEnd: Int32Array;
  private readonly ranges: Int32Array;
  private readonly allCpus: number;
  private readonly events: EventLog;

  constructor(heap: Heap, spacePages: number, rangesMax: number, cpus: number, events: EventLog) {
    this.mapped = heap.bytes("tlb.mapped", spacePages);
    this.stale = heap.words("tlb.stale", spacePages);
    this.rangeStart = heap.words("tlb.rangeStart", rangesMax);
    this.rangeEnd = heap.words("tlb.rangeEnd", rangesMax);
    this.ranges = heap.words("tlb.ranges", 1);
    this.allCpus = cpus >= 32 ? -1 : 2 ** cpus - 1;
    this.events = events;
  }

  /** Mask of all online CPUs. */
  get everyCpu(): number {
    return this.allCpus;
  }

  /** vmap_pages_range(): sets the entries of `[start, end)`. */
  map(start: number, end: number): void {
    for (let p = start; p < end; p++) this.mapped[p] = 1;
    this.events.emit(EVENT.MAP, start, end);
  }

  /** vunmap_range_noflush(): clears the entries; every CPU may have cached them. */
  unmap(start: number, end: number): void {
    for (let p = start; p < end; p++) {
      this.mapped[p] = 0;
      this.stale[p] = this.allCpus;
    }
    const n = this.ranges[0]!;
    this.rangeStart[n] = start;
    this.rangeEnd[n] = end;
    this.ranges[0] = n + 1;
    this.events.emit(EVENT.UNMAP, start, end);
  }

  /** flush_tlb_kernel_range(): no CPU of `mask` keeps a translation of a page in `[start, end)`. */
  flush(start: number, end: number, mask: number = this.allCpus): void {
    let n = this.ranges[0]!;
    for (let i = 0; i < n;) {
      const from = Math.max(start, this.rangeStart[i]!);
      const to = Math.min(end, this.rangeEnd[i]!);
      for (let p = from; p < to; p++) this.stale[p] = this.stale[p]! & ~mask;
      const whole = from === this.rangeStart[i]! && to === this.rangeEnd[i]!;
      if (whole && (mask & this.allCpus) === this.allCpus) {
        n--;
        this.rangeStart[i] = this.rangeStart[n]!;
        this.rangeEnd[i] = this.rangeEnd[n]!;
        this.rangeStart[n] = 0;
        this.rangeEnd[n] = 0;
      } else i++;
    }
    this.ranges[0] = n;
    this.events.emit(EVENT.FLUSH, start, end, mask);
  }
}
