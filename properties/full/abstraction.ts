// SPDX-License-Identifier: GPL-2.0-only
//
// The abstraction function from scratch: who holds each page, and what that means to the reference model. Block
// edges are derived from what lies between them, and from no event.

import { NodeBlocks } from "../../impl/allocators/node-blocks.ts";
import { PLACE, type Va } from "../../impl/heap/areas.ts";
import { LIMBO } from "../../impl/kernel/kernel.ts";
import type { Simulation } from "../../impl/simulation.ts";
import { limboCode, type PlaceCodes, placeCodes } from "../checks/places.ts";
import type { Finding } from "../finding.ts";
import { handles, walkList } from "./walk.ts";

/** Every page with its holder. */
export interface Ownership {
  readonly codes: PlaceCodes;
  /** Code of the place that holds each page. */
  readonly place: Int16Array;
  /** First pages of the blocks that nodes own, with the node. */
  readonly blocks: ReadonlyMap<number, number>;
}

/** Nobody has the page, as far as it was seen. */
const NOWHERE = -1;
/** The page does not belong to a node. */
const NO_NODE = -1;

/** Node id in va->flags as the patch documents it: the second byte holds the id plus one. */
export function idOf(flags: number): number {
  return ((flags >>> 8) & 0xff) - 1;
}

/** Who holds each page, or the first page that nobody or more than one holds. O(pages + records). */
export function ownership(sim: Simulation): Ownership | Finding {
  const codes = placeCodes(sim);
  const pages = new Pages(sim, codes);
  const wrong = pages.takeAll();
  if (wrong) return wrong;
  return pages.deriveBlocks() ?? { codes, place: pages.place, blocks: pages.blocks };
}

class Pages {
  readonly place: Int16Array;
  readonly blocks = new Map<number, number>();
  /** Node that a page belongs to, by the id or the tree that its record is in. */
  private readonly node: Int16Array;
  private readonly sim: Simulation;
  private readonly codes: PlaceCodes;

  constructor(sim: Simulation, codes: PlaceCodes) {
    this.sim = sim;
    this.codes = codes;
    this.place = new Int16Array(sim.kernel.instance.spacePages).fill(NOWHERE);
    this.node = new Int16Array(sim.kernel.instance.spacePages).fill(NO_NODE);
  }

  /** Every place that can hold pages, once. */
  takeAll(): Finding | undefined {
    const { areas, containers, processes, limboKind, limboStart, limboEnd } = this.sim.kernel;
    const { allocator } = this.sim;
    const gaps: (readonly [number, number])[] = [];
    if (allocator.gapsAreFree()) allocator.forEachFree((start, end) => gaps.push([start, end]));
    for (const [start, end] of gaps) {
      const wrong = this.take(start, end, this.codes.gap, NO_NODE);
      if (wrong) return wrong;
    }
    for (const info of containers.all()) {
      // Where gaps are the free space, the free tree is not.
      if (info.id === allocator.free && allocator.gapsAreFree()) continue;
      for (const va of walkList(areas, containers.head[info.id]!).records) {
        // Stands for no pages yet.
        if (info.kind === "pcpu" && areas.end[va] === 0) continue;
        const wrong = this.takeRecord(
          va,
          info.id,
          info.kind === "node-free" ? info.node : this.idIn(va, info.kind),
        );
        if (wrong) return wrong;
      }
    }
    for (const va of handles(areas)) {
      if (areas.place[va] !== PLACE.LIMBO) continue;
      const wrong = this.takeRecord(va, PLACE.LIMBO, idOf(areas.flags[va]!));
      if (wrong) return wrong;
    }
    for (let p = 0; p < processes; p++) {
      if (limboKind[p] === LIMBO.NONE) continue;
      const code = limboCode(this.codes, limboKind[p]!);
      const wrong = this.take(limboStart[p]!, limboEnd[p]!, code, NO_NODE);
      if (wrong) return wrong;
    }
    return undefined;
  }

  // Only these say by their flags whose they are.
  private idIn(va: Va, kind: string): number {
    const tells = kind === "busy" || kind === "lazy" || kind === "purge";
    return tells ? idOf(this.sim.kernel.areas.flags[va]!) : NO_NODE;
  }

  private takeRecord(va: Va, code: number, node: number): Finding | undefined {
    const { areas } = this.sim.kernel;
    return this.take(areas.start[va]!, areas.end[va]!, code, node);
  }

