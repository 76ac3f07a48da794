// SPDX-License-Identifier: GPL-2.0-only
//
// Makes an instance of some lines of a vmalloc trace: each CPU becomes a task, whose program is what the lines of the CPU
// say, in their order. A free of another task's area waits for its allocation; no other order between CPUs is kept, so that
// every interleaving is one that a kernel might have come to under this load.

import type { Instance } from "../../spec/instance.ts";
import { validateInstance } from "../../spec/instance-rules.ts";
import type { Operation } from "../../spec/operations.ts";
import { ALIGN_MAX } from "../../spec/range-checks.ts";
import { KIND, PAGE_BYTES, type TraceEvent, type TraceSink } from "../trace-event.ts";
import { type ExportedArea, type ExportedStep, footprint } from "./exported-step.ts";
import { type LeftOut, nothingLeft } from "./left-out.ts";
import { cpusOf, livePagesMax, machineFor, purgesMax } from "./machine.ts";
import { TraceWindows, type WindowBounds, type WindowPlace } from "./windows.ts";

/** Largest space that `vmapcheck run` simulates, pages. */
export const SPACE_PAGES_MAX = 65_536;

/** Most operations: with many more of them, designs come to the limit of steps of one run. */
export const OPERATIONS_MAX = 5000;

/** Which part of a trace, and how much of it. */
export interface ExportOptions {
  /** First line of the window, from 1. */
  readonly from: number;
  /** Last line of the window; Infinity if it goes on to the end. */
  readonly to: number;
  /** Most operations of all programs; OPERATIONS_MAX if absent. */
  readonly operationsMax?: number | undefined;
  /** Largest space, pages; SPACE_PAGES_MAX if absent. At least 1024. */
  readonly spacePagesMax?: number | undefined;
}

/** An instance, and what it lacks of the trace. */
export interface ExportedProgram {
  readonly instance: Instance;
  /** Events in the window. */
  readonly events: number;
  /** Operations of all programs. */
  readonly operations: number;
  readonly left: Readonly<LeftOut>;
}

/** Hears a trace and keeps what a program needs of it. Memory: O(operations). */
export class ProgramExport implements TraceSink {
  private readonly from: number;
  private readonly to: number;
  private readonly operationsMax: number;
  private readonly spacePagesMax: number;
  private readonly steps: ExportedStep[] = [];
  private readonly windows = new TraceWindows();
  // By first page, what a line of the window has allocated there; undefined if it was left out.
  private readonly live = new Map<number, ExportedArea | undefined>();
  // Tasks whose last event is an allocation that failed.
  private readonly refused = new Set<number>();
  private readonly left = nothingLeft();
  private livePages = 0;
  private lazyMaxPages = 0;
  private events = 0;

  constructor({ from, operationsMax, spacePagesMax, to }: ExportOptions) {
    this.from = from;
    this.to = to;
    this.operationsMax = operationsMax ?? OPERATIONS_MAX;
    this.spacePagesMax = spacePagesMax ?? SPACE_PAGES_MAX;
  }

  event(event: TraceEvent): void {
    if (event.line < this.from || event.line > this.to) return;
    this.events++;
    if (this.steps.length >= this.operationsMax) {
      this.left.behindLimit++;
      return;
    }
    const wasRefused = this.refused.delete(event.pid);
    if (event.kind === KIND.ALLOC) this.allocated(event);
    else if (event.kind === KIND.FREE) this.freed(event);
    else this.purged(event, wasRefused);
  }

  loss({ line }: { readonly line: number }): void {
    if (line >= this.from && line <= this.to) this.left.losses++;
  }

