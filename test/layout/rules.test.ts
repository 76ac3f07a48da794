// SPDX-License-Identifier: GPL-2.0-only
// Feeds each layout rule a small tree that breaks it, and one beside it that does not: a rule that cannot
// fail would guard nothing.
import { describe, expect, it } from "vitest";
import * as rules from "./rules.ts";

type Files = Readonly<Record<string, string>>;

const violations = (rule: rules.Rule, files: Files): string[] =>
  rules.format(rule(new Map(Object.entries(files))));

/** Files whose text does not matter. */
const empty = (...paths: string[]): Files => Object.fromEntries(paths.map((path) => [path, ""]));

describe("rooms", () => {
  it("reports a source outside every room", () => {
    expect(violations(rules.everySourceHasARoom, empty("lib/a.ts", "a.ts", "index/a.ts"))).toEqual([
      "a.ts:1 lies in no room; see test/layout/rooms.ts",
      "index/a.ts:1 lies in no room; see test/layout/rooms.ts",
      "lib/a.ts:1 lies in no room; see test/layout/rooms.ts",
    ]);
    const good = empty("spec/a.ts", "test/a.ts", "index.ts", "vitest.config.ts", "scripts/a.mjs", "lib/a.c");
    expect(violations(rules.everySourceHasARoom, good)).toEqual([]);
  });
});

describe("examples", () => {
  it("know the package by its name only", () => {
    const from = "examples/a/test/a.test.ts";
    const ways = [
      "../../../index.ts",
      "../../b/src/b.ts",
      "vmapcheck/dist/index.js",
      "fast-check",
      "node:fs",
    ];
    for (const way of ways) {
      expect(violations(rules.examplesFromOutside, { [from]: `import "${way}";` })).toEqual([
        `${from}:1 an example may not import "${way}"; allowed: vmapcheck, vitest, examples/a/`,
      ]);
    }
    const good = {
      [from]: 'import "vmapcheck";\nimport "vitest";\nimport "../src/a.ts";',
      "spec/a.ts": 'import "fs";',
    };
    expect(violations(rules.examplesFromOutside, good)).toEqual([]);
    expect(violations(rules.everySourceHasARoom, empty(from))).toEqual([]);
  });
});

describe("import arrows", () => {
  const breaks: [from: string, to: string][] = [
    ["spec/a.ts", "model/a.ts"],
    ["spec/a.ts", "explore/a.ts"],
    ["model/a.ts", "impl/heap/a.ts"],
    ["model/a.ts", "explore/sync.ts"],
    ["impl/a.ts", "model/a.ts"],
    ["impl/a.ts", "explore/engine.ts"],
    ["impl/a.ts", "properties/a.ts"],
    ["explore/a.ts", "spec/units.ts"],
    ["explore/a.ts", "impl/a.ts"],
    ["properties/a.ts", "review/a.ts"],
    ["properties/a.ts", "trace/a.ts"],
    ["trace/a.ts", "impl/a.ts"],
    ["trace/a.ts", "explore/a.ts"],
    ["review/a.ts", "trace/a.ts"],
    ["review/a.ts", "cli/a.ts"],
    ["cli/a.ts", "bench/a.ts"],
    ["cli/a.ts", "test/a.ts"],
    ["bench/a.ts", "cli/a.ts"],
    ["bench/a.ts", "test/a.ts"],
    ["index.ts", "cli/a.ts"],
    ["index.ts", "bench/a.ts"],
    ["spec/a.ts", "index.ts"],
    ["spec/a.ts", "scripts/a.mjs"],
    ["cli/a.ts", "../outside.ts"],
  ];
  const keeps: [from: string, to: string][] = [
    ["spec/a.ts", "spec/dossiers/b.ts"],
    ["model/a.ts", "spec/a.ts"],
    ["impl/allocators/a.ts", "explore/sync.ts"],
    ["impl/a.ts", "spec/a.ts"],
    ["explore/a.ts", "spec/schedule.ts"],
    ["properties/a.ts", "model/a.ts"],
    ["trace/a.ts", "model/a.ts"],
    ["review/a.ts", "properties/a.ts"],
    ["cli/a.ts", "trace/a.ts"],
    ["bench/a.ts", "review/a.ts"],
    ["index.ts", "review/a.ts"],
    ["test/a.ts", "cli/a.ts"],
    ["test/layout/a.ts", "scripts/a.mjs"],
  ];
  /** A tree in which one file imports another by its path from the root. */
  const edge = (from: string, to: string, statement = "import"): Files => {
    const up = "../".repeat(from.split("/").length - 1) || "./";
    return { [from]: `${statement} { a } from "${up}${to}";`, [to]: "" };
  };

  it.each(breaks)("%s may not import %s", (from, to) => {
    for (const statement of ["import", "import type", "export", "export type"]) {
      const found = violations(rules.importArrows, edge(from, to, statement));
      expect(found).toHaveLength(1);
      expect(found[0]).toContain(
        `${from}:1 ${from.split("/")[0]?.replace(".ts", "")} may not import ${to}; `,
      );
    }
  });

  it.each(keeps)("%s may import %s", (from, to) => {
    expect(violations(rules.importArrows, edge(from, to))).toEqual([]);
  });

  it("follows dynamic imports and the address of a worker, from the emitted name to its source", () => {
    const files = {
      "spec/a.ts": `\nawait import("../impl/a.ts");\nnew Worker(new URL("../cli/b.js", import.meta.url));`,
      "cli/b.ts": "",
    };
    expect(violations(rules.importArrows, files)).toEqual([
      "spec/a.ts:2 spec may not import impl/a.ts; allowed: nothing of ours",
      "spec/a.ts:3 spec may not import cli/b.ts; allowed: nothing of ours",
    ]);
    expect(violations(rules.importArrows, { "spec/a.ts": `new URL("..", import.meta.url);` })).toEqual([]);
  });
});

