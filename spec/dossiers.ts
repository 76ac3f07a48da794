// SPDX-License-Identifier: GPL-2.0-only
//
// All dossiers, by id.

import type { Dossier } from "./dossier.ts";
import { NODE_BLOCKS_DOSSIER } from "./dossiers/node-blocks.ts";

/** All dossiers, in the order of listings. */
export const DOSSIERS: readonly Dossier[] = [NODE_BLOCKS_DOSSIER];

/** The dossier of an id, or undefined. */
export function findDossier(id: string): Dossier | undefined {
  return DOSSIERS.find((each) => each.id === id);
}
