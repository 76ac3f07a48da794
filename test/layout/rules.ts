// SPDX-License-Identifier: GPL-2.0-only
// The layout rules: pure functions from a source tree to its violations. Adding a rule means adding a tree
// that breaks it to rules.test.ts; a rule that cannot fail is a defect. Rules on imports are first, rules on
// text after them.
import { importsOf, isCode, isTypeScript, runtimeImports, type Import, type SourceTree } from "./graph.ts";
import {
  ARROWS,
  CLOCK_MODULES,
  ENTRY_POINTS,
  EXAMPLE_PACKAGES,
  EXAMPLES,
  HOT_ROOMS,
  LENGTH_EXCEPTIONS,
  MACHINE_FOLDERS,
  PACKAGE_FREE_ROOMS,
  PURE_ROOMS,
  roomOf,
  SCHEMA_MODULE,
} from "./rooms.ts";
import { lineAt, maskSource } from "./scan.ts";

export interface Violation {
  readonly file: string;
  readonly line: number;
  readonly detail: string;
}

export type Rule = (tree: SourceTree) => Violation[];

const LINES_MAX = 400;

const at = (entry: Import, detail: string): Violation => ({ file: entry.from, line: entry.line, detail });

const filesOf = (tree: SourceTree, keep: (path: string) => boolean): [path: string, text: string][] =>
  [...tree].filter(([path]) => keep(path)).sort(([left], [right]) => (left < right ? -1 : 1));

/** Every TypeScript source lies in a room; the exceptions are the settings of the test runner, and examples. */
export const everySourceHasARoom: Rule = (tree) =>
  filesOf(
    tree,
    (path) =>
      isTypeScript(path) &&
      path !== "vitest.config.ts" &&
      !path.startsWith(EXAMPLES) &&
      roomOf(path) === null,
  ).map(([file]) => ({ file, line: 1, detail: "lies in no room; see test/layout/rooms.ts" }));

/** An example is written from the outside: it imports the package by its name, the test runner, and its own files. */
export const examplesFromOutside: Rule = (tree) =>
  importsOf(tree).flatMap((entry) => {
    if (!entry.from.startsWith(EXAMPLES)) return [];
    const own = entry.from.split("/").slice(0, 2).join("/");
    const { target } = entry;
    if (target._tag === "file" && target.path.startsWith(`${own}/`)) return [];
    if (target._tag === "package" && EXAMPLE_PACKAGES.includes(target.specifier)) return [];
    const allowed = [...EXAMPLE_PACKAGES, `${own}/`].join(", ");
    return [
      at(entry, `an example may not import "${entry.specifier ?? "a computed name"}"; allowed: ${allowed}`),
    ];
  });

/** Imports follow the arrows between rooms, whether they load something or name types only. */
export const importArrows: Rule = (tree) =>
  importsOf(tree).flatMap((entry) => {
    const from = roomOf(entry.from);
    if (from === null || entry.target._tag !== "file") return [];
    const { path } = entry.target;
    if (entry.kind === "url" && !tree.has(path)) return [];
    const to = roomOf(path);
    if (to === from || (to !== null && ARROWS[from].includes(to)) || ARROWS[from].includes(path)) return [];
    if (from === "test" && path.startsWith("scripts/")) return [];
    return [
      at(entry, `${from} may not import ${path}; allowed: ${ARROWS[from].join(", ") || "nothing of ours"}`),
    ];
  });

/** A relative import names an existing file with its extension; a computed one cannot be checked at all. */
export const explicitSpecifiers: Rule = (tree) =>
  importsOf(tree).flatMap((entry) => {
    if (entry.kind === "require") return [at(entry, "require() is not for modules; use import")];
    const { target } = entry;
    if (target._tag === "computed") return [at(entry, "imports a module whose name is computed")];
    if (target._tag !== "file" || entry.kind === "url") return [];
    if (!/\.(?:ts|mjs|json)$/.test(target.path))
      return [at(entry, `"${entry.specifier}" has no .ts extension`)];
    return tree.has(target.path) ? [] : [at(entry, `${target.path} does not exist`)];
  });

/** What lies in a folder `internal` is imported only from beside that folder; tests may look inside. */
export const internalFolders: Rule = (tree) =>
  importsOf(tree).flatMap((entry) => {
    if (entry.target._tag !== "file" || roomOf(entry.from) === "test") return [];
    const { path } = entry.target;
    const owner = /^(.*?\/)?internal\//.exec(path);
    if (owner === null || entry.from.startsWith(owner[1] ?? "")) return [];
    return [at(entry, `${path} is internal to ${owner[1] ?? "the root"}`)];
  });

/** The schema library stays behind one module, and its successor in another package is not mixed in. */
export const schemaBehindOneModule: Rule = (tree) =>
  importsOf(tree).flatMap((entry) => {
    if (entry.target._tag !== "package") return [];
    const { name, specifier } = entry.target;
    if (specifier === "effect/Schema")
      return [at(entry, "effect/Schema must not be mixed with @effect/schema")];
    if (name === "@effect/schema" && entry.from !== SCHEMA_MODULE) {
      return [at(entry, `only ${SCHEMA_MODULE} may import @effect/schema`)];
    }
    if (name === "effect" && !["spec", "test"].includes(roomOf(entry.from) ?? "")) {
      return [at(entry, "only spec/ may import effect")];
    }
    return [];
  });

