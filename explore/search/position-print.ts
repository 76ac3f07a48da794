// SPDX-License-Identifier: GPL-2.0-only
//
// What tells positions apart in a search. Numbers that name something in the state (handles) are left out and listed
// instead, so that states which differ only in how things are numbered can be recognised.

import type { Position } from "../positions.ts";
import type { Call } from "../sync.ts";

/** The part of a position that does not depend on how things are numbered, and the references in it. */
export interface PositionPrint {
  /** Equal for two positions exactly if they differ in nothing but references. Counted from 0. */
  readonly skeleton: number;
  /** References, outermost frame first, in order of arguments and results. */
  readonly references: readonly number[];
}

/** Prints of all positions met; each is made once. */
export class PositionPrints {
  private readonly isReference: (n: number) => boolean;
  private readonly prints: PositionPrint[] = [];
  private table: readonly Position[] | undefined;
  private readonly skeletons = new Map<string, number>();
  private readonly ids = new Map<object, number>();

  private readonly argumentsOf: (call: Call) => readonly number[];

  /** `argumentsOf` gives the arguments that count for a call; calls that it makes equal are taken for the same. */
  constructor(
    isReference: (n: number) => boolean,
    argumentsOf: (call: Call) => readonly number[] = ({ args }) => args,
  ) {
    this.isReference = isReference;
    this.argumentsOf = argumentsOf;
  }

  /** The print of a position. Tables with the same positions give the same prints; of one table, each is made once. */
  of(position: Position): PositionPrint {
    const { prints } = this;
    if (position.all !== this.table) {
      this.table = position.all;
      prints.length = 0;
    }
    // In the order of positions, and not in that of questions: numbers must not depend on who asks first.
    for (let id = prints.length; id <= position.id; id++) prints.push(this.make(position.all[id]!));
    return prints[position.id]!;
  }

  private make(position: Position): PositionPrint {
    const references: number[] = [];
    const parts: string[] = [];
    const number = (n: number): string => {
      if (!this.isReference(n)) return String(n);
      references.push(n);
      return "@";
    };
    const frames: Position[] = [];
    for (let at: Position | undefined = position; at; at = at.frame.caller) frames.unshift(at);
    for (const { frame, results } of frames) {
      const { self, body } = frame.target;
      const args = this.argumentsOf(frame.target);
      parts.push(
        `${this.id(self)}.${this.id(body)}(${args.map(number).join()})[${results.map(number).join()}]`,
      );
    }
    const text = parts.join("/");
    let skeleton = this.skeletons.get(text);
    if (skeleton === undefined) {
      skeleton = this.skeletons.size;
      this.skeletons.set(text, skeleton);
    }
    return { skeleton, references };
  }

  private id(thing: object): number {
    let id = this.ids.get(thing);
    if (id === undefined) {
      id = this.ids.size;
      this.ids.set(thing, id);
    }
    return id;
  }
}
