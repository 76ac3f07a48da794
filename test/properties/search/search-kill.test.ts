// SPDX-License-Identifier: GPL-2.0-only
// A search kills mistakes and proves repairs; what it does not come to is said.
import { expect, test } from "vitest";
import { GlobalTree } from "../../../impl/allocators/global-tree.ts";
import { NodeBlocks } from "../../../impl/allocators/node-blocks.ts";
import { mutantOf } from "../../../properties/mutants/catalogue.ts";
import { killBySearch } from "../../../properties/mutants/search-kill.ts";

const STATES_MAX = 20_000;

test("a mistake, with the length of a shortest counterexample", () => {
  const { steps, ...kill } = killBySearch(mutantOf("MU-37"), STATES_MAX)!;
  expect(kill).toMatchObject({ killed: true, text: expect.stringContaining("INV-LAZYNR-GE") as string });
  expect(killBySearch({ ...mutantOf("MU-37"), make: GlobalTree }, STATES_MAX)).toEqual({
    killed: false,
    text: "a search sees nothing (exhausted)",
    steps: undefined,
  });
  expect(killBySearch(mutantOf("MU-37"), steps!)).toEqual({
    killed: false,
    text: "a search sees nothing (limit)",
    steps: undefined,
  });
});

test("a repair, which must hold in all states", () => {
  const repair = mutantOf("MU-14");
  expect(killBySearch(repair, STATES_MAX)).toMatchObject({ killed: true });
  const { killed, text } = killBySearch({ ...repair, make: NodeBlocks }, STATES_MAX)!;
  expect([killed, text]).toEqual([
    false,
    expect.stringMatching(/^a search of the repaired design sees INV-BLOCK-RETURN: /),
  ]);
});

test("what only a computation or a strict run sees is left to them", () => {
  expect(["MU-60", "MU-116"].map((id) => killBySearch(mutantOf(id), STATES_MAX))).toEqual([
    undefined,
    undefined,
  ]);
});
