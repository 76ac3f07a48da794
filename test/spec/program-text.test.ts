// SPDX-License-Identifier: GPL-2.0-only
//
// Programs as text: printing, parsing, and errors that name line and column.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseProgram, parsePrograms, printProgram, printPrograms } from "../../spec/program-text.ts";
import { INSTANCE, programsArbitrary } from "./sample.ts";

test("the sample prints as it should be read", () => {
  expect(printPrograms(INSTANCE.programs)).toMatchInlineSnapshot(`
    "a=alloc(2); find(a+1); free(a); purge
    b=alloc(1,align=4,window=8..12); c=alloc(1,window=modules); d=cache(1); free(c); aliases"
  `);
});

test("the shrinker and CPU hotplug", () => {
  const text = "offline(1); shrink; online(63)";
  const parsed = parseProgram(" offline ( 1 ) ;shrink; online(63);");
  expect(parsed.ok && parsed.value).toEqual([
    { op: "offline", cpu: 1 },
    { op: "shrink" },
    { op: "online", cpu: 63 },
  ]);
  expect(parsed.ok && printProgram(parsed.value)).toBe(text);
});

test("what is printed is parsed back", () => {
  const programs = programsArbitrary({ start: 0, end: 40 }, { start: 40, end: 50 }, 4);
  fc.assert(
    fc.property(programs, (each) => {
      expect(parsePrograms(printPrograms(each))).toEqual({ ok: true, value: each });
    }),
  );
});

test("blanks, blank lines, defaults and a last semicolon make no difference", () => {
  const loose =
    "\r\n  a = alloc ( 2 , window = vmalloc , align = 1 ) ;find( a + 1 )\t; free ( a );purge;\n\n-\n";
  const parsed = parsePrograms(loose);
  expect(parsed.ok && printPrograms(parsed.value)).toBe("a=alloc(2); find(a+1); free(a); purge\n-");
  const short = parseProgram("find(b)");
  expect(short.ok && printProgram(short.value)).toBe("find(b+0)");
});

test("sizes in bytes become pages of the given size", () => {
  const text = "a=alloc(8K,align=16384B); b=alloc(1M,window=64K..2M)";
  const read = (pageSize?: number): string => {
    const parsed = parseProgram(text, "p", 1, pageSize);
    return parsed.ok ? printPrograms([parsed.value]) : parsed.error.message;
  };
  expect(read()).toBe("a=alloc(2,align=4); b=alloc(256,window=16..512)");
  expect(read(8192)).toBe("a=alloc(1,align=2); b=alloc(128,window=8..256)");
  expect(read(16_384)).toBe(
    'p: 1:9: expected pages from 0 to 2147483647, or as many bytes in multiples of 16384, found "8K"',
  );
});

