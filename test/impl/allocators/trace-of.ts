// SPDX-License-Identifier: GPL-2.0-only
// The exact steps of a run, one line each, and the records that it ends with: a golden text that shows every
// change of a port.
import { NONE } from "../../../impl/heap/areas.ts";
import { expectedToHold } from "../../../properties/scenarios/scenario.ts";
import { Session } from "../../../properties/session.ts";
import type { Instance } from "../../../spec/instance.ts";
import { RUN_TO_COMPLETION, type Schedule } from "../../../spec/schedule.ts";

/** Steps as `process function: what`, choices other than the first noted behind them. */
export function traceOf(instance: Instance, schedule: Schedule = RUN_TO_COMPLETION): string {
  const lines: string[] = [];
  const session: Session = new Session(instance, {
    strict: true,
    watched: expectedToHold(instance.allocator, [instance]),
    onStep: (process, { site }, choice) => {
      lines.push(`${process} ${site.fn}: ${site.what}${choice === 0 ? "" : `; choice ${choice}`}`);
    },
  });
  const { end, finding } = session.replay(schedule);
  lines.push(finding ? `${end}: ${finding.id} ${finding.message}` : end, ...containersOf(session));
  return `\n${lines.join("\n")}\n`;
}

/** The records of every container that has any. */
export function containersOf({ sim }: Session): string[] {
  const { areas, containers } = sim.kernel;
  return sim.kernel.heap.racy(() =>
    containers.all().flatMap(({ id, kind, node }) => {
      const extents: string[] = [];
      for (let va = containers.head[id]!; va !== NONE; va = areas.next[va]!) {
        const flags =
          areas.flags[va]! === 0 || kind.includes("free") ? "" : ` 0x${areas.flags[va]!.toString(16)}`;
        extents.push(`[${areas.start[va]!},${areas.end[va]!})${flags}`);
      }
      return extents.length === 0 ? [] : [`${node < 0 ? kind : `${kind} ${node}`}: ${extents.join(" ")}`];
    }),
  );
}
