// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from "vitest";
import { maskSource, scanImports } from "./scan.ts";

/** Kind, module and whether it is erased, one text per statement. */
const shapes = (text: string): string[] =>
  scanImports(text).map(
    ({ kind, specifier, typeOnly }) => `${kind} ${specifier ?? "?"}${typeOnly ? " type" : ""}`,
  );

describe("statements that load or name a module", () => {
  it.each<[text: string, expected: string[]]>([
    [`import a from "./a.ts";`, ["import ./a.ts"]],
    [`import { a, b as c } from './a.ts'`, ["import ./a.ts"]],
    [`import * as a from "./a.ts";`, ["import ./a.ts"]],
    [`import a, { b } from "./a.ts";`, ["import ./a.ts"]],
    [`import{a}from"./a.ts"`, ["import ./a.ts"]],
    [`import {\n  a,\n  // why b\n  b,\n} from\n  "./a.ts";`, ["import ./a.ts"]],
    [`import { "odd name" as a } from "./a.ts";`, ["import ./a.ts"]],
    [`import { from } from "./a.ts"; import from from "./b.ts";`, ["import ./a.ts", "import ./b.ts"]],
    [`import data from "./a.json" with { type: "json" };`, ["import ./a.json"]],
    [`import "./a.ts";`, ["side-effect ./a.ts"]],
    [`import "./a.ts"\nimport type b from "./b.ts"`, ["side-effect ./a.ts", "import ./b.ts type"]],
    [`export * from "./a.ts";`, ["export-from ./a.ts"]],
    [`export * as a from "./a.ts";`, ["export-from ./a.ts"]],
    [`export {\n  a,\n  b,\n} from "./a.ts";`, ["export-from ./a.ts"]],
    [`const a = await import("./a.ts");`, ["dynamic ./a.ts"]],
    ["const a = import(`./a.ts`);", ["dynamic ./a.ts"]],
    [`const a = import(/* why */ "./a.ts");`, ["dynamic ./a.ts"]],
    [`const a = import(name);`, ["dynamic ?"]],
    ["const a = import(`./${name}.ts`);", ["dynamic ?"]],
    [`const a = require("./a.ts");`, ["require ./a.ts"]],
    [`import a = require("./a.ts");`, ["require ./a.ts"]],
    [`new Worker(new URL("./a.js", import.meta.url));`, ["url ./a.js"]],
  ])("%j", (text, expected) => {
    expect(shapes(text)).toEqual(expected);
  });
});

describe("what the compiler erases", () => {
  it.each<[text: string, expected: string[]]>([
    [`import type { A } from "./a.ts";`, ["import ./a.ts type"]],
    [`import type A from "./a.ts";`, ["import ./a.ts type"]],
    [`import type * as A from "./a.ts";`, ["import ./a.ts type"]],
    [`import type{A}from"./a.ts";`, ["import ./a.ts type"]],
    [`import type from from "./a.ts";`, ["import ./a.ts type"]],
    [`export type { A } from "./a.ts";`, ["export-from ./a.ts type"]],
    [`export type * from "./a.ts";`, ["export-from ./a.ts type"]],
    [`type A = typeof import("./a.ts");`, ["dynamic ./a.ts type"]],
    // A value named type, and a list of types that still leaves an import behind (verbatimModuleSyntax).
    [`import type from "./a.ts";`, ["import ./a.ts"]],
    [`import type, { a } from "./a.ts";`, ["import ./a.ts"]],
    [`import { type A } from "./a.ts";`, ["import ./a.ts"]],
    [`import { type } from "./a.ts";`, ["import ./a.ts"]],
    [`export { type A } from "./a.ts";`, ["export-from ./a.ts"]],
  ])("%j", (text, expected) => {
    expect(shapes(text)).toEqual(expected);
  });
});

describe("text that only looks like an import", () => {
  it.each<[text: string]>([
    [`// import a from "./a.ts";`],
    [`/* import a from "./a.ts";\n * import "./b.ts" */`],
    [`const text = 'import a from "./a.ts"';`],
    [`const text = "it\\"s import a from './a.ts'";`],
    ["const text = `import a from './a.ts'`;"],
    ["const text = `line\nimport './a.ts'\n${`import './b.ts'`} import './c.ts'`;"],
    [`const pattern = /import a from "b"/;`],
    [`const pattern = /[/"]import "b"/g;`],
    [`object.import("./a.ts"); object.require("./a.ts");`],
    [`const important = reimport("./a.ts"); const $import = 1;`],
    [`const here = import.meta.url;`],
    [`export { a }; export default "./a.ts"; export const from = "./a.ts";`],
    [`const settings = { import: "./a.ts", from: "./b.ts", require: "./c.ts" };`],
    [`const page = new URL("./a.js", base);`],
  ])("%j", (text) => {
    expect(shapes(text)).toEqual([]);
  });
});

describe("code after text that could confuse a scanner", () => {
  const importOfA = `import "./a.ts";`;
  it.each<[text: string]>([
    [`const half = size / 2; // it's half\n${importOfA}`],
    [`const half = cells[i]! / 2, quote = '"';\n${importOfA}`],
    [`const quarter = (a + b) / 4 / "2".length;\n${importOfA}`],
    [`i++ / 2; const q = "'";\n${importOfA}`],
    [`const quote = /["'\`]/.test(x);\n${importOfA}`],
    [`if (!/\\/"/.test(x)) return /'/;\n${importOfA}`],
    [`const of = a.return / 2; const q = "/";\n${importOfA}`],
    [`const address = "https://example.org/*";\n${importOfA} /* */`],
    ["const text = `${ { a: `}` }.a } \\` ${'`'}`;\n" + importOfA],
    ["const text = `$ {` + `$` + '{';\n" + importOfA],
    [`#!/usr/bin/env node it's\n${importOfA}`],
  ])("%j", (text) => {
    expect(shapes(text)).toEqual(["side-effect ./a.ts"]);
  });

  it("finds code inside a template substitution", () => {
    expect(shapes("const text = `a ${await import('./a.ts')} b`;")).toEqual(["dynamic ./a.ts"]);
  });

  it("counts lines from 1, by keyword", () => {
    const text = `// one\n\nimport {\n  a,\n} from "./a.ts";\nexport * from "./b.ts";\n`;
    expect(scanImports(text).map(({ line }) => line)).toEqual([3, 6]);
  });
});

describe("masking", () => {
  it("keeps every offset and every line", () => {
    const text = 'a("x\\"y"); // c\n/* d\n e */ `f${g}h\n${"i"}`; /[/]j/g; k / l;\n';
    const masked = maskSource(text);
    expect(masked).toHaveLength(text.length);
    expect([...masked.matchAll(/\n/g)].map(({ index }) => index)).toEqual(
      [...text.matchAll(/\n/g)].map(({ index }) => index),
    );
    expect(masked.replace(/\s+/g, " ")).toBe('a(" "); ` ${g} ${" "}`; / /g; k / l; ');
  });

  it("ends unfinished text at the end of the file or line instead of failing", () => {
    for (const text of ['"abc', "`abc ${d", "/* abc", "'a\nb", "/abc", "", "`", '"\\', "`${`${"]) {
      expect(maskSource(text)).toHaveLength(text.length);
    }
  });
});
