// SPDX-License-Identifier: GPL-2.0-only
//
// How often the global lock is taken, before and after node blocks.
// Workloads: those of lib/test_vmalloc.c as far as sizes, alignments and windows go, scaled down.

import { Session } from "../properties/session.ts";
import type { AllocatorId } from "../spec/instance.ts";
import { RUN_TO_COMPLETION } from "../spec/schedule.ts";
import { instanceOf } from "../spec/small-machine.ts";
import type { Designs } from "./campaigns.ts";
import type { MeasureResult, MeasureRow } from "./measure-result.ts";

interface Workload {
  readonly name: string;
  /** Whether the claim is about this kind of request. */
  readonly claimed: boolean;
  /** Allocation `i` of a task, as program text without its name. */
  readonly alloc: (i: number) => string;
}

const CYCLES = 48;
const KEEP = 4;

const WORKLOADS: readonly Workload[] = [
  { name: "fix_size_alloc_test (1 page and guard)", claimed: true, alloc: () => "alloc(2)" },
  { name: "random sizes, 1 to 4 pages", claimed: true, alloc: (i) => `alloc(${1 + ((i * 7) % 4)})` },
  { name: "fix_align_alloc_test (2 pages, align 4)", claimed: true, alloc: () => "alloc(2,align=4)" },
  { name: "requests above a quarter block", claimed: false, alloc: () => "alloc(20)" },
  { name: "modules window", claimed: false, alloc: () => "alloc(2,window=modules)" },
];

const UNIT = "acquisitions of free_vmap_area_lock per allocation and free";

/** Acquisitions of free_vmap_area_lock per allocation and free. */
export function globalLockAcquisitions(designs?: Designs): MeasureResult {
  const rows: MeasureRow[] = [];
  for (const { name, alloc } of WORKLOADS) {
    const before = acquisitions("node-index", alloc, designs);
    const after = acquisitions("node-blocks", alloc, designs);
    if (typeof before !== "number") return undecided(name, before);
    if (typeof after !== "number") return undecided(name, after);
    rows.push({ workload: name, before, after });
  }
  const claimed = rows.filter((_, i) => WORKLOADS[i]!.claimed);
  const better = claimed.filter((row) => row.after < row.before).length;
  const verdict = better === claimed.length ? "holds" : better === 0 ? "refuted" : "partly";
  const worst = claimed.reduce((a, b) => (a.after / a.before > b.after / b.before ? a : b));
  return {
    verdict,
    unit: UNIT,
    text: `${factor(worst)} for requests that a node serves, ${worst.workload}: ${worst.before} before, ${worst.after} after`,
    rows,
  };
}

function factor({ before, after }: MeasureRow): string {
  return after < before ? `at least ${(before / after).toFixed(1)} times fewer` : "not fewer";
}

function undecided(workload: string, problem: string): MeasureResult {
  return { verdict: "not-decided", unit: UNIT, text: `${workload}: ${problem}`, rows: [] };
}

// Four tasks on four CPUs keep a few areas each and replace the oldest one, run one after the other. Returns the
// count, or what went wrong.
function acquisitions(
  allocator: AllocatorId,
  alloc: Workload["alloc"],
  designs: Designs | undefined,
): number | string {
  const program = (task: string): string => {
    const ops: string[] = [];
    for (let i = 0; i < CYCLES; i++) {
      ops.push(`${task}${i}=${alloc(i)}`);
      if (i >= KEEP) ops.push(`free(${task}${i - KEEP})`);
    }
    return ops.join("; ");
  };
  const machine = {
    space: 1280,
    vmalloc: { start: 0, end: 1024 },
    modules: { start: 1024, end: 1280 },
    cpus: 4,
    nodes: 2,
    block: 64,
    lazyMax: 32,
  };
  const instance = instanceOf(allocator, machine, ...["a", "b", "c", "d"].map(program));
  const session = new Session(instance, { design: designs?.[allocator] });
  const { end, finding } = session.replay(RUN_TO_COMPLETION);
  if (finding) return `${finding.id} on ${allocator}: ${finding.message}`;
  if (end !== "done") return `the run on ${allocator} did not end`;
  const freeLock = session.sim.allocator.freeLock.lockClass;
  const perCycle = session.locks.acquisitions[freeLock]! / (4 * CYCLES);
  return Math.round(perCycle * 100) / 100;
}
