// SPDX-License-Identifier: GPL-2.0-only
//
// Events of a trace in short: one per line, `TASK/CPU what`, pages of 4 KiB.
//   7/0 alloc 100+4 align=2 window=0..1000     alloc_vmap_area (defaults: align one page, window 0..2^20)
//   7/0 alloc failed                           one that failed
//   7/0 free 100 nr_lazy=4                     free_vmap_area_noflush (100.8 is 8 bytes into page 100)
//   7/0 purge 100..104 1                       purge_vmap_area_lazy with num_purged
//   lost 0 / overwritten / started 0 / unreadable   losses

import { TraceChecker, type CheckerOptions } from "../../trace/check/trace-checker.ts";
import type { ListedArea } from "../../trace/check/final-state.ts";
import { PAGE_BYTES, type TraceEvent, type TraceLoss } from "../../trace/trace-event.ts";
import { allocation, free, purge } from "./handwritten-events.ts";

/** An event or a loss; the number of the line is its place in the script, from 1. */
export function scripted(text: string): readonly (TraceEvent | TraceLoss)[] {
  return text
    .trim()
    .split("\n")
    .map((line, i) => scriptedLine(line.trim(), i + 1));
}

/** Whether it is an event. */
export function isEvent(each: TraceEvent | TraceLoss): each is TraceEvent {
  return "pid" in each;
}

function scriptedLine(text: string, line: number): TraceEvent | TraceLoss {
  const loss = /^(lost|overwritten|started|unreadable)(?: (\d+))?$/.exec(text);
  if (loss) {
    const kind = loss[1] as TraceLoss["kind"];
    return { kind, line, cpu: loss[2] === undefined ? undefined : Number(loss[2]), events: undefined };
  }
  const parts = /^(\d+)\/(\d+) (alloc|free|purge) (\S+)(.*)$/.exec(text);
  if (!parts) throw new Error(`line ${line} of the script: ${text}`);
  const [, pid, cpu, what, where, rest] = parts;
  const field = (name: string): string | undefined => new RegExp(` ${name}=(\\S+)`).exec(rest!)?.[1];
  const base = { line, pid: Number(pid), cpu: Number(cpu), time: line * 10 };
  const [, page, offset = "0", pages = "0"] = /^(\d+)(?:\.(\d+))?(?:\+([\d.]+))?/.exec(where!) ?? [];
  if (what === "alloc") {
    const [from, to] = (field("window") ?? "0..1048576").split("..");
    const align = Number(field("align") ?? "1") * PAGE_BYTES;
    const size = Number(pages) * PAGE_BYTES;
    const window = { fromPage: Number(from), toPage: Number(to) };
    if (where === "failed") return allocation({ ...base, ...window, failed: true, size: PAGE_BYTES, align });
    return allocation({ ...base, ...window, page: Number(page), offset: Number(offset), size, align });
  }
  if (what === "free") {
    const nrLazy = Number(field("nr_lazy") ?? "0");
    return free({ ...base, page: Number(page), offset: Number(offset), nrLazy, nrLazyMax: 1000 });
  }
  const [from, to] = where!.split("..");
  const numPurged = Number(rest);
  return purge({ ...base, fromPage: Number(from), toPage: Number(to), numPurged });
}

/** What a checker hears. */
export function feed(checker: TraceChecker, text: string): void {
  for (const each of scripted(text)) {
    if (isEvent(each)) checker.event(each);
    else checker.loss(each);
  }
}

/** Findings of a script as `RULE verdict line`. */
export function findingsOf(
  text: string,
  { final, cpus = 2, ...options }: CheckerOptions & { final?: readonly ListedArea[]; cpus?: number } = {},
): string[] {
  const checker = new TraceChecker(options);
  feed(checker, text);
  checker.end(cpus, final);
  return checker.findings.kept.map(({ rule, verdict, line }) => `${rule} ${verdict} ${line}`);
}

/** An area of a list. */
export function listed(
  page: number,
  pages: number,
  what: { isLazy?: boolean; isChunk?: boolean } = {},
): ListedArea {
  return { page, pages, isLazy: what.isLazy ?? false, isChunk: what.isChunk ?? false };
}
