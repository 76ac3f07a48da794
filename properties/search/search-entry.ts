// SPDX-License-Identifier: GPL-2.0-only
//
// The entry of a worker that searches an instance along with others.

import { serveSearch } from "../../explore/search/search.ts";
import { mutantOf } from "../mutants/catalogue.ts";
import type { SearchedData } from "./search-instance.ts";
import { Searched } from "./search-monitor.ts";

serveSearch((data) => {
  const { instance, mutant, options, watched } = data as SearchedData;
  const design = mutant === undefined ? undefined : mutantOf(mutant).make;
  const searched = new Searched(instance, new Set(watched), { ...options, design });
  return { system: searched.system, monitor: searched };
});