/** The shortest chain of imports from a file to something that `isGoal` accepts, or null. */
function chainTo(tree: SourceTree, start: string, isGoal: (entry: Import) => boolean): string[] | null {
  const imports = runtimeImports(tree);
  const queue: string[][] = [[start]];
  const seen = new Set([start]);
  for (let chain = queue.shift(); chain !== undefined; chain = queue.shift()) {
    for (const entry of imports.get(chain.at(-1) ?? "") ?? []) {
      if (isGoal(entry))
        return [...chain, entry.target._tag === "file" ? entry.target.path : (entry.specifier ?? "")];
      if (entry.target._tag !== "file" || seen.has(entry.target.path)) continue;
      seen.add(entry.target.path);
      queue.push([...chain, entry.target.path]);
    }
  }
  return null;
}

/** Nothing that hot code loads, directly or through others, loads the schema library (200 ms per worker). */
export const hotCodeLoadsNoSchema: Rule = (tree) =>
  filesOf(tree, (path) => isCode(path) && HOT_ROOMS.some((room) => room === roomOf(path))).flatMap(
    ([file]) => {
      const chain = chainTo(
        tree,
        file,
        ({ target }) =>
          (target._tag === "file" && target.path === SCHEMA_MODULE) ||
          (target._tag === "package" && ["@effect/schema", "effect"].includes(target.name)),
      );
      return chain === null
        ? []
        : [{ file, line: 1, detail: `loads the schema library: ${chain.join(" -> ")}` }];
    },
  );

/** Pure rooms import no module of Node. */
export const noBuiltinsInPureRooms: Rule = (tree) =>
  importsOf(tree).flatMap((entry) =>
    entry.target._tag === "builtin" &&
    PURE_ROOMS.some((room) => room === roomOf(entry.from)) &&
    !MACHINE_FOLDERS.some((folder) => entry.from.startsWith(folder))
      ? [at(entry, `${roomOf(entry.from)} is pure: it may not import ${entry.target.name}`)]
      : [],
  );

/** Sources import only what a user of the package gets installed; model and impl import no package. */
export const packagesByRoom =
  (runtimeDependencies: readonly string[]): Rule =>
  (tree) =>
    importsOf(tree).flatMap((entry) => {
      const room = roomOf(entry.from);
      if (entry.target._tag !== "package" || room === null || room === "test") return [];
      const { name } = entry.target;
      if (PACKAGE_FREE_ROOMS.includes(room)) return [at(entry, `${room} imports no package, found ${name}`)];
      return runtimeDependencies.includes(name) ? [] : [at(entry, `${name} is not a runtime dependency`)];
    });

/** No file loads itself through others; each cycle is reported once, from its first file in sorted order. */
export const noCycles: Rule = (tree) => {
  const imports = runtimeImports(tree);
  const done = new Set<string>();
  const violations: Violation[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    for (const entry of imports.get(file) ?? []) {
      if (entry.target._tag !== "file") continue;
      const next = entry.target.path;
      const start = path.indexOf(next);
      if (start !== -1)
        violations.push(at(entry, `import cycle: ${[...path.slice(start), next].join(" -> ")}`));
      else if (!done.has(next)) visit(next, [...path, next]);
    }
    done.add(file);
  };
  for (const file of [...imports.keys()].sort()) if (!done.has(file)) visit(file, [file]);
  return violations;
};

/** Every source file is reached from a program or from the public face: there is no dead file. */
export const noUnusedFiles: Rule = (tree) => {
  const reached = new Set<string>(ENTRY_POINTS);
  const queue = [...ENTRY_POINTS];
  const imports = importsOf(tree);
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
    for (const { from, target } of imports) {
      if (from !== file || target._tag !== "file" || reached.has(target.path)) continue;
      reached.add(target.path);
      queue.push(target.path);
    }
  }
  const isSource = (path: string): boolean => isTypeScript(path) && ![null, "test"].includes(roomOf(path));
  return filesOf(tree, (path) => isSource(path) && !reached.has(path)).map(([file]) => ({
    file,
    line: 1,
    detail: `is not reached from ${ENTRY_POINTS.join(", ")}`,
  }));
};

/** One violation for each place where a pattern matches. */
function matches(
  file: string,
  text: string,
  pattern: RegExp,
  detail: (found: string) => string,
): Violation[] {
  return [...text.matchAll(pattern)].map((match) => ({
    file,
    line: lineAt(text, match.index),
    detail: detail(match[0].trim()),
  }));
}

