// SPDX-License-Identifier: GPL-2.0-only
//
// Dossier of "mm/vmalloc: consolidate occupied tree as authoritative index on hot path", RFC 07/12 of the series that
// moves the indexes of vmalloc to maple trees.

import type { Dossier } from "../dossier.ts";
import { OCCUPIED_INDEX_CLAIMS } from "./occupied-index-claims.ts";
import { OCCUPIED_INDEX_DIFFERENCES } from "./occupied-index-differences.ts";

/** The dossier. */
export const OCCUPIED_INDEX_DOSSIER = {
  id: "occupied-index",
  subject: "[PATCH RFC 07/12] mm/vmalloc: consolidate occupied tree as authoritative index on hot path",
  author: "Pranjal Arya",
  messageId: "20260613-vmalloc_maple-v1-7-0aa740bb944b@oss.qualcomm.com",
  version: "RFC",
  date: "2026-06-13",
  threadLines: 326,
  before: "dual-index",
  after: "occupied-index",
  claims: OCCUPIED_INDEX_CLAIMS,
  revisions: [],
  differences: OCCUPIED_INDEX_DIFFERENCES,
} as const satisfies Dossier;
