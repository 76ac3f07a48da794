// SPDX-License-Identifier: GPL-2.0-only
//
// A user error as the one line that a person sees: code, place, expected, found, and what to do.

import type { UserError, UserErrorCode } from "../spec/user-error.ts";

const HINTS: Readonly<Record<UserErrorCode, string | undefined>> = {
  "VMC-E001": undefined,
  "VMC-E002": undefined,
  "VMC-E003": "check the name and the permissions",
  "VMC-E004": "name another file",
  "VMC-E005": "vmapcheck list shows all names",
  "VMC-E010": "it has to be a file that vmapcheck wrote",
  "VMC-E011": "it has to be a file that vmapcheck wrote",
  "VMC-E012": undefined,
  "VMC-E020": undefined,
  "VMC-E021": undefined,
  "VMC-E022": undefined,
  "VMC-E023": undefined,
  "VMC-E024": undefined,
  "VMC-E025": "it has to be a file that vmapcheck wrote",
  "VMC-E026": "leave it out, or take a design with pools",
  "VMC-E030": "use the vmapcheck that wrote it, or find the violation anew with this one",
  "VMC-E031": "take the original; what was edited is not replayed",
  "VMC-E032": "copy the whole token, or take the file",
  "VMC-E033": undefined,
  "VMC-E040": undefined,
  "VMC-E041": "it has to be a copy of /proc/vmallocinfo",
};

/** The line, without a line break. `command` is the one that was called, if it is known. */
export function errorLine(error: UserError, command: string | undefined): string {
  const help = command === undefined ? "vmapcheck --help" : `vmapcheck ${command} --help`;
  const hint = error.hint ?? HINTS[error.code] ?? `see ${help}`;
  return `vmapcheck: ${error.code}: ${error.message}; ${hint}`;
}
