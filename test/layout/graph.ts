// SPDX-License-Identifier: GPL-2.0-only
// Turns a source tree (a map from path to text) into its import graph. Pure: it never reads a disk, so that
// every rule can be fed a small tree written to break it.
import { builtinModules } from "node:module";
import { posix } from "node:path";
import { scanImports, type ImportStatement } from "./scan.ts";

/** Paths are relative to the root of the repository, with forward slashes. */
export type SourceTree = ReadonlyMap<string, string>;

export type ImportTarget =
  | { readonly _tag: "file"; readonly path: string }
  | { readonly _tag: "package"; readonly name: string; readonly specifier: string }
  | { readonly _tag: "builtin"; readonly name: string }
  | { readonly _tag: "computed" };

export interface Import extends ImportStatement {
  readonly from: string;
  readonly target: ImportTarget;
}

const BUILTINS = new Set(builtinModules);

export const isTypeScript = (path: string): boolean => /\.[mc]?ts$/.test(path);
export const isCode = (path: string): boolean => /\.[mc]?[jt]s$/.test(path);

function packageName(specifier: string): string {
  const parts = specifier.split("/");
  return parts.slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
}

function resolve(tree: SourceTree, from: string, statement: ImportStatement): ImportTarget {
  const { specifier } = statement;
  if (specifier === null) return { _tag: "computed" };
  if (/^\.{0,2}\//.test(specifier) || specifier === "." || specifier === ".." || statement.kind === "url") {
    const path = posix.normalize(posix.join(posix.dirname(from), specifier));
    // A worker is started from the build, so its address names the emitted file.
    const source = statement.kind === "url" ? path.replace(/\.js$/, ".ts") : path;
    return { _tag: "file", path: tree.has(source) ? source : path };
  }
  if (specifier.startsWith("node:")) return { _tag: "builtin", name: specifier };
  if (BUILTINS.has(specifier) || BUILTINS.has(packageName(specifier))) {
    return { _tag: "builtin", name: `node:${specifier}` };
  }
  return { _tag: "package", name: packageName(specifier), specifier };
}

const parsed = new WeakMap<SourceTree, readonly Import[]>();

/** All imports of all code files, by file in sorted order, then by line. */
export function importsOf(tree: SourceTree): readonly Import[] {
  const known = parsed.get(tree);
  if (known !== undefined) return known;
  const imports = [...tree.keys()]
    .filter(isCode)
    .sort()
    .flatMap((from) =>
      scanImports(tree.get(from) ?? "").map((statement) => ({
        ...statement,
        from,
        target: resolve(tree, from, statement),
      })),
    );
  parsed.set(tree, imports);
  return imports;
}

/** The imports of each file that load something when the file is loaded; starting a worker is not one. */
export function runtimeImports(tree: SourceTree): ReadonlyMap<string, readonly Import[]> {
  const byFile = new Map<string, Import[]>();
  for (const entry of importsOf(tree)) {
    if (entry.typeOnly || entry.kind === "url") continue;
    const own = byFile.get(entry.from) ?? [];
    own.push(entry);
    byFile.set(entry.from, own);
  }
  return byFile;
}
