// SPDX-License-Identifier: GPL-2.0-only
//
// Greedy minimisation: as long as some simpler case still fails, go on with it. Ends in a case of which no
// offered simplification fails: nothing can be dropped. Source: delta debugging (Zeller and Hildebrandt, 2002).

/** A failing case together with what proves that it fails. */
export interface Failing<C, P> {
  readonly case: C;
  readonly proof: P;
}

/**
 * Minimises. `simpler` offers the next simpler cases, boldest first; `attempt` returns a proof if a case fails.
 * Both must be deterministic. `attemptsMax` bounds the work; `done` is then false.
 */
export function minimize<C, P>(
  start: Failing<C, P>,
  simpler: (of: C) => Iterable<C>,
  attempt: (candidate: C, from: Failing<C, P>) => P | undefined,
  attemptsMax: number,
): Failing<C, P> & { readonly done: boolean; readonly attempts: number } {
  let best = start;
  let attempts = 0;
  for (let progress = true; progress;) {
    progress = false;
    for (const candidate of simpler(best.case)) {
      if (attempts === attemptsMax) return { ...best, done: false, attempts };
      attempts++;
      const proof = attempt(candidate, best);
      if (proof !== undefined) {
        best = { case: candidate, proof };
        progress = true;
        break;
      }
    }
  }
  return { ...best, done: true, attempts };
}

/** The lists that lack one element, or a run of elements, of a list: longest runs first. */
export function* withoutSome<T>(list: readonly T[]): Iterable<readonly T[]> {
  for (let size = Math.max(1, list.length >> 1); ; size >>= 1) {
    if (list.length === 0) return;
    for (let at = 0; at + size <= list.length; at += size) {
      yield [...list.slice(0, at), ...list.slice(at + size)];
    }
    if (size === 1) return;
  }
}
