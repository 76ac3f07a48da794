// SPDX-License-Identifier: GPL-2.0-only
//
// The situations that decide claims about the node-blocks patch. Ids and meanings are those of its dossier.

import { EVENT } from "../../spec/events.ts";
import type { AllocOperation } from "../../spec/operations.ts";
import { NODE_BLOCKS_PROPERTIES, type NodeBlocksProperty } from "../../spec/dossiers/node-blocks-evidence.ts";
import { NONE } from "../../impl/heap/areas.ts";
import type { ContainerKind } from "../../impl/heap/containers.ts";
import { NodeBlocks } from "../../impl/allocators/node-blocks.ts";
import { SLOT } from "../../impl/kernel/tasks.ts";
import { alignUp } from "../../impl/structures/free-space.ts";
import type { CheckContext } from "../checks/check.ts";
import { Notes } from "./notes.ts";
import type { Reach, SituationFactory } from "./situation.ts";

type Watch = ReturnType<SituationFactory["watch"]>;

type Maker = (context: CheckContext, design: NodeBlocks, reach: Reach) => Watch;

const operand = (context: CheckContext, at: number, i: number): number => context.rows[at + 2 + i]!;

/** Calls back when the attempt of node_alloc() in the tree of a node fails: nothing fits, or a split has no record. */
function onNodeFailure(
  context: CheckContext,
  design: NodeBlocks,
  failed: (node: number) => void,
): Watch["on"] {
  const look = (at: number): void => {
    const node = design.nodeFree.indexOf(operand(context, at, 0));
    if (node >= 0) failed(node);
  };
  return { [EVENT.SEARCH_FAILED]: look, [EVENT.CLIP_FAILED]: look };
}

const lowCapacityNoFetch: Maker = (context, design, reach) => {
  // What was left in the node after it served the process: pages + 1; 0 if nothing is to be said.
  const left = new Notes(context);
  return {
    reset: () => left.reset(),
    on: {
      [EVENT.GRANT]: (at) => {
        const node = operand(context, at, 5);
        const rest = node < 0 ? -1 : context.sim.kernel.containers.pages[design.nodeFree[node]!]!;
        left.value[context.process] = node >= 0 && rest < design.nodeSize >> 2 ? rest + 1 : 0;
      },
      [EVENT.BLOCK_TAKEN]: () => {
        left.value[context.process] = -1;
      },
      [EVENT.OP_END]: (at) => {
        const rest = left.value[context.process]! - 1;
        left.value[context.process] = 0;
        if (rest >= 0 && operand(context, at, 1) === SLOT.LIVE) {
          reach(() => `a node served a request, has ${rest} free pages left, and no block was fetched`);
        }
      },
    },
  };
};

const lowCapacityFetch: Maker = (context, design, reach) => {
  const failed = new Notes(context);
  return {
    reset: () => failed.reset(),
    on: {
      ...onNodeFailure(context, design, () => {
        failed.value[context.process] = 1;
      }),
      [EVENT.BLOCK_TAKEN]: (at) => {
        const node = operand(context, at, 2);
        if (failed.value[context.process] === 0)
          reach(() => `node ${node} took a block without a failed search`);
      },
      [EVENT.OP_END]: () => {
        failed.value[context.process] = 0;
      },
    },
  };
};

const fillLoserGlobal: Maker = (context, design, reach) => {
  // 1: the attempt in the node's tree failed. 2: and this process fills the node.
  const stage = new Notes(context);
  return {
    reset: () => stage.reset(),
    on: {
      ...onNodeFailure(context, design, () => {
        if (stage.value[context.process] === 0) stage.value[context.process] = 1;
      }),
      [EVENT.FILL_BEGIN]: () => {
        stage.value[context.process] = 2;
      },
      [EVENT.GRANT]: (at) => {
        if (stage.value[context.process] === 1 && operand(context, at, 5) < 0) {
          reach(() => "a task lost the race for the fill and was served by the global heap");
        }
      },
      [EVENT.OP_END]: () => {
        stage.value[context.process] = 0;
      },
    },
  };
};

const fillResetConcurrent: Maker = (context, design, reach) => {
  // Node + 1 in whose tree the attempt failed, of each process inside alloc_vmap_area.
  const failed = new Notes(context);
  return {
    reset: () => failed.reset(),
    on: {
      ...onNodeFailure(context, design, (node) => {
        failed.value[context.process] = node + 1;
      }),
      [EVENT.OP_END]: () => {
        failed.value[context.process] = 0;
      },
      [EVENT.BIND]: () => {
        failed.value[context.process] = 0;
      },
      [EVENT.FILL_END]: (at) => {
        const node = operand(context, at, 0);
        const other = failed.value.findIndex((n, p) => p !== context.process && n === node + 1);
        if (other >= 0) {
          reach(
            () => `fill_in_progress of node ${node} falls while task ${other} is behind its failed search`,
          );
        }
      },
    },
  };
};

