// SPDX-License-Identifier: GPL-2.0-only
// Items with a pool each, as in designs that declare no queues: queue_work, flush_work and INIT_WORK.
import { describe, expect, it } from "vitest";
import { WORK_CPU_UNBOUND } from "../../../../impl/kernel/workqueue/queues.ts";
import { BareKernel } from "../bare-kernel.ts";

function setUp(): { k: BareKernel; work: number } {
  const k = new BareKernel();
  const work = k.works.declare("drain", 0, 2);
  k.step(0, () => k.works.init(work));
  return { k, work };
}

describe("queue_work()", () => {
  it("queues an idle item, and says no to a pending one", () => {
    const { k, work } = setUp();
    expect(k.works.isIdle(work)).toBe(true);
    let first = false;
    expect(k.step(0, () => (first = k.works.queue(work, WORK_CPU_UNBOUND)))).toEqual(["QUEUE_WORK 0 1 -1"]);
    let second = true;
    expect(k.step(1, () => (second = k.works.queue(work, 1)))).toEqual(["QUEUE_WORK 0 0 1"]);
    expect([first, second, k.works.isPending(work), k.works.isIdle(work)]).toEqual([
      true,
      false,
      true,
      false,
    ]);
  });

  it("makes a running item pending again: it runs once more", () => {
    const { k, work } = setUp();
    k.step(0, () => k.works.queue(work, 0));
    k.step(2, () => k.works.start(work));
    expect([k.works.isPending(work), k.works.isIdle(work)]).toEqual([false, false]);
    let again = false;
    k.step(0, () => (again = k.works.queue(work, 0)));
    expect([again, k.works.isPending(work)]).toEqual([true, true]);
    k.step(2, () => k.works.finish(work));
    expect([k.works.isPending(work), k.works.isIdle(work)]).toEqual([true, false]);
    k.step(2, () => k.works.start(work));
    k.step(2, () => k.works.finish(work));
    expect(k.works.isIdle(work)).toBe(true);
  });

  it("opens the gate of the worker while the item is pending", () => {
    const { k, work } = setUp();
    const { words, index, value } = k.works.pendingGate(work);
    const open = (): boolean => words[index] === value;
    expect(open()).toBe(false);
    k.step(0, () => k.works.queue(work, 0));
    expect(open()).toBe(true);
    k.step(2, () => k.works.start(work));
    expect(open()).toBe(false);
  });
});

describe("a worker", () => {
  it("clears pending before the function runs, and tells lock analysis", () => {
    const { k, work } = setUp();
    k.step(0, () => k.works.queue(work, 0));
    expect(k.step(2, () => k.works.start(work))).toEqual(["WORK_START"]);
    expect(k.step(2, () => k.works.finish(work))).toEqual(["WORK_END"]);
    expect(k.heard).toEqual(["2 begins work 0", "2 ends work 0"]);
  });
});

describe("flush_work()", () => {
  it("waits for the worker and names it", () => {
    const { k, work } = setUp();
    expect(k.works.waitsFor(work)).toEqual({ resource: "work drain", holder: 2 });
    k.step(1, () => k.works.flushed(work));
    expect(k.heard).toEqual(["1 waited for work 0"]);
  });

  it("may sleep", () => {
    const { k, work } = setUp();
    const spin = k.locks.declare("busy.lock", "busy.lock", false);
    k.step(1, () => {
      k.locks.acquire(spin);
      k.works.flushed(work);
    });
    expect(k.heard).toEqual(["1 takes 0", "1 may sleep with a spinlock", "1 waited for work 0"]);
  });
});

describe("INIT_WORK()", () => {
  it("says what the item was doing, and makes it forget that it is pending", () => {
    const { k, work } = setUp();
    expect(k.step(0, () => k.works.init(work))).toEqual(["INIT_WORK"]);
    k.step(0, () => k.works.queue(work, 0));
    expect(k.step(0, () => k.works.init(work))).toEqual(["INIT_WORK 0 1"]);
    expect(k.works.isPending(work)).toBe(false);
    k.step(0, () => k.works.queue(work, 0));
    k.step(2, () => k.works.start(work));
    expect(k.step(0, () => k.works.init(work))).toEqual(["INIT_WORK 0 0 1"]);
    expect(k.works.isIdle(work)).toBe(false);
  });

  it("sets the function, which the caller may take away", () => {
    const { k, work } = setUp();
    expect(k.works.hasFunc(work)).toBe(true);
    k.step(0, () => k.works.clearFunc(work));
    expect(k.works.hasFunc(work)).toBe(false);
    k.step(0, () => k.works.init(work));
    expect(k.works.hasFunc(work)).toBe(true);
  });

  it("leaves other items alone", () => {
    const { k, work } = setUp();
    const helper = k.works.declare("helper", 1, 1);
    k.step(0, () => {
      k.works.queue(work, 0);
      k.works.queue(helper, 0);
      k.works.init(helper);
    });
    expect([k.works.isPending(work), k.works.isPending(helper)]).toEqual([true, false]);
    expect([k.works.count, k.works.name(0), k.works.name(1)]).toEqual([2, "drain", "helper"]);
  });
});
