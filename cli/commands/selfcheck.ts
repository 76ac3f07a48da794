// SPDX-License-Identifier: GPL-2.0-only
//
// `vmapcheck selfcheck`: shows that the engine counts what is known. A number that differs is our own fault, and then
// no verdict of this program counts on this machine.

import type { Counts, SelfCheckRow } from "../../explore/selfcheck/selfcheck.ts";
import type { Paint } from "../../review/render/paint.ts";
import { count, grouped, hanging, table, WIDTH } from "../../review/render/text-layout.ts";
import { quoted } from "../../spec/found-text.ts";
import type { Command, CommandEnd } from "../command.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { type Io, paintFor } from "../io.ts";
import type { JobEnd } from "../jobs/job.ts";
import type { SelfCheckReport } from "../jobs/self-check.ts";
import { printJson } from "../json.ts";
import { type Parsed, usage } from "../options.ts";
import { ProgressWriter } from "../progress.ts";

/** The command. */
export const SELFCHECK: Command = {
  name: "selfcheck",
  synopsis: "[OPTIONS]",
  summary: "shows that the engine counts right: searches programs with known numbers",
  description: [
    "Searches small concurrent programs whose numbers of states and transitions are published or were counted by brute force, " +
      "in every rotation and the reverse of their processes, and a bounded protocol of this allocator (NB), whose " +
      "numbers other model checkers count as well; its invariants are checked in each of its states.",
    "A number that differs means that the engine is wrong on this machine: exit code 3.",
  ],
  options: [
    { name: "large", text: "also the large size of the protocol: 9.5 million states, about 300 MiB" },
    {
      name: "workers",
      value: "N",
      text: "threads that search together (1): the numbers must be the same",
      integer: { min: 1, max: 64 },
    },
  ],
  examples: [
    ["vmapcheck selfcheck", "a table, in some seconds"],
    ["vmapcheck selfcheck --large --json", "everything, as data"],
  ],
  run: selfcheck,
};

async function selfcheck(parsed: Parsed, io: Io): Promise<CommandEnd> {
  const extra = parsed.positionals[0];
  if (extra !== undefined) return { error: usage("command line", "options only", quoted(extra)) };
  const large = parsed.has("large");
  const workers = parsed.integer("workers", 1);
  const paint = paintFor(io);
  const progress = new ProgressWriter(io);
  const end = await io.runJob("selfcheck", { large, workers }, { onProgress: (now) => progress.show(now) });
  progress.clear();
  const report = end.report ?? { planned: 0, rows: [] };
  const exitCode = exitCodeOf(end, report);
  io.setVerdict(exitCode);
  if (parsed.has("json")) {
    const body = { large, stopped: end.stopped ?? null, report };
    printJson(io, "selfcheck", exitCode, body, { seconds: progress.seconds });
    return exitCode;
  }
  io.out(`${reportLines(report, paint).join("\n")}\n`);
  if (end.stopped === "interrupted") {
    io.out(`${paint.open("INTERRUPTED")} after ${count(report.rows.length, "known answer")}\n`);
  }
  return exitCode;
}

function exitCodeOf({ stopped }: JobEnd<SelfCheckReport>, { rows, planned }: SelfCheckReport): ExitCode {
  if (rows.some(({ ok }) => !ok)) return EXIT.fault;
  if (stopped === "interrupted") return EXIT.interrupted;
  return rows.length === 0 || rows.length < planned ? EXIT.undecided : EXIT.held;
}

function reportLines({ rows }: SelfCheckReport, paint: Paint): readonly string[] {
  const [head, ...body] = table(
    [
      { title: "program" },
      { title: "orders", align: "right" },
      { title: "expected", align: "right" },
      { title: "found", align: "right" },
      { title: "ok" },
    ],
    rows.map((row) => [
      row.name,
      String(row.orders),
      numbers(row.expected),
      numbers(row.found),
      row.ok ? "ok" : "WRONG",
    ]),
  );
  const wrong = rows.filter(({ ok }) => !ok);
  const states = rows.reduce((sum, row) => sum + row.statesSeen, 0);
  const verdict =
    wrong.length === 0
      ? paint.good(`${count(rows.length, "known answer")} met, ${grouped(states)} states seen`)
      : paint.bad(
          `${wrong.length} of ${count(rows.length, "known answer")} MISSED: this is a fault of vmapcheck itself`,
        );
  return [
    paint.heading("vmapcheck selfcheck"),
    "states/transitions/terminal states/deadlocks/depth; - where none is known",
    "",
    paint.heading(head ?? ""),
    ...body,
    "",
    verdict,
    ...wrong.flatMap(missed),
  ];
}

function missed({ name, problem }: SelfCheckRow): readonly string[] {
  return problem === undefined ? [] : hanging(`${name}: `, problem, WIDTH);
}

function numbers({ states, transitions, terminals, deadlocks, depth }: Counts): string {
  return [states, transitions, terminals, deadlocks, depth].map((n) => n ?? "-").join("/");
}