describe("specifiers", () => {
  it("reports a missing extension, a missing file, a computed name and require", () => {
    const files = {
      "spec/a.ts": `import "./b";\nimport "./c.ts";\nawait import(name);\nrequire("./b.ts");\nimport "./b.js";`,
      "spec/b.ts": `import "./a.ts";\nimport "fast-check";\nimport "node:fs";\nimport data from "./d.json";`,
      "spec/d.json": "{}",
    };
    expect(violations(rules.explicitSpecifiers, files)).toEqual([
      'spec/a.ts:1 "./b" has no .ts extension',
      "spec/a.ts:2 spec/c.ts does not exist",
      "spec/a.ts:3 imports a module whose name is computed",
      "spec/a.ts:4 require() is not for modules; use import",
      'spec/a.ts:5 "./b.js" has no .ts extension',
    ]);
  });

  it("reports an import into an internal folder from outside", () => {
    const text = `import "../explore/search/internal/table.ts";`;
    const found = ["explore/search/internal/table.ts is internal to explore/search/"];
    expect(violations(rules.internalFolders, { "explore/run.ts": text.replace("../explore", ".") })).toEqual(
      found.map((detail) => `explore/run.ts:1 ${detail}`),
    );
    expect(violations(rules.internalFolders, { "cli/a.ts": text })).toHaveLength(1);
    expect(
      violations(rules.internalFolders, { "explore/search/a.ts": `import "./internal/table.ts";` }),
    ).toEqual([]);
    expect(violations(rules.internalFolders, { "explore/search/internal/a.ts": `import "./b.ts";` })).toEqual(
      [],
    );
    expect(violations(rules.internalFolders, { "test/a.ts": text })).toEqual([]);
  });
});

describe("the schema library", () => {
  it("stays behind one module", () => {
    const files = {
      "spec/schema.ts": `import { Schema } from "@effect/schema";`,
      "spec/a.ts": `import { Schema } from "@effect/schema";\nimport * as P from "@effect/schema/ParseResult";`,
      "spec/b.ts": `import { isLeft } from "effect/Either";\nimport { make } from "effect/Schema";`,
      "cli/a.ts": `import type { Either } from "effect/Either";\nimport "@effect/other";`,
    };
    expect(violations(rules.schemaBehindOneModule, files)).toEqual([
      "cli/a.ts:1 only spec/ may import effect",
      "spec/a.ts:1 only spec/schema.ts may import @effect/schema",
      "spec/a.ts:2 only spec/schema.ts may import @effect/schema",
      "spec/b.ts:2 effect/Schema must not be mixed with @effect/schema",
    ]);
  });

  it("is not loaded by hot code, however far away, and types do not load it", () => {
    const files = {
      "spec/schema.ts": "",
      "spec/operation.ts": `import { Schema } from "./schema.ts";`,
      "spec/units.ts": `import type { Size } from "./schema.ts";`,
      "impl/heap.ts": `import { page } from "../spec/units.ts";\nimport type { Op } from "../spec/operation.ts";`,
      "impl/run.ts": `import { type Op } from "../spec/operation.ts";`,
      "model/a.ts": `export * from "../spec/schema.ts";`,
      "explore/a.ts": `import { isLeft } from "effect/Either";`,
      "explore/b.ts": `const a = () => import("./a.ts");`,
      "properties/a.ts": `import { Op } from "../spec/operation.ts";`,
    };
    expect(violations(rules.hotCodeLoadsNoSchema, files)).toEqual([
      "explore/a.ts:1 loads the schema library: explore/a.ts -> effect/Either",
      "explore/b.ts:1 loads the schema library: explore/b.ts -> explore/a.ts -> effect/Either",
      "impl/run.ts:1 loads the schema library: impl/run.ts -> spec/operation.ts -> spec/schema.ts",
      "model/a.ts:1 loads the schema library: model/a.ts -> spec/schema.ts",
    ]);
  });
});

