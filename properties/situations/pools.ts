// SPDX-License-Identifier: GPL-2.0-only
//
// Situations of designs with pools and with work items that share queues: witnesses of what their campaigns exercise,
// and those that decide claims about the unbound-drain patch.

import { NodePools } from "../../impl/allocators/node-pools.ts";
import { UnboundDrain } from "../../impl/allocators/unbound-drain.ts";
import { NONE } from "../../impl/heap/areas.ts";
import {
  UNBOUND_DRAIN_PROPERTIES,
  type UnboundDrainProperty,
} from "../../spec/dossiers/unbound-drain-evidence.ts";
import { EVENT } from "../../spec/events.ts";
import type { CheckContext } from "../checks/check.ts";
import { Notes } from "./notes.ts";
import type { Reach, SituationFactory } from "./situation.ts";

type Watch = ReturnType<SituationFactory["watch"]>;

type Maker = (context: CheckContext, design: NodePools, reach: Reach) => Watch;

/** Situations besides those of the dossier. */
const STATEMENTS = {
  POPULATED: "a purge puts an area into a pool",
  "POOL-SERVED": "a request is served from a pool",
  "POOL-PASSED-BY":
    "the free tree serves a request although the pool that was asked holds an area that fits, behind one that does not",
  "POOL-DECAYED": "a decay takes some areas out of a pool and leaves others in it",
  "POOL-TOO-SMALL": "a purge releases an area that is larger than any pool keeps",
  "POPULATE-SKIPPED": "a purge that empties the pools releases an area that a pool would keep",
  "DRAIN-DROPPED": "a free above the limit asks for a drain, and nobody takes the request",
  "QUEUE-REFUSED": "queue_work() says that a helper was not queued",
  "NO-WORKER": "a worker cannot be created",
  "WORKER-CREATED": "a worker is created on a stack of its own",
  HOTPLUGGED: "a CPU goes offline",
  SHRUNK: "the shrinker takes areas out of a pool",
} as const;

/** Id of one of them. */
export type PoolSituation = keyof typeof STATEMENTS;

// The operands of an event that happens.
type Test = (context: CheckContext, design: NodePools, row: (i: number) => number) => string | undefined;

function on(kind: number, test: Test): Maker {
  return (context, design, reach) => ({
    on: {
      [kind]: (at: number) => {
        const message = test(context, design, (i) => context.rows[at + 2 + i]!);
        if (message !== undefined) reach(() => message);
      },
    },
  });
}

const isPurge = ({ sim, process }: CheckContext): boolean =>
  sim.kernel.locks.held(sim.allocator.purgeLock.id) || process > sim.kernel.tasks;

const passedBy: Test = ({ sim }, design, row) => {
  const [start, end, align] = [row(0), row(1), row(2)];
  const { vmalloc } = sim.kernel.instance;
  if (row(5) >= 0 || row(3) !== vmalloc.start || row(4) !== vmalloc.end) return undefined;
  const i = design.sizeToPool(end - start);
  if (i < 0) return undefined;
  const { areas, containers, cpus } = sim.kernel;
  const node = cpus.current() % design.nodes;
  for (let va = containers.head[design.pool[node]![i]!]!; va !== NONE; va = areas.next[va]!) {
    const page = areas.start[va]!;
    if (page % align === 0)
      return `the area at ${page} was in the pool of node ${node}, [${start},${end}) was taken`;
  }
  return undefined;
};

const isHelper = (design: NodePools, work: number): boolean => design.purgeWork.includes(work);

const localInBoot: Maker = (context, design, reach) => {
  // Helpers that a process may still use.
  const allowed = new Notes(context);
  return {
    reset: () => allowed.reset(),
    on: {
      [EVENT.PURGE_HELPERS]: (at) => {
        allowed.value[context.process] = context.rows[at + 2]!;
      },
      [EVENT.QUEUE_WORK]: (at) => {
        const queued = isHelper(design, context.rows[at + 2]!) && context.rows[at + 3] === 1;
        if (queued) allowed.value[context.process] = allowed.value[context.process]! - 1;
      },
      [EVENT.PURGE_END]: () => {
        allowed.value[context.process] = 0;
      },
      [EVENT.RELEASE]: (at) => {
        if (!(design instanceof UnboundDrain) || allowed.value[context.process]! <= 0) return;
        if (design.drainVmapWq[design.drainVmapWq.length - 1] !== 0) return;
        reach(() => `[${context.rows[at + 2]!},${context.rows[at + 3]!}) was purged on the spot`);
      },
    },
  };
};

