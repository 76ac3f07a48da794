// SPDX-License-Identifier: GPL-2.0-only
//
// From a command line to an exit code. Commands are loaded when they are called for, so that --help is quick.

import { NondeterminismError } from "../explore/runner.ts";
import { quoted } from "../spec/found-text.ts";
import type { UserError } from "../spec/user-error.ts";
import { TOOL_VERSION } from "../spec/version.ts";
import type { Command } from "./command.ts";
import { errorLine } from "./error-text.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { COMMON_OPTIONS, commandText, overviewText } from "./help.ts";
import type { Io } from "./io.ts";
import { nearest } from "./nearest.ts";
import { parseOptions, usage } from "./options.ts";

/** All commands, in the order of help texts. */
export const COMMANDS: readonly (readonly [name: string, load: () => Promise<Command>])[] = [
  ["check", async () => (await import("./commands/check.ts")).CHECK],
  ["review", async () => (await import("./commands/review.ts")).REVIEW],
  ["run", async () => (await import("./commands/run.ts")).RUN],
  ["explore", async () => (await import("./commands/explore.ts")).EXPLORE],
  ["replay", async () => (await import("./commands/replay.ts")).REPLAY],
  ["trace", async () => (await import("./commands/trace.ts")).TRACE],
  ["mutants", async () => (await import("./commands/mutants.ts")).MUTANTS_COMMAND],
  ["selfcheck", async () => (await import("./commands/selfcheck.ts")).SELFCHECK],
  ["new", async () => (await import("./commands/new.ts")).NEW],
  ["list", async () => (await import("./commands/list.ts")).LIST],
];

/** Runs a command line. Never throws: what goes wrong inside is our own fault and has an exit code too. */
export async function dispatch(args: readonly string[], io: Io): Promise<ExitCode> {
  const name = args[0] !== undefined && !args[0].startsWith("-") ? args[0] : undefined;
  try {
    const end = await call(name, args, io);
    if (typeof end === "number") return end;
    io.err(`${errorLine(end.error, COMMANDS.some(([known]) => known === name) ? name : undefined)}\n`);
    return EXIT.usage;
  } catch (thrown) {
    io.err(apology(thrown, args));
    return EXIT.fault;
  }
}

async function call(
  name: string | undefined,
  args: readonly string[],
  io: Io,
): Promise<ExitCode | { readonly error: UserError }> {
  const names = COMMANDS.map(([each]) => each);
  if (name === undefined || name === "help")
    return callWithoutCommand(name === undefined ? args : [], args, io);
  const load = COMMANDS.find(([each]) => each === name)?.[1];
  if (!load) {
    const close = nearest(name, names);
    const hint = close === undefined ? undefined : `did you mean ${close}?`;
    return { error: usage("command line", `a command (${names.join(", ")})`, quoted(name), hint) };
  }
  const command = await load();
  const rest = args.slice(1);
  if (asksForHelp(rest)) {
    return printed(io, commandText(command));
  }
  const result = parseOptions(rest, [...command.options, ...COMMON_OPTIONS]);
  return "error" in result ? result : command.run(result.parsed, io);
}

async function callWithoutCommand(
  options: readonly string[],
  args: readonly string[],
  io: Io,
): Promise<ExitCode | { readonly error: UserError }> {
  if (asksForHelp(options) || args[0] === "help") {
    const about = args[0] === "help" ? COMMANDS.find(([each]) => each === args[1]) : undefined;
    const commands = await Promise.all((about ? [about] : COMMANDS).map(([, load]) => load()));
    return printed(io, about ? commandText(commands[0]!) : overviewText(commands));
  }
  if (options[0] === "--version") {
    return printed(io, `vmapcheck ${TOOL_VERSION}\n`);
  }
  const found = options[0] === undefined ? "nothing" : quoted(options[0]);
  return { error: usage("command line", "a command", found) };
}

function printed(io: Io, text: string): ExitCode {
  io.setVerdict(EXIT.held);
  io.out(text);
  return EXIT.held;
}

function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  return (end < 0 ? args : args.slice(0, end)).some((arg) => arg === "--help" || arg === "-h");
}

/** What to say when this program is wrong. */
export function apology(thrown: unknown, args: readonly string[]): string {
  const stack = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  const what =
    thrown instanceof NondeterminismError ||
    (thrown instanceof Error && thrown.name === "NondeterminismError")
      ? "a run did not repeat itself, so no verdict of this command counts"
      : "an internal error";
  return [
    `vmapcheck ${TOOL_VERSION}: sorry, this is a fault of vmapcheck itself: ${what}.`,
    `Please report it, with the lines below, as CONTRIBUTING.md says.`,
    `  command: vmapcheck ${args.map((arg) => JSON.stringify(arg)).join(" ")}`,
    `  node: ${process.version} on ${process.platform}`,
    ...stack.split("\n").map((line) => `  ${line}`),
    "",
  ].join("\n");
}
