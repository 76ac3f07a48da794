// SPDX-License-Identifier: GPL-2.0-only
//
// Checks a vmalloc trace by the rules of spec/trace-rules.ts, line by line, in memory bounded by the areas that are live
// or may be lazy, and by constants. It accuses only where nothing else explains the lines.

import { isOfOneLine } from "../../spec/trace-rules.ts";
import { KIND, type TraceEvent, type TraceLoss, type TraceSink } from "../trace-event.ts";
import type { AreaObserver } from "../traced-area.ts";
import { Area } from "./area.ts";
import { finalDifferences, type ListedArea } from "./final-state.ts";
import { Findings, type TraceFinding, type TraceVerdict } from "./finding.ts";
import { ExactCounts } from "./exact-counts.ts";
import { Overlaps } from "./overlaps.ts";
import { OverwrittenBuffers } from "./overwritten.ts";
import { placementProblems } from "./placement.ts";
import { Purges } from "./purges.ts";
import { referenceOf } from "./references.ts";
import { FreedAreas, type ReuseCounts } from "./reuse.ts";
import { SortedAreas } from "./sorted-areas.ts";
import { Tasks } from "./tasks.ts";
import { mayBeChunkAt, unknownFreeProblem } from "./unknown-frees.ts";

/** Only x86-64 has its modules here (MODULES_VADDR; pages of 4 KiB). */
const X86_MODULES = 0xffffffffa0000;

/** Areas that were allocated over and are remembered for a free that comes late. */
const DISPUTED_MAX = 1 << 16;

const MAY_BE_MISSING = "The buffers were overwritten, and events may be missing up to here without a mark.";

/** What a trace is checked with. */
export interface CheckerOptions {
  /** All areas from before the trace; without them, what is older than the trace is unknown. */
  readonly initial?: readonly ListedArea[] | undefined;
  readonly observer?: AreaObserver | undefined;
  /** Findings that are kept one by one. */
  readonly findingsMax?: number | undefined;
}

/** Counts of events and of what they came to. */
export interface TraceCounts extends ReuseCounts {
  allocations: number;
  failed: number;
  frees: number;
  purges: number;
  /** Frees of addresses that may be older than the trace. */
  unknownFrees: number;
  /** Frees of unknown addresses that may be per-CPU chunks. */
  chunkFrees: number;
  losses: number;
}

/** The checker of one trace. */
export class TraceChecker implements TraceSink {
  readonly findings: Findings;
  /** Live, lazy and free ones; none shares a page with another. */
  private readonly areas = new SortedAreas();
  private readonly freed = new FreedAreas(this.areas);
  private readonly taken: Area[] = [];
  private readonly tasks = new Tasks();
  private readonly purges = new Purges();
  private readonly exactCounts = new ExactCounts();
  private readonly overlaps = new Overlaps((finding) => {
    this.add(finding);
  });
  private readonly observer: AreaObserver | undefined;
  /** First pages of areas that were allocated over: one more free of each is not told. */
  private readonly disputed = new Set<number>();
  /** There were more of them than are remembered: no free of an unknown address is told any more. */
  private isDisputeLost = false;
  private isInitialKnown = false;
  private isX86 = false;
  /** Events may be missing without a mark. */
  private isDoubtful = false;
  private overwritten: OverwrittenBuffers | undefined;
  private decidedFrom = 1;
  private lastLine = 0;
  private readonly numbers = {
    allocations: 0,
    failed: 0,
    frees: 0,
    purges: 0,
    unknownFrees: 0,
    chunkFrees: 0,
    losses: 0,
  };

  constructor({ initial, observer, findingsMax = 1000 }: CheckerOptions = {}) {
    this.findings = new Findings(findingsMax);
    this.observer = observer;
    if (initial) this.begin(initial);
    else {
      this.purges.reset(undefined, 1);
      this.exactCounts.reset();
    }
  }

