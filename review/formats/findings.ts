// SPDX-License-Identifier: GPL-2.0-only
//
// What in a report wants a reader: problems and what is open, each once and the most relevant first, with a place in the
// sources and an id that stays the same from run to run.

import { canonicalJson } from "../../spec/canonical-json.ts";
import { checksum } from "../../spec/checksum.ts";
import type { AllocatorId } from "../../spec/instance.ts";
import type { CheckReport } from "../report.ts";
import { checksIn, type OutlineCheck, type PlacedCheck } from "./outline.ts";
import { outlineOf } from "./report-outline.ts";

/** A check that did not pass, or a refuted claim. */
export interface ReportFinding extends PlacedCheck {
  /** 16 hexadecimal digits, from its place in the outline and its rule only. */
  readonly id: string;
  /** The file of the port that it is about, relative to the root of the sources. */
  readonly file: string;
}

/** What is not about one design lies with the gate. */
const GATE_FILE = "review/check.ts";

// Violations of a port come before doubts about the checks; the group that repeats others comes last.
const ORDER = ["campaigns", "instances", "patches", "corpus", "scenarios", "mutants", "plan", "invariants"];

/** The checks that failed; an invariant that another finding is already about is not told twice. */
export function failedIn(report: CheckReport): readonly ReportFinding[] {
  const failed = findingsIn(report, ({ ending }) => ending === "failed");
  const told = new Set(
    failed.filter(({ path }) => path[0] !== "invariants").map(({ check }) => topic(check)),
  );
  return failed.filter(({ path, check }) => path[0] !== "invariants" || !told.has(topic(check)));
}

/** The checks that were not decided. */
export function openIn(report: CheckReport): readonly ReportFinding[] {
  return findingsIn(report, ({ ending }) => ending === "not-decided");
}

/** Refuted claims whose verdict is the one on record. */
export function refutedIn(report: CheckReport): readonly ReportFinding[] {
  return findingsIn(report, ({ ending, refuted }) => refuted === true && ending === "passed");
}

/** One line for a finding. */
export function findingText({ check: { name, notes, title } }: ReportFinding): string {
  return `${name}: ${notes[0] ?? title}`;
}

/** The file of a design's port, relative to the root of the sources. */
export function fileOf(allocator: AllocatorId | undefined): string {
  return allocator === undefined ? GATE_FILE : `impl/allocators/${allocator}.ts`;
}

function findingsIn(report: CheckReport, is: (check: OutlineCheck) => boolean): readonly ReportFinding[] {
  const rank = ({ path }: PlacedCheck): number => ORDER.indexOf(path[0] ?? "");
  return checksIn(outlineOf(report))
    .filter(({ check }) => is(check))
    .map(({ path, check }) => ({
      path,
      check,
      id: checksum(canonicalJson([...path, check.name, check.rule])),
      file: fileOf(check.allocator),
    }))
    .sort((a, b) => rank(a) - rank(b));
}

function topic({ rule, allocator }: OutlineCheck): string {
  return `${rule} ${allocator ?? ""}`;
}
