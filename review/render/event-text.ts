// SPDX-License-Identifier: GPL-2.0-only
//
// What a step said, in words: one short fact per event that tells a reader more than the step's own name does.

import { errnoName } from "../../impl/allocators/errno.ts";
import { SLOT } from "../../impl/kernel/tasks.ts";
import type { Simulation } from "../../impl/simulation.ts";
import { ALARMS, EVENT, type EventKind, EVENT_WORDS } from "../../spec/events.ts";
import { BOOT_PHASES } from "../../spec/instance.ts";
import { count } from "./text-layout.ts";

/** An event as data. */
export interface RecordedEvent {
  readonly kind: keyof typeof EVENT;
  /** Its operands, as EVENT documents them. */
  readonly operands: readonly number[];
}

const KINDS = new Map<number, keyof typeof EVENT>(
  (Object.entries(EVENT) as [keyof typeof EVENT, EventKind][]).map(([name, code]) => [code, name]),
);

/** The events of the step that a simulation has just made. */
export function eventsOf(sim: Simulation): readonly RecordedEvent[] {
  const { rows, count } = sim.kernel.events;
  return Array.from({ length: count }, (_, i) => {
    const at = i * EVENT_WORDS;
    return { kind: KINDS.get(rows[at]!)!, operands: [...rows.subarray(at + 2, at + EVENT_WORDS)] };
  });
}

type Fact = (sim: Simulation, ...operands: number[]) => string;

