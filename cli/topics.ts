// SPDX-License-Identifier: GPL-2.0-only
//
// The catalogues as `vmapcheck list` shows them: rows for people, data for programs.

import { CAMPAIGNS, SITUATIONS } from "../properties/campaigns/catalogue.ts";
import { MUTANTS } from "../properties/mutants/catalogue.ts";
import { SCENARIOS } from "../properties/scenarios/catalogue.ts";
import { grouped } from "../review/render/text-layout.ts";
import { DEFECTS } from "../spec/defects.ts";
import { DOSSIERS } from "../spec/dossiers.ts";
import { ALLOCATOR_IDS, type AllocatorId } from "../spec/instance.ts";
import { type Invariant, INVARIANTS } from "../spec/invariants.ts";
import { SEARCH_INSTANCES } from "../spec/search-instances.ts";
import { type TraceRule, TRACE_RULES } from "../spec/trace-rules.ts";
import { USER_ERROR_CODES } from "../spec/user-error.ts";
import { EXIT_TEXTS } from "./exit-codes.ts";

/** A catalogue. */
export interface Topic {
  readonly name: string;
  /** What it is a list of. */
  readonly text: string;
  readonly columns: readonly string[];
  rows(): readonly (readonly string[])[];
  /** The entries as JSON has them. */
  data(): readonly unknown[];
}

const DESIGNS: Readonly<Record<AllocatorId, string>> = {
  "global-tree": "one free tree, one busy tree, one lazy tree, a lock each (mm/vmalloc.c, v6.6)",
  "node-index": "busy and lazy areas per node, free space still global (v2 5/9 of the vmap lock series)",
  "node-blocks": "each node serves small requests from blocks of its own (v2 6/9 of the vmap lock series)",
  "size-pools": "each node keeps purged areas in pools by size, and a shrinker empties them (mainline, v6.9)",
  "unbound-drain": "drain and purge helpers on one unbound queue with a rescuer (v2 of the workqueue patch)",
  "unbound-drain-v3":
    "as unbound-drain, with a queue of their own for the helpers (v3 of the workqueue patch)",
  "dual-index":
    "free and occupied ranges in a maple tree each, in lock-step (RFC 06/12 of the maple-tree series)",
  "occupied-index": "the maple tree of occupied ranges alone says what is free (RFC 07/12 of the series)",
};

/** Verdicts of an invariant, one per design. */
function expectedText({ designs }: Invariant): string {
  return ALLOCATOR_IDS.flatMap((id) => {
    const expected = designs[id];
    if (!expected) return [];
    return expected.verdict === "holds" ? [`${id}: holds`] : [`${id}: VIOLATED (${expected.by.join(", ")})`];
  }).join("; ");
}

const INVARIANT_LIST: readonly Invariant[] = INVARIANTS;

const CODES: readonly (readonly [string, string])[] = [
  ...EXIT_TEXTS.map(([code, meaning]) => [`exit ${code}`, meaning] as const),
  ...Object.entries(USER_ERROR_CODES),
];

const TRACE_RULE_LIST: readonly (readonly [string, TraceRule])[] = Object.entries(TRACE_RULES);

