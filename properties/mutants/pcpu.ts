// SPDX-License-Identifier: GPL-2.0-only
//
// Mutants of pcpu_get_vm_areas(): the walk from the top, the clips and how they are undone, the purge and the retry.

import { call, type KernelCode, type Step, tail } from "../../explore/sync.ts";
import { ENOMEM } from "../../impl/allocators/errno.ts";
import { GlobalTree } from "../../impl/allocators/global-tree.ts";
import { NodeBlocks } from "../../impl/allocators/node-blocks.ts";
import { NodeIndex } from "../../impl/allocators/node-index.ts";
import { S } from "../../impl/allocators/pcpu-areas.ts";
import { NONE, type Va } from "../../impl/heap/areas.ts";
import { EVENT } from "../../spec/events.ts";
import type { PcpuRequest } from "../../spec/operations.ts";
import { instanceOf } from "../../spec/small-machine.ts";
import type { Mutant } from "./mutant.ts";

class PassesRecordBy extends GlobalTree {
  protected override pvmGoOnFrom(va: Va, start: number, end: number): number {
    const from = super.pvmGoOnFrom(va, start, end);
    return from === va ? this.freeVmapAreaPrev(va) : from;
  }
}

class BaseBelowWindow extends GlobalTree {
  protected override pvmBaseMin(): number {
    return 0;
  }
}

class EndOfRecord extends GlobalTree {
  protected override pvmEnd(va: Va, align: number): number {
    return va === NONE ? 0 : this.areas.end[va]! - (this.areas.end[va]! % align);
  }
}

class EndNotAligned extends GlobalTree {
  protected override pvmEnd(va: Va): number {
    return super.pvmEnd(va, 1);
  }
}

class OnlyHighestArea extends GlobalTree {
  protected override pvmFindBase({ offsets, sizes, align }: PcpuRequest): number {
    const last = offsets.indexOf(Math.max(...offsets));
    return super.pvmFindBase({ offsets: [offsets[last]!], sizes: [sizes[last]!], align });
  }
}

class SizesInOrder extends GlobalTree {
  protected override pcpuClipAll(request: PcpuRequest, base: number): number {
    return super.pcpuClipAll({ ...request, sizes: [...request.sizes].sort((a, b) => a - b) }, base);
  }
}

class NotRecovered extends GlobalTree {
  protected override pcpuRecover(): number {
    return 0;
  }
}

class RecordsStayAway extends GlobalTree {
  override *pcpuOverflow(request: number, purged: number): KernelCode {
    return tail(this, super.pcpuOverflow, request, purged, 0);
  }
}

class NoPurge extends GlobalTree {
  override *pcpuOverflow(request: number, _purged: number, missing: number): KernelCode {
    return tail(this, super.pcpuOverflow, request, 1, missing);
  }
}

class NoRetry extends GlobalTree {
  override *pcpuOverflow(request: number): KernelCode {
    yield call(this, this.reclaimAndPurgeVmapAreas);
    yield this.pcpuGiveUp(request);
    return -ENOMEM;
  }
}

class RecordsKept extends GlobalTree {
  protected override pcpuGiveUp(request: number): Step {
    return this.kernel.step(S.giveUp, () => {
      this.kernel.events.emit(EVENT.PCPU_FAILED, request);
      return 0;
    });
  }
}

class GivesBackOne extends GlobalTree {
  protected override pcpuGiveAllBack(): number {
    const va = this.containers.head[this.pcpuVas()]! as Va;
    const start = this.areas.start[va]!;
    const end = this.areas.end[va]!;
    this.index.unlinkList(this.pcpuVas(), va, this.kernel.current);
    if (this.pcpuGiveBack(va)) this.kernel.events.emit(EVENT.UNGRANT, start, end);
    return 0;
  }
}

class BusyWithoutShadow extends GlobalTree {
  override *pcpuPopulate(request: number, base: number): KernelCode {
    const kasan = this.kernel.faults.choices("kasan");
    const failed = yield { site: S.kasan, choices: kasan, run: (choice) => this.populate(choice) };
    yield call(this, this.pcpuInsert, request, base, 0);
    return failed ? -ENOMEM : base;
  }
}

