// SPDX-License-Identifier: GPL-2.0-only
//
// Arbitrary programs. They are generated as drafts, which know nothing of each other, and then made into legal
// programs: whatever is dropped or made smaller in a draft, the result is legal again. So they shrink freely.

import fc from "fast-check";
import { TRAITS } from "../../spec/design-traits.ts";
import type { Configuration, PageRange } from "../../spec/instance.ts";
import type { AllocOperation, HotplugOperation, Operation, PcpuOperation } from "../../spec/operations.ts";
import { alignedWindow } from "../../spec/pcpu-rules.ts";
import { PROGRAMS_MAX, windowRange } from "../../spec/program-rules.ts";

/** An operation before it is known what else there is. Every number is brought into range when it is used. */
export type OperationDraft =
  | {
      readonly kind: "alloc";
      readonly size: number;
      readonly alignShift: number;
      readonly window: "vmalloc" | "modules" | PageRange;
      readonly cached: boolean;
    }
  /** `back` counts areas from the latest one; `foreign` says that another task may have allocated it. */
  | { readonly kind: "free"; readonly back: number; readonly foreign: boolean }
  | { readonly kind: "find"; readonly back: number; readonly offset: number }
  | {
      readonly kind: "pcpu";
      readonly alignShift: number;
      /** Gap before each area and its size, in multiples of the alignment, from the lowest area on. */
      readonly areas: readonly { readonly gap: number; readonly size: number }[];
      /** The highest area comes first. */
      readonly down: boolean;
    }
  | { readonly kind: "pfree"; readonly back: number; readonly foreign: boolean }
  | { readonly kind: "purge" }
  | { readonly kind: "aliases" }
  | { readonly kind: "shrink" }
  | { readonly kind: HotplugOperation["op"]; readonly cpu: number };

/** What the operations of programs depend on. */
type Machine = Pick<Configuration, "vmalloc" | "modules" | "spacePages" | "cpus">;

/** Drafts by task. */
export type ProgramDrafts = readonly (readonly OperationDraft[])[];

/** How large programs get. */
export interface ProgramBounds {
  /** Most tasks; at least one is made. */
  readonly tasks: number;
  /** Most operations of a task. */
  readonly opsPerTask: number;
  /** Designs with pools only: whether tasks may call the shrinker; by default not. */
  readonly shrink?: boolean | undefined;
  /** Whether tasks may ask for congruent areas; by default not, and then nothing is drawn for them. */
  readonly pcpu?: boolean | undefined;
}

/** What a draft may ask for. */
export interface DraftBounds extends ProgramBounds {
  /** Largest size and last page of an explicit window, pages. */
  readonly pagesMax: number;
  /** Largest alignment is 2 to this power. */
  readonly alignShiftMax?: number | undefined;
  /** Whether the design has pools: only then there is anything but the usual operations. */
  readonly pools?: boolean | undefined;
}

const ALIGN_SHIFT_MAX = 3;

/** Drafts of programs. */
export function programDraftsArbitrary(bounds: DraftBounds): fc.Arbitrary<ProgramDrafts> {
  const { pagesMax, alignShiftMax = ALIGN_SHIFT_MAX } = bounds;
  const page = fc.nat(pagesMax);
  const cross = { withCrossShrink: true };
  const alloc = fc.record({
    kind: fc.constant("alloc" as const),
    size: fc.oneof(
      cross,
      { weight: 5, arbitrary: fc.integer({ min: 1, max: Math.min(3, pagesMax) }) },
      { weight: 1, arbitrary: fc.integer({ min: 1, max: pagesMax }) },
    ),
    alignShift: fc.oneof(
      cross,
      { weight: 3, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: fc.nat(alignShiftMax) },
    ),
    window: fc.oneof(
      cross,
      { weight: 8, arbitrary: fc.constant("vmalloc" as const) },
      { weight: 1, arbitrary: fc.constant("modules" as const) },
      { weight: 1, arbitrary: fc.record({ start: page, end: page }) },
    ),
    cached: fc.oneof(
      cross,
      { weight: 8, arbitrary: fc.constant(false) },
      { weight: 1, arbitrary: fc.constant(true) },
    ),
  });
  const operation: fc.Arbitrary<OperationDraft> = fc.oneof(
    { weight: 8, arbitrary: alloc },
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant("free" as const),
        back: fc.nat(3),
        foreign: fc.oneof(
          cross,
          { weight: 4, arbitrary: fc.constant(false) },
          { weight: 1, arbitrary: fc.constant(true) },
        ),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant("find" as const), back: fc.nat(3), offset: fc.nat(3) }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("purge" as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("aliases" as const) }) },
    ...(bounds.pools ? poolDrafts(bounds) : []),
    ...(bounds.pcpu ? pcpuDrafts() : []),
  );
  const task = fc.array(operation, { maxLength: bounds.opsPerTask, size: "max" });
  return fc.array(task, { minLength: 1, maxLength: Math.min(bounds.tasks, PROGRAMS_MAX), size: "max" });
}

