// SPDX-License-Identifier: GPL-2.0-only
//
// The job of `mutants`: hunts each mistake until an invariant sees it, and each repair until it is clear that the
// faithful port shows the defect and the repaired design does not.

import { toCounterexample } from "../../properties/counterexample.ts";
import { mutantOf } from "../../properties/mutants/catalogue.ts";
import { killMutant, operationsOf, shrinkKill, watchedFor } from "../../properties/mutants/kill.ts";
import type { Mutant } from "../../properties/mutants/mutant.ts";
import type { Counterexample } from "../../spec/counterexample.ts";
import type { AllocatorId } from "../../spec/instance.ts";
import type { Watcher } from "./job.ts";

/** Which mutants, and how hard. */
export interface MutantsRequest {
  readonly ids: readonly string[];
  readonly seed: string;
  /** Most interleavings of each. */
  readonly runs: number;
  readonly shrink: boolean;
}

/** What became of a mutant. */
export interface MutantRow {
  readonly id: string;
  readonly kind: Mutant["kind"];
  readonly base: AllocatorId;
  readonly title: string;
  /** One of the expected invariants saw the mistake, or the repair cures the defect. */
  readonly killed: boolean;
  /** The invariant that saw it, or that the repair cures. */
  readonly by?: string | undefined;
  /** One line: what was found, or what was missed. */
  readonly text: string;
  /** Interleavings that it took; 0 for a computation. */
  readonly runs: number;
  /** Whether it took the check of every heap access. */
  readonly strict: boolean;
  /** Of the smallest counterexample. */
  readonly operations?: number | undefined;
  readonly steps?: number | undefined;
  readonly counterexample?: Counterexample | undefined;
}

/** All rows, as far as the work came. */
export interface MutantsReport {
  readonly planned: number;
  readonly rows: readonly MutantRow[];
}

/** Hunts all mutants of a request. */
export function hunted(request: MutantsRequest, watcher: Watcher<MutantsReport>): MutantsReport {
  const rows: MutantRow[] = [];
  const planned = request.ids.length;
  const report = (): MutantsReport => ({ planned, rows: [...rows] });
  for (const [i, id] of request.ids.entries()) {
    const runs = rows.reduce((sum, row) => sum + row.runs, 0);
    const progress = { phase: "mutant", item: id, runs, steps: 0, fraction: i / planned };
    if (watcher.tick(progress)) break;
    const mutant = mutantOf(id);
    if (!mutant) throw new Error(`no mutant ${id} in the catalogue`);
    rows.push(rowOf(mutant, request));
    watcher.keep(report());
  }
  return report();
}

function rowOf(mutant: Mutant, { seed, runs, shrink }: MutantsRequest): MutantRow {
  const kill = killMutant(mutant, { seed, runs });
  const { killed, killedBy, text, caught } = kill;
  const strict = caught?.session.sim.kernel.heap.strict !== undefined;
  const { id, kind, base, title } = mutant;
  const row = { id, kind, base, title, killed, by: killedBy, text, runs: kill.runs, strict };
  const least = shrink ? shrinkKill(kill) : undefined;
  if (!least) return row;
  const options = { design: mutant.make, watched: watchedFor(mutant), strict };
  return {
    ...row,
    operations: operationsOf(least.instance),
    steps: least.steps,
    counterexample: toCounterexample(least, options, mutant.id),
  };
}
