// SPDX-License-Identifier: GPL-2.0-only
//
// The threads of a search. The caller's thread is worker 0 and never turns its event loop while it searches, so it
// cannot hear that another thread has died. Beside the workers there is a warden, a thread that does nothing but hear it.

import type * as NodeThreads from "node:worker_threads";
import { Worker, workerData } from "node:worker_threads";
import { chunkBytesMax } from "../frontier.ts";
import { type Searchable, type SearchMonitor, type SearchWorkers, UNWATCHED } from "../contract.ts";
import { END, WORD } from "../rendezvous.ts";
import type { SearchMemory } from "../search-memory.ts";
import { SearchWorker, type WorkerSettings } from "../search-worker.ts";
import { spillSlots } from "./spill-file.ts";

/** Tells what a search has started from what anybody else has. */
const MARK = "worker of a search";

/** What a worker is started with. */
interface WorkerStart {
  readonly mark: typeof MARK;
  readonly worker: number;
  readonly memory: SearchMemory;
  readonly settings: WorkerSettings;
  readonly spill: number | undefined;
  readonly data: unknown;
}

/** What the warden is started with. */
interface WardenStart {
  readonly entry: string;
  readonly starts: readonly WorkerStart[];
  readonly word: typeof WORD;
  readonly fault: number;
}

/** Starts all workers but the calling thread. */
export function startWorkers(
  { entry, data }: SearchWorkers,
  memory: SearchMemory,
  settings: WorkerSettings,
  spill: number | undefined,
): void {
  const starts = Array.from({ length: settings.workers - 1 }, (_, i): WorkerStart => {
    return { mark: MARK, worker: i + 1, memory, settings, spill, data };
  });
  const start: WardenStart = { entry: entry.href, starts, word: WORD, fault: END.FAULT };
  // As text: the warden must not depend on what can fail, such as the loading of a module.
  const code = `(${warden.toString()})(require("node:worker_threads"))`;
  new Worker(code, { eval: true, workerData: start, execArgv: [] }).unref();
}

// It runs on its own, from its text: it must use nothing of this module.
function warden(threads: typeof NodeThreads): void {
  const { entry, starts, word, fault } = threads.workerData as WardenStart;
  const { memory } = starts[0]!;
  const words = new Int32Array(memory.words);
  const failed = (why: string): void => {
    const length = new Int32Array(memory.lastWords, 0, 1);
    if (Atomics.compareExchange(length, 0, 0, -1) === 0) {
      const bytes = new TextEncoder().encode(why).subarray(0, memory.lastWords.byteLength - 4);
      new Uint8Array(memory.lastWords).set(bytes, 4);
      Atomics.store(length, 0, bytes.length);
      Atomics.store(words, word.FAILED, 1);
    }
    Atomics.compareExchange(words, word.END, 0, fault);
    for (const at of [word.END, word.GENERATION, word.ARRIVED, word.LEFT]) Atomics.notify(words, at);
  };
  // A worker leaves the search before it exits.
  let exits = 0;
  try {
    for (const start of starts) {
      const worker = new threads.Worker(new URL(entry), { workerData: start, execArgv: [] });
      worker.on("error", (error: unknown) => failed(error instanceof Error ? error.message : String(error)));
      worker.on("exit", (code) => {
        exits++;
        if (Atomics.load(words, word.LEFT) < exits) failed(`it ended early, with exit code ${code}`);
      });
    }
  } catch (error) {
    failed(String(error));
  }
}

/** A system and what watches it. */
export interface Served {
  readonly system: Searchable;
  readonly monitor?: SearchMonitor | undefined;
}

/**
 * Works for the search that has started this thread, until it ends. The one thing that the entry module of a worker
 * does; `make` gets the data of `SearchWorkers`, and makes the system of the search, and a monitor of its kind.
 */
export function serveSearch(make: (data: unknown) => Served): void {
  const start = workerData as WorkerStart | null;
  if (start?.mark !== MARK) throw new Error("serveSearch: no search has started this thread");
  const { memory, settings, worker, spill } = start;
  const { system, monitor } = make(start.data);
  const slots = spill === undefined ? undefined : spillSlots(spill, chunkBytesMax(memory.rowWords));
  new SearchWorker(system, monitor ?? UNWATCHED, memory, settings, worker, slots).run();
}
