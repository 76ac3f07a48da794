// SPDX-License-Identifier: GPL-2.0-only
//
// Why a violation happened: replays a run with an ear on the heap, and goes back from what the finding is about to who
// wrote it, what they had read, and which order was missing. O(steps * what they touch), of the last thousands of steps.

import { ReplayStrategy } from "../../explore/strategies/replay.ts";
import { EVENT } from "../../spec/events.ts";
import type { Instance, PageRange } from "../../spec/instance.ts";
import type { Schedule } from "../../spec/schedule.ts";
import { isDeadlock } from "../deadlock.ts";
import type { Finding } from "../finding.ts";
import { Session, type SessionOptions } from "../session.ts";
import { AccessTrace, type TracedStep } from "./access-trace.ts";
import type { Deed, Dependency, Held, MissingOrder, Why, Writer } from "./contract.ts";
import { deadlockHoldings, type Holding, inversionHoldings, type LockNames } from "./lock-story.ts";
import { MustOrder } from "./must-order.ts";
import { orderGaps } from "./missing-order.ts";
import { type Subject, subjectOf, touches, writesTo } from "./subject.ts";

/** Most of each that are given. */
const WRITERS_MAX = 6;
const ORDERS_MAX = 3;
const READS_MAX = 2;
const SUBJECT_MAX = 6;

/**
 * Explains the finding in which a run ends, under the options under which it was found; undefined if it ends in none, or
 * before its first step.
 */
export function explainRun(instance: Instance, schedule: Schedule, options: SessionOptions): Why | undefined {
  const trace = new AccessTrace();
  const session = new Session(instance, {
    ...options,
    accesses: trace,
    onStep: (_, step) => trace.noted(step),
  });
  trace.begin(session.sim);
  const { finding } = session.run(trace.listening(new ReplayStrategy(schedule)));
  trace.broken((p) => session.runner.waiting().find(({ process }) => process === p)?.site);
  return finding && trace.steps.length > 0 ? new Explanation(session, trace.steps, finding).why() : undefined;
}

class Explanation {
  private readonly steps: readonly TracedStep[];
  private readonly session: Session;
  private readonly finding: Finding;
  private readonly subject: Subject;
  private readonly names: LockNames;

  constructor(session: Session, steps: readonly TracedStep[], finding: Finding) {
    const { sim, instance } = session;
    const { all } = sim.kernel.locks;
    this.session = session;
    this.steps = steps;
    this.finding = finding;
    this.subject = subjectOf(finding, steps, instance.blockPages);
    this.names = {
      processes: sim.processes.map(({ name }) => name),
      locks: all.map(({ name }) => name),
      classes: all.map(({ lockClass }) => lockClass),
    };
  }

  why(): Why {
    const { steps, subject, names } = this;
    const last = steps.length - 1;
    const writers = steps.flatMap((step, i) => (writesTo(step, subject) ? [i] : [])).slice(-WRITERS_MAX);
    // A run in which nobody wrote anything ends where its last step went.
    const shown = (writers.length > 0 ? writers : [last]).toReversed();
    const held = this.held();
    const uses = shown.includes(last) ? shown : [last, ...shown];
    const alone = steps.every(({ process }) => process === steps[0]!.process);
    const orders =
      alone || held.length > 0
        ? []
        : orderGaps(steps, subject, uses, new MustOrder(steps, names.processes.length));
    const writing = shown.map((i) => this.writer(i));
    return {
      subject: this.subjectNames(),
      writers: writing,
      orders: orders.slice(0, ORDERS_MAX).map((gap): MissingOrder => ({
        of: gap.cell,
        lack: gap.common.length === 0 ? "no-common-lock" : "released-between",
        first: {
          ...this.deed(gap.first),
          locks: this.locksAt(gap.first, gap.cell),
          writes: gap.use === undefined && this.steps[gap.first]!.accesses.get(gap.cell)!.writes,
        },
        second: {
          ...this.deed(gap.second),
          locks: this.locksAt(gap.second, gap.cell),
          writes: this.steps[gap.second]!.accesses.get(gap.cell)!.writes,
        },
        ...(gap.use !== undefined && { use: this.deed(gap.use) }),
      })),
      held,
      omitted: this.omitted(),
      alone,
    };
  }

  private subjectNames(): readonly string[] {
    const { pages, cells } = this.subject;
    const names = [...pages.map((range) => text(range)), ...[...cells].sort()];
    const site = this.steps.at(-1)!.site;
    return names.length === 0 ? [`what ${site.fn} came to`] : names.slice(0, SUBJECT_MAX);
  }

  private deed(i: number): Deed {
    const { step, process, cpu, site } = this.steps[i]!;
    return { step, who: this.names.processes[process]!, cpu, fn: site.fn };
  }

