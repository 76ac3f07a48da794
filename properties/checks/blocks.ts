// SPDX-License-Identifier: GPL-2.0-only
//
// Blocks, node ids and who serves whom: what the node-blocks patch promises.

import { EVENT } from "../../spec/events.ts";
import type { Va } from "../../impl/heap/areas.ts";
import type { ContainerInfo } from "../../impl/heap/containers.ts";
import { NodeBlocks } from "../../impl/allocators/node-blocks.ts";
import { LIMBO } from "../../impl/kernel/kernel.ts";
import type { Check, CheckContext, CheckFactory } from "./check.ts";
import type { History } from "./check-memory.ts";

/** The checks of designs with blocks. */
export const blocks: CheckFactory = (context) =>
  context.sim.allocator instanceof NodeBlocks ? new Blocks(context, context.sim.allocator) : undefined;

/** Node id in va->flags as the patch documents it, read independently of the port: 0 is none. */
function idOf(flags: number): number {
  return ((flags >>> 8) & 0xff) - 1;
}

class Blocks implements Check {
  readonly on: NonNullable<Check["on"]>;
  readonly history: readonly History[];
  private readonly context: CheckContext;
  private readonly allocator: NodeBlocks;
  private readonly filling: Int32Array;
  // Node that served the last grant of each process, -1 for the global heap.
  private readonly servedBy: Int32Array;
  // Whole blocks parked in a node's tree: start -> number of purges begun when it became whole.
  private readonly parked = new Map<number, number>();
  private purges = 0;
  // Start of the area that this step made busy, until its record was looked at.
  private boundAt = -1;

  constructor(context: CheckContext, allocator: NodeBlocks) {
    this.context = context;
    this.allocator = allocator;
    this.filling = new Int32Array(allocator.nodes);
    this.servedBy = new Int32Array(context.sim.kernel.processes);
    const row = (at: number, i: number): number => context.rows[at + 2 + i]!;
    this.on = {
      [EVENT.BLOCK_PLACED]: (at) => context.blocks.place(row(at, 0), row(at, 1), row(at, 2)),
      [EVENT.BLOCK_RETURNED]: (at) => this.returned(row(at, 0), row(at, 1), row(at, 2)),
      [EVENT.GRANT]: (at) => this.granted(row(at, 1) - row(at, 0), row(at, 2), row(at, 5)),
      [EVENT.BIND]: (at) => {
        this.boundAt = row(at, 0);
      },
      [EVENT.FILL_BEGIN]: (at) => this.fillBegins(row(at, 0)),
      [EVENT.FILL_END]: (at) => this.fillEnds(row(at, 0)),
      [EVENT.PURGE_BEGIN]: () => {
        this.purges++;
      },
      [EVENT.PURGE_END]: () => this.purgeEnds(),
    };
    this.history = [this.fillHistory(), this.serviceHistory(), this.parkedHistory()];
  }

  private fillHistory(): History {
    const { filling } = this;
    return {
      invariants: ["INV-FILL-EXCL"],
      words: filling.length,
      save: (into, at) => {
        for (let n = 0; n < filling.length; n++) into[at + n] = filling[n]!;
      },
      load: (from, at) => {
        for (let n = 0; n < filling.length; n++) filling[n] = from[at + n]!;
      },
    };
  }

  // Who served a process matters until its area is busy.
  private serviceHistory(): History {
    const { servedBy } = this;
    const { limboKind } = this.context.sim.kernel;
    return {
      invariants: ["INV-VNID-RT"],
      words: servedBy.length,
      rename: (from, at, { as }, into) => {
        for (let p = 0; p < servedBy.length; p++) into[at + as[p]!] = from[at + p]!;
      },
      save: (into, at) => {
        for (let p = 0; p < servedBy.length; p++) {
          into[at + p] = limboKind[p] === LIMBO.GRANT ? servedBy[p]! : -1;
        }
      },
      load: (from, at) => {
        for (let p = 0; p < servedBy.length; p++) servedBy[p] = from[at + p]!;
      },
    };
  }

  // A word per page: 1 if the block that begins there is whole and was so when the last purge began, 2 if it is whole
  // since.
  private parkedHistory(): History {
    const words = this.context.sim.kernel.instance.spacePages;
    return {
      invariants: ["INV-BLOCK-RETURN"],
      past: true,
      words,
      save: (into, at) => {
        into.fill(0, at, at + words);
        for (const [start, since] of this.parked) into[at + start] = since < this.purges ? 1 : 2;
      },
      load: (from, at) => {
        this.parked.clear();
        this.purges = 2;
        for (let page = 0; page < words; page++) {
          if (from[at + page] !== 0) this.parked.set(page, from[at + page]!);
        }
      },
    };
  }

  reset(): void {
    this.context.blocks.reset();
    this.filling.fill(0);
    this.servedBy.fill(-1);
    this.parked.clear();
    this.purges = 0;
  }

