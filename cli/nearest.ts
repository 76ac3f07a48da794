// SPDX-License-Identifier: GPL-2.0-only
//
// The name that somebody may have meant. Source: R. Lowrance, R. A. Wagner, "An Extension of the String-to-String
// Correction Problem", J. ACM 22(2), 1975; swaps of neighbours only.

/** The closest of the names, or undefined if none is close. Names that begin with the text count as close. */
export function nearest(text: string, names: readonly string[]): string | undefined {
  const wanted = text.toLowerCase();
  const ranked = names
    .map((name) => ({ name, far: distance(wanted, name.toLowerCase()) }))
    .sort((a, b) => a.far - b.far);
  const best = ranked[0];
  if (best !== undefined && best.far <= Math.max(1, Math.floor(wanted.length / 3))) return best.name;
  return wanted.length < 2 ? undefined : names.find((name) => name.toLowerCase().startsWith(wanted));
}

/** Changes, insertions, deletions and swaps of neighbours that make one text of the other. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const least = Math.min(changed, row[j]! + 1, next[j - 1]! + 1);
      next.push(swapped ? Math.min(least, before[j - 2]! + 1) : least);
    }
    before = row;
    row = next;
  }
  return row[b.length]!;
}
