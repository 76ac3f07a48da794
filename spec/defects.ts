// SPDX-License-Identifier: GPL-2.0-only
//
// Defects and suspects of the designs, as data: what was found by reading, and what reading ruled out.
// A label says how sure reading is; what a run shows is never written here.

import type { Defect } from "./defects/entry.ts";
import { TREE_DEFECTS } from "./defects/range-trees.ts";

export type { Defect } from "./defects/entry.ts";

/** All defects, by id. */
export const DEFECTS = [
  {
    id: "DEF-B1",
    label: "confirmed",
    introducedBy: "before",
    description:
      "For an alignment above one page the tree search looks for size + align - 1 pages when it prunes, so a " +
      "free range that fits only because it happens to be aligned can be missed, depending on the tree's shape, " +
      "and the answer need not be the lowest.",
    scenario: "SC-05",
    breaks: [],
  },
  {
    id: "DEF-B2",
    label: "confirmed",
    introducedBy: "before",
    description:
      "When a purge cannot merge an area because it overlaps a free one, it goes on with the next area and never " +
      "takes the pages off vmap_lazy_nr: after one such accident the counter stays too high for ever.",
    breaks: ["INV-LAZYNR-EQ"],
  },
  {
    id: "DEF-N1",
    label: "confirmed",
    introducedBy: "patch",
    description:
      "purge_vmap_node asks for the size of the merged area before it tests whether the merge gave one. An " +
      "overlap, which used to be a warning and a skipped area, becomes a NULL dereference.",
    scenario: "SC-20",
    breaks: ["INV-NOWARN"],
  },
  {
    id: "DEF-N2",
    label: "confirmed",
    introducedBy: "patch",
    description:
      "free_vmap_area merges into the node's free tree without asking whether the block is whole again. Only the " +
      "purge asks, and only about blocks of lazily freed areas, so a block whose last area is freed this way stays " +
      "with the node while other nodes and the global heap go short.",
    scenario: "SC-15",
    breaks: ["INV-BLOCK-RETURN", "INV-COMPLETE-ALL"],
  },
  {
    id: "DEF-N5",
    label: "confirmed",
    introducedBy: "patch",
    description:
      "Two pages of every owned block can never be handed out; for small blocks that is a large share of the space.",
    breaks: [],
  },
  {
    id: "DEF-N6",
    label: "plausible",
    introducedBy: "patch",
    description:
      "If the first allocation out of a fresh block cannot split it for want of a record, the whole block stays " +
      "in the node with nothing allocated from it, and no purge gives it back.",
    scenario: "SC-16",
    breaks: ["INV-BLOCK-RETURN"],
  },
  {
    id: "DEF-N7",
    label: "refuted",
    introducedBy: "patch",
    description:
      "The purge locks the node whose list it works on, not the node in the area's flags. These are the same: a " +
      "lazy free puts an area with a node id on exactly that node's list.",
    breaks: [],
  },
  {
    id: "DEF-N8",
    label: "refuted",
    introducedBy: "patch",
    description:
      "The node id is decoded without a mask. Only flag bits 0 and 1 exist beside it and a shift by eight drops " +
      "them; a new flag from bit 8 on would break it.",
    breaks: [],
  },
  {
    id: "DEF-N9",
    label: "refuted",
    introducedBy: "patch",
    description:
      "More than 255 nodes would not fit the byte that the comment names. The last patch of the series clamps the " +
      "count; the modulo in id_to_node would hide a wrong id rather than report it.",
    breaks: [],
  },
  {
    id: "DEF-N10",
    label: "refuted",
    introducedBy: "patch",
    description:
      "A task may migrate between choosing a node and writing its id into the flags. Both use the same local " +
      "variable, so the id stays that of the node that served the request.",
    breaks: [],
  },
  {
    id: "DEF-N11",
    label: "plausible",
    introducedBy: "before",
    description:
      "The array of nodes is a NULL pointer until the allocator is initialised, so a lookup early in the boot " +
      "would dereference it.",
    breaks: [],
  },
  {
    id: "DEF-N12",
    label: "plausible",
    introducedBy: "patch",
    description:
      "For areas without a node id, KASAN is told that the free region is the area itself, because the merge now " +
      "comes later. Shadow pages that two freed neighbours share are then never released: a leak.",
    breaks: [],
  },
  {
    id: "DEF-N13",
    label: "confirmed",
    introducedBy: "patch",
    description:
      "The retry label of alloc_vmap_area stands behind node_alloc. When the space runs out, the purge gives areas " +
      "back to the node's own free tree, but the retry looks at the global heap alone, and the request fails with " +
      "-EBUSY although its own node holds a fit. The single free tree served the same request.",
    scenario: "SC-50",
    breaks: ["INV-COMPLETE-ALL"],
  },
  {
    id: "DEF-N14",
    label: "plausible",
    introducedBy: "patch",
    description:
      "A split takes the CPU's preloaded record with __this_cpu_xchg, which needs preemption disabled or one lock " +
      "around all users. That lock was free_vmap_area_lock; the patch splits under vn->free.lock as well. On " +
      "PREEMPT_RT, where both sections are preemptible and the generic exchange is a load and a store, two tasks on " +
      "one CPU can take the same record, and a free range is lost.",
    scenario: "SC-51",
    breaks: ["INV-CONSERVE"],
  },
  {
    id: "DEF-N15",
    label: "plausible",
    introducedBy: "patch",
    description:
      "The purge flushes works of the system workqueue, which has no rescuer. Once no worker can be created any more, " +
      "a helper that was queued never runs, so whoever purges (an overflow, vm_unmap_aliases, the drain) waits for it " +
      "for ever with vmap_purge_lock held, and a queued drain never begins. In memory reclaim the flush-dependency " +
      "check warns about it.",
    breaks: ["INV-WQ-NODEADLOCK"],
  },
  {
    id: "DEF-N16",
    label: "confirmed",
    introducedBy: "patch",
    description:
      "pcpu_get_vm_areas searches the global heap only, and the purge before its retry gives back whole blocks only. " +
      "What is free in the blocks of nodes is lost to it: one small area keeps a whole block from the per-CPU " +
      "allocator.",
    scenario: "SC-43n",
    breaks: ["INV-PCPU-COMPLETE"],
  },
  {
    id: "DEF-P1",
    label: "confirmed",
    introducedBy: "before",
    description:
      "vmap_node_shrink_scan calls decay_va_pool_node for every node without vmap_purge_lock. That function detaches a " +
      "pool's list under pool_lock, but reads len and sets it to 0 outside, and puts the rest of a partial decay back " +
      "by overwriting the pool's list, as if nobody could populate the pool meanwhile. A purge does, and two decays " +
      "overlap. An area added in between is counted away: len then says less than the list holds, a partial decay " +
      "takes a quarter of a wrong number, and areas that are on the list when the rest is put back are lost with " +
      "their records and their addresses.",
    scenario: "SC-62",
    breaks: ["INV-POOL-LEN", "INV-POOL-NOLOSS", "INV-PURGE-SERIAL", "INV-CONSERVE", "INV-REC"],
  },
  {
    id: "DEF-P2",
    label: "refuted",
    introducedBy: "before",
    description:
      "The decay reads len outside pool_lock. As long as the caller holds vmap_purge_lock this is exact: the list is " +
      "detached, so nobody takes from it, and the helpers that add to it have not been started.",
    breaks: [],
  },
  {
    id: "DEF-P3",
    label: "refuted",
    introducedBy: "before",
    description:
      "A helper might see the skip_populate of another purge. The flag is written under vmap_purge_lock before any " +
      "helper is queued, and the lock is kept until all of them have been waited for.",
    breaks: [],
  },
  {
    id: "DEF-P4",
    label: "confirmed",
    introducedBy: "before",
    description:
      "A pool is asked once: a first area that is not aligned as requested goes to the tail and the request to the " +
      "free tree, although another area of the pool may fit. Later versions also refuse a request that must not " +
      "block at once, whatever pools and lazy lists hold.",
    scenario: "SC-67",
    breaks: [],
  },
  {
    id: "DEF-P5",
    label: "plausible",
    introducedBy: "before",
    description:
      "A free above the limit that comes before workqueue_init_early() queues the drain on a system_wq that is still " +
      "NULL. No such free is known: so little is freed that early. The patch asks for its own queue first and drops " +
      "the request.",
    scenario: "SC-64",
    breaks: ["INV-NOWARN", "INV-DRAIN"],
  },
  {
    id: "DEF-P6",
    label: "plausible",
    introducedBy: "before",
    description:
      "Between workqueue_init_early() and workqueue_init() a purge can queue helpers, but flush_work() warns and comes " +
      "back without waiting. The purge ends with areas on its lists, and the next one initialises those lists. No " +
      "purge with helpers is known that early. The patch cures it: until its queue exists it purges on the spot.",
    scenario: "SC-68",
    breaks: [
      "INV-NOWARN",
      "INV-DRAIN",
      "INV-HELPERS-DONE",
      "INV-PURGE-COUNT",
      "INV-FLUSH-COVER",
      "INV-CONSERVE",
      "INV-REC",
      "INV-LAZYNR-EQ",
    ],
  },
  {
    id: "DEF-P7",
    label: "confirmed",
    introducedBy: "before",
    description:
      "With CONFIG_VMAP_STACK the stack of a new worker is a vmalloc allocation. When the space has run out, that " +
      "allocation purges, queues helpers on the system's workqueue and waits for them. If no worker is idle, what it " +
      "waits for is the worker that it is creating. The rescuer of the patch runs the helper instead.",
    scenario: "SC-61c",
    breaks: ["INV-WQ-NODEADLOCK"],
  },
  {
    id: "DEF-U1",
    label: "confirmed",
    introducedBy: "patch",
    description:
      "The drain and its helpers share one queue, and so one rescuer. If no worker is idle and none can be created, " +
      "the rescuer runs the drain, which queues a helper behind itself and waits for it: nobody is left to run the " +
      "helper, and vmap_purge_lock stays taken. It takes two nodes with lazy areas and twice the lazy limit. With a " +
      "queue and a rescuer of their own for the helpers (v3) it does not happen.",
    scenario: "SC-29",
    breaks: ["INV-WQ-NODEADLOCK"],
  },
  {
    id: "DEF-U3",
    label: "confirmed",
    introducedBy: "patch",
    description:
      "free_vmap_area_noflush drops the result of schedule_drain_vmap_work. While drain_vmap_wq is NULL, early in the " +
      "boot or for ever if alloc_workqueue() fails, a free above the limit asks for a drain and nobody remembers it: " +
      "the backlog stays until the next free, overflow or vm_unmap_aliases. Mainline queues the drain, which then " +
      "runs once there are workers. The free cannot purge itself, as it may hold vmap_purge_lock. Still so in v3.",
    scenario: "SC-32",
    breaks: ["INV-DRAIN"],
  },
  {
    id: "DEF-U4",
    label: "plausible",
    introducedBy: "patch",
    description:
      "schedule_drain_vmap_work says true without a look at the result of queue_work(). Were that false, work_queued " +
      "would be set for a node that nobody purges: flush_work() comes back at once, the purge reports too few areas, " +
      "and the next one initialises purge_list with areas on it. After a fresh INIT_WORK() queue_work() is not " +
      "expected to say false, so it takes an injected fault. v3 looks at the result.",
    scenario: "SC-33",
    breaks: ["INV-HELPERS-DONE", "INV-PURGE-COUNT", "INV-CONSERVE", "INV-REC", "INV-LAZYNR-EQ", "INV-DRAIN"],
  },
  {
    id: "DEF-U5",
    label: "refuted",
    introducedBy: "patch",
    description:
      "INIT_WORK() of a helper might hit one that is still pending or running. Every helper that was queued is waited " +
      "for before vmap_purge_lock is released, and only its holder initialises one.",
    breaks: [],
  },
  {
    id: "DEF-U6",
    label: "confirmed",
    introducedBy: "patch",
    description:
      "flush_work() of an item on a queue with a rescuer touches the lockdep map of that queue, which the drain holds " +
      "as one of the queue's items. The first drain with a helper is reported as recursive locking, memory pressure " +
      "or not.",
    scenario: "SC-31b",
    breaks: ["INV-WQ-FLUSH"],
  },
  {
    id: "DEF-U7",
    label: "refuted",
    introducedBy: "patch",
    description:
      "A request for a drain that finds one pending might be lost. The area is on its lazy list before the request, " +
      "and a pending drain has yet to begin. One pass is all it makes, though: what comes behind it waits for the " +
      "next free above the limit.",
    breaks: [],
  },
  {
    id: "DEF-U8",
    label: "refuted",
    introducedBy: "patch",
    description:
      "work_queued keeps its old value in a purge that finds nothing. Nobody reads it there: the loop that does comes " +
      "behind the one that clears it.",
    breaks: [],
  },
  {
    id: "DEF-U9",
    label: "confirmed",
    introducedBy: "patch",
    description:
      "The same rescuer, a longer way round. A task that purges (an overflow, vm_unmap_aliases) holds vmap_purge_lock " +
      "and waits for a helper that it has queued, while the rescuer runs the drain, which waits for vmap_purge_lock. " +
      "The drain need not be the one that queued the helper.",
    scenario: "SC-60",
    breaks: ["INV-WQ-NODEADLOCK"],
  },
  {
    id: "DEF-U10",
    label: "confirmed",
    introducedBy: "patch",
    description:
      "With CONFIG_VMAP_STACK the stack of a new worker is a vmalloc allocation. When the space has run out, that " +
      "allocation purges and waits for the vmap_purge_lock that a drain on the rescuer holds, which waits for the " +
      "helper that the new worker was meant to run: then not even memory that comes back ends the wait.",
    scenario: "SC-61",
    breaks: ["INV-WQ-NODEADLOCK"],
  },
  ...TREE_DEFECTS,
] as const satisfies readonly Defect[];

/** Id of a defect or suspect. */
export type DefectId = (typeof DEFECTS)[number]["id"];

/** The defect of an id. */
export function defectOf(id: DefectId): Defect {
  const defect = DEFECTS.find((each) => each.id === id);
  if (defect === undefined) throw new Error(`no defect ${id} in the catalogue`);
  return defect;
}
