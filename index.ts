// SPDX-License-Identifier: GPL-2.0-only
//
// The public face of the package: the words for instances and what must be true of them, the designs, the engine,
// sessions with their checks, hunts, shrinking, patches of one's own, the gate and its texts, and traces of kernels. Anything else may change
// without notice.

// Instances, operations, schedules, and the files that hold them.
export type {
  AllocatorId,
  BootPhase,
  Configuration,
  FaultPlan,
  Instance,
  PageRange,
  WorkerPlan,
} from "./spec/instance.ts";
export { ALLOCATOR_IDS, BOOT_PHASES } from "./spec/instance.ts";
export { type DesignTraits, TRAITS } from "./spec/design-traits.ts";
export { ALLOCATION_FAULTS, FAULT_POINTS, type FaultPoint } from "./spec/faults.ts";
export type { Operation } from "./spec/operations.ts";
export { RUN_TO_COMPLETION, type Schedule } from "./spec/schedule.ts";
export { validateConfiguration, validateInstance } from "./spec/instance-rules.ts";
export { instanceOf, type Machine } from "./spec/small-machine.ts";
export { decodeInstance, decodeSchedule } from "./spec/instance-schema.ts";
export { parseProgram, parsePrograms, printProgram, printPrograms } from "./spec/program-text.ts";
export type { Counterexample, Violation } from "./spec/counterexample.ts";
export { parseCounterexample, printCounterexample } from "./spec/counterexample-schema.ts";
export { decodeToken, encodeToken } from "./spec/token.ts";
export {
  type InputError,
  type Result,
  USER_ERROR_CODES,
  type UserError,
  type UserErrorCode,
} from "./spec/user-error.ts";
export { TOOL_VERSION } from "./spec/version.ts";

// What must be true, and what is claimed.
export {
  expectedOf,
  type Invariant,
  invariantOf,
  INVARIANTS,
  invariantsFor,
  type InvariantId,
  isInvariantId,
} from "./spec/invariants.ts";
export { SEARCH_INSTANCES, searchInstanceOf, searchInstancesOf } from "./spec/search-instances.ts";
export type { SearchInstance, SizeClass } from "./spec/search-instances/entry.ts";
export { type Defect, type DefectId, DEFECTS } from "./spec/defects.ts";
export type { Claim, Dossier, Verdict } from "./spec/dossier.ts";
export { DOSSIERS, findDossier } from "./spec/dossiers.ts";
export { ALARM, EVENT, EVENT_WORDS, type EventKind } from "./spec/events.ts";
export { ReferenceModel } from "./model/reference-model.ts";

// The engine: what simulated code is made of, and who decides its interleaving.
export {
  type Call,
  call,
  type KernelCode,
  type KernelFunction,
  type LockObserver,
  type Site,
  site,
  type Step,
  tail,
  TailCall,
  type WaitReason,
} from "./explore/sync.ts";
export type { Monitor, ProcessSpec, System } from "./explore/system.ts";
export { NondeterminismError, Runner, type RunnerOptions, type RunResult } from "./explore/runner.ts";
export { type Profile, type Strategy, type View } from "./explore/strategy.ts";
export { RandomStrategy } from "./explore/strategies/random.ts";
export { PctStrategy } from "./explore/strategies/pct.ts";
export { ReplayStrategy } from "./explore/strategies/replay.ts";
export { createRng, type Rng } from "./explore/rng.ts";
export {
  search,
  type Searchable,
  type SearchOptions,
  type SearchMonitor,
  type SearchResult,
} from "./explore/search/search.ts";

// The designs, what a patch to one is written with, and a simulated kernel around one.
export { type AllocatorClass, ALLOCATORS } from "./impl/allocators/registry.ts";
export { FULL_DECAY, PARTIAL_DECAY } from "./impl/allocators/allocator.ts";
export { DualIndex } from "./impl/allocators/dual-index.ts";
export { EBUSY, EINVAL, ENOMEM } from "./impl/allocators/errno.ts";
export { GlobalTree } from "./impl/allocators/global-tree.ts";
export { NodeBlocks } from "./impl/allocators/node-blocks.ts";
export { NodeIndex } from "./impl/allocators/node-index.ts";
export { OccupiedIndex } from "./impl/allocators/occupied-index.ts";
export { SizePools } from "./impl/allocators/size-pools.ts";
export { UnboundDrain } from "./impl/allocators/unbound-drain.ts";
export { UnboundDrainV3 } from "./impl/allocators/unbound-drain-v3.ts";
export { FIRST_CONTAINER, NONE, type Va } from "./impl/heap/areas.ts";
export { WORK_CPU_UNBOUND } from "./impl/kernel/workqueue/queues.ts";
export { AreaIndex } from "./impl/structures/area-index.ts";
export { alignUp, FIT, FreeSpace, type SpareSource } from "./impl/structures/free-space.ts";
export { withIndex } from "./properties/mutants/mutant.ts";
export { type SimulatedProcess, Simulation } from "./impl/simulation.ts";
export type { KernelOptions } from "./impl/kernel/kernel.ts";

