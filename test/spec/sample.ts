// SPDX-License-Identifier: GPL-2.0-only
//
// Valid values for the tests of spec/: one of each by hand, and arbitraries that yield only valid ones.

import fc from "fast-check";
import type { Counterexample } from "../../spec/counterexample.ts";
import { POOL_FAULTS, TRAITS, TREE_FAULTS } from "../../spec/design-traits.ts";
import { ALLOCATION_FAULTS, FAULT_POINTS, type FaultPoint } from "../../spec/faults.ts";
import {
  ALLOCATOR_IDS,
  type AllocatorId,
  BOOT_PHASES,
  type Instance,
  type PageRange,
} from "../../spec/instance.ts";
import type { AllocOperation, Operation, PcpuOperation } from "../../spec/operations.ts";
import type { Schedule } from "../../spec/schedule.ts";

/** A valid instance with every kind of operation. */
export const INSTANCE: Instance = {
  allocator: "node-blocks",
  spacePages: 24,
  vmalloc: { start: 0, end: 16 },
  modules: { start: 16, end: 24 },
  cpus: 2,
  nodes: 2,
  blockPages: 8,
  lazyMaxPages: 2,
  faults: { budget: 1, points: ["kasan", "split"] },
  migrations: 1,
  programs: [
    [
      { op: "alloc", name: "a", size: 2, align: 1, window: "vmalloc" },
      { op: "find", name: "a", offset: 1 },
      { op: "free", name: "a" },
      { op: "purge" },
    ],
    [
      { op: "alloc", name: "b", size: 1, align: 4, window: { start: 8, end: 12 } },
      { op: "alloc", name: "c", size: 1, align: 1, window: "modules" },
      { op: "alloc", name: "d", size: 1, align: 1, window: "vmalloc", cached: true },
      { op: "free", name: "c" },
      { op: "aliases" },
    ],
  ],
};

/** The designs with pools: the ones with all fields and operations. */
export const POOLED: readonly AllocatorId[] = ALLOCATOR_IDS.filter((id) => TRAITS[id].pools);

/** The sample instance with all that only designs with pools know. Valid for these. */
export function pooledInstance(allocator: AllocatorId): Instance {
  return {
    ...INSTANCE,
    allocator,
    poolPages: 2,
    workers: { idle: 1, stackPages: 4 },
    boot: "workqueue_init_early",
    faults: { budget: 1, points: ["kasan", "worker", "workqueue", "queue-work"] },
    programs: [...INSTANCE.programs, [{ op: "offline", cpu: 1 }, { op: "shrink" }, { op: "online", cpu: 1 }]],
  };
}

/** A valid schedule. */
export const SCHEDULE: Schedule = {
  switches: [
    { at: 3, to: 1 },
    { at: 9, to: 0 },
  ],
  choices: [{ at: 4, value: 1 }],
};

/** A valid counterexample. */
export const COUNTEREXAMPLE: Counterexample = {
  tool: "0.1.0",
  instance: INSTANCE,
  mutant: "MU-1",
  schedule: SCHEDULE,
  violation: { invariant: "INV-TLB", message: 'pages [0, 2) of "a" were released unflushed', step: 17 },
  stateDigest: "0123456789abcdef",
  choicesDigest: "00ff",
};

/** The sample instance, or another one, with one change. The change may make it invalid. */
export function changed(change: (draft: Mutable<Instance>) => void, of: Instance = INSTANCE): Instance {
  const draft = structuredClone(of) as Mutable<Instance>;
  change(draft);
  return draft;
}

/** A type with all its fields writable, at any depth. */
export type Mutable<T> = T extends object ? { -readonly [K in keyof T]: Mutable<T[K]> } : T;

const USUAL_OPERATIONS = ["find", "purge", "aliases", "free"] as const;

const HOTPLUG_OPERATIONS = ["offline", "online"] as const;

type Later = (typeof USUAL_OPERATIONS)[number] | "shrink" | (typeof HOTPLUG_OPERATIONS)[number];

/**
 * Valid programs: areas with names of their own, freed at most once, in a later place. With `pooledCpus`, the CPUs
 * of a design with pools, they have its operations as well.
 */
