// SPDX-License-Identifier: GPL-2.0-only
//
// INV-VNID-RT and INV-VNID-CAP by computation: every id that there can be, with every combination of flags.

import { MAX_NODES, VMAP_FLAGS } from "../../impl/allocators/vn-id.ts";
import type { Finding } from "../finding.ts";

/** The two functions of a design that store and read a node id. */
export interface NodeIdCodec {
  encode(node: number): number;
  decode(flags: number): number;
}

/** The byte of va->flags that is set aside for the id. */
const ID_BYTE = 0xff00;

/** The first violation, or undefined. */
export function checkNodeIds(codec: NodeIdCodec): Finding | undefined {
  for (let low = 0; low <= VMAP_FLAGS.MASK; low++) {
    const none = codec.decode(low);
    if (none >= 0) return roundTrip(`flags 0x${low.toString(16)} without an id decode to node ${none}`);
    for (let id = 0; id < MAX_NODES; id++) {
      const flags = codec.encode(id) | low;
      const decoded = codec.decode(flags);
      if (decoded !== id) {
        return roundTrip(`node ${id} is stored as 0x${flags.toString(16)}, which decodes to ${decoded}`);
      }
    }
  }
  for (let id = 0; id < MAX_NODES; id++) {
    const flags = codec.encode(id);
    if ((flags & ~ID_BYTE) !== 0) {
      return {
        id: "INV-VNID-CAP",
        message: `node ${id} is stored as 0x${flags.toString(16)}, which reaches beyond the id's byte`,
      };
    }
  }
  return undefined;
}

function roundTrip(message: string): Finding {
  return { id: "INV-VNID-RT", message };
}
