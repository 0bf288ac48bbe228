/* quotes.c - own and quoted lines: see quotes.h. */
#include "mapdiff/read/plain/quotes.h"

#include <ctype.h>
#include <string.h>

#include "mapdiff/read/between.h"
#include "mapdiff/read/gaps.h"

#define LEAST_DIGITS 8 /* of an address in a map */
#define MOST_RESTS   3 /* lines that one quoted line was broken into, beside the first */
#define MOST_BLANK   8 /* blank lines before these, which quoted-printable text may have */

static bool is_quoted(struct line line)
{
	line_skip_blanks(&line);
	return line_first(&line) == '>';
}

/* Can it be a line of a map? It has an address then. */
static bool has_address(struct line line)
{
	size_t n = 0;

	for (; line.bytes > 0 && n < LEAST_DIGITS; line_move(&line, 1))
		n = isxdigit(line_first(&line)) ? n + 1 : 0;
	return n >= LEAST_DIGITS;
}

/* Is the line one of a log, no rest of one, and no mark of what was left out? */
static bool is_of_log(struct line line)
{
	return memchr(line.start, ':', line.bytes) != NULL && !gaps_is_mark(line, false) &&
	       (has_address(line) || between_is_log(line) || between_is_message(line));
}

static enum quotes look(const struct input *input)
{
	bool has[2] = { false, false }; /* own, quoted */
	struct line line = { 0 };

	if (memchr(input->text, '>', input->bytes) == NULL)
		return QUOTES_NONE;
	while (!(has[0] && has[1]) && line_next(input, &line))
		if (!has[is_quoted(line)])
			has[is_quoted(line)] = has_address(line);
	return !has[1] ? QUOTES_NONE : has[0] ? QUOTES_MIXED : QUOTES_ALL;
}

static void add(struct bytes *bytes, const struct line *line, bool is_there)
{
	memory_append_text(bytes, line->start, is_there ? line->bytes : 0);
	memory_append_text(bytes, "\n", 1);
}

enum quotes quotes_split(const struct input *input, struct bytes *ret_own, struct bytes *ret_quoted)
{
	enum quotes quotes = look(input);
	struct line line = { 0 };
	size_t n_rests = MOST_RESTS, n_blank = 0;

	while (quotes == QUOTES_MIXED && line_next(input, &line)) {
		bool is_own = !is_quoted(line), is_rest;

		n_blank = line.bytes == 0 ? n_blank + 1 : 0;
		n_rests = !is_own                ? 0
		          : n_blank > MOST_BLANK ? MOST_RESTS + 1
		                                 : n_rests + (line.bytes > 0);
		is_rest = is_own && n_rests <= MOST_RESTS && !is_of_log(line);
		add(ret_own, &line, is_own);
		add(ret_quoted, &line, !is_own || is_rest);
	}
	return quotes;
}
