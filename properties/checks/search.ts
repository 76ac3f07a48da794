// SPDX-License-Identifier: GPL-2.0-only
//
// What a search may answer: the lowest fit, and "none" only if there is none. The lists are walked from below,
// independently of tree and augmentation; on long lists only now and then, so that the mean cost stays level.

import { EVENT } from "../../spec/events.ts";
import { NONE } from "../../impl/heap/areas.ts";
import { SLOT } from "../../impl/kernel/tasks.ts";
import { PAGE } from "../../model/abstraction.ts";
import { highestBase } from "../../model/congruent-fit.ts";
import { alignUp } from "../../impl/structures/free-space.ts";
import type { Check, CheckContext } from "./check.ts";
import type { History } from "./check-memory.ts";

/** In the history: the task is in an operation. */
const IN_FLIGHT = 1 << 31;

/** Lists up to this length are walked at each search. */
const ALWAYS_UP_TO = 64;

/** INV-BOUNDS, INV-LOWEST, INV-COMPLETE, INV-COMPLETE-ALL, INV-PCPU-COMPLETE, INV-BUSY-FIND. */
export class Search implements Check {
  readonly on: NonNullable<Check["on"]>;
  readonly history: readonly History[];
  private readonly context: CheckContext;
  private sinceWalk = 0;
  // The last step that searched from the top.
  private topDown = 0;
  // When each process began its last purge, and when its last operation before ended.
  private readonly purgeBegan: Int32Array;
  private readonly opEnded: Int32Array;
  // What a search has put back, of the time before: see `othersHistory`.
  private readonly othersBefore: Int32Array;

  constructor(context: CheckContext) {
    this.context = context;
    const { processes } = context.sim.kernel;
    this.purgeBegan = new Int32Array(processes);
    this.opEnded = new Int32Array(processes);
    this.othersBefore = new Int32Array(processes);
    const row = (at: number, i: number): number => context.rows[at + 2 + i]!;
    const end = (): void => {
      context.inFlight[context.process] = 0;
      this.opEnded[context.process] = context.step;
    };
    this.on = {
      [EVENT.GRANT]: (at) => {
        if (row(at, 5) < 0 && row(at, 2) <= 1 && this.topDown !== context.step)
          this.lowest(row(at, 0), row(at, 1), row(at, 3));
      },
      [EVENT.SEARCH_FAILED]: (at) =>
        this.complete(row(at, 0), row(at, 1), row(at, 2), row(at, 3), row(at, 4)),
      [EVENT.ALLOC_FAILED]: (at) => this.completeAll(row(at, 0), row(at, 1), row(at, 2), row(at, 3)),
      [EVENT.PCPU_SEARCHED]: () => {
        this.topDown = context.step;
      },
      [EVENT.PCPU_FAILED]: (at) => this.completePcpu(row(at, 0)),
      [EVENT.FOUND]: (at) => {
        end();
        this.found(row(at, 0), row(at, 1));
      },
      [EVENT.PURGE_BEGIN]: () => {
        this.purgeBegan[context.process] = context.step;
      },
      [EVENT.OP_END]: (at) => {
        end();
        if (row(at, 1) === SLOT.LIVE) this.answered(row(at, 0));
      },
      [EVENT.FREE_DONE]: end,
      [EVENT.PURGE_END]: () => {
        // It may be the purge of an allocation, which then goes on with nothing in its hands.
        context.inFlight[context.process] = 0;
      },
      [EVENT.ALIASES_END]: end,
    };
    this.history = [this.othersHistory()];
  }

  // A word per task: bit p if process p has taken a step since the last purge of the task began and its last operation
  // ended, bit 31 if the task is in an operation.
  private othersHistory(): History {
    const { inFlight, lastStep, sim } = this.context;
    const { tasks } = sim.kernel;
    return {
      invariants: [
        "INV-COMPLETE-ALL",
        ...(sim.allocator.pcpuRequests.length > 0 ? (["INV-PCPU-COMPLETE"] as const) : []),
      ],
      past: true,
      words: tasks,
      silent: true,
      rename: (from, at, renaming, into) => {
        for (let task = 0; task < tasks; task++) {
          const word = from[at + task]!;
          into[at + renaming.as[task]!] = renaming.mask(word & ~IN_FLIGHT) | (word & IN_FLIGHT);
        }
      },
      save: (into, at) => {
        for (let task = 0; task < tasks; task++) {
          let others = inFlight[task] === 0 ? 0 : IN_FLIGHT;
          for (let p = 0; p < tasks; p++) if (p !== task && this.hasStepped(p, task)) others |= 1 << p;
          into[at + task] = others;
        }
      },
      load: (from, at) => {
        // Loops: `fill` of a handful of words costs more.
        for (let p = 0; p < lastStep.length; p++) {
          lastStep[p] = 0;
          this.purgeBegan[p] = 0;
          this.opEnded[p] = 0;
        }
        for (let task = 0; task < tasks; task++) {
          this.othersBefore[task] = from[at + task]!;
          inFlight[task] = from[at + task]! & IN_FLIGHT ? 1 : 0;
        }
      },
    };
  }

  // Whether process p has taken a step since the last purge of the task began and its last operation ended.
  private hasStepped(p: number, task: number): boolean {
    const since = Math.max(this.purgeBegan[task]!, this.opEnded[task]!);
    if (this.context.lastStep[p]! > since) return true;
    return since === 0 && ((this.othersBefore[task]! >>> p) & 1) !== 0;
  }

