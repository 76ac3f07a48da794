// SPDX-License-Identifier: GPL-2.0-only
//
// The tasks of an instance: each runs its program of vmalloc, vfree and purge calls against a design. Areas are
// kept in slots, one per area. Source of the callers: __get_vm_area_node, vfree, pcpu_free_vm_areas (v6.6), and
// pcpu_create_chunk (mm/percpu-vm.c).

import { call, type KernelCode, site, type Step, tail } from "../../explore/sync.ts";
import { EVENT } from "../../spec/events.ts";
import {
  type AllocOperation,
  areasOf,
  isSameRequest,
  type Operation,
  type PcpuRequest,
} from "../../spec/operations.ts";
import type { Instance, PageRange } from "../../spec/instance.ts";
import type { Kernel } from "./kernel.ts";

const S = {
  failed: site("__get_vm_area_node", "the allocation failed"),
  take: site("vfree", "take the address"),
  noAreas: site("pcpu_create_chunk", "the allocation failed"),
  takeArea: site("pcpu_free_vm_areas", "take the address of an area"),
  lookFor: site("find_vm_area", "take the address"),
  found: site("find_vm_area", "the look-up has returned"),
  aliases: site("change_page_attr_set_clr", "call vm_unmap_aliases()"),
  noAliases: site("change_page_attr_set_clr", "vm_unmap_aliases() has returned"),
  offline: site("cpu_down", "a CPU goes offline, its tasks move"),
  online: site("cpu_up", "a CPU comes back"),
  notify: site("blocking_notifier_call_chain", "a subsystem looks for an area that it can give back"),
};

/** What the tasks need of a design. */
export interface VmapFunctions {
  readonly kernel: Kernel;
  notifierChain: ((...args: number[]) => KernelCode) | undefined;
  allocVmapArea(size: number, align: number, vstart: number, vend: number): KernelCode;
  removeVmArea(page: number): KernelCode;
  /** Congruent areas: the base, or below 0. */
  pcpuGetVmAreas(request: number): KernelCode;
  readonly pcpuRequests: readonly PcpuRequest[];
  findVmapArea(page: number): KernelCode;
  reclaimAndPurgeVmapAreas(): KernelCode;
  vmUnmapAliases(): KernelCode;
  /** Only designs with pools have it. */
  vmapNodeShrinkScan?(): KernelCode;
  /** Only designs with range trees have it. */
  vmapEnableOccupiedPerfMode?(): KernelCode;
  setupAndMap(page: number, size: number): Step;
}

/** A CPU goes down, or comes up. */
export function hotplug(kernel: Kernel, cpu: number, op: "offline" | "online"): Step {
  return kernel.step(S[op], () => {
    kernel.cpus.hotplug(cpu, op === "online" ? 1 : 0);
    return 0;
  });
}

/** The number of a request for congruent areas. */
export function requestOf({ pcpuRequests }: Pick<VmapFunctions, "pcpuRequests">, op: PcpuRequest): number {
  return pcpuRequests.findIndex((each) => isSameRequest(each, op));
}

/** States of a slot. */
export const SLOT = { NONE: 0, LIVE: 1, FAILED: 2, FREED: 3 } as const;

/** The programs in execution. */
export class Tasks {
  /** State of each slot: a SLOT. */
  readonly state: Int32Array;
  /** First page of the area in each slot. */
  readonly page: Int32Array;
  /** What is allocated into each slot. */
  readonly operations: readonly AllocOperation[];
  /** The task that allocates it. */
  readonly allocators: readonly number[];
  private readonly vmap: VmapFunctions;
  private readonly kernel: Kernel;
  private readonly programs: readonly (readonly Operation[])[];
  /** First slot of each name: congruent areas have several, one behind the other. */
  private readonly slotOf: ReadonlyMap<string, number>;
  private readonly cached: readonly number[];

