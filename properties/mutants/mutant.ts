// SPDX-License-Identifier: GPL-2.0-only
//
// A mutant: a design with one mistake that an author or a reviewer could make, and the invariant that must see
// it. A repair: a design with one defect mended, and the finding that must go. They prove that checks can fail.

import type { AllocatorClass } from "../../impl/allocators/registry.ts";
import type { IndexMaker, KernelOptions } from "../../impl/kernel/kernel.ts";
import type { FreeSpace } from "../../impl/structures/free-space.ts";
import type { AllocatorId, Instance } from "../../spec/instance.ts";
import type { InvariantId } from "../../spec/invariants.ts";

interface Entry {
  readonly id: `MU-${number}`;
  /** The mistake, or the repair, in one line. */
  readonly title: string;
  /** The design that it changes. */
  readonly base: AllocatorId;
  readonly make: AllocatorClass;
  /** Where it is hunted: at most a dozen operations, on which the faithful port shows nothing. */
  readonly instance: Instance;
}

/** A design with a mistake. */
export interface Mistake extends Entry {
  readonly kind: "mistake";
  /** The invariants of which one is the first to see it. */
  readonly killedBy: readonly InvariantId[];
  /** Watched as well: the faithful port violates it elsewhere, but not in this instance. */
  readonly watchedToo?: readonly InvariantId[];
  /** Only the check of every heap access can see it. */
  readonly strictOnly?: boolean;
  /** A computation sees it, without a run. */
  readonly computed?: boolean;
}

/** A design with a defect mended; without the repair the instance shows the finding. */
export interface Repair extends Entry {
  readonly kind: "repair";
  /** What the faithful port violates here and the repaired design does not. */
  readonly cures: InvariantId;
  /** A design with another defect mended, which would come first in a search of the port. */
  readonly beside?: AllocatorClass;
}

/** One entry of the catalogue. */
export type Mutant = Mistake | Repair;

/** A design whose containers all use another index: a subclass of the port's with a mistake in it. */
export function withIndex(
  Design: AllocatorClass,
  Index: new (...args: Parameters<IndexMaker>) => FreeSpace,
): AllocatorClass {
  return class extends Design {
    constructor(instance: Instance, options: KernelOptions) {
      super(instance, { ...options, index: (...args) => new Index(...args) });
    }
  };
}
