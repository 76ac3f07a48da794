// SPDX-License-Identifier: GPL-2.0-only
//
// The records and the red-black tree of the peer first-fit.c, with or without the augmented maximum.

#ifndef FIRST_FIT_TREE_H
#define FIRST_FIT_TREE_H

#include <stdint.h>
#include <stdlib.h>

typedef struct area {
	uint64_t start, end;
	struct area *parent, *left, *right;
	uint64_t max;
	struct area *prev, *next;
	uint32_t red;
} area;

typedef struct {
	area *root, *head, *tail;
} container;

static inline uint64_t max_of(const area *a)
{
	uint64_t max = a->end - a->start;

	if (a->left && a->left->max > max)
		max = a->left->max;
	if (a->right && a->right->max > max)
		max = a->right->max;
	return max;
}

static inline void propagate(area *a, const area *stop)
{
	for (; a != stop; a = a->parent) {
		uint64_t max = max_of(a);

		if (a->max == max)
			return;
		a->max = max;
	}
}

static inline void replace_child(container *c, area *old, area *by, area *above)
{
	if (!above)
		c->root = by;
	else if (above->left == old)
		above->left = by;
	else
		above->right = by;
}

static inline void rotate_left(container *c, area *top, int augmented)
{
	area *up = top->right;

	top->right = up->left;
	if (up->left)
		up->left->parent = top;
	up->parent = top->parent;
	replace_child(c, top, up, top->parent);
	up->left = top;
	top->parent = up;
	if (augmented) {
		up->max = top->max;
		top->max = max_of(top);
	}
}

static inline void rotate_right(container *c, area *top, int augmented)
{
	area *up = top->left;

	top->left = up->right;
	if (up->right)
		up->right->parent = top;
	up->parent = top->parent;
	replace_child(c, top, up, top->parent);
	up->right = top;
	top->parent = up;
	if (augmented) {
		up->max = top->max;
		top->max = max_of(top);
	}
}

static inline void insert_color(container *c, area *a, int augmented)
{
	for (;;) {
		area *above = a->parent, *grand, *uncle;

		if (!above) {
			a->red = 0;
			return;
		}
		if (!above->red)
			return;
		grand = above->parent;
		if (grand->left == above) {
			uncle = grand->right;
			if (uncle && uncle->red)
				goto recolour;
			if (above->right == a) {
				rotate_left(c, above, augmented);
				above = a;
			}
			above->red = 0;
			grand->red = 1;
			rotate_right(c, grand, augmented);
		} else {
			uncle = grand->left;
			if (uncle && uncle->red)
				goto recolour;
			if (above->left == a) {
				rotate_right(c, above, augmented);
				above = a;
			}
			above->red = 0;
			grand->red = 1;
			rotate_left(c, grand, augmented);
		}
		return;
recolour:
		above->red = 0;
		uncle->red = 0;
		grand->red = 1;
		a = grand;
	}
}

static inline void erase_color(container *c, area *above, int augmented)
{
	area *a = NULL;

	for (;;) {
		area *sibling, *near, *far;

		if (above->left == a) {
			sibling = above->right;
			if (sibling->red) {
				sibling->red = 0;
				above->red = 1;
				rotate_left(c, above, augmented);
				sibling = above->right;
			}
			near = sibling->left;
			far = sibling->right;
			if (!far || !far->red) {
				if (!near || !near->red)
					goto lighter;
				near->red = 0;
				sibling->red = 1;
				rotate_right(c, sibling, augmented);
				sibling = near;
			}
			sibling->red = above->red;
			above->red = 0;
			sibling->right->red = 0;
			rotate_left(c, above, augmented);
		} else {
			sibling = above->left;
			if (sibling->red) {
				sibling->red = 0;
				above->red = 1;
				rotate_right(c, above, augmented);
				sibling = above->left;
			}
			near = sibling->right;
			far = sibling->left;
			if (!far || !far->red) {
				if (!near || !near->red)
					goto lighter;
				near->red = 0;
				sibling->red = 1;
				rotate_left(c, sibling, augmented);
				sibling = near;
			}
			sibling->red = above->red;
			above->red = 0;
			sibling->left->red = 0;
			rotate_right(c, above, augmented);
		}
		return;
lighter:
		sibling->red = 1;
		a = above;
		if (a->red) {
			a->red = 0;
			return;
		}
		above = a->parent;
		if (!above)
			return;
	}
}

static inline void erase(container *c, area *a, int augmented)
{
	area *child, *above, *rebalance = NULL;

	if (!a->left || !a->right) {
		child = a->left ? a->left : a->right;
		above = a->parent;
		replace_child(c, a, child, above);
		if (child) {
			child->parent = above;
			child->red = a->red;
		} else if (!a->red) {
			rebalance = above;
		}
		if (augmented)
			propagate(above, NULL);
	} else {
		area *next = a->right;
		uint32_t red;

		while (next->left)
			next = next->left;
		red = next->red;
		child = next->right;
		above = next;
		if (next != a->right) {
			above = next->parent;
			above->left = child;
			if (child)
				child->parent = above;
			next->right = a->right;
			a->right->parent = next;
		}
		next->left = a->left;
		a->left->parent = next;
		next->parent = a->parent;
		replace_child(c, a, next, a->parent);
		next->red = a->red;
		if (child)
			child->red = 0;
		else if (!red)
			rebalance = above;
		if (augmented) {
			next->max = a->max;
			if (above != next)
				propagate(above, next);
			propagate(next, NULL);
		}
	}
	if (rebalance)
		erase_color(c, rebalance, augmented);
}

#endif
