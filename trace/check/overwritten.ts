// SPDX-License-Identifier: GPL-2.0-only
//
// Where events may be missing in a trace whose buffers were overwritten. The header says that they were. Each CPU's events
// begin at its line "buffer started" (the first CPU has none), but another gap follows that no line marks: a reader that
// consumes events takes a page out of the ring, writers that lap it overwrite all the others, and the text has that old page
// before the rest (rb_inc_iter in kernel/trace/ring_buffer.c goes on at the head page, and tells of nothing lost). So
// nothing is missing behind as many events of a CPU as one page can hold.

import { KIND, type TraceEvent } from "../trace-event.ts";

/** The smallest record of the three events, of a purge: 28 bytes, and 4 of the buffer's own. */
const RECORD_BYTES_MIN = 32;
/** Pages of 4 KiB in the largest page of any kernel. */
const PAGE_MAX = 16;
const EVENTS_MAX = 4096 / RECORD_BYTES_MIN;

/** Which CPUs may still have the gap before them. */
export class OverwrittenBuffers {
  private readonly events = new Map<number, number>();
  private open = 0;
  // Pages of 4 KiB in a page of the traced kernel: the largest power of two that all areas were a multiple of.
  private pageSize = PAGE_MAX;

  /** Whether events may still be missing behind the last one. */
  get isDoubtful(): boolean {
    return this.open > 0;
  }

  /** A CPU's events begin. */
  started(cpu: number): void {
    if (this.isOpen(cpu)) this.open--;
    this.events.set(cpu, 0);
    this.open++;
  }

  /** An event. Returns whether it is the first one behind all gaps that are known. */
  event(event: TraceEvent): boolean {
    const { cpu, kind, offset, page, size } = event;
    if (kind === KIND.ALLOC && !event.failed && offset === 0) {
      const pages = Math.floor(size / 4096) % PAGE_MAX;
      const low = (page % PAGE_MAX) | pages | PAGE_MAX;
      this.pageSize = Math.min(this.pageSize, low & -low);
    }
    if (!this.events.has(cpu)) this.started(cpu);
    if (this.open === 0) return false;
    if (!this.isOpen(cpu)) return false;
    this.events.set(cpu, this.events.get(cpu)! + 1);
    // The size of a page is known better now than when the others were counted.
    this.open = [...this.events.keys()].filter((each) => this.isOpen(each)).length;
    return this.open === 0;
  }

  private isOpen(cpu: number): boolean {
    const events = this.events.get(cpu);
    return events !== undefined && events <= EVENTS_MAX * this.pageSize;
  }
}