  constructor(vmap: VmapFunctions, instance: Instance) {
    this.vmap = vmap;
    this.kernel = vmap.kernel;
    this.programs = instance.programs;
    const operations: AllocOperation[] = [];
    const allocators: number[] = [];
    const slotOf = new Map<string, number>();
    for (const [program, ops] of instance.programs.entries()) {
      for (const op of ops) {
        if (op.op === "alloc" || op.op === "pcpu") slotOf.set(op.name, operations.length);
        for (const area of areasOf(op)) {
          operations.push(area);
          allocators.push(program);
        }
      }
    }
    this.operations = operations;
    this.allocators = allocators;
    this.slotOf = slotOf;
    this.cached = this.operations.flatMap((op, i) => (op.cached ? [i] : []));
    this.state = this.kernel.heap.words("slot.state", this.operations.length);
    this.page = this.kernel.heap.words("slot.page", this.operations.length);
    if (this.cached.length > 0) {
      const notify = this.notify.bind(this);
      vmap.notifierChain = notify;
    }
  }

  /** A task, from operation `index` on. */
  *task(program: number, index: number): KernelCode {
    if (!this.programs[program]![index]) return 0;
    yield call(this, this.operation, program, index);
    return tail(this, this.task, program, index + 1);
  }

  /** One operation of a program, to its end. Returns what it tells its caller: a page, a negative errno, or 0. */
  *operation(program: number, index: number): KernelCode {
    const op = this.programs[program]![index]!;
    switch (op.op) {
      case "alloc":
        return yield call(this, this.alloc, this.slot(op));
      case "pcpu":
        return yield call(this, this.pcpu, this.slot(op), requestOf(this.vmap, op));
      case "pfree":
        return yield call(this, this.pcpuFree, this.slot(op), 0);
      case "free":
        return yield call(this, this.free, this.slot(op));
      case "find":
        return yield call(this, this.find, this.slot(op), op.offset);
      case "purge":
        yield call(this.vmap, this.vmap.reclaimAndPurgeVmapAreas);
        break;
      case "aliases":
        yield call(this, this.aliases);
        break;
      case "shrink":
        yield call(this.vmap, this.vmap.vmapNodeShrinkScan!);
        break;
      case "flip":
        yield call(this.vmap, this.vmap.vmapEnableOccupiedPerfMode!);
        break;
      case "offline":
      case "online":
        yield hotplug(this.kernel, op.cpu, op.op);
        break;
    }
    return 0;
  }

  /** vmalloc(): the range, then its mapping. */
  private *alloc(slot: number): KernelCode {
    const { size, align, window } = this.operations[slot]!;
    const { start, end } = this.range(window);
    const page = yield call(this.vmap, this.vmap.allocVmapArea, size, align, start, end);
    if (page < 0) {
      yield this.kernel.step(S.failed, () => this.end(slot, SLOT.FAILED, 0));
      return page;
    }
    yield this.mapped(slot, page);
    return page;
  }

  /** A chunk of the per-CPU allocator: congruent areas, then the mapping of each. */
  private *pcpu(slot: number, request: number): KernelCode {
    const base = yield call(this.vmap, this.vmap.pcpuGetVmAreas, request);
    if (base >= 0) return tail(this, this.mapAreas, slot, request, base, 0);
    const { length } = this.vmap.pcpuRequests[request]!.offsets;
    yield this.kernel.step(S.noAreas, () => {
      for (let area = 0; area < length; area++) this.end(slot + area, SLOT.FAILED, 0);
      return 0;
    });
    return base;
  }

  private *mapAreas(slot: number, request: number, base: number, area: number): KernelCode {
    const { offsets } = this.vmap.pcpuRequests[request]!;
    yield this.mapped(slot + area, base + offsets[area]!);
    return area + 1 < offsets.length ? tail(this, this.mapAreas, slot, request, base, area + 1) : base;
  }

