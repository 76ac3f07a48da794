// SPDX-License-Identifier: GPL-2.0-only
//
// INV-VNID-RT and INV-VNID-CAP by computation: every id that there can be, with every combination of flags.

import type { AllocatorClass } from "../../impl/allocators/registry.ts";
import { SizePools } from "../../impl/allocators/size-pools.ts";
import { MAX_NODES, VMAP_FLAGS } from "../../impl/allocators/vn-id.ts";
import type { AllocatorId } from "../../spec/instance.ts";
import { instanceOf } from "../../spec/small-machine.ts";
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

/** Most nodes of mainline: nr_vmap_nodes is clamped to it. */
const MAX_VMAP_NODES = 128;

/**
 * The same for mainline's functions, which are told of nodes that do not exist: `codecOf` makes those of a machine with so
 * many nodes, where that number stands for none.
 */
function checkPoolNodeIds(codecOf: (nodes: number) => NodeIdCodec): Finding | undefined {
  for (const nodes of [1, 2, 3, 7, MAX_VMAP_NODES]) {
    const codec = codecOf(nodes);
    for (let low = 0; low <= VMAP_FLAGS.MASK; low++) {
      const none = codec.decode(low);
      if (none !== nodes) return roundTrip(`flags 0x${low.toString(16)} decode to ${none} of ${nodes} nodes`);
      for (let id = 0; id < nodes; id++) {
        const flags = codec.encode(id) | low;
        const decoded = codec.decode(flags);
        if (decoded !== id) {
          return roundTrip(
            `node ${id} of ${nodes} is stored as 0x${flags.toString(16)}, which decodes to ${decoded}`,
          );
        }
      }
    }
    const most = codec.encode(nodes - 1);
    if ((most & ~ID_BYTE) !== 0) {
      return {
        id: "INV-VNID-CAP",
        message: `node ${nodes - 1} is stored as 0x${most.toString(16)}, which reaches beyond the id's byte`,
      };
    }
    if (codec.encode(nodes) !== 0) return roundTrip(`node ${nodes} of ${nodes} is stored`);
  }
  return undefined;
}

/** `checkPoolNodeIds` of a class, on machines with so many nodes. */
export function poolNodeIdProblem(allocator: AllocatorId, Design: AllocatorClass): Finding | undefined {
  return checkPoolNodeIds((nodes) => {
    const made = new Design(instanceOf(allocator, { space: 1, block: 1, nodes }, "-"), {});
    if (made instanceof SizePools) return made;
    throw new Error(`${allocator} has no node ids of mainline's kind`);
  });
}

function roundTrip(message: string): Finding {
  return { id: "INV-VNID-RT", message };
}
