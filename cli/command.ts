// SPDX-License-Identifier: GPL-2.0-only
//
// What a command is: its description for help texts, its options, and what it does.

import type { UserError } from "../spec/user-error.ts";
import type { ExitCode } from "./exit-codes.ts";
import type { Io } from "./io.ts";
import type { OptionSpec, Parsed } from "./options.ts";

/** How a command ended: an exit code, or what was wrong with its input. */
export type CommandEnd = ExitCode | { readonly error: UserError };

/** A command. */
export interface Command {
  readonly name: string;
  /** What follows the name: `ALLOCATOR [OPTIONS]`. */
  readonly synopsis: string;
  /** One line. */
  readonly summary: string;
  /** Paragraphs for its own help text. */
  readonly description: readonly string[];
  readonly options: readonly OptionSpec[];
  readonly examples: readonly (readonly [command: string, text: string])[];
  run(parsed: Parsed, io: Io): Promise<CommandEnd>;
}
