// SPDX-License-Identifier: GPL-2.0-only
//
// Pairs of designs that differ in one known way, and a machine and operations that are small enough to enumerate.

import { call, type KernelCode, site, tail } from "../../../explore/sync.ts";
import { EBUSY, ENOMEM } from "../../../impl/allocators/errno.ts";
import { GlobalTree } from "../../../impl/allocators/global-tree.ts";
import type { AllocatorClass } from "../../../impl/allocators/registry.ts";
import { patternOf } from "../../../properties/differential/moves.ts";
import type { DesignPair } from "../../../properties/differential/pair.ts";
import { caseText, type Case } from "../../../properties/differential/program.ts";
import { mutantOf } from "../../../properties/mutants/catalogue.ts";
import type { AllocatorId } from "../../../spec/instance.ts";

const S = { round: site("test", "go round for ever") };

/** Says -ENOMEM where the port says -EBUSY. */
export class OtherErrno extends GlobalTree {
  override *allocOverflow(...args: number[]): KernelCode {
    const page = yield call(this, super.allocOverflow, ...args);
    return page === -EBUSY ? -ENOMEM : page;
  }
}

/** Finds nothing but the first page of an area. */
export class FindsFirstPage extends GlobalTree {
  protected override lookUp(node: number, page: number): number {
    const found = super.lookUp(node, page);
    return found === page ? found : -1;
  }
}

/** A purge that never ends. */
export class EndlessPurge extends GlobalTree {
  override *reclaimAndPurgeVmapAreas(): KernelCode {
    yield this.kernel.step(S.round, () => 0);
    return tail(this, this.reclaimAndPurgeVmapAreas);
  }
}

/** The port before, something else after. */
export function against(after: AllocatorClass, allocator: AllocatorId = "global-tree"): DesignPair {
  return [{ allocator }, { allocator, design: after }];
}

/** The same the other way round. */
export function swapped([before, after]: DesignPair): DesignPair {
  return [after, before];
}

/** The class of a mutant. */
export function mutantClass(id: string): AllocatorClass {
  return mutantOf(id).make;
}

/** Operations of a space of four pages. */
export const PATTERNS = ["A=alloc(1)", "A=alloc(2)", "A=alloc(4)", "free(A)", "find(A+last)", "purge"].map(
  patternOf,
);

/** Its machine. */
export const FOUR_PAGES = { space: 4, cpus: 1, nodes: 1, lazyMax: 9 } as const;

/** A case in one line. */
export function line(of: Case): string {
  const { order, programs } = caseText(of);
  return `${programs.join(" || ")} [${order}]`;
}
