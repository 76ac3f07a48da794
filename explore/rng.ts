// SPDX-License-Identifier: GPL-2.0-only
//
// The one source of randomness of the engine: xor128 of seedrandom, seeded by text. Ranges are sampled without
// bias. Source: G. Marsaglia, "Xorshift RNGs", J. Stat. Soft. 8(14), 2003.

import seedrandom from "seedrandom";

/** A seeded stream of random numbers. */
export interface Rng {
  /** A uniform integer in `0 .. n - 1`; n in `1 .. 2^31`. */
  below(n: number): number;
}

const BELOW_MAX = 2 ** 31;

/** The stream that belongs to a seed text. Equal texts give equal streams on every machine. */
export function createRng(seed: string): Rng {
  // The generator mixes its text in at the end only, so near texts would give near streams: spread it first.
  const random = seedrandom.xor128(spread(seed));
  return {
    below(n: number): number {
      if (!(n >= 1 && n <= BELOW_MAX)) throw new Error(`random number below ${n}: no such range`);
      // As many bits as n - 1 has, until they are in range: a modulo would prefer small values.
      const mask = n === 1 ? 0 : -1 >>> Math.clz32(n - 1);
      for (;;) {
        const bits = random.int32() & mask;
        if (bits < n) return bits;
      }
    },
  };
}

function spread(text: string): string {
  let x = 0x811c9dc5 | 0;
  let y = 0x2545f491 | 0;
  for (let i = 0; i < text.length; i++) {
    x = Math.imul(x ^ text.charCodeAt(i), 0x01000193);
    y = Math.imul(y ^ (x >>> 7), 0x85ebca6b);
  }
  let out = "";
  for (let i = 0; i < 8; i++) {
    x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d) + y;
    y = Math.imul(y ^ (y >>> 13), 0x297a2d39) ^ x;
    out += String.fromCharCode((x >>> 8) & 0xffff, y & 0xffff);
  }
  return out;
}
