// SPDX-License-Identifier: GPL-2.0-only
//
// Mutants of blocks: edges, limits, return to the global heap.

import { NodeBlocks } from "../../impl/allocators/node-blocks.ts";
import { NONE, type Va } from "../../impl/heap/areas.ts";
import { EVENT } from "../../spec/events.ts";
import { instanceOf } from "../../spec/small-machine.ts";
import type { Mutant } from "./mutant.ts";

/** Places a block without `low` pages at its start and `high` pages at its end. */
abstract class Shrunken extends NodeBlocks {
  protected place(node: number, va: Va, block: number, low: number, high: number): void {
    this.areas.assign(va, block + low, block + this.nodeSize - high, this.kernel.current);
    this.kernel.leaveLimbo();
    this.kernel.events.emit(EVENT.BLOCK_PLACED, block, block + this.nodeSize, node);
    this.index.insert(this.nodeFree[node]!, va, this.kernel.current);
  }
}

class NotShrunken extends Shrunken {
  protected override placeBlock(node: number, va: Va, block: number): void {
    this.place(node, va, block, 0, 0);
  }
}

class EndNotShrunken extends Shrunken {
  protected override placeBlock(node: number, va: Va, block: number): void {
    this.place(node, va, block, 1, 0);
  }
}

class ShrunkenTooMuch extends Shrunken {
  protected override placeBlock(node: number, va: Va, block: number): void {
    this.place(node, va, block, 1, 2);
  }
}

class EdgesNotRestored extends NodeBlocks {
  protected override restoreEdges(): void {}
}

class EndNotRestored extends NodeBlocks {
  protected override restoreEdges(c: number, va: Va): void {
    this.index.setStart(c, va, this.areas.start[va]! - 1);
  }
}

/** Blocks that lie side by side have a gap of two pages: their edges. */
class GapSwallowed extends NodeBlocks {
  protected override mergePurged(node: number, va: Va): Va {
    const merged = super.mergePurged(node, va);
    if (merged === NONE) return merged;
    const c = this.nodeFree[node]!;
    const previous = this.areas.prev[merged]! as Va;
    if (previous === NONE || this.areas.end[previous]! + 2 !== this.areas.start[merged]) return merged;
    const end = this.areas.end[merged]!;
    this.index.unlink(c, merged, this.kernel.current);
    this.areas.release(merged);
    this.index.setEnd(c, previous, end);
    this.index.tree.propagateFrom(previous);
    return previous;
  }
}

class ReturnedLinked extends NodeBlocks {
  protected override isLinked(): boolean {
    return false;
  }
}

class FullTestOffByOne extends NodeBlocks {
  protected override isWholeBlock(va: Va): boolean {
    return this.areas.size(va) === this.nodeSize - 1;
  }
}

class FullTestTooEarly extends NodeBlocks {
  protected override isWholeBlock(va: Va): boolean {
    return this.areas.size(va) >= this.nodeSize - 3;
  }
}

class NoLimit extends NodeBlocks {
  protected override refuses(size: number, _align: number, vstart: number, vend: number): boolean {
    return size > this.nodeSize - 2 || super.refuses(1, 1, vstart, vend);
  }
}

class AlignmentNotCharged extends NodeBlocks {
  protected override refuses(size: number, _align: number, vstart: number, vend: number): boolean {
    return super.refuses(size, 1, vstart, vend);
  }
}

class AnyWindow extends NodeBlocks {
  protected override refuses(size: number, align: number): boolean {
    const { vmalloc } = this.kernel.instance;
    return super.refuses(size, align, vmalloc.start, vmalloc.end);
  }
}

class FillFlagStuck extends NodeBlocks {
  protected override endFill(node: number): number {
    this.kernel.events.emit(EVENT.FILL_END, node);
    return 0;
  }
}

class FillFlagNotTested extends NodeBlocks {
  protected override tryBeginFill(node: number): number {
    this.fillInProgress[node] = 0;
    return super.tryBeginFill(node);
  }
}

class FillFlagResetEarly extends NodeBlocks {
  protected override takeBlock(node: number): number {
    const block = super.takeBlock(node);
    this.fillInProgress[node] = 0;
    return block;
  }
}

const ONE_AREA = instanceOf("node-blocks", { space: 16, cpus: 1 }, "a=alloc(1); free(a); purge");
const TWO_FILLS = instanceOf("node-blocks", { space: 24, nodes: 1 }, "a=alloc(1)", "b=alloc(1)");