const blockSpansZones: Maker = (context, design, reach) => ({
  on: {
    [EVENT.BLOCK_PLACED]: (at) => {
      const start = operand(context, at, 0);
      const end = operand(context, at, 1);
      const first = design.addrToNode(start);
      const last = design.addrToNode(end - 1);
      if (first !== last)
        reach(() => `block [${start},${end}) lies in zones of node ${first} and node ${last}`);
    },
  },
});

const neighbourBlocks: Maker = (context, _design, reach) => ({
  on: {
    [EVENT.BLOCK_PLACED]: (at) => {
      const start = operand(context, at, 0);
      const end = operand(context, at, 1);
      const node = operand(context, at, 2);
      for (const page of [start - 1, end]) {
        const inside = page >= 0 && page < context.sim.kernel.instance.spacePages;
        if (!inside || context.blocks.startOf(page) < 0) continue;
        const other = context.blocks.nodeOf(page);
        if (other !== node)
          reach(() => `block [${start},${end}) of node ${node} touches a block of node ${other}`);
      }
    },
  },
});

const partRelease: Maker = (context, design, reach) => {
  let released = -1;
  let returned = false;
  return {
    reset: () => {
      released = -1;
      returned = false;
    },
    on: {
      [EVENT.RELEASE]: (at) => {
        const { locks, tasks } = context.sim.kernel;
        const byPurge = locks.held(design.purgeLock.id) || context.process > tasks;
        if (byPurge && operand(context, at, 2) >= 0) released = operand(context, at, 0);
      },
      [EVENT.BLOCK_RETURNED]: () => {
        returned = true;
      },
    },
    afterStep: () => {
      const start = released;
      if (start >= 0 && !returned) reach(() => `the area at ${start} went back to its node`);
      released = -1;
      returned = false;
    },
  };
};

const partReleaseGlobal: Maker = (context, _design, reach) => ({
  on: {
    [EVENT.RELEASE]: (at) => {
      const start = operand(context, at, 0);
      if (operand(context, at, 2) >= 0 || context.blocks.startOf(start) < 0) return;
      reach(() => `[${start},${operand(context, at, 1)}) of a block was released to the global heap`);
    },
  },
});

const limitExceededGlobal: Maker = (context, design, reach) => ({
  on: {
    [EVENT.GRANT]: (at) => {
      const { vmalloc } = context.sim.kernel.instance;
      const size = operand(context, at, 1) - operand(context, at, 0);
      const align = operand(context, at, 2);
      const full = operand(context, at, 3) === vmalloc.start && operand(context, at, 4) === vmalloc.end;
      const above = size + (align > 1 ? align : 0) > design.nodeSize >> 2;
      if (full && above && operand(context, at, 5) < 0) {
        reach(() => `${size} pages, align ${align}, are above a quarter block and came from the global heap`);
      }
    },
  },
});

function windowServed(byNode: boolean): Maker {
  return (context, _design, reach) => {
    // Node that served a process + 2, 1 for the global heap; 0 outside of operations.
    const servedBy = new Notes(context);
    return {
      reset: () => servedBy.reset(),
      history: servedBy.history,
      on: {
        [EVENT.GRANT]: (at) => {
          servedBy.value[context.process] = operand(context, at, 5) + 2;
        },
        [EVENT.OP_END]: (at) => {
          const operation = context.sim.tasks.operations[operand(context, at, 0)]!;
          const node = servedBy.value[context.process]! - 2;
          servedBy.value[context.process] = 0;
          if (operand(context, at, 1) !== SLOT.LIVE || isFullWindow(context, operation)) return;
          if (node >= 0 === byNode) {
            const by = byNode ? `node ${node}` : "the global heap";
            reach(() => `${by} served "${operation.name}", which asked for another window than vmalloc's`);
          }
        },
      },
    };
  };
}

// vmalloc's own window may also be written down as a range.
function isFullWindow(context: CheckContext, { window }: AllocOperation): boolean {
  if (typeof window === "string") return window === "vmalloc";
  const { vmalloc } = context.sim.kernel.instance;
  return window.start === vmalloc.start && window.end === vmalloc.end;
}

/** Watches records that a step left in containers of one kind. */
function recordIn(
  kind: ContainerKind,
  test: (design: NodeBlocks, start: number, end: number, node: number) => string | undefined,
): Maker {
  return (context, design, reach) => ({
    recordKinds: [kind],
    record: (va, { node }) => {
      const { areas } = context.sim.kernel;
      const message = test(design, areas.start[va]!, areas.end[va]!, node);
      if (message !== undefined) reach(() => message);
    },
  });
}

const foreignFree = recordIn("node-free", (design, start, end, node) => {
  for (let page = start; page < end; page++) {
    const zone = design.addrToNode(page);
    if (zone !== node) return `free page ${page} in the tree of node ${node} lies in a zone of node ${zone}`;
  }
  return undefined;
});

