// SPDX-License-Identifier: GPL-2.0-only
//
// Situations that any design can reach: witnesses that a set of runs exercised what it is meant to exercise.

import { ALARM, ALARMS, EVENT } from "../../spec/events.ts";
import type { CheckContext } from "../checks/check.ts";
import type { Reach, SituationFactory } from "./situation.ts";

function onEvent(
  id: string,
  statement: string,
  kind: number,
  test: (context: CheckContext, operand: (i: number) => number) => string | undefined,
): SituationFactory {
  return {
    id,
    statement,
    watch: (context: CheckContext, reach: Reach) => ({
      on: {
        [kind]: (at: number) => {
          const message = test(context, (i) => context.rows[at + 2 + i]!);
          if (message !== undefined) reach(() => message);
        },
      },
    }),
  };
}

const NULL_ALARMS: readonly number[] = [ALARM.NULL_SIZE, ALARM.NULL_RECORD];

/** Witnesses of the machine around the designs. */
export const MACHINE_SITUATIONS: readonly SituationFactory[] = [
  onEvent("DRAIN-RAN", "the drain work runs", EVENT.WORK_START, ({ sim }, operand) =>
    operand(0) === sim.allocator.drainWork ? "the drain work runs" : undefined,
  ),
  onEvent("HELPER-RAN", "a purge helper runs on a worker of its own", EVENT.WORK_START, ({ sim }, operand) =>
    operand(0) === sim.allocator.drainWork ? undefined : sim.kernel.works.name(operand(0)),
  ),
  onEvent(
    "ALLOC-REFUSED",
    "an allocation finds no space, not even after a purge, and fails for good",
    EVENT.ALLOC_FAILED,
    (_, operand) => `${operand(0)} pages were refused`,
  ),
  onEvent(
    "NOTIFIER-GAVE",
    "an allocation overflows, and a subsystem on the notifier chain gives an area back",
    EVENT.NOTIFIED,
    (_, operand) => `the area at ${operand(0)} was given back`,
  ),
  onEvent("NULL-DEREFERENCE", "the kernel dereferences a NULL record", EVENT.OOPS, (_, operand) =>
    NULL_ALARMS.includes(operand(0)) ? ALARMS[operand(0)] : undefined,
  ),
  onEvent("SPLIT-REFUSED", "a split finds no record", EVENT.CLIP_FAILED, () => "a split found no record"),
  onEvent("PURGED", "a purge releases something", EVENT.PURGE_END, (_, operand) =>
    operand(0) > 0 ? `a purge released ${operand(0)} areas` : undefined,
  ),
  onEvent("PCPU-SHORT", "a search for congruent areas finds no base", EVENT.PCPU_SEARCHED, (_, operand) =>
    operand(1) < 0 ? "there is no base" : undefined,
  ),
  onEvent(
    "PCPU-REFUSED",
    "a request for congruent areas finds no base, not even after a purge, and fails for good",
    EVENT.PCPU_FAILED,
    ({ sim }, operand) => {
      const { offsets } = sim.allocator.pcpuRequests[operand(0)]!;
      return `${offsets.length} congruent areas were refused`;
    },
  ),
  onEvent(
    "PCPU-UNDONE",
    "a request for congruent areas gives back what it was granted",
    EVENT.UNGRANT,
    (_, operand) => `[${operand(0)},${operand(1)}) was given back`,
  ),
  onEvent(
    "SYNC-FREED",
    "an area is freed without the lazy path",
    EVENT.RELEASE,
    ({ sim, process }, operand) => {
      const byTask = process < sim.kernel.tasks;
      return byTask && !sim.kernel.locks.held(sim.allocator.purgeLock.id) ? `at ${operand(0)}` : undefined;
    },
  ),
];