  /** What the trace has come to so far. */
  get counts(): TraceCounts {
    return { ...this.numbers, ...this.freed.counts };
  }

  /** The live areas, by address. */
  *liveAreas(): Generator<Area> {
    for (const area of this.areas) if (area.isLive) yield area;
  }

  /** Areas and entries of lists that are remembered. */
  get size(): number {
    return this.areas.count + this.freed.size;
  }

  /** The line from which on no event is missing: rules that need more than one line are decided behind it only. */
  get completeFrom(): number | undefined {
    return this.isDoubtful ? undefined : this.decidedFrom;
  }

  event(event: TraceEvent): void {
    if (this.overwritten) {
      if (this.overwritten.event(event)) this.forget(event.line);
      this.isDoubtful = this.overwritten.isDoubtful;
    }
    this.lastLine = event.line;
    const own = this.tasks.note(event);
    if (event.kind === KIND.ALLOC) this.allocated(event);
    else if (event.kind === KIND.FREE) this.free(event, own);
    else this.purged(event, own);
  }

  loss({ cpu, kind, line }: TraceLoss): void {
    this.numbers.losses++;
    this.overlaps.end();
    if (kind !== "unreadable") {
      const since = kind === "lost" && cpu !== undefined ? this.tasks.lastOn(cpu) : 0;
      this.findings.doubt(since, `Events are missing before line ${line}.`);
    }
    if (kind === "overwritten") this.overwritten = new OverwrittenBuffers();
    else if (kind === "started" && cpu !== undefined) this.overwritten?.started(cpu);
    this.forget(line);
    this.isDoubtful = this.overwritten?.isDoubtful === true;
  }

  /** The trace is over. `cpus` is what its header says, if it does; `final` are all areas from after it. */
  end(cpus: number | undefined, final?: readonly ListedArea[]): void {
    this.freed.end();
    this.overlaps.end();
    if ((cpus ?? this.tasks.cpus) === 1) for (const finding of this.exactCounts.findings) this.add(finding);
    if (!final) return;
    const { isInitialKnown: isComplete, lastLine: line } = this;
    const live = this.liveAreas();
    const freedAt = (page: number): Area | undefined => this.freedAt(page);
    for (const finding of finalDifferences(final, { live, isComplete, line, freedAt })) this.add(finding);
  }

  private forget(line: number): void {
    this.overlaps.end();
    this.areas.clear();
    this.freed.reset();
    this.disputed.clear();
    this.isDisputeLost = false;
    this.isInitialKnown = false;
    this.decidedFrom = line;
    this.purges.reset(undefined, line);
    this.exactCounts.reset();
    this.observer?.lost();
  }

  private begin(initial: readonly ListedArea[]): void {
    let lazy = 0;
    let lazyPages = 0;
    for (const { isLazy, page, pages } of initial) {
      const area = new Area(page, pages);
      if (page >= X86_MODULES) this.isX86 = true;
      if (this.areas.firstIn(page, page + pages)) continue;
      this.areas.add(area);
      if (!isLazy) continue;
      area.isLive = false;
      this.freed.add(area);
      lazy++;
      lazyPages += pages;
    }
    this.isInitialKnown = true;
    this.purges.reset(lazy, 1);
    this.exactCounts.begin(lazy, lazyPages);
  }

  private allocated(event: TraceEvent): void {
    if (event.failed) {
      this.numbers.failed++;
      this.numbers.allocations++;
      this.observer?.refused(event);
      return;
    }
    this.numbers.allocations++;
    if (event.fromPage >= X86_MODULES) this.isX86 = true;
    const area = Area.of(event);
    for (const [rule, message] of placementProblems(event)) {
      this.report(rule, "violation", event.line, message, "The line says so by itself.", [
        referenceOf(event, area),
      ]);
    }
    if (this.disputed.size > 0 && this.disputed.has(area.page)) this.overlaps.begin(area.page);
    const { taken } = this;
    this.areas.place(area, taken);
    const reused = taken.length > 0 ? this.take(area, event) : undefined;
    this.observer?.allocated(area, event, reused);
  }

