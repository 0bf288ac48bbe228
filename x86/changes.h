/*
 * changes.h - two sanitized e820 maps -> what moved, grew, shrank, appeared, vanished, or has
 * another type: what a person would say who sees both.
 *
 * RAM is what lies between the rest: when a reserved range moves, RAM gives way on one side and
 * follows on the other. Such changes of RAM are told apart as consequences: all that the RAM lost
 * or got is the other ranges', or it lies between two that moved, or moved with one. RAM that is
 * new, or gone, is none.
 */
#ifndef X86_CHANGES_H
#define X86_CHANGES_H

#include <stdbool.h>
#include <stddef.h>

#include "x86/e820.h"

enum change_kind {
	CHANGE_MOVED, /* one type, elsewhere: as large as it was, or with no byte where it was */
	CHANGE_GREW,  /* one type; one of the ends, or both, are elsewhere */
	CHANGE_SHRANK,
	CHANGE_APPEARED, /* nothing, or RAM, was there, or what is elsewhere now */
	CHANGE_VANISHED, /* nothing, or RAM, is there now, or what was elsewhere */
	CHANGE_RETYPED,  /* not RAM before nor after, of another type */
};

struct change {
	enum change_kind kind;
	/* Empty where it appeared, or vanished. Where a part of a range did, or was retyped, that
	 * part; and if the rest grew or shrank, the rest is what did. */
	struct e820_range before;
	struct e820_range after;
	/* Moved: by how many pages (which way, the starts say). Grew, shrank: by how many. Else:
	 * how many it has. A part of a page counts as one. */
	uint64_t n_pages;
	bool is_consequence; /* RAM that gives way to, or follows, what changed beside it */
};

/* The caller's buffer. */
struct change_list {
	struct change *entries;
	size_t n_entries;
	size_t capacity;
};

/* Enough room for what e820_changes() can find between maps of so many ranges, and its scratch
 * space, in bytes. */
size_t changes_most(size_t n_before, size_t n_after);
size_t changes_scratch_bytes(size_t n_before, size_t n_after);

/*
 * Fill @list with the changes from @before to @after, both sanitized, sorted by address (that
 * after, or else that before). Each byte whose type differs is in at least one change. Empty when,
 * and only when, the maps are equal.
 *
 * Which ranges are pairs, and so moved, grew or shrank, pairing.c says. What pairs do not explain
 * was retyped, if neither is RAM: a range that is cut by one of another type did not shrink. The
 * rest appeared or vanished.
 *
 * @scratch is aligned to 8 bytes. MAP_FULL, MAP_NO_SCRATCH as in e820.h. O(n log n).
 */
enum map_err e820_changes(const struct e820_map *before, const struct e820_map *after,
                          struct change_list *list, void *scratch, size_t scratch_bytes);

/* "moved", "grew", ... */
const char *change_kind_name(enum change_kind kind);

#endif
