// SPDX-License-Identifier: GPL-2.0-only
//
// Which free, and which event, the line of a free was: for as many of the last frees as there is room for.

/** Frees that are remembered. A power of two. */
export const FREES_MAX = 1 << 16;

const MASK = FREES_MAX - 1;

/** How long ago a free was. */
export interface FreeDistance {
  /** Frees between it and the event. */
  frees: number;
  /** Events from it on; 1 if the event is the next one. */
  events: number;
}

/** The last frees. */
export class RecentFrees {
  private readonly lines = new Float64Array(FREES_MAX);
  private readonly events = new Float64Array(FREES_MAX);
  private count = 0;
  // Where the next one is put.
  private head = 0;
  private readonly found: FreeDistance = { frees: 0, events: 0 };

  /** The `event`th event is a free. Lines ascend. */
  add(line: number, event: number): void {
    this.lines[this.head] = line;
    this.events[this.head] = event;
    this.head = (this.head + 1) & MASK;
    if (this.count < FREES_MAX) this.count++;
  }

  /**
   * How far the free of a line lies before the `event`th event; undefined if it is not remembered. The same object each
   * time. O(log of the frees between).
   */
  distance(line: number, event: number): Readonly<FreeDistance> | undefined {
    const { count, head, lines } = this;
    // Most are near the end. All up to `near` back are later, and the one that is sought lies at most `far` back.
    let far = 1;
    while (far < count && lines[(head - far) & MASK]! > line) far *= 2;
    let near = far >> 1;
    if (far > count) far = count;
    while (far - near > 1) {
      const middle = (near + far) >> 1;
      if (lines[(head - middle) & MASK]! > line) near = middle;
      else far = middle;
    }
    const at = (head - far) & MASK;
    if (far === 0 || lines[at] !== line) return undefined;
    this.found.frees = far - 1;
    this.found.events = event - this.events[at]!;
    return this.found;
  }
}
