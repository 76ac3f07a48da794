// SPDX-License-Identifier: GPL-2.0-only
//
// Progress: from every reachable state a goal can be reached. The transitions of a search are kept as pairs of state
// numbers; walking them backwards from the goals shows the states from which none can be reached: a trap.
// Source: the check for "AG EF goal" by backward reachability, Clarke, Grumberg, Peled, Model Checking, chapter 4.

/** The transitions of a search. Eight bytes each. */
export class EdgeLog {
  /** Number of transitions. */
  count = 0;
  private from = new Int32Array(1 << 12);
  private to = new Int32Array(1 << 12);

  /** Memory, bytes. */
  get bytes(): number {
    return this.from.byteLength + this.to.byteLength;
  }

  /** Notes a transition. Amortised O(1). */
  push(from: number, to: number): void {
    if (this.count === this.from.length) this.grow();
    this.from[this.count] = from;
    this.to[this.count] = to;
    this.count++;
  }

  /**
   * The lowest-numbered state from which no goal can be reached, or -1; states are numbered from 0 in order of
   * discovery, so it is one of the nearest to the initial state. O(states + transitions).
   */
  firstTrapped(states: number, isGoal: (state: number) => boolean): number {
    const reaches = this.backwards(states, isGoal);
    return reaches.indexOf(0);
  }

  // 1 for each state from which a goal can be reached.
  private backwards(states: number, isGoal: (state: number) => boolean): Uint8Array {
    const { from, to, count } = this;
    // Predecessors of each state, one after the other: those of s are at starts[s] .. starts[s + 1] - 1.
    const starts = new Int32Array(states + 1);
    for (let e = 0; e < count; e++) starts[to[e]! + 1]!++;
    for (let s = 0; s < states; s++) starts[s + 1]! += starts[s]!;
    const next = starts.slice();
    const before = new Int32Array(count);
    for (let e = 0; e < count; e++) before[next[to[e]!]!++] = from[e]!;
    const reaches = new Uint8Array(states);
    const queue = new Int32Array(states);
    let end = 0;
    for (let s = 0; s < states; s++) {
      if (!isGoal(s)) continue;
      reaches[s] = 1;
      queue[end++] = s;
    }
    for (let at = 0; at < end; at++) {
      const s = queue[at]!;
      for (let i = starts[s]!; i < starts[s + 1]!; i++) {
        const p = before[i]!;
        if (reaches[p] !== 0) continue;
        reaches[p] = 1;
        queue[end++] = p;
      }
    }
    return reaches;
  }

  private grow(): void {
    const wider = (old: Int32Array): Int32Array<ArrayBuffer> => {
      const to = new Int32Array(old.length * 2);
      to.set(old);
      return to;
    };
    this.from = wider(this.from);
    this.to = wider(this.to);
  }
}
