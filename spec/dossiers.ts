// SPDX-License-Identifier: GPL-2.0-only
//
// All dossiers, by id.

import type { Dossier } from "./dossier.ts";
import type { NodeBlocksMeasure, NodeBlocksStaticCheck } from "./dossiers/node-blocks-evidence.ts";
import { NODE_BLOCKS_DOSSIER } from "./dossiers/node-blocks.ts";
import type { OccupiedIndexMeasure, OccupiedIndexStaticCheck } from "./dossiers/occupied-index-evidence.ts";
import { OCCUPIED_INDEX_DOSSIER } from "./dossiers/occupied-index.ts";
import type { UnboundDrainStaticCheck } from "./dossiers/unbound-drain-evidence.ts";
import { UNBOUND_DRAIN_DOSSIER } from "./dossiers/unbound-drain.ts";

/** Id of a computation of some dossier. */
export type StaticCheckId = NodeBlocksStaticCheck | UnboundDrainStaticCheck | OccupiedIndexStaticCheck;

/** Id of a count of some dossier. */
export type MeasureId = NodeBlocksMeasure | OccupiedIndexMeasure;

/** All dossiers, in the order of listings. */
export const DOSSIERS: readonly Dossier[] = [
  NODE_BLOCKS_DOSSIER,
  UNBOUND_DRAIN_DOSSIER,
  OCCUPIED_INDEX_DOSSIER,
];

/** The dossier of an id, or undefined. */
export function findDossier(id: string): Dossier | undefined {
  return DOSSIERS.find((each) => each.id === id);
}
