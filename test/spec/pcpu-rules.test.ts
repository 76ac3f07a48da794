// SPDX-License-Identifier: GPL-2.0-only
// Congruent areas in programs: their text, the rules that they must keep, and who waits for whom.
import { describe, expect, test } from "vitest";
import { decodeInstance } from "../../spec/instance-schema.ts";
import { validateInstance } from "../../spec/instance-rules.ts";
import { areasOf, hasPcpu, isSameRequest, type Operation, pcpuRequests } from "../../spec/operations.ts";
import { parsePrograms, printPrograms } from "../../spec/program-text.ts";
import { instanceOf } from "../../spec/small-machine.ts";
import type { Instance } from "../../spec/instance.ts";
import { changed, INSTANCE } from "./sample.ts";

function operations(text: string): readonly (readonly Operation[])[] {
  const parsed = parsePrograms(text, "p");
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
}

/** What the rules say of programs in a window of [2, 16) of 16 pages. */
function verdict(text: string, more: Partial<Instance> = {}): string {
  const vmalloc = { start: 2, end: 16 };
  const instance = { ...INSTANCE, modules: undefined, vmalloc, ...more, programs: operations(text) };
  const error = validateInstance(instance, "i.json");
  return error === undefined ? "valid" : `${error.code} ${error.message}`;
}

test.each([
  "p=pcpu(0:1)",
  "p=pcpu(0:2,6:2,align=2); pfree(p)",
  "p=pcpu(4:4,0:4,align=4)\npfree(p); q=pcpu(0:1,2:1)",
])("%s is printed as it is read", (text) => {
  expect(printPrograms(operations(text))).toBe(text);
  expect(verdict(text)).toBe("valid");
});

test("blanks, units and the default alignment", () => {
  expect(printPrograms(operations("p = pcpu ( 8K:4K , 0:2 , align = 1 );pfree( p )"))).toBe(
    "p=pcpu(2:1,0:2); pfree(p)",
  );
});

describe("the areas of a request", () => {
  test.each([
    ["p=pcpu(0:14)", "valid"],
    [
      "p=pcpu(0:1,15:1)",
      "VMC-E022 i.json: programs[0][0].offsets: expected areas within 14 pages (the pages of [2, 16)), found 16 pages",
    ],
    [
      "p=pcpu(0:4,8:8,align=4)",
      "VMC-E022 i.json: programs[0][0].offsets: expected areas within 12 pages (the pages of [4, 16)), found 16 pages",
    ],
    [
      "p=pcpu(0:32,align=32)",
      "VMC-E022 i.json: programs[0][0].offsets: expected areas within 0 pages (the window holds no such alignment), found 32 pages",
    ],
    ["p=pcpu(0:4,8:4,align=4)", "valid"],
    [
      "p=pcpu(0:2,1:1)",
      "VMC-E022 i.json: programs[0][0].offsets[1]: expected an area that offsets[0] does not overlap, found 1",
    ],
    [
      "p=pcpu(4:2,0:2,3:2)",
      "VMC-E022 i.json: programs[0][0].offsets[2]: expected an area that offsets[0] does not overlap, found 3",
    ],
    ["p=pcpu(2:2,0:2)", "valid"],
    ["p=pcpu(0:0)", "VMC-E022 i.json: programs[0][0].sizes[0]: expected an integer from 1 on, found 0"],
    [
      "p=pcpu(1:2,align=2)",
      "VMC-E022 i.json: programs[0][0].offsets[0]: expected a multiple of the alignment 2 from 0 on, found 1",
    ],
    [
      "p=pcpu(2:1,align=2)",
      "VMC-E022 i.json: programs[0][0].sizes[0]: expected a multiple of the alignment 2 from 2 on, found 1",
    ],
    [
      "p=pcpu(0:3,align=3)",
      "VMC-E022 i.json: programs[0][0].align: expected a power of two from 1 to 1073741824, found 3",
    ],
    [
      "p=pcpu(0:1,1:1,2:1,3:1,4:1,5:1,6:1,7:1,8:1)",
      "VMC-E022 i.json: programs[0][0].offsets: expected 1 to 8 areas, found 9",
    ],
  ])("%s", (text, expected) => {
    expect(verdict(text)).toBe(expected);
  });

  test("have an offset and a size each", () => {
    const of = instanceOf("global-tree", { space: 8 }, "p=pcpu(0:1,2:1)");
    const short = changed((draft) => Object.assign(draft.programs[0]![0]!, { sizes: [1] }), of);
    expect(validateInstance(short, "i")?.message).toBe(
      "i: programs[0][0].sizes: expected 2, one for each offset, found 1",
    );
    const none = changed((draft) => Object.assign(draft.programs[0]![0]!, { offsets: [], sizes: [] }), of);
    expect(validateInstance(none, "i")?.message).toBe(
      "i: programs[0][0].offsets: expected 1 to 8 areas, found 0",
    );
    expect(decodeInstance(of, "i")).toEqual({ ok: true, value: of });
  });

  test("fit into what may be live of a closed instance", () => {
    const closed = (liveMax: number): string => verdict("p=pcpu(0:1,2:1)\nfree(p)", { closed: { liveMax } });
    expect(verdict("p=pcpu(0:1,2:1)", { closed: { liveMax: 2 } })).toBe("valid");
    expect(verdict("p=pcpu(0:1,2:1)", { closed: { liveMax: 1 } })).toBe(
      "VMC-E020 i.json: closed.liveMax: expected 2 or more (programs[0][0] allocates as many areas), found 1",
    );
    expect(closed(2)).toContain("VMC-E023");
  });
});

