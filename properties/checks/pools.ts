// SPDX-License-Identifier: GPL-2.0-only
//
// Pools: what is in them, their lengths, their decay; and what a purge does to them and says of itself.

import { EVENT } from "../../spec/events.ts";
import type { Va } from "../../impl/heap/areas.ts";
import type { ContainerInfo } from "../../impl/heap/containers.ts";
import { NodePools } from "../../impl/allocators/node-pools.ts";
import type { Check, CheckContext, CheckFactory } from "./check.ts";
import type { History } from "./check-memory.ts";

/** The checks of designs with pools. */
export const pools: CheckFactory = (context) =>
  context.sim.allocator instanceof NodePools ? new Pools(context, context.sim.allocator) : undefined;

/** INV-POOL-CLASS, INV-POOL-WINDOW, INV-POOL-LEN, INV-POOL-NOLOSS, INV-SKIP, INV-PURGE-COUNT, INV-PURGE-NODE. */
class Pools implements Check {
  readonly on: NonNullable<Check["on"]>;
  readonly history: readonly History[];
  readonly recordKinds = ["pool", "purge"] as const;
  private readonly context: CheckContext;
  private readonly allocator: NodePools;
  private readonly classOf = new Map<number, number>();
  // By node and class: decays that have detached the pool and not ended yet.
  private readonly decaying: Int32Array;
  // Areas that the decay of a process has detached and not yet released or put back.
  private readonly detached: Int32Array;
  // Of the purge that goes on: areas that it detached from lazy lists.
  private collected = 0;
  // Whether this step changed a pool.
  private touched = false;

  constructor(context: CheckContext, allocator: NodePools) {
    this.context = context;
    this.allocator = allocator;
    const { processes } = context.sim.kernel;
    const { classes, nodes } = allocator;
    this.decaying = new Int32Array(nodes * classes);
    this.detached = new Int32Array(processes);
    for (const lists of allocator.pool) lists.forEach((list, i) => this.classOf.set(list, i));
    const row = (at: number, i: number): number => context.rows[at + 2 + i]!;
    const touch = (): void => {
      this.touched = true;
    };
    this.on = {
      [EVENT.POOL_ADD]: () => this.added(),
      [EVENT.POOL_TAKEN]: touch,
      [EVENT.POOL_DETACHED]: (at) => this.detaches(row(at, 0), row(at, 1), row(at, 2)),
      [EVENT.POOL_DECAYED]: (at) => this.decayed(row(at, 0), row(at, 1), row(at, 2), row(at, 3)),
      [EVENT.POOL_ATTACHED]: (at) => this.attached(row(at, 0), row(at, 1), row(at, 2), row(at, 3)),
      [EVENT.PURGE_BEGIN]: () => {
        this.collected = 0;
      },
      [EVENT.PURGE_COLLECTED]: (at) => {
        const list = allocator.purgeList[row(at, 2)]!;
        this.collected += context.sim.kernel.containers.count[list]!;
      },
      [EVENT.PURGE_END]: (at) => this.purged(row(at, 0)),
    };
    this.history = [this.decayHistory(), this.purgeHistory()];
  }

  private decayHistory(): History {
    const { decaying, detached } = this;
    const processes = detached.length;
    return {
      invariants: ["INV-POOL-LEN", "INV-POOL-NOLOSS"],
      words: decaying.length + processes,
      save: (into, at) => {
        into.set(decaying, at);
        into.set(detached, at + decaying.length);
      },
      load: (from, at) => {
        for (let i = 0; i < decaying.length; i++) decaying[i] = from[at + i]!;
        for (let p = 0; p < processes; p++) {
          detached[p] = from[at + decaying.length + p]!;
        }
      },
    };
  }

  private purgeHistory(): History {
    return {
      invariants: ["INV-PURGE-COUNT"],
      words: 1,
      save: (into, at) => {
        into[at] = this.collected;
      },
      load: (from, at) => {
        this.collected = from[at]!;
      },
    };
  }

  reset(): void {
    this.decaying.fill(0);
    this.detached.fill(0);
    this.collected = 0;
    this.touched = false;
  }