  // What was at the place of an area: live areas, which are gone, and freed ones, of which the one freed last is returned.
  private take(area: Area, event: TraceEvent): Area | undefined {
    let last: Area | undefined;
    for (const each of this.taken) {
      if (each.isLive) {
        this.overlaps.add(each, area, event, this.purges);
        if (this.disputed.size < DISPUTED_MAX) this.disputed.add(each.page);
        else this.isDisputeLost = true;
        continue;
      }
      this.freed.use(each, area, event);
      if (!last || each.freeLine > last.freeLine) last = each;
    }
    this.taken.length = 0;
    if (last) this.freed.counts.reuses++;
    return last;
  }

  private free(event: TraceEvent, own: number): void {
    this.numbers.frees++;
    const found = event.offset === 0 ? this.areas.beginningAt(event.page) : undefined;
    const known = found?.isLive === true ? found : undefined;
    this.purges.free(own);
    const isDisputed = this.disputed.has(event.page);
    if (isDisputed) this.overlaps.free(event, own, this.mayBeChunk(event.page));
    this.exactCounts.free(event, known);
    this.observer?.freed(known, event);
    if (known) {
      known.freed(event, own);
      this.freed.add(known);
      return;
    }
    // Two areas have been there at once, and the other one's free has been seen.
    if (isDisputed) this.disputed.delete(event.page);
    else if (!this.isDisputeLost) this.freeOfUnknown(event, own);
  }

  private freeOfUnknown(event: TraceEvent, own: number): void {
    const there = event.offset === 0 ? this.areas.holding(event.page) : undefined;
    const problem = unknownFreeProblem(event, {
      own,
      there,
      since: this.decidedFrom,
      isInitialKnown: this.isInitialKnown,
      isX86: this.isX86,
    });
    if (problem === "chunk") this.numbers.chunkFrees++;
    else if (problem === "older") this.numbers.unknownFrees++;
    else this.add(problem);
    // One whose size nobody knows gives way to what is known.
    if (event.offset !== 0 || there) return;
    const area = new Area(event.page, 1);
    area.isUnknown = true;
    area.freed(event, own);
    this.areas.add(area);
    this.freed.add(area);
  }

  private mayBeChunk(page: number): boolean {
    return mayBeChunkAt(page, this.isX86);
  }

  private freedAt(page: number): Area | undefined {
    const area = this.areas.beginningAt(page);
    return area?.isLive === false ? area : undefined;
  }

  private purged(event: TraceEvent, own: number): void {
    this.numbers.purges++;
    const released = this.freed.purge(event, own, this.purges, (finding) => {
      this.add(finding);
    });
    this.overlaps.purge(event, own);
    const problem = this.purges.end(event);
    if (problem) {
      const { isProved, message, rule } = problem;
      const why = isProved
        ? "A purge takes all that is lazy when it begins, and it begins behind the end of the one before."
        : rule === "TR-PURGED-FEW"
          ? "Unless areas from before the trace were purged between the list and its first line."
          : "Unless lines of frees come late, behind a purge that has taken the areas.";
      this.report(rule, isProved ? "violation" : "suspicious", event.line, message, why, [
        referenceOf(event),
      ]);
    }
    this.exactCounts.purge(event);
    this.observer?.purged(event, released);
  }

  private report(
    rule: TraceFinding["rule"],
    verdict: TraceVerdict,
    line: number,
    message: string,
    why: string,
    lines: TraceFinding["lines"],
  ): void {
    this.add({ rule, verdict, line, message, why, lines });
  }

  private add(finding: TraceFinding): void {
    const { isDoubtful } = this;
    this.findings.add(
      isDoubtful && !isOfOneLine(finding.rule)
        ? { ...finding, verdict: "undecidable", why: MAY_BE_MISSING }
        : finding,
    );
  }
}
