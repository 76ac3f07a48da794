// SPDX-License-Identifier: GPL-2.0-only
//
// Defects and suspects of the designs, as data: what was found by reading, and what reading ruled out.
// A label says how sure reading is; what a run shows is never written here.

/** One defect or suspect. */
export interface Defect {
  readonly id: `DEF-${string}`;
  /** confirmed: follows from the code. plausible: needs an environment that was not checked. refuted: cannot be. */
  readonly label: "confirmed" | "plausible" | "refuted";
  /** Whether the patch under review brought it, or the code had it before. */
  readonly introducedBy: "before" | "patch";
  readonly description: string;
  /** The scenario that shows it, if there is one. */
  readonly scenario?: string;
  /** The invariants that a run of the scenario breaks; none if no invariant here can see it. */
  readonly breaks: readonly `INV-${string}`[];
}

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
      "The purge now flushes works of the system workqueue, which has no rescuer. A task in memory reclaim that " +
      "purges (overflow, vm_unmap_aliases) then waits until a worker can be created, which takes memory, and the " +
      "flush-dependency check warns. Works that wait for memory are not in the simulated kernel of this version.",
    breaks: [],
  },
  {
    id: "DEF-P1",
    label: "confirmed",
    introducedBy: "before",
    description:
      "The shrinker decays pools without vmap_purge_lock. decay_va_pool_node reads and clears a pool's len outside " +
      "pool_lock and puts the rest of a detached list back by replacing the pool's list, on the assumption that " +
      "nobody populates the pool meanwhile. A purge does. Then len no longer counts the list, and at the next decay " +
      "areas that were put into the pool are thrown away with their address range.",
    scenario: "SC-62",
    breaks: ["INV-POOL-LEN", "INV-POOL-NOLOSS", "INV-PURGE-SERIAL", "INV-CONSERVE"],
  },
  {
    id: "DEF-P4",
    label: "confirmed",
    introducedBy: "before",
    description:
      "A request looks at the first area of its pool only. If that one is misaligned it moves to the tail, and the " +
      "request goes to the global heap although an aligned area lies behind.",
    scenario: "SC-67",
    breaks: [],
  },
  {
    id: "DEF-P5",
    label: "plausible",
    introducedBy: "before",
    description:
      "Between vmalloc_init and workqueue_init_early there is no system_wq. A free that finds too many lazy pages " +
      "then queues the drain on a NULL queue. Only a machine whose limit is that low, or whose boot frees that much " +
      "that early, comes to it; the patch does not, as it looks at its own queue first.",
    scenario: "SC-64",
    breaks: ["INV-NOWARN"],
  },
  {
    id: "DEF-U1",
    label: "confirmed",
    introducedBy: "patch",
    description:
      "The drain and the purge helpers share a queue and so its one rescuer. If no worker can be created, the rescuer " +
      "executes the drain, which waits for a helper that only the same rescuer could execute. A task that purges is " +
      "caught in the same way, by a drain on the rescuer that waits for vmap_purge_lock. v3 gives the helpers a " +
      "queue and a rescuer of their own.",
    scenario: "SC-29",
    breaks: ["INV-DEADLOCK"],
  },
  {
    id: "DEF-U3",
    label: "confirmed",
    introducedBy: "patch",
    description:
      "A free that finds too many lazy pages drops its request for a drain while there is no queue, and nobody makes " +
      "up for it when the queue appears. Nothing is purged until the next free above the limit, and never in the " +
      "background if the queue could not be allocated.",
    scenario: "SC-32",
    breaks: ["INV-DRAIN"],
  },
  {
    id: "DEF-U4",
    label: "plausible",
    introducedBy: "patch",
    description:
      "The result of queue_work is not looked at. If it were false, nobody would purge the node, and the next purge " +
      "would begin with an empty list: the areas are lost and vmap_lazy_nr stays too high. After INIT_WORK queue_work " +
      "does not return false; v3 looks at the result all the same.",
    scenario: "SC-33",
    breaks: ["INV-HELPERS-DONE", "INV-PURGE-COUNT", "INV-CONSERVE", "INV-LAZYNR-EQ"],
  },
  {
    id: "DEF-U6",
    label: "confirmed",
    introducedBy: "patch",
    description:
      "With lock debugging, the flush of a helper touches the map of its queue, which the drain holds while it runs " +
      "on the same queue: a report of recursion at the first drain with a helper, whether memory is short or not.",
    scenario: "SC-31b",
    breaks: ["INV-WQ-FLUSH"],
  },
] as const satisfies readonly Defect[];

/** Id of a defect or suspect. */
export type DefectId = (typeof DEFECTS)[number]["id"];

/** The defect of an id. */
export function defectOf(id: DefectId): Defect {
  const defect = DEFECTS.find((each) => each.id === id);
  if (defect === undefined) throw new Error(`no defect ${id} in the catalogue`);
  return defect;
}