class GivesBackUnlocked extends GlobalTree {
  override *pcpuPopulate(request: number, base: number): KernelCode {
    const kasan = this.kernel.faults.choices("kasan");
    const failed = yield { site: S.kasan, choices: kasan, run: (choice) => this.populate(choice) };
    if (!failed) return tail(this, this.pcpuInsert, request, base, 0);
    yield this.kernel.step(S.giveBack, () => this.pcpuGiveAllBack());
    return -ENOMEM;
  }
}

class NotMergedBack extends GlobalTree {
  protected override pcpuGiveBack(va: Va): boolean {
    return this.index.insert(this.free, va, this.kernel.current);
  }
}

class AllInOneNode extends NodeIndex {
  override *pcpuInsert(request: number, base: number): KernelCode {
    const node = this.addrToNode(base + this.pcpuRequests[request]!.offsets[0]!);
    yield this.kernel.locked(S.insertInNode, this.busyLock[node]!, () => {
      while (this.containers.head[this.pcpuVas()] !== NONE) this.pcpuInsertFirst(node);
      return 0;
    });
    return base;
  }
}

class WithNodeId extends NodeBlocks {
  protected override pcpuInsertFirst(node: number): number {
    this.areas.flags[this.containers.head[this.pcpuVas()]! as Va] = this.encode(node);
    return super.pcpuInsertFirst(node);
  }
}

/** Live pages between two free records: the lower area fits neither above them nor in the record above it. */
const GAP = ["m=alloc(2,window=2..4); p=pcpu(0:1,1:1)"];

/** The first area is clipped at the end of the free space, the second one inside. */
const SPLIT_SECOND = ["p=pcpu(2:1,0:1)"];

const LAZY = ["a=alloc(4); free(a); p=pcpu(0:1,2:2)"];

