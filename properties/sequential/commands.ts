// SPDX-License-Identifier: GPL-2.0-only
//
// The commands of the sequential property. Each asks the driver, and holds the answer against the model; what does
// not agree is thrown, which is how a fast-check model run hears of it.

import fc from "fast-check";
import { TRAITS } from "../../spec/design-traits.ts";
import type { Configuration, PageRange } from "../../spec/instance.ts";
import type { SequentialDriver } from "./driver.ts";
import type { LiveArea, SequentialModel } from "./model.ts";

/** A command of a sequential history. */
export type SequentialCommand = fc.Command<SequentialModel, SequentialDriver>;

/** Histories for a configuration. */
export function sequentialCommands(
  configuration: Configuration,
  commandsMax = 40,
): fc.Arbitrary<Iterable<SequentialCommand>> {
  const { spacePages, vmalloc, modules } = configuration;
  const page = fc.nat(spacePages - 1);
  const explicit = fc
    .tuple(page, page)
    .map(([a, b]): PageRange => ({ start: Math.min(a, b), end: Math.max(a, b) + 1 }));
  const windows = fc.oneof(
    { withCrossShrink: true },
    { weight: 6, arbitrary: fc.constant(vmalloc) },
    { weight: 1, arbitrary: explicit },
    { weight: modules ? 1 : 0, arbitrary: fc.constant(modules ?? vmalloc) },
  );
  const sizes = fc.oneof(
    { withCrossShrink: true },
    { weight: 4, arbitrary: fc.integer({ min: 1, max: 3 }) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: spacePages }) },
  );
  const alignments = fc.oneof(
    { withCrossShrink: true },
    { weight: 3, arbitrary: fc.constant(1) },
    { weight: 1, arbitrary: fc.constantFrom(2, 4, 8) },
  );
  const alloc = fc
    .tuple(sizes, alignments, windows)
    .map(
      ([size, align, window]) => new AllocCommand(Math.min(size, window.end - window.start), align, window),
    );
  const kinds: fc.Arbitrary<SequentialCommand>[] = [
    alloc,
    alloc,
    alloc,
    fc.nat(20).map((pick) => new FreeCommand(pick)),
    fc.nat(20).map((pick) => new FreeCommand(pick)),
    fc.tuple(fc.nat(20), fc.nat(20)).map(([pick, offset]) => new FindCommand(pick, offset)),
    fc.constant(new PurgeCommand(false)),
    fc.constant(new PurgeCommand(true)),
    fc.constant(new SettleCommand()),
  ];
  return fc.commands(kinds, { maxCommands: commandsMax, size: "max" });
}

class AllocCommand implements SequentialCommand {
  private readonly size: number;
  private readonly align: number;
  private readonly window: PageRange;

  constructor(size: number, align: number, window: PageRange) {
    this.size = size;
    this.align = align;
    this.window = window;
  }

  check(): boolean {
    return true;
  }

  run(model: SequentialModel, driver: SequentialDriver): void {
    const { size, align, window } = this;
    letDrainRun(model, driver);
    const before = driver.purges;
    const page = driver.alloc(size, align, window);
    const wrong = model.alloc({ size, align, window }, page, driver.purges > before);
    if (wrong !== undefined) throw new Error(`${this.toString()}: ${wrong}`);
    agree(model, driver, this);
  }

  toString(): string {
    const align = this.align === 1 ? "" : `,align=${this.align}`;
    return `alloc(${this.size}${align},window=${this.window.start}..${this.window.end})`;
  }
}

class FreeCommand implements SequentialCommand {
  private readonly pick: number;

  constructor(pick: number) {
    this.pick = pick;
  }

  check(model: Readonly<SequentialModel>): boolean {
    return model.live.length > 0;
  }

  run(model: SequentialModel, driver: SequentialDriver): void {
    const area = picked(model, this.pick);
    const result = driver.free(area.start);
    if (result !== 0) throw new Error(`${this.toString()} of [${area.start},${area.end}) returned ${result}`);
    model.free(area);
    agree(model, driver, this);
  }

  toString(): string {
    return `free(${this.pick})`;
  }
}

class FindCommand implements SequentialCommand {
  private readonly pick: number;
  private readonly offset: number;

  constructor(pick: number, offset: number) {
    this.pick = pick;
    this.offset = offset;
  }

  check(model: Readonly<SequentialModel>): boolean {
    return model.live.length > 0;
  }

  run(model: SequentialModel, driver: SequentialDriver): void {
    const { start, end } = picked(model, this.pick);
    const page = start + (this.offset % (end - start));
    const found = driver.find(page);
    if (found !== start) throw new Error(`${this.toString()}: page ${page} of [${start},${end}): ${found}`);
    agree(model, driver, this);
  }

  toString(): string {
    return `find(${this.pick}+${this.offset})`;
  }
}

class PurgeCommand implements SequentialCommand {
  private readonly aliases: boolean;

  constructor(aliases: boolean) {
    this.aliases = aliases;
  }

  check(): boolean {
    return true;
  }

  run(model: SequentialModel, driver: SequentialDriver): void {
    letDrainRun(model, driver);
    if (this.aliases) driver.aliases();
    else driver.purge();
    model.purge();
    agree(model, driver, this);
  }

  toString(): string {
    return this.aliases ? "aliases" : "purge";
  }
}

class SettleCommand implements SequentialCommand {
  check(): boolean {
    return true;
  }

  run(model: SequentialModel, driver: SequentialDriver): void {
    driver.settle();
    model.settle();
    agree(model, driver, this);
  }

  toString(): string {
    return "settle";
  }
}

// Where work items share a queue, a purge that waits for its helpers lets a drain begin that was queued before them, and
// that then waits for the purge: with one caller, what is pending has to run before.
function letDrainRun(model: SequentialModel, driver: SequentialDriver): void {
  if (!model.drainPending || !TRAITS[model.configuration.allocator].pools) return;
  driver.settle();
  model.settle();
}

function picked(model: Readonly<SequentialModel>, pick: number): LiveArea {
  return model.live[pick % model.live.length]!;
}

// After each operation: no check has found anything, and both models say the same of each page.
function agree(model: SequentialModel, driver: SequentialDriver, command: SequentialCommand): void {
  const finding = driver.finding ?? driver.fullCheck();
  if (finding) throw new Error(`${command.toString()}: ${finding.id}: ${finding.message}`);
  if (driver.drainPending !== model.drainPending) {
    throw new Error(`${command.toString()}: the drain is ${driver.drainPending ? "" : "not "}pending`);
  }
  const seen = driver.session.checker.model.state.join("");
  const want = model.pages.state.join("");
  if (seen !== want) throw new Error(`${command.toString()}: pages are ${seen}, expected ${want}`);
}
