// SPDX-License-Identifier: GPL-2.0-only
//
// encode_vn_id() and decode_vn_id() of the design that is checked: of the port, or of what stands in for it.

import { NodeBlocks } from "../impl/allocators/node-blocks.ts";
import { decodeVnId, encodeVnId } from "../impl/allocators/vn-id.ts";
import { instanceOf } from "../spec/small-machine.ts";
import type { NodeIdCodec } from "../properties/checks/node-ids.ts";
import type { Designs } from "./campaigns.ts";

/** The codec of the port. */
export const PORT_IDS: NodeIdCodec = { encode: encodeVnId, decode: decodeVnId };

/** The codec of the design that is checked. One without node ids has the port's. */
export function nodeIdsOf(designs: Designs | undefined): NodeIdCodec {
  const Design = designs?.["node-blocks"];
  const made = Design && new Design(instanceOf("node-blocks", { space: 8 }, "-"), {});
  return made instanceof NodeBlocks ? made : PORT_IDS;
}
