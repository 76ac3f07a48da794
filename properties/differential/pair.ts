// SPDX-License-Identifier: GPL-2.0-only
//
// Two designs on one machine, which execute the same operations in lockstep: after each, what callers have seen of both
// is compared. A state is that of both designs and what is live in both; a program can go on from any of them.

import type { AllocatorClass } from "../../impl/allocators/registry.ts";
import type { FaultPoint } from "../../spec/faults.ts";
import type { AllocatorId } from "../../spec/instance.ts";
import type { DifferenceKind } from "../../spec/differences.ts";
import type { Operation } from "../../spec/operations.ts";
import type { Machine } from "../../spec/small-machine.ts";
import { differences, goesOn, type LivePair, type Seen } from "./compare.ts";
import { Alphabet, type Pattern, type Slot, slotName } from "./moves.ts";
import { type Act, type Element, QUIET, type WorkSetting } from "./program.ts";
import { type Ended, Side } from "./side.ts";

/** One design of a pair. */
export interface PairedDesign {
  readonly allocator: AllocatorId;
  /** Replaces the class of that name: a mutant, the next version. */
  readonly design?: AllocatorClass | undefined;
}

/** The predecessor and the patch. */
export type DesignPair = readonly [PairedDesign, PairedDesign];

/** An area that is live in both designs. */
export interface Live extends LivePair {
  readonly slot: Slot;
  /** Task that allocated it; it alone may look it up. */
  readonly task: number;
  /** Whether it was looked up: then only its own task may free it. */
  readonly looked: boolean;
}

/** Between two operations. */
export interface PairState {
  readonly rows: readonly [Int32Array, Int32Array];
  readonly live: readonly Live[];
  /** Areas that were allocated so far. */
  readonly areas: number;
  /** Tasks that have executed an operation. */
  readonly tasks: number;
  /** Numbers of the patterns that are used up. */
  readonly once: readonly number[];
  readonly faulted: boolean;
}

/** What an operation came to. */
export interface Lockstep {
  /** Not the same schedule for both: an allocation was to fail that only one of them makes, or none. */
  readonly void: boolean;
  readonly seen: readonly [Seen, Seen];
  readonly kinds: readonly DifferenceKind[];
  /** Undefined where what comes next would only be a consequence. */
  readonly next: Omit<PairState, "rows"> | undefined;
}

/** Two designs in lockstep. */
export class Pair {
  readonly sides: readonly [Side, Side];
  /** What both machines can have any operation of. */
  readonly patterns: readonly Pattern[];
  readonly tasks: number;
  /** When pending work runs. */
  setting: WorkSetting = "prompt";
  private readonly alphabets: readonly [Alphabet, Alphabet];

  constructor(
    designs: DesignPair,
    machine: Machine,
    fault: FaultPoint | undefined,
    patterns: readonly Pattern[],
  ) {
    const faulty = fault === undefined ? machine : { ...machine, faults: [fault], faultBudget: 1 };
    const [before, after] = designs.map(({ allocator }) => new Alphabet(allocator, faulty, patterns));
    this.alphabets = [before!, after!];
    this.patterns = before!.patterns.filter((each) => after!.patterns.includes(each));
    this.tasks = before!.configuration.cpus;
    this.sides = [
      new Side(before!.instance, designs[0].design),
      new Side(after!.instance, designs[1].design),
    ];
  }

  /** The state in which nothing has happened; the sides must be in it. */
  begin(): PairState {
    return { rows: this.save(), live: [], areas: 0, tasks: 0, once: [], faulted: false };
  }

  /** The rows of the current state. */
  save(): readonly [Int32Array, Int32Array] {
    return [this.sides[0].save(), this.sides[1].save()];
  }

  /** Whether work is pending in a state, in one of the designs. */
  hasWork(state: PairState): boolean {
    this.load(state);
    return this.sides[0].hasWork || this.sides[1].hasWork;
  }

  /** The state becomes the current one. */
  load({ rows }: PairState): void {
    this.sides.forEach((side, i) => side.load(rows[i]!));
  }

  /** Executes an element in the current state, which is `state`. */
  step(state: Omit<PairState, "rows">, element: Element): Lockstep {
    const seen = [this.execute(0, state, element), this.execute(1, state, element)] as const;
    const operation = element === QUIET ? undefined : this.operation(0, state, element);
    const kinds = differences(operation, seen, state.live, this.alphabets[0].configuration);
    const isVoid =
      element !== QUIET &&
      element.fault &&
      this.sides.some(({ faults }) => faults !== (state.faulted ? 2 : 1));
    const next = goesOn(kinds, seen) ? this.after(state, element, seen) : undefined;
    return { void: isVoid, seen, kinds, next };
  }

  private execute(side: 0 | 1, state: Omit<PairState, "rows">, element: Element): Seen {
    const own = this.sides[side];
    if (element === QUIET) return { ended: own.quiet(), result: 0, slots: [], finding: own.finding };
    const { task, pattern, areas, fault } = element;
    const live = areas.map((id) => state.live.find((each) => each.id === id)!);
    for (const { slot, at } of live) own.bind(slotName(slot), at[side]);
    const number = this.alphabets[side].operation(
      pattern,
      live.map(({ slot }) => slot),
    );
    let ended: Ended = own.perform(task, number, fault);
    const { result } = own;
    const slots = ended === "ended" ? own.takeSlots() : [];
    const bound = live.map(({ slot }) => slotName(slot));
    if (ended === "ended" && this.setting === "prompt") ended = own.quiet();
    const allocated = slots.filter(({ name }) => !bound.includes(name));
    return { ended, result, slots: allocated, finding: own.finding };
  }

  private operation(side: 0 | 1, state: Omit<PairState, "rows">, { pattern, areas }: Act): Operation {
    const slots = areas.map((id) => state.live.find((each) => each.id === id)!.slot);
    return this.alphabets[side].operations[this.alphabets[side].operation(pattern, slots)]!;
  }

  // Areas that one of the designs has not are never live: such programs are not followed.
  private after(
    state: Omit<PairState, "rows">,
    element: Element,
    seen: readonly [Seen, Seen],
  ): Omit<PairState, "rows"> {
    if (element === QUIET) return state;
    const { task, pattern, areas, fault } = element;
    const pageOf = (side: 0 | 1, slot: Slot): number | undefined =>
      seen[side].slots.find(({ name }) => name === slotName(slot))?.page;
    const born = pattern.allocates.flatMap((letter, i): readonly Live[] => {
      const slot = { pattern, letter };
      const before = pageOf(0, slot);
      const after = pageOf(1, slot);
      if (before === undefined || after === undefined) return [];
      const id = state.areas + i;
      return [{ id, pages: pattern.pages, at: [before, after], slot, task, looked: false }];
    });
    const kept = state.live.flatMap((each) => {
      if (!areas.includes(each.id)) return [each];
      return pattern.verb === "find" ? [{ ...each, looked: true }] : [];
    });
    return {
      live: [...kept, ...born],
      areas: state.areas + pattern.allocates.length,
      tasks: Math.max(state.tasks, task + 1),
      once: pattern.once ? [...state.once, pattern.index] : state.once,
      faulted: state.faulted || fault,
    };
  }
}
