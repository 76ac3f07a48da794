// SPDX-License-Identifier: GPL-2.0-only
// Locks: owners, gates, classes, and what lock analysis hears of them.
import { describe, expect, it } from "vitest";
import { StrictFault } from "../../../impl/heap/strict-fault.ts";
import { BareKernel } from "./bare-kernel.ts";

describe("a lock", () => {
  it("is free, then held by one process, and says so", () => {
    const k = new BareKernel();
    const lock = k.locks.declare("free_vmap_area_lock", "free", false);
    const { words, index, value } = lock.gate;
    expect([lock.isFree(), words[index] === value, k.locks.held(lock.id)]).toEqual([true, true, false]);
    k.step(1, () => k.locks.acquire(lock));
    expect([lock.isFree(), words[index] === value, k.locks.held(lock.id)]).toEqual([false, false, true]);
    expect(lock.waitsFor()).toEqual({ resource: "free_vmap_area_lock", holder: 1 });
    k.step(0, () => expect(k.locks.held(lock.id)).toBe(false));
    k.step(1, () => k.locks.release(lock));
    expect([lock.isFree(), words[index] === value]).toEqual([true, true]);
    expect(k.heard).toEqual(["1 takes 0", "1 gives 0"]);
  });

  it("cannot be taken while it is held, nor given up by who does not hold it", () => {
    const k = new BareKernel();
    const lock = k.locks.declare("vmap_purge_lock", "purge", true);
    k.step(1, () => k.locks.acquire(lock));
    expect(() => k.step(1, () => k.locks.acquire(lock))).toThrow(StrictFault);
    expect(() => k.step(0, () => k.locks.acquire(lock))).toThrow("vmap_purge_lock: taken while it is held");
    expect(() => k.step(0, () => k.locks.release(lock))).toThrow(
      "vmap_purge_lock: released by a process without it",
    );
  });

  it("shares the class of its name", () => {
    const { locks } = new BareKernel();
    const classes = ["busy", "lazy", "busy"].map(
      (name, i) => locks.declare(`${name} ${i}`, name, false).lockClass,
    );
    expect([classes, locks.classNames]).toEqual([
      [0, 1, 0],
      ["busy", "lazy"],
    ]);
  });
});

describe("sleeping", () => {
  it("is heard of under a spinlock only", () => {
    const k = new BareKernel();
    const spin = k.locks.declare("spin", "spin", false);
    const mutex = k.locks.declare("mutex", "mutex", true);
    k.step(0, () => k.locks.mightSleep());
    k.step(0, () => k.locks.acquire(mutex));
    k.step(0, () => k.locks.mightSleep());
    expect(k.heard).toEqual(["0 takes 1"]);
    k.step(0, () => k.locks.acquire(spin));
    k.step(1, () => k.locks.mightSleep());
    k.step(0, () => k.locks.mightSleep());
    expect(k.heard.at(-1)).toBe("0 may sleep with a spinlock");
    k.step(0, () => k.locks.release(spin));
    k.heard.length = 0;
    k.step(0, () => k.locks.mightSleep());
    expect(k.heard).toEqual([]);
  });

  it("is what taking a mutex does", () => {
    const k = new BareKernel();
    const spin = k.locks.declare("spin", "spin", false);
    const mutex = k.locks.declare("mutex", "mutex", true);
    k.step(0, () => {
      k.locks.acquire(spin);
      k.locks.acquire(mutex);
    });
    expect(k.heard).toEqual(["0 takes 0", "0 may sleep with a spinlock", "0 takes 1"]);
  });
});
