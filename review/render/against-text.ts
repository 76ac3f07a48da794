// SPDX-License-Identifier: GPL-2.0-only
//
// What became of the claims in a later revision, as text.

import type { ClaimDevelopment, Development } from "../against.ts";
import { VERDICTS } from "./claim-text.ts";
import { count, hanging } from "./text-layout.ts";

const TITLES: readonly (readonly [development: Development, title: string])[] = [
  ["fixed", "fixed"],
  ["still", "still there"],
  ["new", "new"],
];

/** Lines of at most `width` characters. */
export function againstLines(
  list: readonly ClaimDevelopment[],
  from: string,
  to: string,
  width: number,
): readonly string[] {
  const of = (development: Development): readonly ClaimDevelopment[] =>
    list.filter((each) => each.development === development);
  const lines = TITLES.flatMap(([development, title]) => {
    const items = of(development).map(
      (each) => `${each.claim} (${VERDICTS[each.from]}, then ${VERDICTS[each.to]})`,
    );
    return hanging(`  ${title}: `, items.length === 0 ? "none" : items.join(", "), width);
  });
  const same = of("same").length;
  return [
    `${to} against ${from}:`,
    ...lines,
    ...hanging("  ", `Nothing speaks against ${count(same, "claim")} on either.`, width),
  ];
}
