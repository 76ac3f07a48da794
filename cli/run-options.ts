// SPDX-License-Identifier: GPL-2.0-only
//
// The options of `vmapcheck run`, and the plan that they make: the configuration, the programs or how many random
// ones, the invariants. Every value is checked before anything runs.

import { MUTANTS } from "../properties/mutants/catalogue.ts";
import { FAULT_POINTS, type FaultPoint } from "../spec/faults.ts";
import { quoted } from "../spec/found-text.ts";
import { ALLOCATOR_IDS, type AllocatorId, type Configuration, type Instance } from "../spec/instance.ts";
import { LIMITS, validateConfiguration } from "../spec/instance-rules.ts";
import type { Invariant } from "../spec/invariants.ts";
import { PROGRAMS_MAX, validatePrograms } from "../spec/program-rules.ts";
import { parseProgram } from "../spec/program-text.ts";
import { PAGE_SIZE_DEFAULT, PAGE_SIZE_LIMITS } from "../spec/units.ts";
import type { InputError, UserError } from "../spec/user-error.ts";
import { freshSeed } from "./clock.ts";
import type { CasesRequest } from "./jobs/cases.ts";
import { nearest } from "./nearest.ts";
import {
  type IntegerRange,
  optionError,
  type OptionSpec,
  pagesProblem,
  type Parsed,
  usage,
} from "./options.ts";
import { seedOf, seedOption } from "./seed.ts";
import { type Watch, watchFor } from "./watched.ts";

/** Largest space that is simulated, pages. */
const SPACE_MAX = 65_536;

const STRATEGIES = ["random", "pct", "mixed"] as const;

/** One run in so many checks every heap access, unless all do. */
const STRICT_SHARE = 50;

const count = (min: number, max: number): IntegerRange => ({ min, max });

/** All options of the command. */
export const RUN_OPTIONS: readonly OptionSpec[] = [
  { name: "cpus", value: "N", text: "CPUs (2)", integer: count(1, LIMITS.cpusMax) },
  { name: "nodes", value: "N", text: "vmap nodes (2)", integer: count(1, LIMITS.nodesMax) },
  {
    name: "block",
    value: "PAGES",
    text: "pages of a block and of a zone (8); here and below also in bytes, as 32K",
    integer: count(1, SPACE_MAX),
    pages: true,
  },
  {
    name: "space",
    value: "PAGES",
    text: "pages of the space (32)",
    integer: count(1, SPACE_MAX),
    pages: true,
  },
  {
    name: "lazy-max",
    value: "PAGES",
    text: "lazily freed pages above which the drain work is scheduled (4)",
    integer: count(0, SPACE_MAX),
    pages: true,
  },
  {
    name: "page-size",
    value: "BYTES",
    text: `bytes of a page, for sizes that are given in bytes (${PAGE_SIZE_DEFAULT})`,
    integer: PAGE_SIZE_LIMITS,
  },
  { name: "ops", value: "N", text: "most operations of a random program (6)", integer: count(1, 1000) },
  { name: "tasks", value: "N", text: "most random programs of a case (3)", integer: count(1, PROGRAMS_MAX) },
  {
    name: "program",
    value: "TEXT",
    text: 'the program of a task, as in "a=alloc(2,align=4); find(a+1); free(a); purge"; no random ones then',
    repeatable: true,
  },
  { name: "strategy", value: "NAME", text: "how schedules are chosen (mixed)", choices: STRATEGIES },
  { name: "depth", value: "D", text: "depth of the strategy pct (3)", integer: count(1, 100) },
  { name: "cases", value: "N", text: "random cases (100)", integer: count(1, 1_000_000) },
  {
    name: "runs",
    value: "N",
    text: "interleavings of each case (300; 20000 with --program)",
    integer: count(1, 1_000_000_000),
  },
  seedOption("programs and schedules", "a fresh one, which is printed"),
  {
    name: "faults",
    value: "POINTS",
    text: `where the kernel's own allocations may fail: all, or some of ${FAULT_POINTS.join(",")}`,
  },
  { name: "fault-budget", value: "N", text: "failures in one run (1)", integer: count(1, 1000) },
  { name: "migrations", value: "N", text: "migrations between CPUs in one run (0)", integer: count(0, 1000) },
  { name: "strict", text: `check every heap access in all runs; by default in one of ${STRICT_SHARE}` },
  {
    name: "invariants",
    value: "IDS",
    text: "ids with commas between them; expected: those that the design should keep (default); or all",
  },
  { name: "mutant", value: "ID", text: "check a mutant of the design instead (vmapcheck list mutants)" },
  { name: "out", value: "FILE", text: "where a counterexample is written" },
];

