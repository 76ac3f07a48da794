// SPDX-License-Identifier: GPL-2.0-only
//
// A strict reader of KTAP version 1 for tests, by the rules of the kernel's documentation. Throws on the first line that
// breaks one.

/** A result line with what stands below it. */
export interface KtapResult {
  readonly ok: boolean;
  readonly name: string;
  readonly directive: string | undefined;
  readonly diagnostics: readonly string[];
  readonly children: readonly KtapResult[];
}

const RESULT = /^(ok|not ok) (\d+)(?: ([^#]+?))?(?: # (SKIP|XFAIL|TIMEOUT|ERROR)(?: .*)?)?$/;

/** Reads a whole text: version line, plan, results in order, none missing, parents that fail with a child. */
export function parseKtap(text: string): readonly KtapResult[] {
  if (!text.endsWith("\n")) throw new Error("the last line is not ended");
  const lines = text.slice(0, -1).split("\n");
  const { results, next } = levelAt(lines, 0, "");
  for (const line of lines.slice(next))
    if (!line.startsWith("# ")) throw new Error(`behind the plan: ${line}`);
  return results;
}

interface Level {
  readonly results: readonly KtapResult[];
  readonly next: number;
}

function levelAt(lines: readonly string[], from: number, indent: string): Level {
  const at = (i: number): string => {
    const line = lines[i];
    if (line === undefined || !line.startsWith(indent)) throw new Error(`line ${i + 1}: too little indented`);
    return line.slice(indent.length);
  };
  if (at(from) !== "KTAP version 1") throw new Error(`line ${from + 1}: no version line`);
  const plan = /^1\.\.(\d+)$/.exec(at(from + 1));
  if (!plan) throw new Error(`line ${from + 2}: no plan`);
  const results: KtapResult[] = [];
  let i = from + 2;
  let diagnostics: string[] = [];
  let children: readonly KtapResult[] = [];
  while (results.length < Number(plan[1])) {
    const line = at(i);
    if (line.startsWith("  ")) {
      const inner = levelAt(lines, i, `${indent}  `);
      children = inner.results;
      i = inner.next;
      continue;
    }
    i++;
    if (line.startsWith("# ")) {
      diagnostics.push(line.slice(2));
      continue;
    }
    const found = RESULT.exec(line);
    if (!found) throw new Error(`line ${i}: neither a diagnostic nor a result: ${line}`);
    if (Number(found[2]) !== results.length + 1) throw new Error(`line ${i}: out of order`);
    const ok = found[1] === "ok";
    if (children.some((child) => !child.ok) === ok && children.length > 0)
      throw new Error(`line ${i}: parent`);
    results.push({ ok, name: found[3] ?? "", directive: found[4], diagnostics, children });
    diagnostics = [];
    children = [];
  }
  return { results, next: i };
}
