// SPDX-License-Identifier: GPL-2.0-only
//
// The workload of bench (b): a space kept at N live areas of 1 to 4 pages; each round frees a random one and
// allocates a new one. The same sequence of draws as bench/peers/first-fit.c, so that the addresses agree.

/** What the workload needs of an allocator. Pages. */
export interface FirstFit {
  /** Takes the lowest fit; returns its first page. There is always room. */
  allocate(size: number): number;
  /** Gives back what `allocate` returned. */
  free(start: number, size: number): void;
}

/** Pages of the space per live area: four of the largest areas, so that fragments never leave it full. */
export const PAGES_PER_AREA = 16;

/** The live areas, the generator and the checksum over all addresses handed out so far. */
export class Workload {
  private readonly starts: Int32Array;
  private readonly sizes: Uint8Array;
  private state: number;
  private sum = 0;

  constructor(live: number, seed: number) {
    this.starts = new Int32Array(live);
    this.sizes = new Uint8Array(live);
    this.state = seed | 0;
  }

  /** A copy that will draw the same and starts from the same live areas. */
  clone(): Workload {
    const copy = new Workload(this.starts.length, this.state);
    copy.starts.set(this.starts);
    copy.sizes.set(this.sizes);
    copy.sum = this.sum;
    return copy;
  }

  /** Allocates all live areas, in an empty space. */
  populate(allocator: FirstFit): void {
    for (let slot = 0; slot < this.starts.length; slot++) this.obtain(allocator, slot);
  }

  /** Frees a random area and allocates another one, `count` times. */
  rounds(allocator: FirstFit, count: number): void {
    const live = this.starts.length;
    for (let i = 0; i < count; i++) {
      const slot = this.draw() % live;
      allocator.free(this.starts[slot]!, this.sizes[slot]!);
      this.obtain(allocator, slot);
    }
  }

  /** Draws one of the live areas. */
  pick(): number {
    return this.draw() % this.starts.length;
  }

  /** First page of a live area. */
  startOf(slot: number): number {
    return this.starts[slot]!;
  }

  /** Pages of a live area. */
  sizeOf(slot: number): number {
    return this.sizes[slot]!;
  }

  /** Checksum as 8 hex digits. */
  get checksum(): string {
    return (this.sum >>> 0).toString(16).padStart(8, "0");
  }

  private obtain(allocator: FirstFit, slot: number): void {
    const size = 1 + ((this.draw() >> 8) & 3);
    const at = allocator.allocate(size);
    this.starts[slot] = at;
    this.sizes[slot] = size;
    const mixed = Math.imul(this.sum ^ at, 0x01000193);
    this.sum = mixed ^ (mixed >>> 15);
  }

  /** Marsaglia's xorshift32, the highest 31 bits. */
  private draw(): number {
    let x = this.state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.state = x;
    return x >>> 1;
  }
}
