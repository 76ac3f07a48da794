// SPDX-License-Identifier: GPL-2.0-only
//
// The sequential property: whatever one caller asks for, in whatever order, the answers are those of the model.

import fc from "fast-check";
import type { Configuration } from "../../spec/instance.ts";
import { sequentialCommands } from "./commands.ts";
import { type DriverOptions, SequentialDriver } from "./driver.ts";
import { SequentialModel } from "./model.ts";

/** The property for one configuration. */
export function sequentialProperty(
  configuration: Configuration,
  options: DriverOptions = {},
  commandsMax?: number,
): fc.IProperty<[Iterable<fc.Command<SequentialModel, SequentialDriver>>]> {
  return fc.property(sequentialCommands(configuration, commandsMax), (commands) => {
    const setup = (): { model: SequentialModel; real: SequentialDriver } => ({
      model: new SequentialModel(configuration),
      real: new SequentialDriver(configuration, options),
    });
    fc.modelRun(setup, commands);
  });
}
