// SPDX-License-Identifier: GPL-2.0-only
// Several workers, merged steps, a checkpoint on the way: the same figures and findings as a plain search of one worker.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { auditMerging, openCheckpoint, type Wish } from "../../../explore/search/search.ts";
import { GlobalTree } from "../../../impl/allocators/global-tree.ts";
import { MISTAKES, mutantOf } from "../../../properties/mutants/catalogue.ts";
import { watchedFor } from "../../../properties/mutants/kill.ts";
import { expectedToHold } from "../../../properties/scenarios/scenario.ts";
import {
  type InstanceSearch,
  type InstanceSearchOptions,
  searchInstance,
} from "../../../properties/search/search-instance.ts";
import { Searched } from "../../../properties/search/search-monitor.ts";
import type { InvariantId } from "../../../spec/invariants.ts";
import { SEARCH_INSTANCES, searchInstanceOf } from "../../../spec/search-instances.ts";
import { quietStates } from "./searches.ts";
import { TRAITS } from "../../../spec/design-traits.ts";

const ENTRY = new URL("../../../dist/properties/search/search-entry.js", import.meta.url);

const folder = mkdtempSync(join(tmpdir(), "vmapcheck-search-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** All that must not depend on how it was searched. */
function figuresOf({ bytes: _bytes, sites, events, ...rest }: InstanceSearch): unknown {
  return { ...rest, sites: [...sites], events: [...events] };
}

function named(id: string, options: InstanceSearchOptions = {}): InstanceSearch {
  const { instance, allocator } = searchInstanceOf(id)!;
  return searchInstance(instance, expectedToHold(allocator), options);
}

describe("two workers", () => {
  test.each(["global-tree/closed-tiny", "node-index/bounded-tiny", "node-blocks/closed-tiny-drain"])(
    "%s: every figure, and how often each step was taken",
    (id) => {
      const workers = { count: 2, entry: ENTRY };
      expect(figuresOf(named(id, { workers }))).toEqual(figuresOf(named(id)));
    },
  );

  // A race, a lost update, a lock order, a deadlock, a work.
  test.each(["MU-4", "MU-37", "MU-115", "MU-46", "MU-54"])("%s: the very same counterexample", (id) => {
    const { instance, make: design, ...mutant } = mutantOf(id);
    const watched = watchedFor({ instance, make: design, ...mutant });
    const one = searchInstance(instance, watched, { design });
    const workers = { count: 2, mutant: id, entry: ENTRY };
    const two = searchInstance(instance, watched, { design, workers, chunkRows: 8 });
    expect(one.finding).toBeDefined();
    expect(figuresOf(two)).toEqual(figuresOf(one));
  });
});

test("what is found is told, even if a limit ends the search for a shortest way to it", () => {
  const { instance, make: design } = mutantOf("MU-37");
  const watched = watchedFor(mutantOf("MU-37"));
  // Merged, it is found before that many states; plain, behind them.
  const { end, finding, shortest, trace } = searchInstance(instance, watched, {
    design,
    merge: true,
    statesMax: 250,
  });
  expect([end, shortest]).toEqual(["violation", false]);
  expect(finding).toEqual(searchInstance(instance, watched, { design }).finding);
  expect(trace!.length).toBeGreaterThan(0);
});

describe("merged steps", () => {
  // Behind the loss of an area the shrinker's instances go on without end, and so do those of range trees.
  const TINY = SEARCH_INSTANCES.filter(
    ({ allocator, name, size, states, violates }) =>
      size === "tiny" &&
      states < 20_000 &&
      name !== "closed-tiny-shrink" &&
      !(TRAITS[allocator].rangeTrees && violates),
  );

  test.each(TINY.map((each) => [each.id, each] as const))("%s: commute with all others", (_id, each) => {
    const { instance, allocator } = each;
    const { system } = new Searched(instance, expectedToHold(allocator), { past: false, symmetry: false });
    const offender = auditMerging(system);
    expect(offender && `${offender.step.site.what}: ${offender.why}`).toBeUndefined();
  });

  test.each(["global-tree/closed-tiny", "global-tree/closed-tiny-purge", "node-blocks/closed-tiny-fill"])(
    "%s: fewer states, the same quiet ones",
    (id) => {
      const { instance } = searchInstanceOf(id)!;
      const all = quietStates(instance, { past: false });
      const merged = quietStates(instance, { past: false, merge: true });
      expect([all.end, merged.end]).toEqual(["exhausted", "exhausted"]);
      expect(merged.states).toBeLessThan(all.states);
      expect([...merged.quiet].sort()).toEqual([...all.quiet].sort());
    },
  );

  test("are seen by the audit if others can observe them", () => {
    class AddsAlone extends GlobalTree {
      override *freeVmapAreaNoflush(va: number, node: number): ReturnType<GlobalTree["freeVmapAreaNoflush"]> {
        const code = super.freeVmapAreaNoflush(va, node);
        let next = code.next();
        while (!next.done) {
          const op = next.value;
          const isAdd = "site" in op && op.site.what === "vmap_lazy_nr += pages";
          next = code.next(yield isAdd ? { ...op, local: true } : op);
        }
        return next.value;
      }
    }
    const { instance } = searchInstanceOf("global-tree/bounded-tiny")!;
    const { system } = new Searched(instance, new Set(), { past: false, symmetry: false, design: AddsAlone });
    expect(auditMerging(system)?.step.site.what).toBe("vmap_lazy_nr += pages");
  });

  const PAST: readonly InvariantId[] = ["INV-COMPLETE-ALL", "INV-PCPU-COMPLETE"];
  const CONCURRENT = MISTAKES.filter(({ base, computed, strictOnly, killedBy }) => {
    return base !== "node-index" && !computed && !strictOnly && !killedBy.some((id) => PAST.includes(id));
  });

  test("hide no mistake, and its counterexample is a shortest one", () => {
    for (const mutant of CONCURRENT) {
      const { id, instance, make: design } = mutant;
      const watched = watchedFor(mutant);
      const plain = searchInstance(instance, watched, { design });
      const merged = searchInstance(instance, watched, { design, merge: true });
      expect([id, merged.finding, merged.trace]).toEqual([id, plain.finding, plain.trace]);
    }
  });
});

test("a search goes on from where it was kept, with the same figures", () => {
  const path = join(folder, "kept");
  const checkpoint = { path, identity: "a test" };
  let asked = 0;
  const heed = (): Wish => (++asked === 9 ? "stop" : undefined);
  expect(named("node-blocks/closed-tiny-drain", { checkpoint, heed }).end).toBe("limit");
  const { checkpoint: resume } = openCheckpoint(path, "a test");
  expect(figuresOf(named("node-blocks/closed-tiny-drain", { resume }))).toEqual(
    figuresOf(named("node-blocks/closed-tiny-drain")),
  );
});