const foreignPurge = recordIn("purge", (design, start, end, node) => {
  const zone = design.addrToNode(start);
  if (zone === node) return undefined;
  return `[${start},${end}) on the purge list of node ${node} begins in a zone of node ${zone}`;
});

const zoneCrossing = recordIn("busy", (design, start, end, node) => {
  for (let page = start; page < end; page++) {
    const zone = design.addrToNode(page);
    if (zone !== node) {
      return `[${start},${end}) is in the busy tree of node ${node}, its page ${page} lies in a zone of node ${zone}`;
    }
  }
  return undefined;
});

const strandedFit: Maker = (context, design, reach) => ({
  on: {
    [EVENT.ALLOC_FAILED]: (at) => {
      const size = operand(context, at, 0);
      const align = operand(context, at, 1);
      const vstart = operand(context, at, 2);
      const vend = operand(context, at, 3);
      const { areas, containers } = context.sim.kernel;
      design.nodeFree.forEach((c, node) => {
        for (let va = containers.head[c]!; va !== NONE; va = areas.next[va]!) {
          const page = alignUp(Math.max(areas.start[va]!, vstart), align);
          if (page + size > Math.min(areas.end[va]!, vend)) continue;
          reach(() => `${size} pages were refused while node ${node} has [${page},${page + size}) free`);
        }
      });
    },
  },
});

const strandedBlock: Maker = (context, design, reach) => ({
  on: {
    [EVENT.ALLOC_FAILED]: (at) => {
      const { areas, containers } = context.sim.kernel;
      design.nodeFree.forEach((c, node) => {
        for (let va = containers.head[c]!; va !== NONE; va = areas.next[va]!) {
          if (areas.end[va]! - areas.start[va]! !== design.nodeSize - 2) continue;
          const size = operand(context, at, 0);
          reach(
            () =>
              `${size} pages were refused while node ${node} keeps a whole block at ${areas.start[va]! - 1}`,
          );
        }
      });
    },
  },
});

const idZeroFreed: Maker = (context, _design, reach) => {
  // 1: granted by node 0. 2: and unlinked again.
  const stage = new Notes(context);
  return {
    reset: () => stage.reset(),
    on: {
      [EVENT.GRANT]: (at) => {
        stage.value[context.process] = operand(context, at, 5) === 0 ? 1 : 0;
      },
      [EVENT.OP_END]: () => {
        stage.value[context.process] = 0;
      },
      [EVENT.UNLINK]: () => {
        if (stage.value[context.process] === 1) stage.value[context.process] = 2;
      },
      [EVENT.RELEASE]: (at) => {
        if (stage.value[context.process] !== 2) return;
        reach(
          () => `[${operand(context, at, 0)},${operand(context, at, 1)}) of node 0 was freed synchronously`,
        );
      },
    },
  };
};

const MAKERS: Readonly<Record<NodeBlocksProperty, Maker>> = {
  "LOW-CAPACITY-NO-FETCH": lowCapacityNoFetch,
  "LOW-CAPACITY-FETCH": lowCapacityFetch,
  "FILL-LOSER-GLOBAL": fillLoserGlobal,
  "FILL-RESET-CONCURRENT": fillResetConcurrent,
  "BLOCK-SPANS-ZONES": blockSpansZones,
  "NEIGHBOUR-BLOCKS": neighbourBlocks,
  "PART-RELEASE": partRelease,
  "PART-RELEASE-GLOBAL": partReleaseGlobal,
  "LIMIT-EXCEEDED-GLOBAL": limitExceededGlobal,
  "WINDOW-NODE-SERVED": windowServed(true),
  "WINDOW-GLOBAL-SERVED": windowServed(false),
  "FOREIGN-FREE-ADDRESS": foreignFree,
  "FOREIGN-PURGE-ADDRESS": foreignPurge,
  "ZONE-CROSSING": zoneCrossing,
  "STRANDED-FIT": strandedFit,
  "ID-ZERO-FREED": idZeroFreed,
};

const SEARCHABLE: ReadonlySet<string> = new Set<NodeBlocksProperty>([
  "PART-RELEASE-GLOBAL",
  "WINDOW-NODE-SERVED",
]);

function situation(id: string, statement: string, make: Maker): SituationFactory {
  return {
    id,
    statement,
    searchable: SEARCHABLE.has(id),
    watch: (context, reach) =>
      context.sim.allocator instanceof NodeBlocks ? make(context, context.sim.allocator, reach) : {},
  };
}

/** All situations of the dossier, and those of its scenarios. A design without blocks reaches none of them. */
export const NODE_BLOCKS_SITUATIONS: readonly SituationFactory[] = [
  ...Object.entries(MAKERS).map(([id, make]) =>
    situation(id, NODE_BLOCKS_PROPERTIES[id as NodeBlocksProperty], make),
  ),
  situation(
    "STRANDED-BLOCK",
    "a request fails for good while some node keeps a block in which nothing is allocated",
    strandedBlock,
  ),
];