describe("an error names line, column, what was expected and what was found", () => {
  test.each([
    ["", "p: 1:1: expected at least one program, found the end of the line"],
    ["\n\n", "p: 1:1: expected at least one program, found the end of the line"],
    ["- purge", 'p: 1:3: expected the end of the line, found "purge"'],
    ["a=alloc(2", 'p: 1:10: expected "," or ")", found the end of the line'],
    ["a=alloc()", 'p: 1:9: expected a number from 0 to 2147483647, found ")"'],
    ["a=alloc(-1)", 'p: 1:9: expected a number from 0 to 2147483647, found "-"'],
    ["a=alloc(2147483648)", 'p: 1:9: expected a number from 0 to 2147483647, found "2147483648"'],
    ["a=alloc(2k)", 'p: 1:10: expected "," or ")", found "k"'],
    [
      "a=alloc(2K)",
      'p: 1:9: expected pages from 0 to 2147483647, or as many bytes in multiples of 4096, found "2K"',
    ],
    [
      "a=alloc(8K,align=K)",
      'p: 1:18: expected pages from 0 to 2147483647, or as many bytes in multiples of 4096, found "K"',
    ],
    [
      "a=alloc(8192G)",
      'p: 1:9: expected pages from 0 to 2147483647, or as many bytes in multiples of 4096, found "8192G"',
    ],
    ["a=alloc(2,)", 'p: 1:11: expected align or window, found ")"'],
    ["a=alloc(2,size=3)", 'p: 1:11: expected align or window, found "size"'],
    ["a=alloc(2,align=2,align=4)", 'p: 1:19: expected window, found "align"'],
    ["a=alloc(2,align=2,window=modules,align=4)", 'p: 1:34: expected no further option, found "align"'],
    ["a=alloc(2,align 4)", 'p: 1:17: expected "=", found "4"'],
    ["a=alloc(2,window=heap)", 'p: 1:18: expected vmalloc, modules or a range such as 8..12, found "heap"'],
    ["a=alloc(2,window=8.12)", 'p: 1:19: expected "..", found "."'],
    ["a=alloc(2,window=8..)", 'p: 1:21: expected a number from 0 to 2147483647, found ")"'],
    ["a=free(b)", 'p: 1:3: expected alloc, cache or pcpu, found "free"'],
    ["alloc(2)", 'p: 1:1: expected a name and "=" before alloc, found "alloc"'],
    [
      "2a=alloc(1)",
      'p: 1:1: expected a name of at most 32 characters that does not begin with a digit, found "2a"',
    ],
    ["pcpu(0:1)", 'p: 1:1: expected a name and "=" before pcpu, found "pcpu"'],
    ["p=pcpu", 'p: 1:7: expected "(", found the end of the line'],
    ["p=pcpu()", 'p: 1:8: expected a number from 0 to 2147483647, found ")"'],
    ["p=pcpu(0)", 'p: 1:9: expected ":" and a size, found ")"'],
    ["p=pcpu(0:)", 'p: 1:10: expected a number from 0 to 2147483647, found ")"'],
    ["p=pcpu(0:1", 'p: 1:11: expected "," or ")", found the end of the line'],
    ["p=pcpu(0:1,)", 'p: 1:12: expected a number from 0 to 2147483647, found ")"'],
    ["p=pcpu(align=1)", 'p: 1:8: expected a number from 0 to 2147483647, found "align"'],
    ["p=pcpu(0:1,align)", 'p: 1:17: expected "=", found ")"'],
    ["p=pcpu(0:2,align=2,4:2)", 'p: 1:19: expected ")", found ","'],
    ["pfree(p+1)", 'p: 1:8: expected ")", found "+"'],
    ["free a", 'p: 1:6: expected "(", found "a"'],
    ["free()", 'p: 1:6: expected the name of an area, found ")"'],
    ["free(a+1)", 'p: 1:7: expected ")", found "+"'],
    ["find(a-1)", 'p: 1:7: expected "+" or ")", found "-"'],
    ["find(a+1", 'p: 1:9: expected ")", found the end of the line'],
    ["offline 1", 'p: 1:9: expected "(", found "1"'],
    ["online()", 'p: 1:8: expected a number from 0 to 2147483647, found ")"'],
    ["online(b)", 'p: 1:8: expected a number from 0 to 2147483647, found "b"'],
    ["offline(1,2)", 'p: 1:10: expected ")", found ","'],
    ["shrink(1)", 'p: 1:7: expected ";" or the end of the line, found "("'],
    ["purge aliases", 'p: 1:7: expected ";" or the end of the line, found "aliases"'],
    [
      "purge\nmmap(3)",
      'p: 2:1: expected an operation (name=alloc(...), name=cache(...), name=pcpu(...), free, pfree, find, purge, aliases, shrink, flip, offline or online), found "mmap"',
    ],
    [
      "purge;;purge",
      'p: 1:7: expected an operation (name=alloc(...), name=cache(...), name=pcpu(...), free, pfree, find, purge, aliases, shrink, flip, offline or online), found ";"',
    ],
    ["purge \u{1f600}", 'p: 1:7: expected ";" or the end of the line, found "\u{1f600}"'],
  ])("%j", (text, expected) => {
    const parsed = parsePrograms(text, "p");
    expect(parsed.ok ? "valid" : parsed.error.message).toBe(expected);
  });
});

test("any text gives programs or one line", () => {
  const piece = fc.oneof(
    fc.constantFrom(
      "a",
      "=",
      "alloc",
      "cache",
      "pcpu",
      ":",
      "(",
      ")",
      ",",
      "align",
      "window",
      "..",
      "3",
      ";",
      "find",
      "offline",
      "shrink",
      "+",
      "\n",
    ),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const parsed = parsePrograms(pieces.join(""), "p");
      const line = parsed.ok ? "p: 0:0: expected x, found y" : parsed.error.message;
      expect(line).toMatch(/^p: \d+:\d+: expected .+, found .+$/);
      expect(parsed.ok ? parsePrograms(printPrograms(parsed.value), "p") : parsed).toEqual(parsed);
    }),
  );
});
