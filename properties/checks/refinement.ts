// SPDX-License-Identifier: GPL-2.0-only
//
// Refinement: each event must be legal for the reference model. The other half, that the heap's abstraction
// equals the model, is in ownership.ts, which knows what a step moved from where to where.

import { EVENT } from "../../spec/events.ts";
import type { CheckFactory, EventHandler } from "./check.ts";

/** INV-REFINE, and INV-DISJOINT, INV-BOUNDS, INV-TLB where the model names them. */
export const refinement: CheckFactory = (context) => {
  const { model, report } = context;
  const apply: EventHandler = (at) => {
    const r = context.rows;
    const illegal = model.apply(r[at]!, r[at + 2]!, r[at + 3]!, r[at + 4]!, r[at + 5]!, r[at + 6]!);
    if (illegal) report(illegal.invariant, () => illegal.message);
  };
  return {
    reset: () => model.reset(),
    on: {
      [EVENT.GRANT]: apply,
      [EVENT.BIND]: apply,
      [EVENT.MAP]: apply,
      [EVENT.UNLINK]: apply,
      [EVENT.UNMAP]: apply,
      [EVENT.FLUSH]: apply,
      [EVENT.RELEASE]: apply,
      [EVENT.WITHDRAW]: apply,
      [EVENT.UNGRANT]: apply,
    },
  };
};
