// SPDX-License-Identifier: GPL-2.0-only
//
// Peer of bench/structures.ts: the same first-fit allocator and the same workload in C. Records, trees and
// searches as the kernel has them (mm/vmalloc.c, lib/rbtree.c of v6.6), written from the description, with
// pointers and 64-bit addresses; the records come from a free list as cheap as can be.
//
// usage: first-fit free|busy LIVE AGING ROUNDS RUNS SEED
// prints "bytes <per record>", then for each run "run <nanoseconds of CPU time> <checksum>".

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "first-fit-tree.h"

static area *slab;

static area *take_record(void)
{
	area *a = slab;

	if (!a)
		abort();
	slab = a->next;
	memset(a, 0, sizeof *a);
	return a;
}

static void give_record(area *a)
{
	a->next = slab;
	slab = a;
}

/* ---- index ---- */

static inline area *find(const container *c, uint64_t page)
{
	area *a = c->root;

	while (a) {
		if (page < a->start)
			a = a->left;
		else if (page >= a->end)
			a = a->right;
		else
			return a;
	}
	return NULL;
}

static inline int find_links(const container *c, const area *a, area **above, int *left)
{
	area *at = c->root;

	*above = NULL;
	*left = 0;
	while (at) {
		*above = at;
		if (a->end <= at->start) {
			*left = 1;
			at = at->left;
		} else if (a->start >= at->end) {
			*left = 0;
			at = at->right;
		} else {
			return 0;
		}
	}
	return 1;
}

static inline void link_area(container *c, area *a, area *above, int left, int augmented)
{
	area *previous = left ? above->prev : above;

	a->parent = above;
	a->left = NULL;
	a->right = NULL;
	a->red = 1;
	a->max = 0;
	if (!above)
		c->root = a;
	else if (left)
		above->left = a;
	else
		above->right = a;
	if (augmented)
		propagate(a, NULL);
	insert_color(c, a, augmented);
	a->prev = previous;
	a->next = previous ? previous->next : c->head;
	if (previous)
		previous->next = a;
	else
		c->head = a;
	if (a->next)
		a->next->prev = a;
	else
		c->tail = a;
}

static inline void unlink_area(container *c, area *a, int augmented)
{
	erase(c, a, augmented);
	if (a->prev)
		a->prev->next = a->next;
	else
		c->head = a->next;
	if (a->next)
		a->next->prev = a->prev;
	else
		c->tail = a->prev;
}

static inline void insert(container *c, area *a, int augmented)
{
	area *above;
	int left;

	if (!find_links(c, a, &above, &left))
		abort();
	link_area(c, a, above, left, augmented);
}

static void merge_or_add(container *c, area *a)
{
	area *above, *next, *previous;
	int left, merged = 0;

	if (!find_links(c, a, &above, &left))
		abort();
	next = !above ? NULL : left ? above : above->next;
	previous = next ? next->prev : c->tail;
	if (next && next->start == a->end) {
		next->start = a->start;
		give_record(a);
		a = next;
		merged = 1;
	}
	if (previous && previous->end == a->start) {
		if (merged)
			unlink_area(c, a, 1);
		previous->end = a->end;
		give_record(a);
		a = previous;
		merged = 1;
	}
	if (merged)
		propagate(a, NULL);
	else
		link_area(c, a, above, left, 1);
}

/* ---- allocation ---- */

static inline uint64_t align_up(uint64_t page, uint64_t align)
{
	return (page + align - 1) & ~(align - 1);
}

static inline int is_within(const area *a, uint64_t size, uint64_t align, uint64_t vstart)
{
	uint64_t at = align_up(a->start > vstart ? a->start : vstart, align);

	return at + size >= at && at >= vstart && at + size <= a->end;
}

static area *lowest_match(container *c, uint64_t size, uint64_t align, uint64_t vstart, int adjust)
{
	uint64_t length = adjust ? size + align - 1 : size;
	area *a = c->root;

	while (a) {
		if (a->left && a->left->max >= length && vstart < a->start) {
			a = a->left;
			continue;
		}
		if (is_within(a, size, align, vstart))
			return a;
		if (a->right && a->right->max >= length) {
			a = a->right;
			continue;
		}
		while ((a = a->parent)) {
			if (is_within(a, size, align, vstart))
				return a;
			if (a->right && a->right->max >= length && vstart <= a->start) {
				vstart = a->start + 1;
				a = a->right;
				break;
			}
		}
	}
	return NULL;
}

