// SPDX-License-Identifier: GPL-2.0-only
//
// Claims about cost, measured as counts of both designs of the pair on the same work. Counts, never times.

import type { MeasureId } from "../spec/dossiers.ts";
import type { Designs } from "./campaigns.ts";
import { gapsPerSearch } from "./gaps-per-search.ts";
import { globalLockAcquisitions } from "./lock-acquisitions.ts";
import type { MeasureResult } from "./measure-result.ts";
import { touchesPerAllocation, touchesPerCycle } from "./touch-measures.ts";

/** The measurements of all dossiers; of the ports, or of what stands in for them. */
export const MEASURES: Readonly<Record<MeasureId, (designs?: Designs) => MeasureResult>> = {
  "global-lock-acquisitions": globalLockAcquisitions,
  "touches-per-cycle": touchesPerCycle,
  "touches-per-allocation": touchesPerAllocation,
  "gaps-per-search": gapsPerSearch,
};

/** The measurement of an id. */
export function measureOf(id: string): (designs?: Designs) => MeasureResult {
  const found = Object.entries(MEASURES).find(([each]) => each === id)?.[1];
  if (!found) throw new Error(`no measurement ${id}`);
  return found;
}
