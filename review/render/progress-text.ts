// SPDX-License-Identifier: GPL-2.0-only
//
// One line that says how far long work has come.

import type { Progress, SearchFigures } from "../report.ts";
import { grouped } from "./text-layout.ts";

/** The line; `seconds` is the time that the work has taken so far. */
export function progressText(progress: Progress, seconds: number, width: number): string {
  const { phase, item, runs, steps, fraction, search } = progress;
  if (search) return fitting([...phaseParts(phase), ...searchParts(search, seconds)], width);
  const share = Math.min(1, Math.max(0, fraction));
  const rate = seconds > 0 ? runs / seconds : 0;
  const parts = [
    `${Math.floor(share * 100)}%`,
    item === "" ? phase : `${phase} ${item}`,
    `${grouped(runs)} runs`,
    ...(steps === 0 ? [] : [`${grouped(steps)} steps`]),
    `${grouped(rate)} runs/s`,
    `${durationText(seconds)}`,
    ...(share >= 0.02 && share < 1 && seconds >= 1
      ? [`about ${durationText((seconds * (1 - share)) / share)} left`]
      : []),
  ];
  return fitting(parts, width);
}

// Something was found, by several workers or with steps merged.
function phaseParts(phase: string): readonly string[] {
  return phase === "shortest" ? ["found; looking for a shortest way:"] : [];
}

function searchParts({ states, depth, frontier, bytes }: SearchFigures, seconds: number): readonly string[] {
  return [
    `${grouped(states)} states`,
    `${grouped(seconds > 0 ? states / seconds : 0)} states/s`,
    `depth ${grouped(depth)}`,
    `frontier ${grouped(frontier)}`,
    `${grouped(bytes / 2 ** 20)} MiB`,
    durationText(seconds),
  ];
}

function fitting(parts: readonly string[], width: number): string {
  const line = parts.join("  ");
  return line.length <= width ? line : line.slice(0, Math.max(0, width));
}

/** "8 s", "3 min 20 s", "2 h 05 min". */
export function durationText(seconds: number): string {
  const s = Math.round(seconds);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${String(s % 60).padStart(2, "0")} s`;
  return `${Math.floor(s / 3600)} h ${String(Math.floor((s % 3600) / 60)).padStart(2, "0")} min`;
}
