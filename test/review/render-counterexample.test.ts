// SPDX-License-Identifier: GPL-2.0-only
//
// Counterexamples as people see them, whole, against files; and what the rows say.

import { expect, test } from "vitest";
import { ALLOCATORS } from "../../impl/allocators/registry.ts";
import { instanceOf } from "../../spec/small-machine.ts";
import { SITUATIONS } from "../../properties/campaigns/catalogue.ts";
import { mutantOf } from "../../properties/mutants/catalogue.ts";
import { Session } from "../../properties/session.ts";
import { quotedForShell, renderCounterexample } from "../../review/render/counterexample-text.ts";
import { recordRun, type RunToRecord } from "../../review/render/record-run.ts";
import { RUN_TO_COMPLETION } from "../../spec/schedule.ts";

/** A block whose only area is freed the synchronous way stays with its node. */
const KEPT_BLOCK: RunToRecord = {
  instance: instanceOf(
    "node-blocks",
    { space: 16, block: 8, faults: ["kasan"] },
    "a=alloc(1); purge",
    "b=alloc(2)",
  ),
  schedule: { switches: [], choices: [{ at: 8, value: 1 }] },
  violates: "INV-BLOCK-RETURN",
};

/** The mutant whose purge flushes what it saw before the last area came. */
const EARLY_FLUSH: RunToRecord = {
  instance: instanceOf(
    "global-tree",
    { space: 4, cpus: 2, lazyMax: 0 },
    "a=alloc(1); free(a)",
    "bb=alloc(2); free(bb)",
  ),
  schedule: {
    switches: [
      { at: 10, to: 1 },
      { at: 21, to: 0 },
    ],
    choices: [],
  },
  violates: "INV-TLB",
  design: mutantOf("MU-1")?.make,
};

test("a kept block, at the usual width and in a mail", async () => {
  const run = recordRun(KEPT_BLOCK);
  expect(run.skipped).toBe(0);
  const text = renderCounterexample(run, { file: "found.json" });
  await expect(`${text}\n`).toMatchFileSnapshot("golden/kept-block.txt");
  const mail = renderCounterexample(run, { file: "found.json", width: 72 });
  await expect(`${mail}\n`).toMatchFileSnapshot("golden/kept-block-72.txt");
  for (const [lines, width] of [
    [text.split("\n"), 100],
    [mail.split("\n"), 72],
  ] as const) {
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
    expect(lines.filter((line) => line !== line.trimEnd())).toEqual([]);
    expect(lines.join("")).toMatch(/^[\x20-\x7e]*$/);
  }
});

test("a mutant of global-tree", async () => {
  const run = recordRun(EARLY_FLUSH);
  expect(run.finding?.id).toBe("INV-TLB");
  const mutant = { id: "MU-1", description: "the purge releases areas without a flush" };
  const text = renderCounterexample(run, { mutant, token: "vmc1.abc.0" });
  await expect(`${text}\n`).toMatchFileSnapshot("golden/early-flush.txt");
});

test("a recorded run ends as the session that it is a recording of", () => {
  for (const run of [KEPT_BLOCK, EARLY_FLUSH]) {
    const recorded = recordRun(run);
    const session = new Session(run.instance, {
      design: run.design ?? ALLOCATORS[run.instance.allocator],
      watched: new Set(["INV-BLOCK-RETURN", "INV-TLB"]),
    });
    const { finding, steps } = session.replay(run.schedule);
    expect(recorded.finding).toEqual(finding);
    expect(recorded.rows).toHaveLength(steps);
    expect(recorded.stateDigest).toBe(session.sim.digest());
    expect(recorded.choicesDigest).toBe(session.runner.decisionDigest());
  }
});

