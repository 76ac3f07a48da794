// SPDX-License-Identifier: GPL-2.0-only
//
// `vmapcheck replay`: runs a counterexample again and shows it. It must end as recorded, to the last digest; a run
// that ends otherwise is never shown as if it were the recorded one.

import { replayCounterexample } from "../../properties/counterexample.ts";
import { recordOf, sessionOptionsOf } from "../../review/kept-run.ts";
import type { Counterexample } from "../../spec/counterexample.ts";
import { encodeToken } from "../../spec/token.ts";
import { TOOL_VERSION } from "../../spec/version.ts";
import { nowSeconds } from "../clock.ts";
import type { Command, CommandEnd } from "../command.ts";
import { counterexampleText, readCounterexample } from "../counterexample-view.ts";
import { EMIT_TEST_OPTION, emitTest, emitTestProblem } from "../emit-test.ts";
import { EXIT } from "../exit-codes.ts";
import { type Io, paintFor } from "../io.ts";
import { printJson } from "../json.ts";
import { type Parsed, usage } from "../options.ts";

/** The command. */
export const REPLAY: Command = {
  name: "replay",
  synopsis: "FILE|TOKEN [OPTIONS]",
  summary: "runs a counterexample again and shows it step by step",
  description: [
    "Reads a counterexample from a file that --out wrote, or from a token, and replays it. The replay must violate " +
      "the same invariant after the same step and end in the same state; then the exit code is 1, since a violation " +
      "was reproduced.",
    "A replay that ends otherwise is no verdict on the kernel. If this version wrote the counterexample, the fault " +
      "is our own: exit code 3. If another version wrote it, that version has to replay it: exit code 2.",
  ],
  options: [EMIT_TEST_OPTION],
  examples: [
    ["vmapcheck replay found.json", "replays a file"],
    ["vmapcheck replay --json found.json", "the same as data, with every step and event"],
    [
      "vmapcheck replay --emit-test found.test.ts found.json",
      "a vitest file that fails until the design is repaired",
    ],
  ],
  run: (parsed, io) => Promise.resolve(replay(parsed, io)),
};

function replay(parsed: Parsed, io: Io): CommandEnd {
  const [argument, extra] = parsed.positionals;
  if (argument === undefined) return { error: usage("command line", "a file or a token", "nothing") };
  if (extra !== undefined) {
    return { error: usage("command line", "one file or token", `${parsed.positionals.length}`) };
  }
  const notEmittable = emitTestProblem(parsed);
  if (notEmittable) return { error: notEmittable };
  const began = nowSeconds();
  const read = readCounterexample(argument);
  if ("error" in read) return read;
  const { counterexample, source, file } = read;
  const { differences } = replayCounterexample(counterexample, sessionOptionsOf(counterexample));
  if (differences.length > 0) return notReproduced(counterexample, source, differences, io);
  const error = emitTest(parsed.text("emit-test"), counterexample);
  if (error) return { error };
  const run = recordOf(counterexample);
  if (parsed.has("json")) {
    const { why, ...rows } = run;
    const body = { counterexample, token: encodeToken(counterexample), run: rows, why: why ?? null };
    printJson(io, "replay", EXIT.violation, body, { seconds: nowSeconds() - began });
    return EXIT.violation;
  }
  io.setVerdict(EXIT.violation);
  io.out(counterexampleText(counterexample, file, paintFor(io), run));
  return EXIT.violation;
}

function notReproduced(
  { tool }: Counterexample,
  source: string,
  differences: readonly string[],
  io: Io,
): CommandEnd {
  if (tool !== TOOL_VERSION) {
    const expected = `a counterexample that vmapcheck ${TOOL_VERSION} reproduces`;
    const found = `one of vmapcheck ${tool} that ends otherwise here (${differences.join("; ")})`;
    return {
      error: {
        code: "VMC-E030",
        message: `${source}: tool: expected ${expected}, found ${found}`,
        hint: `replay it with vmapcheck ${tool}`,
      },
    };
  }
  io.err(
    [
      `vmapcheck ${TOOL_VERSION}: sorry, ${source} does not replay as it was recorded, although this version wrote it:`,
      ...differences.map((difference) => `  ${difference}`),
      "This is a fault of vmapcheck itself, or of a change to it. Please report it, with the file, as CONTRIBUTING.md says.",
      "",
    ].join("\n"),
  );
  return EXIT.fault;
}
