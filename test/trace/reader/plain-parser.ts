// SPDX-License-Identifier: GPL-2.0-only
//
// What a line of a trace says, by regular expressions and whole numbers of any size: slow, and nothing in common with the
// reader. Works on text of which each character is one byte.

import { KIND } from "../../../trace/trace-event.ts";
import type { ReadEvent } from "./read-text.ts";

const REST =
  "-(?<pid>[0-9]{1,9}) +(?:\\([-0-9 ]{0,12}\\) +)?\\[(?<cpu>[0-9]{1,9})\\] +(?:(?![0-9])(?<flags>[!-~]{4,16}) +)?" +
  "(?<whole>[0-9]{1,20})(?:\\.(?<fraction>[0-9]{9}|[0-9]{6}))?: *(?<name>[^ :(]+):(?<body>.*)$";
const HEADS = [new RegExp(`^(?<comm>.{16})${REST}`, "su"), new RegExp(`^ *(?<comm>.{0,16}?)${REST}`, "su")];

const FIELDS: Readonly<Record<string, readonly string[]>> = {
  alloc_vmap_area: ["va_start", "size", "align", "vstart", "vend", "failed"],
  free_vmap_area_noflush: ["va_start", "nr_lazy", "nr_lazy_max"],
  purge_vmap_area_lazy: ["start", "end", "num_purged"],
};
const FIELD = /^ *(?<key>\w+)(?:=|: *)(?<value>[^ ]+)(?: +\[\w+\](?= |$))?/u;

/** The event, without its line, or undefined if the text does not say one of the three. */
export function plainEvent(text: string): Omit<ReadEvent, "line"> | undefined {
  const line = text.endsWith("\r") ? text.slice(0, -1) : text;
  if (line.startsWith("#")) return undefined;
  const head = HEADS.map((pattern) => pattern.exec(line)?.groups).find((groups) => groups !== undefined);
  const kind = Object.keys(FIELDS).indexOf(head?.["name"] ?? "");
  if (head === undefined || kind < 0 || Number(head["cpu"]) > 65_535) return undefined;
  const fields = plainFields(head["body"] ?? "", FIELDS[head["name"] ?? ""] ?? []);
  if (fields === undefined || BigInt(head["whole"] ?? "") >= 2n ** 64n) return undefined;
  const value = (key: string): bigint => fields.get(key) ?? 0n;
  if (value("failed") > 1n || value("num_purged") >= 2n ** 32n) return undefined;
  const whole = Number(head["whole"]);
  const fraction = head["fraction"];
  const flags = head["flags"];
  return {
    kind: [KIND.ALLOC, KIND.FREE, KIND.PURGE][kind] ?? -1,
    comm: (head["comm"] ?? "").replace(/^ +/u, ""),
    pid: Number(head["pid"]),
    cpu: Number(head["cpu"]),
    inInterrupt: flags === undefined ? undefined : "hHszZ".includes(flags.charAt(2)),
    time:
      fraction === undefined
        ? whole
        : fraction.length === 6
          ? whole * 1e6 + Number(fraction)
          : (whole * 1e9 + Number(fraction)) / 1000,
    address: value("va_start"),
    from: value(kind === 2 ? "start" : "vstart"),
    to: value(kind === 2 ? "end" : "vend"),
    size: Number(value("size")),
    align: Number(value("align")),
    failed: value("failed") === 1n,
    nrLazy: Number(value("nr_lazy")),
    nrLazyMax: Number(value("nr_lazy_max")),
    numPurged: Number(value("num_purged")),
  };
}

/** Whether the text names one of the events where an event's name belongs, as no other tracer prints it. */
export function namesEvent(text: string): boolean {
  return /^[^[]*\[\d+\] [^:]*\d: *(?:alloc_vmap_area|free_vmap_area_noflush|purge_vmap_area_lazy)(?:: *| +)\w+[:=]/u.test(
    text,
  );
}

function plainFields(body: string, keys: readonly string[]): Map<string, bigint> | undefined {
  const fields = new Map<string, bigint>();
  let rest = body;
  while (/[^ ]/u.test(rest)) {
    const found = FIELD.exec(rest);
    const { key, value } = found?.groups ?? {};
    if (found === null || key === undefined || value === undefined) return undefined;
    rest = rest.slice(found[0].length);
    if (!keys.includes(key)) continue;
    // A known field has no name of a module behind it, and no more digits than 64 bits may need.
    if (fields.has(key) || !/^(?:0[xX][0-9a-fA-F]{1,16}|[0-9]{1,20})$/u.test(value) || found[0].endsWith("]"))
      return undefined;
    const number = BigInt(value);
    if (number >= 2n ** 64n) return undefined;
    fields.set(key, number);
  }
  return keys.every((key) => fields.has(key)) ? fields : undefined;
}
