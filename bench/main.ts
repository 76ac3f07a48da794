// SPDX-License-Identifier: GPL-2.0-only
//
// `npm run bench`: all benchmarks with their parameters, medians and ratios, as a table or as JSON. `--quick` does
// less of each, `--plot FILE.svg` writes the plot of the drain, `--trace FILE` is the text to read traces from. What each
// one means is in README.md beside this file.

import { writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { benchDrain, formatDrain, plotDrain } from "./drain.ts";
import { measureInterleavings, type InterleavingsResult } from "./interleavings.ts";
import { benchProtocol, formatProtocol } from "./protocol.ts";
import { benchRangeIndex, formatRangeIndex } from "./range-index.ts";
import { benchSearch, formatSearch } from "./search.ts";
import { measureSoak, type SoakRow } from "./soak.ts";
import type { Sample } from "./statistics.ts";
import { benchStructures, formatStructures } from "./structures.ts";
import { benchTouches, formatTouches } from "./touches.ts";
import { benchTraceCheck, formatTraceCheck } from "./trace-check.ts";
import { benchTraceLoad, formatTraceLoad } from "./trace-load.ts";
import { benchTraceRead, formatTraceRead } from "./trace-read.ts";

const quick = process.argv.includes("--quick");
const json = process.argv.includes("--json");
const plotFile = fileOf("--plot");
const traceFile = fileOf("--trace");
const only = process.argv.find(
  (arg, i) => i > 1 && !arg.startsWith("--") && !["--plot", "--trace"].includes(process.argv[i - 1] ?? ""),
);

function fileOf(option: string): string | undefined {
  const at = process.argv.indexOf(option);
  if (at < 0) return undefined;
  const file = process.argv[at + 1];
  if (file !== undefined && !file.startsWith("--")) return file;
  console.error(`${option}: the name of a file is missing`);
  process.exit(2);
}

const wants = (name: string): boolean => only === undefined || only === name;
const note = (text: string): void => {
  if (process.stderr.isTTY) console.error(text);
};

const sample = ({ median, min, max }: Sample, unit = 1): string =>
  `${(median / unit).toFixed(2)} (${(min / unit).toFixed(2)}-${(max / unit).toFixed(2)})`;

function interleavingsText(result: InterleavingsResult): string {
  return [
    `(a) ${result.program}; median (min-max) of ${result.repeats} pairs`,
    `    this engine             ${sample(result.ours, 1e6)} million steps/s, ${Math.round(result.runsPerSecond)} interleavings/s`,
    `    fc.scheduler, waking    ${sample(result.waking, 1e6)} million steps/s, ratio ${sample(result.ratioWaking)}`,
    `    fc.scheduler, polling   ${sample(result.polling, 1e6)} million steps/s, ratio ${sample(result.ratioPolling)}`,
  ].join("\n");
}

function soakText(rows: readonly SoakRow[]): string {
  const first = (row: SoakRow): SoakRow => rows.find((r) => r.checked === row.checked)!;
  const lines = rows.map((row) => {
    const growth = row.microsecondsPerOperation / first(row).microsecondsPerOperation;
    return [
      row.checked ? "all checks" : "no checks ",
      String(row.live).padStart(9),
      `${sample(row.operationsPerSecond, 1000)} thousand ops/s`.padEnd(38),
      `${row.microsecondsPerOperation.toFixed(2)} us/op`.padStart(12),
      `${growth.toFixed(1)}x`.padStart(6),
      `${row.bytesPerArea.toFixed(0)} B/area`.padStart(11),
    ].join("  ");
  });
  return [
    "(c) soak, node-blocks, 4 tasks; growth against the smallest size",
    ...lines.map((l) => `    ${l}`),
  ].join("\n");
}

const machine = `Node ${process.version}, ${availableParallelism()} CPUs (${cpus()[0]?.model ?? "unknown"})`;
const report: Record<string, unknown> = { machine };
if (!json) console.log(machine);

if (wants("interleavings")) {
  note("(a) interleavings");
  const result = await measureInterleavings(quick ? 4000 : 20_000, quick ? 100 : 500, quick ? 3 : 7);
  report["interleavings"] = result;
  if (!json) console.log(`\n${interleavingsText(result)}`);
}
if (wants("structures")) {
  note("(b) structures");
  const result = benchStructures(quick ? { sizes: [1000, 100_000], runs: 3 } : {});
  report["structures"] = result;
  if (!json) console.log(`\n(b) structures alone\n${formatStructures(result)}`);
}
if (wants("soak")) {
  const sizes = quick ? [1000, 10_000, 100_000] : [1000, 10_000, 100_000, 1_000_000];
  const rows = [true, false].flatMap((checked) =>
    sizes.map((live) => {
      note(`(c) soak, ${live} areas`);
      return measureSoak(live, quick ? 100_000 : 400_000, checked);
    }),
  );
  report["soak"] = rows;
  if (!json) console.log(`\n${soakText(rows)}`);
}
if (wants("protocol")) {
  const result = benchProtocol(quick ? { runs: { "NB-1": 3, "NB-2": 3 } } : {}, note);
  report["protocol"] = result;
  if (!json) console.log(`\n${formatProtocol(result)}`);
}
if (wants("search")) {
  const tiny = ["global-tree/closed-tiny", "node-index/closed-tiny", "node-blocks/closed-tiny-drain"];
  const rows = benchSearch(quick ? { runs: 3, instances: tiny, protocols: ["NB-1", "NB-2"] } : {}, note);
  report["search"] = rows;
  if (!json) console.log(`\n${formatSearch(rows)}`);
}
if (wants("drain")) {
  const result = benchDrain([1000, 10_000, 100_000, ...(quick ? [] : [1_000_000])], note);
  report["drain"] = result;
  if (plotFile !== undefined) writeFileSync(plotFile, plotDrain(result));
  if (!json) console.log(`\n(f) drain\n${formatDrain(result)}`);
}
if (wants("range-index")) {
  const result = benchRangeIndex(quick ? { sizes: [1000, 100_000], runs: 3 } : {}, note);
  report["range-index"] = result;
  if (!json) console.log(`\n${formatRangeIndex(result)}`);
}
if (wants("touches")) {
  const result = benchTouches(quick ? { sizes: [1000, 10_000], runs: 3, rounds: 5000 } : {}, note);
  report["touches"] = result;
  if (!json) console.log(`\n${formatTouches(result)}`);
}
if (wants("trace-read")) {
  note("(i) trace-read");
  const file = traceFile === undefined ? {} : { file: traceFile };
  const result = benchTraceRead({ ...file, ...(quick ? { bytes: 4_000_000, runs: 3 } : {}) });
  report["trace-read"] = result;
  if (!json) console.log(`\n${formatTraceRead(result)}`);
}
if (wants("trace-load")) {
  note("(j) trace-load");
  const result = benchTraceLoad({ runs: quick ? 3 : 7 });
  report["trace-load"] = result;
  if (!json) console.log(`\n${formatTraceLoad(result)}`);
}
if (wants("trace-check")) {
  note("(k) trace-check");
  const file = traceFile === undefined ? {} : { file: traceFile };
  const result = benchTraceCheck({ ...file, ...(quick ? { events: 1_000_000, runs: 3 } : {}) });
  report["trace-check"] = result;
  if (!json) console.log(`\n${formatTraceCheck(result)}`);
}
if (json) console.log(JSON.stringify(report, undefined, 2));