// Runs with all checks, hunts, and the smallest counterexample.
export type { Finding } from "./properties/finding.ts";
export { type Outcome, runOnce, Session, type SessionOptions } from "./properties/session.ts";
export {
  type Catch,
  huntInstance,
  type HuntPlan,
  type HuntStats,
  newStats,
  type StrategyName,
} from "./properties/hunt.ts";
export {
  type ArbitraryFind,
  type ArbitraryHuntPlan,
  type ArbitraryHuntResult,
  findByArbitrary,
} from "./properties/arbitrary-hunt.ts";
export { configurationArbitrary, type ConfigurationBounds } from "./properties/arbitraries/configurations.ts";
export { instanceArbitrary, type InstanceBounds } from "./properties/arbitraries/instances.ts";
export { programsArbitrary, type ProgramBounds } from "./properties/arbitraries/programs.ts";
export { scheduleArbitrary, type ScheduleBounds } from "./properties/arbitraries/schedules.ts";
export { fullCheck, stateProblem } from "./properties/full/full-check.ts";
export { FullMonitor } from "./properties/full/full-monitor.ts";
export { type DriverOptions, SequentialDriver } from "./properties/sequential/driver.ts";
export { sequentialProperty } from "./properties/sequential/property.ts";
export {
  capture,
  EFFORT,
  type FailingRun,
  shrink,
  type ShrinkEffort,
  type Shrunk,
} from "./properties/shrink/shrink.ts";
export { replayCounterexample, type ReplayResult, toCounterexample } from "./properties/counterexample.ts";
export { type InstanceSearch, SEARCHED, searchInstance } from "./properties/search/search-instance.ts";
export { toSchedule } from "./properties/search/trace.ts";
export { CAMPAIGNS, SITUATIONS } from "./properties/campaigns/catalogue.ts";
export type { Campaign } from "./properties/campaigns/campaign.ts";
export type { SituationFactory } from "./properties/situations/situation.ts";
export { SCENARIOS } from "./properties/scenarios/catalogue.ts";
export { runScenario, type Scenario, type ScenarioResult } from "./properties/scenarios/scenario.ts";
export { mutantOf, MUTANTS } from "./properties/mutants/catalogue.ts";
export { type Kill, killMutant, type KillPlan } from "./properties/mutants/kill.ts";
export type { Mutant } from "./properties/mutants/mutant.ts";

// A patch of one's own: tried, replayed, and its counterexamples as tests.
export { definePatch, isPatchName, type Patch } from "./review/patch/patch.ts";
export {
  huntPatch,
  huntPatchAtRandom,
  type HuntOptions,
  type RandomOptions,
  searchPatch,
  type SearchLimits,
  type Trial,
  type TrialOptions,
} from "./review/patch/trial.ts";
export { type PatchReplay, replayPatch } from "./review/patch/replay-patch.ts";
export { type LookFurther, type Replayable, replayOn, type SecondLook } from "./review/patch/second-look.ts";
export { type DesignSource, testFileOf } from "./review/patch/test-file.ts";

// Two designs against each other: the smallest program for each kind of difference.
export type {
  DifferenceKind,
  DifferencePlan,
  ExpectedDifference,
  Move,
  RacePlan,
} from "./spec/differences.ts";
export type { Difference } from "./properties/differential/enumerate.ts";
export {
  compareDesigns,
  type Differential,
  type DifferentialOptions,
} from "./properties/differential/differential.ts";
export type { DesignPair, PairedDesign } from "./properties/differential/pair.ts";
export { type Case, type CaseText, caseText } from "./properties/differential/program.ts";

// The gate, and what runs and reports look like as text.
export { type CheckOptions, runCheck } from "./review/check.ts";
export type { CheckReport, Heed, Progress } from "./review/report.ts";
export { checkText, type CheckTextOptions } from "./review/render/check-text.ts";
export { type CounterexampleContext, renderCounterexample } from "./review/render/counterexample-text.ts";
export { type RecordedRun, recordRun, type RunRow, type RunToRecord } from "./review/render/record-run.ts";

// Why a run came to what was found.
export type { Deed, Dependency, Held, MissingOrder, Why, Writer } from "./properties/why/contract.ts";
export { explainRun } from "./properties/why/explain.ts";

// Vmalloc traces of running kernels: events, rules, the check from the first byte to the verdict.
export { KIND, type TraceEvent, type TraceLoss, type TraceSink } from "./trace/trace-event.ts";
export type { AreaObserver, TracedArea } from "./trace/traced-area.ts";
export { type TraceRule, type TraceRuleId, TRACE_RULES } from "./spec/trace-rules.ts";
export type { ListedArea } from "./trace/check/final-state.ts";
export type { LineReference, TraceFinding, TraceVerdict } from "./trace/check/finding.ts";
export { type CheckerOptions, TraceChecker, type TraceCounts } from "./trace/check/trace-checker.ts";
export { type ReaderOptions, type ReaderSummary, TraceReader } from "./trace/reader/trace-reader.ts";
export { UnreadableInput } from "./trace/reader/unreadable-input.ts";
export { type InfoArea, parseVmallocinfo } from "./trace/reader/vmallocinfo.ts";
export {
  type TraceOptions,
  type TraceOutcome,
  type TraceReport,
  TraceSession,
} from "./trace/trace-session.ts";
export { TraceStatistics } from "./trace/statistics/trace-statistics.ts";
export type { TraceStatisticsResult } from "./trace/statistics/statistics-result.ts";
export { type ExportedProgram, type ExportOptions, ProgramExport } from "./trace/export/program-export.ts";
