// SPDX-License-Identifier: GPL-2.0-only
//
// Known answers: programs whose numbers of states are known from elsewhere, and what this engine counts on them. An
// engine that misses one of these numbers is wrong, whatever it says about allocators.

import { search, type SearchOptions, type SearchResult } from "../search/search.ts";
import { orders } from "./families.ts";
import { makeKnown } from "./known-systems.ts";
import { PROTOCOL_COUNTS, type ProtocolName } from "./protocol-sizes.ts";

const WORKER = new URL("./selfcheck-worker.js", import.meta.url);

/** What a search can count. */
export type Counts = Partial<
  Pick<SearchResult, "states" | "transitions" | "terminals" | "deadlocks" | "depth">
>;

/** How to count: limits, and the number of workers. */
export interface SelfCheckOptions extends Omit<SearchOptions, "workers"> {
  readonly workers?: number | undefined;
  /** The entry module of a worker. */
  readonly entry?: URL | undefined;
}

/** Numbers that are known, and how to count them. */
export interface KnownAnswer {
  readonly name: string;
  readonly expected: Counts;
  /** Orders of the processes; each must give the same numbers. */
  readonly orders: number;
  /** Takes many seconds. */
  readonly large: boolean;
  /** Searches with the processes in one of the orders. */
  run(order: number, options?: SelfCheckOptions): SearchResult;
}

/** What was found for a known answer. */
export interface SelfCheckRow {
  readonly name: string;
  readonly orders: number;
  readonly expected: Counts;
  /** What was counted; in the first order that differs, if one does. */
  readonly found: Counts;
  readonly ok: boolean;
  /** States seen in all orders. */
  readonly statesSeen: number;
  /** Why it is not ok although the numbers may agree. */
  readonly problem?: string | undefined;
}

/** All known answers, small ones first. With `invariants`, the protocol's are checked in each of its states. */
export function knownAnswers(invariants = false): readonly KnownAnswer[] {
  return [
    ...INCREMENT.map(([n, states, transitions]) =>
      family("increment", n, { states, transitions, deadlocks: 0 }),
    ),
    ...INCREMENT_LOCK.map(([n, states]) =>
      family("increment_lock", n, { states, transitions: states - 1, deadlocks: 0 }),
    ),
    ...PHILOSOPHERS.map(([n, states]) => family("philosophers", n, { states, terminals: 2, deadlocks: 1 })),
    ...(["NB-1", "NB-2", "NB-3"] as const).map((name) => protocol(name, invariants)),
  ];
}

// Processes, states, and for the first also transitions.
const INCREMENT = [
  [1, 3, 2],
  [2, 13, 14],
  [3, 84, 111],
  [4, 755, 1156],
  [5, 8638, 15_205],
  [6, 118_509, 237_942],
] as const;
const INCREMENT_LOCK = [
  [1, 5],
  [2, 17],
  [3, 61],
  [4, 257],
  [5, 1301],
  [6, 7825],
] as const;
const PHILOSOPHERS = [
  [2, 19],
  [3, 87],
  [4, 391],
  [5, 1743],
  [6, 7759],
  [7, 34_527],
] as const;

/** Counts a known answer in every order. Undefined if it was stopped. */
export function checkAnswer(answer: KnownAnswer, options: SelfCheckOptions = {}): SelfCheckRow | undefined {
  const { name, expected } = answer;
  let found: Counts = {};
  let statesSeen = 0;
  for (let order = 0; order < answer.orders; order++) {
    const result = answer.run(order, options);
    if (result.end === "limit") return undefined;
    found = countsLike(expected, result);
    statesSeen += result.states;
    const problem = result.end === "exhausted" ? undefined : `the search ended with a ${result.end}`;
    if (problem !== undefined || !same(expected, found)) {
      return { name, orders: answer.orders, expected, found, ok: false, statesSeen, problem };
    }
  }
  return { name, orders: answer.orders, expected, found, ok: true, statesSeen };
}

function family(kind: string, n: number, expected: Counts): KnownAnswer {
  const name = `${kind}(${n})`;
  return {
    name,
    expected,
    orders: orders(n).length,
    large: false,
    run: (order, options) => run(name, order, false, options),
  };
}

function protocol(name: ProtocolName, invariants: boolean): KnownAnswer {
  return {
    name,
    expected: { ...PROTOCOL_COUNTS[name], deadlocks: 0 },
    orders: 1,
    large: name === "NB-3",
    run: (order, options) => run(name, order, invariants, options),
  };
}

function run(
  name: string,
  order: number,
  invariants: boolean,
  { workers = 1, entry = WORKER, ...rest }: SelfCheckOptions = {},
): SearchResult {
  const data = { name, order, invariants };
  const { system, monitor } = makeKnown(data);
  const more = workers > 1 ? { workers: { count: workers, entry, data } } : {};
  return search(system, monitor, { ...rest, ...more });
}

function countsLike(expected: Counts, result: SearchResult): Counts {
  return Object.fromEntries((Object.keys(expected) as (keyof Counts)[]).map((key) => [key, result[key]]));
}

function same(expected: Counts, found: Counts): boolean {
  return (Object.keys(expected) as (keyof Counts)[]).every((key) => expected[key] === found[key]);
}
