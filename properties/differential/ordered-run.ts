// SPDX-License-Identifier: GPL-2.0-only
//
// One design under a schedule of whole operations: "0 1! quiet 0" runs an operation of task 0, one of task 1 in which an
// allocation fails, all pending work, and the next operation of task 0. What a comparison shows is shown by such a run.

import { errnoName } from "../../impl/allocators/errno.ts";
import type { AllocatorClass } from "../../impl/allocators/registry.ts";
import { SLOT } from "../../impl/kernel/tasks.ts";
import type { Instance } from "../../spec/instance.ts";
import type { InvariantId } from "../../spec/invariants.ts";
import type { Operation } from "../../spec/operations.ts";
import { printOperation } from "../../spec/program-text.ts";
import type { Finding } from "../finding.ts";
import { QUIET } from "./program.ts";
import { type Ended, Side } from "./side.ts";

/** One element of an order. */
export interface Turn {
  /** Task whose next operation runs; undefined at a quiet point. */
  readonly task: number | undefined;
  readonly fault: boolean;
}

/** What became of an element. */
export interface OrderedStep {
  readonly turn: Turn;
  /** The operation as text, or "quiet". */
  readonly text: string;
  /** What its caller saw, in words. */
  readonly saw: string;
  readonly ended: Ended;
  /** What was found here first. */
  readonly finding: Finding | undefined;
}

/** Reads an order; the first word that is none, in words, if there is one. */
export function parseOrder(text: string): { readonly turns: readonly Turn[] } | { readonly wrong: string } {
  const turns: Turn[] = [];
  for (const word of text.split(/[\s,]+/).filter((each) => each !== "")) {
    const match = /^(\d+)(!?)$/.exec(word);
    if (word === QUIET) turns.push({ task: undefined, fault: false });
    else if (match) turns.push({ task: Number(match[1]), fault: match[2] === "!" });
    else return { wrong: word };
  }
  return { turns };
}

/** A run in order, step by step; `look` sees the design after each. */
export class OrderedRun {
  readonly side: Side;
  private readonly instance: Instance;
  private readonly next: number[];
  private found: Finding | undefined;

  /** Watches all invariants unless told otherwise. */
  constructor(instance: Instance, design?: AllocatorClass, watched?: readonly InvariantId[]) {
    this.instance = instance;
    this.side = new Side(instance, design, watched);
    this.next = instance.programs.map(() => 0);
  }

  /** One turn. A task without another operation does nothing. */
  take(turn: Turn): OrderedStep {
    const { side } = this;
    const { task, fault } = turn;
    if (task === undefined) return this.told(turn, QUIET, side.quiet(), "");
    const index = this.next[task]!++;
    const operation = this.instance.programs[task]![index]!;
    const ended = side.perform(task, index, fault, task);
    return this.told(turn, printOperation(operation), ended, this.sawOf(operation));
  }

  private told(turn: Turn, text: string, ended: Ended, saw: string): OrderedStep {
    const { finding } = this.side;
    const isNew = finding !== undefined && this.found === undefined;
    this.found ??= finding;
    return {
      turn,
      text,
      saw: ended === "ended" ? saw : ENDS[ended],
      ended,
      finding: isNew ? finding : undefined,
    };
  }

  private sawOf(operation: Operation): string {
    const { result, sim } = this.side;
    const { operations, page, state } = sim.tasks;
    if (operation.op === "find") return result < 0 ? "nothing found" : `found the area at page ${result}`;
    const names = "name" in operation && operation.op !== "free" ? [operation.name] : [];
    const places = names.flatMap((name) => {
      const slot = operations.findIndex((each) => each.name === name);
      return state[slot] === SLOT.LIVE ? [`page ${page[slot]!}`] : [];
    });
    if (result < 0) return errnoName(result);
    return places.length > 0 ? places.join(", ") : "done";
  }
}

const ENDS: Readonly<Record<Exclude<Ended, "ended">, string>> = {
  stuck: "waits for ever",
  endless: "does not end",
};
