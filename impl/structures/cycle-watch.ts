// SPDX-License-Identifier: GPL-2.0-only
//
// Whether a walk that nothing but its position decides goes round in a cycle, in constant space.
// Source: R. P. Brent, "An improved Monte Carlo factorization algorithm", BIT 20 (1980), 176-184.

/** Watches one walk. A position is up to four numbers. */
export class CycleWatch {
  private readonly kept: [number, number, number, number] = [0, 0, 0, 0];
  private steps = 0;
  private limit = 0;

  /** Whether the walk has been at this position before: true at the latest after three times the cycle and its lead. */
  isBack(a: number, b = 0, c = 0, d = 0): boolean {
    const { kept } = this;
    if (this.steps > 0 && kept[0] === a && kept[1] === b && kept[2] === c && kept[3] === d) return true;
    if (this.steps === this.limit) {
      this.limit = 2 * this.limit + 1;
      this.steps = 0;
      kept[0] = a;
      kept[1] = b;
      kept[2] = c;
      kept[3] = d;
    }
    this.steps++;
    return false;
  }
}
