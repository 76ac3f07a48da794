// SPDX-License-Identifier: GPL-2.0-only
//
// A counterexample as text: the case, the run as a table with the address space as a strip, the invariant that it
// violates, and how to see it again. Plain ASCII, so that it can go into a mail.

import type { Instance } from "../../spec/instance.ts";
import { INVARIANTS, type Invariant, isExpectedToHold } from "../../spec/invariants.ts";
import { configurationLines, programLines } from "./configuration-text.ts";
import { type Paint, PLAIN } from "./paint.ts";
import type { RecordedRun } from "./record-run.ts";
import { runLines } from "./run-table.ts";
import { hanging, WIDTH } from "./text-layout.ts";
import { waitLines } from "./wait-cycle-text.ts";
import { whyLines } from "./why-text.ts";

/** What there is to say beside the run. */
export interface CounterexampleContext {
  /** The mutant that was checked instead of the faithful port. */
  readonly mutant?: { readonly id: string; readonly description: string } | undefined;
  /** The patch of another project that was checked; it replays there. */
  readonly patch?: { readonly name: string; readonly title?: string } | undefined;
  /** Statements of situations, by id: what a run may end in besides the violation of an invariant. */
  readonly situations?: ReadonlyMap<string, string> | undefined;
  /** File that holds the counterexample. */
  readonly file?: string | undefined;
  readonly token?: string | undefined;
  readonly width?: number | undefined;
  readonly paint?: Paint | undefined;
}

/** Longest token that is worth printing: some lines of a terminal. */
export const TOKEN_SHOWN_MAX = 1200;

/** The whole text, without a final newline. */
export function renderCounterexample(run: RecordedRun, context: CounterexampleContext = {}): string {
  const { width = WIDTH, paint = PLAIN } = context;
  const { instance, finding } = run;
  return [
    paint.heading(titleOf(run, context)),
    "",
    ...configurationLines(instance, width),
    ...programLines(instance, width),
    "",
    ...runLines(run, width),
    "",
    ...(finding ? verdictLines(run, context, width, paint) : ["The run ends and violates nothing."]),
    ...replayLines(context),
  ].join("\n");
}

function titleOf({ instance, finding }: RecordedRun, { mutant, patch }: CounterexampleContext): string {
  const what = finding ? `Counterexample to ${finding.id}` : "A run";
  const changed = mutant ? `, mutant ${mutant.id}` : patch ? ` with the patch ${patch.name}` : "";
  return `${what} in ${instance.allocator}${changed}`;
}

function verdictLines(
  run: RecordedRun,
  context: CounterexampleContext,
  width: number,
  paint: Paint,
): readonly string[] {
  const { finding, instance } = run;
  if (!finding) return [];
  const invariant: Invariant | undefined = INVARIANTS.find(({ id }) => id === finding.id);
  const after = run.rows.length === 0 ? "at once" : `after step ${run.rows.length - 1}`;
  const { mutant, patch } = context;
  const situation = context.situations?.get(finding.id);
  const verdict = invariant ? paint.bad("VIOLATED") : paint.open("REACHED");
  return [
    `${verdict} ${after}: ${finding.id}`,
    ...(invariant ? hanging("  rule:  ", invariant.statement, width) : []),
    ...(situation ? hanging("  what:  ", situation, width) : []),
    ...hanging("  found: ", finding.message, width),
    ...(invariant && !mutant && !patch ? knownLines(invariant, instance, width) : []),
    ...(mutant ? hanging("  cause: ", mutant.description, width) : []),
    ...(patch?.title === undefined ? [] : hanging("  patch: ", patch.title, width)),
    ...(run.waits ? ["", ...waitLines(run.waits)] : []),
    ...(run.why ? ["", ...whyLines(run.why, width)] : []),
  ];
}

/** Whether the catalogue expects the design to violate this. */
function knownLines(invariant: Invariant, instance: Instance, width: number): readonly string[] {
  const { allocator } = instance;
  const expected = invariant.designs[allocator];
  if (expected?.verdict !== "violated" || isExpectedToHold(invariant.id, allocator, [instance])) return [];
  return hanging("  known: ", `expected of ${allocator}, see ${expected.by.join(", ")}`, width);
}

function replayLines({ file, patch, token }: CounterexampleContext): readonly string[] {
  const argument = file ?? token;
  if (argument === undefined) return [];
  if (file === undefined && argument.length > TOKEN_SHOWN_MAX) {
    const how = patch ? "encodeToken() makes it" : "--out keeps it in a file for vmapcheck replay";
    return ["", `Its token is too long to print; ${how}.`];
  }
  if (patch) return ["", "Replay, where the patch is defined:", `  replayPatch(patch, "${argument}")`];
  return ["", "Replay:", `  vmapcheck replay ${quotedForShell(argument)}`];
}

/** A file name as a shell takes it. */
export function quotedForShell(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", String.raw`'\''`)}'`;
}
