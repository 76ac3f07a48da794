// SPDX-License-Identifier: GPL-2.0-only
//
// The flat heap: all state of a simulated kernel lies in one buffer, so that a snapshot is one copy and two
// states can be compared word by word. Must never hold an object; must never be touched outside a step.

import { StrictFault } from "./strict-fault.ts";

/** Why an access is not allowed now, or undefined if it is. The index is the one used in the access. */
export type Guard = (index: number) => string | undefined;

/** Told of each access to a word, if a heap is asked to tell. An index of records is a handle. */
export interface HeapObserver {
  read(view: string, index: number, value: number): void;
  written(view: string, index: number, before: number, after: number): void;
}

/** A guard of records; it reads the unguarded views. */
export type RecordGuard<F extends string> = (
  handle: number,
  raw: Readonly<Record<F, Int32Array>>,
) => string | undefined;

/**
 * Lowest handle of a record. Small instances have no page number, size or count as large, so that a handle can be
 * told from them where it is kept as a plain number: in the arguments and results of a position.
 */
export const HANDLE_BASE = 4096;

/** Everything that a strict heap asks before an access. */
export interface StrictContext {
  /** Whether kernel code runs between its steps now, where it must not look at the heap. */
  betweenSteps: boolean;
  /** Whether the running code has marked the access as a deliberate lockless one. */
  racy: boolean;
}

/**
 * One buffer with named views. Views are handed out once, at construction of the simulated kernel; `seal` then
 * fixes the size. In strict mode a view checks each access: inside a step, and under its guard.
 */
export class Heap {
  readonly strict: StrictContext | undefined;
  private readonly observer: HeapObserver | undefined;
  private readonly buffer: ArrayBuffer;
  private all: Int32Array;
  // The words before HANDLE_BASE are always zero and no state: the views of the first records begin there.
  private used = HANDLE_BASE;
  private sealed = false;
  private readonly segments: { readonly name: string; readonly from: number; readonly to: number }[] = [];

  /** `wordsMax` bounds the size, in 32-bit words; untouched words cost no memory. An observer makes accesses slow. */
  constructor(wordsMax: number, strict: boolean, observer?: HeapObserver) {
    this.observer = observer;
    this.buffer = new ArrayBuffer((HANDLE_BASE + wordsMax) * 4);
    this.all = new Int32Array(this.buffer);
    this.strict = strict ? { betweenSteps: false, racy: false } : undefined;
  }

  /** A view of `length` words. `guard` is asked in strict mode only. */
  words(name: string, length: number, guard?: Guard): Int32Array {
    const view = new Int32Array(this.buffer, this.take(name, length) * 4, length);
    return this.guarded(name, view, guard);
  }

  /** A view of `length` bytes, for large maps of small values. */
  bytes(name: string, length: number, guard?: Guard): Uint8Array {
    const view = new Uint8Array(this.buffer, this.take(name, (length + 3) >> 2) * 4, length);
    return this.guarded(name, view, guard);
  }

  /**
   * Views of `count` records of `fields.length` words each: one view per field, and one of all words. A handle is
   * HANDLE_BASE plus the word offset of its record, so that `fields.left[handle]` reads that record's word and a
   * record lies in one or two cache lines. `words[handle + i]` is the same as the i-th field; hot code needs one view
   * for all of it. Asked for first, so that index 0, NULL, reads zeros.
   */
  records<F extends string>(
    name: string,
    fields: readonly F[],
    count: number,
    guard?: RecordGuard<F>,
  ): { readonly fields: Readonly<Record<F, Int32Array>>; readonly words: Int32Array } {
    const stride = fields.length;
    const base = this.take(name, stride * count) - HANDLE_BASE;
    const length = HANDLE_BASE + stride * count;
    const raw = Object.fromEntries(
      fields.map((field, i) => [field, new Int32Array(this.buffer, (base + i) * 4, length - i)]),
    ) as Record<F, Int32Array>;
    const words = new Int32Array(this.buffer, base * 4, length);
    if (!this.strict && !this.observer) return { fields: raw, words };
    const check = guard && ((handle: number): string | undefined => guard(handle, raw));
    const ofRecord =
      check &&
      ((index: number): string | undefined =>
        check(index < HANDLE_BASE ? 0 : index - ((index - HANDLE_BASE) % stride)));
    return {
      fields: Object.fromEntries(
        fields.map((field) => [field, this.guarded(`${name}.${field}`, raw[field], check)]),
      ) as Record<F, Int32Array>,
      words: this.guarded(`${name}.words`, words, ofRecord),
    };
  }

  /** READ_ONCE() and the like: a deliberate access without the guard. */
  racy<T>(read: () => T): T {
    const strict = this.strict;
    if (!strict || strict.racy) return read();
    strict.racy = true;
    try {
      return read();
    } finally {
      strict.racy = false;
    }
  }

