// SPDX-License-Identifier: GPL-2.0-only
// Holds this repository to the layout rules. That each rule can fail is shown in rules.test.ts.
import { describe, expect, it } from "vitest";
import { DOCUMENT, renderAbstractions } from "../../scripts/abstractions.mjs";
import { isTypeScript } from "./graph.ts";
import { ARROWS, ENTRY_POINTS } from "./rooms.ts";
import * as rules from "./rules.ts";
import { readTree, REPOSITORY } from "./tree.ts";

const tree = readTree(REPOSITORY);
const manifest = JSON.parse(tree.get("package.json") ?? "{}") as { dependencies: Record<string, string> };

const RULES: readonly [claim: string, rule: rules.Rule][] = [
  ["every source lies in a room", rules.everySourceHasARoom],
  ["examples are written from the outside", rules.examplesFromOutside],
  ["imports follow the arrows between rooms", rules.importArrows],
  ["imports name an existing file with its extension", rules.explicitSpecifiers],
  ["internal folders are imported from beside them only", rules.internalFolders],
  ["the schema library stays behind one module", rules.schemaBehindOneModule],
  ["hot code does not load the schema library", rules.hotCodeLoadsNoSchema],
  ["pure rooms import no module of Node", rules.noBuiltinsInPureRooms],
  ["sources import runtime dependencies only", rules.packagesByRoom(Object.keys(manifest.dependencies))],
  ["no file loads itself through others", rules.noCycles],
  ["clocks and unseeded numbers are read in named modules only", rules.noNondeterminism],
  ["no leftover marks", rules.noLeftoverMarks],
  ["no file is too long", rules.fileLength()],
  ["names of files say what they hold", rules.tellingNames],
  ["code files open with the licence line", rules.licenseLines],
  ["no path of one machine", rules.noMachinePaths(REPOSITORY)],
  ["no address of a registry", rules.noRegistryAddress],
];

describe("layout of the repository", () => {
  it.each(RULES)("%s", (_claim, rule) => {
    expect(rules.format(rule(tree))).toEqual([]);
  });

  it.runIf(ENTRY_POINTS.every((path) => tree.has(path)))("no source file is dead", () => {
    expect(rules.format(rules.noUnusedFiles(tree))).toEqual([]);
  });

  it("every rule of the engine is applied", () => {
    const applied = new Set(RULES.map(([, rule]) => rule));
    const left = Object.entries(rules)
      .filter(([, rule]) => !applied.has(rule as rules.Rule))
      .map(([name]) => name);
    // Three of these make the rules applied above, one renders; dead files are looked for once every program exists.
    expect(left.sort()).toEqual([
      "fileLength",
      "format",
      "noMachinePaths",
      "noUnusedFiles",
      "packagesByRoom",
    ]);
  });

  it("lists the notes on abstractions (else run: npm run docs:abstractions)", () => {
    expect(tree.get(DOCUMENT)).toBe(renderAbstractions(tree));
  });

  it("shows the arrows to people as the rules apply them", () => {
    const shown = new Map(
      [...(tree.get("CONTRIBUTING.md") ?? "").matchAll(/^\| `([\w.]+)\/?` +\|.*\| (.*?) *\|$/gm)].map(
        ([, room, arrows]) => [room, arrows],
      ),
    );
    const name = (entry: string): string => (entry.includes(".") ? `\`${entry}\`` : `\`${entry}/\``);
    for (const [room, arrows] of Object.entries(ARROWS)) {
      const text = arrows.map((entry) => name(entry === "index" ? "index.ts" : entry)).join(", ");
      expect(shown.get(room === "index" ? "index.ts" : room)).toBe(text || "nothing of ours");
    }
    expect(shown.size).toBe(Object.keys(ARROWS).length);
  });

  it("reads the tree: the rules see themselves, and nothing that is built or installed", () => {
    const paths = [...tree.keys()];
    expect(paths.filter(isTypeScript)).toContain("test/layout/dependency-rules.test.ts");
    expect(paths.filter((path) => /(?:^|\/)(?:node_modules|dist|\.git)\//.test(path))).toEqual([]);
  });
});
