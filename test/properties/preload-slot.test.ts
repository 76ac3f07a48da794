// SPDX-License-Identifier: GPL-2.0-only
// The preload slot where a spinlock section may be preempted: see properties/scenarios/preload-slot.ts.
import { describe, expect, it } from "vitest";
import { createRng } from "../../explore/rng.ts";
import { PctStrategy } from "../../explore/strategies/pct.ts";
import { RandomStrategy } from "../../explore/strategies/random.ts";
import type { AllocatorClass } from "../../impl/allocators/registry.ts";
import { PreemptibleGlobalTree, PreemptibleNodeBlocks } from "../../properties/scenarios/preload-slot.ts";
import { expectedToHold } from "../../properties/scenarios/scenario.ts";
import { Session } from "../../properties/session.ts";
import { capture, shrink } from "../../properties/shrink/shrink.ts";
import type { AllocatorId } from "../../spec/instance.ts";
import { printPrograms } from "../../spec/program-text.ts";
import { instanceOf } from "./small-instance.ts";

/** What thousands of schedules find on one CPU, shrunk. */
function hunt(allocator: AllocatorId, design: AllocatorClass): string {
  const instance = instanceOf(
    allocator,
    "a=alloc(9); b=alloc(5,align=4); c=alloc(5,align=4)\nd=alloc(1); e=alloc(1); f=alloc(1,align=2)\ng=alloc(6,align=4)",
    { spacePages: 64, cpus: 1, nodes: 1, blockPages: 16 },
  );
  const options = { design, watched: expectedToHold(allocator), live: true };
  const session = new Session(instance, options);
  const rng = createRng("preload slot");
  const strategies = [new RandomStrategy(rng, session.profile), new PctStrategy(rng, session.profile, 3)];
  for (let i = 0; i < 4000; i++) {
    const { finding } = session.run(strategies[i % 2]!);
    if (!finding) continue;
    const least = shrink(instance, capture(session, finding), options);
    return `${least.finding.id}: ${least.finding.message}\n${printPrograms(least.instance.programs)}`;
  }
  return "nothing";
}

describe("the preload slot, where a spinlock section may be preempted", () => {
  it("is safe while one lock stands around all its users", () => {
    expect(hunt("global-tree", PreemptibleGlobalTree)).toBe("nothing");
  });

  it("hands one record out twice once nodes split under their own locks", () => {
    expect(hunt("node-blocks", PreemptibleNodeBlocks)).toMatchInlineSnapshot(`
      "INV-CONSERVE: pages [1,2) left "node-free of node 0" and are in no place now
      b=alloc(1); c=alloc(1,align=2)
      f=alloc(1,align=2)"
    `);
  });
});
