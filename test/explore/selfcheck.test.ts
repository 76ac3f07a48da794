// SPDX-License-Identifier: GPL-2.0-only
//
// The known answers of the self-check: every number is met, and every number can fail.

import { describe, expect, test } from "vitest";
import { InternedExecutor } from "../../explore/positions.ts";
import { search } from "../../explore/search/search.ts";
import { orders } from "../../explore/selfcheck/families.ts";
import { AREA, PAGE, Protocol } from "../../explore/selfcheck/protocol.ts";
import { ProtocolInvariants } from "../../explore/selfcheck/protocol-invariants.ts";
import { protocolInstance } from "../../explore/selfcheck/protocol-sizes.ts";
import {
  checkAnswer,
  type Counts,
  type KnownAnswer,
  knownAnswers,
} from "../../explore/selfcheck/selfcheck.ts";
import { type KernelCode, tail } from "../../explore/sync.ts";

const SMALL = knownAnswers(true).filter(({ large }) => !large);

describe("the numbers are met", () => {
  test.each(SMALL.map((answer) => [answer.name, answer] as const))("%s", (_name, answer) => {
    const row = checkAnswer(answer);
    expect(row).toMatchObject({ ok: true, found: answer.expected });
    expect(row!.statesSeen).toBe(answer.orders * answer.expected.states!);
  });

  test("in every rotation and the reverse of the processes", () => {
    expect(orders(3)).toEqual([
      [0, 1, 2],
      [1, 2, 0],
      [2, 0, 1],
      [2, 1, 0],
    ]);
    for (const { name, orders: count } of SMALL) {
      const processes = /\((\d+)\)/.exec(name)?.[1];
      expect(count).toBe(processes === undefined ? 1 : Number(processes) + 1);
    }
  });

  test("the protocol has its three sizes, the largest only when asked for", () => {
    expect(
      knownAnswers().flatMap(({ name, large }) => (name.startsWith("NB") ? [[name, large]] : [])),
    ).toEqual([
      ["NB-1", false],
      ["NB-2", false],
      ["NB-3", true],
    ]);
  });
});

describe("every number can fail", () => {
  const quick = SMALL.filter(({ name }) => /\([1-4]\)$|^NB-1$/.test(name));
  const changed = quick.flatMap((answer) =>
    (Object.keys(answer.expected) as (keyof Counts)[]).map((key) => [answer.name, key, answer] as const),
  );

  test.each(changed)("%s: %s", (_name, key, answer) => {
    for (const by of [-1, 1]) {
      const expected = { ...answer.expected, [key]: answer.expected[key]! + by };
      expect(checkAnswer({ ...answer, expected })).toMatchObject({ ok: false, found: answer.expected });
    }
  });

  test("in one order only", () => {
    const { run, ...rest } = quick.find(({ name }) => name === "philosophers(3)")!;
    const skewed: KnownAnswer = {
      ...rest,
      run: (order) => (order === 2 ? { ...run(order), states: 86 } : run(order)),
    };
    expect(checkAnswer(skewed)).toMatchObject({ ok: false, found: { states: 86 } });
  });

  test("by a search that ends with something else, and not by one that was stopped", () => {
    const answer = quick[0]!;
    const violated: KnownAnswer = { ...answer, run: (order) => ({ ...answer.run(order), end: "violation" }) };
    expect(checkAnswer(violated)).toMatchObject({ ok: false, problem: "the search ended with a violation" });
    expect(checkAnswer(SMALL.at(-1)!, { statesMax: 10 })).toBeUndefined();
  });
});

describe("every invariant of the protocol can fail", () => {
  function broken(spoil: (protocol: Protocol) => void): string | undefined {
    const protocol = new Protocol(protocolInstance("NB-1"));
    const invariants = new ProtocolInvariants(protocol);
    const executor = new InternedExecutor(protocol);
    executor.reset();
    invariants.attach(executor);
    protocol.page.set([PAGE.EDGE, PAGE.OWNED + 1, PAGE.OWNED + 1, 1, 1, PAGE.EDGE], 2);
    protocol.state[1] = AREA.BUSY;
    protocol.address[1] = 3;
    protocol.origin[1] = 1;
    expect(invariants.brokenNow()).toBeUndefined();
    spoil(protocol);
    return invariants.brokenNow();
  }

  test.each([
    ["I1 single owner", (p: Protocol) => (p.page[3] = 1)],
    ["I1 single owner", (p: Protocol) => (p.page[12] = PAGE.OWNED + 1)],
    ["I2 blocks and edges", (p: Protocol) => (p.page[7] = PAGE.FREE)],
    ["I2 blocks and edges", (p: Protocol) => (p.page[6] = 2)],
    ["I2 blocks and edges", (p: Protocol) => (p.origin[1] = 2)],
    ["I2 blocks and edges", (p: Protocol) => (p.page[12] = 1)],
    [
      "I3 full blocks are released",
      (p: Protocol) => {
        p.page.fill(1, 3, 7);
        p.state[1] = AREA.DONE;
      },
    ],
    ["I4 lazy accounting", (p: Protocol) => (p.state[1] = AREA.LAZY)],
    ["I5 flags", (p: Protocol) => (p.filling[1] = 1)],
    ["I5 flags", (p: Protocol) => (p.words[0] = 1)],
    ["I5 flags", (p: Protocol) => (p.page[12] = PAGE.FILL_HELD)],
    ["I5 flags", (p: Protocol) => (p.page[12] = PAGE.PURGE_HELD)],
  ])("%s", (name, spoil) => {
    expect(broken(spoil)).toBe(name);
  });

  test("I6 quiescence", () => {
    // The lock is never given back, and the second purge waits for ever.
    class Held extends Protocol {
      override *unlock(): KernelCode {
        return 0;
      }
    }
    const protocol = new Held(protocolInstance("NB-2"));
    const invariants = new ProtocolInvariants(protocol);
    const attach = (executor: InternedExecutor): void => invariants.attach(executor);
    const result = search(protocol, { attach, afterStep: () => false, atEnd: () => invariants.atEnd() });
    expect([result.end, invariants.broken]).toEqual(["deadlock", "I6 quiescence"]);
  });

  test("and ends the search at once, with a shortest trace", () => {
    // A fill forgets its flag.
    class Forgetful extends Protocol {
      override *endFill(_node: number, area: number): KernelCode {
        return tail(this, this.insertBusy, area);
      }
    }
    const protocol = new Forgetful(protocolInstance("NB-1"));
    const invariants = new ProtocolInvariants(protocol);
    const result = search(protocol, invariants);
    expect([result.end, invariants.broken]).toEqual(["violation", "I5 flags"]);
    // A1, F1, F2 of one thread.
    expect(result.trace!.map(({ process }) => process)).toEqual([0, 0, 0]);
  });
});