  /** Ends construction: from now on snapshots have this size. */
  seal(): void {
    this.sealed = true;
    this.all = new Int32Array(this.buffer, HANDLE_BASE * 4, this.size);
  }

  /** Size of the state, words. */
  get size(): number {
    return this.used - HANDLE_BASE;
  }

  /** A copy of the state. O(size). */
  snapshot(): Int32Array {
    return this.all.slice();
  }

  /** Copies the state into `target` at word `offset`. O(size). */
  save(target: Int32Array, offset: number): void {
    target.set(this.all, offset);
  }

  /** Makes a snapshot the current state. O(size). */
  restore(snapshot: Int32Array): void {
    this.all.set(snapshot);
  }

  /** Whether the current state equals a snapshot, word by word. */
  equals(snapshot: Int32Array): boolean {
    for (let i = 0; i < this.all.length; i++) if (this.all[i] !== snapshot[i]) return false;
    return true;
  }

  /** A 64-bit digest of the state as 16 hex digits. Two FNV-style lanes with different multipliers. */
  digest(): string {
    let x = 0x811c9dc5 | 0;
    let y = 0x7f4a7c15 | 0;
    for (let i = 0; i < this.all.length; i++) {
      const v = this.all[i]!;
      x = Math.imul(x ^ v, 0x01000193);
      x ^= x >>> 15;
      y = Math.imul(y ^ v, 0x85ebca6b);
      y ^= y >>> 13;
    }
    return (x >>> 0).toString(16).padStart(8, "0") + (y >>> 0).toString(16).padStart(8, "0");
  }

  /** Offsets in a snapshot of all words whose view's name does not match. */
  offsetsExcept(names: RegExp): Int32Array {
    const kept = this.segments.filter(({ name }) => !names.test(name));
    return Int32Array.from(
      kept.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, i) => from + i - HANDLE_BASE)),
    );
  }

  /** The state itself, for reading outside steps: what fingerprints are made of. */
  get state(): Readonly<Int32Array> {
    return this.all;
  }

  private take(name: string, words: number): number {
    if (this.sealed) throw new Error("heap: a view was asked for after seal()");
    const at = this.used;
    if ((at + words) * 4 > this.buffer.byteLength) {
      throw new Error(
        `heap: ${at + words - HANDLE_BASE} words asked for, limit ${this.buffer.byteLength / 4 - HANDLE_BASE}`,
      );
    }
    this.used = at + words;
    this.segments.push({ name, from: at, to: this.used });
    return at;
  }

  private guarded<A extends Int32Array | Uint8Array>(name: string, view: A, guard: Guard | undefined): A {
    return this.observed(name, this.checked(name, view, guard));
  }

  private checked<A extends Int32Array | Uint8Array>(name: string, view: A, guard: Guard | undefined): A {
    const strict = this.strict;
    if (!strict) return view;
    const check = (key: string | symbol): number => {
      const index = typeof key === "string" ? Number(key) : Number.NaN;
      if (!Number.isInteger(index)) throw new StrictFault(`${name}: only indexed access is allowed`);
      if (strict.betweenSteps) throw new StrictFault(`${name}[${index}]: heap access outside a step`);
      if (index < 0 || index >= view.length) throw new StrictFault(`${name}[${index}]: out of bounds`);
      if (guard && !strict.racy) {
        const why = guard(index);
        if (why !== undefined) throw new StrictFault(`${name}[${index}]: ${why}`);
      }
      return index;
    };
    return new Proxy(view, {
      get: (target, key) => (key === "length" ? target.length : target[check(key)]),
      set: (target, key, value: number) => {
        target[check(key)] = value;
        return true;
      },
    });
  }

  private observed<A extends Int32Array | Uint8Array>(name: string, view: A): A {
    const { observer } = this;
    if (!observer) return view;
    const put = (target: A, index: number, value: number): void => {
      const before = target[index] ?? 0;
      target[index] = value;
      observer.written(name, index, before, target[index] ?? 0);
    };
    return new Proxy(view, {
      get: (target, key): unknown => {
        const index = typeof key === "string" ? Number(key) : Number.NaN;
        if (key === "fill") {
          return (value: number) => {
            for (let i = 0; i < target.length; i++) put(target, i, value);
          };
        }
        if (!Number.isInteger(index)) {
          const member: unknown = Reflect.get(target, key, target);
          return typeof member === "function" ? (member.bind(target) as unknown) : member;
        }
        const value = target[index];
        if (value !== undefined) observer.read(name, index, value);
        return value;
      },
      set: (target, key, value: number) => {
        put(target, Number(key), value);
        return true;
      },
    });
  }
}
