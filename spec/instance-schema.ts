// SPDX-License-Identifier: GPL-2.0-only
//
// Schemas of instances, operations and schedules: the shape of what files hold. Ranges are not checked here but
// in instance-rules.ts. The annotations make the compiler reject a schema whose type differs from the plain one.

import { FAULT_POINTS, type FaultPoint } from "./faults.ts";
import {
  ALLOCATOR_IDS,
  type AllocatorId,
  type FaultPlan,
  type Instance,
  type PageRange,
} from "./instance.ts";
import { validateInstance } from "./instance-rules.ts";
import type {
  AliasesOperation,
  AllocOperation,
  FindOperation,
  FreeOperation,
  Operation,
  PurgeOperation,
} from "./operations.ts";
import type { ChoiceDeviation, Schedule, SwitchDeviation } from "./schedule.ts";
import { validateSchedule } from "./schedule-rules.ts";
import { S, decodeOrExplain } from "./schema.ts";
import { failure, type Result } from "./user-error.ts";

/** Any integer; the rules say which ones. */
const Integer: S.Schema<number> = S.Number.pipe(
  S.filter((n) => Number.isInteger(n), { description: "an integer" }),
);

const Name: S.Schema<string> = S.String.annotations({ description: "the name of an area" });

/** A range of pages. */
export const PageRangeSchema: S.Schema<PageRange> = S.Struct({ start: Integer, end: Integer });

const AllocSchema: S.Schema<AllocOperation> = S.Struct({
  op: S.Literal("alloc"),
  name: Name,
  size: Integer,
  align: Integer,
  window: S.Union(S.Literal("vmalloc", "modules"), PageRangeSchema),
  cached: S.optional(S.Boolean.annotations({ description: "true or false" })),
});
const FreeSchema: S.Schema<FreeOperation> = S.Struct({ op: S.Literal("free"), name: Name });
const FindSchema: S.Schema<FindOperation> = S.Struct({ op: S.Literal("find"), name: Name, offset: Integer });
const PurgeSchema: S.Schema<PurgeOperation> = S.Struct({ op: S.Literal("purge") });
const AliasesSchema: S.Schema<AliasesOperation> = S.Struct({ op: S.Literal("aliases") });

/** One operation of a task. */
export const OperationSchema: S.Schema<Operation> = S.Union(
  AllocSchema,
  FreeSchema,
  FindSchema,
  PurgeSchema,
  AliasesSchema,
).annotations({ description: "an operation, which is an object with op" });

/** The name of a design. */
export const AllocatorIdSchema: S.Schema<AllocatorId> = S.Literal(...ALLOCATOR_IDS);

const FaultPointSchema: S.Schema<FaultPoint> = S.Literal(...FAULT_POINTS);

/** Which allocations may fail. */
export const FaultPlanSchema: S.Schema<FaultPlan> = S.Struct({
  budget: Integer,
  points: S.Array(FaultPointSchema),
});

/** A configuration and its programs. */
export const InstanceSchema: S.Schema<Instance> = S.Struct({
  allocator: AllocatorIdSchema,
  spacePages: Integer,
  vmalloc: PageRangeSchema,
  modules: S.optional(PageRangeSchema),
  cpus: Integer,
  nodes: Integer,
  blockPages: Integer,
  lazyMaxPages: Integer,
  faults: FaultPlanSchema,
  migrations: Integer,
  programs: S.Array(S.Array(OperationSchema)),
});

const SwitchSchema: S.Schema<SwitchDeviation> = S.Struct({ at: Integer, to: Integer });
const ChoiceSchema: S.Schema<ChoiceDeviation> = S.Struct({ at: Integer, value: Integer });

/** A schedule, as deviations from run-to-completion. */
export const ScheduleSchema: S.Schema<Schedule> = S.Struct({
  switches: S.Array(SwitchSchema),
  choices: S.Array(ChoiceSchema),
});

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
