// SPDX-License-Identifier: GPL-2.0-only
//
// `vmapcheck list`: what there is to name: designs, patches, invariants, claims, scenarios, mutants, campaigns,
// instances, situations, defects, codes.

import { count, table } from "../../review/render/text-layout.ts";
import { quoted } from "../../spec/found-text.ts";
import { nowSeconds } from "../clock.ts";
import type { Command, CommandEnd } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { type Io, paintFor } from "../io.ts";
import { printJson } from "../json.ts";
import { nearest } from "../nearest.ts";
import { type Parsed, usage } from "../options.ts";
import { type Topic, TOPICS } from "../topics.ts";

/** The command. */
export const LIST: Command = {
  name: "list",
  synopsis: "[TOPIC] [OPTIONS]",
  summary: "names what there is: designs, patches, claims, invariants, scenarios, mutants, instances",
  description: [
    `Topics: ${TOPICS.map(({ name }) => name).join(", ")}.`,
    "Without a topic, all of them in short.",
  ],
  options: [],
  examples: [
    ["vmapcheck list", "all topics, with the ids in each"],
    ["vmapcheck list invariants", "what is checked, in one sentence each"],
    ["vmapcheck list claims --json", "the claims of all patches as data"],
  ],
  run: (parsed, io) => Promise.resolve(list(parsed, io)),
};

function list(parsed: Parsed, io: Io): CommandEnd {
  const began = nowSeconds();
  const [name, extra] = parsed.positionals;
  if (extra !== undefined) {
    return { error: usage("command line", "at most one topic", `${parsed.positionals.length}`) };
  }
  const topic = TOPICS.find((each) => each.name === name);
  if (name !== undefined && !topic) {
    const names = TOPICS.map((each) => each.name);
    const close = nearest(name, names);
    const hint = close === undefined ? undefined : `did you mean ${close}?`;
    return { error: usage("TOPIC", `one of ${names.join(", ")}`, quoted(name), hint) };
  }
  const shown = topic ? [topic] : TOPICS;
  if (parsed.has("json")) {
    const body = Object.fromEntries(shown.map((each) => [each.name, each.data()]));
    printJson(io, "list", EXIT.held, body, { seconds: nowSeconds() - began });
    return EXIT.held;
  }
  const paint = paintFor(io);
  io.setVerdict(EXIT.held);
  io.out(
    topic
      ? `${fullLines(topic).join("\n")}\n`
      : `${shown.map((each) => shortText(each, paint.heading)).join("\n")}\n`,
  );
  return EXIT.held;
}

function fullLines(topic: Topic): readonly string[] {
  const columns = topic.columns.map((title, i) => ({ title, wraps: i === topic.columns.length - 1 }));
  return table(columns, topic.rows());
}

/** A topic in short: how many, and the first column. */
function shortText(topic: Topic, heading: (text: string) => string): string {
  const rows = topic.rows();
  const ids = rows.map((row) => row[0]!);
  const label = `${topic.name} (${count(rows.length, "entry", "entries")}): ${topic.text}`;
  const body = table([{ title: "", wraps: true }], [[ids.join(", ")]]).slice(1);
  return [heading(label), ...body.map((line) => `  ${line}`)].join("\n");
}
