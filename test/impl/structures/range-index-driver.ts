// SPDX-License-Identifier: GPL-2.0-only
// Random operations on a range index and on an interval list, side by side, up to the first difference. What is drawn
// follows from a seed text alone; what differs is said with it.
import { createRng, type Rng } from "../../../explore/rng.ts";
import { Heap } from "../../../impl/heap/heap.ts";
import { nodesNeeded, RangeIndex } from "../../../impl/structures/range-index.ts";
import { INDEX_MAX } from "../../../impl/structures/range-index/node-words.ts";
import { IntervalList, type Ranged } from "./interval-list.ts";

/** What operations are drawn. */
export interface Mix {
  /** Indexes lie in `base .. base + span * scale`, on multiples of `scale` and beside them. */
  readonly base: number;
  readonly span: number;
  readonly scale: number;
  /** Longest range, in units of `scale`; one store in `wideOneIn` may have any length. */
  readonly length: number;
  readonly wideOneIn: number;
  readonly trees: number;
  /** Entries of one index at the beginning, at every other index of the first tree, stored in ascending order. */
  readonly filled: number;
  /** Most entries in all trees: the heap has nodes for no more. */
  readonly entriesMax: number;
  /** The structure is looked at after one operation in so many. */
  readonly checkOneIn: number;
}

export const MIXES = {
  "one leaf": mix({ span: 12, length: 3, entriesMax: 7, checkOneIn: 4 }),
  "one leaf or two": mix({ span: 40, length: 3, trees: 2, entriesMax: 30, checkOneIn: 10 }),
  "some leaves": mix({ span: 300, length: 3, wideOneIn: 60, trees: 3, entriesMax: 90, checkOneIn: 40 }),
  "three levels": mix({ span: 1600, length: 3, wideOneIn: 400, entriesMax: 700, checkOneIn: 200 }),
  "four levels": mix({
    span: 2000,
    length: 2,
    wideOneIn: 2000,
    filled: 900,
    entriesMax: 1000,
    checkOneIn: 300,
  }),
  "top of the domain": mix({ base: INDEX_MAX - 60, span: 60, length: 4, entriesMax: 40, checkOneIn: 10 }),
  "whole domain": mix({
    span: 500,
    scale: 4_294_967,
    wideOneIn: 80,
    length: 3,
    entriesMax: 250,
    checkOneIn: 80,
  }),
} as const;

function mix(parts: Partial<Mix> & Pick<Mix, "span" | "length" | "entriesMax" | "checkOneIn">): Mix {
  return { base: 0, scale: 1, wideOneIn: 12, trees: 1, filled: 0, ...parts };
}

/** A heap with one range index, ready to use. */
export function buildIndex(
  shape: { readonly trees: number; readonly entriesMax: number },
  Index: typeof RangeIndex = RangeIndex,
  strict = false,
): { heap: Heap; index: RangeIndex } {
  const nodes = nodesNeeded(shape.trees, shape.entriesMax);
  const heap = new Heap(nodes * 40 + 64, strict);
  const index = new Index(heap, { name: "ranges", trees: shape.trees, nodes });
  for (let tree = 0; tree < shape.trees; tree++) index.declare(`tree ${tree}`);
  index.init();
  heap.seal();
  return { heap, index };
}

/** All non-NULL entries, as the model lists them. */
export function contents(index: RangeIndex, tree: number): Ranged[] {
  const out: Ranged[] = [];
  index.forEach(tree, (first, last, entry) => out.push({ first, last, entry }));
  return out;
}

class Difference extends Error {}

/** One index and its models. */
class Run {
  readonly heap: Heap;
  readonly index: RangeIndex;
  private readonly models: IntervalList[];
  private readonly mix: Mix;
  private readonly rng: Rng;
  private readonly resultsOnly: boolean;
  private operation = "";

