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
  bad: (text) => styleText(["red", "bold"], text),
  good: (text) => styleText("green", text),
  open: (text) => styleText("yellow", text),
  heading: (text) => styleText("bold", text),
  quiet: (text) => styleText("dim", text),
};
