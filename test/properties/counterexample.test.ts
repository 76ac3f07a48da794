// SPDX-License-Identifier: GPL-2.0-only
// Counterexamples: kept as text or token they replay exactly, and whatever changes shows as a difference.
import { describe, expect, it } from "vitest";
import type { AllocatorClass } from "../../impl/allocators/registry.ts";
import { SITUATIONS } from "../../properties/campaigns/catalogue.ts";
import { instanceOf } from "../../spec/small-machine.ts";
import { replayCounterexample, toCounterexample } from "../../properties/counterexample.ts";
import { huntInstance, newStats } from "../../properties/hunt.ts";
import { mutantOf, MUTANTS } from "../../properties/mutants/catalogue.ts";
import { killMutant, shrinkKill, watchedFor } from "../../properties/mutants/kill.ts";
import { SCENARIOS } from "../../properties/scenarios/catalogue.ts";
import { runScenario } from "../../properties/scenarios/scenario.ts";
import type { SessionOptions } from "../../properties/session.ts";
import { capture, shrink } from "../../properties/shrink/shrink.ts";
import type { Counterexample } from "../../spec/counterexample.ts";
import { parseCounterexample, printCounterexample } from "../../spec/counterexample-schema.ts";
import type { InvariantId } from "../../spec/invariants.ts";
import { decodeToken, encodeToken } from "../../spec/token.ts";
import { TOOL_VERSION } from "../../spec/version.ts";

const watching = (id: InvariantId): SessionOptions => ({ watched: new Set([id]) });

/** The faithful port: a parked block, by a hunt and a shrink. */
function found(): Counterexample {
  const options = watching("INV-BLOCK-RETURN");
  const instance = instanceOf(
    "node-blocks",
    { space: 8, faults: ["kasan"] },
    "a=alloc(1); purge",
    "b=alloc(2); free(b); purge",
  );
  const plan = { runs: 500, strictRuns: 0, strategy: "mixed", seed: "parked" } as const;
  const { session, finding } = huntInstance(instance, plan, options, newStats())!;
  return toCounterexample(shrink(instance, capture(session, finding), options), options);
}

/** A counterexample of a scenario on the port. */
function ofScenario(id: string): { readonly kept: Counterexample; readonly options: SessionOptions } {
  const scenario = SCENARIOS.find((each) => each.id === id)!;
  const { failing } = runScenario(scenario, "node-blocks", 0);
  const { id: stopAt } = failing!.finding;
  const options: SessionOptions = {
    design: scenario.design,
    watched: stopAt.startsWith("INV-") ? new Set([stopAt as InvariantId]) : new Set(),
    situations: SITUATIONS,
    stopAt,
  };
  const instance = scenario.instance("node-blocks");
  return { kept: toCounterexample({ instance, schedule: failing!.schedule }, options), options };
}

describe("what is kept", () => {
  it("is all of a run", () => {
    const { stateDigest, ...kept } = found();
    expect(stateDigest).toMatch(/^[0-9a-f]{16}$/);
    expect(kept).toMatchInlineSnapshot(`
      {
        "choicesDigest": "348dc2ea",
        "instance": {
          "allocator": "node-blocks",
          "blockPages": 4,
          "cpus": 1,
          "faults": {
            "budget": 1,
            "points": [
              "kasan",
            ],
          },
          "lazyMaxPages": 4,
          "migrations": 0,
          "nodes": 1,
          "programs": [
            [
              {
                "align": 1,
                "name": "b",
                "op": "alloc",
                "size": 1,
                "window": "vmalloc",
              },
              {
                "op": "purge",
              },
            ],
          ],
          "spacePages": 4,
          "vmalloc": {
            "end": 4,
            "start": 0,
          },
        },
        "schedule": {
          "choices": [
            {
              "at": 8,
              "value": 1,
            },
          ],
          "switches": [],
        },
        "tool": "0.1.0",
        "violation": {
          "invariant": "INV-BLOCK-RETURN",
          "message": "the block at 0 is wholly free, and node 0 keeps it through a purge",
          "step": 15,
        },
      }
    `);
  });

  it("is the same each time", () => {
    expect(found()).toEqual(found());
  });

  it("names the mutant that was checked, and the version that found it", () => {
    const mutant = mutantOf("MU-67");
    const options: SessionOptions = { design: mutant.make, watched: watchedFor(mutant) };
    const least = shrinkKill(killMutant(mutant, { seed: "kept", runs: 100 }))!;
    const kept = toCounterexample(least, options, mutant.id);
    expect([kept.mutant, kept.tool]).toEqual(["MU-67", TOOL_VERSION]);
    expect(replayCounterexample(kept, options).differences).toEqual([]);
  });

  it("is nothing if nothing fails", () => {
    const { instance } = found();
    const run = { instance, schedule: { switches: [], choices: [] } };
    expect(() => toCounterexample(run, watching("INV-BLOCK-RETURN"))).toThrow(
      "a failing run does not fail when it is replayed",
    );
  });
});