/** Mutants of congruent areas. */
export const PCPU_MUTANTS: readonly Mutant[] = [
  {
    id: "MU-280",
    kind: "mistake",
    title: "an area that reaches above a free record passes it by (5336e52c9e3e)",
    base: "global-tree",
    make: PassesRecordBy,
    killedBy: ["INV-PCPU-HIGHEST"],
    instance: instanceOf("global-tree", { space: 5, cpus: 1 }, ...GAP),
  },
  {
    id: "MU-281",
    kind: "mistake",
    title: "the walk ends at page 0 and not at VMALLOC_START",
    base: "global-tree",
    make: BaseBelowWindow,
    killedBy: ["INV-BOUNDS"],
    instance: instanceOf(
      "global-tree",
      { space: 6, vmalloc: { start: 3, end: 6 }, cpus: 1 },
      "m=alloc(1,window=4..5); p=pcpu(0:1,1:1)",
    ),
  },
  {
    id: "MU-282",
    kind: "mistake",
    title: "the end of a free record counts, also beyond VMALLOC_END",
    base: "global-tree",
    make: EndOfRecord,
    killedBy: ["INV-BOUNDS"],
    instance: instanceOf(
      "global-tree",
      { space: 6, vmalloc: { start: 0, end: 4 }, modules: { start: 4, end: 6 }, cpus: 1 },
      "p=pcpu(0:1,1:1)",
    ),
  },
  {
    id: "MU-283",
    kind: "mistake",
    title: "the end of a free record is not rounded down to the alignment",
    base: "global-tree",
    make: EndNotAligned,
    killedBy: ["INV-BOUNDS"],
    instance: instanceOf("global-tree", { space: 5, cpus: 1 }, "p=pcpu(0:2,align=2)"),
  },
  {
    id: "MU-284",
    kind: "mistake",
    title: "only the highest area is looked at in the search",
    base: "global-tree",
    make: OnlyHighestArea,
    killedBy: ["INV-PCPU-COMPLETE"],
    instance: instanceOf("global-tree", { space: 5, cpus: 1 }, ...GAP),
  },
  {
    id: "MU-285",
    kind: "mistake",
    title: "the areas are clipped with the sizes in ascending order",
    base: "global-tree",
    make: SizesInOrder,
    killedBy: ["INV-PCPU-CONGRUENT"],
    instance: instanceOf("global-tree", { space: 6, cpus: 1 }, "p=pcpu(2:2,0:1)"),
  },
  {
    id: "MU-286",
    kind: "mistake",
    title: "a clip fails, and those before it are not undone",
    base: "global-tree",
    make: NotRecovered,
    killedBy: ["INV-CLIP-ATOMIC"],
    instance: instanceOf("global-tree", { space: 6, cpus: 1, faults: ["split"] }, ...SPLIT_SECOND),
  },
  {
    id: "MU-287",
    kind: "mistake",
    title: "what a recovery gives back is inserted, and not merged",
    base: "global-tree",
    make: NotMergedBack,
    killedBy: ["INV-CLIP-ATOMIC", "INV-COALESCED"],
    instance: instanceOf("global-tree", { space: 6, cpus: 1, faults: ["split"] }, ...SPLIT_SECOND),
  },
  {
    id: "MU-288",
    kind: "mistake",
    title: "the records that a recovery gave away are not allocated again before the retry",
    base: "global-tree",
    make: RecordsStayAway,
    killedBy: ["INV-NOWARN"],
    instance: instanceOf("global-tree", { space: 6, cpus: 1, faults: ["split"] }, ...SPLIT_SECOND),
  },
  {
    id: "MU-289",
    kind: "mistake",
    title: "congruent areas are refused without a purge",
    base: "global-tree",
    make: NoPurge,
    killedBy: ["INV-PCPU-COMPLETE"],
    instance: instanceOf("global-tree", { space: 4, cpus: 1, lazyMax: 8 }, ...LAZY),
  },
  {
    id: "MU-290",
    kind: "mistake",
    title: "congruent areas are refused behind the purge, without another search",
    base: "global-tree",
    make: NoRetry,
    killedBy: ["INV-PCPU-COMPLETE"],
    instance: instanceOf("global-tree", { space: 4, cpus: 1, lazyMax: 8 }, ...LAZY),
  },
  {
    id: "MU-291",
    kind: "mistake",
    title: "the records of a call that found no base are not freed",
    base: "global-tree",
    make: RecordsKept,
    killedBy: ["INV-PCPU-CONGRUENT"],
    instance: instanceOf("global-tree", { space: 4, cpus: 1 }, "a=alloc(3); p=pcpu(0:1,1:1)"),
  },
  {
    id: "MU-292",
    kind: "mistake",
    title: "a shadow fails, and only the first area goes back",
    base: "global-tree",
    make: GivesBackOne,
    killedBy: ["INV-PCPU-CONGRUENT"],
    instance: instanceOf("global-tree", { space: 4, cpus: 1, faults: ["kasan"] }, "p=pcpu(0:1,2:1)"),
  },
  {
    id: "MU-293",
    kind: "mistake",
    title: "a shadow fails, and the areas become busy nevertheless",
    base: "global-tree",
    make: BusyWithoutShadow,
    killedBy: ["INV-PCPU-CONGRUENT"],
    instance: instanceOf("global-tree", { space: 4, cpus: 1, faults: ["kasan"] }, "p=pcpu(0:1,2:1)"),
  },
  {
    id: "MU-294",
    kind: "mistake",
    title: "a shadow fails, and the areas go back without free_vmap_area_lock",
    base: "global-tree",
    make: GivesBackUnlocked,
    killedBy: ["INV-STRICT"],
    strictOnly: true,
    instance: instanceOf("global-tree", { space: 4, cpus: 1, faults: ["kasan"] }, "p=pcpu(0:1,2:1)"),
  },
  {
    id: "MU-295",
    kind: "mistake",
    title: "all areas of a call go into the busy tree of the first one's node",
    base: "node-index",
    make: AllInOneNode,
    killedBy: ["INV-BUSY-NODE"],
    instance: instanceOf("node-index", { space: 4, block: 2, cpus: 1 }, "p=pcpu(0:1,2:1)"),
  },
  {
    id: "MU-296",
    kind: "mistake",
    title: "congruent areas carry the id of a node",
    base: "node-blocks",
    make: WithNodeId,
    killedBy: ["INV-VNID-RT"],
    instance: instanceOf("node-blocks", { space: 4, block: 4, cpus: 1 }, "p=pcpu(0:1,2:1)"),
  },
];
