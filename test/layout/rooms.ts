// SPDX-License-Identifier: GPL-2.0-only
// The rooms of the source tree and what each may import, as data. A room may always import its own files.
// An entry is a room, or one file of a room. CONTRIBUTING.md shows the same table to people.

export type Room =
  | "spec"
  | "model"
  | "impl"
  | "explore"
  | "properties"
  | "trace"
  | "review"
  | "cli"
  | "bench"
  | "index"
  | "test";

const BELOW_CLI = ["spec", "model", "impl", "explore", "properties", "trace", "review"];

export const ARROWS: Readonly<Record<Room, readonly string[]>> = {
  spec: [],
  model: ["spec"],
  // The engine knows nothing of vmap; the form of a schedule is all that it shares with the rest.
  explore: ["spec/schedule.ts"],
  impl: ["spec", "explore/sync.ts"],
  properties: ["spec", "model", "impl", "explore"],
  trace: ["spec", "model"],
  review: ["spec", "model", "impl", "explore", "properties"],
  cli: [...BELOW_CLI, "index"],
  bench: [...BELOW_CLI, "index"],
  index: BELOW_CLI,
  test: [...BELOW_CLI, "cli", "bench", "index"],
};

/** Rooms without files, processes, threads or clocks: no module of Node itself. */
export const PURE_ROOMS: readonly Room[] = ["spec", "model", "impl", "explore", "properties"];

/** Folders in these rooms that hold what a room needs of the machine, and nothing else: there, modules of Node are fine. */
export const MACHINE_FOLDERS: readonly string[] = ["explore/search/machine/"];

/** Rooms that run once per state: they must not load the schema library, not even through another room. */
export const HOT_ROOMS: readonly Room[] = ["model", "impl", "explore"];

/** Rooms that import no package at all. */
export const PACKAGE_FREE_ROOMS: readonly Room[] = ["model", "impl"];

/** The only module that may import the schema library. */
export const SCHEMA_MODULE = "spec/schema.ts";

/** The modules that may read a clock or draw an unseeded number. */
export const CLOCK_MODULES: readonly string[] = ["cli/clock.ts", "bench/"];

/** Programs and the public face: every other source file must be reached from one of these. */
export const ENTRY_POINTS: readonly string[] = ["index.ts", "cli/main.ts", "bench/main.ts"];

/** Projects as somebody else would write them: each in a folder of its own, which knows the package only by its name. */
export const EXAMPLES = "examples/";

/** What an example may import beside its own files. */
export const EXAMPLE_PACKAGES: readonly string[] = ["vmapcheck", "vitest"];

/** Files longer than the limit, each with the reason why it is not split. */
export const LENGTH_EXCEPTIONS: Readonly<Record<string, string>> = {};

/** The room of a file, or null for a file that belongs to none. */
export function roomOf(path: string): Room | null {
  if (path === "index.ts") return "index";
  const folder = path.slice(0, path.indexOf("/"));
  return folder in ARROWS && folder !== "index" ? (folder as Room) : null;
}
