// SPDX-License-Identifier: GPL-2.0-only
//
// encode_vn_id() and decode_vn_id() of the design that is checked: of the port, or of what stands in for it.

import { NodeBlocks } from "../impl/allocators/node-blocks.ts";
import { ALLOCATORS } from "../impl/allocators/registry.ts";
import { decodeVnId, encodeVnId } from "../impl/allocators/vn-id.ts";
import { instanceOf } from "../spec/small-machine.ts";
import { checkNodeIds, type NodeIdCodec, poolNodeIdProblem } from "../properties/checks/node-ids.ts";
import type { Finding } from "../properties/finding.ts";
import { TRAITS } from "../spec/design-traits.ts";
import type { AllocatorId } from "../spec/instance.ts";
import type { Designs } from "./campaigns.ts";

/** The codec of the port. */
export const PORT_IDS: NodeIdCodec = { encode: encodeVnId, decode: decodeVnId };

/** What is wrong with the node ids of a design, or of what stands in for it; by computation. */
export function nodeIdProblem(allocator: AllocatorId, designs: Designs | undefined): Finding | undefined {
  const { blocks, pools } = TRAITS[allocator];
  if (blocks) return checkNodeIds(nodeIdsOf(designs));
  return pools ? poolNodeIdProblem(allocator, designs?.[allocator] ?? ALLOCATORS[allocator]) : undefined;
}

/** The codec of the design that is checked. One without node ids has the port's. */
export function nodeIdsOf(designs: Designs | undefined): NodeIdCodec {
  const Design = designs?.["node-blocks"];
  const made = Design && new Design(instanceOf("node-blocks", { space: 8 }, "-"), {});
  return made instanceof NodeBlocks ? made : PORT_IDS;
}