/** What a command line asks for. */
export interface CasesPlan {
  readonly request: CasesRequest;
  /** Invariants that are not watched because the faithful port is known to violate them. */
  readonly left: readonly Invariant[];
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
  const faults = faultsOf(parsed);
  if ("error" in faults) return faults;
  const pageSize = parsed.integer("page-size", PAGE_SIZE_DEFAULT);
  for (const spec of RUN_OPTIONS) {
    const notPages = pagesProblem(spec, parsed, pageSize);
    if (notPages) return { error: notPages };
  }
  const configuration = configurationOf(parsed, allocator, faults, pageSize);
  const size = sizeProblem(configuration, parsed);
  if (size) return { error: size };
  const wrong = validateConfiguration(configuration, "command line");
  if (wrong) return { error: asOptionError(wrong) };
  const programs = programsOf(parsed, configuration);
  if (programs && "error" in programs) return programs;
  const mutant = mutantOf(parsed, allocator);
  if (typeof mutant === "object") return mutant;
  const watch = watchFor(allocator, parsed.text("invariants") ?? "expected");
  if ("error" in watch) return watch;
  const seed = seedOf(parsed, env, freshSeed);
  if (typeof seed === "object") return seed;
  return { ...planWith(parsed, seed, configuration, programs, mutant, watch), out: parsed.text("out") };
}

