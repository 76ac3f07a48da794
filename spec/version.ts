// SPDX-License-Identifier: GPL-2.0-only
//
// The version of this tool, as written into counterexamples. A test holds it to package.json.

/** Version of vmapcheck. */
export const TOOL_VERSION = "0.1.0";
