// SPDX-License-Identifier: GPL-2.0-only
//
// Dossier of "mm/vmalloc: Use dedicated unbound workqueue for vmap purge/drain", v2, with v3 beside it. Lines are those
// of the archived mail. Quotations are literal; everything else is this project's own.

import type { Claim, Dossier, NamedEvidence } from "../dossier.ts";
import { UNBOUND_DRAIN_DIFFERENCES, UNBOUND_DRAIN_V3_DIFFERENCES } from "./unbound-drain-differences.ts";
import type {
  UnboundDrainCampaign,
  UnboundDrainProperty,
  UnboundDrainStaticCheck,
} from "./unbound-drain-evidence.ts";

/** A claim that refers to names of this dossier only. */
export type UnboundDrainClaim = Omit<Claim, "id" | "evidence"> & {
  readonly id: `C0-${number}`;
  readonly evidence: NamedEvidence<
    UnboundDrainCampaign,
    UnboundDrainProperty,
    UnboundDrainStaticCheck,
    never
  >;
};

const CLAIMS = [
  {
    id: "C0-1",
    quote: "The drain_vmap_area_work() function can take >10ms to complete",
    line: 8,
    saidBy: "author",
    kind: "cost",
    how: "Not checked.",
    evidence: { kind: "none", reason: "a time on one machine; a model has none" },
    pinned: "not-checkable",
    defects: [],
    note: "How the work of one pass grows with the number of areas can be counted; bench/README.md has what is measured.",
  },
  {
    id: "C0-2",
    quote: "run this background task on any available CPU, improving responsiveness",
    line: 17,
    saidBy: "author",
    kind: "cost",
    how: "Not checked.",
    evidence: { kind: "none", reason: "responsiveness is a matter of time and of the scheduler's choices" },
    pinned: "not-checkable",
    defects: [],
    note: "An item of an unbound queue is bound to no CPU indeed; whether anybody is served sooner is another question.",
  },
  {
    id: "C0-3",
    quote: "Use WQ_MEM_RECLAIM to ensure forward progress under memory pressure.",
    line: 18,
    saidBy: "author",
    kind: "progress",
    how:
      "Search all interleavings of instances in which no worker can be created, so that the rescuer is alone, for a " +
      "state in which nothing can go on.",
    evidence: {
      kind: "invariants",
      ids: ["INV-WQ-NODEADLOCK"],
      campaign: "unbound-drain-rescuer",
      witnesses: ["RESCUER-RAN"],
    },
    pinned: "refuted",
    defects: ["DEF-U1", "DEF-U9", "DEF-U10"],
    note:
      "A rescuer runs one item of its queue at a time, and the drain waits for another one of the same queue. The flag " +
      "that was to ensure progress makes the wait a matter of one thread. v3 gives the helpers a queue of their own.",
  },
  {
    id: "C0-4",
    quote: "fall back to processing locally to avoid losing progress",
    line: 21,
    saidBy: "author",
    kind: "progress",
    how:
      "Run frees and purges while the boot goes on: do purges process their nodes on the spot, and does each free " +
      "above the limit lead to a purge.",
    evidence: {
      kind: "invariants",
      ids: ["INV-DRAIN"],
      campaign: "unbound-drain-boot",
      despite: "LOCAL-IN-BOOT",
    },
    pinned: "partly",
    defects: ["DEF-U3", "DEF-P5", "DEF-P6"],
    note:
      "So it is for the helpers, and there the patch mends what mainline gets wrong. It is not for the drain itself: " +
      "the request is dropped, and what was freed waits for somebody else's purge.",
  },
  {
    id: "C0-5",
    quote:
      "simplify purge helper scheduling by removing cpumask-based [...] iterating directly over vmap nodes",
    line: 23,
    saidBy: "author",
    kind: "equivalence",
    how:
      "Run a purge of both designs on every distribution of lazily freed areas and compare what it releases, which " +
      "nodes get a helper, what it reports, and all pools, lists and counters afterwards.",
    evidence: { kind: "static", check: "purge-loops" },
    pinned: "holds",
    condition: "workers for all helpers, and queue_work() succeeds",
    defects: ["DEF-U5", "DEF-U8"],
    note:
      "A node was marked exactly if its purge list was not empty, and only its own processing empties that list. What " +
      "does change is where a helper runs: no longer on the CPU with the number of its node.",
  },
  {
    id: "C0-6",
    quote: "Wait for completion if queued any.",
    line: 148,
    saidBy: "author",
    kind: "safety",
    how:
      "Check in all interleavings that a purge which ends has emptied all purge lists, has no helper at work and " +
      "loses nothing; then let queue_work() say false.",
    evidence: {
      kind: "invariants",
      ids: ["INV-HELPERS-DONE", "INV-PURGE-COUNT", "INV-CONSERVE"],
      campaign: "unbound-drain-helpers",
      unless: "unbound-drain-queue-fault",
      witnesses: ["HELPER-QUEUED-IN-DRAIN", "HELPERS-MANY"],
    },
    pinned: "holds",
    condition: "queue_work() returns true",
    defects: ["DEF-U4", "DEF-U5", "DEF-U8"],
    note:
      "What was queued is waited for. But work_queued is set whatever queue_work() returns, so for an item that was " +
      "not queued the wait ends at once and its areas are lost. v3 looks at the result and needs no condition.",
  },
  {
    id: "C0-7",
    quote: "nr_purge_helpers = clamp(nr_purge_helpers, 1U, nr_purge_nodes) - 1;",
    line: 109,
    saidBy: "author",
    kind: "structure",
    how: "Check that every purge queues as many helpers as the formula gives, with the counter as it was read.",
    evidence: {
      kind: "invariants",
      ids: ["INV-HELPER-COUNT"],
      campaign: "unbound-drain-helpers",
      witnesses: ["HELPER-QUEUED-IN-DRAIN", "HELPERS-MANY"],
    },
    pinned: "holds",
    condition: "there is a queue",
    defects: [],
    note: "A line that the patch keeps. A helper that could not be queued is not counted, so the next node may have it.",
  },
  {
    id: "C0-8",
    quote: "vn->work_queued = schedule_drain_vmap_work(&vn->purge_work);",
    line: 121,
    saidBy: "author",
    kind: "safety",
    how: "Check what lockdep checks: no work item waits for another one of its own queue if that has a rescuer.",
    evidence: {
      kind: "invariants",
      ids: ["INV-WQ-FLUSH"],
      campaign: "unbound-drain-helpers",
      witnesses: ["HELPER-QUEUED-IN-DRAIN"],
    },
    pinned: "refuted",
    defects: ["DEF-U6", "DEF-U1"],
    note:
      "Not said but done: helpers go to the queue that the drain itself runs on. The first drain with a helper gives " +
      "a lockdep report, without any shortage of memory.",
  },
] as const satisfies readonly UnboundDrainClaim[];

