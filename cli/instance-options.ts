// SPDX-License-Identifier: GPL-2.0-only
//
// The options that make an instance: the configuration, the programs, a mutant. Shared by the commands that run one.
// Every value is checked before anything runs.

import { MUTANTS } from "../properties/mutants/catalogue.ts";
import { TRAITS } from "../spec/design-traits.ts";
import { ALLOCATION_FAULTS, FAULT_POINTS, type FaultPoint } from "../spec/faults.ts";
import { quoted } from "../spec/found-text.ts";
import {
  ALLOCATOR_IDS,
  type AllocatorId,
  BOOT_PHASES,
  type Configuration,
  type Instance,
} from "../spec/instance.ts";
import { LIMITS, validateConfiguration } from "../spec/instance-rules.ts";
import { validatePrograms } from "../spec/program-rules.ts";
import { parseProgram } from "../spec/program-text.ts";
import { PAGE_SIZE_DEFAULT, PAGE_SIZE_LIMITS } from "../spec/units.ts";
import type { InputError, UserError } from "../spec/user-error.ts";
import { nearest } from "./nearest.ts";
import {
  type IntegerRange,
  optionError,
  type OptionSpec,
  pagesProblem,
  type Parsed,
  usage,
} from "./options.ts";

/** Largest space that is simulated, pages. */
export const SPACE_MAX = 65_536;

const count = (min: number, max: number): IntegerRange => ({ min, max });

/** The machine. */
export const MACHINE_OPTIONS: readonly OptionSpec[] = [
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
    name: "modules",
    value: "PAGES",
    text: "pages of a modules window: the last ones of the space, behind the vmalloc window (0)",
    integer: count(0, SPACE_MAX - 1),
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
  {
    name: "pool-pages",
    value: "PAGES",
    text: "pages of the largest areas that pools keep (256); this and the next three: designs with pools only",
    integer: count(1, SPACE_MAX),
    pages: true,
  },
  {
    name: "kworkers",
    value: "N",
    text: "idle workers of each worker pool, and none can be created; without it a worker can always be had",
    integer: count(0, LIMITS.idleWorkersMax),
  },
  {
    name: "kworker-stack",
    value: "PAGES",
    text: "beside --kworkers: others can be created, with a stack of so many pages from vmalloc",
    integer: count(1, SPACE_MAX),
    pages: true,
  },
  {
    name: "boot",
    value: "PHASE",
    text: "the boot goes on from here, by the function that has run last; without it, it is over",
    choices: BOOT_PHASES,
  },
];

/** The task of a program. */
export const PROGRAM_OPTION: OptionSpec = {
  name: "program",
  value: "TEXT",
  text: 'the program of a task, as in "a=alloc(2,align=4); find(a+1); free(a); purge" or "p=pcpu(0:2,6:2,align=2); pfree(p)"',
  repeatable: true,
};

const ALLOCATION: readonly FaultPoint[] = ALLOCATION_FAULTS;

/** Those that must be named. */
const OTHER_FAULTS = FAULT_POINTS.filter((point) => !ALLOCATION.includes(point));

/** What the environment may do. */
export const ENVIRONMENT_OPTIONS: readonly OptionSpec[] = [
  {
    name: "faults",
    value: "POINTS",
    text: `where the kernel may fail: all (${ALLOCATION_FAULTS.join(",")}), or some of these and ${OTHER_FAULTS.join(",")}`,
  },
  { name: "fault-budget", value: "N", text: "failures in one run (1)", integer: count(1, 1000) },
  { name: "migrations", value: "N", text: "migrations between CPUs in one run (0)", integer: count(0, 1000) },
];

/** The mutant. */
export const MUTANT_OPTION: OptionSpec = {
  name: "mutant",
  value: "ID",
  text: "check a mutant of the design instead (vmapcheck list mutants)",
};

/** An instance, its programs if they are given. */
export interface GivenInstance {
  readonly configuration: Configuration;
  readonly programs: Instance["programs"] | undefined;
}

type Failed = { readonly error: UserError };