  constructor(what: Mix, seed: string, Index: typeof RangeIndex, resultsOnly: boolean) {
    this.resultsOnly = resultsOnly;
    this.mix = what;
    this.rng = createRng(seed);
    const { heap, index } = buildIndex(what, Index);
    this.heap = heap;
    this.index = index;
    this.models = Array.from({ length: what.trees }, () => new IntervalList());
  }

  fill(): void {
    const { base, scale, filled } = this.mix;
    for (let i = 0; i < filled; i++) {
      const at = base + (2 * i + 1) * scale;
      this.operation = `store(0, ${at}, ${at}, 1)`;
      this.index.store(0, at, at, 1);
      this.models[0]!.list.push({ first: at, last: at, entry: 1 });
    }
  }

  step(): void {
    const { rng, index } = this;
    const tree = rng.below(this.mix.trees);
    const model = this.models[tree]!;
    switch (rng.below(16)) {
      case 0: {
        const i = this.draw();
        this.operation = `walk(${tree}, ${i})`;
        this.found(index.walk(tree, i), model.at(i), true);
        break;
      }
      case 1:
        this.forwards(tree, model);
        break;
      case 2:
        this.backwards(tree, model);
        break;
      case 3:
      case 4:
      case 5:
        this.area(tree, model);
        break;
      default:
        this.change(tree, model);
    }
    if (rng.below(this.mix.checkOneIn) === 0) this.checkAll();
  }

  checkAll(): void {
    if (this.resultsOnly) return;
    for (const [tree, { list }] of this.models.entries()) {
      this.same(this.index.problem(tree), undefined, "problem");
      this.same(this.index.entries(tree), list.length, "entries");
      this.same(this.index.isEmpty(tree), list.length === 0, "isEmpty");
      this.same(show(contents(this.index, tree)), show(list), "contents");
    }
  }

  describe(): string {
    return this.operation;
  }

  private draw(): number {
    const { base, span, scale } = this.mix;
    const at = base + this.rng.below(span + 1) * scale;
    const beside = scale > 1 && this.rng.below(3) === 0 ? this.rng.below(5) - 2 : 0;
    return Math.min(INDEX_MAX, Math.max(0, at + beside));
  }

  /** A range; now and then a long one, and now and then exactly that of an entry or of a gap. */
  private drawRange(model: IntervalList): [number, number] {
    const { rng } = this;
    const { length, scale, wideOneIn } = this.mix;
    const first = this.draw();
    if (rng.below(wideOneIn) === 0) {
      const other = rng.below(40) === 0 ? INDEX_MAX : this.draw();
      return [Math.min(first, other), Math.max(first, other)];
    }
    const old = model.at(first);
    if (rng.below(4) === 0 && (old.entry !== 0 || old.last - old.first <= length * scale)) {
      return [old.first, old.last];
    }
    return [first, Math.min(INDEX_MAX, first + (1 + rng.below(length)) * scale - 1)];
  }

  private forwards(tree: number, model: IntervalList): void {
    const { index, rng } = this;
    const max = this.draw();
    let from = this.draw();
    this.operation = `find(${tree}, ${from}, ${max})`;
    let expected = model.find(from, max);
    this.found(index.find(tree, from, max), expected);
    for (let i = rng.below(4); i > 0 && expected !== undefined; i--) {
      from = expected.last + 1;
      this.operation = `next(${tree}, ${max}) behind ${expected.last}`;
      expected = model.find(from, max);
      this.found(index.next(tree, max), expected);
    }
  }

  private backwards(tree: number, model: IntervalList): void {
    const { index, rng } = this;
    const min = this.draw();
    const from = this.draw();
    this.operation = `findRev(${tree}, ${from}, ${min})`;
    let expected = model.findRev(from, min);
    this.found(index.findRev(tree, from, min), expected);
    for (let i = rng.below(4); i > 0 && expected !== undefined; i--) {
      this.operation = `prev(${tree}, ${min}) before ${expected.first}`;
      expected = model.findRev(expected.first - 1, min);
      this.found(index.prev(tree, min), expected);
    }
  }