describe("names", () => {
  test.each([
    [
      "a=alloc(1)\na=pcpu(0:1)",
      'VMC-E023 i.json: programs[1][0].name: expected a name that programs[0][0] does not use, found "a"',
    ],
    [
      "p=pcpu(0:1); free(p)",
      'VMC-E023 i.json: programs[0][1].name: expected an area of alloc (pfree frees those of pcpu), found "p"',
    ],
    ["a=alloc(1); pfree(a)", 'VMC-E023 i.json: programs[0][1].name: expected areas of pcpu, found "a"'],
    [
      "p=pcpu(0:1); find(p+0)",
      'VMC-E023 i.json: programs[0][1].name: expected an area of alloc (nobody looks up those of pcpu), found "p"',
    ],
    [
      "p=pcpu(0:1); pfree(p)\npfree(p)",
      'VMC-E023 i.json: programs[1][0].name: expected an area that programs[0][1] does not free, found "p"',
    ],
    [
      "pfree(p); p=pcpu(0:1)",
      'VMC-E023 i.json: programs[0][0].name: expected an area that is allocated earlier (programs[0][1] allocates it), found "p"',
    ],
    [
      "pfree(q); p=pcpu(0:1)\npfree(p); q=pcpu(0:1)",
      'VMC-E024 i.json: programs[0][0]: expected programs that can all finish, found a circle: programs[0][0] waits for "q", programs[1][0] waits for "p"',
    ],
    ["pfree(q); p=pcpu(0:1)\nq=pcpu(0:1); pfree(p)", "valid"],
  ])("%s", (text, expected) => {
    expect(verdict(text)).toBe(expected);
  });
});

test("each request counts once, whatever it is called and whoever asks", () => {
  const programs = operations(
    "p=pcpu(0:1,2:1); q=pcpu(2:1,0:1)\nr=pcpu(0:1,2:1); s=pcpu(0:2,2:2,align=2); a=alloc(1)",
  );
  const [p, q, r, s] = programs.flat().flatMap((op) => (op.op === "pcpu" ? [op] : []));
  expect(pcpuRequests(programs)).toEqual([p, q, s]);
  expect([isSameRequest(p!, r!), isSameRequest(p!, q!), isSameRequest(p!, s!)]).toEqual([true, false, false]);
  expect(
    programs
      .flat()
      .flatMap(areasOf)
      .map(({ name, size }) => `${name}:${size}`),
  ).toEqual(["p[0]:1", "p[1]:1", "q[0]:1", "q[1]:1", "r[0]:1", "r[1]:1", "s[0]:2", "s[1]:2", "a:1"]);
  expect([hasPcpu(programs), hasPcpu(operations("a=alloc(1)\n-"))]).toEqual([true, false]);
});