  /** The instance of all that was heard so far. Its programs are empty if that is nothing. O(operations). */
  result(): ExportedProgram {
    const { left, lazyMaxPages, spacePagesMax } = this;
    const steps = withPurges(this.steps, purgesMax(cpusOf(this.steps).length));
    const places = this.windows.places();
    const machine = machineFor({ steps, places, lazyMaxPages, spacePagesMax });
    const programs = Array.from({ length: machine.cpus }, (): Operation[] => []);
    const taskOf = new Map(cpusOf(steps).map((cpu, i) => [cpu, programs[i % programs.length]] as const));
    let widened = 0;
    for (const step of steps) {
      if (step.op === "alloc" && places.get(step.area.window)?.part === true) widened++;
      taskOf.get(step.cpu)?.push(operationOf(step, places));
    }
    const instance: Instance = { ...machine, programs };
    const wrong = validateInstance(instance, "exported program");
    if (wrong) throw new Error(wrong.message);
    const costlyPurges = this.steps.length - steps.length;
    return {
      instance,
      events: this.events,
      operations: steps.length,
      left: { ...left, costlyPurges, widened },
    };
  }

  private allocated(event: TraceEvent): void {
    if (event.failed) {
      this.left.failed++;
      this.refused.add(event.pid);
      return;
    }
    const { cpu, line } = event;
    const size = event.size / PAGE_BYTES;
    const align = Math.max(1, event.align / PAGE_BYTES);
    this.live.delete(event.page);
    if (event.offset !== 0 || !isPageCount(size) || !isPageCount(align) || !isAlignment(align)) {
      this.left.malformed++;
      return;
    }
    const room = livePagesMax(this.spacePagesMax);
    if (this.livePages + size > room || footprint({ align, size }) > room) {
      this.left.tooLarge++;
      this.live.set(event.page, undefined);
      return;
    }
    const area: ExportedArea = { line, cpu, size, align, window: this.windows.of(event) };
    this.livePages += size;
    this.live.set(event.page, area);
    this.steps.push({ op: "alloc", cpu, area });
  }

  private freed({ cpu, nrLazyMax, offset, page }: TraceEvent): void {
    this.lazyMaxPages = Math.max(this.lazyMaxPages, nrLazyMax);
    if (offset !== 0 || !this.live.has(page)) {
      this.left.unknownFrees++;
      return;
    }
    const area = this.live.get(page);
    this.live.delete(page);
    if (!area) {
      this.left.freesOfTooLarge++;
      return;
    }
    this.livePages -= area.size;
    this.steps.push({ op: "free", cpu, area });
  }

  // Who is refused purges and tries again (reclaim_and_purge_vmap_areas). Other tasks purge by vm_unmap_aliases, as
  // changing the protection of a module's pages does.
  private purged(event: TraceEvent, wasRefused: boolean): void {
    if (event.numPurged === 0) {
      this.left.emptyPurges++;
      return;
    }
    if (!wasRefused && event.comm().startsWith("kworker/")) {
      this.left.drains++;
      return;
    }
    this.steps.push({ op: wasRefused ? "purge" : "aliases", cpu: event.cpu });
  }
}

/** The steps without those purges that come behind the first `most` ones. */
function withPurges(steps: readonly ExportedStep[], most: number): readonly ExportedStep[] {
  let purges = 0;
  return steps.filter((step) => "area" in step || ++purges <= most);
}

function operationOf(step: ExportedStep, places: ReadonlyMap<WindowBounds, WindowPlace>): Operation {
  if (!("area" in step)) return { op: step.op };
  const name = nameOf(step.area);
  if (step.op === "free") return { op: "free", name };
  const { align, size, window } = step.area;
  return { op: "alloc", name, size, align, window: places.get(window)?.window ?? "vmalloc" };
}

/** The line of the allocation names the area, so that it is found again in the trace. */
function nameOf({ line }: ExportedArea): string {
  return `l${line}`;
}

function isPageCount(pages: number): boolean {
  return Number.isInteger(pages) && pages >= 1;
}

function isAlignment(pages: number): boolean {
  return pages <= ALIGN_MAX && (pages & (pages - 1)) === 0;
}