  reset(): void {
    this.sinceWalk = 0;
    this.topDown = 0;
    this.purgeBegan.fill(0);
    this.opEnded.fill(0);
    this.othersBefore.fill(0);
  }

  // What the caller got, against what it asked for: the design's own idea of the request does not count.
  private answered(slot: number): void {
    const { tasks, kernel } = this.context.sim;
    const { name, size, align, window } = tasks.operations[slot]!;
    const page = tasks.page[slot]!;
    const { vmalloc, modules } = kernel.instance;
    const range = window === "vmalloc" ? vmalloc : window === "modules" ? modules! : window;
    if (page % align !== 0 || page < range.start || page + size > range.end) {
      this.context.report(
        "INV-BOUNDS",
        () =>
          `"${name}" got page ${page} for ${size} pages, align ${align}, in [${range.start},${range.end})`,
      );
    }
  }

  // The granted range is out of the list already: nothing below it may fit.
  private lowest(start: number, end: number, vstart: number): void {
    const { containers } = this.context.sim.kernel;
    const { allocator } = this.context.sim;
    if (!this.due(containers.count[allocator.free]!)) return;
    const size = end - start;
    this.visitFree(allocator.free, (from, to) => {
      const at = Math.max(from, vstart);
      if (from >= start || at + size > to) return;
      this.context.report(
        "INV-LOWEST",
        () => `[${start},${end}) was chosen, the lowest fit is [${at},${at + size})`,
      );
    });
  }

  // The free ranges of an index, in order.
  private visitFree(c: number, visit: (start: number, end: number) => void): void {
    const { allocator, kernel } = this.context.sim;
    if (c === allocator.free) {
      allocator.forEachFree(visit);
      return;
    }
    const { areas, containers } = kernel;
    for (let va = containers.head[c]!; va !== NONE; va = areas.next[va]!) {
      visit(areas.start[va]!, areas.end[va]!);
    }
  }

  // A padded search may miss a fit (known trade-off, DEF-B1): only unpadded ones are held to it.
  private complete(c: number, size: number, align: number, vstart: number, vend: number): void {
    if (align > 1 && vend - vstart !== size) return;
    if (!this.due(this.context.sim.kernel.containers.count[c]!)) return;
    this.visitFree(c, (from, to) => {
      const at = alignUp(Math.max(from, vstart), align);
      if (at + size > Math.min(to, vend)) return;
      this.context.report(
        align > 1 ? "INV-COMPLETE-EXACT" : "INV-COMPLETE",
        () => `no fit was found for ${size} pages, but [${at},${at + size}) is free in the index`,
      );
    });
  }

  // A final failure must mean that the space is full.
  private completeAll(size: number, align: number, vstart: number, vend: number): void {
    const { blocks, model } = this.context;
    if (align > 1 || !this.isAlone()) return;
    const at = model.lowestFit(size, align, vstart, vend, true, (page) => blocks.isEdge(page));
    if (at >= 0) {
      this.context.report(
        "INV-COMPLETE-ALL",
        () => `${size} pages were refused for good, though [${at},${at + size}) is nobody's`,
      );
    }
  }

  private completePcpu(number: number): void {
    const { blocks, model, sim } = this.context;
    if (!this.isAlone()) return;
    const { vmalloc } = sim.kernel.instance;
    const base = highestBase(sim.allocator.pcpuRequests[number]!, vmalloc, (page) => {
      return model.state[page] !== PAGE.LIVE && !blocks.isEdge(page);
    });
    if (base >= 0) {
      this.context.report(
        "INV-PCPU-COMPLETE",
        () => `congruent areas were refused for good, though at base ${base} they are all nobody's`,
      );
    }
  }

  // Whether no fault was injected, all works are idle, and nobody else was at work since the purge before the last search
  // of this process began: what is freed behind its back cannot be its fault.
  private isAlone(): boolean {
    const { sim, process, inFlight } = this.context;
    const { works, faults, tasks, managerProcess } = sim.kernel;
    // Who creates workers allocates too, at any time.
    if (faults.spent > 0 || managerProcess >= 0) return false;
    for (let p = 0; p < tasks; p++) {
      if (p !== process && (inFlight[p] !== 0 || this.hasStepped(p, process))) return false;
    }
    for (let w = 0; w < works.count; w++) if (!works.isIdle(w)) return false;
    return true;
  }

  private found(page: number, start: number): void {
    const { tasks } = this.context.sim;
    for (let slot = 0; slot < tasks.operations.length; slot++) {
      const from = tasks.page[slot]!;
      if (tasks.state[slot] !== SLOT.LIVE || page < from || page >= from + tasks.operations[slot]!.size)
        continue;
      if (start !== from) {
        this.context.report(
          "INV-BUSY-FIND",
          () =>
            `page ${page} of the live area at ${from} was looked up and ${start < 0 ? "not found" : `found at ${start}`}`,
        );
      }
    }
  }

  private due(length: number): boolean {
    if (length <= ALWAYS_UP_TO) return true;
    this.sinceWalk += ALWAYS_UP_TO;
    if (this.sinceWalk < length) return false;
    this.sinceWalk = 0;
    return true;
  }
}
