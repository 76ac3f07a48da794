// SPDX-License-Identifier: GPL-2.0-only
// Which store of a section fails is a choice: each one alone, and each pair where the budget is two.
import { describe, expect, it } from "vitest";
import { StoreFaults } from "../../../impl/kernel/store-faults.ts";
import type { FaultPoint } from "../../../spec/faults.ts";
import { BareKernel } from "./bare-kernel.ts";

/** What fails in a section of so many stores and splits, by choice: the stores from 0, then the split from 1. */
function outcomes(points: readonly FaultPoint[], budget: number, stores: number, splits = 0): string[] {
  const { faults } = new BareKernel({ faults: { budget, points: [...points] } });
  const section = new StoreFaults(faults);
  const count = section.choices(() => stores, splits)?.() ?? 1;
  return Array.from({ length: count }, (_, choice) => {
    const fresh = new StoreFaults(new BareKernel({ faults: { budget, points: [...points] } }).faults);
    fresh.begin(choice, stores, splits);
    const split = fresh.splitFailsAt;
    const failing = Array.from({ length: stores }, (_each, i) => i).filter(() => fresh.storeFails());
    fresh.end();
    return `${failing.join("+") || "-"}${split === 0 ? "" : ` split ${split}`}`;
  });
}

describe("failing stores", () => {
  it("fail one at a time", () => {
    expect(outcomes(["maple"], 1, 3)).toEqual(["-", "0", "1", "2"]);
  });

  it("fail in pairs as well, each pair once", () => {
    expect(outcomes(["maple"], 2, 4)).toEqual("- 0 1 2 3 0+1 0+2 0+3 1+2 1+3 2+3".split(" "));
  });

  it("share their section with the record of a split", () => {
    expect(outcomes(["maple", "split"], 1, 2, 2)).toEqual(["-", "0", "1", "- split 1", "- split 2"]);
    expect(outcomes(["maple", "split"], 2, 1, 1)).toEqual(["-", "0", "- split 1", "0 split 1"]);
    expect(outcomes(["split"], 1, 2, 1)).toEqual(["-", "- split 1"]);
  });

  it("are no choice where they may not fail, or where nothing is left of the budget", () => {
    expect(outcomes(["kasan"], 1, 3)).toEqual(["-"]);
    const { faults } = new BareKernel({ faults: { budget: 1, points: ["maple"] } });
    const section = new StoreFaults(faults);
    const choices = section.choices(() => 2)!;
    expect(choices()).toBe(3);
    section.begin(1, 2);
    expect([section.storeFails(), section.storeFails(), faults.spent]).toEqual([true, false, 1]);
    section.end();
    expect(choices()).toBe(1);
  });
});