function planWith(
  parsed: Parsed,
  seed: string,
  configuration: Configuration,
  programs: Instance["programs"] | undefined,
  mutant: string | undefined,
  { watched, left }: Watch,
): Omit<CasesPlan, "out"> {
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

function allocatorOf(parsed: Parsed): AllocatorId | Failed {
  const [name, extra] = parsed.positionals;
  const expected = `one of ${ALLOCATOR_IDS.join(", ")}`;
  if (name === undefined) return { error: usage("ALLOCATOR", expected, "nothing") };
  if (extra !== undefined) {
    return { error: usage("command line", "one allocator", `${quoted(extra)} as well`) };
  }
  const found = ALLOCATOR_IDS.find((id) => id === name);
  if (found !== undefined) return found;
  const close = nearest(name, ALLOCATOR_IDS);
  const hint = close === undefined ? undefined : `did you mean ${close}?`;
  return {
    error: { code: "VMC-E005", message: `ALLOCATOR: expected ${expected}, found ${quoted(name)}`, hint },
  };
}

/** Options that would do nothing beside the others: nobody gives them without expecting something. */
function misplacedOption(parsed: Parsed): UserError | undefined {
  for (const name of ["ops", "tasks", "cases"]) {
    if (parsed.has("program") && parsed.has(name)) {
      return usage(`--${name}`, "random programs, which --program rules out", "both options");
    }
  }
  if (parsed.has("fault-budget") && !parsed.has("faults")) {
    return usage("--fault-budget", "--faults beside it", "no fault points", "add --faults all");
  }
  if (parsed.has("depth") && parsed.text("strategy") !== "pct") {
    return usage("--depth", "--strategy pct beside it", parsed.text("strategy") ?? "the default, mixed");
  }
  return undefined;
}

function faultsOf(parsed: Parsed): Configuration["faults"] | Failed {
  const text = parsed.text("faults");
  if (text === undefined) return { budget: 0, points: [] };
  const budget = parsed.integer("fault-budget", 1);
  if (text === "all") return { budget, points: FAULT_POINTS };
  const points: FaultPoint[] = [];
  for (const word of text.split(",")) {
    const point = FAULT_POINTS.find((each) => each === word);
    if (point === undefined || points.includes(point)) {
      const expected = point ? "each fault point once" : `all, or some of ${FAULT_POINTS.join(",")}`;
      const close = point ? undefined : nearest(word, [...FAULT_POINTS, "all"]);
      const hint = close === undefined ? undefined : `did you mean ${close}?`;
      return { error: optionError("--faults", expected, point ? `${word} again` : quoted(word), hint) };
    }
    points.push(point);
  }
  return { budget, points };
}

function configurationOf(
  parsed: Parsed,
  allocator: AllocatorId,
  faults: Configuration["faults"],
  pageSize: number,
): Configuration {
  const spacePages = parsed.pages("space", 32, pageSize);
  return {
    allocator,
    spacePages,
    vmalloc: { start: 0, end: spacePages },
    cpus: parsed.integer("cpus", 2),
    nodes: parsed.integer("nodes", 2),
    blockPages: parsed.pages("block", Math.min(8, spacePages), pageSize),
    lazyMaxPages: parsed.pages("lazy-max", 4, pageSize),
    ...(parsed.has("page-size") ? { pageSize } : {}),
    faults,
    migrations: parsed.integer("migrations", 0),
  };
}

// A block that does not fit could never be taken: nothing of the design would run.
function sizeProblem(
  { allocator, blockPages, spacePages }: Configuration,
  parsed: Parsed,
): UserError | undefined {
  const min = allocator === "node-blocks" ? LIMITS.nodeBlocksBlockPagesMin : 1;
  const wrong = (option: string, max: number, why: string, found: number): UserError => ({
    code: "VMC-E020",
    message: `${option}: expected an integer from ${min} to ${max} (${why}), found ${found}`,
  });
  if (spacePages < min)
    return wrong("--space", SPACE_MAX, `a block of ${allocator} has ${min} or more`, spacePages);
  if (!parsed.has("block") || (blockPages >= min && blockPages <= spacePages)) return undefined;
  return wrong("--block", spacePages, `${allocator} in a space of ${spacePages} pages`, blockPages);
}

const OPTION_OF: Readonly<Record<string, string>> = {
  cpus: "--cpus",
  nodes: "--nodes",
  blockPages: "--block",
  spacePages: "--space",
  lazyMaxPages: "--lazy-max",
  pageSize: "--page-size",
  migrations: "--migrations",
  "faults.budget": "--fault-budget",
};

/** An error about an instance, told in the words of the command line. */
function asOptionError({ code, path, expected, found }: InputError): UserError {
  const inProgram = /^programs\[(\d+)\](?:\[(\d+)\]\.([\w.]+))?$/.exec(path);
  const place = inProgram
    ? [
        `--program ${Number(inProgram[1]) + 1}`,
        ...(inProgram[2] === undefined ? [] : [`operation ${Number(inProgram[2]) + 1}`, inProgram[3]!]),
      ].join(", ")
    : (OPTION_OF[path] ?? (path.startsWith("programs") ? "--program" : path));
  const plain = (text: string): string =>
    text.replaceAll(/programs\[(\d+)\]\[(\d+)\]/g, (_, task: string, op: string) => {
      return `operation ${Number(op) + 1} of --program ${Number(task) + 1}`;
    });
  return { code, message: `${place}: expected ${plain(expected)}, found ${plain(found)}` };
}

function programsOf(
  parsed: Parsed,
  configuration: Configuration,
): Exclude<Instance["programs"], undefined> | undefined | Failed {
  const texts = parsed.texts("program");
  if (texts.length === 0) return undefined;
  const programs: Instance["programs"][number][] = [];
  for (const [i, text] of texts.entries()) {
    const result = parseProgram(text, `--program ${i + 1}`, 1, configuration.pageSize);
    if (!result.ok) return { error: { ...result.error, hint: PROGRAM_HINT } };
    programs.push(result.value);
  }
  const error = validatePrograms({ ...configuration, programs }, "command line");
  return error ? { error: asOptionError(error) } : programs;
}

const PROGRAM_HINT = "write it like a=alloc(2,align=4,window=8..12); find(a+1); free(a); purge";

function mutantOf(parsed: Parsed, allocator: AllocatorId): string | undefined | Failed {
  const id = parsed.text("mutant");
  if (id === undefined) return undefined;
  const fitting = MUTANTS.filter(({ base }) => base === allocator).map((each): string => each.id);
  if (fitting.includes(id)) return id;
  const other = MUTANTS.find((each) => each.id === id);
  const found = other ? `${id}, a mutant of ${other.base}` : quoted(id);
  const close = other ? undefined : nearest(id, fitting);
  const hint = close === undefined ? "vmapcheck list mutants" : `did you mean ${close}?`;
  const message = `--mutant: expected a mutant of ${allocator}, found ${found}`;
  return { error: { code: "VMC-E005", message, hint } };
}
