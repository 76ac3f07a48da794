// SPDX-License-Identifier: GPL-2.0-only
//
// Entry modules of search workers, made from functions of a test: the text of the function, the engine from the build.

import type { Served } from "../../explore/search/search.ts";
import { Cells } from "../../explore/selfcheck/cells.ts";
import { call, site, tail } from "../../explore/sync.ts";

/** What such a function may use beside what is given to it. */
export const KIT = { Cells, call, site, tail, inWorker: false };

export type Kit = typeof KIT;

/** Makes a system and a monitor; it uses its arguments and nothing else. */
export type Make<D> = (kit: Kit, data: D) => Served;

const BUILT = new URL("../../dist/explore/", import.meta.url).href;

/** The entry of workers that search what `make` makes. */
export function entryOf<D>(make: Make<D>): URL {
  const code = `
    import { Cells } from "${BUILT}selfcheck/cells.js";
    import { serveSearch } from "${BUILT}search/search.js";
    import { call, site, tail } from "${BUILT}sync.js";
    const make = ${make.toString()};
    serveSearch((data) => make({ Cells, call, site, tail, inWorker: true }, data));`;
  return new URL(`data:text/javascript,${encodeURIComponent(code)}`);
}