static uint64_t allocate(container *c, uint64_t size, uint64_t align, uint64_t vstart, uint64_t vend)
{
	area *a = lowest_match(c, size, align, vstart, !(align <= 1 || vend - vstart == size));
	uint64_t at;

	if (!a)
		return vend;
	at = align_up(a->start > vstart ? a->start : vstart, align);
	if (at + size > vend)
		return vend;
	if (a->start == at && a->end == at + size) {
		unlink_area(c, a, 1);
		give_record(a);
		return at;
	}
	if (a->start == at) {
		a->start = at + size;
		propagate(a, NULL);
	} else if (a->end == at + size) {
		a->end = at;
		propagate(a, NULL);
	} else {
		area *low = take_record();

		low->start = a->start;
		low->end = at;
		a->start = at + size;
		propagate(a, NULL);
		insert(c, low, 1);
	}
	return at;
}

/* ---- workload, as in bench/structures.ts ---- */

static uint32_t random_state;

static inline uint32_t draw(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 17;
	random_state ^= random_state << 5;
	return random_state >> 1;
}

static container free_space, busy;
static int with_busy;
static uint64_t space_end;
static uint32_t checksum;
static uint64_t *live_start, *live_size;

static void obtain(uint32_t slot)
{
	uint64_t size = 1 + (draw() >> 8) % 4;
	area *record = with_busy ? take_record() : NULL;
	uint64_t at = allocate(&free_space, size, 1, 0, space_end);

	if (at == space_end)
		abort();
	if (with_busy) {
		record->start = at;
		record->end = at + size;
		insert(&busy, record, 0);
	}
	live_start[slot] = at;
	live_size[slot] = size;
	checksum = (checksum ^ (uint32_t)at) * 0x01000193u;
	checksum ^= checksum >> 15;
}

static void drop(uint32_t slot)
{
	area *record;

	if (with_busy) {
		record = find(&busy, live_start[slot]);
		unlink_area(&busy, record, 0);
	} else {
		record = take_record();
		record->start = live_start[slot];
		record->end = live_start[slot] + live_size[slot];
	}
	merge_or_add(&free_space, record);
}

static void rounds(uint32_t count, uint32_t live)
{
	while (count--) {
		uint32_t slot = draw() % live;

		drop(slot);
		obtain(slot);
	}
}

int main(int argc, char **argv)
{
	uint32_t live, aging, count, runs, records;
	area *pool;

	if (argc != 7)
		return 2;
	with_busy = !strcmp(argv[1], "busy");
	live = strtoul(argv[2], NULL, 10);
	aging = strtoul(argv[3], NULL, 10);
	count = strtoul(argv[4], NULL, 10);
	runs = strtoul(argv[5], NULL, 10);
	random_state = strtoul(argv[6], NULL, 10);
	space_end = 16 * (uint64_t)live;
	records = (with_busy ? 2 : 1) * live + 16;
	pool = malloc(records * sizeof *pool);
	live_start = malloc(live * sizeof *live_start);
	live_size = malloc(live * sizeof *live_size);
	if (!pool || !live_start || !live_size)
		return 3;
	for (uint32_t i = records; i-- > 0;)
		give_record(&pool[i]);

	pool = take_record();
	pool->end = space_end;
	merge_or_add(&free_space, pool);
	for (uint32_t i = 0; i < live; i++)
		obtain(i);
	rounds(aging, live);
	printf("bytes %zu\n", sizeof(area));
	for (uint32_t r = 0; r < runs; r++) {
		struct timespec from, to;

		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
		rounds(count, live);
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
		printf("run %lld %08x\n",
		       (to.tv_sec - from.tv_sec) * 1000000000LL + (to.tv_nsec - from.tv_nsec), checksum);
	}
	return 0;
}
