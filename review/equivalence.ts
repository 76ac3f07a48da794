// SPDX-License-Identifier: GPL-2.0-only
//
// Equivalence of two ways to hand the nodes of a purge to helpers: the loop over a cpumask before the unbound-drain
// patch and the loop over all nodes after it. Computed, not sampled: every distribution of lazily freed areas over one
// to three nodes, every limit that makes a difference, a purge that empties the pools and one that fills them.

import type { AllocatorClass } from "../impl/allocators/registry.ts";
import { SizePools } from "../impl/allocators/size-pools.ts";
import { NONE } from "../impl/heap/areas.ts";
import { Session } from "../properties/session.ts";
import { EVENT, EVENT_WORDS } from "../spec/events.ts";
import type { AllocatorId, Instance } from "../spec/instance.ts";
import { RUN_TO_COMPLETION } from "../spec/schedule.ts";
import { instanceOf } from "../spec/small-machine.ts";
import type { Designs } from "./campaigns.ts";
import { count } from "./render/text-layout.ts";
import type { StaticResult } from "./report.ts";

/** Which designs are compared. */
export interface Loops {
  /** By default the patch. */
  readonly after?: AllocatorId | undefined;
  readonly designs?: Designs | undefined;
}

const NODES_MAX = 3;
const AREAS_MAX = 3;
const BEFORE: AllocatorId = "size-pools";

/** What a case leaves behind, one line for each purge and the state at the end. */
type Outcome = readonly string[];

/** Compares the two loops. */
export function purgeLoops({ after = "unbound-drain", designs }: Loops = {}): StaticResult {
  let distributions = 0;
  let cases = 0;
  let helpers = 0;
  for (let nodes = 1; nodes <= NODES_MAX; nodes++) {
    for (const areas of distributionsOver(nodes)) {
      distributions++;
      const total = areas.reduce((sum, n) => sum + n, 0);
      for (let limit = 1; limit <= total + 1; limit++) {
        for (const purge of ["purge", "aliases"]) {
          cases++;
          const made = (allocator: AllocatorId): Instance => instanceWith(allocator, areas, limit, purge);
          const before = outcomeBefore(made(BEFORE), designs?.[BEFORE]);
          const now = outcomeOf(made(after), designs?.[after]);
          const at = before.findIndex((line, i) => line !== now[i]);
          if (at >= 0 || before.length !== now.length) {
            const where = `${areas.join(" and ")} areas on ${count(nodes, "node")}, limit ${limit}, ${purge}`;
            const line = Math.max(0, at);
            return { verdict: "refuted", text: `${where}: ${before[line]} before, ${now[line]} after` };
          }
          helpers += before.filter((each) => /helpers on nodes \d/.test(each)).length;
        }
      }
    }
  }
  if (helpers === 0)
    return { verdict: "not-decided", text: "no purge had a helper, so nothing was compared" };
  return {
    verdict: "holds",
    text:
      `the same in all ${count(distributions, "distribution")} of up to ${AREAS_MAX} lazy areas on each of 1 to ` +
      `${NODES_MAX} nodes, in ${count(cases, "case")} with every limit: ranges, helpers, counts, pools, free tree`,
  };
}

function distributionsOver(nodes: number): readonly (readonly number[])[] {
  let lists: readonly (readonly number[])[] = [[]];
  for (let n = 0; n < nodes; n++) {
    lists = lists.flatMap((list) => Array.from({ length: AREAS_MAX + 1 }, (_, k) => [...list, k]));
  }
  return lists;
}

// A task per node allocates on its CPU and frees; the last one purges what all of them have freed by then.
function instanceWith(
  allocator: AllocatorId,
  areas: readonly number[],
  limit: number,
  purge: string,
): Instance {
  const nodes = areas.length;
  const programs = areas.map((n, node) => {
    const names = Array.from({ length: n }, (_, i) => `a${node}${i}`);
    const ops = [
      ...names.map((name, i) => `${name}=alloc(${1 + (i % 2)})`),
      ...names.map((name) => `free(${name})`),
    ];
    return [...ops, ...(node === nodes - 1 ? [purge] : [])].join("; ") || "-";
  });
  const space = Math.max(1, 2 * AREAS_MAX * nodes);
  return instanceOf(allocator, { space, cpus: nodes, nodes, block: 4, lazyMax: limit }, ...programs);
}

// Every revision is compared with the same outcomes of the same port.
const OF_THE_PORT = new Map<string, Outcome>();

function outcomeBefore(instance: Instance, design: AllocatorClass | undefined): Outcome {
  if (design) return outcomeOf(instance, design);
  const key = JSON.stringify(instance);
  const outcome = OF_THE_PORT.get(key) ?? outcomeOf(instance, undefined);
  OF_THE_PORT.set(key, outcome);
  return outcome;
}

function outcomeOf(instance: Instance, design: AllocatorClass | undefined): Outcome {
  const lines: string[] = [];
  let released: string[] = [];
  let helped: number[] = [];
  const session: Session = new Session(instance, {
    design,
    watched: new Set(),
    onStep: () => {
      const { rows, count: n } = session.sim.kernel.events;
      const { allocator } = session.sim;
      const works = allocator instanceof SizePools ? allocator.purgeWork : [];
      for (let at = 0; at < n * EVENT_WORDS; at += EVENT_WORDS) {
        const [a, b, c] = [rows[at + 2]!, rows[at + 3]!, rows[at + 4]!];
        switch (rows[at]!) {
          case EVENT.PURGE_BEGIN:
            [released, helped] = [[], []];
            break;
          case EVENT.PURGE_HELPERS:
            lines.push(`${a} helpers for ${b} nodes with ${c} lazy pages`);
            break;
          case EVENT.QUEUE_WORK:
            if (works.includes(a)) helped.push(works.indexOf(a));
            break;
          case EVENT.RELEASE:
            released.push(`[${a},${b}) to ${c}`);
            break;
          case EVENT.PURGE_END: {
            const ranges = released.toSorted().join(" ");
            lines.push(`a purge of ${a} areas with helpers on nodes ${helped.join(",")}: ${ranges}`);
            break;
          }
        }
      }
    },
  });
  const { end, steps } = session.replay(RUN_TO_COMPLETION);
  const nr = session.sim.allocator.lazyNr[0]!;
  return [
    ...lines,
    `${end}, ${nr} pages lazy`,
    ...(end === "done" ? contentsOf(session) : [`${steps} steps`]),
  ];
}

/** What is in the pools, in the free tree and on lists. */
function contentsOf({ sim }: Session): readonly string[] {
  const { areas, containers } = sim.kernel;
  return containers.all().flatMap(({ id, kind, node }) => {
    const ranges: string[] = [];
    for (let va = containers.head[id]!; va !== NONE; va = areas.next[va]!) {
      ranges.push(`[${areas.start[va]!},${areas.end[va]!})`);
    }
    return ranges.length === 0 ? [] : [`${kind} ${node}: ${ranges.toSorted().join(" ")}`];
  });
}
