// SPDX-License-Identifier: GPL-2.0-only
//
// The names that the dossier of the unbound-drain patch refers to, each with its meaning: campaigns, situations and
// computations. What implements them must cover these keys exactly.

/** Campaigns: sets of small instances of unbound-drain. */
export const UNBOUND_DRAIN_CAMPAIGNS = {
  "unbound-drain-pools":
    "areas that go into pools and come out again, pools that rotate and decay, areas too large for a pool",
  "unbound-drain-helpers":
    "a backlog above twice the limit on two or three nodes, so that a purge queues helpers",
  "unbound-drain-overflow": "a full space: the overflow path empties the pools and puts nothing into them",
  "unbound-drain-windows": "requests for the modules window and for explicit ranges, which no pool serves",
  "unbound-drain-boot": "frees above the limit and purges while the boot goes on and there is no queue yet",
  "unbound-drain-rescuer": "no worker can be created: what is queued has the rescuer or nobody",
  "unbound-drain-stacks": "a worker needs a stack, which is a vmalloc allocation itself",
  "unbound-drain-queue-fault": "queue_work() may say that a helper was not queued",
  "unbound-drain-hotplug": "CPUs go and come back while helpers are queued",
  "unbound-drain-shrinker": "the shrinker decays pools beside frees and purges",
} as const;

/** Situations that a run may reach. */
export const UNBOUND_DRAIN_PROPERTIES = {
  "HELPER-QUEUED-IN-DRAIN": "the drain, running on a worker of its queue, queues a helper",
  "RESCUER-RAN": "a rescuer runs a work item",
  "LOCAL-IN-BOOT":
    "a purge may use a helper, finds that there is no queue yet, and purges the node on the spot",
  "HELPERS-MANY": "a purge queues two helpers or more",
} as const;

/** Computations. */
export const UNBOUND_DRAIN_STATIC_CHECKS = {
  "purge-loops":
    "purge the same lazily freed areas by the loop over a cpumask and by the loop over all nodes, for each way to " +
    "distribute them over one to three nodes and each limit, and compare all that the purge leaves behind",
} as const;

/** Id of a campaign of this dossier. */
export type UnboundDrainCampaign = keyof typeof UNBOUND_DRAIN_CAMPAIGNS;

/** Id of a situation of this dossier. */
export type UnboundDrainProperty = keyof typeof UNBOUND_DRAIN_PROPERTIES;

/** Id of a computation of this dossier. */
export type UnboundDrainStaticCheck = keyof typeof UNBOUND_DRAIN_STATIC_CHECKS;
