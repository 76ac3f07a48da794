// SPDX-License-Identifier: GPL-2.0-only
//
// The options of `vmapcheck explore`, and the plan that they make: one instance, the invariants, the limits.

import type { Campaign } from "../properties/campaigns/campaign.ts";
import { CAMPAIGNS } from "../properties/campaigns/catalogue.ts";
import { SEARCHED } from "../properties/search/search-instance.ts";
import { isUnseen } from "../properties/search/search-monitor.ts";
import { quoted } from "../spec/found-text.ts";
import type { AllocatorId, Instance } from "../spec/instance.ts";
import { LIMITS, validateInstance } from "../spec/instance-rules.ts";
import { type Invariant, invariantsFor } from "../spec/invariants.ts";
import { parsePrograms } from "../spec/program-text.ts";
import {
  SEARCH_INSTANCES,
  searchInstanceOf,
  searchInstancesOf,
  USUAL_INSTANCE,
} from "../spec/search-instances.ts";
import type { SearchInstance } from "../spec/search-instances/entry.ts";
import type { UserError } from "../spec/user-error.ts";
import {
  allocatorOf,
  ENVIRONMENT_OPTIONS,
  instanceOf,
  MACHINE_OPTIONS,
  MUTANT_OPTION,
  mutantOf,
  PROGRAM_OPTION,
} from "./instance-options.ts";
import { EMIT_TEST_OPTION } from "./emit-test.ts";
import { CONTROL_OPTIONS, controlsOf, secondsOf } from "./explore-controls.ts";
import type { ExploreRequest } from "./jobs/explore.ts";
import { nearest } from "./nearest.ts";
import { type OptionSpec, type Parsed, usage } from "./options.ts";
import { watchFor } from "./watched.ts";

const STATES_MAX = 2_000_000;

/** What is searched if options make a machine without programs: two tasks. */
export const BUILT_IN = ["a=alloc(2); b=alloc(1); free(a); find(b)", "c=alloc(3); free(c); purge"] as const;

/** All options of the command. */
export const EXPLORE_OPTIONS: readonly OptionSpec[] = [
  {
    name: "instance",
    value: "NAME|N",
    text: `a named instance (vmapcheck list instances); by default ${USUAL_INSTANCE}. With --campaign: its N-th one (1)`,
  },
  {
    name: "campaign",
    value: "ID",
    text: "an instance of this campaign (vmapcheck list campaigns)",
  },
  ...MACHINE_OPTIONS,
  { ...PROGRAM_OPTION, text: `${PROGRAM_OPTION.text}; by default two small ones` },
  {
    name: "closed",
    value: "N",
    text: "programs are menus from which tasks pick for ever, with at most N live areas: a verdict on runs of any length",
    integer: { min: 1, max: LIMITS.liveMax },
  },
  ...ENVIRONMENT_OPTIONS,
  {
    name: "invariants",
    value: "IDS",
    text: "ids with commas between them; expected: those that the design should keep (default); or all",
  },
  MUTANT_OPTION,
  {
    name: "max-states",
    value: "N",
    text: `states after which the search gives up (${STATES_MAX}, or twice those of a named instance if that is more)`,
    integer: { min: 1, max: 1_000_000_000 },
  },
  {
    name: "max-memory",
    value: "MIB",
    text: "memory of the states after which it gives up, MiB; without it there is no such limit",
    integer: { min: 1, max: 1 << 20 },
  },
  ...CONTROL_OPTIONS,
  { name: "out", value: "FILE", text: "where a counterexample is written" },
  EMIT_TEST_OPTION,
];

/** What a command line asks for. */
export interface ExplorePlan {
  readonly request: ExploreRequest;
  /** The instance in words, if it is one of a catalogue. */
  readonly name: string | undefined;
  /** Invariants that are not watched because the faithful port is known to violate them. */
  readonly left: readonly Invariant[];
  /** Seconds after which the search gives up. */
  readonly seconds: number | undefined;
  /** Invariants of the design that this search does not check: sampled runs do. */
  readonly notSearched: readonly string[];
  readonly out: string | undefined;
}

type Failed = { readonly error: UserError };

