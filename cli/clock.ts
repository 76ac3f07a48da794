// SPDX-License-Identifier: GPL-2.0-only
//
// The only place that reads a clock. What it yields may be shown and may end work early; it never decides what a
// run does.

/** Seconds since some fixed moment, never running backwards. */
export function nowSeconds(): number {
  return performance.now() / 1000;
}

/** A seed that nobody gave: differs from call to call, and is printed so that the run can be repeated. */
export function freshSeed(): string {
  return Date.now().toString(36);
}