interface WeightedDraft {
  readonly weight: number;
  readonly arbitrary: fc.Arbitrary<OperationDraft>;
}

// A choice with more ways draws other values, so the usual operations keep to themselves where these are not wanted.
function poolDrafts({ shrink }: DraftBounds): readonly WeightedDraft[] {
  const hotplug = fc.record({
    kind: fc.constantFrom("offline" as const, "online" as const),
    cpu: fc.nat(63),
  });
  const shrinker = fc.record({ kind: fc.constant("shrink" as const) });
  return [{ weight: 1, arbitrary: hotplug }, ...(shrink ? [{ weight: 1, arbitrary: shrinker }] : [])];
}

function pcpuDrafts(): readonly WeightedDraft[] {
  const congruent = fc.record({
    kind: fc.constant("pcpu" as const),
    alignShift: fc.oneof(
      { withCrossShrink: true },
      { weight: 2, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: fc.nat(2) },
    ),
    areas: fc.array(fc.record({ gap: fc.nat(2), size: fc.integer({ min: 1, max: 2 }) }), {
      minLength: 1,
      maxLength: 3,
    }),
    down: fc.boolean(),
  });
  const free = fc.record({ kind: fc.constant("pfree" as const), back: fc.nat(3), foreign: fc.boolean() });
  return [
    { weight: 4, arbitrary: congruent },
    { weight: 3, arbitrary: free },
  ];
}

interface DraftArea {
  readonly task: number;
  readonly alloc: AllocOperation;
  freed: boolean;
  /** A find relies on it: only its own task may free it. */
  looked: boolean;
}

interface DraftCongruent {
  readonly task: number;
  readonly name: string;
  freed: boolean;
}

/**
 * Makes programs of drafts: legal for the configuration, with an order in which all can finish. Operations are
 * placed round by round; a free or find refers to areas placed before it only, so no circle of waits can arise.
 * A free or find without such an area is left out, hotplug of the only CPU, too, and so is a task without operations.
 */
export function programsOf(configuration: Machine, drafts: ProgramDrafts): readonly (readonly Operation[])[] {
  const programs = drafts.map((): Operation[] => []);
  const areas: DraftArea[] = [];
  const congruent: DraftCongruent[] = [];
  const rounds = Math.max(...drafts.map((task) => task.length));
  for (let round = 0; round < rounds; round++) {
    for (const [task, program] of drafts.entries()) {
      const draft = program[round];
      const operation = draft && place(configuration, draft, task, areas, congruent);
      if (operation) programs[task]!.push(operation);
    }
  }
  const working = programs.filter((program) => program.length > 0);
  return working.length > 0 ? working : [[]];
}

/** Programs for a configuration. */
export function programsArbitrary(
  configuration: Configuration,
  bounds: ProgramBounds,
): fc.Arbitrary<readonly (readonly Operation[])[]> {
  const { spacePages, vmalloc, allocator } = configuration;
  const { pools } = TRAITS[allocator];
  const pagesMax = Math.min(spacePages, vmalloc.end);
  return programDraftsArbitrary({ ...bounds, pools, pagesMax }).map((drafts) =>
    programsOf(configuration, drafts),
  );
}

