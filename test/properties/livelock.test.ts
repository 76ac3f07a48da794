// SPDX-License-Identifier: GPL-2.0-only
//
// Livelocks: what goes round for ever though all go on fairly is found where a run is cut off, and replays exactly; what
// an unfair schedule alone keeps from ending is not.

import { describe, expect, test } from "vitest";
import { call, type KernelCode, site, tail } from "../../explore/sync.ts";
import { GlobalTree } from "../../impl/allocators/global-tree.ts";
import type { AllocatorClass } from "../../impl/allocators/registry.ts";
import { ALARM } from "../../spec/events.ts";
import { replayCounterexample, toCounterexample } from "../../properties/counterexample.ts";
import { mutantOf } from "../../properties/mutants/catalogue.ts";
import { killMutant, shrinkKill, watchedFor } from "../../properties/mutants/kill.ts";
import { type Outcome, Session, type SessionOptions } from "../../properties/session.ts";
import { capture } from "../../properties/shrink/shrink.ts";
import { recordRun } from "../../review/render/record-run.ts";
import type { InvariantId } from "../../spec/invariants.ts";
import { RUN_TO_COMPLETION, type Schedule } from "../../spec/schedule.ts";
import { instanceOf } from "../../spec/small-machine.ts";
import { decodeToken, encodeToken } from "../../spec/token.ts";

const LIVELOCK = new Set<InvariantId>(["INV-LIVELOCK"]);

describe.each(["MU-140", "MU-141", "MU-142"])("%s", (id) => {
  const mutant = mutantOf(id);
  const kill = killMutant(mutant, { seed: "livelock", runs: 200 });
  const least = shrinkKill(kill)!;
  const options = { design: mutant.make, watched: watchedFor(mutant) };
  const kept = toCounterexample(least, options, id);

  test("is minimal, and ends with one whole round", () => {
    expect(least.minimal).toBe(true);
    const { invariant, message, step } = kept.violation;
    expect([invariant, step + 1]).toEqual(["INV-LIVELOCK", least.steps]);
    expect(message).toBe(least.finding.message);
    expect(Number(/from step (\d+) on$/.exec(message)![1])).toBeLessThanOrEqual(step);
  });

  test("replays to the byte, also from its token, and under the eyes of its own invariant only", () => {
    const read = decodeToken(encodeToken(kept), "token");
    if (!("value" in read)) throw new Error("the token cannot be read");
    for (const watched of [options.watched, LIVELOCK]) {
      const { differences, outcome } = replayCounterexample(read.value, { design: mutant.make, watched });
      expect([differences, outcome.finding?.message]).toEqual([[], kept.violation.message]);
    }
  });

  test("is recorded step by step, and no further", () => {
    const { instance, schedule, violation } = kept;
    const { rows, finding, stateDigest, choicesDigest } = recordRun({
      instance,
      schedule,
      violates: "INV-LIVELOCK",
      endsAt: violation.step + 1,
      design: mutant.make,
    });
    expect([rows.length, finding?.message]).toEqual([violation.step + 1, violation.message]);
    expect([stateDigest, choicesDigest]).toEqual([kept.stateDigest, kept.choicesDigest]);
  });

  test("every heap access is right on the way", () => {
    const strict = replayCounterexample(kept, { ...options, strict: true });
    expect(strict.differences).toEqual([]);
  });
});

const FREES = instanceOf(
  "global-tree",
  { space: 4, lazyMax: 0, nodes: 1 },
  "a=alloc(1); free(a)",
  "b=alloc(1); free(b)",
);

// Task 0 has added its page to vmap_lazy_nr and not inserted its area; the drain of v6.6 looks again and again.
const HALF_DONE: Schedule = {
  switches: [
    { at: 0, to: 1 },
    { at: 10, to: 0 },
    { at: 22, to: 2 },
  ],
  choices: [],
};

describe("no verdict", () => {
  const outcomes = (options: SessionOptions): readonly string[] => {
    const session = new Session(FREES, { stepsMax: 60, ...options });
    const { end, steps } = session.replay(HALF_DONE);
    return [end, String(steps), session.sim.digest(), session.runner.decisionDigest()];
  };

  test("on what ends under a fair schedule; and the run stays where it was cut off", () => {
    expect(outcomes({})).toEqual(outcomes({ watched: new Set() }));
    expect(outcomes({}).slice(0, 2)).toEqual(["limit", "60"]);
  });

  const end = (options: SessionOptions, closed?: { liveMax: number }): Outcome["end"] => {
    const { instance, make: design } = mutantOf("MU-140");
    const session = new Session(
      { ...instance, ...(closed && { closed }) },
      { design, stepsMax: 500, ...options },
    );
    return session.replay(RUN_TO_COMPLETION).end;
  };

  test("in a closed instance, of runs whose positions never come again, and if nobody asks", () => {
    expect(end({})).toBe("violation");
    expect(end({ watched: LIVELOCK }, { liveMax: 1 })).toBe("limit");
    expect(end({ live: true })).toBe("limit");
    expect(end({ watched: new Set(["INV-OWN1"]) })).toBe("limit");
  });
});

