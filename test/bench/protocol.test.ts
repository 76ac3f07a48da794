// SPDX-License-Identifier: GPL-2.0-only
// The bench of the bounded protocol at its smallest size: programs agree (else it throws), every line is there, and
// what was left out is said. No times.
import { describe, expect, it } from "vitest";
import { benchProtocol, formatProtocol, readSpin } from "../../bench/protocol.ts";

const PAN = `
State-vector 64 byte, depth reached 36, errors: 0
     8847 states, stored
    10126 states, matched
    18973 transitions (= stored+matched)
  129.141	total actual memory usage
0m0.001s 0m0.002s
1m2.500s 0m0.250s
`;

describe("bench of the bounded protocol", () => {
  it("has a line for each program, with the known numbers", () => {
    const report = benchProtocol({ runs: { "NB-1": 1 }, isolated: false });
    const hasSpin = report.notes.length === 0;
    const programs = ["this engine", "this engine, I1-I6"];
    expect(report.rows.map(({ who }) => who)).toEqual(hasSpin ? ["SPIN", ...programs] : programs);
    for (const row of report.rows) expect(row).toMatchObject({ states: 8847, transitions: 18_972, runs: 1 });
    expect(formatProtocol(report)).toContain("CPU time, median of the runs");
    expect(report.notes.every((note) => note.startsWith("SPIN skipped: "))).toBe(true);
    for (const note of report.notes) expect(formatProtocol(report)).toContain(note);
  });

  it("reads what SPIN and the shell print", () => {
    expect(readSpin(PAN)).toEqual({ states: 8847, transitions: 18_972, seconds: 62.75, mebibytes: 129.141 });
  });

  it("refuses what it cannot read, and errors of the model", () => {
    expect(() => readSpin(PAN.replace("errors: 0", "errors: 1"))).toThrow("SPIN found errors");
    expect(() => readSpin(PAN.replace("states, stored", ""))).toThrow("SPIN printed nothing like");
    expect(() => readSpin(PAN.replaceAll(/\dm.*s/g, ""))).toThrow("the shell told no times");
  });
});
