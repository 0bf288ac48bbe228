/*
 * sides.h - the output of diff -> the two texts that it compares, as far as it has them: unified
 * (diff -u, git), plain, side by side (diff -y), by words (wdiff); alone, or in a text that says
 * more.
 */
#ifndef MAPDIFF_READ_PLAIN_SIDES_H
#define MAPDIFF_READ_PLAIN_SIDES_H

#include "mapdiff/read/line.h"

enum { SIDE_BEFORE, SIDE_AFTER, SIDES_OF_DIFF };

/* Two files that were compared. */
struct sides_file {
	const char *name; /* of the second one; NULL: it is not told */
	/* Their lines, where they stand in the diff, behind as many as were before it. */
	unsigned long lines_before;
	struct bytes texts[SIDES_OF_DIFF];
	bool is_whole;                    /* all lines of both are there; else only pieces, */
	MEMORY_LIST(unsigned long, cuts); /* behind these lines of the diff others are missing */
};

struct sides {
	MEMORY_LIST(struct sides_file, files);
	struct bytes rest; /* what is no line of a diff, on the lines where it stood */
};

/* False: there is no diff in @input. Lines that diff -y may have cut off end in LINE_CUT_BY_DIFF.
 */
bool sides_split(const struct input *input, struct sides *sides);

/* Is it, or has it, the output of diff -c? That is not split. */
bool sides_is_context(const struct input *input);

#endif
