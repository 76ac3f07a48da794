// SPDX-License-Identifier: GPL-2.0-only
//
// Patches that no catalogue knows: defined, tried, replayed, looked at again after a repair, and turned into tests.

import { describe, expect, test } from "vitest";
import {
  ALLOCATOR_IDS,
  ALLOCATORS,
  call,
  decodeToken,
  definePatch,
  encodeToken,
  FreeSpace,
  GlobalTree,
  huntPatch,
  huntPatchAtRandom,
  instanceOf,
  isPatchName,
  type KernelCode,
  mutantOf,
  NONE,
  printCounterexample,
  replayOn,
  replayPatch,
  searchPatch,
  site,
  testFileOf,
  type Va,
  withIndex,
} from "../../index.ts";
import { literalOf } from "../../review/patch/literal.ts";

const LOOK = site("find_vmap_area", "look without the lock");

/** A purge stores zero to the counter. */
class StoresZero extends GlobalTree {
  protected override purgeOne(list: number): void {
    super.purgeOne(list);
    if ((this.containers.head[list]! as Va) === NONE) this.lazyNr[0] = 0;
  }
}

class NeverMerges extends FreeSpace {
  protected override mergeWith(c: number, area: Va): Va {
    this.insert(c, area, 0);
    return area;
  }
}

/** What it should keep in the heap it keeps in a field. */
class KeepsInField extends GlobalTree {
  private purges = 0;

  protected override collect(node: number): number {
    this.purges++;
    return this.purges % 3 === 0 ? 0 : super.collect(node);
  }
}

/** A look-up without the busy lock. */
class Unlocked extends GlobalTree {
  override *findVmapArea(page: number): KernelCode {
    return yield this.kernel.step(LOOK, () => this.lookUp(0, page));
  }

  override *reclaimAndPurgeVmapAreas(): KernelCode {
    yield call(this, this.findVmapArea, 0);
    return yield call(this, super.reclaimAndPurgeVmapAreas);
  }
}

/** The same code with a step more before each purge, so that no step has its old number. */
class Repaired extends GlobalTree {
  override *reclaimAndPurgeVmapAreas(): KernelCode {
    yield call(this, this.findVmapArea, 0);
    return yield call(this, super.reclaimAndPurgeVmapAreas);
  }
}

/** Shifted, and not repaired. */
class Shifted extends StoresZero {
  override *reclaimAndPurgeVmapAreas(): KernelCode {
    yield call(this, this.findVmapArea, 0);
    return yield call(this, super.reclaimAndPurgeVmapAreas);
  }
}

const ZERO = definePatch({
  name: "stores-zero",
  title: "a purge stores zero to vmap_lazy_nr",
  base: "global-tree",
  design: StoresZero,
});
const SMALL = instanceOf(
  "global-tree",
  { space: 4, lazyMax: 4 },
  "a=alloc(1); free(a); purge",
  "b=alloc(1); free(b)",
);
const FOUND = huntPatch(ZERO, SMALL, { seed: "s" });
const KEPT = FOUND.counterexample!;

describe("definitions", () => {
  test("names are short words with dashes", () => {
    for (const good of ["a", "a1", "early-merge", "x".repeat(40)]) expect(isPatchName(good)).toBe(true);
    const bad = ["", "1a", "A", "a--b", "-a", "a-", "a_b", "a/b", "..", "a\n", "x".repeat(41)];
    for (const name of bad) {
      expect(isPatchName(name)).toBe(false);
      expect(() => definePatch({ ...ZERO, name })).toThrow(/^definePatch: name: expected .*, found /);
    }
    expect(() => definePatch({ ...ZERO, title: "a\nb" })).toThrow(/^definePatch: title: expected one line/);
    expect(() => definePatch({ ...ZERO, base: "heap" as "global-tree" })).toThrow(
      /^definePatch: base: expected one of global-tree, .*, found "heap"$/,
    );
  });
});

