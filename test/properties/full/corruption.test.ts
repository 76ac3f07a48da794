// SPDX-License-Identifier: GPL-2.0-only
// Damage done to the heap of a finished run: the full check finds every kind, and the checks of every step find
// what is wrong with the records that the damaging step touched.
import { expect, it } from "vitest";
import { type Areas, NONE, type Va } from "../../../impl/heap/areas.ts";
import type { Containers } from "../../../impl/heap/containers.ts";
import { fullCheck } from "../../../properties/full/full-check.ts";
import { Session } from "../../../properties/session.ts";
import type { AllocatorId } from "../../../spec/instance.ts";
import { RUN_TO_COMPLETION } from "../../../spec/schedule.ts";
import { instanceOf } from "../small-instance.ts";

/** A finished run whose heap a test may damage, as if a step of process 0 had done it. */
class Patient {
  readonly session: Session;
  readonly areas: Areas;
  readonly containers: Containers;

  constructor(allocator: AllocatorId) {
    // Several records in every container: free space with holes, busy areas, one lazy area.
    const programs =
      "a=alloc(1); b=alloc(2); c=alloc(1); d=alloc(2); e=alloc(1); f=alloc(2); g=alloc(4); h=alloc(4); i=alloc(4); " +
      "j=alloc(4); k=alloc(4); free(b); free(d); free(h); free(j); purge; free(f)";
    this.session = new Session(
      instanceOf(allocator, programs, { spacePages: 64, blockPages: 12, lazyMaxPages: 60 }),
    );
    const outcome = this.session.replay(RUN_TO_COMPLETION);
    if (outcome.end !== "done") throw new Error(JSON.stringify(outcome));
    const { areas, containers } = this.session.sim.kernel;
    this.areas = areas;
    this.containers = containers;
    this.session.sim.begin(0);
  }

  get allocator(): Session["sim"]["allocator"] {
    return this.session.sim.allocator;
  }

  /** The n-th record of the n-th container of a kind, marked as touched. */
  record(kind: string, n: number, node = -1): Va {
    const info = this.containers.all().find((c) => c.kind === kind && (node < 0 || c.node === node))!;
    let va = this.containers.head[info.id]!;
    for (let i = 0; i < n; i++) va = this.areas.next[va]!;
    if (va === NONE) throw new Error(`${kind} has no record ${n}`);
    this.areas.touch(va as Va);
    return va as Va;
  }

  place(va: Va): number {
    return this.areas.place[va]!;
  }
}

type Damage = (p: Patient, areas: Areas, containers: Containers) => void;

