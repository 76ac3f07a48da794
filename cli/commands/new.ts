// SPDX-License-Identifier: GPL-2.0-only
//
// `vmapcheck new patch`: a project of its own for a patch that is written outside this package.

import { isPatchName, PATCH_NAME } from "../../review/patch/patch.ts";
import { quoted } from "../../spec/found-text.ts";
import { ALLOCATOR_IDS } from "../../spec/instance.ts";
import { nowSeconds } from "../clock.ts";
import type { Command, CommandEnd } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { shown } from "../files.ts";
import type { Io } from "../io.ts";
import { printJson } from "../json.ts";
import { skeletonOf } from "../new/skeleton.ts";
import { dependencyFrom, writeProject } from "../new/write-project.ts";
import { type Parsed, usage } from "../options.ts";

const USUAL_BASE = "global-tree";

/** The command. */
export const NEW: Command = {
  name: "new",
  synopsis: "patch NAME [OPTIONS]",
  summary: "writes the skeleton of a project for a patch of your own",
  description: [
    "Writes a folder with package.json, a class that extends one of the designs, and a vitest test that runs it with all " +
      "checks: a search of all interleavings of two small tasks, and random ones of larger programs. The class changes " +
      "nothing yet, and its test passes.",
    "Nothing is overwritten: a folder that holds anything is left as it is, and the exit code is 2.",
  ],
  options: [
    {
      name: "base",
      value: "DESIGN",
      text: `the design that the patch changes (${USUAL_BASE})`,
      choices: ALLOCATOR_IDS,
    },
    { name: "dir", value: "DIR", text: "the folder to make (by default NAME); its parent must exist" },
  ],
  examples: [
    ["vmapcheck new patch early-merge", "a patch to global-tree, in the folder early-merge"],
    ["vmapcheck new patch pool-limit --base size-pools --dir ../pools", "one to another design, elsewhere"],
  ],
  run: (parsed, io) => Promise.resolve(makeNew(parsed, io)),
};

function makeNew(parsed: Parsed, io: Io): CommandEnd {
  const began = nowSeconds();
  const [kind, name, extra] = parsed.positionals;
  if (kind !== "patch") {
    const found = kind === undefined ? "nothing" : quoted(kind);
    return { error: usage("command line", 'what to make, which is "patch"', found) };
  }
  if (name === undefined) return { error: usage("command line", "a name of the patch", "nothing") };
  if (extra !== undefined) return { error: usage("command line", "one name", `${quoted(extra)} as well`) };
  if (!isPatchName(name)) return { error: usage("NAME", PATCH_NAME, quoted(name)) };
  const base = ALLOCATOR_IDS.find((id) => id === (parsed.text("base") ?? USUAL_BASE))!;
  const folder = parsed.text("dir") ?? name;
  const files = skeletonOf({ name, base, vmapcheck: dependencyFrom(folder) });
  const error = writeProject(folder, files);
  if (error) return { error };
  if (parsed.has("json")) {
    const body = { name, base, folder, files: [...files.keys()] };
    printJson(io, "new", EXIT.held, body, { seconds: nowSeconds() - began });
    return EXIT.held;
  }
  io.setVerdict(EXIT.held);
  io.out(
    [
      `${shown(folder)}: a patch to ${base} that changes nothing yet`,
      ...[...files.keys()].map((path) => `  ${path}`),
      `Next: npm install and npm test in that folder, then the functions of the patch in src/${name}.ts`,
      "",
    ].join("\n"),
  );
  return EXIT.held;
}
