// SPDX-License-Identifier: GPL-2.0-only
// Reads this repository into a source tree for the layout rules: the only part of them that touches a disk.
// It must never skip a folder in which sources could lie.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { SourceTree } from "./graph.ts";

export const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));

/** Folders of tools, and what a build or an install writes. */
const SKIPPED = new Set(["node_modules", "dist", "coverage"]);
const HIDDEN_BUT_OURS = new Set([".ci", ".github"]);
/** What peer tools write below bench/peers; elsewhere a folder may well have such a name. */
const PEER_OUTPUT = /^bench\/peers\/.*(?:^|\/)(?:build|target|states)$/;

const BYTES_MAX = 4 * 1024 * 1024;

function skipsFolder(path: string, name: string): boolean {
  if (name.startsWith(".")) return !HIDDEN_BUT_OURS.has(name);
  return SKIPPED.has(name) || PEER_OUTPUT.test(path);
}

/** All text files below a folder, by path with forward slashes; binary and huge files are left out. */
export function readTree(root: string): SourceTree {
  const tree = new Map<string, string>();
  const walk = (folder: string): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!skipsFolder(path, entry.name)) walk(path);
      } else if (entry.isFile() && statSync(join(root, path)).size <= BYTES_MAX) {
        const text = readFileSync(join(root, path), "utf8");
        if (!text.includes("\0")) tree.set(path, text);
      }
    }
  };
  walk("");
  return tree;
}
