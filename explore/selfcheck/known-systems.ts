// SPDX-License-Identifier: GPL-2.0-only
//
// The systems with known answers by name, as a search and its workers make them.

import { type Searchable, type SearchMonitor, UNWATCHED } from "../search/search.ts";
import { type Family, increment, incrementLock, orders, philosophers } from "./families.ts";
import { Protocol } from "./protocol.ts";
import { ProtocolInvariants } from "./protocol-invariants.ts";
import { PROTOCOL_COUNTS, protocolInstance, type ProtocolName } from "./protocol-sizes.ts";

const FAMILIES: Readonly<Record<string, Family>> = { increment, increment_lock: incrementLock, philosophers };

/** A system, and how it is searched; plain data. */
export interface KnownSystem {
  /** A family and its size, `increment(3)`, or a size of the protocol, `NB-1`. */
  readonly name: string;
  /** Which of the orders of its processes. */
  readonly order: number;
  /** Whether the invariants of the protocol are checked. */
  readonly invariants: boolean;
}

/** Makes a system and its monitor. */
export function makeKnown({ name, order, invariants }: KnownSystem): {
  readonly system: Searchable;
  readonly monitor: SearchMonitor;
} {
  if (name in PROTOCOL_COUNTS) {
    const protocol = new Protocol(protocolInstance(name as ProtocolName));
    return { system: protocol, monitor: invariants ? new ProtocolInvariants(protocol) : UNWATCHED };
  }
  const [, family = "", size = ""] = /^(\w+)\((\d+)\)$/.exec(name) ?? [];
  const make = FAMILIES[family];
  const all = orders(Number(size));
  const found = all[order];
  if (!make || !found) throw new Error(`there is no known system ${name} in order ${order}`);
  return { system: make(found), monitor: UNWATCHED };
}
