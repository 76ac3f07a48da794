// SPDX-License-Identifier: GPL-2.0-only
//
// Whether the code of a patch is simulated code at all: the same steps from the same state do the same. A search takes that
// for granted, and a patch that keeps something in a field would get a verdict on nothing.

import { createRng } from "../../explore/rng.ts";
import { NondeterminismError } from "../../explore/runner.ts";
import { RandomStrategy } from "../../explore/strategies/random.ts";
import { Session, type SessionOptions } from "../../properties/session.ts";
import { capture, type FailingRun } from "../../properties/shrink/shrink.ts";
import type { Instance } from "../../spec/instance.ts";
import type { Patch } from "./patch.ts";

const RUNS = 32;

/** Most steps of a run: the tasks of a closed instance never end. */
const STEPS_MAX = 400;

/**
 * Runs a patch some times with every heap access checked, each run twice. Returns a run that breaks the rules of steps
 * (INV-STRICT), if there is one; throws a NondeterminismError, as `blaming` words it, if a run does not repeat itself.
 */
export function checkDiscipline(
  patch: Patch,
  instance: Instance,
): { readonly run: FailingRun; readonly options: SessionOptions } | undefined {
  const { design } = patch;
  const options = { design, watched: new Set(["INV-STRICT"] as const), strict: true, stepsMax: STEPS_MAX };
  return blaming(patch, () => {
    const session = new Session(instance, options);
    const strategy = new RandomStrategy(createRng("discipline"), session.profile);
    for (let i = 0; i < RUNS; i++) {
      const { finding } = session.run(strategy);
      if (finding) return { run: capture(session, finding), options };
      session.runner.repeatAndCompare();
    }
    return undefined;
  });
}

/** Does work with a patch. A run that does not repeat itself is the fault of the patch, and the error says so. */
export function blaming<T>({ name }: Patch, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof NondeterminismError)) throw error;
    throw new NondeterminismError(
      `the patch ${name} does not do the same twice: all of its state has to lie in the heap ` +
        `(this.kernel.heap.words), none in fields of the class or outside it; ${error.message}`,
    );
  }
}
