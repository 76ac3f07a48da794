// SPDX-License-Identifier: GPL-2.0-only
//
// Small concurrent programs with exactly known numbers, as toys. Sources: the test-suites of GenMC, Concuerror and
// Stateright. A family's processes may be put in any order: no number depends on it.

import type { KernelCode } from "../../explore/sync.ts";
import { Toy } from "./toy-system.ts";

const X = 0;
const Y = 1;

/** N processes: read x; write x = read + 1. With `keep`, a finished process keeps what it read. */
export function increment(n: number, keep = false): Toy {
  const toy = new Toy({ cells: 1 });
  function* body(): KernelCode {
    const value = yield toy.read(X);
    yield toy.write(X, value + 1);
    if (keep) yield toy.stay();
    return 0;
  }
  for (let p = 0; p < n; p++) spawn(toy, keep, `p${p}`, body);
  return toy;
}

/** N processes: lock; read x; write x = read + 1; unlock. */
export function incrementLock(n: number, keep = false): Toy {
  const toy = new Toy({ cells: 1, locks: 1 });
  function* body(): KernelCode {
    yield toy.lock(0);
    const value = yield toy.read(X);
    yield toy.write(X, value + 1);
    yield toy.unlock(0);
    if (keep) yield toy.stay();
    return 0;
  }
  for (let p = 0; p < n; p++) spawn(toy, keep, `p${p}`, body);
  return toy;
}

/** N philosophers: lock the left fork, then the right one; unlock the right, then the left. */
export function philosophers(n: number): Toy {
  const toy = new Toy({ cells: 0, locks: n });
  function* body(left: number): KernelCode {
    const right = (left + 1) % n;
    yield toy.lock(left);
    yield toy.lock(right);
    yield toy.unlock(right);
    yield toy.unlock(left);
    return 0;
  }
  for (let p = 0; p < n; p++) toy.spawn(`philosopher ${p}`, body, p);
  return toy;
}

/** One writer of x, N readers. */
export function readers(n: number): Toy {
  const toy = new Toy({ cells: 1 });
  function* writer(): KernelCode {
    yield toy.write(X, 1);
    return 0;
  }
  function* reader(): KernelCode {
    yield toy.read(X);
    return 0;
  }
  toy.spawn("writer", writer);
  for (let p = 0; p < n; p++) toy.spawn(`reader ${p}`, reader);
  return toy;
}

/** N processes: fetch-add x. */
export function ainc(n: number): Toy {
  const toy = new Toy({ cells: 1 });
  function* body(): KernelCode {
    yield toy.fetchAdd(X, 1);
    return 0;
  }
  for (let p = 0; p < n; p++) toy.spawn(`p${p}`, body);
  return toy;
}

/** N processes: fetch-add x; fetch-add y. */
export function binc(n: number): Toy {
  const toy = new Toy({ cells: 2 });
  function* body(): KernelCode {
    yield toy.fetchAdd(X, 1);
    yield toy.fetchAdd(Y, 1);
    return 0;
  }
  for (let p = 0; p < n; p++) toy.spawn(`p${p}`, body);
  return toy;
}

/** T0: i = N; while (a[i] != 0) i--. Ti: a[i] = a[i - 1] + 1. */
export function lastzero(n: number): Toy {
  const toy = new Toy({ cells: n + 1 });
  function* search(): KernelCode {
    let i = n;
    while ((yield toy.read(i)) !== 0) i--;
    return 0;
  }
  function* fill(i: number): KernelCode {
    const value = yield toy.read(i - 1);
    yield toy.write(i, value + 1);
    return 0;
  }
  toy.spawn("search", search);
  for (let p = 1; p <= n; p++) toy.spawn(`fill ${p}`, fill, p);
  return toy;
}

/** Two processes: N times write and read an own cell, then write and read a shared one. */
export function parLength(n: number): Toy {
  const toy = new Toy({ cells: 3 });
  function* body(own: number): KernelCode {
    for (let i = 0; i < n; i++) {
      yield toy.write(own, 1);
      yield toy.read(own);
    }
    yield toy.write(X, own);
    yield toy.read(X);
    return 0;
  }
  toy.spawn("p1", body, 1);
  toy.spawn("p2", body, 2);
  return toy;
}

/** Processes of the given numbers of steps that have nothing to do with each other. */
export function independent(...steps: readonly number[]): Toy {
  const toy = new Toy({ cells: steps.length });
  function* body(own: number, count: number): KernelCode {
    for (let i = 0; i < count; i++) yield toy.fetchAdd(own, 1);
    return 0;
  }
  steps.forEach((count, own) => toy.spawn(`p${own}`, body, own, count));
  return toy;
}

/** Every rotation of `0 .. n - 1`, and the reverse. */
export function orders(n: number): number[][] {
  const line = Array.from({ length: n }, (_, i) => i);
  return [...line.map((from) => [...line.slice(from), ...line.slice(0, from)]), line.toReversed()];
}

function spawn(toy: Toy, daemon: boolean, name: string, body: () => KernelCode): void {
  if (daemon) toy.spawnDaemon(name, body);
  else toy.spawn(name, body);
}
