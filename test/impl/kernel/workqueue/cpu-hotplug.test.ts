// SPDX-License-Identifier: GPL-2.0-only
// Items queued on a CPU that goes offline, or is: the workers of its pool go on elsewhere.
import { HOTPLUG } from "./cases.ts";
import { describeCases } from "./judged.ts";

describeCases("CPU hotplug", HOTPLUG);
