// SPDX-License-Identifier: GPL-2.0-only
// For each situation of the patch one small run that reaches it, and near misses that do not: what comes close and is another
// thing.
import { mutantOf } from "../../properties/mutants/catalogue.ts";
import { at, blocks, fault, FetchesEarly, near, type SituationCase } from "./situation-runs.ts";

const KASAN = { space: 8, nodes: 1, faults: ["kasan"] } as const;
const MODULES = { space: 24, vmalloc: { start: 0, end: 16 }, modules: { start: 16, end: 24 } } as const;
const LOSER = ["a=alloc(1)", "b=alloc(1)"];

/** Situations of the patch. */
export const BLOCK_CASES: readonly SituationCase[] = [
  {
    id: "LOW-CAPACITY-NO-FETCH",
    ...blocks({ space: 8 }, "a=alloc(2); b=alloc(2); c=alloc(1)"),
    reached: "step 18: a node served a request, has 1 free pages left, and no block was fetched",
    near: [near("exactly a quarter block is left", blocks({ space: 8 }, "a=alloc(2); b=alloc(2)"))],
  },
  {
    id: "LOW-CAPACITY-FETCH",
    ...blocks({ space: 16 }, "a=alloc(2); b=alloc(2); c=alloc(1)", undefined, FetchesEarly),
    reached: "step 21: node 0 took a block without a failed search",
    near: [
      near(
        "the block is taken for want of space",
        blocks({ space: 16 }, "a=alloc(2); b=alloc(2); c=alloc(1); d=alloc(2)"),
        "FOREIGN-FREE-ADDRESS",
        "LOW-CAPACITY-NO-FETCH",
      ),
      near(
        "the node has space and cannot split it, so the attempt failed",
        blocks(
          { space: 32, block: 16, nodes: 1, faults: ["split"] },
          "a=alloc(2); b=alloc(1,align=2)",
          fault(11),
        ),
        "SPLIT-REFUSED",
      ),
    ],
  },
  {
    id: "FILL-LOSER-GLOBAL",
    ...blocks({ space: 16, nodes: 1 }, LOSER, at(5, 1)),
    reached: "step 10: a task lost the race for the fill and was served by the global heap",
    near: [
      near("the one that fills finds no block", blocks({ space: 4, nodes: 1 }, "a=alloc(1)")),
      near(
        "the loser is refused; the global heap serves its next request",
        blocks({ space: 9, nodes: 1 }, ["a=alloc(1)", "b=alloc(2); c=alloc(1,window=8..9)"], at(5, 1)),
        "ALLOC-REFUSED",
        "WINDOW-GLOBAL-SERVED",
      ),
    ],
  },
  {
    id: "FILL-RESET-CONCURRENT",
    ...blocks({ space: 16, nodes: 1 }, LOSER, {
      switches: [
        { at: 5, to: 1 },
        { at: 8, to: 0 },
      ],
      choices: [],
    }),
    reached: "step 9: fill_in_progress of node 0 falls while task 1 is behind its failed search",
    near: [
      near(
        "the loser has its area by then",
        blocks({ space: 16, nodes: 1 }, LOSER, at(5, 1)),
        "FILL-LOSER-GLOBAL",
      ),
    ],
  },
  {
    id: "BLOCK-SPANS-ZONES",
    ...blocks({ space: 24 }, "x=alloc(3); a=alloc(1)"),
    reached: "step 12: block [3,11) lies in zones of node 0 and node 1",
    near: [
      near(
        "a block in one zone",
        blocks({ space: 24 }, "x=alloc(8); a=alloc(1)"),
        "FOREIGN-FREE-ADDRESS",
        "LIMIT-EXCEEDED-GLOBAL",
      ),
      near(
        "both zones are of one node",
        blocks({ space: 24, nodes: 1 }, "x=alloc(3); a=alloc(1)"),
        "LIMIT-EXCEEDED-GLOBAL",
      ),
    ],
  },
  {
    id: "NEIGHBOUR-BLOCKS",
    ...blocks({ space: 16, cpus: 2 }, LOSER),
    reached: "step 14: block [8,16) of node 1 touches a block of node 0",
    near: [
      near(
        "two blocks of one node",
        blocks({ space: 16 }, "a=alloc(2); b=alloc(2); c=alloc(2); d=alloc(2)"),
        "FOREIGN-FREE-ADDRESS",
        "LOW-CAPACITY-NO-FETCH",
      ),
      near(
        "a page between them",
        blocks({ space: 24, cpus: 2 }, ["a=alloc(1); x=alloc(3)", "b=alloc(1)"]),
        "BLOCK-SPANS-ZONES",
        "FOREIGN-FREE-ADDRESS",
        "LIMIT-EXCEEDED-GLOBAL",
      ),
    ],
  },
  {
    id: "PART-RELEASE",
    ...blocks({ space: 8, nodes: 1 }, "a=alloc(1); b=alloc(1); free(a); purge"),
    reached: "step 25: the area at 1 went back to its node",
    near: [
      near(
        "the area completes its block, which leaves the node",
        blocks({ space: 8, nodes: 1 }, "a=alloc(1); free(a); purge"),
        "PURGED",
      ),
      near(
        "a task that purged before frees without the lazy path",
        blocks(KASAN, "a=alloc(1); purge; b=alloc(1)", fault(18)),
        "ID-ZERO-FREED",
        "SYNC-FREED",
      ),
      near(
        "an area of no node",
        blocks({ space: 8, nodes: 1 }, "a=alloc(3); free(a); purge"),
        "LIMIT-EXCEEDED-GLOBAL",
        "PURGED",
      ),
    ],
  },
  {
    id: "PART-RELEASE-GLOBAL",
    ...blocks(KASAN, "a=alloc(1)", fault(8), mutantOf("MU-11").make),
    reached: "step 10: [1,2) of a block was released to the global heap",
    near: [
      near(
        "the area goes back to its node",
        blocks(KASAN, "a=alloc(1)", fault(8)),
        "ID-ZERO-FREED",
        "SYNC-FREED",
      ),
      near("the whole block goes", blocks({ space: 8, nodes: 1 }, "a=alloc(1); free(a); purge"), "PURGED"),
      near(
        "an area that is in no block goes",
        blocks({ space: 16, nodes: 1 }, "a=alloc(1); b=alloc(3); free(b); purge"),
        "LIMIT-EXCEEDED-GLOBAL",
        "PURGED",
      ),
    ],
  },
  {
    id: "LIMIT-EXCEEDED-GLOBAL",
    ...blocks({ space: 8 }, "a=alloc(3)"),
    reached: "step 4: 3 pages, align 1, are above a quarter block and came from the global heap",
    near: [
      near("exactly a quarter", blocks({ space: 8 }, "a=alloc(2)")),
      near("a quarter, and no block to be had", blocks({ space: 4 }, "a=alloc(2)")),
      near(
        "above it, in another window",
        blocks({ space: 8 }, "a=alloc(3,window=0..4)"),
        "WINDOW-GLOBAL-SERVED",
      ),
    ],
  },
  {
    id: "WINDOW-NODE-SERVED",
    ...blocks({ space: 16 }, "a=alloc(1,window=0..8)", undefined, mutantOf("MU-75").make),
    reached: 'step 8: node 0 served "a", which asked for another window than vmalloc\'s',
    near: [
      near("the range is the whole of vmalloc's window", blocks(MODULES, "a=alloc(1,window=0..16)")),
      near(
        "the global heap serves it",
        blocks({ space: 16 }, "a=alloc(1,window=0..8)"),
        "WINDOW-GLOBAL-SERVED",
      ),
    ],
  },
  {
    id: "WINDOW-GLOBAL-SERVED",
    ...blocks(MODULES, "a=alloc(1,window=modules)"),
    reached: 'step 6: the global heap served "a", which asked for another window than vmalloc\'s',
    near: [
      near(
        "the range is the whole of vmalloc's window",
        blocks(MODULES, "a=alloc(3,window=0..16)"),
        "LIMIT-EXCEEDED-GLOBAL",
      ),
      near(
        "no space in the window",
        blocks({ space: 16 }, "x=alloc(16); a=alloc(1,window=0..8)"),
        "ALLOC-REFUSED",
        "LIMIT-EXCEEDED-GLOBAL",
        "ZONE-CROSSING",
      ),
    ],
  },
  {
    id: "FOREIGN-FREE-ADDRESS",
    ...blocks({ space: 16 }, "x=alloc(8); a=alloc(1)"),
    reached: "step 12: free page 10 in the tree of node 0 lies in a zone of node 1",
    near: [near("the block lies in a zone of its node", blocks({ space: 16 }, "a=alloc(1)"))],
  },
  {
    id: "FOREIGN-PURGE-ADDRESS",
    ...blocks({ space: 16 }, "x=alloc(8); a=alloc(1); free(a); purge"),
    reached: "step 23: [9,10) on the purge list of node 0 begins in a zone of node 1",
    near: [
      near(
        "an area without a node goes by its address",
        blocks({ space: 16 }, "x=alloc(8); a=alloc(3); free(a); purge"),
        "LIMIT-EXCEEDED-GLOBAL",
        "PURGED",
      ),
    ],
  },
  {
    id: "ZONE-CROSSING",
    ...blocks({ space: 16 }, "a=alloc(9)"),
    reached: "step 5: [0,9) is in the busy tree of node 0, its page 8 lies in a zone of node 1",
    near: [
      near("the area ends with its zone", blocks({ space: 16 }, "a=alloc(8)"), "LIMIT-EXCEEDED-GLOBAL"),
      near(
        "the next zone is of the same node",
        blocks({ space: 16, nodes: 1 }, "a=alloc(9)"),
        "LIMIT-EXCEEDED-GLOBAL",
      ),
      near(
        "a free area crosses, a busy one does not",
        blocks({ space: 24 }, "x=alloc(3); a=alloc(1)"),
        "BLOCK-SPANS-ZONES",
        "FOREIGN-FREE-ADDRESS",
        "LIMIT-EXCEEDED-GLOBAL",
      ),
    ],
  },
  {
    id: "STRANDED-FIT",
    ...blocks({ space: 4, block: 4, nodes: 1, lazyMax: 8 }, "a=alloc(1); b=alloc(1); free(a); c=alloc(1)"),
    reached: "step 42: 1 pages were refused while node 0 has [1,2) free",
    near: [
      near(
        "the node has nothing",
        blocks({ space: 4, block: 4, nodes: 1 }, "a=alloc(1); b=alloc(1); c=alloc(1)"),
        "ALLOC-REFUSED",
        "LOW-CAPACITY-NO-FETCH",
      ),
      near(
        "the node has one page",
        blocks({ space: 4, block: 4, nodes: 1, lazyMax: 8 }, "a=alloc(1); b=alloc(1); free(a); c=alloc(2)"),
        "ALLOC-REFUSED",
        "LOW-CAPACITY-NO-FETCH",
        "PART-RELEASE",
        "PURGED",
      ),
      near(
        "what the node has is outside the window",
        blocks({ space: 8, nodes: 1 }, "a=alloc(1); c=alloc(1,window=0..2)"),
        "ALLOC-REFUSED",
      ),
      near(
        "what the node has is not aligned",
        blocks(
          { space: 4, block: 4, nodes: 1, lazyMax: 8 },
          "a=alloc(1); b=alloc(1); free(a); c=alloc(1,align=2)",
        ),
        "ALLOC-REFUSED",
        "LOW-CAPACITY-NO-FETCH",
        "PART-RELEASE",
        "PURGED",
      ),
    ],
  },
  {
    id: "ID-ZERO-FREED",
    ...blocks(KASAN, "a=alloc(1)", fault(8)),
    reached: "step 10: [1,2) of node 0 was freed synchronously",
    near: [
      near(
        "node 1 served it",
        blocks({ ...KASAN, nodes: 2, cpus: 2 }, ["-", "a=alloc(1)"], fault(8)),
        "FOREIGN-FREE-ADDRESS",
        "SYNC-FREED",
      ),
      near(
        "the global heap served it",
        blocks(KASAN, "a=alloc(3)", fault(6)),
        "LIMIT-EXCEEDED-GLOBAL",
        "SYNC-FREED",
      ),
      near("a free of the usual kind", blocks(KASAN, "a=alloc(1); free(a); purge"), "PURGED"),
    ],
  },
  {
    id: "STRANDED-BLOCK",
    ...blocks({ space: 8, cpus: 2, faults: ["kasan"] }, LOSER, fault(8)),
    reached: "step 29: 1 pages were refused while node 0 keeps a whole block at 0",
    near: [
      near(
        "one page of the block is in use",
        blocks({ space: 8, cpus: 2, faults: ["kasan"] }, LOSER),
        "ALLOC-REFUSED",
        "STRANDED-FIT",
      ),
    ],
  },
];