  private area(tree: number, model: IntervalList): void {
    const { index, rng } = this;
    const { scale, length } = this.mix;
    const highest = rng.below(2) === 0;
    const [x, y] = rng.below(3) === 0 ? [0, INDEX_MAX] : [this.draw(), this.draw()];
    const size =
      rng.below(20) === 0 ? this.draw() : rng.below(2 * length + 1) * scale + rng.below(scale > 1 ? 3 : 1);
    this.operation = `emptyArea${highest ? "Rev" : ""}(${tree}, ${x}, ${y}, ${size})`;
    const expected = model.emptyArea(x, y, size, highest);
    const result = highest ? index.emptyAreaRev(tree, x, y, size) : index.emptyArea(tree, x, y, size);
    this.same(result, Math.min(0, expected), "result");
    if (expected < 0) return;
    this.same(index.index, expected, "index");
    this.same(index.last, expected + size - 1, "last");
  }

  private change(tree: number, model: IntervalList): void {
    const { index, rng, heap } = this;
    if (rng.below(2000) === 0) {
      this.operation = `destroy(${tree})`;
      index.destroy(tree);
      model.list = [];
      return;
    }
    const [first, last] = this.drawRange(model);
    let entry = rng.below(5) < 2 ? 0 : 1 + rng.below(5);
    const entries = this.models.reduce((sum, { list }) => sum + list.length, 0);
    // A store makes at most two entries more, and a NULL in the middle of one makes one more of it.
    const left = this.mix.entriesMax - entries;
    if (left < 2 && model.added(first, last, entry) > left) entry = 0;
    if (left < 2 && model.added(first, last, entry) > left) return;
    const way = rng.below(40);
    this.operation = `store(${tree}, ${first}, ${last}, ${entry}), way ${way}`;
    if (way === 0) {
      const before = heap.snapshot();
      index.fails = (): boolean => true;
      this.same(index.store(tree, first, last, entry), false, "store that fails");
      this.same(index.preallocate(tree, first, last), false, "preallocate that fails");
      this.same(heap.equals(before), true, "unchanged");
      index.fails = (): boolean => false;
      return;
    }
    if (way < 5) {
      this.same(index.preallocate(tree, first, last), true, "preallocate");
      index.fails = (): boolean => true;
      index.storePrealloc(tree, first, last, entry);
      index.fails = (): boolean => false;
    } else this.same(index.store(tree, first, last, entry), true, "store");
    model.store(first, last, entry);
  }

  private found(entry: number, expected: Ranged | undefined, always = false): void {
    this.same(entry, expected?.entry ?? 0, "entry");
    if (expected === undefined || (expected.entry === 0 && !always)) return;
    this.same(this.index.index, expected.first, "index");
    this.same(this.index.last, expected.last, "last");
  }

  private same<T>(got: T, expected: T, what: string): void {
    if (got !== expected) throw new Difference(`${what}: ${String(got)}, expected ${String(expected)}`);
  }
}

const show = (list: readonly Ranged[]): string =>
  list.map(({ first, last, entry }) => `${first}-${last}:${entry}`).join(" ");

/**
 * The first difference within so many operations, with the seed; undefined if there is none. `resultsOnly`: what the
 * operations return is compared, and nobody looks at the structure.
 */
export function firstDifference(
  name: keyof typeof MIXES,
  seed: string,
  operations: number,
  Index: typeof RangeIndex = RangeIndex,
  resultsOnly = false,
): string | undefined {
  const run = new Run(MIXES[name], `${name}/${seed}`, Index, resultsOnly);
  let i = 0;
  try {
    run.fill();
    for (; i < operations; i++) run.step();
    run.checkAll();
    return undefined;
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    return `${name}, seed "${seed}", operation ${i}, ${run.describe()}: ${what}`;
  }
}
