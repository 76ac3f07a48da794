// SPDX-License-Identifier: GPL-2.0-only
// States with one fingerprint are one state: whatever their records are called and whichever task is which, from each of
// them the same steps lead to states with the same fingerprints. Otherwise what a search counts would depend on which of
// them it met first, and what it misses as well.
import { expect, test } from "vitest";
import { InternedExecutor } from "../../../explore/positions.ts";
import type { Fingerprint } from "../../../explore/search/search.ts";
import { call, isReady, type KernelCode } from "../../../explore/sync.ts";
import { GlobalTree } from "../../../impl/allocators/global-tree.ts";
import { CAMPAIGNS } from "../../../properties/campaigns/catalogue.ts";
import { expectedToHold } from "../../../properties/scenarios/scenario.ts";
import { Searched, type SearchedOptions } from "../../../properties/search/search-monitor.ts";
import type { Instance } from "../../../spec/instance.ts";
import { SEARCH_INSTANCES, searchInstanceOf } from "../../../spec/search-instances.ts";

/** States expanded of each instance. */
const EXPANDED_MAX = 6000;

interface State {
  readonly words: Int32Array;
  readonly positions: readonly number[];
}

interface Tried {
  /** Pairs of unlike states with one fingerprint. */
  readonly pairs: number;
  /** Steps that only one of such a pair can take, or that lead to different places. */
  readonly unlike: readonly string[];
}

class Trial {
  private readonly searched: Searched;
  private readonly kept: ReadonlySet<string>;
  private readonly executor: InternedExecutor;
  private readonly print: Fingerprint = { low: 0, high: 0 };

  constructor(instance: Instance, options: SearchedOptions) {
    const kept = expectedToHold(instance.allocator, [instance]);
    this.kept = kept;
    this.searched = new Searched(instance, kept, options);
    this.searched.system.reset();
    this.executor = new InternedExecutor(this.searched.system, Number.POSITIVE_INFINITY);
    this.executor.reset();
    this.searched.attach(this.executor);
  }

  run(expandedMax = EXPANDED_MAX): Tried {
    const unlike: string[] = [];
    let pairs = 0;
    const known = new Map([[this.key(), this.now()]]);
    const queue = [...known.values()];
    for (let at = 0; at < queue.length && at < expandedMax && unlike.length === 0; at++) {
      for (const [key, , state] of this.successors(queue[at]!)) {
        const first = known.get(key);
        if (!first) {
          known.set(key, state);
          queue.push(state);
          continue;
        }
        if (isEqual(first, state)) continue;
        pairs++;
        const [here, there] = [first, state].map((each) =>
          this.successors(each).map(([to, step]) => `${to} ${step}`),
        );
        unlike.push(...here!.filter((each) => !there!.includes(each)));
      }
    }
    return { pairs, unlike };
  }

  private successors(state: State): [key: string, step: string, state: State][] {
    const { executor, searched } = this;
    const found: [string, string, State][] = [];
    for (let p = 0; p < executor.pending.length; p++) {
      this.enter(state);
      const step = executor.pending[p];
      const choices = step && isReady(step) ? (step.choices?.() ?? 1) : 0;
      for (let choice = 0; choice < choices; choice++) {
        this.enter(state);
        searched.system.begin(p);
        executor.advance(p, step!.run(choice));
        if (searched.checkStep(p)) {
          const { id = "", message } = searched.finding ?? {};
          if (this.kept.has(id)) throw new Error(message);
          // Behind a known violation there is nothing to compare.
          continue;
        }
        found.push([this.key(), `${step!.site.fn}: ${step!.site.what}`, this.now()]);
      }
    }
    return found;
  }

  private enter({ words, positions }: State): void {
    this.searched.system.restore(words);
    this.executor.load(positions);
    this.searched.enter();
  }

  private now(): State {
    return { words: this.searched.system.snapshot(), positions: this.executor.save() };
  }

  private key(): string {
    this.searched.system.fingerprint!(this.executor, this.print);
    return `${this.print.low},${this.print.high}`;
  }
}

function isEqual(a: State, b: State): boolean {
  return a.words.every((word, i) => word === b.words[i]) && a.positions.join() === b.positions.join();
}

const TINY = SEARCH_INSTANCES.filter(({ size }) => size === "tiny").map((each) => [each.id, each] as const);

test.each(TINY)("%s", (_id, { instance, states, violates }) => {
  const { pairs, unlike } = new Trial(instance, {}).run();
  expect(unlike).toEqual([]);
  // Where something is wrong, or there are few states, there may be next to nothing to see.
  expect(pairs).toBeGreaterThan(violates || states < 300 ? -1 : 30);
});

// Alignment, windows, migrations, areas that the notifier gives back, vm_unmap_aliases(), faults of all kinds.
const OTHERS = [
  ...CAMPAIGNS.flatMap(({ id, exhausted = [] }) => exhausted.map((each, i) => [`${id} ${i}`, each] as const)),
  ...CAMPAIGNS.map(({ id, instances }) => [`${id}, first of all`, instances[0]!] as const),
  ...CAMPAIGNS.map(({ id, instances }) => [`${id}, last of all`, instances.at(-1)!] as const),
];

test.each(OTHERS)("%s", (_name, instance) => {
  expect(new Trial(instance, {}).run(2000).unlike).toEqual([]);
});

/** Keeps the handle of a record in a frame although somebody else may free the record meanwhile. */
class KeepsHandle extends GlobalTree {
  override *freeVmapAreaNoflush(va: number, node: number): KernelCode {
    return yield call(this, super.freeVmapAreaNoflush, va, node);
  }
}

test("a handle that nobody uses any more is seen", () => {
  const options = { design: KeepsHandle, past: false };
  const { unlike } = new Trial(searchInstanceOf("global-tree/closed-tiny")!.instance, options).run(40_000);
  expect(unlike[0]).toContain("alloc_vmap_area: allocate the vmap_area record");
});
