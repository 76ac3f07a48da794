// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from "vitest";
import { notesOf, renderAbstractions } from "../../scripts/abstractions.mjs";

describe("notes on abstractions", () => {
  it("reads a note to the end of its comment or to the next blank comment line", () => {
    const text = [
      "// ABSTRACTION: one word per",
      "// page. Risk: none.",
      "//",
      "// Something else.",
      "/**",
      " * Flushes.",
      " * ABSTRACTION: a flush is",
      " *   one step.",
      " * @returns nothing",
      " */",
      "/* ABSTRACTION: short. */",
      "// not a part of it",
      "step(); // ABSTRACTION: beside code",
      "step();",
      "// ABSTRACTION: first",
      "// ABSTRACTION: second",
    ].join("\n");
    expect(notesOf(text)).toEqual([
      "one word per page. Risk: none.",
      "a flush is one step.",
      "short.",
      "beside code",
      "first",
      "second",
    ]);
  });

  it("lists files in sorted order, of the two rooms only, whatever the order of the tree", () => {
    const note = (text: string): string => `// ABSTRACTION: ${text}\n`;
    const page = renderAbstractions(
      new Map([
        ["model/a.ts", note("not listed")],
        ["impl/b.ts", note("two") + note("three")],
        ["impl/none.ts", "step();"],
        ["explore/a.ts", note("one")],
      ]),
    );
    expect(page.slice(page.indexOf("\n\n## ") + 2)).toBe(
      "## explore/a.ts\n\n- one\n\n## impl/b.ts\n\n- two\n- three\n",
    );
  });

  it("says so when there is none", () => {
    expect(renderAbstractions(new Map([["impl/a.ts", "step();"]]))).toMatch(/\n\nNone so far\.\n$/);
  });
});