  /** The mapping of an area, with which it is in its owner's hands. */
  private mapped(slot: number, page: number): Step {
    const setup = this.vmap.setupAndMap(page, this.operations[slot]!.size);
    return {
      ...setup,
      run: (choice) => {
        setup.run(choice);
        return this.end(slot, SLOT.LIVE, page);
      },
    };
  }

  /** pcpu_free_vm_areas(), from area `area` on. Waits for the allocation, if another task makes it. */
  private *pcpuFree(first: number, area: number): KernelCode {
    const last = this.lastSlot(first);
    const page = yield {
      site: S.takeArea,
      ready: () => this.state[last] !== SLOT.NONE,
      run: () => this.takeLive(first + area),
    };
    if (page >= 0) yield call(this.vmap, this.vmap.removeVmArea, page);
    return first + area < last ? tail(this, this.pcpuFree, first, area + 1) : 0;
  }

  /** vfree(). Waits for the allocation, if another task makes it. */
  private *free(slot: number): KernelCode {
    const page = yield {
      site: S.take,
      ready: () => this.state[slot] !== SLOT.NONE,
      run: () => this.takeLive(slot),
    };
    return page < 0 ? 0 : yield call(this.vmap, this.vmap.removeVmArea, page);
  }

  private *find(slot: number, offset: number): KernelCode {
    const page = yield this.kernel.step(S.lookFor, () =>
      this.state[slot] === SLOT.LIVE ? this.page[slot]! + offset : -1,
    );
    if (page < 0) return -1;
    const found = yield call(this.vmap, this.vmap.findVmapArea, page);
    yield this.kernel.step(S.found, () => {
      this.kernel.events.emit(EVENT.FOUND, page, found);
      return 0;
    });
    return found;
  }

  /** A caller of vm_unmap_aliases(), which changes the attributes of pages as soon as it returns. */
  private *aliases(): KernelCode {
    yield this.kernel.step(S.aliases, () => {
      this.kernel.events.emit(EVENT.ALIASES_BEGIN);
      return 0;
    });
    yield call(this.vmap, this.vmap.vmUnmapAliases);
    yield this.kernel.step(S.noAliases, () => {
      this.kernel.events.emit(EVENT.ALIASES_END);
      return 0;
    });
    return 0;
  }

  /** The notifier chain: one subsystem gives back one cached area. Returns the pages given back. */
  private *notify(): KernelCode {
    const slot = yield this.kernel.step(S.notify, () => {
      const live = this.cached.find((s) => this.state[s] === SLOT.LIVE);
      if (live === undefined) return -1;
      const page = this.page[live]!;
      this.state[live] = SLOT.FREED;
      this.kernel.events.emit(EVENT.NOTIFIED, page);
      return page * this.cached.length + this.cached.indexOf(live);
    });
    if (slot < 0) return 0;
    const page = Math.floor(slot / this.cached.length);
    yield call(this.vmap, this.vmap.removeVmArea, page);
    return this.operations[this.cached[slot % this.cached.length]!]!.size;
  }

  private takeLive(slot: number): number {
    if (this.state[slot] !== SLOT.LIVE) {
      this.kernel.events.emit(EVENT.OP_END, slot, SLOT.FREED);
      return -1;
    }
    this.state[slot] = SLOT.FREED;
    return this.page[slot]!;
  }

  private end(slot: number, state: number, page: number): number {
    this.state[slot] = state;
    this.page[slot] = page;
    this.kernel.events.emit(EVENT.OP_END, slot, state);
    return 0;
  }

  private slot({ name }: { readonly name: string }): number {
    return this.slotOf.get(name)!;
  }

  // The areas of one operation have their slots one behind the other.
  private lastSlot(first: number): number {
    const next = [...this.slotOf.values()].find((slot) => slot > first);
    return (next ?? this.operations.length) - 1;
  }

  private range(window: AllocOperation["window"]): PageRange {
    const { vmalloc, modules } = this.kernel.instance;
    if (window === "vmalloc") return vmalloc;
    return window === "modules" ? modules! : window;
  }
}
