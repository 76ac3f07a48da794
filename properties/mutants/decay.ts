// SPDX-License-Identifier: GPL-2.0-only
//
// Mutants of the decay of pools: how much of a pool, what becomes of the rest, and what may not be added meanwhile.

import { SizePools } from "../../impl/allocators/size-pools.ts";
import type { Va } from "../../impl/heap/areas.ts";
import { instanceOf } from "../../spec/small-machine.ts";
import type { Mutant } from "./mutant.ts";

class PopulatesAlways extends SizePools {
  protected override populates(): boolean {
    return true;
  }
}

/** The number is the quarter, the loop counts to it and one further. */
class DecaysOneMore extends SizePools {
  protected override decayDetached(node: number, i: number, nDecay: number): number {
    return super.decayDetached(node, i, nDecay + 1);
  }
}

/** len is what it was before a quarter of it went. */
class LenNotReduced extends SizePools {
  protected override attach(node: number, i: number, len: number): number {
    return super.attach(node, i, len + this.decayOf(Math.ceil((len * 4) / 3), 0));
  }
}

/** The area at which the loop stops is neither released nor put back. */
class DecayDropsOne extends SizePools {
  protected override decayDetached(node: number, i: number, nDecay: number): number {
    const tmp = this.tmpList[this.kernel.current]!;
    const last = this.containers.tail[tmp]! as Va;
    this.index.unlinkList(tmp, last, this.kernel.current);
    this.areas.blank(last);
    return super.decayDetached(node, i, nDecay);
  }
}

class DecayedNotMerged extends SizePools {
  protected override reclaimDecayed(): number {
    return 0;
  }
}

/** The loop goes on with the next class when nothing is to decay, and has the list in its hands. */
class NothingDecaysNothingBack extends SizePools {
  protected override decayDetached(node: number, i: number, nDecay: number): number {
    const rest = super.decayDetached(node, i, nDecay);
    return nDecay === 0 ? 0 : rest;
  }
}

const PURGED = instanceOf("size-pools", { space: 4, cpus: 1, lazyMax: 8 }, "a=alloc(1); free(a); purge");
/** Four areas in a pool, of which a decay takes one. */
const FOUR = instanceOf(
  "size-pools",
  { space: 4, cpus: 1, lazyMax: 16 },
  "a=alloc(1); b=alloc(1); c=alloc(1); d=alloc(1); free(a); free(b); free(c); free(d); aliases; aliases",
);
const DECAY_ALL = instanceOf(
  "size-pools",
  { space: 4, cpus: 1, lazyMax: 16 },
  "a=alloc(1); free(a); aliases; purge; b=alloc(4)",
);

/** Mutants of the decay. */
export const DECAY_MUTANTS: readonly Mutant[] = [
  {
    id: "MU-16",
    kind: "mistake",
    title: "the purge puts areas into pools although they are being emptied",
    base: "size-pools",
    make: PopulatesAlways,
    instance: PURGED,
    killedBy: ["INV-SKIP"],
  },
  {
    id: "MU-162",
    kind: "mistake",
    title: "a decay releases one area more than it takes off len",
    base: "size-pools",
    make: DecaysOneMore,
    instance: FOUR,
    killedBy: ["INV-POOL-LEN"],
  },
  {
    id: "MU-163",
    kind: "mistake",
    title: "what has decayed is not taken off len",
    base: "size-pools",
    make: LenNotReduced,
    instance: FOUR,
    killedBy: ["INV-POOL-LEN"],
  },
  {
    id: "MU-164",
    kind: "mistake",
    title: "a decay loses the last area of the list that it detached",
    base: "size-pools",
    make: DecayDropsOne,
    instance: DECAY_ALL,
    killedBy: ["INV-POOL-NOLOSS"],
  },
  {
    id: "MU-165",
    kind: "mistake",
    title: "decayed areas are not merged into the free tree",
    base: "size-pools",
    make: DecayedNotMerged,
    instance: DECAY_ALL,
    killedBy: ["INV-CONSERVE", "INV-COMPLETE-ALL"],
  },
  {
    id: "MU-166",
    kind: "mistake",
    title: "a decay that releases nothing does not put the list back",
    base: "size-pools",
    make: NothingDecaysNothingBack,
    instance: instanceOf(
      "size-pools",
      { space: 4, cpus: 1, lazyMax: 16 },
      "a=alloc(1); b=alloc(1); free(a); free(b); aliases; aliases",
    ),
    killedBy: ["INV-POOL-NOLOSS"],
  },
];