describe("modules of others", () => {
  it("keeps modules of Node out of pure rooms, with and without the prefix", () => {
    const text = `import fs from "node:fs";\nimport { join } from "path/posix";\nimport type { Worker } from "worker_threads";`;
    for (const room of ["spec", "model", "impl", "explore", "properties"]) {
      expect(violations(rules.noBuiltinsInPureRooms, { [`${room}/a.ts`]: text })).toEqual([
        `${room}/a.ts:1 ${room} is pure: it may not import node:fs`,
        `${room}/a.ts:2 ${room} is pure: it may not import node:path/posix`,
        `${room}/a.ts:3 ${room} is pure: it may not import node:worker_threads`,
      ]);
    }
    const edge = { "cli/a.ts": text, "trace/a.ts": text, "explore/search/machine/a.ts": text };
    expect(violations(rules.noBuiltinsInPureRooms, edge)).toEqual([]);
  });

  it("keeps development packages out of sources, and all packages out of model and impl", () => {
    const rule = rules.packagesByRoom(["fast-check", "@effect/schema"]);
    const files = {
      "properties/a.ts": `import fc from "fast-check";\nimport { it } from "vitest";`,
      "spec/a.ts": `import "@effect/schema/Schema";`,
      "model/a.ts": `import fc from "fast-check";`,
      "test/a.ts": `import { it } from "vitest";`,
    };
    expect(violations(rule, files)).toEqual([
      "model/a.ts:1 model imports no package, found fast-check",
      "properties/a.ts:2 vitest is not a runtime dependency",
    ]);
  });
});

describe("cycles and dead files", () => {
  it("reports each cycle with its whole way", () => {
    const files = {
      "spec/a.ts": `import "./b.ts";`,
      "spec/b.ts": `export * from "./c.ts";`,
      "spec/c.ts": `\nimport { a } from "./a.ts";`,
      "spec/self.ts": `import "./self.ts";`,
      "spec/leads-in.ts": `import "./a.ts";`,
    };
    expect(violations(rules.noCycles, files)).toEqual([
      "spec/c.ts:2 import cycle: spec/a.ts -> spec/b.ts -> spec/c.ts -> spec/a.ts",
      "spec/self.ts:1 import cycle: spec/self.ts -> spec/self.ts",
    ]);
  });

  it("accepts a cycle of types and two ways to one file", () => {
    const files = {
      "spec/a.ts": `import "./b.ts";\nimport "./c.ts";`,
      "spec/b.ts": `import "./c.ts";\nimport type { A } from "./a.ts";`,
      "spec/c.ts": "",
    };
    expect(violations(rules.noCycles, files)).toEqual([]);
  });

  it("reports a source that no program reaches, and counts types and workers as reached", () => {
    const files = {
      "index.ts": `import type { A } from "./spec/a.ts";`,
      "cli/main.ts": `new URL("./worker.js", import.meta.url);`,
      "cli/worker.ts": "",
      "bench/main.ts": "",
      "spec/a.ts": "",
      "spec/dead.ts": "",
      "test/dead.test.ts": `import "../spec/dead.ts";`,
    };
    expect(violations(rules.noUnusedFiles, files)).toEqual([
      "spec/dead.ts:1 is not reached from index.ts, cli/main.ts, bench/main.ts",
    ]);
  });
});

