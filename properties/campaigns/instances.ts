// SPDX-License-Identifier: GPL-2.0-only
//
// The short way in which campaigns, scenarios and mutants write their instances down.

export { instanceOf, type Machine } from "../../spec/small-machine.ts";