test("each page of each row is in exactly one place of a faithful design", () => {
  for (const allocator of ["global-tree", "node-index", "node-blocks"] as const) {
    const { rows, initial, end } = recordRun({
      instance: instanceOf(
        allocator,
        { space: 24, lazyMax: 0 },
        "a=alloc(2); free(a); c=alloc(9)",
        "b=alloc(1)",
      ),
      schedule: RUN_TO_COMPLETION,
    });
    expect(end).toBe("done");
    for (const strip of [initial, ...rows.map((row) => row.strip)]) {
      expect(strip.map(({ cell }) => cell).join("")).not.toMatch(/[!_#]/);
      expect(strip[0]?.start).toBe(0);
      expect(strip.at(-1)?.end).toBe(24);
    }
    expect(rows.at(-1)?.strip.some(({ cell }) => cell === "b")).toBe(true);
  }
});

test("a deadlock has no row of its own and a message that says who waits", () => {
  const mutant = mutantOf("MU-46");
  const instance = instanceOf("global-tree", { space: 4 }, "aliases");
  const run = recordRun({
    instance,
    schedule: RUN_TO_COMPLETION,
    violates: "INV-DEADLOCK",
    design: mutant?.make,
  });
  expect(run.finding?.id).toBe("INV-DEADLOCK");
  expect(renderCounterexample(run)).toMatch(/found: task 0 waits in .* for vmap_purge_lock/);
  expect(renderCounterexample(run)).toContain(
    "\n\nWho waits for whom:\n\n  task 0\n  ------\n  holds vmap_purge_lock\n",
  );
});

test("a broken discipline ends in the step that broke it", () => {
  const mutant = mutantOf("MU-119");
  const instance = instanceOf("global-tree", { space: 4 }, "a=alloc(1); find(a)");
  const run = recordRun({
    instance,
    schedule: RUN_TO_COMPLETION,
    violates: "INV-STRICT",
    design: mutant?.make,
  });
  expect(run.finding?.id).toBe("INV-STRICT");
  expect(run.rows.at(-1)).toMatchObject({ fn: "find_vmap_area", result: undefined });
});

test("a situation is reached, not violated", () => {
  const run = recordRun({
    instance: instanceOf("global-tree", { space: 4, lazyMax: 0 }, "a=alloc(1); free(a)"),
    schedule: RUN_TO_COMPLETION,
    violates: "DRAIN-RAN",
    situations: SITUATIONS,
  });
  const statements = new Map(SITUATIONS.map(({ id, statement }) => [id, statement]));
  expect(renderCounterexample(run, { situations: statements })).toMatch(
    /REACHED after step \d+: DRAIN-RAN\n {2}what: {2}the drain work runs\n {2}found: /,
  );
});

test("wide spaces are shown where they change", () => {
  const wide = (space: number, ...programs: string[]): string =>
    renderCounterexample(
      recordRun({ instance: instanceOf("global-tree", { space }, ...programs), schedule: RUN_TO_COMPLETION }),
    );
  const fixed = wide(5000, "a=alloc(3,window=4000..4100); b=alloc(2,window=4020..4030)");
  expect(fixed).toMatch(/ 3999 {5}4008 {4}4016$/m);
  expect(fixed).toMatch(/ \.aaa\.{17}bb\.$/m);
  const moving = wide(5000, "a=alloc(3,window=4000..4100); b=alloc(2)");
  expect(moving).toMatch(/^ *@3970 \.{30}\?\?\?\.{31}$/m);
  expect(moving).toMatch(/^ *@0 bb\.{62}$/m);
  const large = wide(5000, "a=alloc(4000)");
  expect(large).toMatch(/^ *@0 a{64}\.\.\.$/m);
  for (const text of [fixed, moving, large]) {
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(100);
  }
});

test("a long run is shown without its middle", () => {
  const ops = Array.from({ length: 40 }, (_, i) => `a${i}=alloc(1); free(a${i})`).join("; ");
  const instance = instanceOf("global-tree", { space: 64, lazyMax: 64 }, ops);
  const text = renderCounterexample(recordRun({ instance, schedule: RUN_TO_COMPLETION }));
  expect(text).toMatch(/^\.\.\. \d+ steps left out; --json has them all \.\.\.$/m);
  expect(text).toContain("The run ends and violates nothing.");
});

test("file names are quoted for a shell where they must be", () => {
  expect(["a.json", "a b", "it's", "$x", "-"].map(quotedForShell)).toEqual([
    "a.json",
    "'a b'",
    String.raw`'it'\''s'`,
    "'$x'",
    "-",
  ]);
});