export function programsArbitrary(
  vmalloc: PageRange,
  modules: PageRange | undefined,
  pooledCpus = 0,
): fc.Arbitrary<readonly (readonly Operation[])[]> {
  const windows: fc.Arbitrary<AllocOperation["window"]>[] = [fc.constant("vmalloc"), explicitWindow(vmalloc)];
  if (modules !== undefined) windows.push(fc.constant("modules"));
  const later: readonly Later[] = [
    ...USUAL_OPERATIONS,
    ...(pooledCpus > 0 ? (["shrink"] as const) : []),
    ...(pooledCpus > 1 ? HOTPLUG_OPERATIONS : []),
  ];
  const alloc = fc.record({
    sizeShare: fc.nat(999),
    alignShift: fc.nat(4),
    window: fc.oneof(...windows),
    cached: fc.boolean(),
    after: fc.subarray([...later]),
    cpu: fc.nat(Math.max(0, pooledCpus - 1)),
  });
  const program = fc.tuple(fc.array(alloc, { maxLength: 4 }), fc.option(congruentArbitrary(vmalloc)));
  return fc.array(program, { minLength: 1, maxLength: 4 }).map((tasks) =>
    tasks.map(([task, congruent], t) => [
      ...congruentOperations(congruent, `p${t}`),
      ...task.flatMap((each, i): Operation[] => {
        const range = each.window === "modules" ? (modules ?? vmalloc) : each.window;
        const pages = range === "vmalloc" ? vmalloc.end - vmalloc.start : range.end - range.start;
        const size = 1 + (each.sizeShare % pages);
        const name = `t${t}_${i}`;
        const base = { op: "alloc", name, size, align: 2 ** each.alignShift, window: each.window } as const;
        const rest = each.after.filter((op) => !each.cached || (op !== "find" && op !== "free"));
        return [
          each.cached ? { ...base, cached: true } : base,
          ...rest.map((op) => operation(op, name, size, each.cpu)),
        ];
      }),
    ]),
  );
}

type Congruent = Pick<PcpuOperation, "align"> & {
  /** Gaps before the areas, and their sizes, in multiples of the alignment. */
  readonly areas: readonly (readonly [gap: number, size: number])[];
  readonly reversed: boolean;
  readonly freed: boolean;
};

/** Congruent areas that fit into a window, if it has room for any. */
function congruentArbitrary({ start, end }: PageRange): fc.Arbitrary<Congruent | null> {
  const area = fc.tuple(fc.nat(2), fc.integer({ min: 1, max: 2 }));
  const fits = ({ align, areas }: Congruent): boolean => {
    const reach = areas.reduce((sum, [gap, size]) => sum + gap + size, 0) * align;
    return reach <= Math.floor(end / align) * align - Math.ceil(start / align) * align;
  };
  return fc
    .record({
      align: fc.constantFrom(1, 2, 4),
      areas: fc.array(area, { minLength: 1, maxLength: 3 }),
      reversed: fc.boolean(),
      freed: fc.boolean(),
    })
    .map((congruent) => (fits(congruent) ? congruent : null));
}

function congruentOperations(congruent: Congruent | null, name: string): Operation[] {
  if (!congruent) return [];
  const { align, areas, reversed, freed } = congruent;
  let at = 0;
  const placed = areas.map(([gap, size]) => {
    const offset = at + gap;
    at = offset + size;
    return [offset * align, size * align] as const;
  });
  const ordered = reversed ? [...placed].reverse() : placed;
  const offsets = ordered.map(([offset]) => offset);
  const sizes = ordered.map(([, size]) => size);
  return [{ op: "pcpu", name, offsets, sizes, align }, ...(freed ? [{ op: "pfree", name } as const] : [])];
}

