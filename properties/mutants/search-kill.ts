// SPDX-License-Identifier: GPL-2.0-only
//
// Kills mutants by a search of all states of their instances: what comes first there has a shortest way to it.

import { SEARCHED, searchInstance } from "../search/search-instance.ts";
import { watchedFor } from "./kill.ts";
import type { Mutant } from "./mutant.ts";

/** What a search makes of a mutant. */
export interface SearchKill {
  /** Whether it came out as the catalogue says. */
  readonly killed: boolean;
  /** What was found or missed. */
  readonly text: string;
  /** Steps of a shortest counterexample: of a mistake, or of the defect that a repair cures. */
  readonly steps: number | undefined;
}

/**
 * Searches the instance of a mistake for what must see it, or shows the defect without the repair and searches all
 * states of the repaired design in vain. Undefined if only a computation, the check of every heap access or a fair run
 * sees it.
 */
export function killBySearch(mutant: Mutant, statesMax: number): SearchKill | undefined {
  if (mutant.kind === "mistake" && (mutant.computed || mutant.strictOnly)) return undefined;
  const { instance, make } = mutant;
  const watched = watchedFor(mutant);
  const wanted = mutant.kind === "repair" ? [mutant.cures] : mutant.killedBy;
  if (!wanted.some((id) => SEARCHED.has(id))) return undefined;
  const seen = searchInstance(instance, watched, {
    statesMax,
    design: mutant.kind === "repair" ? mutant.beside : make,
  });
  const steps = seen.trace?.length;
  const found = seen.finding ? `${seen.finding.id}: ${seen.finding.message}` : `nothing (${seen.end})`;
  if (!wanted.some((id) => id === seen.finding?.id)) {
    return { killed: false, text: `a search sees ${found}`, steps };
  }
  if (mutant.kind === "mistake") return { killed: true, text: found, steps };
  const cured = searchInstance(instance, watched, { statesMax, design: make });
  if (cured.end === "exhausted") return { killed: true, text: `cured: ${found}`, steps };
  const left = cured.finding ? `${cured.finding.id}: ${cured.finding.message}` : cured.end;
  return { killed: false, text: `a search of the repaired design sees ${left}`, steps };
}
