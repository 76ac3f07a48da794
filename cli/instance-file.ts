// SPDX-License-Identifier: GPL-2.0-only
//
// A machine with its programs from a file, as `vmapcheck trace --export-program` writes it. The design is the one that the
// command line names: a load is for all of them.

import { quoted } from "../spec/found-text.ts";
import type { AllocatorId, Instance } from "../spec/instance.ts";
import { validateInstance } from "../spec/instance-rules.ts";
import { decodeInstance } from "../spec/instance-schema.ts";
import { parseJson } from "../spec/json-text.ts";
import type { UserError } from "../spec/user-error.ts";
import { readTextFile, shown } from "./files.ts";
import { MACHINE_OPTIONS, SPACE_MAX } from "./instance-options.ts";
import { type OptionSpec, type Parsed, usage } from "./options.ts";

/** The file. */
export const INSTANCE_FILE_OPTION: OptionSpec = {
  name: "instance-file",
  value: "FILE",
  text: "the machine and the programs from a file, as vmapcheck trace --export-program writes it; its design does not count",
};

const RULED_OUT = [...MACHINE_OPTIONS.map(({ name }) => name), "program", "order"];

/** What a file holds, for a design. Faults and migrations are those of the file. */
export function readInstanceFile(
  parsed: Parsed,
  allocator: AllocatorId,
): Instance | { readonly error: UserError } {
  const path = parsed.text("instance-file") ?? "";
  const other = RULED_OUT.find((name) => parsed.has(name));
  if (other !== undefined) {
    return {
      error: usage(`--${other}`, "no --instance-file beside it, which says all of that", "both options"),
    };
  }
  const read = readTextFile(path);
  if ("error" in read) return read;
  const source = shown(path);
  const json = parseJson(read.text, source);
  if (!json.ok) return json;
  const decoded = decodeInstance(json.value, source);
  if (!decoded.ok) return decoded;
  const instance: Instance = { ...decoded.value, allocator };
  const wrong = validateInstance(instance, source) ?? outOfReach(instance, source);
  return wrong ? { error: wrong } : instance;
}

/** What is a good instance, but not for a run. */
function outOfReach({ closed, spacePages }: Instance, source: string): UserError | undefined {
  if (closed) {
    const message = `${source}: closed: expected an open instance, whose tasks come to an end, found ${quoted("closed")}`;
    return { code: "VMC-E020", message };
  }
  if (spacePages <= SPACE_MAX) return undefined;
  const message = `${source}: spacePages: expected an integer from 1 to ${SPACE_MAX}, found ${spacePages}`;
  return { code: "VMC-E020", message };
}
