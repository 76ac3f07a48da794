// SPDX-License-Identifier: GPL-2.0-only
// The state of the workqueue is touched inside steps only: strict mode sees code that does otherwise, and no other.
import { expect, test } from "vitest";
import { StrictFault } from "../../../../impl/heap/strict-fault.ts";
import { Workers } from "../../../../impl/kernel/workqueue/workers.ts";
import type { KernelCode } from "../../../../explore/sync.ts";
import { QUEUEING } from "./cases.ts";
import { judge } from "./judged.ts";
import type { Works } from "../../../../impl/kernel/workqueue/works.ts";

/** A flush that looks at the item before its first step. */
class LooksTooEarly extends Workers {
  private readonly items: Works;

  constructor(...args: ConstructorParameters<typeof Workers>) {
    super(...args);
    this.items = args[0];
  }

  override *flushWork(work: number): KernelCode {
    if (this.items.isIdle(work)) return 0;
    return yield* super.flushWork(work);
  }
}

test("a flush that looks at the item between two steps", () => {
  const small = QUEUEING["one queues, one flushes"];
  expect(() => judge(small, { Workers: LooksTooEarly, strict: true })).toThrow(StrictFault);
  expect(judge(small, { strict: true }).end).toBe("exhausted");
});
