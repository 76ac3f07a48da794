// SPDX-License-Identifier: GPL-2.0-only
//
// A series of points over the events of a trace, however many there are: each point stands for equally many events, and
// when there is no room for another point, each two become one.

/** Most points. Even, so that pairs come out. */
export const POINTS_MAX = 256;

/** Points, oldest first. */
export class BoundedSeries<Point extends object> {
  /** Events that a point stands for. */
  step = 1;
  private readonly merge: (earlier: Point, later: Point) => Point;
  private readonly closed: Point[] = [];
  private since = 0;

  /** `merge` makes one point of two neighbours. */
  constructor(merge: (earlier: Point, later: Point) => Point) {
    this.merge = merge;
  }

  /** One event: whether a point ends with it, which is to be given to `close` then. */
  tick(): boolean {
    return ++this.since === this.step;
  }

  /** A point has ended. O(1) on average. */
  close(point: Point): void {
    this.since = 0;
    this.closed.push(point);
    if (this.closed.length < POINTS_MAX) return;
    for (let i = 0; i < POINTS_MAX / 2; i++) {
      this.closed[i] = this.merge(this.closed[2 * i]!, this.closed[2 * i + 1]!);
    }
    this.closed.length = POINTS_MAX / 2;
    this.step *= 2;
  }

  /** All points; `open` makes the last one, if events have come since the one before it. */
  points(open: () => Point): readonly Point[] {
    return this.since === 0 ? [...this.closed] : [...this.closed, open()];
  }
}
