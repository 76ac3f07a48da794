// SPDX-License-Identifier: GPL-2.0-only
// CPUs, migration, and the per-CPU slot of the preloaded record, also when a task migrates in between (SC-04).
import { describe, expect, it } from "vitest";
import { NONE, type Va } from "../../../impl/heap/areas.ts";
import { Session } from "../../../properties/session.ts";
import { instanceOf } from "../../properties/small-instance.ts";
import { BareKernel } from "./bare-kernel.ts";

describe("CPUs", () => {
  it("run the processes, each on its own at first", () => {
    const k = new BareKernel({ processes: 3, cpus: 2 });
    expect([0, 1, 2].map((process) => k.cpus.of(process))).toEqual([0, 1, 0]);
    k.step(1, () => expect(k.cpus.current()).toBe(1));
  });

  it("are left for the next one, as often as the budget allows", () => {
    const k = new BareKernel({ cpus: 3, migrations: 2 });
    expect([k.cpus.migratable, k.cpus.migrationChoices()]).toEqual([true, 3]);
    k.step(1, () => k.cpus.migrate(0));
    expect([k.cpus.of(1), k.cpus.migrationChoices()]).toEqual([1, 3]);
    k.step(1, () => k.cpus.migrate(2));
    expect([k.cpus.of(1), k.cpus.migrationChoices()]).toEqual([0, 3]);
    k.step(2, () => k.cpus.migrate(1));
    expect([k.cpus.of(2), k.cpus.migrationChoices()]).toEqual([0, 1]);
  });

  it("cannot be left if there is only one", () => {
    const { cpus } = new BareKernel({ cpus: 1, migrations: 5 });
    expect([cpus.migratable, cpus.migrationChoices()]).toEqual([false, 1]);
  });

  it("have a preload slot each", () => {
    const k = new BareKernel({ cpus: 2 });
    k.step(0, () => k.cpus.setPreload(12 as Va));
    k.step(1, () => expect(k.cpus.preload()).toBe(NONE));
    k.step(2, () => expect(k.cpus.preload()).toBe(12));
    expect([k.cpus.preloadOf(0), k.cpus.preloadOf(1)]).toEqual([12, NONE]);
    k.step(2, () => k.cpus.setPreload(NONE));
    expect(k.cpus.preloadOf(0)).toBe(NONE);
  });
});

// CPU 0's slot is full; the task sees that, allocates no record, and migrates to CPU 1, whose slot is empty: the
// split falls back to an atomic allocation, which may fail. Then the overflow path purges and tries again.
describe("a migration between the look at the slot and its use (SC-04)", () => {
  const instance = instanceOf("global-tree", "a=alloc(1); b=alloc(1,align=4)", {
    cpus: 2,
    migrations: 1,
    faults: { budget: 1, points: ["split"] },
  });
  const trace = (choices: readonly { readonly at: number; readonly value: number }[]): string[] => {
    const lines: string[] = [];
    const session: Session = new Session(instance, {
      strict: true,
      onStep: (process, step, choice, result) => {
        lines.push(
          `${process} on ${session.sim.kernel.cpus.of(process)} ${step.site.what}: ${choice}, ${result > 0 ? "+" : result}`,
        );
      },
    });
    const { end } = session.replay({ switches: [], choices });
    const { cpus } = session.sim.kernel;
    lines.push(
      `${end}; slots ${[0, 1].map((cpu) => (cpus.preloadOf(cpu) === NONE ? "empty" : "full")).join(", ")}`,
    );
    return lines.slice(7);
  };

  it("splits with the preloaded record if the task stays", () => {
    expect(trace([])).toMatchInlineSnapshot(`
      [
        "0 on 0 under the busy lock: bind vm_struct; map the pages: 0, 0",
        "0 on 0 allocate the vmap_area record: 0, +",
        "0 on 0 preemptible: the task may migrate: 0, 0",
        "0 on 0 read this CPU's preload slot: 0, +",
        "0 on 0 preemptible: the task may migrate: 0, 0",
        "0 on 0 under free_vmap_area_lock: preload, search, clip: 0, +",
        "0 on 0 under the busy lock: insert into the busy tree: 0, 0",
        "0 on 0 under the busy lock: bind vm_struct; map the pages: 0, 0",
        "done; slots empty, empty",
      ]
    `);
  });

  it("splits with an atomic allocation if the task goes", () => {
    expect(trace([{ at: 11, value: 1 }])).toMatchInlineSnapshot(`
      [
        "0 on 0 under the busy lock: bind vm_struct; map the pages: 0, 0",
        "0 on 0 allocate the vmap_area record: 0, +",
        "0 on 0 preemptible: the task may migrate: 0, 0",
        "0 on 0 read this CPU's preload slot: 0, +",
        "0 on 1 preemptible: the task may migrate: 1, 0",
        "0 on 1 under free_vmap_area_lock: preload, search, clip: 0, +",
        "0 on 1 under the busy lock: insert into the busy tree: 0, 0",
        "0 on 1 under the busy lock: bind vm_struct; map the pages: 0, 0",
        "done; slots full, empty",
      ]
    `);
  });

  it("purges and tries again if that fails", () => {
    expect(
      trace([
        { at: 11, value: 1 },
        { at: 12, value: 1 },
      ]),
    ).toMatchInlineSnapshot(`
      [
        "0 on 0 under the busy lock: bind vm_struct; map the pages: 0, 0",
        "0 on 0 allocate the vmap_area record: 0, +",
        "0 on 0 preemptible: the task may migrate: 0, 0",
        "0 on 0 read this CPU's preload slot: 0, +",
        "0 on 1 preemptible: the task may migrate: 1, 0",
        "0 on 1 under free_vmap_area_lock: preload, search, clip: 1, +",
        "0 on 1 take vmap_purge_lock: 0, 0",
        "0 on 1 under the lazy lock: detach the lazy tree: 0, 0",
        "0 on 1 release vmap_purge_lock: 0, 0",
        "0 on 1 preemptible: the task may migrate: 0, 0",
        "0 on 1 read this CPU's preload slot: 0, 0",
        "0 on 1 allocate a spare record: 0, +",
        "0 on 1 preemptible: the task may migrate: 0, 0",
        "0 on 1 under free_vmap_area_lock: preload, search, clip: 0, +",
        "0 on 1 under the busy lock: insert into the busy tree: 0, 0",
        "0 on 1 under the busy lock: bind vm_struct; map the pages: 0, 0",
        "done; slots full, empty",
      ]
    `);
  });
});