const DAMAGE: Readonly<Record<string, Damage>> = {
  "a subtree_max_size is raised": (p, a) => {
    a.subtreeMaxSize[p.record("free", 0)]! += 1;
  },
  "two list links are swapped": (p, a) => {
    const [x, y] = [p.record("free", 0), p.record("free", 1)];
    [a.next[x], a.next[y]] = [a.next[y]!, a.next[x]!];
  },
  "the list has a circle": (p, a) => {
    a.next[p.record("busy", 1)] = p.record("busy", 0);
  },
  "the list links to no record": (p, a) => {
    a.next[p.record("busy", 1)] = 5;
  },
  "a link back is lost": (p, a) => {
    a.prev[p.record("free", 1)] = NONE;
  },
  "the tail is the record before it": (p, _, k) => {
    const first = p.record("free", 0);
    p.record("free", 1);
    k.tail[p.place(first)] = first;
  },
  "a record leaves the list and stays in the tree": (p, a, k) => {
    const [x, va, y] = [p.record("free", 0), p.record("free", 1), p.record("free", 2)];
    a.next[x] = y;
    a.prev[y] = x;
    k.count[p.place(va)]! -= 1;
    k.pages[p.place(va)]! -= a.size(va);
  },
  "a record leaves tree and list and goes back to the slab": (p, a) => {
    const va = p.record("free", 1);
    p.session.sim.kernel.index.unlink(p.place(va), va, 0);
    a.release(va);
  },
  "a busy record grows by a page": (p, a) => {
    const va = p.record("busy", 0);
    p.session.sim.kernel.index.setEnd(p.place(va), va, a.end[va]! + 1);
  },
  "a lazy record shrinks by a page": (p, a) => {
    const va = p.record("lazy", 0);
    p.session.sim.kernel.index.setEnd(p.place(va), va, a.end[va]! - 1);
  },
  "a free record becomes empty": (p, a) => {
    const va = p.record("free", 0);
    p.session.sim.kernel.index.setEnd(p.place(va), va, a.start[va]!);
  },
  "a free record is split and not merged": (p, a) => {
    const { index } = p.session.sim.kernel;
    const va = p.record("free", 1);
    const low = a.allocate(0);
    a.assign(low, a.start[va]!, a.start[va]! + 1, 0);
    index.setStart(p.place(va), va, a.start[va]! + 1);
    index.tree.propagateFrom(va);
    index.insert(p.place(va), low, 0);
  },
  "a red record turns black": (p, a) => {
    const va = p.record("free", 0);
    a.color[va] = 1 - a.color[va]!;
  },
  "a link up is lost": (p, a) => {
    const va = [0, 1, 2].map((n) => p.record("free", n)).find((each) => a.parent[each] !== NONE)!;
    a.parent[va] = NONE;
  },
  "a record is noted in another container": (p, a, k) => {
    a.place[p.record("busy", 0)] = k.all().find((c) => c.kind === "lazy")!.id;
  },
  "the ghost count is wrong": (p, _, k) => {
    k.count[p.place(p.record("free", 0))]! += 1;
  },
  "the ghost page count is wrong": (p, _, k) => {
    k.pages[p.place(p.record("free", 0))]! += 1;
  },
  "vmap_lazy_nr loses a page": (p) => {
    p.allocator.lazyNr[0]! -= 1;
  },
  "a flushed page is stale again": (p, a) => {
    p.session.sim.kernel.tlb.stale[a.start[p.record("free", 0)]!] = 1;
  },
  "a free page is still mapped": (p, a) => {
    p.session.sim.kernel.tlb.mapped[a.start[p.record("free", 0)]!] = 1;
  },
  "a busy page is not mapped": (p, a) => {
    p.session.sim.kernel.tlb.mapped[a.start[p.record("busy", 0)]!] = 0;
  },
  "the preload slot holds a busy record": (p) => {
    p.session.sim.kernel.cpus.setPreload(p.record("busy", 0));
  },
  "a record is taken out of the slab and forgotten": (_, a) => {
    a.place[a.allocate(0)] = 0;
  },
  "a record in the slab keeps its flags": (_, a) => {
    const va = a.allocate(0);
    a.release(va);
    a.flags[va] = 0x100;
  },
  "the model takes a free page for a live one": (p, a) => {
    p.session.checker.model.state[a.start[p.record("free", 0)]!] = 1;
  },
};

const BLOCK_DAMAGE: Readonly<Record<string, Damage>> = {
  "a busy area of a block forgets its node": (p, a) => {
    a.flags[p.record("busy", 0)] = 0;
  },
  "a busy area of a block names another node": (p, a) => {
    a.flags[p.record("busy", 0)] = 0x200;
  },
  "a busy area of the global heap names a node": (p, a) => {
    a.flags[p.record("busy", 0, 1)] = 0x100;
  },
  "a node takes the edge of its block": (p) => {
    const va = p.record("node-free", 0);
    p.session.sim.kernel.index.setStart(p.place(va), va, 0);
    p.session.sim.kernel.index.tree.propagateFrom(va);
  },
  "a busy area is filed under the wrong node": (p, _, k) => {
    const { index } = p.session.sim.kernel;
    const va = p.record("busy", 0);
    index.unlink(p.place(va), va, 0);
    index.insert(k.all().find((c) => c.kind === "busy" && c.node === 1)!.id, va, 0);
  },
};

function diagnose(allocator: AllocatorId, damage: Damage): string {
  const p = new Patient(allocator);
  if (fullCheck(p.session)) throw new Error("the patient is not well");
  damage(p, p.areas, p.containers);
  const full = fullCheck(p.session);
  p.session.checker.afterStep(0);
  const stepwise = p.session.checker.finding;
  return `${full ? `${full.id} ${full.message}` : "NOT FOUND"} | ${stepwise ? stepwise.id : "-"}`;
}

function table(allocator: AllocatorId, kinds: Readonly<Record<string, Damage>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(kinds).map(([name, damage]) => [name, diagnose(allocator, damage)]),
  );
}

