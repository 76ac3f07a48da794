// SPDX-License-Identifier: GPL-2.0-only
// Builds the sources into dist once, before the first test, so that tests may start the command and its
// workers as plain JavaScript (Node 20 cannot load .ts). It must never let tests run on a stale build.
// VMAPCHECK_SKIP_BUILD=1 skips it: for a caller that has just built, and says so.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const compiler = fileURLToPath(new URL("../node_modules/typescript/bin/tsc", import.meta.url));

export default function buildOnce(): void {
  if (process.env["VMAPCHECK_SKIP_BUILD"] === "1") return;
  const build = spawnSync(process.execPath, [compiler, "-p", "tsconfig.build.json"], {
    cwd: root,
    encoding: "utf8",
  });
  if (build.error) throw build.error;
  if (build.status !== 0) {
    const end = build.signal === null ? `exit code ${build.status ?? "unknown"}` : `signal ${build.signal}`;
    throw new Error(
      `The sources do not compile (${end}), so no test was run.\n${build.stdout}${build.stderr}`,
    );
  }
}