const NONDETERMINISM =
  /\bMath\s*(?:\?\.|\.)\s*random\b|\bMath\s*(?:\?\.\s*)?\[|\}\s*=\s*(?:Math|Date|performance)\b|\bDate\s*(?:\?\.|\.)\s*now\b|\bperformance\s*(?:\?\.|\.)\s*now\b|\bnew\s+(?:globalThis\s*\.\s*)?Date\b|(?<![\w$.])Date\s*\(|\bhrtime\b|\brandom(?:UUID|Bytes|Int)\s*\(|\bgetRandomValues\b/g;

/** Clocks and unseeded numbers are read in the named modules only: a run must be replayable. */
export const noNondeterminism: Rule = (tree) =>
  filesOf(tree, (path) => isCode(path) && !CLOCK_MODULES.some((allowed) => path.startsWith(allowed))).flatMap(
    ([file, text]) =>
      matches(
        file,
        maskSource(text),
        NONDETERMINISM,
        (found) => `${found} makes a run unrepeatable; inject it`,
      ),
  );

// Spelt with a gap so that this file does not break its own rule.
const MARKS = new RegExp(String.raw`\b(?:${"TO DO|FIX ME|X XX".replaceAll(" ", "")})\b`, "g");

/** No note of work left undone in code, scripts or documents. */
export const noLeftoverMarks: Rule = (tree) =>
  filesOf(tree, (path) => isCode(path) || /\.(?:md|json|ya?ml|sh)$|^\.ci\//.test(path)).flatMap(
    ([file, text]) => matches(file, text, MARKS, (found) => `leftover mark ${found}`),
  );

/** A file stays readable in one sitting; an exception has a reason, and goes when it is not needed. */
export const fileLength =
  (exceptions: Readonly<Record<string, string>> = LENGTH_EXCEPTIONS): Rule =>
  (tree) => {
    const tooLong = filesOf(tree, isCode)
      .map(([file, text]) => ({ file, lines: text.replace(/\n$/, "").split("\n").length }))
      .filter(({ lines }) => lines > LINES_MAX);
    return [
      ...tooLong
        .filter(({ file }) => (exceptions[file] ?? "").trim() === "")
        .map(({ file, lines }) => ({
          file,
          line: lines,
          detail: `has ${lines} lines, more than ${LINES_MAX}`,
        })),
      ...Object.keys(exceptions)
        .filter((file) => !tooLong.some((long) => long.file === file))
        .map((file) => ({ file, line: 1, detail: "needs no exception from the length limit" })),
    ];
  };

const EMPTY_NAME = /(?:^|\/)(?:[^/]*-)?(?:utils?|helpers?|common|misc)(?:\.[^/]*)?(?:\/|$)/;

/** A file or folder is named after what it holds. */
export const tellingNames: Rule = (tree) =>
  filesOf(tree, (path) => isCode(path) && EMPTY_NAME.test(path)).map(([file]) => ({
    file,
    line: 1,
    detail: "has a name that says nothing of its content",
  }));

const LICENSE_LINE = "// SPDX-License-Identifier: GPL-2.0-only";

/** Each code file opens with the licence line; only the line that names the interpreter may come before it. */
export const licenseLines: Rule = (tree) =>
  filesOf(tree, isCode).flatMap(([file, text]) => {
    const lines = text.split("\n");
    const first = lines[0]?.startsWith("#!") === true ? 1 : 0;
    return lines[first] === LICENSE_LINE
      ? []
      : [{ file, line: first + 1, detail: `does not start with "${LICENSE_LINE}"` }];
  });

/** No path of the machine that a file was written on: common homes, and the root of this very checkout. */
export const noMachinePaths =
  (checkout: string): Rule =>
  (tree) => {
    const literal = checkout.replace(/\/$/, "").replace(/[$()*+.?[\\\]^{|}]/g, "\\$&");
    // A checkout right under the root has too common a name to be looked for.
    const own = checkout.split("/").filter(Boolean).length < 2 ? "" : `|${literal}(?![\\w-])`;
    const pattern = new RegExp(`(?<![\\w.~-])(?:/(?:home|root|Users|work)/[\\w.-]+${own})`, "g");
    return filesOf(tree, (path) => path !== "LICENSE").flatMap(([file, text]) =>
      matches(file, text, pattern, (found) => `names a path of one machine: ${found}`),
    );
  };

/** No address of a package registry: a lock file must install from whichever registry its user has. */
export const noRegistryAddress: Rule = (tree) =>
  filesOf(tree, () => true).flatMap(([file, text]) => [
    ...matches(file, text, /"resolved":\s*"https?:[^"]*"?/g, (found) => `names a registry: ${found}`),
    ...matches(
      file,
      text,
      /https?:\/\/[\w.-]*registry[\w.-]*\.[a-z]+/gi,
      (found) => `names a registry: ${found}`,
    ),
    ...matches(
      file,
      text,
      /^\s*(?:registry|\/\/\S*:_authToken)\s*=.*/gm,
      (found) => `sets a registry: ${found}`,
    ),
  ]);

/** One line per violation, as a person wants to read and click it. */
export const format = (violations: readonly Violation[]): string[] =>
  violations.map(({ file, line, detail }) => `${file}:${line} ${detail}`);
