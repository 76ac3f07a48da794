// SPDX-License-Identifier: GPL-2.0-only
//
// `vmapcheck run --instance-file`: a machine and its programs from a file, for any design.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Instance } from "../../spec/instance.ts";
import { instanceOf } from "../../spec/small-machine.ts";
import { instanceText } from "../../trace/export/instance-text.ts";
import { temporaryFolder, vmapcheck } from "./world.ts";

const folder = temporaryFolder();

const LOAD = instanceOf("size-pools", { space: 64, cpus: 2 }, "a=alloc(2); aliases", "b=alloc(1); free(a)");

function file(name: string, instance: Instance): string {
  const path = join(folder, name);
  writeFileSync(path, instanceText(instance));
  return path;
}

const load = file("load.json", LOAD);

const run = (design: string, ...more: string[]): ReturnType<typeof vmapcheck> =>
  vmapcheck(["run", design, "--instance-file", load, "--runs", "20", "--seed", "s", ...more]);

describe("a load from a file", () => {
  test.each(["global-tree", "node-blocks", "occupied-index"])("runs on %s", async (design) => {
    const { code, err, out } = await run(design);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toContain("64 pages, 2 CPUs");
    expect(out).toMatch(/^programs: 2 tasks with 2, 2 operations, from /m);
    expect(out).toContain("HELD in 20 interleavings of the given programs");
  });

  test("takes what the environment may do from the command line", async () => {
    const { out } = await run("node-blocks", "--faults", "kasan", "--migrations", "1");
    expect(out.replaceAll("\n", " ")).toContain("up to 1 fault at kasan, up to 1 migration");
  });

  test("is the same run as its programs on the command line", async () => {
    const line = ["--space", "64", "--lazy-max", "3", "--program", "a=alloc(2); aliases"];
    const given = await vmapcheck([
      "run",
      "size-pools",
      ...line,
      "--program",
      "b=alloc(1); free(a)",
      "--runs",
      "20",
      "--seed",
      "s",
    ]);
    const steps = (text: string): string | undefined => /\(([\d,]+) steps\)/.exec(text)?.[1];
    expect(steps(given.out)).toBeDefined();
    expect(steps((await run("size-pools")).out)).toBe(steps(given.out));
  });
});

describe("refuses", () => {
  const refused = async (args: readonly string[]): Promise<string> => {
    const { code, err } = await vmapcheck(["run", ...args]);
    expect(code).toBe(2);
    return err.replaceAll(folder, "FOLDER");
  };

  test.each([
    ["--space", "32", "VMC-E001: --space: expected no --instance-file beside it"],
    ["--program", "purge", "VMC-E001: --program: expected no --instance-file beside it"],
    ["--ops", "3", "VMC-E001: --ops: expected random programs, which --instance-file rules out"],
  ])("%s beside it", async (option, value, message) => {
    expect(await refused(["size-pools", "--instance-file", load, option, value])).toContain(message);
  });

  test("an operation that the design does not know", async () => {
    const pools = file("pools.json", { ...LOAD, programs: [[{ op: "shrink" }], []] });
    const err = await refused(["global-tree", "--instance-file", pools]);
    expect(err).toContain("FOLDER/pools.json: programs[0][0].op: expected another operation");
  });

  test("a closed instance, and a space that is too large", async () => {
    const closed = file("closed.json", { ...LOAD, closed: { liveMax: 2 } });
    expect(await refused(["size-pools", "--instance-file", closed])).toContain("expected an open instance");
    const large = file("large.json", { ...LOAD, spacePages: 70_000 });
    expect(await refused(["size-pools", "--instance-file", large])).toContain(
      "expected an integer from 1 to 65536",
    );
  });

  test("a file that is missing, no JSON, or no instance", async () => {
    expect(await refused(["size-pools", "--instance-file", join(folder, "none")])).toContain("VMC-E003");
    const broken = join(folder, "broken.json");
    writeFileSync(broken, "{");
    expect(await refused(["size-pools", "--instance-file", broken])).toContain("VMC-E010");
    writeFileSync(broken, "{}");
    expect(await refused(["size-pools", "--instance-file", broken])).toContain("VMC-E011");
  });
});