const S = {
  spin: site("drain_vmap_area_work", "look at vmap_lazy_nr under vmap_purge_lock"),
  look: site("free_vmap_area_noflush", "wait for the drain"),
  warn: site("drain_vmap_area_work", "WARN"),
};

/** Waits for vmap_lazy_nr to fall while it keeps all others from purging. */
class SpinsUnderMutex extends GlobalTree {
  override *drainVmapAreaWork(): KernelCode {
    yield this.lockPurge();
    return tail(this, this.spin);
  }

  *spin(): KernelCode {
    const nr = yield this.kernel.step(S.spin, () => this.lazyNr[0]!);
    if (nr > 0) return tail(this, this.spin);
    yield this.unlockPurge(0);
    return 0;
  }
}

test("who waits for one that goes round is named", () => {
  const instance = instanceOf(
    "global-tree",
    { space: 4, lazyMax: 0, cpus: 1 },
    "a=alloc(1); free(a)",
    "purge",
  );
  const session = new Session(instance, { design: SpinsUnderMutex, watched: LIVELOCK, stepsMax: 500 });
  // Task 1 begins when the drain has the lock.
  const { finding } = session.replay({ switches: [{ at: 12, to: 2 }], choices: [] });
  expect(finding?.message).toMatch(
    /^kworker\/drain_vmap_work goes round in drain_vmap_area_work; task 1 never goes on from mutex_lock; from step \d+ on$/,
  );
});

/** A free waits for the drain, which warns. */
class WarnsOnTheWay extends GlobalTree {
  override *scheduleDrain(): KernelCode {
    yield call(this, super.scheduleDrain);
    return tail(this, this.look);
  }

  *look(): KernelCode {
    const nr = yield this.kernel.step(S.look, () => this.lazyNr[0]!);
    return nr > 0 ? tail(this, this.look) : 0;
  }

  override *drainVmapAreaWork(): KernelCode {
    yield this.kernel.step(S.warn, () => {
      this.kernel.warn(ALARM.NOT_FOUND);
      return 0;
    });
    return tail(this, this.drainVmapAreaWork);
  }
}

test("what the checks see on the fair way comes first", () => {
  const design: AllocatorClass = WarnsOnTheWay;
  const instance = instanceOf("global-tree", { space: 4, lazyMax: 0, cpus: 1 }, "a=alloc(1); free(a)");
  const run = (watched: readonly InvariantId[]): Outcome => {
    const session = new Session(instance, { design, watched: new Set(watched), stepsMax: 500 });
    return session.replay(RUN_TO_COMPLETION);
  };
  // Run to completion, the task looks for ever, and the drain never begins.
  expect(run(["INV-NOWARN"])).toMatchObject({ end: "limit", steps: 500 });
  expect(run(["INV-LIVELOCK"]).finding?.id).toBe("INV-LIVELOCK");
  const both = run(["INV-NOWARN", "INV-LIVELOCK"]);
  expect([both.end, both.finding?.id]).toEqual(["violation", "INV-NOWARN"]);
  expect(both.steps).toBeLessThan(30);
});

test("the run that is told is the last one, and the same when it is made again", () => {
  const { instance, make: design } = mutantOf("MU-142");
  const session = new Session(instance, { design, watched: LIVELOCK, stepsMax: 2000 });
  const { finding, steps } = session.replay(RUN_TO_COMPLETION);
  const run = capture(session, finding!);
  expect([run.steps, run.finding.id]).toEqual([steps, "INV-LIVELOCK"]);
  session.runner.repeatAndCompare();
  const exact = new Session(instance, { design, watched: LIVELOCK, endsAt: steps });
  expect(exact.replay(run.schedule)).toEqual({ end: "violation", steps, finding });
  // Elsewhere it is no end of a round.
  const early = new Session(instance, { design, watched: LIVELOCK, endsAt: 3 });
  expect(early.replay(run.schedule)).toEqual({ end: "limit", steps: 3, finding: undefined });
});