describe("trials", () => {
  test("a hunt ends in a minimal counterexample", () => {
    expect(FOUND).toMatchObject({ verdict: "violated", violates: "INV-LAZYNR-GE", minimal: true });
    expect(KEPT.mutant).toBe("own.stores-zero");
    expect(KEPT.schedule.switches).toHaveLength(1);
    expect(FOUND.text).toMatch(
      /^Counterexample to INV-LAZYNR-GE in global-tree with the patch stores-zero$/m,
    );
    expect(FOUND.text).toMatch(/^ {2}patch: a purge stores zero to vmap_lazy_nr$/m);
    expect(huntPatch(ZERO, SMALL, { seed: "s" })).toEqual(FOUND);
  });

  test("a search finds it with the fewest steps, random programs find it as well", () => {
    const searched = searchPatch(ZERO, SMALL);
    expect(searched).toMatchObject({ verdict: "violated", violates: "INV-LAZYNR-GE" });
    expect(searched.counterexample!.violation.step).toBeLessThanOrEqual(26);
    const random = huntPatchAtRandom(ZERO, SMALL, { seed: "s", cases: 40, runs: 100 });
    expect(random).toMatchObject({ verdict: "violated", violates: "INV-LAZYNR-GE", minimal: true });
  });

  test.each(ALLOCATOR_IDS)("%s itself holds", (base) => {
    const port = definePatch({ name: "port", title: "nothing", base, design: ALLOCATORS[base] });
    const instance = instanceOf(
      base,
      { space: 8, cpus: 1, lazyMax: 2 },
      "a=alloc(1); free(a)",
      "b=alloc(2); purge",
    );
    const searched = searchPatch(port, instance);
    expect(searched.verdict).toBe("held");
    expect(searched.text).toMatch(/^HELD in all [\d,]+ states of this instance/);
    const hunted = huntPatch(port, instance, { seed: "s", runs: 50 });
    expect(hunted).toMatchObject({ verdict: "held", count: 50 });
    expect(hunted.text).toBe("HELD in 50 interleavings: sampled, not exhausted");
  });

  test("an allocator of one's own may have an index of its own", () => {
    const own = definePatch({
      name: "never-merges",
      title: "free areas are never merged",
      base: "global-tree",
      design: withIndex(GlobalTree, NeverMerges),
    });
    const instance = instanceOf("global-tree", { space: 2, cpus: 1 }, "a=alloc(1); free(a); purge");
    expect(searchPatch(own, instance)).toMatchObject({ verdict: "violated", violates: "INV-COALESCED" });
  });

  test("a patch that does not do the same twice gets no verdict, and is told why", () => {
    const field = definePatch({ ...ZERO, name: "field", design: KeepsInField });
    const why = /^the patch field does not do the same twice: all of its state has to lie in the heap /;
    expect(() => searchPatch(field, SMALL)).toThrow(why);
    expect(() => searchPatch(field, { ...SMALL, closed: { liveMax: 1 } })).toThrow(why);
    expect(() => huntPatch(field, SMALL, { seed: "s" })).toThrow(why);
  });

  test("a step without the lock is found before a search", () => {
    const unlocked = definePatch({ ...ZERO, name: "unlocked", design: Unlocked });
    expect(searchPatch(unlocked, SMALL)).toMatchObject({ verdict: "violated", violates: "INV-STRICT" });
    expect(huntPatch(unlocked, SMALL, { seed: "s" }).verdict).toBe("violated");
  });

  test("what a limit ends is not decided", () => {
    const port = definePatch({ ...ZERO, name: "port", design: GlobalTree });
    expect(searchPatch(port, SMALL, { statesMax: 10 }).verdict).toBe("undecided");
  });

  test("only the invariants that are asked for count", () => {
    const trial = huntPatch(ZERO, SMALL, { seed: "s", runs: 200, watched: ["INV-LAZYNR-EQ"] });
    expect(trial.violates).toBe("INV-LAZYNR-EQ");
    expect(huntPatch(ZERO, SMALL, { seed: "s", runs: 200, watched: ["INV-TLB"] }).verdict).toBe("held");
  });

  test("an instance of another design, a wrong one and a closed one are refused", () => {
    expect(() => huntPatch(ZERO, { ...SMALL, allocator: "node-index" }, { seed: "s" })).toThrow(
      "allocator: expected global-tree, the base of the patch stores-zero, found node-index",
    );
    expect(() => searchPatch(ZERO, { ...SMALL, cpus: 0 })).toThrow(/^instance: cpus: expected /);
    expect(() => huntPatch(ZERO, { ...SMALL, closed: { liveMax: 1 } }, { seed: "s" })).toThrow(
      /open instance/,
    );
  });
});

describe("replay", () => {
  test("a token and a file replay where the patch is known", () => {
    for (const text of [encodeToken(KEPT), printCounterexample(KEPT)]) {
      const again = replayPatch(ZERO, text);
      expect(again).toEqual({ ok: true, value: { counterexample: KEPT, differences: [], text: FOUND.text } });
    }
    expect(decodeToken(encodeToken(KEPT))).toEqual({ ok: true, value: KEPT });
  });

  test("another patch and a damaged token are refused, a changed patch is told", () => {
    const other = definePatch({ ...ZERO, name: "other" });
    expect(replayPatch(other, encodeToken(KEPT))).toMatchObject({
      error: { message: 'counterexample: mutant: expected "own.other", found "own.stores-zero"' },
    });
    expect(replayPatch(ZERO, `${encodeToken(KEPT)}0`)).toMatchObject({ ok: false });
    const changed = replayPatch({ ...ZERO, design: GlobalTree }, encodeToken(KEPT));
    expect(changed.ok && changed.value.differences[0]).toBe(
      "violated: recorded INV-LAZYNR-GE, found nothing",
    );
  });
});

