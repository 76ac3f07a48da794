// SPDX-License-Identifier: GPL-2.0-only
//
// A time of a trace as the trace has it: seconds with six digits, or the ticks of a clock.

/** The text of a time in microseconds, or in ticks. */
export function timestampText(time: number, unit: "us" | "ticks"): string {
  if (unit === "ticks") return String(time);
  const whole = Math.floor(time);
  return `${Math.floor(whole / 1e6)}.${String(whole % 1e6).padStart(6, "0")}`;
}
