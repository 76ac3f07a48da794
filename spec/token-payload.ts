// SPDX-License-Identifier: GPL-2.0-only
//
// The payload of a replay token: a counterexample as one flat JSON list, with its programs as text, which is half
// as long as the counterexample's own JSON. Decoding checks as much as for a file.

import type { Counterexample } from "./counterexample.ts";
import { decodeCounterexample } from "./counterexample-schema.ts";
import { BOOT_PHASES, type Instance, type PageRange } from "./instance.ts";
import { parsePrograms, printPrograms } from "./program-text.ts";
import { S, decodeOrExplain } from "./schema.ts";
import type { Result } from "./user-error.ts";

const Pair = S.Tuple(S.Number, S.Number).annotations({ description: "a pair of numbers" });

/** The list's items, in order. Numbers and words are checked only when the counterexample is put together. */
const PayloadSchema = S.Tuple(
  S.String, // tool
  S.String, // allocator
  S.Number, // spacePages
  Pair, // vmalloc
  S.NullOr(Pair), // modules
  // cpus, nodes, blockPages, lazyMaxPages, migrations, pageSize and closed.liveMax (0: not named)
  S.Tuple(S.Number, S.Number, S.Number, S.Number, S.Number, S.Number, S.Number),
  S.Number, // fault budget
  S.Array(S.String), // fault points
  S.String, // programs
  S.NullOr(S.String), // mutant
  S.Array(Pair), // switches
  S.Array(Pair), // choices
  S.Tuple(S.String, S.String, S.Number), // invariant, message, step
  S.String, // state digest
  S.String, // choices digest
  // poolPages, workers.idle + 1, workers.stackPages, place of boot + 1 (0: not named); left out if none is named
  S.optionalElement(S.Tuple(S.Number, S.Number, S.Number, S.Number)),
);

/** A counterexample as a list. */
export function packCounterexample(counterexample: Counterexample): typeof PayloadSchema.Type {
  const { tool, instance, mutant, schedule, violation, stateDigest, choicesDigest } = counterexample;
  const { cpus, nodes, blockPages, lazyMaxPages, migrations, pageSize = 0 } = instance;
  return [
    tool,
    instance.allocator,
    instance.spacePages,
    fromRange(instance.vmalloc),
    instance.modules === undefined ? null : fromRange(instance.modules),
    [cpus, nodes, blockPages, lazyMaxPages, migrations, pageSize, instance.closed?.liveMax ?? 0],
    instance.faults.budget,
    instance.faults.points,
    printPrograms(instance.programs),
    mutant ?? null,
    schedule.switches.map(({ at, to }) => [at, to] as const),
    schedule.choices.map(({ at, value }) => [at, value] as const),
    [violation.invariant, violation.message, violation.step],
    stateDigest,
    choicesDigest,
    ...fromPools(instance),
  ];
}

/** The counterexample that a list stands for. `source` names the token in errors. */
export function unpackCounterexample(value: unknown, source: string): Result<Counterexample> {
  const payload = decodeOrExplain(PayloadSchema, value, source);
  if (!payload.ok) return payload;
  const [tool, allocator, spacePages, vmalloc, modules, counts, budget, points, text, ...rest] =
    payload.value;
  const [mutant, switches, choices, [invariant, message, step], stateDigest, choicesDigest, pools] = rest;
  const [cpus, nodes, blockPages, lazyMaxPages, migrations, pageSize, liveMax] = counts;
  const programs = parsePrograms(text, `${source} programs`);
  if (!programs.ok) return programs;
  const counterexample = {
    tool,
    instance: {
      allocator,
      spacePages,
      vmalloc: toRange(vmalloc),
      ...(modules === null ? {} : { modules: toRange(modules) }),
      cpus,
      nodes,
      blockPages,
      lazyMaxPages,
      ...(pageSize === 0 ? {} : { pageSize }),
      ...(pools === undefined ? {} : toPools(pools)),
      ...(liveMax === 0 ? {} : { closed: { liveMax } }),
      faults: { budget, points },
      migrations,
      programs: programs.value,
    },
    ...(mutant === null ? {} : { mutant }),
    schedule: {
      switches: switches.map(([at, to]) => ({ at, to })),
      choices: choices.map(([at, choice]) => ({ at, value: choice })),
    },
    violation: { invariant, message, step },
    stateDigest,
    choicesDigest,
  };
  return decodeCounterexample(counterexample, source);
}

type Pools = readonly [poolPages: number, idle: number, stackPages: number, boot: number];

// A token without any of these is what it was before they were known.
function fromPools({ poolPages = 0, workers, boot }: Instance): readonly [Pools] | readonly [] {
  if (poolPages === 0 && workers === undefined && boot === undefined) return [];
  const idle = workers === undefined ? 0 : workers.idle + 1;
  return [
    [poolPages, idle, workers?.stackPages ?? 0, boot === undefined ? 0 : BOOT_PHASES.indexOf(boot) + 1],
  ];
}

// Numbers that mean nothing go on as they are, so that the rules name them.
function toPools([poolPages, idle, stackPages, boot]: Pools): Readonly<Record<string, unknown>> {
  const workers = { idle: idle - 1, ...(stackPages === 0 ? {} : { stackPages }) };
  return {
    ...(poolPages === 0 ? {} : { poolPages }),
    ...(idle === 0 && stackPages === 0 ? {} : { workers }),
    ...(boot === 0 ? {} : { boot: BOOT_PHASES[boot - 1] ?? boot }),
  };
}

function fromRange(range: PageRange): readonly [number, number] {
  return [range.start, range.end];
}

function toRange([start, end]: readonly [number, number]): PageRange {
  return { start, end };
}
