// SPDX-License-Identifier: GPL-2.0-only
//
// Words of the heap by the names that a reader of the kernel has for them. Words that belong together (root, head and
// count of one tree) have one name; ghosts, and what only its own process touches, have none.

import { MapleNodes } from "../../impl/allocators/maple-nodes.ts";
import { NODE_WORDS } from "../../impl/structures/range-index/node-words.ts";
import type { Simulation } from "../../impl/simulation.ts";
import { placeCodes } from "../checks/places.ts";

/** A named part of the state. */
export interface Cell {
  readonly name: string;
  /** Whether it is one number that means something to a reader. */
  readonly isNumber: boolean;
}

/** Names a word by its view and index; undefined if it is nothing that processes share. */
export type CellNamer = (view: string, index: number) => Cell | undefined;

/** Words that exist once. */
const SINGLE = new Set([
  "vmap_lazy_nr",
  "nr_purge_nodes",
  "occupied_vmap_area_perf_mode",
  "wq_online",
  "drain_wanted",
]);

/** One for each node, or for each queue or class of sizes. */
const NUMBERED = new Set([
  "vn.fill_in_progress",
  "vn.pool.len",
  "vn.skip_populate",
  "vn.work_queued",
  "vn.nr_purged",
  "purge_nodes",
  "drain_vmap_wq",
]);

/** The cells of a simulation. */
export function cellNames(sim: Simulation): CellNamer {
  const { names } = placeCodes(sim);
  const { works } = sim.kernel;
  const trees = treeNames(sim);
  const list = (name: string | undefined): Cell | undefined =>
    name === undefined ? undefined : { name, isNumber: false };
  return (view, index) => {
    if (SINGLE.has(view)) return { name: view, isNumber: true };
    if (NUMBERED.has(view)) return { name: `${view}[${index}]`, isNumber: true };
    switch (view) {
      case "container.root":
      case "container.head":
      case "container.tail":
      case "container.count":
        return list(names[index]);
      case "maple.nodes":
        // The node of each root has the number of its tree: whoever looks into a tree looks at its root.
        return list(trees[Math.floor(index / NODE_WORDS)]);
      case "maple.entries":
        return list(trees[index]);
      case "work.pending":
      case "work.current_pwq":
      case "work.func":
      case "work.data":
        return list(`work ${works.name(index)}`);
      case "purge.range":
        return list("the range to flush");
      case "purge.areas":
        return { name: "the areas of the purge", isNumber: true };
      case "cpu.online":
        return { name: `cpu_online(${index})`, isNumber: true };
      case "ne_fit_preload_node":
        return list(`ne_fit_preload_node of CPU ${index}`);
      case "tlb.mapped":
        return { name: `page table entry of page ${index}`, isNumber: true };
      case "tlb.stale":
        return list(`TLB entries of page ${index}`);
      default:
        return undefined;
    }
  };
}

function treeNames({ allocator, kernel }: Simulation): readonly string[] {
  if (!(allocator instanceof MapleNodes)) return [];
  const { trees } = allocator;
  const names = ["occupied_vmap_area_mt"];
  for (const { id, kind, node } of kernel.containers.all()) {
    const tree = trees.tree(id);
    if (tree !== undefined) names[tree] = node < 0 ? `${kind} tree` : `${kind} tree of node ${node}`;
  }
  return names;
}
