// SPDX-License-Identifier: GPL-2.0-only
//
// The entry of a worker that searches a system with known answers.

import { serveSearch } from "../search/search.ts";
import { type KnownSystem, makeKnown } from "./known-systems.ts";

serveSearch((data) => makeKnown(data as KnownSystem));
