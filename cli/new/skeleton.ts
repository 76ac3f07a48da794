// SPDX-License-Identifier: GPL-2.0-only
//
// The files of a new project for a patch of one's own: what `vmapcheck new patch` writes.

import { ALLOCATORS } from "../../impl/allocators/registry.ts";
import type { AllocatorId } from "../../spec/instance.ts";

/** What a skeleton is made for. */
export interface SkeletonPlan {
  /** Name of the patch. */
  readonly name: string;
  readonly base: AllocatorId;
  /** What package.json asks for as `vmapcheck`. */
  readonly vmapcheck: string;
}

/** Versions of the tools in a new project: those that this package is tested with. */
export const TOOLS = { typescript: "~7.0.2", vitest: "~4.1.12" } as const;

const LICENCE = "// SPDX-License-Identifier: GPL-2.0-only";

/** The files, by path within the project. Equal plans give equal texts. */
export function skeletonOf(plan: SkeletonPlan): ReadonlyMap<string, string> {
  return new Map([
    ["README.md", readme(plan)],
    ["package.json", json(packageOf(plan))],
    [`src/${plan.name}.ts`, source(plan)],
    [`test/${plan.name}.test.ts`, testOf(plan)],
    ["tsconfig.json", json(TSCONFIG)],
  ]);
}

const TSCONFIG = {
  compilerOptions: {
    target: "ES2022",
    lib: ["ES2023"],
    module: "NodeNext",
    types: [],
    noEmit: true,
    allowImportingTsExtensions: true,
    strict: true,
    noImplicitOverride: true,
    noUncheckedIndexedAccess: true,
    verbatimModuleSyntax: true,
    skipLibCheck: true,
  },
  include: ["src/**/*.ts", "test/**/*.ts"],
};

function packageOf({ name, vmapcheck }: SkeletonPlan): object {
  return {
    // Not the bare name: a package cannot depend on one of its own name, as vitest.
    name: `vmapcheck-${name}`,
    version: "0.0.0",
    private: true,
    license: "GPL-2.0-only",
    type: "module",
    engines: { node: ">=20.19.0" },
    scripts: { test: "vitest run", typecheck: "tsc" },
    devDependencies: { ...TOOLS, vmapcheck },
  };
}

function source({ name, base }: SkeletonPlan): string {
  const Base = ALLOCATORS[base].name;
  return `${LICENCE}
//
// The patch ${name}, to the design ${base}. Override the functions that the diff changes, and no others.

import { definePatch, ${Base} } from "vmapcheck";

/** What the patch makes of ${base}. */
export class ${classNameOf(name)} extends ${Base} {
  // An example that changes nothing: the argument checks of alloc_vmap_area().
  protected override isValidRequest(size: number, align: number): boolean {
    return super.isValidRequest(size, align);
  }
}

export const PATCH = definePatch({
  name: "${name}",
  title: "changes nothing yet",
  base: "${base}",
  design: ${classNameOf(name)},
});
`;
}

function testOf({ name, base }: SkeletonPlan): string {
  return `${LICENCE}
//
// What the patch ${name} has to keep: every invariant that ${base} keeps itself.

import { expect, test } from "vitest";
import { huntPatch, huntPatchAtRandom, instanceOf, searchPatch } from "vmapcheck";
import { PATCH } from "../src/${name}.ts";

// A small machine, and two tasks on it.
const SMALL = instanceOf(PATCH.base, { space: 8, cpus: 1, lazyMax: 2 }, "a=alloc(1); free(a)", "b=alloc(2); purge");

// A larger one, in which any one allocation of the kernel's own may fail.
const LARGER = instanceOf(
  PATCH.base,
  { space: 16, lazyMax: 3, faults: "all" },
  "a=alloc(1); b=alloc(2); free(a); free(b)",
  "c=alloc(3); free(c); purge",
);

test("every interleaving of two small tasks", () => {
  const { text, verdict } = searchPatch(PATCH, SMALL);
  expect(verdict, text).toBe("held");
}, 60_000);

test("random interleavings of larger ones", () => {
  const { text, verdict } = huntPatch(PATCH, LARGER, { seed: "${name}" });
  expect(verdict, text).toBe("held");
}, 60_000);

test("random programs", () => {
  const { text, verdict } = huntPatchAtRandom(PATCH, LARGER, { seed: "${name}", cases: 20 });
  expect(verdict, text).toBe("held");
}, 60_000);
`;
}

function readme({ name, base }: SkeletonPlan): string {
  return `# ${name}

A patch to the design \`${base}\` of vmapcheck.

    npm install
    npm test            # runs the patch with all checks
    npm run typecheck

- \`src/${name}.ts\` holds the patch: a class that overrides the functions that the diff changes.
- \`test/${name}.test.ts\` searches all interleavings of two small tasks, and hunts in random ones of larger programs.
  A violation is shown as a counterexample with nothing in it that could be left out.

What a step is, what may be overridden and how a counterexample is replayed: \`docs/library.md\` of vmapcheck.
`;
}

function json(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

// Never the name of a design.
function classNameOf(name: string): string {
  const words = name.replace(/(?:^|-)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  return `${words}Patch`;
}