  record(va: Va, info: ContainerInfo): void {
    const { areas, instance } = this.context.sim.kernel;
    const start = areas.start[va]!;
    const end = areas.end[va]!;
    const id = ((areas.flags[va]! >>> 8) & 0xff) - 1;
    if (info.kind === "purge") {
      if (id < 0 || id === info.node) return;
      this.context.report(
        "INV-PURGE-NODE",
        () => `[${start},${end}) carries the id of node ${id} and is on the purge list of node ${info.node}`,
      );
      return;
    }
    const size = this.classOf.get(info.id)! + 1;
    if (end - start !== size || id !== info.node) {
      this.context.report(
        "INV-POOL-CLASS",
        () =>
          `[${start},${end}) with ${id < 0 ? "no id" : `id ${id}`} is in the pool of node ${info.node} for ${size} pages`,
      );
    }
    const { vmalloc } = instance;
    if (start < vmalloc.start || end > vmalloc.end || this.allocator.nodes === 1) {
      this.context.report("INV-POOL-WINDOW", () => `[${start},${end}) of another window is in a pool`);
    }
  }

  afterStep(): void {
    if (!this.touched) return;
    this.touched = false;
    this.compareLengths();
  }

  atQuiescence(): void {
    this.compareLengths();
    for (let p = 0; p < this.detached.length; p++) this.keepsNothing(p);
  }

  // Whoever has ended a decay, and begins another one, has nothing of it left in its hands.
  private keepsNothing(process: number): void {
    const kept = this.detached[process]!;
    if (kept === 0) return;
    this.context.report(
      "INV-POOL-NOLOSS",
      () => `a decay ends with ${kept} detached areas neither released nor put back`,
    );
  }

  private compareLengths(): void {
    const { containers } = this.context.sim.kernel;
    const { classes, pool, poolLen } = this.allocator;
    for (let at = 0; at < poolLen.length; at++) {
      if (this.decaying[at] !== 0) continue;
      const node = Math.floor(at / classes);
      const count = containers.count[pool[node]![at % classes]!]!;
      const len = poolLen[at]!;
      if (len === count) continue;
      this.context.report(
        "INV-POOL-LEN",
        () => `the pool of node ${node} for ${(at % classes) + 1} pages has len ${len} and ${count} areas`,
      );
    }
  }

  private added(): void {
    this.touched = true;
    const { nodes, skipPopulate } = this.allocator;
    for (let n = 0; n < nodes; n++) {
      if (skipPopulate[n] !== 0) {
        this.context.report("INV-SKIP", () => "a purge that empties the pools puts an area into one");
      }
    }
  }

  private detaches(node: number, i: number, areas: number): void {
    const at = node * this.allocator.classes + i;
    const { process, sim } = this.context;
    if (!sim.kernel.locks.held(sim.allocator.purgeLock.id)) {
      this.context.report("INV-PURGE-SERIAL", () => `a pool of node ${node} decays outside vmap_purge_lock`);
    }
    this.keepsNothing(process);
    this.decaying[at]!++;
    this.detached[process] = areas;
  }

  private decayed(node: number, i: number, released: number, left: number): void {
    const { process } = this.context;
    const had = this.detached[process]!;
    if (had !== released + left) {
      this.context.report(
        "INV-POOL-NOLOSS",
        () => `a decay of node ${node} detached ${had} areas, released ${released} and kept ${left}`,
      );
    }
    this.detached[process] = left;
    if (left === 0) this.ends(node, i);
  }

  private attached(node: number, i: number, areas: number, replaced: number): void {
    const left = this.detached[this.context.process]!;
    if (areas !== left || replaced > 0) {
      this.context.report(
        "INV-POOL-NOLOSS",
        () =>
          `a decay of node ${node} puts ${areas} of ${left} areas back, and ${replaced} that were in the pool are lost`,
      );
    }
    this.ends(node, i);
  }

  private ends(node: number, i: number): void {
    const { process } = this.context;
    this.decaying[node * this.allocator.classes + i]!--;
    this.detached[process] = 0;
    this.touched = true;
  }

  private purged(reported: number): void {
    const { collected } = this;
    this.collected = 0;
    this.keepsNothing(this.context.process);
    if (reported !== collected) {
      this.context.report(
        "INV-PURGE-COUNT",
        () => `the purge reports ${reported} areas, it took ${collected} off the lazy lists`,
      );
    }
  }
}
