// SPDX-License-Identifier: GPL-2.0-only
//
// Help texts, made of the declarations of the commands.

import { hanging, wrap } from "../review/render/text-layout.ts";
import type { Command } from "./command.ts";
import { EXIT_TEXTS } from "./exit-codes.ts";
import type { OptionSpec } from "./options.ts";

const WIDTH = 96;

/** Options that every command takes. */
export const COMMON_OPTIONS: readonly OptionSpec[] = [
  { name: "json", text: "print one JSON document instead of text" },
  { name: "help", text: "print this text (also -h)" },
];

/** Help on all commands. */
export function overviewText(commands: readonly Command[]): string {
  return [
    "vmapcheck: checks designs of the kernel's vmalloc address allocator against their invariants",
    "",
    "Usage:",
    "  vmapcheck COMMAND [OPTIONS]",
    "  vmapcheck COMMAND --help",
    "  vmapcheck --version",
    "",
    "Commands:",
    ...commands.flatMap(({ name, summary }) => hanging(`  ${name.padEnd(9)} `, summary, WIDTH)),
    "",
    ...exitLines(),
    "",
    "Environment:",
    ...hanging("  VMAPCHECK_SEED         ", "seed text where --seed is not given", WIDTH),
    ...hanging("  NO_COLOR, FORCE_COLOR  ", "no colour, colour also outside a terminal", WIDTH),
    "",
  ].join("\n");
}

/** Help on one command. */
export function commandText(command: Command): string {
  const { name, synopsis, summary, description, options, examples } = command;
  const all = [...options, ...COMMON_OPTIONS];
  const labels = all.map((spec) => `  --${spec.name}${spec.value === undefined ? "" : ` ${spec.value}`}  `);
  const width = Math.max(...labels.map((label) => label.length));
  return [
    `vmapcheck ${name}: ${summary}`,
    "",
    "Usage:",
    `  vmapcheck ${name} ${synopsis}`,
    "",
    ...description.flatMap((paragraph) => [...wrap(paragraph, WIDTH), ""]),
    "Options:",
    ...all.flatMap((spec, i) => hanging(labels[i]!.padEnd(width), optionText(spec), WIDTH)),
    "",
    "Examples:",
    ...examples.flatMap(([line, text]) => [`  ${line}`, ...hanging("      ", text, WIDTH)]),
    "",
    ...exitLines(),
    "",
  ].join("\n");
}

function optionText({ text, choices, repeatable }: OptionSpec): string {
  const words = choices ? `: ${choices.join(", ")}` : "";
  return `${text}${words}${repeatable === true ? " (may be given again)" : ""}`;
}

function exitLines(): readonly string[] {
  return [
    "Exit codes:",
    ...EXIT_TEXTS.flatMap(([code, meaning]) => hanging(`  ${String(code).padStart(3)}  `, meaning, WIDTH)),
  ];
}
