// SPDX-License-Identifier: GPL-2.0-only
//
// An area as the checker keeps it.

import type { TraceEvent } from "../trace-event.ts";
import { PAGE_BYTES } from "../trace-event.ts";
import type { TracedArea } from "../traced-area.ts";

/** One area. */
export class Area implements TracedArea {
  readonly page: number;
  readonly pages: number;
  readonly size: number;
  readonly align: number;
  allocLine = 0;
  allocTime = 0;
  allocPid = -1;
  allocCpu = -1;
  freeLine = 0;
  freeTime = 0;
  freePid = -1;
  freeCpu = -1;
  freeAfter = 0;
  /** Line of the freeing task's own event before the free; 0 if there was none. */
  freeOwn = 0;
  /** Line of a purge after the free that covers the area: it may be used again. 0 if there was none. */
  releasedBy = 0;
  /** It is neither lazy nor free. */
  isLive = true;
  /** Nothing shows that it exists but its free. */
  isUnknown = false;
  /** Its pages have been used again. */
  isReused = false;
  /** It is what was left of an area when other pages of that were used again. */
  isRest = false;

  constructor(page: number, pages: number, size = 0, align = 0) {
    this.page = page;
    this.pages = pages;
    this.size = size;
    this.align = align;
  }

  /** The area that an allocation says. */
  static of(event: TraceEvent): Area {
    const pages = Math.max(1, Math.ceil((event.offset + event.size) / PAGE_BYTES));
    const area = new Area(event.page, pages, event.size, event.align);
    area.allocLine = event.line;
    area.allocTime = event.time;
    area.allocPid = event.pid;
    area.allocCpu = event.cpu;
    return area;
  }

  /** First page behind it. */
  get end(): number {
    return this.page + this.pages;
  }

  /** It is lazy from this event on, and no earlier than behind the task's own event before, at line `own`. */
  freed(event: TraceEvent, own: number): void {
    this.isLive = false;
    this.freeLine = event.line;
    this.freeTime = event.time;
    this.freePid = event.pid;
    this.freeCpu = event.cpu;
    this.freeAfter = Math.max(own, this.allocLine);
    this.freeOwn = own;
  }

  /** A part of a freed area, with its history. */
  rest(from: number, to: number): Area {
    const part = new Area(from, to - from, (to - from) * PAGE_BYTES, this.align);
    part.allocLine = this.allocLine;
    part.allocTime = this.allocTime;
    part.allocPid = this.allocPid;
    part.allocCpu = this.allocCpu;
    part.freeLine = this.freeLine;
    part.freeTime = this.freeTime;
    part.freePid = this.freePid;
    part.freeCpu = this.freeCpu;
    part.freeAfter = this.freeAfter;
    part.freeOwn = this.freeOwn;
    part.releasedBy = this.releasedBy;
    part.isLive = this.isLive;
    part.isUnknown = this.isUnknown;
    part.isRest = true;
    return part;
  }
}
