// SPDX-License-Identifier: GPL-2.0-only
//
// Lines that say something about the trace and not about an event: headers, comments, losses.

import type { TraceLoss } from "../trace-event.ts";
import { CPU_MAX } from "./line-event.ts";

/** What such a line says. */
export interface Notice {
  /** Whose line it is, if only one program prints it. */
  readonly format?: "ftrace" | "trace-cmd";
  readonly cpus?: number;
  readonly entries?: { readonly inBuffer: number; readonly written: number };
  readonly loss?: Pick<TraceLoss, "cpu" | "events" | "kind">;
}

const NOTHING: Notice = {};
const FTRACE: Notice = { format: "ftrace" };
const TRACE_CMD: Notice = { format: "trace-cmd" };

const ENTRIES = /^# entries-in-buffer\/entries-written: (\d{1,15})\/(\d{1,15})(?: +#P:(\d{1,5}))?$/;
const STARTED = /^##### CPU (\d{1,5}) buffer started ####$/;
const LOST = /^CPU:(\d{1,5}) \[(?:LOST (?:(\d{1,15}) )?EVENTS|(?:(\d{1,15}) )?EVENTS DROPPED)\]$/;
const CPUS = /^cpus=(\d{1,5})$/;
const TRACE_CMD_ONLY = /^(?:version = \d+|CPU \d+ is empty)$/;
const LATENCY = /^# \S+ latency trace v/;
/** What comes near to a line that matters is no comment, but damaged. */
const NEARLY = /^#####|^# *entries-in-buffer/;
/** A line of a stack below "<stack trace>". */
const CALLER = /^ => \S/;

/** The line, without its line break, or undefined if it is no notice, with `whyNot` for some of these. */
export function readNotice(line: string): Notice | undefined {
  const text = line.trimEnd();
  if (text === "") return NOTHING;
  if (text.startsWith("#")) return readComment(text);
  const lost = LOST.exec(text);
  if (lost) {
    const count = lost[2] ?? lost[3];
    const cpu = Number(lost[1]);
    if (cpu > CPU_MAX) return undefined;
    return { loss: { cpu, events: count === undefined ? undefined : Number(count), kind: "lost" } };
  }
  const cpus = CPUS.exec(text);
  if (cpus) return { format: "trace-cmd", cpus: Number(cpus[1]) };
  if (TRACE_CMD_ONLY.test(text)) return TRACE_CMD;
  return CALLER.test(text) ? NOTHING : undefined;
}

/** What is expected in place of a line that is no notice; undefined if there is nothing to say but that. */
export function whyNoNotice(line: string): string | undefined {
  if (LATENCY.test(line)) return "the default format of a trace, which has no option latency-format";
  if (line.startsWith("#####")) return "##### CPU n buffer started ####";
  if (line.startsWith("#")) return "# entries-in-buffer/entries-written: n/n   #P:n";
  return line.startsWith("CPU:") ? "CPU:n [LOST n EVENTS] or CPU:n [n EVENTS DROPPED]" : undefined;
}

function readComment(text: string): Notice | undefined {
  if (text.startsWith("# tracer:")) return FTRACE;
  const entries = ENTRIES.exec(text);
  if (entries) return readEntries(Number(entries[1]), Number(entries[2]), entries[3]);
  const started = STARTED.exec(text);
  if (started && Number(started[1]) <= CPU_MAX) {
    return { loss: { cpu: Number(started[1]), events: undefined, kind: "started" } };
  }
  return NEARLY.test(text) || LATENCY.test(text) ? undefined : NOTHING;
}

function readEntries(inBuffer: number, written: number, cpus: string | undefined): Notice {
  const missing = written - inBuffer;
  return {
    format: "ftrace",
    entries: { inBuffer, written },
    ...(cpus === undefined ? {} : { cpus: Number(cpus) }),
    ...(missing > 0 ? { loss: { cpu: undefined, events: missing, kind: "overwritten" } } : {}),
  };
}
