// SPDX-License-Identifier: GPL-2.0-only
//
// Compares the designs of a dossier, on each revision, and holds what differs against what the dossier expects: a kind
// that nobody expected, or an expected one that is not seen, speaks against what this project stands for.

import { compareDesigns } from "../properties/differential/differential.ts";
import type { DesignPair } from "../properties/differential/pair.ts";
import type { RaceDifference } from "../properties/differential/races.ts";
import type { DifferenceKind, ExpectedDifference } from "../spec/differences.ts";
import type { Dossier } from "../spec/dossier.ts";
import type { AllocatorId } from "../spec/instance.ts";
import type { Designs } from "./campaigns.ts";
import type { DifferenceLine, DifferenceResult, RaceExample } from "./difference-report.ts";
import { exampleOf } from "./render/difference-example.ts";
import { count } from "./render/text-layout.ts";

/** One revision of a patch that is to be compared. */
export interface Comparison {
  /** Id of the dossier and version, for a progress display. */
  readonly id: string;
  readonly dossier: Dossier;
  readonly version: string;
  readonly after: AllocatorId;
  readonly expected: readonly ExpectedDifference[];
}

/** The comparisons of a dossier: its own design, then those of later revisions. */
export function comparisonsOf(dossier: Dossier): readonly Comparison[] {
  const { id, version, after, differences, revisions } = dossier;
  return [
    { version, after, expected: differences.expected },
    ...revisions.map((each) => ({ version: each.id, after: each.design, expected: each.differences })),
  ].map((each) => ({ id: `${id} ${each.version}`, dossier, ...each }));
}

/** How much is compared. */
export interface ComparisonOptions {
  readonly seed: string;
  /** What the gate has time for. */
  readonly small: boolean;
  readonly designs?: Designs | undefined;
  /** Whether to stop. */
  readonly heed: () => boolean;
}

/** Compares one revision. */
export function compareRevision(
  { dossier, version, after, expected }: Comparison,
  { seed, small, designs, heed }: ComparisonOptions,
): DifferenceResult {
  const { before, differences: plan, id: patch } = dossier;
  const pair: DesignPair = [
    { allocator: before, design: designs?.[before] },
    { allocator: after, design: designs?.[after] },
  ];
  const result = compareDesigns(pair, plan, { seed, small, heed });
  const said = (kind: DifferenceKind): ExpectedDifference | undefined =>
    expected.find((each) => each.kind === kind);
  const kinds: DifferenceLine[] = [
    ...result.differences.map((each) => ({
      kind: each.kind,
      expected: said(each.kind),
      count: each.count,
      ...(each.drawn && { drawn: true }),
      example: exampleOf(pair, each.case, each.kind),
    })),
    ...result.races.differences.map((each) => ({
      kind: each.kind,
      expected: said(each.kind),
      count: each.count,
      race: raceOf(each),
    })),
  ];
  const isWhole = result.done && !small;
  return {
    patch,
    version,
    before,
    after,
    operationsMax: result.operationsMax,
    machines: result.machines,
    programs: result.programs,
    randomPrograms: result.randomPrograms,
    races: result.races.programs,
    states: result.races.states,
    kinds,
    missing: isWhole ? expected.filter(({ kind }) => !kinds.some((each) => each.kind === kind)) : [],
    undecided: [
      ...(result.done ? [] : ["the comparison was cut short"]),
      ...(result.races.undecided === 0
        ? []
        : [`${count(result.races.undecided, "program")} not searched to the end`]),
    ],
  };
}

/** What speaks against what the dossier expects, one line each. */
export function differenceProblems(results: readonly DifferenceResult[]): readonly string[] {
  return results.flatMap(({ patch, version, kinds, missing }) => [
    ...kinds
      .filter(({ expected }) => !expected)
      .map(({ kind, example, race }) => {
        const programs = (example ?? race)?.programs.map((each) => `"${each}"`).join(" beside ");
        return `${patch} ${version}: nobody expects "${kind}", as in ${programs}`;
      }),
    ...missing.map(({ kind }) => `${patch} ${version}: "${kind}" was expected, and not seen`),
  ]);
}

function raceOf({ race, both, only }: RaceDifference): RaceExample {
  return { machine: race.machine, programs: race.programs, both, only };
}
