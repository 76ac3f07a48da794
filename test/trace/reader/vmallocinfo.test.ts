// SPDX-License-Identifier: GPL-2.0-only
//
// Lists of areas as /proc/vmallocinfo has them, and kernels that hide the addresses.

import { expect, test } from "vitest";
import { errorLine } from "../../../cli/error-text.ts";
import { UnreadableInput } from "../../../trace/reader/unreadable-input.ts";
import { parseVmallocinfo } from "../../../trace/reader/vmallocinfo.ts";

function thrown(text: string): UnreadableInput {
  try {
    parseVmallocinfo(text, "before.txt");
  } catch (error) {
    if (error instanceof UnreadableInput) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

test("areas in the order of the text", () => {
  const text = [
    "0xffffd2024000b000-0xffffd2024000d000    8192 hpet_enable+0xee/0x480 phys=0x00000000fed00000 ioremap",
    "",
    "0xffffd20240000000-0xffffd20240005000   20480 unpurged vm_area\r",
    "0xfffffffffffff000-0xffffffffffffffff    4095 x".replace(
      "ffffffffffffffff    4095",
      "fffffffffffff000       0",
    ),
  ];
  const page = 0xffffd20240000;
  expect(parseVmallocinfo(text.slice(0, 3).join("\n"), "x")).toEqual([
    { page: page + 11, pages: 2, isLazy: false, isChunk: false, line: 1 },
    { page, pages: 5, isLazy: true, isChunk: false, line: 3 },
  ]);
  expect(thrown(text.join("\n"))).toMatchObject({ code: "VMC-E041", path: "4:1" });
});

test("a chunk of per-CPU memory is known by its caller", () => {
  const text = "0xffffee803fc00000-0xffffee803fe00000 2097152 pcpu_get_vm_areas+0x0/0xfd0 vmalloc";
  expect(parseVmallocinfo(text, "x")[0]).toMatchObject({ pages: 512, isChunk: true });
  const chunkless = text.replace("pcpu_get_vm_areas", "pcpu_create_chunk");
  expect(parseVmallocinfo(chunkless, "x")[0]).toMatchObject({ isChunk: false });
});

test("a 32-bit kernel's addresses are no hashes", () => {
  expect(parseVmallocinfo("0xf0800000-0xf0802000    8192 vm_map_ram", "x")).toEqual([
    { page: 0xf0800, pages: 2, isLazy: false, isChunk: false, line: 1 },
  ]);
});

test.each([
  "0x00000000d6bb25a1-0x000000007f0c1c3e   20480 irq_init_percpu_irqstack+0xf8/0x130 vmap",
  "0x00000000d6bb2000-0x000000007f0c1000   20480 x",
  "0x(____ptrval____)-0x(____ptrval____)   20480 x",
  "(____ptrval____)-(____ptrval____)   20480 x",
])("hashed addresses: %s", (line) => {
  expect(errorLine(thrown(line), undefined)).toBe(
    "vmapcheck: VMC-E041: before.txt: 1:1: expected addresses, found hashed ones; boot the kernel with " +
      "no_hash_pointers, or read the file as root with kernel.kptr_restrict=1",
  );
});

test("addresses left out", () => {
  expect(thrown("0x0000000000000000-0x0000000000000000   20480 x")).toMatchObject({
    code: "VMC-E041",
    found: "only zeros",
    hint: "read it as root, with kernel.kptr_restrict=1 or no_hash_pointers",
  });
  expect(thrown("\n")).toMatchObject({
    code: "VMC-E041",
    path: "",
    found: "no line",
    hint: "read it as root",
  });
});

test.each([
  "hello",
  "0xffffd20240000000-0xffffd20240005000",
  "0xffffd20240000000-0xffffd20240005000   20481 x",
  "0xffffd20240000001-0xffffd20240005001   20480 x",
  "0xffffd20240005000-0xffffd20240000000   20480 x",
  "0xffffd20240000000-0x1ffffd20240005000   20480 x",
])("malformed: %s", (line) => {
  expect(thrown(`0xffffd20240000000-0xffffd20240005000   20480 x\n${line}`)).toMatchObject({
    code: "VMC-E041",
    path: "2:1",
    hint: undefined,
  });
});