function place(
  configuration: Machine,
  draft: OperationDraft,
  task: number,
  areas: DraftArea[],
  congruent: DraftCongruent[],
): Operation | undefined {
  switch (draft.kind) {
    case "pcpu": {
      const name = areaName(areas.length + congruent.length);
      const operation = pcpuOf(configuration, draft, name);
      if (operation) congruent.push({ task, name, freed: false });
      return operation;
    }
    case "pfree": {
      const whole = nth(congruent, draft.back, (c) => !c.freed && (c.task === task || draft.foreign));
      if (!whole) return undefined;
      whole.freed = true;
      return { op: "pfree", name: whole.name };
    }
    case "alloc": {
      const alloc = allocOf(configuration, draft, areas.length + congruent.length);
      areas.push({ task, alloc, freed: false, looked: false });
      return alloc;
    }
    case "free": {
      const area = nth(areas, draft.back, (a) => {
        return !a.freed && !a.alloc.cached && (a.task === task || (draft.foreign && !a.looked));
      });
      if (!area) return undefined;
      area.freed = true;
      return { op: "free", name: area.alloc.name };
    }
    case "find": {
      const area = nth(areas, draft.back, (a) => !a.freed && !a.alloc.cached && a.task === task);
      if (!area) return undefined;
      area.looked = true;
      return { op: "find", name: area.alloc.name, offset: draft.offset % area.alloc.size };
    }
    case "purge":
    case "aliases":
    case "shrink":
      return { op: draft.kind };
    case "offline":
    case "online": {
      const { cpus } = configuration;
      return cpus < 2 ? undefined : { op: draft.kind, cpu: draft.cpu % cpus };
    }
  }
}

function allocOf(
  configuration: Pick<Configuration, "vmalloc" | "modules" | "spacePages">,
  draft: OperationDraft & { readonly kind: "alloc" },
  index: number,
): AllocOperation {
  const window = windowOf(configuration, draft.window);
  const { start, end } = windowRange(configuration, window)!;
  const size = Math.min(draft.size, end - start);
  const alloc = {
    op: "alloc",
    name: areaName(index),
    size,
    align: 2 ** draft.alignShift,
    window,
  } as const;
  return draft.cached ? { ...alloc, cached: true } : alloc;
}

// Areas that do not fit into the window are left out, from the highest one on; without any there is no operation.
function pcpuOf(
  { vmalloc }: Pick<Configuration, "vmalloc">,
  draft: OperationDraft & { readonly kind: "pcpu" },
  name: string,
): PcpuOperation | undefined {
  const align = 2 ** draft.alignShift;
  const { start, end } = alignedWindow(vmalloc, align);
  const placed: (readonly [offset: number, size: number])[] = [];
  let reach = 0;
  for (const { gap, size } of draft.areas) {
    const offset = reach + gap * align;
    reach = offset + size * align;
    if (reach <= end - start) placed.push([offset, size * align]);
  }
  if (placed.length === 0) return undefined;
  if (draft.down) placed.reverse();
  return { op: "pcpu", name, offsets: placed.map(([o]) => o), sizes: placed.map(([, size]) => size), align };
}

// A window that the instance does not have becomes the vmalloc window, an explicit one is moved into the space.
function windowOf(
  { modules, spacePages }: Pick<Configuration, "modules" | "spacePages">,
  window: AllocOperation["window"],
): AllocOperation["window"] {
  if (window === "vmalloc") return window;
  if (window === "modules") return modules ? window : "vmalloc";
  const last = spacePages - 1;
  const start = Math.min(window.start, window.end, last);
  const end = Math.min(Math.max(window.start, window.end, start + 1), spacePages);
  return { start, end };
}

function nth<A>(areas: readonly A[], back: number, fits: (area: A) => boolean): A | undefined {
  const fitting = areas.filter(fits);
  return fitting[fitting.length - 1 - (back % Math.max(1, fitting.length))];
}

/** a, b, ..., z, a1, b1, ... */
function areaName(index: number): string {
  const letter = String.fromCharCode(97 + (index % 26));
  const round = Math.floor(index / 26);
  return round === 0 ? letter : `${letter}${round}`;
}
