// SPDX-License-Identifier: GPL-2.0-only
//
// The finding of strict mode: simulated code broke the discipline that makes interleaving of steps sufficient.

/** Thrown at an access that the discipline forbids; the checkers turn it into a violation of INV-STRICT. */
export class StrictFault extends Error {
  override readonly name = "StrictFault";
}
