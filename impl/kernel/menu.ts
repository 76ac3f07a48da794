// SPDX-License-Identifier: GPL-2.0-only
//
// The tasks of a closed instance: each picks an operation from its menu, for ever. With bounds on live areas the
// states are finite, so that a verdict on all of them is a verdict on runs of any length.

import { call, type KernelCode, type Op, site, type Step, tail } from "../../explore/sync.ts";
import type {
  AllocOperation,
  HotplugOperation,
  PcpuOperation,
  ShrinkOperation,
} from "../../spec/operations.ts";
import type { Instance, PageRange } from "../../spec/instance.ts";
import type { Kernel } from "./kernel.ts";
import { hotplug, requestOf, type VmapFunctions } from "./tasks.ts";

const S = {
  pick: site("task", "pick the next operation"),
  failed: site("__get_vm_area_node", "the allocation failed"),
  noAreas: site("pcpu_create_chunk", "the allocation failed"),
};

/** What one task may pick. */
interface Menu {
  readonly allocs: readonly AllocOperation[];
  /** Their areas are live areas like all others, each freed by itself. */
  readonly pcpus: readonly PcpuOperation[];
  readonly free: boolean;
  /** Offsets of the addresses that are looked up, from the first page of a live area; it may be a smaller one. */
  readonly finds: readonly number[];
  readonly purge: boolean;
  readonly aliases: boolean;
  /** What the machine does beside: the shrinker, CPU hotplug. */
  readonly events: readonly (ShrinkOperation | HotplugOperation)[];
}

/** The menus in execution. Live areas are kept in order of address: which task allocated one does not matter. */
export class MenuTasks {
  private readonly vmap: VmapFunctions;
  private readonly kernel: Kernel;
  private readonly menus: readonly Menu[];
  private readonly liveMax: number;
  private readonly live: Int32Array;
  /** Live areas, and allocations that may still become one. */
  private readonly counts: Int32Array;

  constructor(vmap: VmapFunctions, instance: Instance, liveMax: number) {
    this.vmap = vmap;
    this.kernel = vmap.kernel;
    this.liveMax = liveMax;
    this.menus = instance.programs.map((ops) => ({
      allocs: ops.filter((op) => op.op === "alloc"),
      pcpus: ops.filter((op) => op.op === "pcpu"),
      free: ops.some((op) => op.op === "free" || op.op === "pfree"),
      finds: ops.filter((op) => op.op === "find").map(({ offset }) => offset),
      purge: ops.some((op) => op.op === "purge"),
      aliases: ops.some((op) => op.op === "aliases"),
      events: ops.filter((op) => op.op === "shrink" || op.op === "offline" || op.op === "online"),
    }));
    this.live = this.kernel.heap.words("menu.live", liveMax);
    this.counts = this.kernel.heap.words("menu.counts", 2);
  }

  /** Number of live areas. */
  get liveCount(): number {
    return this.counts[0]!;
  }

  /** A task, for ever. */
  *task(index: number): KernelCode {
    const menu = this.menus[index]!;
    const picked = yield {
      site: S.pick,
      idle: true,
      ready: () => this.offered(menu) > 0,
      choices: () => this.offered(menu),
      run: (choice) => this.pick(menu, choice),
    };
    const allocs = menu.allocs.length;
    const items = allocs + menu.pcpus.length;
    // The area may be freed meanwhile: then the look-up finds nothing, or another one.
    if (picked < 0) yield call(this.vmap, this.vmap.findVmapArea, -1 - picked);
    else if (picked < allocs) yield call(this, this.alloc, index, picked);
    else if (picked < items)
      yield call(this, this.pcpu, index, requestOf(this.vmap, menu.pcpus[picked - allocs]!));
    else if (picked === items) yield call(this.vmap, this.vmap.reclaimAndPurgeVmapAreas);
    else if (picked === items + 1) yield call(this.vmap, this.vmap.vmUnmapAliases);
    else if (picked < this.firstFree(menu)) yield this.machineEvent(menu.events[picked - items - 2]!);
    else yield call(this.vmap, this.vmap.removeVmArea, picked - this.firstFree(menu));
    return tail(this, this.task, index);
  }

  private machineEvent(op: ShrinkOperation | HotplugOperation): Op {
    return op.op === "shrink"
      ? call(this.vmap, this.vmap.vmapNodeShrinkScan!)
      : hotplug(this.kernel, op.cpu, op.op);
  }

