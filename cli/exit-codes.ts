// SPDX-License-Identifier: GPL-2.0-only
//
// The exit codes of the command, all of them. Scripts rely on them: a code is never used for something else.

/** Exit codes by meaning. */
export const EXIT = {
  held: 0,
  violation: 1,
  usage: 2,
  fault: 3,
  undecided: 4,
  interrupted: 130,
} as const;

/** One of the codes. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What each code means, in the order of help texts. */
export const EXIT_TEXTS: readonly (readonly [code: ExitCode, meaning: string])[] = [
  [EXIT.held, "all that was checked held"],
  [EXIT.violation, "an invariant was violated, a claim failed or a mutant survived"],
  [EXIT.usage, "bad input or usage; one line on stderr says what, nothing was run"],
  [EXIT.fault, "our own fault: an internal error, a run that did not repeat itself, a known answer missed"],
  [
    EXIT.undecided,
    "not decided: a limit or the reader of the output ended the work first, or the verdict is vacuous",
  ],
  [EXIT.interrupted, "interrupted; what was done so far was printed"],
];
