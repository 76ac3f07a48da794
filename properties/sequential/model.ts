// SPDX-License-Identifier: GPL-2.0-only
//
// What one caller may expect: the page-level reference model, driven by the operations themselves. It knows when a
// purge happens, for with one caller that is decided by the operations; it knows no tree and no node.

import { PAGE } from "../../model/abstraction.ts";
import { ReferenceModel } from "../../model/reference-model.ts";
import { EVENT } from "../../spec/events.ts";
import { TRAITS } from "../../spec/design-traits.ts";
import type { Configuration, PageRange } from "../../spec/instance.ts";

/** A live area. */
export interface LiveArea extends PageRange {
  /** Whether a node may have served it: small, and asked for in the full vmalloc window. */
  readonly small: boolean;
}

/** A request. Pages. */
export interface Request {
  readonly size: number;
  readonly align: number;
  readonly window: PageRange;
}

/** The model of a sequential history. */
export class SequentialModel {
  readonly pages: ReferenceModel;
  readonly configuration: Configuration;
  /** Live areas, oldest first. */
  live: readonly LiveArea[] = [];
  /** Whether the drain work has been queued and has not run. */
  drainPending = false;

  constructor(configuration: Configuration) {
    this.configuration = configuration;
    this.pages = new ReferenceModel(configuration.spacePages, 1);
  }

  /**
   * What is wrong with the answer to a request, or undefined; then the model has it. `purged` says whether the
   * allocator purged on the way: the model knows whether it had to, except where a search may miss a fit.
   */
  alloc(request: Request, page: number, purged: boolean): string | undefined {
    const { size, align, window } = request;
    const { blocks, paddedSearch, pools } = TRAITS[this.configuration.allocator];
    const exact = align === 1 || (window.end - window.start === size && !paddedSearch);
    const before = blocks || pools || !exact ? undefined : this.exactAnswer(request, page, purged);
    if (before !== undefined) return before;
    if (purged) this.purge();
    const wrong = page >= 0 ? undefined : this.refuses(request, exact);
    if (wrong !== undefined || page < 0) return wrong;
    const illegal =
      this.pages.apply(EVENT.GRANT, page, page + size, align, window.start, window.end) ??
      this.pages.apply(EVENT.MAP, page, page + size, 0, 0, 0);
    if (illegal) return illegal.message;
    this.live = [...this.live, { start: page, end: page + size, small: this.isSmall(request) }];
    return undefined;
  }

  /** A live area is freed. */
  free(area: LiveArea): void {
    this.live = this.live.filter((other) => other !== area);
    this.pages.apply(EVENT.UNLINK, area.start, area.end, 0, 0, 0);
    this.pages.apply(EVENT.UNMAP, area.start, area.end, 0, 0, 0);
    const freed = this.pages.state.filter((state) => state === PAGE.FREED).length;
    if (freed > this.configuration.lazyMaxPages) this.drainPending = true;
  }

  /** A purge: everything freed may be used again. */
  purge(): void {
    const { pages, configuration } = this;
    pages.apply(EVENT.FLUSH, 0, configuration.spacePages, 1, 0, 0);
    pages.state.forEach((state, page) => {
      if (state === PAGE.FREED) pages.apply(EVENT.RELEASE, page, page + 1, 0, 0, 0);
    });
  }

  /** The queued works run. */
  settle(): void {
    if (this.drainPending) this.purge();
    this.drainPending = false;
  }

  // One heap, no padding: the lowest fit, if need be after a purge, and a failure only if there is none.
  private exactAnswer({ size, align, window }: Request, page: number, purged: boolean): string | undefined {
    const first = this.pages.lowestFit(size, align, window.start, window.end, false);
    const want = first >= 0 ? first : this.pages.lowestFit(size, align, window.start, window.end, true);
    if ((page >= 0 || want >= 0) && page !== want) return `answer ${page}, the lowest fit is ${want}`;
    return purged === first < 0 ? undefined : `${purged ? "a" : "no"} purge, the lowest free fit is ${first}`;
  }

  private refuses(request: Request, exact: boolean): string | undefined {
    const { blocks, pools } = TRAITS[this.configuration.allocator];
    if (blocks) return this.blocksRefuse(request);
    return pools && exact ? this.exactAnswer(request, -1, true) : this.heapRefuses(request);
  }

  // A search for an alignment is padded and may miss a fit (DEF-B1), but none that has room for the padding, unless
  // it finds something behind the window.
  private heapRefuses({ size, align, window }: Request): string | undefined {
    const length = align > 1 && window.end - window.start !== size ? size + align - 1 : size;
    if (length > size && window.end !== this.configuration.spacePages) return undefined;
    const at = this.pages.lowestFit(length, 1, window.start, window.end, false);
    return at < 0 || length === size ? undefined : `refused, though [${at},${at + length}) is free`;
  }

  // Where the free pages are depends on who has which block, so less is known: a request for page alignment must be
  // served if there is room outside everything that could be a block of a live area.
  private blocksRefuse({ size, align, window }: Request): string | undefined {
    if (align > 1) return undefined;
    const reach = this.configuration.blockPages - 2;
    const blocked = (at: number): boolean =>
      this.live.some(({ start, end, small }) => {
        const more = small ? reach : 0;
        return at < end + more && at + size > start - more;
      });
    for (let at = window.start; at + size <= window.end; at++) {
      if (!blocked(at)) return `refused, though [${at},${at + size}) is in no block and nobody's`;
    }
    return undefined;
  }

  private isSmall({ size, align, window }: Request): boolean {
    const { allocator, blockPages, vmalloc } = this.configuration;
    const full = window.start === vmalloc.start && window.end === vmalloc.end;
    return TRAITS[allocator].blocks && full && size + (align > 1 ? align : 0) <= blockPages >> 2;
  }
}
