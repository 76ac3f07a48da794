// SPDX-License-Identifier: GPL-2.0-only
//
// Long work as jobs: a name and plain data in, plain data out, so that a job may run in a thread of its own while
// the main thread keeps the terminal and the signals.

import type { CheckOptions } from "../../review/check.ts";
import type { CheckReport, Heed, Progress } from "../../review/report.ts";
import type { CasesReport, CasesRequest } from "./cases.ts";
import type { ExploreReport, ExploreRequest } from "./explore.ts";
import type { MutantsReport, MutantsRequest } from "./mutants.ts";
import type { SelfCheckReport, SelfCheckRequest } from "./self-check.ts";

/** All jobs: what each takes and what it comes to. */
export interface Jobs {
  readonly cases: { readonly request: CasesRequest; readonly report: CasesReport };
  readonly explore: { readonly request: ExploreRequest; readonly report: ExploreReport };
  readonly mutants: { readonly request: MutantsRequest; readonly report: MutantsReport };
  readonly check: { readonly request: CheckOptions; readonly report: CheckReport };
  readonly selfcheck: { readonly request: SelfCheckRequest; readonly report: SelfCheckReport };
}

/** Name of a job. */
export type JobName = keyof Jobs;

/** Listens to a job at work. */
export interface Watcher<R> extends Heed {
  /** What the report would be if the job ended here. For a stretch that cannot be stopped. */
  keep(report: R): void;
}

/** Why a job ended before its plan was done. */
export type Stopped = "interrupted" | "deadline";

/** What a job came to. */
export interface JobEnd<R> {
  /** Absent if the job was stopped before there was anything to report. */
  readonly report: R | undefined;
  readonly stopped: Stopped | undefined;
  /** How far it came, for the summary of a job without a report. */
  readonly progress: Progress | undefined;
}

/** What the caller of a job wants besides its report. */
export interface JobWatch {
  readonly onProgress: (progress: Progress) => void;
  /** Seconds after which the job is asked to stop. */
  readonly seconds?: number | undefined;
  /** Seconds that it may take to come back once it was asked. */
  readonly grace?: number | undefined;
}

/** Runs a job. Rejects if the job throws: an internal fault. */
export type RunJob = <N extends JobName>(
  name: N,
  request: Jobs[N]["request"],
  watch: JobWatch,
) => Promise<JobEnd<Jobs[N]["report"]>>;
