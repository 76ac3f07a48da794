// SPDX-License-Identifier: GPL-2.0-only
//
// The options of `vmapcheck run`, and the plan that they make: the configuration, the programs or how many random
// ones, the invariants. Every value is checked before anything runs.

import type { AllocatorId, Instance } from "../spec/instance.ts";
import type { Invariant } from "../spec/invariants.ts";
import { PROGRAMS_MAX } from "../spec/program-rules.ts";
import type { UserError } from "../spec/user-error.ts";
import { freshSeed } from "./clock.ts";
import { EMIT_TEST_OPTION } from "./emit-test.ts";
import {
  allocatorOf,
  ENVIRONMENT_OPTIONS,
  type GivenInstance,
  instanceOf,
  MACHINE_OPTIONS,
  MUTANT_OPTION,
  mutantOf,
  PROGRAM_OPTION,
} from "./instance-options.ts";
import { INSTANCE_FILE_OPTION, readInstanceFile } from "./instance-file.ts";
import { ORDER_OPTION } from "./ordered-run.ts";
import type { CasesRequest } from "./jobs/cases.ts";
import { type IntegerRange, type OptionSpec, type Parsed, usage } from "./options.ts";
import { seedOf, seedOption } from "./seed.ts";
import { type Watch, watchFor } from "./watched.ts";

const STRATEGIES = ["random", "pct", "mixed"] as const;

/** One run in so many checks every heap access, unless all do. */
const STRICT_SHARE = 50;

const count = (min: number, max: number): IntegerRange => ({ min, max });

/** All options of the command. */
export const RUN_OPTIONS: readonly OptionSpec[] = [
  ...MACHINE_OPTIONS,
  { name: "ops", value: "N", text: "most operations of a random program (6)", integer: count(1, 1000) },
  { name: "tasks", value: "N", text: "most random programs of a case (3)", integer: count(1, PROGRAMS_MAX) },
  { name: "pcpu", text: "random programs ask for congruent areas as well" },
  { ...PROGRAM_OPTION, text: `${PROGRAM_OPTION.text}; no random ones then` },
  ORDER_OPTION,
  INSTANCE_FILE_OPTION,
  { name: "strategy", value: "NAME", text: "how schedules are chosen (mixed)", choices: STRATEGIES },
  { name: "depth", value: "D", text: "depth of the strategy pct (3)", integer: count(1, 100) },
  { name: "cases", value: "N", text: "random cases (100)", integer: count(1, 1_000_000) },
  {
    name: "runs",
    value: "N",
    text: "interleavings of each case (300; 20000 with given programs)",
    integer: count(1, 1_000_000_000),
  },
  seedOption("programs and schedules", "a fresh one, which is printed"),
  ...ENVIRONMENT_OPTIONS,
  { name: "strict", text: `check every heap access in all runs; by default in one of ${STRICT_SHARE}` },
  {
    name: "invariants",
    value: "IDS",
    text: "ids with commas between them; expected: those that the design should keep (default); or all",
  },
  MUTANT_OPTION,
  { name: "out", value: "FILE", text: "where a counterexample is written" },
  EMIT_TEST_OPTION,
];

/** Stands for random programs with congruent areas where it is asked what a design is expected to keep. */
const WITH_PCPU: Instance["programs"] = [[{ op: "pcpu", name: "p", offsets: [0], sizes: [1], align: 1 }]];

/** What a command line asks for. */
export interface CasesPlan {
  readonly request: CasesRequest;
  /** Invariants that are not watched because the faithful port is known to violate them. */
  readonly left: readonly Invariant[];
  /** The file that holds the machine and the programs. */
  readonly file: string | undefined;
  readonly out: string | undefined;
}

type Failed = { readonly error: UserError };

/** The plan of a command line. */
export function planOf(
  parsed: Parsed,
  env: Readonly<Record<string, string | undefined>>,
): CasesPlan | Failed {
  const allocator = allocatorOf(parsed);
  if (typeof allocator !== "string") return allocator;
  const misplaced = misplacedOption(parsed);
  if (misplaced) return { error: misplaced };
  const instance = givenOf(parsed, allocator);
  if ("error" in instance) return instance;
  const mutant = mutantOf(parsed, allocator);
  if (typeof mutant === "object") return mutant;
  const { configuration, programs = [] } = instance;
  const watch = watchFor(
    { ...configuration, programs: parsed.has("pcpu") ? WITH_PCPU : programs },
    parsed.text("invariants") ?? "expected",
  );
  if ("error" in watch) return watch;
  const seed = seedOf(parsed, env, freshSeed);
  if (typeof seed === "object") return seed;
  const file = parsed.text("instance-file");
  return { ...planWith(parsed, seed, instance, mutant, watch), file, out: parsed.text("out") };
}

/** The instance of a file, in which the command line says what the environment may do; or that of the command line alone. */
function givenOf(parsed: Parsed, allocator: AllocatorId): GivenInstance | Failed {
  const given = instanceOf(parsed, allocator);
  if ("error" in given || !parsed.has("instance-file")) return given;
  const read = readInstanceFile(parsed, allocator);
  if ("error" in read) return read;
  const { programs, ...configuration } = read;
  const { faults, migrations } = given.configuration;
  return {
    configuration: {
      ...configuration,
      ...(parsed.has("faults") ? { faults } : {}),
      ...(parsed.has("migrations") ? { migrations } : {}),
    },
    programs,
  };
}

function planWith(
  parsed: Parsed,
  seed: string,
  { configuration, programs }: GivenInstance,
  mutant: string | undefined,
  { watched, left }: Watch,
): Omit<CasesPlan, "file" | "out"> {
  const runs = parsed.integer("runs", programs ? 20_000 : 300);
  const strategy = STRATEGIES.find((each) => each === parsed.text("strategy")) ?? "mixed";
  return {
    request: {
      configuration,
      mutant,
      programs,
      cases: programs ? 1 : parsed.integer("cases", 100),
      tasks: parsed.integer("tasks", 3),
      operations: parsed.integer("ops", 6),
      ...(parsed.has("pcpu") ? { pcpu: true as const } : {}),
      plan: {
        runs,
        strictRuns: parsed.has("strict") ? runs : Math.ceil(runs / STRICT_SHARE),
        strategy,
        ...(strategy === "pct" ? { depth: parsed.integer("depth", 3) } : {}),
        seed,
      },
      watched,
    },
    left,
  };
}

/** Options that would do nothing beside the others: nobody gives them without expecting something. */
function misplacedOption(parsed: Parsed): UserError | undefined {
  for (const name of ["ops", "tasks", "cases", "pcpu"]) {
    const given = ["program", "instance-file"].find((each) => parsed.has(each));
    if (given !== undefined && parsed.has(name)) {
      return usage(`--${name}`, `random programs, which --${given} rules out`, "both options");
    }
  }
  if (parsed.has("depth") && parsed.text("strategy") !== "pct") {
    return usage("--depth", "--strategy pct beside it", parsed.text("strategy") ?? "the default, mixed");
  }
  return undefined;
}
