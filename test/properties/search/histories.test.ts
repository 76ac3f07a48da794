// SPDX-License-Identifier: GPL-2.0-only
// What the checks know and remember can be taken away and put back: a run that is torn from its state after every step,
// and set into another one in between, comes to the same finding at the same step.
import { describe, expect, test } from "vitest";
import { InternedExecutor } from "../../../explore/positions.ts";
import { createRng } from "../../../explore/rng.ts";
import { Runner } from "../../../explore/runner.ts";
import { RandomStrategy } from "../../../explore/strategies/random.ts";
import type { AllocatorClass } from "../../../impl/allocators/registry.ts";
import { campaignOf } from "../../../properties/campaigns/catalogue.ts";
import { isDeadlock } from "../../../properties/deadlock.ts";
import type { Finding } from "../../../properties/finding.ts";
import { MISTAKES, mutantOf } from "../../../properties/mutants/catalogue.ts";
import { watchedFor } from "../../../properties/mutants/kill.ts";
import { Searched } from "../../../properties/search/search-monitor.ts";
import { Session } from "../../../properties/session.ts";
import type { Instance } from "../../../spec/instance.ts";
import { INVARIANTS, type InvariantId } from "../../../spec/invariants.ts";

const RUNS = 40;

/** How each run ended. */
type Ends = readonly (readonly [steps: number, finding: string | undefined])[];

function whole(instance: Instance, watched: ReadonlySet<InvariantId>, design?: AllocatorClass): Ends {
  const session = new Session(instance, { watched, design });
  const strategy = new RandomStrategy(createRng("histories"), session.profile);
  return Array.from({ length: RUNS }, () => {
    const { steps, finding } = session.run(strategy);
    return [steps, nameOf(finding)];
  });
}

// Which kind of deadlock it is follows from who waits for what, and a torn run's search does not see where all are.
function nameOf(finding: Finding | undefined): string | undefined {
  return isDeadlock(finding) ? "INV-DEADLOCK" : finding?.id;
}

function torn(
  instance: Instance,
  watched: ReadonlySet<InvariantId>,
  design?: AllocatorClass,
  past = true,
): Ends {
  const searched = new Searched(instance, watched, { design, past });
  const { system } = searched;
  const elsewhere = system.snapshot();
  // The state before the last step.
  let before = elsewhere;
  const tear = (): void => {
    const here = system.snapshot();
    system.restore(before);
    before = here;
    system.restore(here);
    searched.enter();
  };
  const runner = new Runner(system, {
    reset: () => {
      searched.finding = undefined;
      searched.enter();
    },
    afterStep: (process) => {
      const wrong = searched.checkStep(process);
      if (!wrong) tear();
      return wrong;
    },
    atQuiescence: () => searched.atEnd(false),
  });
  searched.attach(new InternedExecutor(system));
  const session = new Session(instance, { watched, design });
  const strategy = new RandomStrategy(createRng("histories"), session.profile);
  return Array.from({ length: RUNS }, () => {
    const { end, steps } = runner.run(strategy);
    if (end === "deadlock") searched.atEnd(true);
    return [steps, nameOf(searched.finding)];
  });
}

// Of what always is watched in a search, a run must watch as much.
const withGround = (watched: ReadonlySet<InvariantId>): ReadonlySet<InvariantId> =>
  new Set<InvariantId>([...watched, "INV-REFINE", "INV-OWN1", "INV-CONSERVE", "INV-BLOCK-EDGE"]);

// The order between locks is one of all runs, and a livelock is what comes of a run: neither is of a state.
const TORN = MISTAKES.filter(
  ({ killedBy }) => !killedBy.includes("INV-LOCKORDER") && !killedBy.includes("INV-LIVELOCK"),
);

describe.each(TORN.map((mutant) => [mutant.id, mutant] as const))("%s", (_id, mutant) => {
  test("is seen at the same step", () => {
    const watched = withGround(watchedFor(mutant));
    const expected = whole(mutant.instance, watched, mutant.make);
    expect(torn(mutant.instance, watched, mutant.make)).toEqual(expected);
  });
});

test("what is forgotten is not seen", () => {
  const { instance, make } = mutantOf("MU-43");
  const seen = (past: boolean): boolean =>
    torn(instance, new Set(["INV-DRAIN"]), make, past).some(([, finding]) => finding === "INV-DRAIN");
  expect([seen(true), seen(false)]).toEqual([true, false]);
});

test("the mistakes are seen in many runs", () => {
  const seen = TORN.filter((mutant) =>
    whole(mutant.instance, watchedFor(mutant), mutant.make).some(([, finding]) => finding),
  );
  expect(seen.length).toBeGreaterThan(TORN.length * 0.8);
});

test.each(["node-blocks-stranded", "node-blocks-small", "node-index-small"])("%s: all invariants", (id) => {
  const all = new Set(INVARIANTS.map((invariant) => invariant.id));
  for (const instance of campaignOf(id).instances) {
    expect(torn(instance, all)).toEqual(whole(instance, all));
  }
});
