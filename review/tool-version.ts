// SPDX-License-Identifier: GPL-2.0-only
//
// The version of this tool, as its counterexamples name it. A test holds it against package.json.

/** Version of vmapcheck. */
export const TOOL_VERSION = "0.1.0";
