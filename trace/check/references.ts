// SPDX-License-Identifier: GPL-2.0-only
//
// The lines that a finding names, from what is remembered of them.

import { KIND, type TraceEvent } from "../trace-event.ts";
import type { Area } from "./area.ts";
import type { LineReference } from "./finding.ts";

/** The event at hand. */
export function referenceOf(event: TraceEvent, area?: Area): LineReference {
  const { cpu, fromPage, kind, line, pid, time, toPage } = event;
  const facts = { line, cpu, pid, time, comm: event.comm() };
  if (kind === KIND.PURGE) {
    return {
      ...facts,
      isPurge: true,
      what: `purge, ${event.numPurged} purged`,
      range: [fromPage, Math.max(0, toPage - fromPage)],
    };
  }
  const what = kind === KIND.ALLOC ? `allocated, ${event.size} bytes, align ${event.align}` : "freed";
  return { ...facts, what, range: area ? [area.page, area.pages] : [event.page, 1] };
}

/** The allocation of an area. */
export function allocationOf(area: Area): LineReference {
  const { align, allocCpu: cpu, allocLine: line, allocPid: pid, allocTime: time, page, pages, size } = area;
  const what =
    line > 0
      ? `allocated, ${size} bytes, align ${align}`
      : area.isUnknown
        ? "known by its free only"
        : "live before the trace";
  return { line, what, cpu, pid, time, range: [page, pages] };
}

/** The free of an area. */
export function freeOf(area: Area): LineReference {
  const { freeCpu: cpu, freeLine: line, freePid: pid, freeTime: time, page, pages } = area;
  return { line, what: line > 0 ? "freed" : "lazy before the trace", cpu, pid, time, range: [page, pages] };
}