/** The plan of a command line. */
export function explorePlanOf(parsed: Parsed): ExplorePlan | Failed {
  const allocator = allocatorOf(parsed);
  if (typeof allocator !== "string") return allocator;
  const misplaced = misplacedOption(parsed);
  if (misplaced) return { error: misplaced };
  const chosen = parsed.has("campaign")
    ? ofCampaign(parsed, allocator)
    : MAKING.some((name) => parsed.has(name))
      ? ofOptions(parsed, allocator)
      : ofName(parsed.text("instance") ?? USUAL_INSTANCE, allocator);
  if ("error" in chosen) return chosen;
  const mutant = mutantOf(parsed, allocator);
  if (typeof mutant === "object") return mutant;
  const controls = controlsOf(parsed);
  const searched = ({ id }: Invariant): boolean =>
    SEARCHED.has(id) && !isUnseen(id, chosen.instance, controls);
  const given = parsed.text("invariants");
  const watch = watchFor(chosen.instance, given ?? "expected", searched, "such search");
  if ("error" in watch) return watch;
  // What a named instance is there to show is watched unless somebody asks for something else.
  const shown = given === undefined ? chosen.named?.violates?.invariant : undefined;
  const extra = watch.left.flatMap(({ id }) => (id === shown ? [id] : []));
  const mib = parsed.integer("max-memory", undefined);
  return {
    request: {
      instance: chosen.instance,
      named: chosen.named?.id,
      mutant,
      watched: [...watch.watched, ...extra],
      statesMax: parsed.integer("max-states", Math.max(STATES_MAX, 2 * (chosen.named?.states ?? 0))),
      bytesMax: mib === undefined ? undefined : mib * 2 ** 20,
      ...controls,
    },
    seconds: secondsOf(parsed),
    name: chosen.name,
    left: watch.left.filter(({ id }) => id !== shown),
    notSearched: invariantsFor(allocator).flatMap(({ id, when }) =>
      when === "static" || (SEARCHED.has(id) && !isUnseen(id, chosen.instance, controls)) ? [] : [id],
    ),
    out: parsed.text("out"),
  };
}

interface Chosen {
  readonly instance: Instance;
  readonly name: string | undefined;
  readonly named?: SearchInstance;
}

/** Options that make an instance. */
const MAKING: readonly string[] = [
  ...[...MACHINE_OPTIONS, PROGRAM_OPTION, ...ENVIRONMENT_OPTIONS].map(({ name }) => name),
  "closed",
];

function misplacedOption(parsed: Parsed): UserError | undefined {
  const chosen = ["campaign", "instance"].find((name) => parsed.has(name));
  const name = MAKING.find((each) => parsed.has(each));
  if (chosen === undefined || name === undefined) return undefined;
  return usage(`--${name}`, `an instance made of options, which --${chosen} rules out`, "both options");
}

function ofName(name: string, allocator: AllocatorId): Chosen | Failed {
  const fitting = searchInstancesOf(allocator);
  const named = fitting.find((each) => each.name === name);
  if (named) {
    const { id, instance, statement, size } = named;
    return { instance, name: `instance ${id} (${size}): ${statement}`, named };
  }
  const other = searchInstanceOf(name) ?? SEARCH_INSTANCES.find((each) => each.name === name);
  const found = other ? `${name}, an instance of ${other.allocator}` : quoted(name);
  const close =
    other?.allocator === allocator
      ? other.name
      : nearest(
          name,
          fitting.map((each) => each.name),
        );
  const message = `--instance: expected a named instance of ${allocator}, found ${found}`;
  return {
    error: {
      code: "VMC-E005",
      message,
      hint: close === undefined ? "vmapcheck list instances" : `did you mean ${close}?`,
    },
  };
}

function ofCampaign(parsed: Parsed, allocator: AllocatorId): Chosen | Failed {
  const id = parsed.text("campaign")!;
  const fitting = CAMPAIGNS.filter((campaign) => campaign.allocator === allocator);
  const campaign = fitting.find((each) => each.id === id);
  if (!campaign) return { error: unknownCampaign(id, allocator, fitting) };
  const { instances } = campaign;
  const text = parsed.text("instance") ?? "1";
  const number = /^[1-9]\d{0,8}$/.test(text) ? Number(text) : 0;
  const instance = instances[number - 1];
  if (instance) return { instance, name: `campaign ${id}, instance ${number} of ${instances.length}` };
  return { error: usage("--instance", `1 to ${instances.length}, which ${id} has`, quoted(text)) };
}

function unknownCampaign(id: string, allocator: AllocatorId, fitting: readonly Campaign[]): UserError {
  const ids = fitting.map((each) => each.id);
  const other = CAMPAIGNS.find((each) => each.id === id);
  const found = other ? `${id}, a campaign of ${other.allocator}` : quoted(id);
  const close = other ? undefined : nearest(id, ids);
  return {
    code: "VMC-E005",
    message: `--campaign: expected a campaign of ${allocator}, found ${found}`,
    hint: close === undefined ? "vmapcheck list campaigns" : `did you mean ${close}?`,
  };
}

function ofOptions(parsed: Parsed, allocator: AllocatorId): Chosen | Failed {
  const given = instanceOf(parsed, allocator);
  if ("error" in given) return given;
  const liveMax = parsed.integer("closed", undefined);
  const instance: Instance = {
    ...given.configuration,
    programs: given.programs ?? builtIn(),
    ...(liveMax === undefined ? {} : { closed: { liveMax } }),
  };
  // The built-in programs, too, must fit the machine.
  const wrong = validateInstance(instance, "command line");
  return wrong ? { error: wrong } : { instance, name: given.programs ? undefined : "built-in programs" };
}

function builtIn(): Instance["programs"] {
  const parsed = parsePrograms(BUILT_IN.join("\n"), "built-in programs");
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
}