  private locksAt(i: number, cell: string): readonly string[] {
    return (this.steps[i]!.accesses.get(cell)?.locks ?? []).map((lock) => this.names.locks[lock]!);
  }

  private writer(i: number): Writer {
    const { subject, names } = this;
    const step = this.steps[i]!;
    const { pages } = subject;
    const deeds = step.deeds.filter((deed) => touches({ ...step, deeds: [deed] }, pages));
    const words = [...step.accesses.values()].filter(
      ({ writes, cell }) => writes && subject.cells.has(cell.name) && (cell.isNumber || deeds.length === 0),
    );
    const did = [
      ...[...new Set(deeds.map((deed) => text(deed)))].map((range) => {
        const done = deeds.filter((deed) => text(deed) === range).map(({ did }) => did);
        return `${range} ${[...new Set(done)].join(", ")}`;
      }),
      ...words.map(({ cell, before, after }) =>
        cell.isNumber ? `${cell.name} ${before} -> ${after}` : `writes ${cell.name}`,
      ),
    ];
    const locks = [...new Set([...step.heldBefore, ...step.taken])].map((lock) => names.locks[lock]!);
    return {
      ...this.deed(i),
      did: did.length > 0 ? did : [step.site.what],
      locks,
      reads: this.dependencies(i),
    };
  }

  // What it read in its critical section, across the steps between which it kept a lock.
  private dependencies(i: number): readonly Dependency[] {
    const { process } = this.steps[i]!;
    const known = new Map<string, Dependency & { readonly at: number }>();
    for (let s = i; s >= 0; s--) {
      const step = this.steps[s]!;
      if (step.process !== process) continue;
      if (s < i && !this.keepsSpinlock(step)) break;
      for (const { reads, cell, before } of step.accesses.values()) {
        if (!reads || known.has(cell.name)) continue;
        const at = this.lastWrite(cell.name, s);
        const value = cell.isNumber ? { value: before } : {};
        known.set(cell.name, { of: cell.name, ...value, ...(at >= 0 && { writer: this.deed(at) }), at });
      }
    }
    const foreign = ({ at }: { readonly at: number }): number =>
      at >= 0 && this.steps[at]!.process !== process ? 1 : 0;
    return [...known.values()]
      .filter(({ at }) => at >= 0)
      .sort((a, b) => foreign(b) - foreign(a) || b.at - a.at || (a.of < b.of ? -1 : 1))
      .slice(0, READS_MAX)
      .map(({ of, value, writer }) => ({
        of,
        ...(value !== undefined && { value }),
        ...(writer && { writer }),
      }));
  }

  private keepsSpinlock({ heldAfter }: TracedStep): boolean {
    const { all } = this.session.sim.kernel.locks;
    return heldAfter.some((lock) => !all[lock]!.sleeps);
  }

  private lastWrite(cell: string, before: number): number {
    for (let s = before - 1; s >= 0; s--) if (this.steps[s]!.accesses.get(cell)?.writes) return s;
    return -1;
  }

  private held(): readonly Held[] {
    const { session, steps, finding, names } = this;
    const scene = isDeadlock(finding) ? session.waits : undefined;
    const holdings = scene
      ? deadlockHoldings(steps, scene, names)
      : finding.id === "INV-LOCKORDER"
        ? inversionHoldings(steps, names)
        : [];
    return holdings.map(({ taken, lock, wants, at }: Holding) => ({
      ...this.deed(taken),
      lock,
      wants,
      ...(at !== undefined && { at: steps[at]!.step }),
    }));
  }

  // Of translations it is the flush that is missing, and not an order of writes.
  private omitted(): readonly string[] {
    return this.subject.pages.flatMap((range) => {
      const last = (event: number): number =>
        this.steps.findLastIndex(({ deeds }) =>
          deeds.some((d) => d.event === event && d.start < range.end && range.start < d.end),
        );
      const unmapped = last(EVENT.UNMAP);
      const flushed = last(EVENT.FLUSH);
      if (unmapped < 0 || flushed > unmapped) return [];
      const reused = Math.max(last(EVENT.GRANT), last(EVENT.RELEASE), last(EVENT.MAP));
      if (reused < unmapped && !/TLB|FLUSH|ALIASES/.test(this.finding.id)) return [];
      const since = `step ${this.steps[unmapped]!.step}, which unmapped it`;
      const before = flushed < 0 ? "" : `; the last one was step ${this.steps[flushed]!.step}`;
      return [`no TLB flush of ${text(range)} behind ${since}${before}`];
    });
  }
}

function text({ start, end }: PageRange): string {
  return `[${start},${end})`;
}