const MAKERS: Readonly<Record<PoolSituation | UnboundDrainProperty, Maker>> = {
  POPULATED: on(EVENT.POOL_ADD, (_c, _d, row) => `[${row(0)},${row(1)}) into the pool of node ${row(2)}`),
  "POOL-SERVED": on(
    EVENT.POOL_TAKEN,
    (_c, _d, row) => `[${row(0)},${row(1)}) from the pool of node ${row(2)}`,
  ),
  "POOL-PASSED-BY": on(EVENT.GRANT, passedBy),
  "POOL-DECAYED": on(EVENT.POOL_DECAYED, (_c, _d, row) =>
    row(2) > 0 && row(3) > 0
      ? `${row(2)} of ${row(2) + row(3)} areas leave a pool of node ${row(0)}`
      : undefined,
  ),
  "POOL-TOO-SMALL": on(EVENT.RELEASE, (context, design, row) =>
    isPurge(context) && row(2) < 0 && design.sizeToPool(row(1) - row(0)) < 0
      ? `no pool keeps [${row(0)},${row(1)})`
      : undefined,
  ),
  "POPULATE-SKIPPED": on(EVENT.RELEASE, (context, design, row) =>
    isPurge(context) && row(2) < 0 && design.skipPopulate[0] === 1 && design.sizeToPool(row(1) - row(0)) >= 0
      ? `[${row(0)},${row(1)}) goes to the free tree`
      : undefined,
  ),
  "DRAIN-DROPPED": on(EVENT.DRAIN_DROPPED, () => "a request for a drain was dropped"),
  "QUEUE-REFUSED": on(EVENT.QUEUE_WORK, ({ sim }, design, row) =>
    isHelper(design, row(0)) && row(1) === 0 ? sim.kernel.works.name(row(0)) : undefined,
  ),
  "NO-WORKER": on(EVENT.NO_WORKER, () => "no worker can be created"),
  "WORKER-CREATED": on(EVENT.BIND, ({ sim, process }, _d, row) =>
    process === sim.kernel.managerProcess ? `a stack at ${row(0)}` : undefined,
  ),
  HOTPLUGGED: on(EVENT.HOTPLUG, (_c, _d, row) => (row(1) === 0 ? `CPU ${row(0)} goes` : undefined)),
  // A purge decays with the lock in its hands.
  SHRUNK: on(EVENT.POOL_DECAYED, ({ sim }, design, row) =>
    row(2) > 0 && !sim.kernel.locks.held(design.purgeLock.id)
      ? `${row(2)} areas leave a pool of node ${row(0)}`
      : undefined,
  ),
  "HELPER-QUEUED-IN-DRAIN": on(EVENT.QUEUE_WORK, ({ sim, process }, design, row) =>
    isHelper(design, row(0)) && row(1) === 1 && process === sim.kernel.tasks
      ? sim.kernel.works.name(row(0))
      : undefined,
  ),
  "RESCUER-RAN": on(EVENT.WORK_START, ({ sim }, _d, row) =>
    row(1) === 1 ? `the rescuer runs ${sim.kernel.works.name(row(0))}` : undefined,
  ),
  "LOCAL-IN-BOOT": localInBoot,
  "HELPERS-MANY": on(EVENT.PURGE_HELPERS, (_c, _d, row) =>
    row(0) > 1 ? `${row(0)} helpers for ${row(1)} nodes` : undefined,
  ),
};

function situation(id: PoolSituation | UnboundDrainProperty, statement: string): SituationFactory {
  return {
    id,
    statement,
    watch: (context, reach) =>
      context.sim.allocator instanceof NodePools ? MAKERS[id](context, context.sim.allocator, reach) : {},
  };
}

/** All of them. A design without pools reaches none. */
export const POOL_SITUATIONS: readonly SituationFactory[] = [
  ...Object.entries(STATEMENTS).map(([id, text]) => situation(id as PoolSituation, text)),
  ...Object.entries(UNBOUND_DRAIN_PROPERTIES).map(([id, text]) =>
    situation(id as UnboundDrainProperty, text),
  ),
];
