// SPDX-License-Identifier: GPL-2.0-only
// Claims about the diff: what follows from its facts, and from others.
import { describe, expect, it } from "vitest";
import { diffComments, releaseOutside, releaseSignature } from "../../review/diff-facts.ts";
import { ADDED_COMMENTS, RECORD_RELEASES, RELEASE_HELPER } from "../../spec/dossiers/occupied-index-diff.ts";
import { OCCUPIED_INDEX_DOSSIER } from "../../spec/dossiers/occupied-index.ts";

describe("facts of the diff", () => {
  it("lie within the mail, in the order of its lines", () => {
    for (const facts of [ADDED_COMMENTS, RECORD_RELEASES]) {
      const lines = facts.map(({ line }) => line);
      expect(lines).toEqual(lines.toSorted((a, b) => a - b));
      expect(lines.at(-1)).toBeLessThanOrEqual(OCCUPIED_INDEX_DOSSIER.threadLines);
    }
  });

  it("diff-comments: the assumption is documented nowhere", () => {
    const { verdict, text, lines } = diffComments();
    expect(`${verdict}: ${text}`).toBe(
      "refuted: 8 comments added, 1 in pcpu_get_vm_areas(); the assumption is in none",
    );
    expect(lines).toHaveLength(ADDED_COMMENTS.length);
  });

  it("diff-comments: holds if the comment in the per-CPU walk said it, partly if another one did", () => {
    const saidIn = (fn: string) =>
      ADDED_COMMENTS.map((each) => ({ ...each, saysAssumption: each.fn === fn }));
    expect(diffComments(saidIn("pcpu_get_vm_areas"))).toMatchObject({
      verdict: "holds",
      text: "8 comments added, 1 in pcpu_get_vm_areas(); the assumption is in that of line 278",
    });
    expect(diffComments(saidIn("vmap_init_free_space")).verdict).toBe("partly");
  });

  it("release-signature: it returns nothing", () => {
    expect(releaseSignature()).toEqual({
      verdict: "refuted",
      text:
        "release_drained_vmap_area_locked() is declared as void (line 91), its comment has it return the record (line 85), " +
        "which it gives back to the slab (line 114)",
    });
    expect(releaseSignature({ ...RELEASE_HELPER, declared: "struct vmap_area *" }).verdict).toBe("holds");
  });

  it("release-outside: so it does where it says so, and nowhere else", () => {
    expect(releaseOutside()).toMatchObject({
      verdict: "holds",
      text: "reclaim_list_global() gives back 1 of 1 behind the unlock; under the lock: free_vmap_area() and pcpu_get_vm_areas()",
    });
    const held = RECORD_RELEASES.map((each) => ({ ...each, unlockLine: each.line + 1 }));
    expect(releaseOutside(held).verdict).toBe("refuted");
    const { fn, line } = RECORD_RELEASES.find((each) => each.fn === "reclaim_list_global")!;
    expect(releaseOutside([...RECORD_RELEASES, { fn, line, unlockLine: line + 2 }]).verdict).toBe("partly");
  });
});