  private take(start: number, end: number, code: number, node: number): Finding | undefined {
    const name = this.codes.names[code]!;
    if (start < 0 || start >= end || end > this.place.length) {
      return { id: "INV-OWN1", message: `[${start},${end}) in "${name}" is no range of the space` };
    }
    for (let page = start; page < end; page++) {
      const other = this.place[page]!;
      if (other !== NOWHERE) {
        const places = `"${this.codes.names[other]!}" and "${name}"`;
        const inGap = other === this.codes.gap || code === this.codes.gap;
        return { id: inGap ? "INV-OCC-EQ" : "INV-OWN1", message: `page ${page} is in two places: ${places}` };
      }
      this.place[page] = code;
      this.node[page] = node;
    }
    return undefined;
  }

  /** Pages in no place must be the edges of blocks; pages with a node must lie inside blocks of that node. */
  deriveBlocks(): Finding | undefined {
    const { allocator } = this.sim;
    const size = allocator instanceof NodeBlocks ? allocator.nodeSize : 0;
    let inside = 0;
    let owner = NO_NODE;
    for (let page = 0; page < this.place.length; page++) {
      if (inside === 0 && this.place[page] === NOWHERE) {
        const node = size === 0 ? undefined : this.blockAt(page, size);
        if (node === undefined) return { id: "INV-CONSERVE", message: `page ${page} is in no place` };
        owner = node;
        inside = size;
        this.blocks.set(page, node);
        this.place[page] = this.codes.edge;
        this.place[page + size - 1] = this.codes.edge;
      }
      const wrong = this.nodeProblem(page, inside > 0 ? owner : NO_NODE);
      if (wrong) return wrong;
      if (inside > 0) inside--;
    }
    return undefined;
  }

  // Between two edges lie as many pages as a block has, each in some place.
  private blockAt(start: number, size: number): number | undefined {
    const last = start + size - 1;
    if (last >= this.place.length || this.place[last] !== NOWHERE) return undefined;
    let owner = NO_NODE;
    for (let page = start + 1; page < last; page++) {
      if (this.place[page] === NOWHERE) return undefined;
      if (owner === NO_NODE) owner = this.node[page]!;
    }
    return owner;
  }

  private nodeProblem(page: number, owner: number): Finding | undefined {
    const place = this.place[page]!;
    if (place === this.codes.edge || place === this.codes.grant) return undefined;
    const node = this.node[page]!;
    if (node === owner) return undefined;
    if (!(this.sim.allocator instanceof NodeBlocks)) return undefined;
    const name = this.codes.names[place]!;
    const says = node === NO_NODE ? "no node" : `node ${node}`;
    const lies = owner === NO_NODE ? "in no block" : `in a block of node ${owner}`;
    return { id: "INV-VNID-OWNER", message: `page ${page} in "${name}" belongs to ${says} and lies ${lies}` };
  }
}

/** What the pages are to the reference model, against what the model says. O(pages). */
export function meaningProblem(
  sim: Simulation,
  { codes, place }: Ownership,
  model: { readonly state: Uint8Array; readonly mapped: Uint8Array; readonly stale: Int32Array },
): Finding | undefined {
  const { tlb } = sim.kernel;
  for (let page = 0; page < place.length; page++) {
    const same = codes.meaning[place[page]!] === model.state[page];
    const sameTlb = tlb.mapped[page] === model.mapped[page] && tlb.stale[page] === model.stale[page];
    if (same && sameTlb) continue;
    const at = `page ${page} in "${codes.names[place[page]!]!}"`;
    const message = same
      ? `${at}: its mapping or its translations differ from the model's`
      : `${at} is in state ${model.state[page]!} in the model`;
    return { id: "INV-REFINE", message };
  }
  return undefined;
}

/** A page that some CPU may still translate must have been given up and not be fit for reuse. O(pages). */
export function staleProblem(
  sim: Simulation,
  { codes, place }: Ownership,
  freed: number,
  live: number,
): Finding | undefined {
  const { tlb } = sim.kernel;
  for (let page = 0; page < place.length; page++) {
    const meaning = codes.meaning[place[page]!];
    const stale = tlb.stale[page] !== 0 && meaning !== freed;
    const mapped = tlb.mapped[page] !== 0 && meaning !== live && meaning !== freed;
    if (!stale && !mapped) continue;
    const at = `page ${page} in "${codes.names[place[page]!]!}"`;
    return { id: "INV-TLB", message: `${at} ${stale ? "may still be translated" : "is still mapped"}` };
  }
  return undefined;
}
