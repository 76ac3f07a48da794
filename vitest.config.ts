// SPDX-License-Identifier: GPL-2.0-only
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/build-once.ts"],
    // Processes rather than threads: tests start worker threads and other processes of their own.
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 20_000,
    teardownTimeout: 5_000,
    restoreMocks: true,
    coverage: {
      provider: "v8",
      include: ["index.ts", "{spec,model,impl,explore,properties,trace,review,cli}/**/*.ts"],
      reporter: ["text-summary", "html"],
    },
  },
});