  // Behind the numbers of everything else come the pages of areas to free.
  private firstFree({ allocs, pcpus, events }: Menu): number {
    return allocs.length + pcpus.length + 2 + events.length;
  }

  private *alloc(index: number, item: number): KernelCode {
    const { size, align, window } = this.menus[index]!.allocs[item]!;
    const { start, end } = this.range(window);
    const page = yield call(this.vmap, this.vmap.allocVmapArea, size, align, start, end);
    if (page < 0) {
      yield this.kernel.step(S.failed, () => this.promise(-1));
      return 0;
    }
    yield this.mapped(page, size);
    return 0;
  }

  // A fingerprint takes the first argument of each function of ours for the number of a task.
  private *pcpu(index: number, request: number): KernelCode {
    const base = yield call(this.vmap, this.vmap.pcpuGetVmAreas, request);
    if (base >= 0) return tail(this, this.mapAreas, index, request, base, 0);
    yield this.kernel.step(S.noAreas, () => this.promise(-this.vmap.pcpuRequests[request]!.offsets.length));
    return 0;
  }

  private *mapAreas(index: number, request: number, base: number, area: number): KernelCode {
    const { offsets, sizes } = this.vmap.pcpuRequests[request]!;
    yield this.mapped(base + offsets[area]!, sizes[area]!);
    return area + 1 < offsets.length ? tail(this, this.mapAreas, index, request, base, area + 1) : 0;
  }

  private mapped(page: number, size: number): Step {
    const setup = this.vmap.setupAndMap(page, size);
    return {
      ...setup,
      run: (choice) => {
        setup.run(choice);
        return this.enlist(page);
      },
    };
  }

  // Number of operations that the menu offers now.
  private offered(menu: Menu): number {
    const live = this.counts[0]!;
    return (
      (this.room > 0 ? menu.allocs.length : 0) +
      this.fitting(menu).length +
      (menu.purge ? 1 : 0) +
      (menu.aliases ? 1 : 0) +
      menu.events.length +
      (menu.free ? live : 0) +
      menu.finds.length * live
    );
  }

  // Areas that may still be allocated.
  private get room(): number {
    return this.liveMax - this.counts[0]! - this.counts[1]!;
  }

  // Of the requests for congruent areas, those for which there is room.
  private fitting({ pcpus }: Menu): readonly PcpuOperation[] {
    return pcpus.length === 0 ? pcpus : pcpus.filter(({ offsets }) => offsets.length <= this.room);
  }

  // The item of an allocation; then purge, aliases, what the machine does, and the page of an area to free. Below 0, an address to look up.
  private pick(menu: Menu, choice: number): number {
    const allocs = menu.allocs.length;
    const items = allocs + menu.pcpus.length;
    let left = choice;
    if (this.room > 0) {
      if (left < allocs) {
        this.promise(1);
        return left;
      }
      left -= allocs;
    }
    const pcpus = this.fitting(menu);
    if (left < pcpus.length) {
      this.promise(pcpus[left]!.offsets.length);
      return allocs + menu.pcpus.indexOf(pcpus[left]!);
    }
    left -= pcpus.length;
    if (menu.purge && left-- === 0) return items;
    if (menu.aliases && left-- === 0) return items + 1;
    const events = menu.events.length;
    if (left < events) return items + 2 + left;
    left -= events;
    const live = this.counts[0]!;
    if (menu.free) {
      if (left < live) return this.firstFree(menu) + this.delist(left);
      left -= live;
    }
    return -1 - this.live[left % live]! - menu.finds[Math.floor(left / live)]!;
  }

  private promise(by: number): number {
    this.counts[1] = this.counts[1]! + by;
    return 0;
  }

  private enlist(page: number): number {
    const { live, counts } = this;
    let i = counts[0]!;
    for (; i > 0 && live[i - 1]! > page; i--) live[i] = live[i - 1]!;
    live[i] = page;
    counts[0] = counts[0]! + 1;
    return this.promise(-1);
  }

  private delist(index: number): number {
    const { live, counts } = this;
    const page = live[index]!;
    const last = counts[0]! - 1;
    for (let i = index; i < last; i++) live[i] = live[i + 1]!;
    live[last] = 0;
    counts[0] = last;
    return page;
  }

  private range(window: AllocOperation["window"]): PageRange {
    const { vmalloc, modules } = this.kernel.instance;
    if (window === "vmalloc") return vmalloc;
    return window === "modules" ? modules! : window;
  }
}
