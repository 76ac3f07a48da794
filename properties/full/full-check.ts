// SPDX-License-Identifier: GPL-2.0-only
//
// The full check: every rule of a state over the whole heap, as a pure function of it. It is slow and shares
// nothing with the checks of every step except the table of places, so that each can be tested by the other.

import type { Simulation } from "../../impl/simulation.ts";
import { PAGE } from "../../model/abstraction.ts";
import type { ReferenceModel } from "../../model/reference-model.ts";
import { isInvariantId } from "../../spec/invariants.ts";
import type { Finding } from "../finding.ts";
import type { Session } from "../session.ts";
import { meaningProblem, type Ownership, ownership, staleProblem } from "./abstraction.ts";
import { counterProblem, recordProblem } from "./records.ts";
import { structureProblem } from "./structure.ts";

/** The first watched rule that the state of a session breaks, its model included. O(pages + records). */
export function fullCheck(session: Session): Finding | undefined {
  const { sim, checker } = session;
  const watches = (id: string): boolean => !isInvariantId(id) || checker.watches(id);
  return sim.kernel.heap.racy(() => stateProblem(sim, checker.model, watches));
}

/**
 * The first rule that a state breaks, of those that are watched; without a model, what the heap alone can tell. If pages
 * are in two places at once, what their places mean is not asked. O(pages + records).
 */
export function stateProblem(
  sim: Simulation,
  model?: ReferenceModel,
  watches: (id: string) => boolean = () => true,
): Finding | undefined {
  for (const problemOf of [structureProblem, recordProblem, counterProblem]) {
    const problem = problemOf(sim);
    if (problem && watches(problem.id)) return problem;
  }
  const owned = ownership(sim);
  if (isFinding(owned)) return watches(owned.id) ? owned : undefined;
  return (
    staleProblem(sim, owned, PAGE.FREED, PAGE.LIVE) ?? (model ? meaningProblem(sim, owned, model) : undefined)
  );
}

function isFinding(result: Ownership | Finding): result is Finding {
  return "message" in result;
}
