// SPDX-License-Identifier: GPL-2.0-only
//
// The seed of a command: given, from the environment, or a default. It is printed, so it has to be printable.

import { quoted } from "../spec/found-text.ts";
import type { UserError } from "../spec/user-error.ts";
import { optionError, type OptionSpec, type Parsed } from "./options.ts";

const PRINTABLE = /^[\x21-\x7e](?:[\x20-\x7e]{0,98}[\x21-\x7e])?$/;

/** The option; `otherwise` says what is taken if nobody gives a seed. */
export function seedOption(decides: string, otherwise: string): OptionSpec {
  const text = `decides ${decides}; by default VMAPCHECK_SEED, else ${otherwise}`;
  return { name: "seed", value: "TEXT", text };
}

/** The seed, or what is wrong with it. */
export function seedOf(
  parsed: Parsed,
  env: Readonly<Record<string, string | undefined>>,
  otherwise: () => string,
): string | { readonly error: UserError } {
  const fromEnvironment = env["VMAPCHECK_SEED"];
  const option = parsed.text("seed");
  const seed = option ?? (fromEnvironment === "" ? undefined : fromEnvironment) ?? otherwise();
  if (PRINTABLE.test(seed)) return seed;
  const place = option === undefined ? "VMAPCHECK_SEED" : "--seed";
  return { error: optionError(place, "1 to 100 printable ASCII characters", quoted(seed)) };
}
