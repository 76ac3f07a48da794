// SPDX-License-Identifier: GPL-2.0-only
//
// The designs by name.

import type { AllocatorId, Instance } from "../../spec/instance.ts";
import type { KernelOptions } from "../kernel/kernel.ts";
import { DualIndex } from "./dual-index.ts";
import { GlobalTree } from "./global-tree.ts";
import { NodeBlocks } from "./node-blocks.ts";
import { NodeIndex } from "./node-index.ts";
import { OccupiedIndex } from "./occupied-index.ts";
import { SizePools } from "./size-pools.ts";
import { UnboundDrain } from "./unbound-drain.ts";
import { UnboundDrainV3 } from "./unbound-drain-v3.ts";

/** A design's class. Mutants are subclasses of it. */
export type AllocatorClass = new (instance: Instance, options: KernelOptions) => GlobalTree;

/** Class of each design. */
export const ALLOCATORS: Readonly<Record<AllocatorId, AllocatorClass>> = {
  "global-tree": GlobalTree,
  "node-index": NodeIndex,
  "node-blocks": NodeBlocks,
  "size-pools": SizePools,
  "unbound-drain": UnboundDrain,
  "unbound-drain-v3": UnboundDrainV3,
  "dual-index": DualIndex,
  "occupied-index": OccupiedIndex,
};
