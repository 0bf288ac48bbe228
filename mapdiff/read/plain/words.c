/* words.c - marked words -> two texts: see words.h. */
#include "mapdiff/read/plain/words.h"

#include <ctype.h>
#include <string.h>

#include "bootmem/count.h"

#define LEAST_DIGITS 8 /* of an address */

static const struct {
	const char *open, *close;
} marks[] = { [WORDS_OLD] = { "[-", "-]" }, [WORDS_NEW] = { "{+", "+}" } };

/* Is there an address in @line before @end? */
static bool has_address(struct line line, const char *end)
{
	size_t n = 0;

	for (; line.start < end && n < LEAST_DIGITS; line_move(&line, 1))
		n = isxdigit(line_first(&line)) ? n + 1 : 0;
	return n >= LEAST_DIGITS;
}

/* A word that is an address, or one that another takes the place of at once; or all of a line that
 * has one, and those behind it. */
static bool has_mark(struct line line)
{
	for (enum words_place place = WORDS_OLD; place <= WORDS_NEW; place++) {
		struct line open = line, close;

		if (!line_find(&open, marks[place].open))
			continue;
		if (open.start == line.start && has_address(open, line_end(&open)))
			return true;
		close = open;
		if (line_find(&close, marks[place].close) &&
		    (has_address(open, close.start) || line_take_all(&close, "-] {+")))
			return true;
	}
	return false;
}

bool words_are_in(const struct input *input)
{
	struct line line = { 0 };

	if (memmem(input->text, input->bytes, "-]", 2) == NULL &&
	    memmem(input->text, input->bytes, "+}", 2) == NULL)
		return false;
	while (line_next(input, &line))
		if (has_mark(line))
			return true;
	return false;
}

/* Behind a mark that stands there, if it is one: it opens, or closes what is open. */
static bool take_mark(struct line *line, enum words_place *place)
{
	if (*place != WORDS_COMMON) {
		struct line next;

		if (!line_take(line, marks[*place].close))
			return false;
		next = *line;
		if (line_take(&next, " {+")) /* the blank is wdiff's */
			line_move(line, 1);
		*place = WORDS_COMMON;
		return true;
	}
	for (enum words_place next = WORDS_OLD; next <= WORDS_NEW; next++) {
		if (line_take(line, marks[next].open)) {
			*place = next;
			return true;
		}
	}
	return false;
}

void words_split(struct line line, enum words_place *place, struct bytes ret[2], bool ret_is_in[2])
{
	bool has_marks = *place != WORDS_COMMON;

	ret_is_in[0] = ret_is_in[1] = false;
	while (line.bytes > 0) {
		const char *c = line.start;

		if (take_mark(&line, place)) {
			has_marks = true;
			continue;
		}
		line_move(&line, 1);
		for (int side = 0; side < 2; side++) {
			if (*place != WORDS_COMMON && (*place == WORDS_OLD) != (side == 0))
				continue;
			memory_append_text(&ret[side], c, 1);
			ret_is_in[side] |= !isspace((unsigned char)*c);
		}
	}
	if (!has_marks)
		ret_is_in[0] = ret_is_in[1] = true;
}

/* --- words that git marks by their colour alone --- */

static const struct {
	const char *colour;
	enum words_place place;
} colours[] = { { "\033[31m", WORDS_OLD }, { "\033[32m", WORDS_NEW } };

/* Has a line a colour where none of a diff by lines has one, and a head of git's in colour? */
static bool has_coloured_words(const struct bytes *bytes)
{
	const struct input input = { .text = bytes->text, .bytes = bytes->n_text };
	struct line line = { 0 };
	bool has_head = false;

	if (memmem(bytes->text, bytes->n_text, "\033[36m@@ -", 9) == NULL)
		return false;
	while (line_next(&input, &line)) {
		struct line rest = line;

		has_head |= line_take(&rest, "\033[36m@@ -");
		for (size_t i = 0; i < COUNT(colours) && has_head; i++)
			if (line_take(&rest, colours[i].colour) &&
			    strchr("-+", line_first(&rest)) != NULL)
				return false; /* by lines */
	}
	return true;
}

/* A colour becomes what --word-diff=plain has there: "[-", "{+", and what ends them. */
static bool take_colour(struct line *text, enum words_place *place, const char **ret_mark)
{
	for (size_t i = 0; i < COUNT(colours); i++) {
		if (line_take(text, colours[i].colour)) {
			*place = colours[i].place;
			*ret_mark = marks[*place].open;
			return true;
		}
	}
	if (*place == WORDS_COMMON || !(line_take(text, "\033[m") || line_take(text, "\033[0m")))
		return false;
	*ret_mark = marks[*place].close;
	*place = WORDS_COMMON;
	return true;
}

void words_mark_coloured(struct bytes *bytes)
{
	struct line text = { bytes->text, bytes->n_text, 0 };
	enum words_place place = WORDS_COMMON;
	const char *mark;
	size_t n = 0;

	if (!has_coloured_words(bytes))
		return;
	while (text.bytes > 0) {
		if (take_colour(&text, &place, &mark)) {
			bytes->text[n++] = mark[0]; /* a colour has three bytes at least */
			bytes->text[n++] = mark[1];
		} else {
			bytes->text[n++] = text.start[0];
			line_move(&text, 1);
		}
	}
	bytes->n_text = n;
}