/** Mutants of blocks and of fetching them. */
export const BLOCK_MUTANTS: readonly Mutant[] = [
  {
    id: "MU-10",
    kind: "mistake",
    title: "a fetched block is not shrunken",
    base: "node-blocks",
    make: NotShrunken,
    instance: ONE_AREA,
    killedBy: ["INV-BLOCK-EDGE"],
  },
  {
    id: "MU-65",
    kind: "mistake",
    title: "a fetched block is shrunken at its start only",
    base: "node-blocks",
    make: EndNotShrunken,
    instance: ONE_AREA,
    killedBy: ["INV-BLOCK-EDGE"],
  },
  {
    id: "MU-66",
    kind: "mistake",
    title: "a fetched block loses two pages at its end",
    base: "node-blocks",
    make: ShrunkenTooMuch,
    instance: ONE_AREA,
    killedBy: ["INV-CONSERVE"],
  },
  {
    id: "MU-67",
    kind: "mistake",
    title: "a block is returned without its edges",
    base: "node-blocks",
    make: EdgesNotRestored,
    instance: ONE_AREA,
    killedBy: ["INV-BLOCK-EDGE"],
  },
  {
    id: "MU-68",
    kind: "mistake",
    title: "a returned block gets its first page back and not its last one",
    base: "node-blocks",
    make: EndNotRestored,
    instance: ONE_AREA,
    killedBy: ["INV-BLOCK-EDGE"],
  },
  {
    id: "MU-69",
    kind: "mistake",
    title: "the purge merges across the two edge pages between neighbouring blocks",
    base: "node-blocks",
    make: GapSwallowed,
    instance: instanceOf(
      "node-blocks",
      { space: 16, cpus: 1, nodes: 1, lazyMax: 20 },
      "a=alloc(2); b=alloc(2); c=alloc(2); d=alloc(1); e=alloc(1); free(c); free(d); purge",
    ),
    killedBy: ["INV-BLOCK-NOMERGE"],
  },
  {
    id: "MU-70",
    kind: "mistake",
    title: "a whole block is returned without being unlinked from its node's tree",
    base: "node-blocks",
    make: ReturnedLinked,
    instance: instanceOf(
      "node-blocks",
      { space: 16, cpus: 1, nodes: 1, lazyMax: 20 },
      "a=alloc(1); b=alloc(1); free(a); free(b); purge; c=alloc(1)",
    ),
    killedBy: ["INV-NOWARN"],
  },
  {
    id: "MU-71",
    kind: "mistake",
    title: "the test for a whole block compares with node_size - 1",
    base: "node-blocks",
    make: FullTestOffByOne,
    instance: instanceOf(
      "node-blocks",
      { space: 16, cpus: 1, nodes: 1, lazyMax: 20 },
      "a=alloc(1); free(a); purge; purge",
    ),
    watchedToo: ["INV-BLOCK-RETURN"],
    killedBy: ["INV-BLOCK-RETURN"],
  },
  {
    id: "MU-72",
    kind: "mistake",
    title: "a block counts as whole one page early",
    base: "node-blocks",
    make: FullTestTooEarly,
    instance: instanceOf(
      "node-blocks",
      { space: 16, cpus: 1, nodes: 1, lazyMax: 20 },
      "a=alloc(1); b=alloc(1); free(b); purge",
    ),
    killedBy: ["INV-BLOCK-EDGE"],
  },
  {
    id: "MU-73",
    kind: "mistake",
    title: "a node serves requests of any size that fits a block",
    base: "node-blocks",
    make: NoLimit,
    instance: instanceOf("node-blocks", { space: 16, cpus: 1 }, "a=alloc(3)"),
    killedBy: ["INV-BLOCK-LIMIT"],
  },
  {
    id: "MU-74",
    kind: "mistake",
    title: "the alignment is not charged against the limit",
    base: "node-blocks",
    make: AlignmentNotCharged,
    instance: instanceOf("node-blocks", { space: 16, cpus: 1 }, "a=alloc(1,align=2)"),
    killedBy: ["INV-BLOCK-LIMIT"],
  },
  {
    id: "MU-75",
    kind: "mistake",
    title: "node_alloc() does not look at the window: a block serves a module",
    base: "node-blocks",
    make: AnyWindow,
    instance: instanceOf(
      "node-blocks",
      { space: 24, vmalloc: { start: 0, end: 16 }, modules: { start: 16, end: 24 }, cpus: 1 },
      "m=alloc(1,window=modules)",
    ),
    killedBy: ["INV-NOWARN"],
  },
  {
    id: "MU-76",
    kind: "mistake",
    title: "fill_in_progress is never reset",
    base: "node-blocks",
    make: FillFlagStuck,
    instance: TWO_FILLS,
    killedBy: ["INV-FILL-EXCL"],
  },
  {
    id: "MU-77",
    kind: "mistake",
    title: "fill_in_progress is set and not tested: two tasks fetch a block for one node",
    base: "node-blocks",
    make: FillFlagNotTested,
    instance: TWO_FILLS,
    killedBy: ["INV-FILL-EXCL"],
  },
  {
    id: "MU-78",
    kind: "mistake",
    title: "fill_in_progress is reset before the block is in the node's tree",
    base: "node-blocks",
    make: FillFlagResetEarly,
    instance: TWO_FILLS,
    killedBy: ["INV-FILL-EXCL"],
  },
];