/** Valid instances. */
export const instanceArbitrary: fc.Arbitrary<Instance> = fc
  .record({
    allocator: fc.constantFrom(...ALLOCATOR_IDS),
    vmallocPages: fc.integer({ min: 1, max: 64 }),
    gap: fc.nat(3),
    modulesPages: fc.nat(16),
    cpus: fc.integer({ min: 1, max: 64 }),
    nodes: fc.integer({ min: 1, max: 255 }),
    blockPages: fc.integer({ min: 4, max: 32 }),
    lazyMaxPages: fc.nat(64),
    pageSize: fc.constantFrom(undefined, 4096, 16_384, 65_536),
    liveMax: fc.constantFrom(undefined, 3, 64),
    budget: fc.nat(3),
    points: fc.subarray([...FAULT_POINTS]),
    migrations: fc.nat(3),
    pools: fc.record(
      {
        poolPages: fc.integer({ min: 1, max: 256 }),
        workers: fc.record(
          { idle: fc.nat(64), stackPages: fc.integer({ min: 1, max: 16 }) },
          { requiredKeys: ["idle"] },
        ),
        boot: fc.constantFrom(...BOOT_PHASES),
      },
      { requiredKeys: [] },
    ),
  })
  .chain(({ vmallocPages, gap, modulesPages, pageSize, liveMax, budget, points, pools, ...usual }) => {
    const { pools: pooled, rangeTrees } = TRAITS[usual.allocator];
    const known: readonly FaultPoint[] = [
      ...ALLOCATION_FAULTS,
      "pcpu-record",
      ...(pooled ? POOL_FAULTS : []),
      ...(rangeTrees ? TREE_FAULTS : []),
    ];
    const faults = { budget, points: points.filter((point) => known.includes(point)) };
    const others = { ...usual, faults, ...(pooled ? pools : {}) };
    const sized = pageSize === undefined ? others : { ...others, pageSize };
    const rest = liveMax === undefined ? sized : { ...sized, closed: { liveMax } };
    const vmalloc = { start: gap, end: gap + vmallocPages };
    const modules = { start: vmalloc.end, end: vmalloc.end + modulesPages };
    const placed = { ...rest, spacePages: modules.end + gap, vmalloc };
    const configuration = modulesPages === 0 ? placed : { ...placed, modules };
    return programsArbitrary(vmalloc, modulesPages === 0 ? undefined : modules, pooled ? usual.cpus : 0).map(
      (programs) => ({ ...configuration, programs }),
    );
  });

/** Valid schedules. */
export const scheduleArbitrary: fc.Arbitrary<Schedule> = fc
  .tuple(steps(), steps())
  .map(([switches, choices]) => ({
    switches: switches.map(([at, to]) => ({ at, to })),
    choices: choices.map(([at, value]) => ({ at, value })),
  }));

/** Valid counterexamples. */
export const counterexampleArbitrary: fc.Arbitrary<Counterexample> = fc
  .record({
    instance: instanceArbitrary,
    schedule: scheduleArbitrary,
    message: fc.string({ minLength: 1, unit: "grapheme" }).map((text) => text.replace(/[\n\r]/g, " ")),
    step: fc.nat(),
    mutant: fc.option(fc.constantFrom("MU-1", "MU-11"), { nil: undefined }),
    digest: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((n) => n.toString(16).padStart(16, "0")),
  })
  .map(({ message, step, digest, mutant, ...rest }) => ({
    ...rest,
    tool: "0.1.0",
    ...(mutant === undefined ? {} : { mutant }),
    violation: { invariant: "INV-OWN1", message, step },
    stateDigest: digest,
    choicesDigest: digest,
  }));

function explicitWindow(within: PageRange): fc.Arbitrary<PageRange> {
  return fc.integer({ min: within.start, max: within.end - 1 }).chain((start) => {
    return fc.integer({ min: start + 1, max: within.end }).map((end) => ({ start, end }));
  });
}

function operation(op: Later, name: string, size: number, cpu: number): Operation {
  switch (op) {
    case "find":
      return { op, name, offset: size - 1 };
    case "free":
      return { op, name };
    case "purge":
    case "aliases":
    case "shrink":
      return { op };
    case "offline":
    case "online":
      return { op, cpu };
  }
}

function steps(): fc.Arbitrary<(readonly [number, number])[]> {
  return fc
    .uniqueArray(fc.tuple(fc.nat(1000), fc.nat(9)), { maxLength: 6, selector: ([at]) => at })
    .map((list) => list.sort(([a], [b]) => a - b));
}
