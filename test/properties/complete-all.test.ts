// SPDX-License-Identifier: GPL-2.0-only
// INV-COMPLETE-ALL: silent where a request fails because of what others do meanwhile, loud where it need not fail,
// also after a drain, a look-up or a purge.
import { describe, expect, it } from "vitest";
import { GlobalTree } from "../../impl/allocators/global-tree.ts";
import type { KernelCode } from "../../explore/sync.ts";
import { Session } from "../../properties/session.ts";
import type { InvariantId } from "../../spec/invariants.ts";
import type { Schedule, SwitchDeviation } from "../../spec/schedule.ts";
import { instanceOf } from "./small-instance.ts";

const WATCHED: ReadonlySet<InvariantId> = new Set(["INV-COMPLETE-ALL"]);

const switches = (...at: SwitchDeviation[]): Schedule => ({ switches: at, choices: [] });

describe("is silent", () => {
  it("about a page that is freed between the purge and the refusal", () => {
    const instance = instanceOf("global-tree", "b=alloc(1)\na=alloc(2); free(a)", {
      spacePages: 3,
      vmalloc: { start: 1, end: 3 },
      cpus: 1,
    });
    const schedule = switches({ at: 0, to: 1 }, { at: 4, to: 0 }, { at: 12, to: 1 });
    const session = new Session(instance, { watched: WATCHED });
    expect(session.replay(schedule)).toEqual({ end: "done", steps: 21, finding: undefined });
    expect(session.sim.tasks.state[0]).toBe(2);
  });

  it("about a page that is freed behind the back of the purge", () => {
    const instance = instanceOf("global-tree", "a=alloc(1); free(a)\nb=alloc(7)", { spacePages: 7, cpus: 1 });
    const schedule = switches({ at: 6, to: 1 }, { at: 12, to: 0 });
    const session = new Session(instance, { watched: WATCHED });
    expect(session.replay(schedule)).toEqual({ end: "done", steps: 21, finding: undefined });
    expect(session.sim.tasks.state[1]).toBe(2);
  });
});

/** Gives up without a purge. */
class NeverPurges extends GlobalTree {
  override *allocOverflow(va: number, size: number, align: number, vstart: number, vend: number): KernelCode {
    return yield* super.allocOverflow(va, size, align, vstart, vend, 1);
  }
}

describe("is loud about a design that gives up without a purge", () => {
  const finding = (programs: string, lazyMaxPages: number, schedule: Schedule): string | undefined => {
    const instance = instanceOf("global-tree", programs, { spacePages: 8, lazyMaxPages });
    const session = new Session(instance, { design: NeverPurges, watched: WATCHED });
    return session.replay(schedule).finding?.message;
  };

  it("in a program of one task", () => {
    expect(finding("a=alloc(8); free(a); b=alloc(8)", 50, switches())).toBe(
      "8 pages were refused for good, though [0,8) is nobody's",
    );
  });

  it("after another task has looked something up, purged, and failed", () => {
    const other = "x=alloc(1); find(x+0); purge; aliases; y=alloc(8)";
    expect(finding(`a=alloc(7); free(a); b=alloc(7)\n${other}`, 50, switches({ at: 0, to: 1 }))).toBe(
      "7 pages were refused for good, though [1,8) is nobody's",
    );
  });

  it("after the drain has run", () => {
    const programs = "a=alloc(8); free(a); b=alloc(4); free(b); c=alloc(8)";
    // As soon as the drain is queued, its worker runs to its end.
    expect(finding(programs, 5, switches({ at: 12, to: 1 }))).toBe(
      "8 pages were refused for good, though [0,8) is nobody's",
    );
  });
});
