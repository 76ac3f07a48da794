// SPDX-License-Identifier: GPL-2.0-only
// Workers that are idle, run out, or are created with a stack.
import { WORKER_CREATION } from "./cases.ts";
import { describeCases } from "./judged.ts";

describeCases("creation of workers", WORKER_CREATION);