/** All catalogues. */
export const TOPICS: readonly Topic[] = [
  {
    name: "allocators",
    text: "designs that can be run",
    columns: ["id", "what it is"],
    rows: () => ALLOCATOR_IDS.map((id) => [id, DESIGNS[id]]),
    data: () => ALLOCATOR_IDS.map((id) => ({ id, text: DESIGNS[id] })),
  },
  {
    name: "patches",
    text: "patches whose claims are checked",
    columns: ["id", "before", "after", "claims", "subject"],
    rows: () =>
      DOSSIERS.map(({ id, before, after, claims, subject }) => [
        id,
        before,
        after,
        String(claims.length),
        subject,
      ]),
    data: () => DOSSIERS.map(({ claims, ...rest }) => ({ ...rest, claims: claims.map((claim) => claim.id) })),
  },
  {
    name: "invariants",
    text: "what must be true, and of which design",
    columns: ["id", "kind", "when", "statement"],
    rows: () =>
      INVARIANT_LIST.map((each) => [
        each.id,
        each.kind,
        each.when,
        `${each.statement} [${expectedText(each)}]`,
      ]),
    data: () => INVARIANT_LIST,
  },
  {
    name: "claims",
    text: "what the patches and the mails about them say",
    columns: ["id", "said by", "pinned", "quotation"],
    rows: () =>
      DOSSIERS.flatMap(({ claims }) =>
        claims.map(({ id, saidBy, pinned, quote }) => [id, saidBy, pinned, quote]),
      ),
    data: () => DOSSIERS.flatMap(({ id: patch, claims }) => claims.map((claim) => ({ patch, ...claim }))),
  },
  {
    name: "scenarios",
    text: "small situations with a known outcome",
    columns: ["id", "expected", "title"],
    rows: () =>
      SCENARIOS.map(({ id, title, expect, designs }) => [
        id,
        expect.kind === "holds" ? "holds" : expect.id,
        `${title} [${designs.join(", ")}]`,
      ]),
    data: () => SCENARIOS.map(({ id, title, designs, expect }) => ({ id, title, designs, expect })),
  },
  {
    name: "mutants",
    text: "designs with one mistake, which the checks must see",
    columns: ["id", "base", "kind", "seen by", "title"],
    rows: () => MUTANTS.map((each) => [each.id, each.base, each.kind, seenBy(each).join(", "), each.title]),
    data: () =>
      MUTANTS.map((each) => ({
        id: each.id,
        kind: each.kind,
        base: each.base,
        title: each.title,
        seenBy: seenBy(each),
        instance: each.instance,
      })),
  },
  {
    name: "campaigns",
    text: "instances that are explored together",
    columns: ["id", "design", "instances", "statement"],
    rows: () =>
      CAMPAIGNS.map(({ id, allocator, instances, statement }) => [
        id,
        allocator,
        String(instances.length),
        statement,
      ]),
    data: () => CAMPAIGNS,
  },
  {
    name: "instances",
    text: "named instances for exhaustive search (vmapcheck explore DESIGN --instance NAME)",
    columns: ["id", "shape", "size", "states", "statement"],
    rows: () =>
      SEARCH_INSTANCES.map(({ id, instance, size, states, statement }) => [
        id,
        instance.closed ? "closed" : "bounded",
        size,
        grouped(states),
        statement,
      ]),
    data: () => SEARCH_INSTANCES,
  },
  {
    name: "situations",
    text: "what runs should reach, or their verdict says little",
    columns: ["id", "statement"],
    rows: () => SITUATIONS.map(({ id, statement }) => [id, statement]),
    data: () => SITUATIONS.map(({ id, statement }) => ({ id, statement })),
  },
  {
    name: "trace-rules",
    text: "rules that vmapcheck trace checks, and what a trace cannot say of them",
    columns: ["id", "invariant", "statement"],
    rows: () =>
      TRACE_RULE_LIST.map(([id, { invariant, limits, statement }]) => [
        id,
        invariant ?? "-",
        `${statement} [${limits}]`,
      ]),
    data: () => TRACE_RULE_LIST.map(([id, rule]) => ({ id, ...rule })),
  },
  {
    name: "defects",
    text: "defects and suspects found by reading",
    columns: ["id", "label", "since", "description"],
    rows: () =>
      DEFECTS.map(({ id, label, introducedBy, description }) => [id, label, introducedBy, description]),
    data: () => DEFECTS,
  },
  {
    name: "codes",
    text: "exit codes, and codes of errors in the input",
    columns: ["code", "meaning"],
    rows: () => CODES,
    data: () => CODES.map(([code, text]) => ({ code, text })),
  },
];

function seenBy(mutant: (typeof MUTANTS)[number]): readonly string[] {
  return mutant.kind === "mistake" ? mutant.killedBy : [mutant.cures];
}
