// SPDX-License-Identifier: GPL-2.0-only
//
// The rules of every container over all its records: list and tree agree, are sorted, merged, coloured and
// augmented as they must be, and the ghost counts are right. Nothing is taken from an earlier step.

import type { ContainerInfo } from "../../impl/heap/containers.ts";
import { type Areas, NONE, type Va } from "../../impl/heap/areas.ts";
import { MapleNodes } from "../../impl/allocators/maple-nodes.ts";
import type { Simulation } from "../../impl/simulation.ts";
import type { Finding } from "../finding.ts";
import { extent, type TreeRecord, walkList, walkTree } from "./walk.ts";

/** The first structural rule that a container breaks. O(records). */
export function structureProblem(sim: Simulation): Finding | undefined {
  for (const info of sim.kernel.containers.all()) {
    const found = containerProblem(sim, info) ?? rangeTreeProblem(sim, info);
    if (found) return found;
  }
  return undefined;
}

// A range tree is well formed and has just the records of its container, each over its range.
function rangeTreeProblem(sim: Simulation, info: ContainerInfo): Finding | undefined {
  const { allocator } = sim;
  if (!(allocator instanceof MapleNodes)) return undefined;
  const { trees } = allocator;
  const tree = trees.tree(info.id);
  if (tree === undefined) return undefined;
  const broken = trees.ranges.problem(tree) ?? trees.ranges.problem(trees.occupied);
  if (broken !== undefined) return found("INV-INDEX", info, broken);
  const { areas, containers } = sim.kernel;
  const listed = new Set<number>(walkList(areas, containers.head[info.id]!).records);
  let wrong: string | undefined;
  trees.ranges.forEach(tree, (first, last, va) => {
    const same = areas.start[va] === first && areas.end[va] === last + 1;
    if (!listed.delete(va) || !same)
      wrong ??= `the tree leads from [${first},${last + 1}) to ${extent(areas, va)}`;
  });
  for (const va of listed) wrong ??= `${extent(areas, va)} is not in the tree`;
  return wrong === undefined ? undefined : found("INV-INDEX", info, wrong);
}

function containerProblem(sim: Simulation, info: ContainerInfo): Finding | undefined {
  const { areas, containers } = sim.kernel;
  const list = walkList(areas, containers.head[info.id]!);
  const tree = walkTree(areas, containers.root[info.id]!);
  const broken = list.broken ?? tree.broken;
  if (broken !== undefined) return found("INV-SORTED", info, broken);
  return (
    listProblem(areas, containers.tail[info.id]!, info, list.records) ??
    countProblem(sim, info, list.records) ??
    (info.sorted
      ? sortedProblem(areas, info, list.records, tree.records)
      : unsortedProblem(info, tree.records))
  );
}

function listProblem(
  areas: Areas,
  tail: number,
  info: ContainerInfo,
  list: readonly Va[],
): Finding | undefined {
  let previous: Va = NONE;
  for (const va of list) {
    const at = extent(areas, va);
    if (areas.place[va] !== info.id) return found("INV-REC", info, `${at} is noted as being elsewhere`);
    if (areas.prev[va] !== previous) return found("INV-SORTED", info, `the link back from ${at} is wrong`);
    if (areas.start[va]! >= areas.end[va]! && !isBlank(areas, info, va))
      return found("INV-SORTED", info, `${at} is empty`);
    previous = va;
  }
  return tail === previous ? undefined : found("INV-SORTED", info, "the tail is not the last record");
}

/** A record that pcpu_get_vm_areas() has allocated for an area that has no address yet. */
function isBlank(areas: Areas, { kind }: ContainerInfo, va: Va): boolean {
  return kind === "pcpu" && areas.start[va] === 0 && areas.end[va] === 0;
}

function countProblem(sim: Simulation, info: ContainerInfo, list: readonly Va[]): Finding | undefined {
  const { areas, containers } = sim.kernel;
  const pages = list.reduce((sum, va) => sum + areas.size(va), 0);
  if (containers.count[info.id] !== list.length) {
    return found("INV-REC", info, `the count is ${containers.count[info.id]!}, the list has ${list.length}`);
  }
  return containers.pages[info.id] === pages
    ? undefined
    : found("INV-CONSERVE", info, `${containers.pages[info.id]!} pages are noted, the list has ${pages}`);
}

function unsortedProblem(info: ContainerInfo, tree: readonly TreeRecord[]): Finding | undefined {
  return tree.length === 0 ? undefined : found("INV-SORTED", info, "a mere list has a tree");
}

function sortedProblem(
  areas: Areas,
  info: ContainerInfo,
  list: readonly Va[],
  tree: readonly TreeRecord[],
): Finding | undefined {
  if (tree.length !== list.length || tree.some(({ va }, i) => va !== list[i])) {
    const draw = (records: readonly Va[]): string => records.map((va) => extent(areas, va)).join(" ");
    const both = `the list is ${draw(list)}, the tree ${draw(tree.map(({ va }) => va))}`;
    return found("INV-SORTED", info, both);
  }
  let previous: Va = NONE;
  for (const record of tree) {
    const wrong = orderProblem(areas, info, previous, record.va) ?? treeProblem(areas, info, record);
    if (wrong) return wrong;
    previous = record.va;
  }
  return undefined;
}

function orderProblem(areas: Areas, info: ContainerInfo, previous: Va, va: Va): Finding | undefined {
  if (previous === NONE) return undefined;
  const gap = areas.start[va]! - areas.end[previous]!;
  const both = `${extent(areas, previous)} and ${extent(areas, va)}`;
  if (gap < 0) return found("INV-SORTED", info, `${both} overlap or are out of order`);
  return gap === 0 && info.coalesced ? found("INV-COALESCED", info, `${both} touch`) : undefined;
}

function treeProblem(areas: Areas, info: ContainerInfo, record: TreeRecord): Finding | undefined {
  const { va, above, blackHeight, largest } = record;
  const at = extent(areas, va);
  const red = areas.color[va] === 1;
  if (areas.parent[va] !== above) return found("INV-SORTED", info, `the link up from ${at} is wrong`);
  if (red && (above === NONE || areas.color[above] === 1)) {
    return found("INV-SORTED", info, `${at} is red, and so is what is above it, or nothing is`);
  }
  if (blackHeight < 0) return found("INV-SORTED", info, `the ways down from ${at} have unlike black records`);
  if (info.augmented && areas.subtreeMaxSize[va] !== largest) {
    const noted = areas.subtreeMaxSize[va]!;
    return found("INV-AUGMENT", info, `subtree_max_size of ${at} is ${noted}, its subtree holds ${largest}`);
  }
  return undefined;
}

function found(id: string, info: ContainerInfo, message: string): Finding {
  const name = info.node < 0 ? info.kind : `${info.kind} of node ${info.node}`;
  return { id, message: `${name}: ${message}` };
}
