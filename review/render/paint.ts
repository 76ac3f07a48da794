// SPDX-License-Identifier: GPL-2.0-only
//
// Colour, behind one module. It is never the only carrier of a meaning. Whether to use it is decided at the edge
// (NO_COLOR, FORCE_COLOR, terminal or not); renderers get a Paint and paint whole lines or words only.

import { styleText } from "node:util";

/** Colours a piece of text that is already laid out. */
export interface Paint {
  /** A verdict that something is wrong. */
  readonly bad: (text: string) => string;
  /** A verdict that something held. */
  readonly good: (text: string) => string;
  /** Neither. */
  readonly open: (text: string) => string;
  readonly heading: (text: string) => string;
  /** Of less interest. */
  readonly quiet: (text: string) => string;
}

const same = (text: string): string => text;

/** No colour at all. */
export const PLAIN: Paint = { bad: same, good: same, open: same, heading: same, quiet: same };

/** Terminal colours. */
export const COLOURED: Paint = {
  bad: styled("red", "bold"),
  good: styled("green"),
  open: styled("yellow"),
  heading: styled("bold"),
  quiet: styled("dim"),
};

type Style = "red" | "green" | "yellow" | "bold" | "dim";

// Whether to colour is decided already; styleText must not decide it anew.
function styled(...styles: readonly Style[]): (text: string) => string {
  return (text) => styleText([...styles], text, { validateStream: false });
}
