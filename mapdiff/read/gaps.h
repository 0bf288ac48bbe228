/*
 * gaps.h - lines that say that others are not there -> a fault of the map that they were of.
 *
 * People leave lines out of what they post, and mark the place; loggers that cannot keep up lose
 * some, and say so. Of such a map nothing follows: what is not there may be what moved.
 */
#ifndef MAPDIFF_READ_GAPS_H
#define MAPDIFF_READ_GAPS_H

#include "mapdiff/read/line.h"

/* From the least telling one on. */
enum gap {
	GAP_NONE,
	GAP_DOUBT,  /* nothing says so, but in a map there is no other reason for the line */
	GAP_ELIDED, /* a person left lines out: "[...]", "<snip>", "--8<--" */
	GAP_LOST,   /* a logger or a console lost some */
};

/* Does @line, which is no line of a map, say that lines are not there? */
enum gap gaps_find(struct line line);

/* The same, without doubt: of a map whose lines tell themselves that one is missing. */
enum gap gaps_find_told(struct line line);

/* The two ways to say so, alone. @is_message: what is left of a kernel's, which may have such words
 * in it for other reasons. */
bool gaps_is_mark(struct line line, bool is_message);
bool gaps_tells_loss(struct line line);

/* Is @message, what is left of a line with a log's time, nothing that a kernel prints while it
 * lists its map? No word, or a few that are of no subject. */
bool gaps_says_nothing(struct line message);

/* The gaps of a map while it is read. All zero: there is no line of it yet. */
struct gaps {
	enum gap kind;           /* of a gap that is not blamed yet */
	struct line mark;        /* what says so */
	bool is_behind;          /* the mark follows the last line of the map at once */
	bool is_fresh;           /* nothing but blank lines came behind that line */
	bool is_broken;          /* the last line was another's, and may have been broken, */
	unsigned n_rests;        /* into so many lines behind it */
	unsigned long last_line; /* of the map */
};

/* May @line, which comes next, stand among those of the map? */
bool gaps_is_open(const struct gaps *gaps, const struct line *line);

/* Note @line, which is no line of the map, and of which @gap is said. What a logger lost close to
 * the map may be of it: a fault of @record. */
void gaps_note(struct gaps *gaps, struct record *record, const struct line *line, enum gap gap);

/* No line is missing where the next one comes: what was in doubt before it, by what stands there
 * alone, is not. */
void gaps_settle(struct gaps *gaps);

/* @line is of the map. If lines are not there between it and the one before, that is a fault of
 * @record. @begins: the map can have had none before it. */
void gaps_take(struct gaps *gaps, struct record *record, const struct line *line, bool begins);

/* The map is over: a fault, if a mark follows its last line at once, so that it may have had
 * more. */
void gaps_end(struct gaps *gaps, struct record *record);

#endif
