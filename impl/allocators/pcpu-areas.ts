// SPDX-License-Identifier: GPL-2.0-only
//
// pcpu_get_vm_areas(): congruent areas for the per-CPU allocator, at the highest base where all of them fit. All designs
// inherit it; one that keeps free space elsewhere overrides the small methods, which have the kernel's names.
// Source: mm/vmalloc.c (v6.6): pvm_find_va_enclose_addr, pvm_determine_end_from_reverse, pcpu_get_vm_areas.
// Deviations: returns the base instead of vm_structs. vas[] is a list of the task's; records are all alike, so that
// those that a recovery forgets are put back in at its end. The records of one call are allocated in one step, as what
// did not fail is freed again. The WARN about a clip that fails is left out, as that of alloc_vmap_area() is, and the
// WARN about areas that the window cannot hold: the rules of programs refuse them.

import { call, type KernelCode, type Site, site, type Step, tail } from "../../explore/sync.ts";
import { ALARM, EVENT } from "../../spec/events.ts";
import type { Instance } from "../../spec/instance.ts";
import { type PcpuRequest, pcpuRequests } from "../../spec/operations.ts";
import { NONE, type Va } from "../heap/areas.ts";
import type { KernelOptions, Needs } from "../kernel/kernel.ts";
import type { Lock } from "../kernel/locks.ts";
import { CycleWatch } from "../structures/cycle-watch.ts";
import { alignUp } from "../structures/free-space.ts";
import { Allocator } from "./allocator.ts";
import { ENOMEM } from "./errno.ts";

const FN = "pcpu_get_vm_areas";

export const S = {
  records: site(FN, "allocate the vmap_area and vm_struct records"),
  search: site(FN, "under free_vmap_area_lock: search from the top; clip, or undo the clips"),
  again: site(FN, "allocate the records that the recovery gave away"),
  giveUp: site(FN, "free the records, return NULL"),
  kasan: site(FN, "populate the KASAN shadow of an area"),
  giveBack: site(FN, "under free_vmap_area_lock: merge all areas back, as a shadow failed"),
  insert: site(FN, "under the busy lock: insert all areas into the busy tree"),
  insertInNode: site(FN, "under a node's busy lock: insert an area into its busy tree"),
};

/** Results of the search: no base; below it, none either, and so many areas were merged back. */
const OVERFLOW = -1;

/** The area lies within the record that was looked at. */
const FITS = -1;

/** What pcpu_get_vm_areas() needs, and itself. */
export abstract class PcpuAreas extends Allocator {
  abstract readonly busy: readonly number[];
  abstract readonly busyLock: readonly Lock[];
  /** The requests of the instance's programs; functions name them by number. */
  readonly pcpuRequests: readonly PcpuRequest[];
  /** vas[] of each task, in the order of the areas; none if no program has a request. */
  readonly pcpuList: readonly number[];

  constructor(instance: Instance, options: KernelOptions, needs: Needs) {
    const requests = pcpuRequests(instance.programs);
    const lists = requests.length === 0 ? 0 : instance.programs.length;
    super(instance, options, { ...needs, containers: needs.containers + lists });
    this.pcpuRequests = requests;
    this.pcpuList = Array.from({ length: lists }, () =>
      this.declareContainer("pcpu", -1, undefined, { sorted: false }),
    );
  }

  /** pcpu_get_vm_areas(): the base of the areas of a request, or a negative errno. */
  *pcpuGetVmAreas(request: number): KernelCode {
    const allocated = yield this.pcpuAllocRecords(S.records, request);
    return allocated ? tail(this, this.pcpuRetry, request, 0) : -ENOMEM;
  }

  /** Its label `retry` on: everything under free_vmap_area_lock, any recovery included, is one section. */
  *pcpuRetry(request: number, purged: number): KernelCode {
    const { offsets } = this.pcpuRequests[request]!;
    const take = (): number => this.pcpuTake(request);
    const base = yield this.pcpuSection(S.search, take, offsets.length);
    if (base < 0) return tail(this, this.pcpuOverflow, request, purged, OVERFLOW - base);
    return tail(this, this.pcpuPopulate, request, base, 0);
  }

  /** Its label `overflow` on. `missing` counts the records that a recovery gave away. */
  *pcpuOverflow(request: number, purged: number, missing: number): KernelCode {
    if (purged) {
      yield this.pcpuGiveUp(request);
      return -ENOMEM;
    }
    yield call(this, this.reclaimAndPurgeVmapAreas);
    if (missing > 0) {
      const allocated = yield this.pcpuAllocRecords(S.again, request);
      if (!allocated) return -ENOMEM;
    }
    return tail(this, this.pcpuRetry, request, 1);
  }

  /** The shadows of the areas from `area` on; if one fails, all areas go back (its label `err_free_shadow`). */
  *pcpuPopulate(request: number, base: number, area: number): KernelCode {
    const kasan = this.kernel.faults.choices("kasan");
    if (!kasan) return tail(this, this.pcpuInsert, request, base, 0);
    const failed = yield { site: S.kasan, choices: kasan, run: (choice) => this.populate(choice) };
    if (failed) return tail(this, this.pcpuShadowFailed, request);
    if (area + 1 < this.pcpuRequests[request]!.offsets.length) {
      return tail(this, this.pcpuPopulate, request, base, area + 1);
    }
    return tail(this, this.pcpuInsert, request, base, 0);
  }