describe("a second look", () => {
  test("fails as recorded, and holds once it is repaired", () => {
    expect(replayOn(StoresZero, KEPT)).toMatchObject({ verdict: "violated", asRecorded: true, skipped: 0 });
    const mended = replayOn(GlobalTree, KEPT, { runs: 100 });
    expect(mended).toEqual({
      verdict: "held",
      text: "INV-LAZYNR-GE HELD along the recorded schedule; HELD in 100 other interleavings of the same programs: sampled, not exhausted",
      asRecorded: false,
      skipped: 0,
    });
  });

  test("a mistake that only moved by a step is found in other interleavings", () => {
    expect(replayOn(Repaired, KEPT).verdict).toBe("held");
    const moved = replayOn(Shifted, KEPT);
    expect(moved).toMatchObject({ verdict: "violated", asRecorded: false });
    expect(moved.text).toMatch(/^Counterexample to INV-LAZYNR-GE in global-tree with the patch Shifted$/m);
  });

  test("a round that never ends is looked at as far as it goes", () => {
    const { instance, make } = mutantOf("MU-140");
    const endless = definePatch({ ...ZERO, base: instance.allocator, design: make });
    const { counterexample, violates } = huntPatch(endless, instance, { seed: "s", runs: 50 });
    expect(violates).toBe("INV-LIVELOCK");
    expect(replayOn(make, counterexample!)).toMatchObject({ verdict: "violated", asRecorded: true });
    expect(replayOn(ALLOCATORS[instance.allocator], counterexample!, { runs: 50 }).verdict).toBe("held");
  });

  test("in a closed instance, states are searched", () => {
    const closed = instanceOf(
      "global-tree",
      { space: 2, cpus: 1, lazyMax: 1, liveMax: 1 },
      "a=alloc(1); free(a)",
      "purge",
    );
    const kept = searchPatch(ZERO, closed).counterexample!;
    expect(replayOn(StoresZero, kept)).toMatchObject({ verdict: "violated", asRecorded: true });
    expect(replayOn(GlobalTree, kept).text).toMatch(/HELD in all [\d,]+ states$/);
    expect(replayOn(GlobalTree, kept, { statesMax: 5 }).verdict).toBe("undecided");
  });

  test("a changed instance or schedule that is none is refused", () => {
    expect(() => replayOn(GlobalTree, { ...KEPT, instance: { ...SMALL, cpus: 0 } })).toThrow(
      /cpus: expected/,
    );
    const switches = [...KEPT.schedule.switches, ...KEPT.schedule.switches];
    expect(() => replayOn(GlobalTree, { ...KEPT, schedule: { switches, choices: [] } })).toThrow(/expected/);
  });
});

describe("test files", () => {
  test("the class of a patch is imported from where it lies", () => {
    const text = testFileOf(KEPT, { name: "StoresZero", from: "../src/stores-zero.ts" });
    expect(text).toContain(
      'import { StoresZero } from "../src/stores-zero.ts";\n\nconst DESIGN = StoresZero;',
    );
    expect(text).toContain('test("INV-LAZYNR-GE holds in global-tree with the patch stores-zero"');
    expect(text).toBe(testFileOf(KEPT, { name: "StoresZero", from: "../src/stores-zero.ts" }));
    expect(() => testFileOf(KEPT)).toThrow("expected the source of the class of own.stores-zero, found none");
  });

  test("a mutant is named by its id, a design by its own", () => {
    const { mutant: _, ...plain } = KEPT;
    expect(testFileOf({ ...plain, mutant: "MU-37" })).toContain('const DESIGN = mutantOf("MU-37").make;');
    expect(testFileOf(plain)).toContain('const DESIGN = ALLOCATORS["global-tree"];');
    expect(mutantOf("MU-37").base).toBe("global-tree");
  });

  test("data is printed as a literal that reads the same", () => {
    const data = {
      a: [],
      "b-c": { d: 'it\'s "so"', e: null, f: [1, [true]] },
      g: "x".repeat(99),
      h: undefined,
    };
    const text = literalOf(data);
    expect(text).toBe(
      `{\n  a: [],\n  "b-c": { d: "it's \\"so\\"", e: null, f: [1, [true]] },\n  g: "${"x".repeat(99)}",\n}`,
    );
  });
});