/** The configuration and the programs of a command line. */
export function instanceOf(parsed: Parsed, allocator: AllocatorId): GivenInstance | Failed {
  if (parsed.has("fault-budget") && !parsed.has("faults")) {
    return {
      error: usage("--fault-budget", "--faults beside it", "no fault points", "add --faults all"),
    };
  }
  if (parsed.has("kworker-stack") && !parsed.has("kworkers")) {
    return {
      error: usage("--kworker-stack", "--kworkers beside it", "no number of workers", "add --kworkers 0"),
    };
  }
  const faults = faultsOf(parsed);
  if ("error" in faults) return faults;
  const pageSize = parsed.integer("page-size", PAGE_SIZE_DEFAULT);
  for (const spec of MACHINE_OPTIONS) {
    const notPages = pagesProblem(spec, parsed, pageSize);
    if (notPages) return { error: notPages };
  }
  const configuration = configurationOf(parsed, allocator, faults, pageSize);
  const size = sizeProblem(configuration, parsed);
  if (size) return { error: size };
  const wrong = validateConfiguration(configuration, "command line");
  if (wrong) return { error: asOptionError(wrong) };
  const programs = programsOf(parsed, configuration);
  return programs && "error" in programs ? programs : { configuration, programs };
}

/** The design that a command line names first. */
export function allocatorOf(parsed: Parsed): AllocatorId | Failed {
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

function faultsOf(parsed: Parsed): Configuration["faults"] | Failed {
  const text = parsed.text("faults");
  if (text === undefined) return { budget: 0, points: [] };
  const budget = parsed.integer("fault-budget", 1);
  if (text === "all") return { budget, points: ALLOCATION_FAULTS };
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
  const end = spacePages - parsed.pages("modules", 0, pageSize);
  return {
    allocator,
    spacePages,
    vmalloc: { start: 0, end },
    ...(end < spacePages ? { modules: { start: end, end: spacePages } } : {}),
    cpus: parsed.integer("cpus", 2),
    nodes: parsed.integer("nodes", 2),
    blockPages: parsed.pages("block", Math.min(8, spacePages), pageSize),
    lazyMaxPages: parsed.pages("lazy-max", 4, pageSize),
    ...(parsed.has("page-size") ? { pageSize } : {}),
    ...poolsOf(parsed, pageSize),
    faults,
    migrations: parsed.integer("migrations", 0),
  };
}

/** What only designs with pools know; nothing that was not given. */
function poolsOf(parsed: Parsed, pageSize: number): Pick<Configuration, "poolPages" | "workers" | "boot"> {
  const boot = BOOT_PHASES.find((phase) => phase === parsed.text("boot"));
  const idle = parsed.integer("kworkers", undefined);
  const stack = parsed.has("kworker-stack") ? { stackPages: parsed.pages("kworker-stack", 1, pageSize) } : {};
  return {
    ...(parsed.has("pool-pages") ? { poolPages: parsed.pages("pool-pages", 1, pageSize) } : {}),
    ...(idle === undefined ? {} : { workers: { idle, ...stack } }),
    ...(boot === undefined ? {} : { boot }),
  };
}

// A block that does not fit could never be taken: nothing of the design would run.
function sizeProblem(
  { allocator, blockPages, spacePages, vmalloc }: Configuration,
  parsed: Parsed,
): UserError | undefined {
  const min = TRAITS[allocator].blocks ? LIMITS.nodeBlocksBlockPagesMin : 1;
  const wrong = (option: string, max: number, why: string, found: number): UserError => ({
    code: "VMC-E020",
    message: `${option}: expected an integer from ${min} to ${max} (${why}), found ${found}`,
  });
  if (spacePages < min)
    return wrong("--space", SPACE_MAX, `a block of ${allocator} has ${min} or more`, spacePages);
  if (vmalloc.end < 1) {
    const found = spacePages - vmalloc.end;
    return optionError("--modules", `fewer pages than the space, which has ${spacePages}`, `${found}`);
  }
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
  poolPages: "--pool-pages",
  workers: "--kworkers",
  "workers.stackPages": "--kworker-stack",
  boot: "--boot",
  migrations: "--migrations",
  "faults.budget": "--fault-budget",
  "faults.points": "--faults",
  programs: "--program",
};

/** An error about an instance, told in the words of the command line. */
function asOptionError({ code, path, expected, found }: InputError): UserError {
  const inProgram = /^programs\[(\d+)\](?:\[(\d+)\]\.([\w.[\]]+))?$/.exec(path);
  const place = inProgram
    ? [
        `--program ${Number(inProgram[1]) + 1}`,
        ...(inProgram[2] === undefined ? [] : [`operation ${Number(inProgram[2]) + 1}`, inProgram[3]!]),
      ].join(", ")
    : (OPTION_OF[path] ?? OPTION_OF[path.replace(/\[.*$/, "")] ?? path);
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

/** The mutant of a design that a command line names. */
export function mutantOf(parsed: Parsed, allocator: AllocatorId): string | undefined | Failed {
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
