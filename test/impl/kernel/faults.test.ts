// SPDX-License-Identifier: GPL-2.0-only
// Failures of the kernel's own allocations are choices, as many as the budget allows.
import { describe, expect, it } from "vitest";
import { FAULT_POINTS } from "../../../spec/faults.ts";
import { BareKernel } from "./bare-kernel.ts";

describe("faults", () => {
  it("are choices at the named points only", () => {
    const { faults } = new BareKernel({ faults: { budget: 1, points: ["split", "kasan"] } });
    expect(FAULT_POINTS.filter((point) => faults.choices(point))).toEqual(["split", "kasan"]);
    expect(faults.choices("split")!()).toBe(2);
  });

  it("are no choices without a budget", () => {
    const { faults } = new BareKernel({ faults: { budget: 0, points: [...FAULT_POINTS] } });
    expect(FAULT_POINTS.filter((point) => faults.choices(point))).toEqual([]);
  });

  it("share one budget, and end with it", () => {
    const { faults } = new BareKernel({ faults: { budget: 2, points: ["alloc", "kasan"] } });
    const [alloc, kasan] = [faults.choices("alloc")!, faults.choices("kasan")!];
    expect([alloc(), kasan(), faults.spent]).toEqual([2, 2, 0]);
    faults.spend();
    expect([alloc(), kasan(), faults.spent]).toEqual([2, 2, 1]);
    faults.spend();
    expect([alloc(), kasan(), faults.spent]).toEqual([1, 1, 2]);
  });

  it("come back with the state", () => {
    const k = new BareKernel({ faults: { budget: 1, points: ["alloc"] } });
    const before = k.heap.snapshot();
    k.faults.spend();
    k.heap.restore(before);
    expect(k.faults.choices("alloc")!()).toBe(2);
  });
});
