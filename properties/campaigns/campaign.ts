// SPDX-License-Identifier: GPL-2.0-only
//
// A campaign: instances that are explored together, because together they exercise one aspect of a design.

import type { AllocatorId, Instance } from "../../spec/instance.ts";

/** A set of instances and what a run over them must reach to be worth anything. */
export interface Campaign {
  readonly id: string;
  readonly allocator: AllocatorId;
  /** What it exercises. */
  readonly statement: string;
  readonly instances: readonly Instance[];
  /** Small ones, of which all states are searched as well. */
  readonly exhausted?: readonly Instance[];
  /** Part of an instance's usual number of runs that each of these gets; by default 1. */
  readonly share?: number;
  /** Situations that must be reached, or the campaign is vacuous. */
  readonly witnesses: readonly string[];
}