  /** Its label `err_free_shadow`: all areas go back. */
  *pcpuShadowFailed(_request: number): KernelCode {
    yield this.kernel.locked(S.giveBack, this.freeLock, () => this.pcpuGiveAllBack());
    return -ENOMEM;
  }

  /** The section under free_vmap_area_lock that clips up to `areas` free records. */
  protected pcpuSection(where: Site, body: () => number, areas: number): Step {
    return this.kernel.lockedSplit(where, this.freeLock, body, areas);
  }

  /** Makes the areas busy: v6.6 does all of them in one section of vmap_area_lock. */
  *pcpuInsert(_request: number, base: number, _area: number): KernelCode {
    yield this.kernel.locked(S.insert, this.busyLock[0]!, () => {
      const list = this.pcpuVas();
      while (this.containers.head[list] !== NONE) this.pcpuInsertFirst(0);
      return 0;
    });
    return base;
  }

  /** insert_vmap_area() of the first area that is not busy yet. */
  protected pcpuInsertFirst(node: number): number {
    const { areas, index } = this;
    const list = this.pcpuVas();
    const va = this.containers.head[list]! as Va;
    index.unlinkList(list, va, this.kernel.current);
    index.insert(this.busy[node]!, va, this.kernel.current);
    this.kernel.events.emit(EVENT.BIND, areas.start[va], areas.end[va], node);
    return 0;
  }

  /** Allocates the records that vas[] lacks: 1, or 0 if one could not be had and all are freed (`err_free`). */
  protected pcpuAllocRecords(where: Site, request: number): Step {
    const { offsets } = this.pcpuRequests[request]!;
    const choices = this.kernel.faults.choices("pcpu-record");
    return {
      site: where,
      choices,
      local: choices === undefined,
      run: (choice) => {
        this.kernel.locks.mightSleep();
        const list = this.pcpuVas();
        this.containers.holder[list] = this.kernel.current;
        if (choice === 1) {
          this.kernel.faults.spend();
          this.pcpuFreeRecords();
          return 0;
        }
        while (this.containers.count[list]! < offsets.length) {
          this.index.linkListAfter(list, this.areas.allocate(this.kernel.current), this.lastOf(list));
        }
        return 1;
      },
    };
  }

  /** The end of a call that found no base: frees the records. */
  protected pcpuGiveUp(request: number): Step {
    return this.kernel.step(S.giveUp, () => {
      this.pcpuFreeRecords();
      this.kernel.events.emit(EVENT.PCPU_FAILED, request);
      return 0;
    });
  }

  /** kmem_cache_free() of what is left of vas[]; none of them has a range. */
  protected pcpuFreeRecords(): void {
    const list = this.pcpuVas();
    for (let va = this.containers.head[list]! as Va; va !== NONE; va = this.containers.head[list]! as Va) {
      this.index.unlinkList(list, va, this.kernel.current);
      this.areas.release(va);
    }
  }

  /** Searches and clips: the base, or OVERFLOW less the number of areas that were merged back. */
  protected pcpuTake(request: number): number {
    const base = this.pvmFindBase(this.pcpuRequests[request]!);
    this.kernel.events.emit(EVENT.PCPU_SEARCHED, request, base);
    return base < 0 ? OVERFLOW : this.pcpuClipAll(this.pcpuRequests[request]!, base);
  }

  /** Clips each area at its offset from the base, in their order. Returns what pcpuTake() does. */
  protected pcpuClipAll({ offsets, sizes, align }: PcpuRequest, base: number): number {
    const { areas, containers, index } = this;
    const { events, instance } = this.kernel;
    const list = this.pcpuVas();
    let va = containers.head[list]! as Va;
    for (const [area, offset] of offsets.entries()) {
      if (!this.pcpuClip(base + offset, sizes[area]!)) return OVERFLOW - this.pcpuRecover(va);
      if (va === NONE) {
        this.kernel.oops(ALARM.NULL_RECORD);
        return OVERFLOW;
      }
      index.setEnd(list, va, base + offset + sizes[area]!);
      index.setStart(list, va, base + offset);
      va = areas.next[va]! as Va;
    }
    const { start, end } = instance.vmalloc;
    for (const [area, offset] of offsets.entries()) {
      events.emit(EVENT.GRANT, base + offset, base + offset + sizes[area]!, align, start, end, -1);
    }
    return base;
  }

  /** Its label `recovery`: the areas before `failed` go back, last first, and their records with them. */
  protected pcpuRecover(failed: Va): number {
    const list = this.pcpuVas();
    let merged = 0;
    for (let va = this.areas.prev[failed]! as Va; va !== NONE; va = this.areas.prev[failed]! as Va) {
      this.index.unlinkList(list, va, this.kernel.current);
      this.pcpuGiveBack(va);
      merged++;
    }
    return merged;
  }

