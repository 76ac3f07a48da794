// SPDX-License-Identifier: GPL-2.0-only
//
// The boot as far as workqueues go: queueing becomes possible, then workers run, then the early initcalls are made.
// When, is the scheduler's choice. Source: start_kernel, kernel_init_freeable, do_pre_smp_initcalls (init/main.c).
// ABSTRACTION: tasks may run at any moment of the boot, and on all CPUs; risk: interleavings that the single boot CPU
// cannot have before its first kernel threads. What they show must be read with that in mind.

import { type Call, type KernelCode, site, tail } from "../../explore/sync.ts";
import type { Works } from "./workqueue/works.ts";
import { PHASE } from "./workqueue/queues.ts";

const S = {
  early: site("start_kernel", "workqueue_init_early(): work can be queued"),
  online: site("kernel_init_freeable", "workqueue_init(): workers run"),
};

/** The task that boots the machine. */
export class Boot {
  private readonly works: Works;
  private readonly initcalls: readonly Call[];

  /** `initcalls` are those of later levels, in order. */
  constructor(works: Works, initcalls: readonly Call[]) {
    this.works = works;
    this.initcalls = initcalls;
  }

  /** From `phase` on, which is what has been initialised. */
  *init(phase: number): KernelCode {
    if (phase === PHASE.ONLINE) {
      for (const initcall of this.initcalls) yield initcall;
      return 0;
    }
    yield {
      site: phase === PHASE.NONE ? S.early : S.online,
      run: () => {
        this.works.advance();
        return 0;
      },
    };
    return tail(this, this.init, phase + 1);
  }
}
