// SPDX-License-Identifier: GPL-2.0-only
//
// The tasks of an instance: each runs its program of vmalloc, vfree and purge calls against a design. Areas are
// kept in slots, one per allocating operation. Source of the callers: __get_vm_area_node, vfree (v6.6).

import { call, type KernelCode, site, type Step, tail } from "../../explore/sync.ts";
import { EVENT } from "../../spec/events.ts";
import type { AllocOperation, FindOperation, FreeOperation, Operation } from "../../spec/operations.ts";
import type { Instance, PageRange } from "../../spec/instance.ts";
import type { Kernel } from "./kernel.ts";

const S = {
  failed: site("__get_vm_area_node", "the allocation failed"),
  take: site("vfree", "take the address"),
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
  findVmapArea(page: number): KernelCode;
  reclaimAndPurgeVmapAreas(): KernelCode;
  vmUnmapAliases(): KernelCode;
  /** Only designs with pools have it. */
  vmapNodeShrinkScan?(): KernelCode;
  setupAndMap(page: number, size: number): Step;
}

/** A CPU goes down, or comes up. */
export function hotplug(kernel: Kernel, cpu: number, op: "offline" | "online"): Step {
  return kernel.step(S[op], () => {
    kernel.cpus.hotplug(cpu, op === "online" ? 1 : 0);
    return 0;
  });
}

/** States of a slot. */
export const SLOT = { NONE: 0, LIVE: 1, FAILED: 2, FREED: 3 } as const;

/** The programs in execution. */
export class Tasks {
  /** State of each slot: a SLOT. */
  readonly state: Int32Array;
  /** First page of the area in each slot. */
  readonly page: Int32Array;
  /** The allocating operation of each slot. */
  readonly operations: readonly AllocOperation[];
  private readonly vmap: VmapFunctions;
  private readonly kernel: Kernel;
  private readonly programs: readonly (readonly Operation[])[];
  private readonly slotOf: ReadonlyMap<string, number>;
  private readonly cached: readonly number[];

  constructor(vmap: VmapFunctions, instance: Instance) {
    this.vmap = vmap;
    this.kernel = vmap.kernel;
    this.programs = instance.programs;
    this.operations = instance.programs.flat().filter((op) => op.op === "alloc");
    this.slotOf = new Map(this.operations.map((op, i) => [op.name, i]));
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
    const op = this.programs[program]![index];
    if (!op) return 0;
    switch (op.op) {
      case "alloc":
        yield call(this, this.alloc, this.slot(op));
        break;
      case "free":
        yield call(this, this.free, this.slot(op));
        break;
      case "find":
        yield call(this, this.find, this.slot(op), op.offset);
        break;
      case "purge":
        yield call(this.vmap, this.vmap.reclaimAndPurgeVmapAreas);
        break;
      case "aliases":
        yield call(this, this.aliases);
        break;
      case "shrink":
        yield call(this.vmap, this.vmap.vmapNodeShrinkScan!);
        break;
      case "offline":
      case "online":
        yield hotplug(this.kernel, op.cpu, op.op);
        break;
    }
    return tail(this, this.task, program, index + 1);
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
    const setup = this.vmap.setupAndMap(page, size);
    yield {
      ...setup,
      run: (choice) => {
        setup.run(choice);
        return this.end(slot, SLOT.LIVE, page);
      },
    };
    return page;
  }

  /** vfree(). Waits for the allocation, if another task makes it. */
  private *free(slot: number): KernelCode {
    const page = yield {
      site: S.take,
      ready: () => this.state[slot] !== SLOT.NONE,
      run: () => this.takeLive(slot),
    };
    if (page >= 0) yield call(this.vmap, this.vmap.removeVmArea, page);
    return 0;
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

  private slot(op: AllocOperation | FreeOperation | FindOperation): number {
    return this.slotOf.get(op.name)!;
  }

  private range(window: AllocOperation["window"]): PageRange {
    const { vmalloc, modules } = this.kernel.instance;
    if (window === "vmalloc") return vmalloc;
    return window === "modules" ? modules! : window;
  }
}