  /** The areas go back, as a shadow failed: nothing has mapped them. */
  protected pcpuGiveAllBack(): number {
    const { areas, containers, index } = this;
    const list = this.pcpuVas();
    for (let va = containers.head[list]! as Va; va !== NONE; va = containers.head[list]! as Va) {
      const start = areas.start[va]!;
      const end = areas.end[va]!;
      index.unlinkList(list, va, this.kernel.current);
      if (this.pcpuGiveBack(va)) this.kernel.events.emit(EVENT.UNGRANT, start, end);
    }
    return 0;
  }

  /** merge_or_add_vmap_area_augment() of one area into the free space, with its record. */
  protected pcpuGiveBack(va: Va): boolean {
    return this.index.mergeOrAdd(this.free, va) !== NONE;
  }

  /** adjust_va_to_fit_type(): takes one area out of the free space. False if a split found no record. */
  protected pcpuClip(page: number, size: number): boolean {
    const va = this.pvmFindVaEncloseAddr(page);
    return va !== NONE && this.index.adjustVaToFitType(this.free, va, page, size, this.kernel.spare);
  }

  /**
   * The search: the highest base in the vmalloc window at which each area lies in a free record, or OVERFLOW. The base
   * only ever moves down, each time to the highest one at which the area in question fits.
   */
  protected pvmFindBase({ offsets, sizes, align }: PcpuRequest): number {
    const bottom = this.pvmBaseMin(align);
    const n = offsets.length;
    let area = offsets.indexOf(Math.max(...offsets));
    let term = area;
    let va = this.pvmDetermineEndFromReverse(this.pvmFindVaEncloseAddr(this.pvmEndMax(align)), align);
    let base = this.pvmEnd(va, align) - offsets[area]! - sizes[area]!;
    const watch = new CycleWatch();
    for (;;) {
      if (base < bottom || va === NONE) return OVERFLOW;
      if (watch.isBack(va, base, area, term)) return this.endlessWalk(OVERFLOW);
      const start = base + offsets[area]!;
      const from = this.pvmGoOnFrom(va, start, start + sizes[area]!);
      if (from === FITS) {
        area = (area + n - 1) % n;
        if (area === term) return base;
        va = this.pvmFindVaEncloseAddr(base + offsets[area]! + sizes[area]!);
      } else {
        va = this.pvmDetermineEndFromReverse(from as Va, align);
        base = this.pvmEnd(va, align) - offsets[area]! - sizes[area]!;
        term = area;
      }
    }
  }

  /** Where to look for a lower base: in the record if the area reaches above it, else in the one before it; or FITS. */
  protected pvmGoOnFrom(va: Va, start: number, end: number): number {
    if (end > this.areas.end[va]!) return va;
    return start < this.areas.start[va]! ? this.freeVmapAreaPrev(va) : FITS;
  }

  /** pvm_find_va_enclose_addr(): the free record that holds `page`, else the one below it, or NONE. O(log n). */
  protected pvmFindVaEncloseAddr(page: number): Va {
    const { end, left, right, start } = this.areas;
    let va: Va = NONE;
    for (let at = this.containers.root[this.free]! as Va; at !== NONE;) {
      if (start[at]! > page) at = left[at]! as Va;
      else {
        va = at;
        if (end[at]! >= page) break;
        at = right[at]! as Va;
      }
    }
    return va;
  }

  /** The free record before another one, or NONE. */
  protected freeVmapAreaPrev(va: Va): Va {
    return this.areas.prev[va]! as Va;
  }

  /** pvm_determine_end_from_reverse(): the first record from `va` down that has room below `pvmEnd`, or NONE. */
  protected pvmDetermineEndFromReverse(va: Va, align: number): Va {
    const watch = new CycleWatch();
    let at = va;
    while (at !== NONE && this.areas.start[at]! >= this.pvmEnd(at, align)) {
      at = watch.isBack(at) ? this.endlessWalk(NONE) : this.freeVmapAreaPrev(at);
    }
    return at;
  }

  // Stands for a walk that never ends, as the entries of a tree lead to records that lie elsewhere.
  private endlessWalk<T>(outcome: T): T {
    this.kernel.oops(ALARM.ENDLESS_WALK);
    return outcome;
  }

  /** What it returns: the highest aligned page in which an area of this record may end; 0 without a record. */
  protected pvmEnd(va: Va, align: number): number {
    if (va === NONE) return 0;
    const { areas } = this;
    return Math.min(areas.end[va]! - (areas.end[va]! % align), this.pvmEndMax(align));
  }

  /** ALIGN(VMALLOC_START, align): the lowest base. */
  protected pvmBaseMin(align: number): number {
    return alignUp(this.kernel.instance.vmalloc.start, align);
  }

  /** VMALLOC_END & ~(align - 1). */
  protected pvmEndMax(align: number): number {
    const { end } = this.kernel.instance.vmalloc;
    return end - (end % align);
  }

  /** The list of the running task. */
  protected pcpuVas(): number {
    return this.pcpuList[this.kernel.current]!;
  }

  private lastOf(list: number): Va {
    return this.containers.tail[list]! as Va;
  }
}