/** Id of a claim of this dossier. */
export type UnboundDrainClaimId = (typeof CLAIMS)[number]["id"];

const V3 = {
  "C0-1": { verdict: "not-checkable" },
  "C0-2": { verdict: "not-checkable" },
  "C0-3": { verdict: "holds" },
  "C0-4": { verdict: "partly" },
  "C0-5": { verdict: "holds", condition: "workers for all helpers, and queue_work() succeeds" },
  "C0-6": { verdict: "holds" },
  "C0-7": { verdict: "holds", condition: "there is a queue" },
  "C0-8": { verdict: "holds" },
} as const satisfies Readonly<Record<UnboundDrainClaimId, object>>;

/** The dossier. */
export const UNBOUND_DRAIN_DOSSIER = {
  id: "unbound-drain",
  subject: "[PATCH v2] mm/vmalloc: Use dedicated unbound workqueue for vmap purge/drain",
  author: "Uladzislau Rezki (Sony)",
  version: "v2",
  date: "2026-03-30",
  threadLines: 180,
  before: "size-pools",
  after: "unbound-drain",
  claims: CLAIMS,
  differences: UNBOUND_DRAIN_DIFFERENCES,
  revisions: [
    {
      id: "v3",
      subject: "[PATCH v3] mm/vmalloc: Use dedicated unbound workqueues for vmap drain",
      messageId: "20260331202352.879718-1-urezki@gmail.com",
      date: "2026-03-31",
      design: "unbound-drain-v3",
      pinned: V3,
      differences: UNBOUND_DRAIN_V3_DIFFERENCES,
    },
  ],
} as const satisfies Dossier;