describe("a counterexample replays exactly", () => {
  const options = watching("INV-BLOCK-RETURN");

  it("as it is", () => {
    const kept = found();
    const { differences, outcome, session } = replayCounterexample(kept, options);
    expect(differences).toEqual([]);
    expect(outcome.finding).toEqual({ id: kept.violation.invariant, message: kept.violation.message });
    expect(session.lastSchedule()).toEqual(kept.schedule);
  });

  it("from its text and from its token", () => {
    for (const { kept, options: own } of ["SC-15", "SC-15b", "SC-16", "SC-50"].map(ofScenario)) {
      for (const read of [
        parseCounterexample(printCounterexample(kept), "kept"),
        decodeToken(encodeToken(kept)),
      ]) {
        expect(read).toEqual({ ok: true, value: kept });
        expect(read.ok && replayCounterexample(read.value, own).differences).toEqual([]);
      }
    }
  });

  it("under the other executor and in strict mode", () => {
    expect(replayCounterexample(found(), { ...options, live: true }).differences).toEqual([]);
    expect(replayCounterexample(found(), { ...options, strict: true }).differences).toEqual([]);
  });
});

describe("a record that was changed is found out", () => {
  const options = watching("INV-BLOCK-RETURN");
  const kept = found();
  const differences = (changed: Partial<Counterexample>): readonly string[] =>
    replayCounterexample({ ...kept, ...changed }, options).differences;

  it("in its violation", () => {
    const { violation } = kept;
    expect(differences({ violation: { ...violation, invariant: "INV-TLB" } })).toEqual([
      "violated: recorded INV-TLB, found INV-BLOCK-RETURN",
    ]);
    expect(differences({ violation: { ...violation, step: violation.step + 1 } })).toEqual([
      `step: recorded ${violation.step + 1}, found ${violation.step}`,
    ]);
  });

  it("in its digests", () => {
    const { stateDigest, choicesDigest } = kept;
    expect(differences({ stateDigest: "00" })).toEqual([`state: recorded 00, found ${stateDigest}`]);
    expect(differences({ choicesDigest: "00" })).toEqual([`decisions: recorded 00, found ${choicesDigest}`]);
  });

  it("in its schedule", () => {
    expect(differences({ schedule: { switches: [], choices: [] } })[0]).toBe(
      "violated: recorded INV-BLOCK-RETURN, found nothing",
    );
  });

  it("in its instance, also where the same is violated", () => {
    expect(
      differences({ instance: { ...kept.instance, spacePages: 16, vmalloc: { start: 0, end: 16 } } }),
    ).toEqual([expect.stringMatching(/^state: recorded [0-9a-f]+, found [0-9a-f]+$/)]);
  });
});

describe("a design that was changed is found out", () => {
  const differences = (scenario: string, design: AllocatorClass): readonly string[] => {
    const { kept, options } = ofScenario(scenario);
    return replayCounterexample(kept, { ...options, design }).differences.map((each) =>
      each.replace(/recorded [0-9a-f]{8,}, found [0-9a-f]{8,}/, "other"),
    );
  };

  it("by what is left of the violation, the step, the state and the decisions", () => {
    const designs = ["MU-10", "MU-14", "MU-62", "MU-70", "MU-76", "MU-109"];
    expect(Object.fromEntries(designs.map((id) => [id, differences("SC-15b", mutantOf(id).make)])))
      .toMatchInlineSnapshot(`
      {
        "MU-10": [
          "violated: recorded INV-BLOCK-RETURN, found nothing",
          "state: other",
        ],
        "MU-109": [
          "violated: recorded INV-BLOCK-RETURN, found nothing",
          "step: recorded 15, found 9",
          "state: other",
          "decisions: other",
        ],
        "MU-14": [
          "violated: recorded INV-BLOCK-RETURN, found nothing",
          "state: other",
        ],
        "MU-62": [
          "violated: recorded INV-BLOCK-RETURN, found nothing",
          "state: other",
        ],
        "MU-70": [],
        "MU-76": [
          "state: other",
        ],
      }
    `);
  });

  it("in many mutants of the design, by some run of four", () => {
    const mutants = MUTANTS.filter(({ base }) => base === "node-blocks");
    const seen = mutants.filter(({ make }) =>
      ["SC-15", "SC-15b", "SC-16", "SC-50"].some((id) => differences(id, make).length > 0),
    );
    expect(seen.length).toBeGreaterThan(mutants.length / 4);
  });
});
