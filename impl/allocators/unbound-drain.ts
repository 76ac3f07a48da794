// SPDX-License-Identifier: GPL-2.0-only
//
// The design `unbound-drain`: the drain and the purge helpers run on one unbound workqueue of their own, with a
// rescuer; until that exists, nodes are purged on the spot. Overrides what the diff touches.
// Source: "[PATCH v2] mm/vmalloc: Use dedicated unbound workqueue for vmap purge/drain" (30 Mar 2026).
// Deviation: the WARN_ON about a failed alloc_workqueue() is left out, as the failure is injected.

import { type Call, call, type KernelCode, site, tail } from "../../explore/sync.ts";
import { EVENT } from "../../spec/events.ts";
import type { Instance } from "../../spec/instance.ts";
import { NONE } from "../heap/areas.ts";
import type { KernelOptions } from "../kernel/kernel.ts";
import { type QueueShape, WORK_CPU_UNBOUND } from "../kernel/workqueue/queues.ts";
import { flushWork } from "../kernel/workqueue/workers.ts";
import { SizePools } from "./size-pools.ts";

export const S = {
  schedule: site("free_vmap_area_noflush", "schedule_drain_vmap_work(&drain_vmap_work), result dropped"),
  dispatch: site(
    "__purge_vmap_area_lazy",
    "work_queued = false; skip the node, hand it to a helper, or take it on",
  ),
  inline: site("__purge_vmap_area_lazy", "nr_purged_areas += vn->nr_purged, processed locally"),
  queued: site("__purge_vmap_area_lazy", "look for the next node with work_queued"),
  helped: site("__purge_vmap_area_lazy", "nr_purged_areas += vn->nr_purged, after flush_work()"),
};

/** Place of the initcall, which only instances with a boot come to. */
export const INITCALL = site("vmalloc_init_workqueue", "alloc_workqueue(), WRITE_ONCE(drain_vmap_wq)");

/** Results of the step that deals with one node. */
export const NODE = { SKIPPED: 0, QUEUED: 1, INLINE: 2 } as const;

/** Id of drain_vmap_wq. */
export const DRAIN_WQ = 1;

const QUEUES: readonly QueueShape[] = [{ name: "vmap_drain", unbound: true, memReclaim: true }];

/** v2 of the patch. */
export class UnboundDrain extends SizePools {
  /** drain_vmap_wq: the id of the queue, or 0 for NULL. */
  readonly drainVmapWq: Int32Array;
  /** vn->work_queued; guarded by vmap_purge_lock. */
  readonly workQueued: Int32Array;
  /** The local nr_purge_nodes of a purge, kept here under the mutex. */
  protected readonly nrPurgeNodes: Int32Array;

  constructor(instance: Instance, options: KernelOptions, queues = QUEUES) {
    super(instance, options, { words: 3 + instance.nodes, queues });
    const { heap } = this.kernel;
    this.drainVmapWq = heap.words("drain_vmap_wq", queues.length);
    this.workQueued = heap.words("vn.work_queued", this.nodes);
    this.nrPurgeNodes = heap.words("nr_purge_nodes", 1);
  }

  override boot(): void {
    super.boot();
    if (this.kernel.instance.boot === undefined) this.allocWorkqueues();
  }

  /** What early_initcall time does where nothing fails. */
  protected allocWorkqueues(): void {
    this.drainVmapWq[0] = DRAIN_WQ;
  }

  override earlyInitcalls(): Call | undefined {
    return call(this, this.vmallocInitWorkqueue);
  }

  /** vmalloc_init_workqueue(): from now on there is a queue, or there never will be. */
  *vmallocInitWorkqueue(): KernelCode {
    yield {
      site: INITCALL,
      choices: this.kernel.faults.choices("workqueue"),
      run: (choice) => this.allocWorkqueue(0, DRAIN_WQ, choice),
    };
    return 0;
  }

  /** alloc_workqueue() and WRITE_ONCE() of the pointer. */
  protected allocWorkqueue(at: number, queue: number, choice: number): number {
    if (choice === 1) this.kernel.faults.spend();
    else this.drainVmapWq[at] = queue;
    this.kernel.events.emit(EVENT.ALLOC_WORKQUEUE, queue, choice === 1 ? 0 : 1);
    return 0;
  }