  record(va: Va, { kind, node }: ContainerInfo): void {
    const { areas } = this.context.sim.kernel;
    const start = areas.start[va]!;
    const end = areas.end[va]!;
    if (kind === "pcpu" && end === 0) return;
    const block = this.context.blocks.startOf(start);
    if (block !== this.context.blocks.startOf(end - 1)) {
      this.context.report("INV-BLOCK-NOMERGE", () => `[${start},${end}) in ${kind} spans a block's border`);
    }
    if (block >= 0 && (kind === "free" || kind === "reclaim")) {
      const owner = this.context.blocks.nodeOf(start);
      this.context.report(
        "INV-VNID-OWNER",
        () => `[${start},${end}) goes to the global heap but lies in a block of node ${owner}`,
      );
    }
    if (kind === "node-free") this.nodeFree(start, end, node, block);
    if (kind === "busy" && start === this.boundAt) this.bound(va);
    if (kind === "busy" || kind === "lazy" || kind === "purge") {
      this.owner(va, start, end, kind === "purge" ? node : -1, block);
    }
  }

  afterStep(): void {
    const flag = this.allocator.fillInProgress;
    for (let n = 0; n < this.filling.length; n++) {
      if ((flag[n] !== 0) !== (this.filling[n] !== 0)) {
        this.context.report(
          "INV-FILL-EXCL",
          () => `fill_in_progress of node ${n} is ${flag[n]} while ${this.filling[n]} tasks fill it`,
        );
      }
    }
  }

  private nodeFree(start: number, end: number, node: number, block: number): void {
    if (block < 0 || this.context.blocks.nodeOf(start) !== node) {
      this.context.report(
        "INV-VNID-OWNER",
        () => `[${start},${end}) is in the free tree of node ${node}, which owns no block there`,
      );
      return;
    }
    if (end - start === this.allocator.nodeSize - 2) {
      if (!this.parked.has(block)) this.parked.set(block, this.purges);
    } else this.parked.delete(block);
  }

  private owner(va: Va, start: number, end: number, purgedBy: number, block: number): void {
    const { areas } = this.context.sim.kernel;
    const id = idOf(areas.flags[va]!);
    const owner = block < 0 ? -1 : this.context.blocks.nodeOf(start);
    if (id !== owner) {
      const said = id < 0 ? "no node id" : `the id of node ${id}`;
      const lies = owner < 0 ? "in no block" : `in a block of node ${owner}`;
      this.context.report("INV-VNID-OWNER", () => `[${start},${end}) carries ${said} but lies ${lies}`);
    }
    if (purgedBy >= 0 && id >= 0 && id !== purgedBy) {
      this.context.report(
        "INV-PURGE-NODE",
        () => `[${start},${end}) carries the id of node ${id} and is on the purge list of node ${purgedBy}`,
      );
    }
  }

  private granted(size: number, align: number, node: number): void {
    this.servedBy[this.context.process] = node;
    if (node < 0) return;
    const charged = size + (align > 1 ? align : 0);
    if (charged > Math.floor(this.allocator.nodeSize / 4)) {
      this.context.report(
        "INV-BLOCK-LIMIT",
        () =>
          `node ${node} served ${size} pages, align ${align}: above a quarter of ${this.allocator.nodeSize}`,
      );
    }
  }

  // What was encoded must decode to the node that served the request.
  private bound(va: Va): void {
    this.boundAt = -1;
    const flags = this.context.sim.kernel.areas.flags[va]!;
    const served = this.servedBy[this.context.process]!;
    const decoded = this.allocator.decode(flags);
    if (idOf(flags) !== served || (served >= 0 ? decoded !== served : decoded >= 0)) {
      const by = served < 0 ? "the global heap" : `node ${served}`;
      this.context.report(
        "INV-VNID-RT",
        () => `an area of ${by} has flags 0x${flags.toString(16)}, which decode to ${decoded}`,
      );
    }
  }

  private fillBegins(node: number): void {
    this.filling[node] = this.filling[node]! + 1;
    if (this.filling[node] > 1) {
      this.context.report("INV-FILL-EXCL", () => `${this.filling[node]} tasks fill node ${node} at once`);
    }
  }

  private fillEnds(node: number): void {
    this.filling[node] = this.filling[node]! - 1;
  }

  private returned(start: number, end: number, node: number): void {
    const { blocks, report } = this.context;
    if (
      blocks.startOf(start) !== start ||
      blocks.startOf(end - 1) !== start ||
      end - start !== this.allocator.nodeSize ||
      blocks.nodeOf(start) !== node
    ) {
      report(
        "INV-BLOCK-EDGE",
        () => `[${start},${end}) was returned as a block of node ${node}, which it is not`,
      );
      return;
    }
    this.parked.delete(start);
    blocks.remove(start, end);
  }

  // A block that was whole before this purge began must be back in the global heap now.
  private purgeEnds(): void {
    for (const [start, since] of this.parked) {
      if (since < this.purges) {
        const node = this.context.blocks.nodeOf(start);
        this.context.report(
          "INV-BLOCK-RETURN",
          () => `the block at ${start} is wholly free, and node ${node} keeps it through a purge`,
        );
        return;
      }
    }
  }
}
