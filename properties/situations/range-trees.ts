// SPDX-License-Identifier: GPL-2.0-only
//
// Situations of the designs with range trees: witnesses of what their campaigns exercise, and those that decide claims
// about the occupied-index patch.

import { MapleNodes } from "../../impl/allocators/maple-nodes.ts";
import {
  OCCUPIED_INDEX_PROPERTIES,
  type OccupiedIndexProperty,
} from "../../spec/dossiers/occupied-index-evidence.ts";
import { EVENT } from "../../spec/events.ts";
import type { CheckContext } from "../checks/check.ts";
import type { SituationFactory } from "./situation.ts";

type Row = (i: number) => number;

/** What an event says, or nothing if it is not the one. */
type Test = (context: CheckContext, design: MapleNodes, row: Row) => string | undefined;

interface Watch {
  readonly kind: number;
  readonly test: Test;
  /** Nothing is asked in a step in which this has happened before. */
  readonly unlessAfter?: number;
}

const inPerfMode = (design: MapleNodes): boolean => design.perfMode[0] !== 0;

const isPcpu = ({ process, sim }: CheckContext): boolean => {
  const { containers } = sim.kernel;
  return containers
    .all()
    .some(
      ({ id, kind }) => kind === "pcpu" && containers.holder[id] === process && containers.count[id] !== 0,
    );
};

// What a clip of the free tree gives.
const clipped: Test = ({ sim }, design, row) =>
  row(0) === design.free && inPerfMode(design) && sim.allocator.gapsAreFree()
    ? `[${row(4)},${row(5)}) out of the free tree`
    : undefined;

const WATCHES: Readonly<Record<OccupiedIndexProperty, Watch>> = {
  "PERF-MODE": {
    kind: EVENT.PERF_MODE,
    test: (_c, _d, row) => (row(0) === 1 ? "the perf mode is on" : undefined),
  },
  "PERF-REFUSED": {
    kind: EVENT.SEARCH_FAILED,
    test: (_c, design, row) => (inPerfMode(design) ? `nothing for ${row(1)} pages` : undefined),
  },
  "FALLBACK-WALK": {
    kind: EVENT.CLIP,
    test: clipped,
    // Who takes congruent areas asks the free tree first.
    unlessAfter: EVENT.FREE_TREE_READ,
  },
  "FREE-TREE-SERVES": {
    kind: EVENT.CLIP,
    test: (_c, design, row) =>
      row(0) === design.free && !inPerfMode(design) ? `[${row(4)},${row(5)})` : undefined,
  },
  "ALIGNED-SERVED": {
    kind: EVENT.GRANT,
    test: (_c, design, row) =>
      row(2) > 1 && row(5) < 0 && inPerfMode(design) ? `[${row(0)},${row(1)}), align ${row(2)}` : undefined,
  },
  RETRIED: {
    kind: EVENT.RETRY,
    test: (_c, _d, row) => `[${row(0)},${row(1)}) waits for another try`,
  },
  "RETRY-DRAINED": {
    kind: EVENT.LAZY,
    test: ({ sim }, design, row) =>
      sim.kernel.locks.held(design.purgeLock.id) ? `[${row(0)},${row(1)}) is lazy` : undefined,
  },
  "PCPU-GRANTED": {
    kind: EVENT.GRANT,
    test: (context, design, row) =>
      inPerfMode(design) && isPcpu(context) ? `[${row(0)},${row(1)})` : undefined,
  },
  "MODULES-GRANTED": {
    kind: EVENT.GRANT,
    test: ({ sim }, design, row) => {
      const { vmalloc } = sim.kernel.instance;
      const outside = row(0) >= vmalloc.end || row(1) <= vmalloc.start;
      return outside && inPerfMode(design) ? `[${row(0)},${row(1)})` : undefined;
    },
  },
};

function situation(id: OccupiedIndexProperty, statement: string): SituationFactory {
  const { kind, test, unlessAfter } = WATCHES[id];
  return {
    id,
    statement,
    // What is looked at is the step itself and the state.
    searchable: true,
    watch: (context, reach) => {
      const { allocator } = context.sim;
      if (!(allocator instanceof MapleNodes)) return {};
      let passed = false;
      const pass = (): void => {
        passed = true;
      };
      return {
        reset: () => {
          passed = false;
        },
        afterStep: () => {
          passed = false;
        },
        on: {
          ...(unlessAfter === undefined ? {} : { [unlessAfter]: pass }),
          [kind]: (at: number) => {
            if (passed) return;
            const message = test(context, allocator, (i) => context.rows[at + 2 + i]!);
            if (message !== undefined) reach(() => message);
          },
        },
      };
    },
  };
}

/** All of them. A design without range trees reaches none. */
export const RANGE_TREE_SITUATIONS: readonly SituationFactory[] = Object.entries(
  OCCUPIED_INDEX_PROPERTIES,
).map(([id, text]) => situation(id as OccupiedIndexProperty, text));