  /** schedule_drain_vmap_work(): true if there is a queue, whatever queue_work() says. */
  protected scheduleDrainVmapWork(work: number, refused: number): boolean {
    const wq = this.drainVmapWq[0]!;
    if (wq === 0) return false;
    this.queueWork(wq, work, refused);
    return true;
  }

  /** queue_work(), or what an injected fault makes of it. */
  protected queueWork(wq: number, work: number, refused: number): boolean {
    if (refused) {
      this.kernel.faults.spend();
      this.kernel.events.emit(EVENT.QUEUE_WORK, work, 0, WORK_CPU_UNBOUND);
      return false;
    }
    return this.kernel.works.queue(work, WORK_CPU_UNBOUND, wq);
  }

  override *scheduleDrain(): KernelCode {
    return yield this.kernel.step(S.schedule, () => {
      if (!this.scheduleDrainWork()) this.kernel.events.emit(EVENT.DRAIN_DROPPED);
      this.kernel.events.emit(EVENT.FREE_DONE);
      return 0;
    });
  }

  /** schedule_drain_vmap_work(&drain_vmap_work). */
  protected scheduleDrainWork(): boolean {
    return this.scheduleDrainVmapWork(this.drainWork, 0);
  }

  protected override beginNode(node: number, fullPoolDecay: number): number {
    if (node === 0) this.nrPurgeNodes[0] = 0;
    return super.beginNode(node, fullPoolDecay);
  }

  /** nr_purge_nodes++ in place of the cpumask. */
  protected override markNode(_node: number): void {
    this.nrPurgeNodes[0] = this.nrPurgeNodes[0]! + 1;
  }

  protected override marked(): number {
    return this.nrPurgeNodes[0]!;
  }

  override *dispatch(node: number, helpers: number): KernelCode {
    if (node === this.nodes) return tail(this, this.flushHelpers, 0);
    const result = yield {
      site: S.dispatch,
      choices: this.kernel.faults.choices("queue-work"),
      run: (refused) => this.dispatchOne(node, helpers, refused),
    };
    if (result === NODE.INLINE) {
      yield call(this, this.purgeVmapNode, node, 0);
      yield this.kernel.step(S.inline, () => this.addPurged(node));
    }
    return tail(this, this.dispatch, node + 1, result === NODE.QUEUED ? helpers - 1 : helpers);
  }

  /** One round of the loop over all nodes. */
  protected dispatchOne(node: number, helpers: number, refused: number): number {
    this.resetQueued(node);
    if (this.isListEmpty(node)) return NODE.SKIPPED;
    if (helpers > 0) {
      const work = this.purgeWork[node]!;
      this.initHelper(work);
      if (this.scheduleHelper(work, refused)) {
        this.workQueued[node] = 1;
        return NODE.QUEUED;
      }
    }
    return NODE.INLINE;
  }

  /** vn->work_queued = false. */
  protected resetQueued(node: number): void {
    this.workQueued[node] = 0;
  }

  /** list_empty(&vn->purge_list). */
  protected isListEmpty(node: number): boolean {
    return this.containers.head[this.purgeList[node]!] === NONE;
  }

  /** INIT_WORK(&vn->purge_work, purge_vmap_node). */
  protected initHelper(work: number): void {
    this.kernel.works.init(work);
  }

  /** schedule_drain_vmap_work(&vn->purge_work). */
  protected scheduleHelper(work: number, refused: number): boolean {
    return this.scheduleDrainVmapWork(work, refused);
  }

  /** The loop that waits for what was queued. */
  override *flushHelpers(from: number): KernelCode {
    const node = yield this.kernel.step(S.queued, () => this.nextHelper(from));
    if (node < 0) return yield this.sumPurged();
    yield flushWork(this.workers, this.purgeWork[node]!);
    yield this.kernel.step(S.helped, () => this.addPurged(node));
    return tail(this, this.flushHelpers, node + 1);
  }

  protected override nextHelper(from: number): number {
    for (let n = from; n < this.nodes; n++) if (this.workQueued[n] !== 0) return n;
    return -1;
  }

  protected override takePurged(): number {
    this.nrPurgeNodes[0] = 0;
    for (let n = 0; n < this.nodes; n++) this.workQueued[n] = 0;
    return super.takePurged();
  }
}