/** A fact per kind; undefined where the step's name says it all. */
const FACTS: Readonly<Record<keyof typeof EVENT, Fact | undefined>> = {
  GRANT: (_, start, end, _align, _vstart, _vend, node) =>
    `granted ${range(start, end)} from ${node < 0 ? "the global heap" : `node ${node}`}`,
  BIND: (sim, start, end, node) => `${range(start, end)} is busy${ofNode(sim, node)}`,
  MAP: (_, start, end) => `${range(start, end)} mapped`,
  UNLINK: (_, start, end) => `${range(start, end)} unlinked`,
  UNMAP: (_, start, end) => `${range(start, end)} unmapped, TLBs may still hold it`,
  LAZY_ADD: (_, pages, nr) => `vmap_lazy_nr ${nr - pages} -> ${nr}`,
  LAZY: (sim, start, end, node, _nr, above) =>
    `${range(start, end)} lazily freed${ofNode(sim, node)}${above ? ", above the limit" : ""}`,
  FLUSH: (sim, start, end, mask) => `TLB flush of ${range(start, end)}${cpusOf(sim, mask)}`,
  RELEASE: (_, start, end, node) => `${range(start, end)} may be reused${node < 0 ? "" : ` by node ${node}`}`,
  ALLOC_FAILED: (_, size, _align, vstart, vend, errno) =>
    `failed: ${errnoName(-errno)}, ${pages(size)} in ${range(vstart, vend)}`,
  BLOCK_TAKEN: (_, start, end, node) => `block ${range(start, end)} taken for node ${node}`,
  BLOCK_PLACED: (_, start, end, node) => `block ${range(start, end)} belongs to node ${node}`,
  BLOCK_RETURNED: (_, start, end, node) => `block ${range(start, end)} leaves node ${node}`,
  PURGE_BEGIN: () => "a purge begins",
  PURGE_COLLECTED: (sim, start, end, node) =>
    `lazy areas within ${range(start, end)} detached${ofNode(sim, node)}`,
  PURGE_HELPERS: (_, helpers, nodes, nr) =>
    `${count(helpers, "helper")} for ${count(nodes, "node")} at vmap_lazy_nr ${nr}`,
  PURGE_END: (_, areas) => `the purge ends, ${areas} area${areas === 1 ? "" : "s"} purged`,
  INIT_WORK: (sim, work, pending, running) =>
    pending || running
      ? `INIT_WORK of ${sim.kernel.works.name(work)} while it is ${pending ? "pending" : "running"}`
      : "",
  QUEUE_WORK: (sim, work, queued) =>
    `${sim.kernel.works.name(work)} ${queued ? "queued" : "was pending already"}`,
  WORK_START: (sim, work, rescued) =>
    `${sim.kernel.works.name(work)} starts${rescued ? ", on the rescuer of its queue" : ""}`,
  WORK_END: undefined,
  FILL_BEGIN: (_, node) => `node ${node} is short: fill_in_progress set`,
  FILL_END: undefined,
  SEARCH_FAILED: (sim, container, size) => `nothing for ${pages(size)} in ${containerName(sim, container)}`,
  CLIP: undefined,
  CLIP_FAILED: () => "no record for the split",
  WARN: (_, code) => `WARN: ${ALARMS[code]}`,
  OOPS: (_, code) => `the kernel dies: ${ALARMS[code]}`,
  BAD_RECORD_FREE: () => "a record that is linked or not allocated went to the slab",
  FOUND: (_, page, found) =>
    `look-up of page ${page} found ${found < 0 ? "nothing" : `the area at ${found}`}`,
  OP_END: (sim, slot, state) => {
    const { name } = sim.tasks.operations[slot]!;
    if (state === SLOT.LIVE) return `"${name}" is live`;
    return state === SLOT.FAILED ? `no area for "${name}"` : `"${name}" is gone already`;
  },
  FREE_DONE: undefined,
  ALIASES_BEGIN: undefined,
  ALIASES_END: undefined,
  NOTIFIED: (_, page) => `a subsystem gives the area at ${page} back`,
  POOL_ADD: (_, start, end, node, size) => `${range(start, end)} goes to ${pool(node, size)}`,
  POOL_TAKEN: (_, start, end, node, size) => `${range(start, end)} taken from ${pool(node, size)}`,
  POOL_DETACHED: (_, node, size, areas) => `${pool(node, size)} detached: ${count(areas, "area")}`,
  POOL_DECAYED: (_, node, size, released, left) =>
    `${pool(node, size)} decayed: ${released} released, ${left} left over`,
  POOL_ATTACHED: (_, node, size, areas, lost) =>
    `${pool(node, size)}: ${areas} put back${lost ? `, ${count(lost, "area")} of the pool lost` : ""}`,
  BOOT: (_, phase) => `${BOOT_PHASES[phase]!} has run`,
  HOTPLUG: (_, cpu, online) => `CPU ${cpu} is ${online ? "online" : "offline"}`,
  FLUSHED_WORK: (sim, work, waited) =>
    waited ? `waited for ${sim.kernel.works.name(work)}` : `${sim.kernel.works.name(work)} was idle`,
  NO_WORKER: () => "no kworker can be created, now and from now on",
  ALLOC_WORKQUEUE: (sim, queue, made) =>
    `${sim.kernel.works.queues[queue]!.name} ${made ? "exists from now on" : "could not be allocated"}`,
  PCPU_SEARCHED: (_, _request, base) => (base < 0 ? "no base for the areas" : `base ${base} for the areas`),
  UNGRANT: (_, start, end) => `${range(start, end)} goes back to the global heap unused`,
  PCPU_FAILED: () => "failed: no base for the areas, not even after a purge",
  WITHDRAW: (_, start, end) => `${range(start, end)} is not free any more`,
  RETRY: (_, start, end) => `${range(start, end)} waits for another try`,
  PERF_MODE: (_, on) => (on ? "the perf mode is on" : "the perf mode stays off"),
  OCCUPIED_TWICE: (_, start, end) => `${range(start, end)} is stored over what is occupied`,
  HOLE_SCAN: (_, gaps) => `${count(gaps, "gap")} looked at`,
  FREE_TREE_READ: (_, start, end) => `the free tree says that ${range(start, end)} is free`,
  DRAIN_DROPPED: () => "above the limit, and nobody takes the request for a drain",
};

/** The facts of some events, without repetitions. */
export function factsOf(sim: Simulation, events: readonly RecordedEvent[]): readonly string[] {
  const facts = events.map(({ kind, operands }) => FACTS[kind]?.(sim, ...operands) ?? "");
  return [...new Set(facts.filter((fact) => fact !== ""))];
}

function range(start: number, end: number): string {
  return `[${start},${end})`;
}

function pages(n: number): string {
  return n === 1 ? "1 page" : `${n} pages`;
}

function pool(node: number, sizeClass: number): string {
  return `the pool of node ${node} for ${pages(sizeClass + 1)}`;
}

function ofNode(sim: Simulation, node: number): string {
  return sim.allocator.nodes > 1 && node >= 0 ? ` in node ${node}` : "";
}

function cpusOf(sim: Simulation, mask: number): string {
  const { everyCpu } = sim.kernel.tlb;
  if ((mask & everyCpu) === everyCpu) return "";
  const cpus = Array.from({ length: 32 }, (_, c) => c).filter((c) => (mask >>> c) & 1);
  return cpus.length === 0 ? " on no CPU" : ` on CPU ${cpus.join(", ")} only`;
}

function containerName(sim: Simulation, container: number): string {
  const info = sim.kernel.containers.info[container];
  return !info || info.node < 0 ? "the global heap" : `node ${info.node}`;
}