it("is found in global-tree", () => {
  expect(table("global-tree", DAMAGE)).toMatchInlineSnapshot(`
    {
      "a busy page is not mapped": "INV-REFINE page 0 in "busy of node 0": its mapping or its translations differ from the model's | -",
      "a busy record grows by a page": "INV-OWN1 page 1 is in two places: "free" and "busy of node 0" | INV-OWN1",
      "a flushed page is stale again": "INV-TLB page 1 in "free" may still be translated | -",
      "a free page is still mapped": "INV-TLB page 1 in "free" is still mapped | -",
      "a free record becomes empty": "INV-SORTED free: [1,1) is empty | INV-SORTED",
      "a free record is split and not merged": "INV-COALESCED free: [4,5) and [5,6) touch | INV-COALESCED",
      "a lazy record shrinks by a page": "INV-CONSERVE page 8 is in no place | INV-CONSERVE",
      "a link back is lost": "INV-SORTED free: the link back from [4,6) is wrong | INV-SORTED",
      "a link up is lost": "INV-SORTED free: the link up from [1,3) is wrong | INV-SORTED",
      "a record in the slab keeps its flags": "INV-REC a record in the slab has flags 256 | -",
      "a record is noted in another container": "INV-REC busy of node 0: [0,1) is noted as being elsewhere | INV-SORTED",
      "a record is taken out of the slab and forgotten": "INV-REC 14 records are noted as allocated, 13 are | -",
      "a record leaves the list and stays in the tree": "INV-SORTED free: the list is [1,3) [13,17) [21,25) [29,64), the tree [1,3) [4,6) [13,17) [21,25) [29,64) | INV-SORTED",
      "a record leaves tree and list and goes back to the slab": "INV-CONSERVE page 4 is in no place | INV-CONSERVE",
      "a red record turns black": "INV-SORTED free: the ways down from [4,6) have unlike black records | -",
      "a subtree_max_size is raised": "INV-AUGMENT free: subtree_max_size of [1,3) is 3, its subtree holds 2 | INV-AUGMENT",
      "the ghost count is wrong": "INV-REC free: the count is 6, the list has 5 | -",
      "the ghost page count is wrong": "INV-CONSERVE free: 48 pages are noted, the list has 47 | -",
      "the list has a circle": "INV-SORTED busy of node 0: the list comes back to [0,1) | INV-SORTED",
      "the list links to no record": "INV-SORTED busy of node 0: the list links to 5, which is no record | INV-SORTED",
      "the model takes a free page for a live one": "INV-REFINE page 1 in "free" is in state 1 in the model | -",
      "the preload slot holds a busy record": "INV-REC the preload slot of CPU 0 holds a record that is not its own | -",
      "the tail is the record before it": "INV-SORTED free: the tail is not the last record | -",
      "two list links are swapped": "INV-SORTED free: the link back from [13,17) is wrong | INV-SORTED",
      "vmap_lazy_nr loses a page": "INV-LAZYNR-GE vmap_lazy_nr is 1, 2 pages are lazy | -",
    }
  `);
});

it("is found in node-index", () => {
  const found = table("node-index", {
    ...DAMAGE,
    "wrong node": BLOCK_DAMAGE["a busy area is filed under the wrong node"]!,
  });
  expect(Object.values(found).filter((text) => text.startsWith("NOT FOUND"))).toEqual([]);
  expect(found["wrong node"]).toMatchInlineSnapshot(
    `"INV-BUSY-NODE [0,1) is busy in node 1, not 0 | INV-BUSY-NODE"`,
  );
});

it("is found in node-blocks", () => {
  const found = table("node-blocks", DAMAGE);
  expect(Object.values(found).filter((text) => text.startsWith("NOT FOUND"))).toEqual([]);
  expect(table("node-blocks", BLOCK_DAMAGE)).toMatchInlineSnapshot(`
    {
      "a busy area is filed under the wrong node": "INV-BUSY-NODE [1,2) is busy in node 1, not 0 | INV-BUSY-NODE",
      "a busy area of a block forgets its node": "INV-VNID-OWNER page 1 in "busy of node 0" belongs to no node and lies in a block of node 0 | INV-VNID-OWNER",
      "a busy area of a block names another node": "INV-VNID-OWNER page 2 in "node-free of node 0" belongs to node 0 and lies in a block of node 1 | INV-VNID-OWNER",
      "a busy area of the global heap names a node": "INV-VNID-OWNER page 12 in "busy of node 1" belongs to node 0 and lies in no block | INV-VNID-OWNER",
      "a node takes the edge of its block": "INV-OWN1 page 1 is in two places: "busy of node 0" and "node-free of node 0" | INV-BLOCK-EDGE",
    }
  `);
});
