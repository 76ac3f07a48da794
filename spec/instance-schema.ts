// SPDX-License-Identifier: GPL-2.0-only
//
// Schemas of instances, operations and schedules: the shape of what files hold. Ranges are not checked here but
// in instance-rules.ts. `exactly` makes the compiler reject a schema whose type differs from the plain one.

import { FAULT_POINTS, type FaultPoint } from "./faults.ts";
import {
  ALLOCATOR_IDS,
  type AllocatorId,
  BOOT_PHASES,
  type BootPhase,
  type FaultPlan,
  type Instance,
  type PageRange,
  type WorkerPlan,
} from "./instance.ts";
import { validateInstance } from "./instance-rules.ts";
import type {
  AliasesOperation,
  AllocOperation,
  FindOperation,
  FlipOperation,
  FreeOperation,
  OfflineOperation,
  OnlineOperation,
  Operation,
  PcpuFreeOperation,
  PcpuOperation,
  PurgeOperation,
  ShrinkOperation,
} from "./operations.ts";
import type { ChoiceDeviation, Schedule, SwitchDeviation } from "./schedule.ts";
import { validateSchedule } from "./schedule-rules.ts";
import { S, decodeOrExplain, exactly } from "./schema.ts";
import { failure, type Result } from "./user-error.ts";

/** Any integer; the rules say which ones. */
const Integer: S.Schema<number> = S.Number.pipe(
  S.filter((n) => Number.isInteger(n), { description: "an integer" }),
);

const Name: S.Schema<string> = S.String.annotations({ description: "the name of an area" });

/** A range of pages. */
export const PageRangeSchema = exactly<PageRange>()(S.Struct({ start: Integer, end: Integer }));

const AllocSchema = exactly<AllocOperation>()(
  S.Struct({
    op: S.Literal("alloc"),
    name: Name,
    size: Integer,
    align: Integer,
    window: S.Union(S.Literal("vmalloc", "modules"), PageRangeSchema),
    cached: S.optional(S.Boolean.annotations({ description: "true or false" })),
  }),
);
const FreeSchema = exactly<FreeOperation>()(S.Struct({ op: S.Literal("free"), name: Name }));
const FindSchema = exactly<FindOperation>()(S.Struct({ op: S.Literal("find"), name: Name, offset: Integer }));
const PurgeSchema = exactly<PurgeOperation>()(S.Struct({ op: S.Literal("purge") }));
const AliasesSchema = exactly<AliasesOperation>()(S.Struct({ op: S.Literal("aliases") }));
const PcpuSchema = exactly<PcpuOperation>()(
  S.Struct({
    op: S.Literal("pcpu"),
    name: Name,
    offsets: S.Array(Integer),
    sizes: S.Array(Integer),
    align: Integer,
  }),
);
const PcpuFreeSchema = exactly<PcpuFreeOperation>()(S.Struct({ op: S.Literal("pfree"), name: Name }));
const ShrinkSchema = exactly<ShrinkOperation>()(S.Struct({ op: S.Literal("shrink") }));
const FlipSchema = exactly<FlipOperation>()(S.Struct({ op: S.Literal("flip") }));
// One schema for each kind: a kind tells at once which fields an operation must have.
const OfflineSchema = exactly<OfflineOperation>()(S.Struct({ op: S.Literal("offline"), cpu: Integer }));
const OnlineSchema = exactly<OnlineOperation>()(S.Struct({ op: S.Literal("online"), cpu: Integer }));

/** One operation of a task. */
export const OperationSchema = exactly<Operation>()(
  S.Union(
    AllocSchema,
    FreeSchema,
    FindSchema,
    PurgeSchema,
    AliasesSchema,
    PcpuSchema,
    PcpuFreeSchema,
    ShrinkSchema,
    FlipSchema,
    OfflineSchema,
    OnlineSchema,
  ).annotations({ description: "an operation, which is an object with op" }),
);

/** The name of a design. */
export const AllocatorIdSchema = exactly<AllocatorId>()(S.Literal(...ALLOCATOR_IDS));

const FaultPointSchema = exactly<FaultPoint>()(S.Literal(...FAULT_POINTS));

/** Which allocations may fail. */
export const FaultPlanSchema = exactly<FaultPlan>()(
  S.Struct({
    budget: Integer,
    points: S.Array(FaultPointSchema),
  }),
);

const WorkerPlanSchema = exactly<WorkerPlan>()(S.Struct({ idle: Integer, stackPages: S.optional(Integer) }));

const BootPhaseSchema = exactly<BootPhase>()(S.Literal(...BOOT_PHASES));

/** A configuration and its programs. */
export const InstanceSchema = exactly<Instance>()(
  S.Struct({
    allocator: AllocatorIdSchema,
    spacePages: Integer,
    vmalloc: PageRangeSchema,
    modules: S.optional(PageRangeSchema),
    cpus: Integer,
    nodes: Integer,
    blockPages: Integer,
    lazyMaxPages: Integer,
    pageSize: S.optional(Integer),
    poolPages: S.optional(Integer),
    workers: S.optional(WorkerPlanSchema),
    boot: S.optional(BootPhaseSchema),
    closed: S.optional(S.Struct({ liveMax: Integer })),
    faults: FaultPlanSchema,
    migrations: Integer,
    programs: S.Array(S.Array(OperationSchema)),
  }),
);

const SwitchSchema = exactly<SwitchDeviation>()(S.Struct({ at: Integer, to: Integer }));
const ChoiceSchema = exactly<ChoiceDeviation>()(S.Struct({ at: Integer, value: Integer }));

/** A schedule, as deviations from run-to-completion. */
export const ScheduleSchema = exactly<Schedule>()(
  S.Struct({
    switches: S.Array(SwitchSchema),
    choices: S.Array(ChoiceSchema),
  }),
);

/** Decodes an instance and checks all its rules; `source` names the input in errors. */
export function decodeInstance(value: unknown, source: string): Result<Instance> {
  const decoded = decodeOrExplain(InstanceSchema, value, source);
  if (!decoded.ok) return decoded;
  const error = validateInstance(decoded.value, source);
  return error === undefined ? decoded : failure(error);
}

/** Decodes a schedule and checks its rules; `source` names the input in errors. */
export function decodeSchedule(value: unknown, source: string): Result<Schedule> {
  const decoded = decodeOrExplain(ScheduleSchema, value, source);
  if (!decoded.ok) return decoded;
  const error = validateSchedule(decoded.value, source);
  return error === undefined ? decoded : failure(error);
}
