// SPDX-License-Identifier: GPL-2.0-only
//
// Scenarios of the node-blocks patch (SC-12 to SC-22), and those found with this tool (SC-50 on).

import type { Va } from "../../impl/heap/areas.ts";
import { NodeBlocks } from "../../impl/allocators/node-blocks.ts";
import type { Machine } from "../../spec/small-machine.ts";
import { PreemptibleGlobalTree, PreemptibleNodeBlocks } from "./preload-slot.ts";
import { type Expectation, type Scenario, scenarioOf } from "./scenario.ts";

function scenario(
  id: string,
  title: string,
  machine: Machine,
  programs: readonly string[],
  expect: Expectation,
  more: Pick<Scenario, "design" | "watched"> = {},
  designs: Scenario["designs"] = ["node-blocks"],
): Scenario {
  return scenarioOf(id, title, designs, machine, programs, expect, more);
}

/** Node 0 gets a free record over an area that is on its way to the lazy tree: an overlap that must not exist. */
class WithStrayRecord extends NodeBlocks {
  protected override purgeNodeArea(node: number): void {
    const first = this.containers.head[this.purgeList[node]!]! as Va;
    const stray = this.areas.allocate(this.kernel.current);
    this.areas.assign(stray, this.areas.start[first]!, this.areas.end[first]!, this.kernel.current);
    this.index.insert(this.nodeFree[node]!, stray, this.kernel.current);
    super.purgeNodeArea(node);
  }
}

/** Scenarios of blocks. */
export const BLOCK_SCENARIOS: readonly Scenario[] = [
  scenario(
    "SC-12",
    "two nodes take a block each and give it back: all space is one free area again",
    { space: 16, lazyMax: 8 },
    ["a=alloc(1); free(a)", "b=alloc(1); free(b); purge; c=alloc(16)"],
    { kind: "holds", pages: { a: 1, b: 9, c: 0 } },
  ),
  scenario(
    "SC-13",
    "two tasks find the node empty: one fills it, the other one is served by the global heap",
    { space: 16, nodes: 1 },
    ["a=alloc(1)", "b=alloc(1)"],
    { kind: "holds", reaches: ["FILL-LOSER-GLOBAL"] },
  ),
  scenario(
    "SC-14",
    "a fill that gets no record resets its flag and leaks nothing",
    { space: 16, nodes: 1, faults: ["fill-record"] },
    ["a=alloc(1); free(a)", "b=alloc(1); free(b); purge"],
    { kind: "holds", reaches: ["PURGED"] },
  ),
  scenario(
    "SC-15",
    "a block freed through free_vmap_area stays with its node; the other node goes short (DEF-N2)",
    { space: 8, faults: ["kasan"] },
    ["a=alloc(1)", "b=alloc(1)"],
    { kind: "finding", id: "STRANDED-BLOCK" },
  ),
  scenario(
    "SC-15b",
    "and no purge gives it back (DEF-N2, claim C2-12)",
    { space: 8, cpus: 1, nodes: 1, faults: ["kasan"] },
    ["a=alloc(1); purge"],
    { kind: "finding", id: "INV-BLOCK-RETURN" },
  ),
  scenario(
    "SC-16",
    "a block whose first split fails stays with its node (DEF-N6)",
    { space: 16, block: 16, cpus: 1, nodes: 1, faults: ["split"] },
    ["a=alloc(2,align=2); purge"],
    { kind: "finding", id: "INV-BLOCK-RETURN" },
  ),
  scenario(
    "SC-18",
    "neighbouring blocks of two nodes, freed in any order with purges in between, never merge",
    { space: 24 },
    ["a=alloc(2); b=alloc(2); free(a); purge; free(b)", "c=alloc(2); d=alloc(2); free(d); free(c); purge"],
    { kind: "holds", reaches: ["NEIGHBOUR-BLOCKS", "PART-RELEASE"] },
  ),
  scenario(
    "SC-19",
    "areas that merge on the lazy tree to a whole block go back to the global heap at once",
    { space: 8, cpus: 1, nodes: 1, lazyMax: 20 },
    ["a=alloc(2); b=alloc(2); c=alloc(1); d=alloc(1); free(a); free(c); free(b); free(d); purge; e=alloc(8)"],
    { kind: "holds", pages: { a: 1, b: 3, c: 5, d: 6, e: 0 } },
  ),
  scenario(
    "SC-20",
    "an overlap in the node's free tree is a NULL dereference in the purge (DEF-N1)",
    { space: 16, cpus: 1, nodes: 1, lazyMax: 20 },
    ["a=alloc(2); b=alloc(1); free(a); purge"],
    { kind: "finding", id: "NULL-DEREFERENCE" },
    { design: WithStrayRecord, watched: [] },
  ),
  scenario(
    "SC-21b",
    "every page of an area that spans zones is found, also when the area begins in another zone",
    { space: 40, block: 4, nodes: 3, cpus: 1, lazyMax: 20 },
    ["a=alloc(9); find(a+0); find(a+4); find(a+8); b=alloc(6); find(b+5); free(a); find(b+0)"],
    { kind: "holds", reaches: ["ZONE-CROSSING"] },
  ),
  scenario(
    "SC-50",
    "the overflow retry never looks at the node that the purge has just refilled (DEF-N13)",
    { space: 4, block: 4, nodes: 1, cpus: 1, lazyMax: 8 },
    ["a=alloc(1); b=alloc(1); free(a); c=alloc(1)"],
    { kind: "finding", id: "INV-COMPLETE-ALL" },
  ),
  scenario(
    "SC-50b",
    "before the patch the same requests succeed, and when the space runs out the retry finds what the purge released",
    { space: 4, block: 4, nodes: 1, cpus: 1, lazyMax: 8 },
    ["a=alloc(1); b=alloc(1); free(a); c=alloc(1); d=alloc(1); e=alloc(1)"],
    { kind: "holds", pages: { a: 0, b: 1, c: 2, d: 3, e: 0 }, reaches: ["PURGED"] },
    {},
    ["global-tree", "node-index"],
  ),
  scenario(
    "SC-51",
    "PREEMPT_RT: two splits under different locks take the same preloaded record (DEF-N14)",
    { space: 64, block: 16, cpus: 1, nodes: 1, lazyMax: 64 },
    ["a=alloc(1); b=alloc(2,align=2)", "c=alloc(9); d=alloc(5,align=4)"],
    { kind: "finding", id: "INV-CONSERVE" },
    { design: PreemptibleNodeBlocks },
  ),
  scenario(
    "SC-51b",
    "PREEMPT_RT before the patch: one lock around all splits keeps the preloaded record safe",
    { space: 32, cpus: 1, lazyMax: 32 },
    ["b=alloc(1,window=3..6); c=alloc(1,align=2,window=9..12)", "f=alloc(1,align=2,window=17..20)"],
    { kind: "holds" },
    { design: PreemptibleGlobalTree },
    ["global-tree"],
  ),
];
