// SPDX-License-Identifier: GPL-2.0-only
//
// Claims that a computation decides, without a run. Each gives its verdict and what it looked at.

import { MAX_NODES, VMAP_FLAGS } from "../impl/allocators/vn-id.ts";
import type { NodeIdCodec } from "../properties/checks/node-ids.ts";
import type { StaticCheckId } from "../spec/dossiers.ts";
import type { AllocatorId } from "../spec/instance.ts";
import type { Designs } from "./campaigns.ts";
import { diffComments, releaseOutside, releaseSignature } from "./diff-facts.ts";
import { purgeLoops } from "./equivalence.ts";
import { freeTreeWriters } from "./free-tree-writers.ts";
import { nodeIdsOf, PORT_IDS } from "./node-ids.ts";
import { paddedAnswers } from "./padded-answers.ts";
import type { StaticResult } from "./report.ts";

/** What a computation is about. */
export interface StaticContext {
  readonly designs?: Designs | undefined;
  /** By default the codec of the design. */
  readonly ids?: NodeIdCodec | undefined;
  /** The design of a later revision, if it is to be looked at in place of the patch's. */
  readonly design?: AllocatorId | undefined;
}

/** The computations of all dossiers; of the ports, or of what stands in for them. */
export const STATIC_CHECKS: Readonly<Record<StaticCheckId, (context?: StaticContext) => StaticResult>> = {
  "vn-id-capacity": (context) => vnIdCapacity(context?.ids ?? nodeIdsOf(context?.designs)),
  "vn-id-sign": (context) => vnIdSign(context?.ids ?? nodeIdsOf(context?.designs)),
  "users-per-node": usersPerNode,
  "purge-loops": (context) => purgeLoops({ after: context?.design, designs: context?.designs }),
  "free-tree-writers": (context) => freeTreeWriters(context?.designs),
  "padded-answers": (context) => paddedAnswers(context?.designs),
  "diff-comments": () => diffComments(),
  "release-signature": () => releaseSignature(),
  "release-outside": () => releaseOutside(),
};

/** The computation of an id. */
export function staticCheckOf(id: string): (context?: StaticContext) => StaticResult {
  const found = Object.entries(STATIC_CHECKS).find(([each]) => each === id)?.[1];
  if (!found) throw new Error(`no computation ${id}`);
  return found;
}

function vnIdCapacity(ids = PORT_IDS): StaticResult {
  let cases = 0;
  for (let nodes = 1; nodes <= MAX_NODES; nodes++) {
    for (let id = 0; id < nodes; id++) {
      for (let low = 0; low <= VMAP_FLAGS.MASK; low++) {
        cases++;
        const encoded = ids.encode(id);
        const flags = encoded | low;
        if (ids.decode(flags) !== id || encoded >>> 16 !== 0 || (encoded & 0xff) !== 0) {
          return {
            verdict: "refuted",
            text: `node ${id} of ${nodes} with flags ${low}: 0x${flags.toString(16)}`,
          };
        }
      }
    }
  }
  for (let low = 0; low <= VMAP_FLAGS.MASK; low++) {
    if (ids.decode(low) !== -1)
      return { verdict: "refuted", text: `flags ${low} without an id decode to a node` };
  }
  return {
    verdict: "holds",
    text: `${cases} combinations of node count, id and flag bits come back unchanged`,
  };
}

function vnIdSign(ids = PORT_IDS): StaticResult {
  const zero = ids.decode(ids.encode(0));
  return zero > 0
    ? { verdict: "holds", text: "every id decodes to a positive value" }
    : {
        verdict: "refuted",
        text: `node 0 decodes to ${zero}, which is an id and not positive; none decodes to -1`,
      };
}

function usersPerNode(): StaticResult {
  const cpusMax = 1024;
  let two = 0;
  let firstOther = "";
  for (let cpus = 1; cpus <= cpusMax; cpus++) {
    const nodes = Math.min(Math.max(cpus >> 1, 1), MAX_NODES);
    const users = Array.from({ length: nodes }, () => 0);
    for (let cpu = 0; cpu < cpus; cpu++) users[cpu % nodes]!++;
    if (users.every((n) => n === 2)) two++;
    else if (cpus > 2 && firstOther === "") firstOther = `${cpus} CPUs give node 0 ${users[0]} users`;
  }
  if (two === cpusMax) return { verdict: "holds", text: `two users for each of 1 to ${cpusMax} CPUs` };
  const verdict = two === 0 ? "refuted" : "partly";
  return { verdict, text: `two users per node for ${two} of the counts from 1 to ${cpusMax}; ${firstOther}` };
}
