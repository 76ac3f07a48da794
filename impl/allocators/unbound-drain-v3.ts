// SPDX-License-Identifier: GPL-2.0-only
//
// The design `unbound-drain-v3`: as unbound-drain, with a queue and a rescuer of their own for the helpers, and with
// the result of queue_work() looked at.
// Source: "[PATCH v3] mm/vmalloc: Use dedicated unbound workqueues for vmap drain" (31 Mar 2026).

import { type KernelCode, site } from "../../explore/sync.ts";
import type { Instance } from "../../spec/instance.ts";
import type { KernelOptions } from "../kernel/kernel.ts";
import type { QueueShape } from "../kernel/workqueue/queues.ts";
import { DRAIN_WQ, INITCALL, UnboundDrain } from "./unbound-drain.ts";

/** Second place of the initcall, which only instances with a boot come to. */
const HELPERS_INITCALL = site(
  "vmalloc_init_workqueue",
  "alloc_workqueue(), WRITE_ONCE(drain_vmap_helpers_wq)",
);

const QUEUES: readonly QueueShape[] = [
  { name: "vmap_drain", unbound: true, memReclaim: true },
  { name: "vmap_drain_helpers", unbound: true, memReclaim: true },
];

/** Id of drain_vmap_helpers_wq. */
const HELPERS_WQ = 2;

/** v3 of the patch. */
export class UnboundDrainV3 extends UnboundDrain {
  constructor(instance: Instance, options: KernelOptions) {
    super(instance, options, QUEUES);
  }

  protected override allocWorkqueues(): void {
    this.drainVmapWq[0] = DRAIN_WQ;
    this.drainVmapWq[1] = HELPERS_WQ;
  }

  override *vmallocInitWorkqueue(): KernelCode {
    const choices = this.kernel.faults.choices("workqueue");
    yield { site: INITCALL, choices, run: (choice) => this.allocWorkqueue(0, DRAIN_WQ, choice) };
    yield { site: HELPERS_INITCALL, choices, run: (choice) => this.allocWorkqueue(1, HELPERS_WQ, choice) };
    return 0;
  }

  protected override scheduleDrainVmapWork(work: number, refused: number): boolean {
    return this.scheduleOn(this.drainVmapWq[0]!, work, refused);
  }

  protected override scheduleHelper(work: number, refused: number): boolean {
    return this.scheduleOn(this.drainVmapWq[1]!, work, refused);
  }

  private scheduleOn(wq: number, work: number, refused: number): boolean {
    return wq !== 0 && this.queueWork(wq, work, refused);
  }
}
