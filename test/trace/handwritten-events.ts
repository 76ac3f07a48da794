// SPDX-License-Identifier: GPL-2.0-only
//
// Events of a vmalloc trace for tests: what a test does not name is 0.

import { KIND, type TraceEvent } from "../../trace/trace-event.ts";

/** What a test says of an event. */
export type EventParts = Partial<Omit<TraceEvent, "kind" | "comm">> & { readonly comm?: string };

/** An allocation: of one page, in the pages from 0 to 2^40, if nothing else is said. */
export function allocation(parts: EventParts): TraceEvent {
  return event(KIND.ALLOC, { size: 4096, align: 1, toPage: 2 ** 40, ...parts });
}

/** A free. */
export function free(parts: EventParts): TraceEvent {
  return event(KIND.FREE, parts);
}

/** A purge. */
export function purge(parts: EventParts): TraceEvent {
  return event(KIND.PURGE, parts);
}

function event(kind: number, { comm = "task", ...parts }: EventParts): TraceEvent {
  return {
    kind,
    line: 0,
    cpu: 0,
    pid: 1,
    inInterrupt: false,
    time: 0,
    page: 0,
    offset: 0,
    size: 0,
    align: 0,
    failed: false,
    fromPage: 0,
    fromOffset: 0,
    toPage: 0,
    toOffset: 0,
    nrLazy: 0,
    nrLazyMax: 0,
    numPurged: 0,
    ...parts,
    comm: () => comm,
  };
}
