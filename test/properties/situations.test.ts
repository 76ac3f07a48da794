// SPDX-License-Identifier: GPL-2.0-only
// Situations decide claims, so each must be told from what comes close to it.
import { describe, expect, it } from "vitest";
import { SITUATIONS } from "../../properties/campaigns/catalogue.ts";
import { instanceOf } from "../../spec/small-machine.ts";
import { Session } from "../../properties/session.ts";
import { NODE_BLOCKS_PROPERTIES } from "../../spec/dossiers/node-blocks-evidence.ts";
import { OCCUPIED_INDEX_PROPERTIES } from "../../spec/dossiers/occupied-index-evidence.ts";
import { UNBOUND_DRAIN_PROPERTIES } from "../../spec/dossiers/unbound-drain-evidence.ts";
import { RUN_TO_COMPLETION, type Schedule } from "../../spec/schedule.ts";
import { BLOCK_CASES } from "./situation-cases.ts";
import { MACHINE_CASES } from "./situation-cases-machine.ts";
import { POOL_CASES } from "./situation-cases-pools.ts";
import { TREE_CASES } from "./situation-cases-trees.ts";
import type { Run } from "./situation-runs.ts";

const CASES = [...MACHINE_CASES, ...BLOCK_CASES, ...POOL_CASES, ...TREE_CASES];

function sessionOf({ instance, design }: Run, stopAt?: string): Session {
  return new Session(instance, { design, watched: new Set(), situations: SITUATIONS, stopAt });
}

describe("the catalogue", () => {
  it("has each situation once, those of the dossier among them", () => {
    const ids = SITUATIONS.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => id in NODE_BLOCKS_PROPERTIES).sort()).toEqual(
      Object.keys(NODE_BLOCKS_PROPERTIES).sort(),
    );
    expect(ids.filter((id) => id in UNBOUND_DRAIN_PROPERTIES).sort()).toEqual(
      Object.keys(UNBOUND_DRAIN_PROPERTIES).sort(),
    );
    expect(ids.filter((id) => id in OCCUPIED_INDEX_PROPERTIES).sort()).toEqual(
      Object.keys(OCCUPIED_INDEX_PROPERTIES).sort(),
    );
    expect(SITUATIONS.filter(({ statement }) => statement === "")).toEqual([]);
  });

  it("has a case here for each situation", () => {
    expect(CASES.map(({ id }) => id).sort()).toEqual(SITUATIONS.map(({ id }) => id).sort());
  });
});

describe.each(CASES)("$id", (each) => {
  it("is reached", () => {
    const { end, steps, finding } = sessionOf(each, each.id).replay(each.schedule);
    expect([end, finding?.id]).toEqual(["violation", each.id]);
    expect(`step ${steps - 1}: ${finding!.message}`).toBe(each.reached);
  });

  it("is reached in the run of a hunt that goes on, and noted once", () => {
    const session = sessionOf(each);
    expect(session.replay(each.schedule).end).toBe("done");
    expect(each.reached.endsWith(session.checker.reached.get(each.id)!)).toBe(true);
  });

  it.each(each.near)("is not reached: $why", (miss) => {
    const session = sessionOf(miss);
    expect(session.replay(miss.schedule).end).toBe("done");
    expect([...session.checker.reached.keys()].sort()).toEqual([...miss.reaches]);
  });
});

describe("who does what", () => {
  const reachedIn = (programs: readonly string[], machine: object, schedule: Schedule): readonly string[] => {
    const instance = instanceOf("node-blocks", { space: 16, ...machine }, ...programs);
    const session = sessionOf({ instance, schedule });
    expect(session.replay(schedule).end).toBe("done");
    return [...session.checker.reached.keys()].sort();
  };

  it("a helper that releases part of a block counts as the purge, and not as a synchronous free", () => {
    const programs = ["a=alloc(1); b=alloc(1); free(a)", "c=alloc(1); d=alloc(1); free(c); purge"];
    expect(reachedIn(programs, { lazyMax: 1 }, RUN_TO_COMPLETION)).toMatchInlineSnapshot(`
      [
        "DRAIN-RAN",
        "HELPER-RAN",
        "NEIGHBOUR-BLOCKS",
        "PART-RELEASE",
        "PURGED",
      ]
    `);
  });

  it("a synchronous free is one also while another task purges", () => {
    const machine = { nodes: 1, lazyMax: 8, faults: ["kasan"] };
    const schedule = { switches: [{ at: 9, to: 1 }], choices: [{ at: 8, value: 1 }] };
    expect(reachedIn(["a=alloc(1)", "purge"], machine, schedule)).toMatchInlineSnapshot(`
      [
        "ID-ZERO-FREED",
        "SYNC-FREED",
      ]
    `);
  });

  it("the BUG_ON of the near miss of NULL-DEREFERENCE does fire", () => {
    const miss = MACHINE_CASES.find(({ id }) => id === "NULL-DEREFERENCE")!.near[0]!;
    const watched = new Set(["INV-NOWARN"] as const);
    const { finding } = new Session(miss.instance, { design: miss.design, watched }).replay(miss.schedule);
    expect(finding?.message).toMatchInlineSnapshot(
      `"alloc_vmap_area: address not aligned or outside its window (BUG_ON)"`,
    );
  });
});
