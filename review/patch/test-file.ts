// SPDX-License-Identifier: GPL-2.0-only
//
// A counterexample as a vitest file of its own, to be put into any project that has vmapcheck: it fails as long as the
// design violates what the counterexample shows, with the run as its message, and passes once the design is repaired.

import type { Counterexample } from "../../spec/counterexample.ts";
import { INVARIANTS, type Invariant } from "../../spec/invariants.ts";
import { printPrograms } from "../../spec/program-text.ts";
import { configurationLines } from "../render/configuration-text.ts";
import { wrap } from "../render/text-layout.ts";
import { literalOf } from "./literal.ts";
import { patchNameIn } from "./patch.ts";

/** Where the class of a patch of one's own comes from. */
export interface DesignSource {
  /** The exported name of the class. */
  readonly name: string;
  /** What is imported, as it is written in the test. */
  readonly from: string;
}

const WIDTH = 96;

const HOW_IT_ENDS = [
  "It replays the schedule below on DESIGN, and fails while that violates the invariant: the message is the run. A " +
    "schedule is a list of deviations from running each task to its end, by number of step. A repaired design takes other " +
    "steps, and deviations that it has no place for are left out, so that one run which holds says little. Therefore other " +
    "interleavings of the same programs are run as well (of a closed instance: its states are searched), always the same " +
    "ones, and the test passes only if none of them violates the invariant. Runs that are cut off decide nothing: it fails.",
  "To test a repair, put its class in the place of DESIGN: one that extends it. More invariants than this one, and more " +
    "programs, are for huntPatch() and searchPatch().",
];

/**
 * The text of the test file, with a final newline; equal arguments give equal texts. A counterexample of a patch of one's
 * own needs the `source` of its class; throws without it.
 */
export function testFileOf(counterexample: Counterexample, source?: DesignSource): string {
  const { instance, violation, schedule, stateDigest, choicesDigest, tool } = counterexample;
  const { invariant: id } = violation;
  const invariant: Invariant | undefined = INVARIANTS.find((each) => each.id === id);
  const { expression, imported, where } = designOf(counterexample, source);
  const body = { instance, schedule, violation, stateDigest, choicesDigest };
  const title = `${id} holds in ${where}`;
  return [
    ...commentOf([
      `${id} in ${where}, as vmapcheck ${tool} found it.`,
      ...(invariant ? [invariant.statement] : []),
      ...HOW_IT_ENDS,
    ]),
    "",
    'import { expect, test } from "vitest";',
    `import { ${[imported, "replayOn", "type Replayable"].filter((each) => each !== "").join(", ")} } from "vmapcheck";`,
    ...(source ? [`import { ${source.name} } from ${JSON.stringify(source.from)};`] : []),
    "",
    `const DESIGN = ${expression};`,
    "",
    ...[...configurationLines(instance, WIDTH), ...printPrograms(instance.programs).split("\n")].map((line) =>
      `// ${line}`.trimEnd(),
    ),
    `const COUNTEREXAMPLE: Replayable = ${literalOf(body)};`,
    "",
    `test(${JSON.stringify(title)}, () => {`,
    "  const { text, verdict } = replayOn(DESIGN, COUNTEREXAMPLE);",
    '  expect(verdict, text).toBe("held");',
    "}, 60_000);",
    "",
  ].join("\n");
}

function designOf(
  { instance: { allocator }, mutant }: Counterexample,
  source: DesignSource | undefined,
): { readonly expression: string; readonly imported: string; readonly where: string } {
  if (source) {
    const patch = mutant === undefined ? undefined : patchNameIn(mutant);
    const where = patch === undefined ? source.name : `${allocator} with the patch ${patch}`;
    return { expression: source.name, imported: "", where };
  }
  if (mutant === undefined) {
    return {
      expression: `ALLOCATORS[${JSON.stringify(allocator)}]`,
      imported: "ALLOCATORS",
      where: allocator,
    };
  }
  if (patchNameIn(mutant) !== undefined) {
    throw new Error(`testFileOf: expected the source of the class of ${mutant}, found none`);
  }
  const expression = `mutantOf(${JSON.stringify(mutant)}).make`;
  return { expression, imported: "mutantOf", where: `${allocator}, mutant ${mutant}` };
}

function commentOf(paragraphs: readonly string[]): readonly string[] {
  return paragraphs.flatMap((paragraph, i) => [
    ...(i === 0 ? [] : ["//"]),
    ...wrap(paragraph, WIDTH).map((line) => `// ${line}`),
  ]);
}
