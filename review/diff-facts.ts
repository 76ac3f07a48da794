// SPDX-License-Identifier: GPL-2.0-only
//
// Claims of the occupied-index patch about its own diff, held against what the diff does there.

import {
  ADDED_COMMENTS,
  type AddedComment,
  type HelperSignature,
  RECORD_RELEASES,
  type RecordRelease,
  RELEASE_HELPER,
} from "../spec/dossiers/occupied-index-diff.ts";
import { count } from "./render/text-layout.ts";
import type { StaticResult } from "./report.ts";

const WALK = "pcpu_get_vm_areas";
const RECLAIM = "reclaim_list_global";

/** C1-6: whether the assumption of the per-CPU walk is documented where it is made. */
export function diffComments(comments: readonly AddedComment[] = ADDED_COMMENTS): StaticResult {
  const there = comments.filter(({ fn }) => fn === WALK);
  const said = comments.filter(({ saysAssumption }) => saysAssumption);
  const verdict = said.some(({ fn }) => fn === WALK) ? "holds" : said.length > 0 ? "partly" : "refuted";
  return {
    verdict,
    text:
      `${count(comments.length, "comment")} added, ${there.length} in ${WALK}(); the assumption is in ` +
      (said.length === 0 ? "none" : said.map(({ line }) => `that of line ${line}`).join(" and ")),
    lines: comments.map(
      ({ line, fn, at, about }) => `line ${line}, ${at === "head" ? "above" : "in"} ${fn}(): ${about}`,
    ),
  };
}

/** C1-10: whether the helper returns what its comment says. */
export function releaseSignature(helper: HelperSignature = RELEASE_HELPER): StaticResult {
  const { fn, declared, declaredLine, said, commentLine, freesLine } = helper;
  return {
    verdict: declared === said ? "holds" : "refuted",
    text:
      `${fn}() is declared as ${declared} (line ${declaredLine}), its comment has it return the record (line ` +
      `${commentLine}), which it gives back to the slab (line ${freesLine})`,
  };
}

/** C1-15: whether reclaim_list_global() gives its records back outside the lock. */
export function releaseOutside(releases: readonly RecordRelease[] = RECORD_RELEASES): StaticResult {
  const isOutside = ({ line, unlockLine }: RecordRelease): boolean =>
    unlockLine !== undefined && unlockLine < line;
  const claimed = releases.filter(({ fn }) => fn === RECLAIM);
  const outside = claimed.filter(isOutside);
  const held = releases.filter((each) => !isOutside(each));
  const verdict = outside.length === claimed.length ? "holds" : outside.length === 0 ? "refuted" : "partly";
  const others = [...new Set(held.map(({ fn }) => `${fn}()`))].join(" and ");
  return {
    verdict,
    text: `${RECLAIM}() gives back ${outside.length} of ${claimed.length} behind the unlock; under the lock: ${others || "none"}`,
    lines: releases.map((each) => {
      const { fn, line, unlockLine } = each;
      const where = unlockLine === undefined ? "behind the hunk" : `in line ${unlockLine}`;
      return `line ${line}, ${fn}(): ${isOutside(each) ? "outside" : "inside"}, the unlock is ${where}`;
    }),
  };
}
