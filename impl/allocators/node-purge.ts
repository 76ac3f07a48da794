// SPDX-License-Identifier: GPL-2.0-only
//
// The purge of nodes with helpers: some of the marked nodes are handed to work items, the others are done on the spot,
// and then the items are waited for. Shared by the designs that purge so.
// Source: __purge_vmap_area_lazy of "Offload free_vmap_area_lock lock" (v2 6/9) and of mainline (v6.9).

import { call, type KernelCode, type KernelFunction, site, type Step, tail } from "../../explore/sync.ts";
import { EVENT } from "../../spec/events.ts";
import type { Instance } from "../../spec/instance.ts";
import { NONE, type Va } from "../heap/areas.ts";
import type { KernelOptions, Needs } from "../kernel/kernel.ts";
import { WORK_CPU_UNBOUND } from "../kernel/workqueue/queues.ts";
import { WORK_CLASS } from "./allocator.ts";
import { NodeIndex } from "./node-index.ts";

/** Places of all designs that extend this. */
export const HELPER_SITES = {
  helpers: site("__purge_vmap_area_lazy", "compute the number of helpers from vmap_lazy_nr"),
  dispatch: site("__purge_vmap_area_lazy", "hand a node to a helper, or take it on"),
  sum: site("__purge_vmap_area_lazy", "add up the purged areas"),
};

/** Its own, for items with a worker each. */
export const S = {
  ...HELPER_SITES,
  flushWork: site("__purge_vmap_area_lazy", "flush_work() of a helper"),
};

/** Nodes whose purge may be handed to work items. */
export abstract class PurgeHelpers extends NodeIndex {
  /** The list of what goes back to the global heap, on the stack of purge_vmap_node(). */
  abstract readonly reclaimList: readonly number[];
  /** vn->purge_work. */
  readonly purgeWork: number[] = [];

  constructor(instance: Instance, options: KernelOptions, needs: Needs) {
    super(instance, options, needs);
    const { works, tasks } = this.kernel;
    for (let n = 0; n < this.nodes; n++) {
      this.purgeWork.push(works.declare(`node ${n} purge_work`, WORK_CLASS.PURGE_HELPER, tasks + 1 + n));
    }
  }

  /** reclaim_list_global(): merges each collected range into the global free tree. */
  protected reclaimListGlobal(node: number): number {
    const list = this.reclaimList[node]!;
    for (let va = this.containers.head[list]! as Va; va !== NONE; va = this.containers.head[list]! as Va) {
      this.index.unlinkList(list, va, this.kernel.current);
      this.index.mergeOrAdd(this.free, va);
    }
    return 0;
  }

  /** purge_vmap_node(). */
  abstract purgeVmapNode(node: number, state: number): KernelCode;

  override *purgeMarked(): KernelCode {
    const helpers = yield this.kernel.step(S.helpers, () => this.countHelpers());
    return tail(this, this.dispatch, 0, helpers);
  }

  /** clamp(vmap_lazy_nr / lazy_max_pages(), 1, nodes with work) - 1. */
  protected countHelpers(): number {
    const marked = this.marked();
    const nr = this.lazyNr[0]!;
    const wanted = Math.floor(nr / Math.max(1, this.lazyMaxPages()));
    const helpers = Math.min(Math.max(wanted, 1), marked) - 1;
    this.kernel.events.emit(EVENT.PURGE_HELPERS, helpers, marked, nr);
    return helpers;
  }

  /** The first loop over purge_nodes: a helper for the node while there are any left, else inline. */
  *dispatch(from: number, helpers: number): KernelCode {
    const next = yield this.kernel.step(S.dispatch, () => this.dispatchNode(from, helpers));
    if (next < 0) return tail(this, this.flushHelpers, 0);
    if (helpers === 0) yield call(this, this.purgeVmapNode, next, 0);
    return tail(this, this.dispatch, next + 1, Math.max(0, helpers - 1));
  }

  /** INIT_WORK and schedule_work_on(), or work.func = NULL. Returns the node, or -1 behind the last one. */
  protected dispatchNode(from: number, helpers: number): number {
    const node = this.nextMarked(from);
    if (node < 0) return node;
    const { works } = this.kernel;
    const work = this.purgeWork[node]!;
    if (helpers > 0) {
      works.init(work);
      this.queueHelper(node);
    } else works.clearFunc(work);
    return node;
  }

  /** schedule_work_on() the CPU of the node's number, if there is one. */
  protected queueHelper(node: number): void {
    const { works, instance } = this.kernel;
    works.queue(this.purgeWork[node]!, node < instance.cpus ? node : WORK_CPU_UNBOUND);
  }

  /** The second loop over purge_nodes: wait for the helpers, then add up. */
  *flushHelpers(_from: number): KernelCode {
    const more = yield this.flushNext();
    if (more) return tail(this, this.flushHelpers, 0);
    return yield this.sumPurged();
  }

  /** The end of a purge. */
  protected sumPurged(): Step {
    return this.kernel.step(S.sum, () => this.takePurged());
  }

  /** flush_work() of the first helper not waited for yet; 0 if there is none. */
  protected flushNext(): Step {
    const { works } = this.kernel;
    return {
      site: S.flushWork,
      ready: () => {
        const node = this.nextQueued();
        return node < 0 || works.isIdle(this.purgeWork[node]!);
      },
      waitsFor: () => works.waitsFor(this.purgeWork[Math.max(0, this.nextQueued())]!),
      run: () => {
        const node = this.nextQueued();
        if (node < 0) return 0;
        works.flushed(this.purgeWork[node]!);
        works.clearFunc(this.purgeWork[node]!);
        return 1;
      },
    };
  }

  private nextQueued(): number {
    const { works } = this.kernel;
    return this.purgeWork.findIndex((work, n) => this.purgeNodes[n] !== 0 && works.hasFunc(work));
  }

  protected override workFunction(work: number): KernelFunction {
    return work === this.drainWork ? this.drainVmapAreaWork : this.purgeHelper;
  }

  /** The function of a purge_work: container_of() finds the node. */
  *purgeHelper(work: number): KernelCode {
    return tail(this, this.purgeVmapNode, this.purgeWork.indexOf(work), 0);
  }
}
