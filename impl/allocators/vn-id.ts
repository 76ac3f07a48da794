// SPDX-License-Identifier: GPL-2.0-only
//
// The node id in va->flags. Source: encode_vn_id, decode_vn_id, VMAP_* flags of the patch "Offload
// free_vmap_area_lock lock" (v2 6/9): the second byte holds the id plus one, 0 means none.

/** BITS_PER_BYTE. */
const BITS_PER_BYTE = 8;

/** Flags that live in the first byte. */
export const VMAP_FLAGS = { RAM: 0x1, BLOCK: 0x2, MASK: 0x3 } as const;

/** MAX_NODES of v2 9/9: U8_MAX. */
export const MAX_NODES = 255;

/** encode_vn_id(). */
export function encodeVnId(node: number): number {
  return (node + 1) << BITS_PER_BYTE;
}

/** decode_vn_id(): the node, or -1. No mask and no range check, as in the patch. */
export function decodeVnId(flags: number): number {
  return (flags >> BITS_PER_BYTE) - 1;
}

/** encode_vn_id() of mainline (v6.9): 0 for a node that does not exist. */
export function encodeVnIdChecked(node: number, nodes: number): number {
  return node < nodes ? (node + 1) << BITS_PER_BYTE : 0;
}

/** decode_vn_id() of mainline (v6.9): `nodes` for flags that name no node. */
export function decodeVnIdChecked(flags: number, nodes: number): number {
  const id = ((flags >>> BITS_PER_BYTE) - 1) >>> 0;
  return id < nodes ? id : nodes;
}
