// SPDX-License-Identifier: GPL-2.0-only
//
// Both checks side by side: a monitor that lets the checks of every step look, and then checks the whole state.
// It tells the two findings apart, so that a test can hold one against the other.

import type { Monitor } from "../../explore/system.ts";
import type { Finding } from "../finding.ts";
import type { Session } from "../session.ts";
import { fullCheck } from "./full-check.ts";

/** Watches a session's runs. */
export class FullMonitor implements Monitor {
  /** What the full check found in this run. */
  full: Finding | undefined;
  private readonly session: Session;

  constructor(session: Session) {
    this.session = session;
  }

  /** What the checks of every step found in this run. */
  get stepwise(): Finding | undefined {
    return this.session.checker.finding;
  }

  reset(): void {
    this.full = undefined;
    this.session.checker.reset();
  }

  afterStep(process: number): boolean {
    const stop = this.session.checker.afterStep(process);
    this.full = fullCheck(this.session);
    return stop || this.full !== undefined;
  }

  atQuiescence(): boolean {
    return this.session.checker.atQuiescence();
  }
}