describe("text", () => {
  it.each([
    "Math.random()",
    "Math . random()",
    "Math?.random()",
    `Math["random"]()`,
    "const { random } = Math;",
    "Date.now()",
    "performance.now()",
    "performance\n  .now()",
    "new Date()",
    "new globalThis.Date(0)",
    "Date()",
    "process.hrtime.bigint()",
    "crypto.randomUUID()",
    "crypto.getRandomValues(cells)",
    "`${Date.now()}`",
  ])("reports %j outside the clock module", (call) => {
    const text = `\nconst a = 1; ${call};`;
    expect(violations(rules.noNondeterminism, { "impl/a.ts": text })).toHaveLength(1);
    expect(violations(rules.noNondeterminism, { "cli/main.ts": text, "test/a.ts": text })).toHaveLength(2);
    expect(violations(rules.noNondeterminism, { "cli/clock.ts": text, "bench/run/a.ts": text })).toEqual([]);
  });

  it("accepts the same words in comments, strings and other names", () => {
    const text = `// Math.random()\nconst a = "Date.now()"; Math.max(1, 2); clock.now(); newDate(); renewal.Date();`;
    expect(violations(rules.noNondeterminism, { "impl/a.ts": text })).toEqual([]);
  });

  it("reports leftover marks in code, scripts and documents", () => {
    const marks = ["TO DO", "FIX ME", "X XX"].map((mark) => mark.replace(" ", ""));
    for (const mark of marks) {
      const text = `\n// ${mark}: later`;
      expect(violations(rules.noLeftoverMarks, { "impl/a.ts": text, "a.md": text, ".ci/run": text })).toEqual(
        [".ci/run", "a.md", "impl/a.ts"].map((file) => `${file}:2 leftover mark ${mark}`),
      );
    }
    expect(violations(rules.noLeftoverMarks, { "impl/a.ts": `const ${marks[0]}S = 0xXXXX;` })).toEqual([]);
  });

  it("reports a file above the limit, unless a reason stands beside it; a stale exception too", () => {
    const lines = (count: number): string => "a;\n".repeat(count);
    const files = { "impl/a.ts": lines(401), "impl/b.ts": lines(400), "impl/c.txt": lines(999) };
    expect(violations(rules.fileLength(), files)).toEqual(["impl/a.ts:401 has 401 lines, more than 400"]);
    expect(violations(rules.fileLength({ "impl/a.ts": "one table" }), files)).toEqual([]);
    expect(violations(rules.fileLength({ "impl/a.ts": " " }), files)).toHaveLength(1);
    expect(violations(rules.fileLength({ "impl/a.ts": "one table", "impl/b.ts": "long" }), files)).toEqual([
      "impl/b.ts:1 needs no exception from the length limit",
    ]);
  });

  it("reports names that say nothing", () => {
    const bad = [
      "cli/misc/a.ts",
      "impl/common.ts",
      "spec/helper.ts",
      "spec/text-utils.ts",
      "test/utils.test.ts",
    ];
    expect(violations(rules.tellingNames, empty(...bad))).toEqual(
      bad.map((file) => `${file}:1 has a name that says nothing of its content`),
    );
    expect(violations(rules.tellingNames, empty("impl/common-rail.ts", "impl/helperless.ts"))).toEqual([]);
  });

  it("reports a code file without the licence line", () => {
    const line = "// SPDX-License-Identifier: GPL-2.0-only";
    const files = {
      "spec/a.ts": `${line}\n`,
      "cli/main.ts": `#!/usr/bin/env node\n${line}\n`,
      "spec/b.ts": `\n${line}\n`,
      "spec/c.ts": `${line} WITH something\n`,
      "spec/d.ts": "",
      "scripts/e.mjs": "export {};",
    };
    expect(violations(rules.licenseLines, files).map((text) => text.split(" ")[0])).toEqual([
      "scripts/e.mjs:1",
      "spec/b.ts:1",
      "spec/c.ts:1",
      "spec/d.ts:1",
    ]);
  });

  it("reports paths of one machine", () => {
    const home = ["", "home", "someone", "linux"].join("/");
    const rule = rules.noMachinePaths("/srv/code.d/vmapcheck");
    const text = `a\nsee ${home}\nfile://${home}\n"/srv/code.d/vmapcheck/dist"\n`;
    expect(violations(rule, { "a.md": text })).toEqual([
      `a.md:2 names a path of one machine: ${home.replace("/linux", "")}`,
      `a.md:3 names a path of one machine: ${home.replace("/linux", "")}`,
      "a.md:4 names a path of one machine: /srv/code.d/vmapcheck",
    ]);
    const good =
      "https://example.org/home/page ./root/a.ts /srv/codexd/vmapcheck /srv/code.d/vmapcheck-2 /usr/share";
    expect(violations(rule, { "a.md": good })).toEqual([]);
    expect(violations(rules.noMachinePaths("/app"), { "a.md": "/app/index.ts" })).toEqual([]);
  });

  it("reports registry addresses", () => {
    const address = ["https:", "", "registry.example.org", "a.tgz"].join("/");
    const files = {
      "package-lock.json": `{\n  "resolved"${": "}"${address.replace("registry", "mirror")}"\n}`,
      "CONTRIBUTING.md": address,
      ".npmrc": ["fund=false", "registry=internal"].join("\n"),
    };
    expect(violations(rules.noRegistryAddress, files).map((text) => text.split(" ")[0])).toEqual([
      ".npmrc:2",
      "CONTRIBUTING.md:1",
      "package-lock.json:2",
    ]);
    expect(
      violations(rules.noRegistryAddress, { ".npmrc": "audit=false", "a.ts": "registry.add(a)" }),
    ).toEqual([]);
  });
});
