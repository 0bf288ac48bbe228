/*
 * sides.c - a diff -> both sides of it: see sides.h.
 *
 * Hunks are taken by the numbers in their heads. A mail program breaks their lines, and a forum
 * eats the blank before a line that both sides have: what has no mark is of both, and not counted.
 * Where somebody left out the heads, lines with a mark tell, if there is a range of addresses in
 * them.
 */
#include "mapdiff/read/plain/sides.h"

#include <ctype.h>
#include <string.h>

#include "bootmem/count.h"
#include "mapdiff/read/plain/markup.h"
#include "mapdiff/read/plain/words.h"

#define LEAST_DIGITS    8  /* of an address */
#define LEAST_COLUMN    20 /* of the second text of diff -y */
#define MOST_COLUMN     600
#define LEAST_VOTES     2 /* lines that have it there */
#define GUTTER          10 /* columns before it, at most, in which nothing of the first text is cut */
#define TEXT_BLANKS     4 /* before a line are none of it: Markdown */
#define CUT_BLANKS      2 /* that a half may have had at its end, where it was cut off */
#define TAB_COLUMNS     8
#define LEAST_SEPARATOR 20
#define MOST_RESTS      2  /* lines that the last of a hunk was broken into, beside the first */
#define MOST_REST       40 /* bytes of such a line */
#define MOST_RANGE      76 /* or of one that begins with a range */

/* --- lines --- */

struct splitting {
	const struct input *input;
	struct sides *sides;
	struct line line; /* the last one that was taken */
};

/* What is before each line of a diff that stands in a mail's quote, a list, a block of code. */
static struct line take_frame(struct line *line)
{
	struct line frame = *line;

	line_skip(line, "> \t|");
	frame.bytes -= line->bytes;
	return frame;
}

/* The same @frame is before @line, or what is left of it at the end of an empty one. */
static void skip_frame(struct line *line, struct line frame)
{
	while (frame.bytes > 0 && line->bytes > 0 && frame.start[0] == line->start[0]) {
		line_move(&frame, 1);
		line_move(line, 1);
	}
}

/* An address, with 0x or without; the line starts behind it. */
static bool take_address(struct line *line)
{
	struct line digits = *line;

	line_take(&digits, "0x");
	if (line_skip(&digits, "0123456789abcdefABCDEF") < LEAST_DIGITS)
		return false;
	*line = digits;
	return true;
}

/* Where the address starts that ends before @dash, which points into @line. */
static const char *address_before(const struct line *line, const char *dash)
{
	const char *start = dash;

	while (start > line->start && start[-1] == ' ')
		start--;
	while (start > line->start && isxdigit((unsigned char)start[-1]))
		start--;
	if (start >= line->start + 2 && start[-1] == 'x' && start[-2] == '0')
		start -= 2;
	return start;
}

/* Where the first range of addresses in @line starts, "0x1000-0x1fff" or "1000 - 1fff". */
static bool find_range(struct line *line)
{
	const char *dash = line->start, *end = line_end(line);

	while (dash < end && (dash = memchr(dash, '-', (size_t)(end - dash))) != NULL) {
		struct line rest = *line;

		line_move(&rest, (size_t)(address_before(line, dash) - line->start));
		*line = rest;
		if (take_address(&rest) && line_take_all(&rest, " - ") && take_address(&rest))
			return true;
		line_move(line, (size_t)(++dash - line->start));
	}
	return false;
}

static bool has_range(struct line line)
{
	return find_range(&line);
}

static void add_line(struct bytes *bytes, struct line line)
{
	memory_append_text(bytes, line.start, line.bytes);
	memory_append_text(bytes, "\n", 1);
}

static const struct line no_line, cut_off = { (const char[]){ LINE_CUT_BY_DIFF }, 1, 0 };

/* A line of the diff: of the sides in @sides, a bit each; of none, if it is not of the texts. */
static void add_to_sides(struct splitting *splitting, struct line line, unsigned sides)
{
	struct sides_file *file = &splitting->sides->files[splitting->sides->n_files - 1];

	for (size_t side = 0; side < SIDES_OF_DIFF; side++)
		add_line(&file->texts[side], (sides & 1U << side) != 0 ? line : no_line);
	add_line(&splitting->sides->rest, no_line);
}

enum { BEFORE = 1U << SIDE_BEFORE, AFTER = 1U << SIDE_AFTER };

/* From the line behind the last one on, another pair of files is compared. */
static struct sides_file *begin_file(struct splitting *splitting, const char *name)
{
	struct sides_file *file = MEMORY_ADD(splitting->sides, files);

	*file = (struct sides_file){ .name = name, .lines_before = splitting->line.number };
	return file;
}

/* Text between two hunks of a file: its lines have to be counted. */
static void add_rest(struct splitting *splitting, struct line line)
{
	struct sides *sides = splitting->sides;

	if (sides->n_files > 0)
		for (size_t side = 0; side < SIDES_OF_DIFF; side++)
			add_line(&sides->files[sides->n_files - 1].texts[side], no_line);
	add_line(&sides->rest, line);
}

/* Behind the last line others are missing. */
static void add_cut(struct splitting *splitting)
{
	struct sides *sides = splitting->sides;

	*MEMORY_ADD(&sides->files[sides->n_files - 1], cuts) = splitting->line.number;
}

/* A hunk begins behind the last line, of a file that goes on, or of the next one. */
static void begin_hunk(struct splitting *splitting)
{
	struct sides *sides = splitting->sides;

	if (sides->n_files > 0) {
		add_to_sides(splitting, no_line, 0);
	} else {
		begin_file(splitting, NULL);
		add_line(&sides->rest, no_line);
	}
	add_cut(splitting);
}

/* Lines behind the last one of a hunk are no rest of a text, but may be that of its last line. */
static void end_hunk(struct splitting *splitting)
{
	struct sides *sides = splitting->sides;

	add_cut(splitting);
	for (size_t n = 0; n < MOST_RESTS; n++) {
		struct line next = splitting->line;

		if (!line_next(splitting->input, &next) || !isalnum(line_first(&next)) ||
		    next.bytes > MOST_REST)
			return;
		splitting->line = next;
		for (size_t side = 0; side < SIDES_OF_DIFF; side++)
			add_line(&sides->files[sides->n_files - 1].texts[side], next);
		add_line(&sides->rest, next);
	}
}

/* --- diff -u --- */

/* "1,9", or "1", which is "1,1". */
static bool take_extent(struct line *line, uint64_t *ret_first, uint64_t *ret_n)
{
	*ret_n = 1;
	return line_take_decimal(line, ret_first) &&
	       (!line_take(line, ",") || line_take_decimal(line, ret_n));
}

/* "@@ -1,9 +1,9 @@". */
static bool is_hunk(struct line line, struct line *ret_frame, uint64_t n[SIDES_OF_DIFF])
{
	uint64_t first;

	*ret_frame = take_frame(&line);
	return line_take(&line, "@@ -") && take_extent(&line, &first, &n[SIDE_BEFORE]) &&
	       line_take(&line, " +") && take_extent(&line, &first, &n[SIDE_AFTER]) &&
	       line_take(&line, " @@");
}

/* Of which sides a line of a hunk is; the line starts behind its mark. */
static unsigned take_mark(struct line *line)
{
	if (line_take(line, "-"))
		return BEFORE;
	if (line_take(line, "+"))
		return AFTER;
	line_take(line, " ");
	return BEFORE | AFTER;
}

/* Is it the rest of the line before it, which a mail program broke? It has no time, and a range at
 * its start at most. */
static bool is_rest(struct line line)
{
	struct line range = line;
	bool is_range = line_take(&range, "0x");

	return line.bytes > 0 && line.bytes <= (is_range ? MOST_RANGE : MOST_REST) &&
	       isalnum(line_first(&line)) && memchr(line.start, ':', line.bytes) == NULL &&
	       (is_range || !line_find(&range, "0x"));
}

static void read_hunk(struct splitting *splitting, struct line frame, uint64_t n[SIDES_OF_DIFF])
{
	unsigned last = BEFORE | AFTER;

	while ((n[SIDE_BEFORE] > 0 || n[SIDE_AFTER] > 0)) {
		struct line next = splitting->line, line, other_frame;
		uint64_t other[SIDES_OF_DIFF];
		unsigned sides;
		bool is_counted;

		if (!line_next(splitting->input, &next) || is_hunk(next, &other_frame, other))
			return;
		splitting->line = line = next;
		skip_frame(&line, frame);
		is_counted = line.bytes > 0 && strchr("-+ ", line_first(&line)) != NULL;
		if (line_first(&line) == '\\') { /* "\ No newline at end of file" */
			add_to_sides(splitting, no_line, 0);
			continue;
		}
		sides = is_rest(line) ? last : take_mark(&line);
		last = sides;
		for (size_t side = 0; side < SIDES_OF_DIFF; side++)
			n[side] -= is_counted && (sides & 1U << side) != 0 && n[side] > 0;
		add_to_sides(splitting, line, sides);
	}
}

/* "+++ b/boot.log	2026-11-22": the second file; "--- a/..." was the line before. */
static bool is_file(struct line line, const char *mark, struct line *ret_name)
{
	struct line frame = take_frame(&line), end;

	(void)frame;
	if (!line_take(&line, mark))
		return false;
	end = line;
	*ret_name = line_until(&line, line_find(&end, "\t") ? end.start : line_end(&line));
	line_take(ret_name, "b/");
	return true;
}

/* --- diff --- */

/* "7,9c7,9", "3a4", "5,6d4". */
static bool is_change(struct line line, struct line *ret_frame, uint64_t n[SIDES_OF_DIFF])
{
	uint64_t first[SIDES_OF_DIFF], last[SIDES_OF_DIFF];
	int kind;

	*ret_frame = take_frame(&line);
	for (size_t side = 0; side < SIDES_OF_DIFF; side++) {
		if (!line_take_decimal(&line, &first[side]))
			return false;
		last[side] = first[side];
		if (line_take(&line, ",") &&
		    (!line_take_decimal(&line, &last[side]) || last[side] < first[side]))
			return false;
		n[side] = last[side] - first[side] + 1;
		if (side == SIDE_BEFORE) {
			kind = line_first(&line);
			if (line.bytes == 0 || strchr("acd", kind) == NULL)
				return false;
			line_move(&line, 1);
		}
	}
	n[SIDE_BEFORE] = kind == 'a' ? 0 : n[SIDE_BEFORE];
	n[SIDE_AFTER] = kind == 'd' ? 0 : n[SIDE_AFTER];
	line_skip_blanks(&line);
	return line.bytes == 0;
}

/* Is the line behind that one of a plain diff? Without it, numbers are no head. */
static bool is_plain_line(const struct splitting *splitting, struct line frame)
{
	struct line next = splitting->line;

	if (!line_next(splitting->input, &next))
		return false;
	skip_frame(&next, frame);
	return line_take(&next, "< ") || line_take(&next, "> ");
}

static void read_change(struct splitting *splitting, struct line frame, uint64_t n[SIDES_OF_DIFF])
{
	unsigned last = 0;

	while (n[SIDE_BEFORE] > 0 || n[SIDE_AFTER] > 0) {
		struct line next = splitting->line, line, other_frame;
		uint64_t other[SIDES_OF_DIFF];

		if (!line_next(splitting->input, &next) || is_change(next, &other_frame, other))
			return;
		splitting->line = line = next;
		skip_frame(&line, frame);
		if (n[SIDE_BEFORE] > 0 && line_take(&line, "<")) {
			n[SIDE_BEFORE]--;
			last = BEFORE;
		} else if (n[SIDE_AFTER] > 0 && line_take(&line, ">")) {
			n[SIDE_AFTER]--;
			last = AFTER;
		} else if (line_take(&line, "---") || line_take(&line, "\\ ")) {
			line = no_line;
		}
		line_take(&line, " ");
		add_to_sides(splitting, line, last); /* without a mark: the rest of that line */
	}
}

/* --- both, by their heads --- */

/* Is there any? Logs have none, and are large. */
static bool has_hunk(const struct splitting *splitting)
{
	struct splitting copy = *splitting;
	struct line frame;
	uint64_t n[SIDES_OF_DIFF];

	while (line_next(copy.input, &copy.line))
		if (is_hunk(copy.line, &frame, n) ||
		    (is_change(copy.line, &frame, n) && is_plain_line(&copy, frame)))
			return true;
	return false;
}

static bool split_hunks(struct splitting *splitting)
{
	struct line before = { 0 }, name, frame;
	uint64_t n[SIDES_OF_DIFF];

	if (!has_hunk(splitting))
		return false;
	while (line_next(splitting->input, &splitting->line)) {
		const struct line line = splitting->line;

		if (is_hunk(line, &frame, n)) {
			begin_hunk(splitting);
			read_hunk(splitting, frame, n);
			end_hunk(splitting);
		} else if (is_change(line, &frame, n) && is_plain_line(splitting, frame)) {
			begin_hunk(splitting);
			read_change(splitting, frame, n);
			end_hunk(splitting);
		} else if (before.start != NULL && is_file(before, "--- ", &name) &&
		           is_file(line, "+++ ", &name)) {
			add_line(&splitting->sides->rest, no_line);
			begin_file(splitting, memory_text(name.start, name.bytes));
		} else {
			add_rest(splitting, line);
		}
		before = line;
	}
	return splitting->sides->n_files > 0;
}

/* --- diff by words --- */

/* What wdiff -3 has between its pieces: others are missing. */
static bool is_separator(struct line line)
{
	return line_skip(&line, "=") >= LEAST_SEPARATOR && line.bytes == 0;
}

/* The last line, of both texts; *n of each are left of its hunk. */
static void add_words(struct splitting *splitting, enum words_place *place,
                      uint64_t n[SIDES_OF_DIFF])
{
	struct sides_file *file = &splitting->sides->files[splitting->sides->n_files - 1];
	bool is_in[SIDES_OF_DIFF];

	words_split(splitting->line, place, file->texts, is_in);
	for (size_t side = 0; side < SIDES_OF_DIFF; side++)
		n[side] -= is_in[side] && n[side] > 0;
	add_to_sides(splitting, no_line, 0); /* it ends */
}

static bool split_words(struct splitting *splitting)
{
	enum words_place place = WORDS_COMMON;
	bool has_hunks = has_hunk(splitting), is_in_hunk = false;
	uint64_t n[SIDES_OF_DIFF] = { 0 };
	struct line frame;

	if (!words_are_in(splitting->input))
		return false;
	begin_file(splitting, NULL);
	while (line_next(splitting->input, &splitting->line)) {
		if (is_hunk(splitting->line, &frame, n)) {
			begin_hunk(splitting);
			is_in_hunk = true;
		} else if (is_separator(splitting->line)) {
			begin_hunk(splitting);
		} else if (has_hunks && !is_in_hunk) {
			add_rest(splitting, splitting->line);
		} else {
			add_words(splitting, &place, n);
			is_in_hunk = n[SIDE_BEFORE] > 0 || n[SIDE_AFTER] > 0;
			if (has_hunks && !is_in_hunk)
				add_cut(splitting);
		}
	}
	return true;
}

/* --- both, without heads --- */

/* Which side the mark of @line, which starts with it, tells; 0: none. "- " and "+ " begin items of
 * lists, bootmem's own among them, and "> " what a mail quotes: that counts where "< " is there. */
static unsigned bare_mark(const struct line *line)
{
	int c = line_first(line), next = line->bytes > 1 ? (unsigned char)line->start[1] : '\0';

	if (c == '-' || c == '+')
		return next != '[' && !isalpha(next) ? 0 : c == '-' ? BEFORE : AFTER;
	return c == '<' && next == ' ' ? BEFORE : 0;
}

/* Python's ndiff has a blank behind its marks, and both of them, and "? " before a line that shows
 * where two differ. */
static bool is_ndiff(const struct input *input)
{
	struct line line = { 0 };
	unsigned marks = 0;

	while (line_next(input, &line)) {
		struct line text = line;

		take_frame(&text);
		if (line_take(&text, "? ")) {
			line_skip(&text, " ^+-");
			if (text.bytes == 0 && marks != 0)
				return true;
		}
		marks |= (line_take(&text, "- ") || line_take(&text, "+ ")) && has_range(text);
	}
	return false;
}

/* The first line with such a mark that has a range. */
static bool find_bare(const struct input *input, struct line *line, struct line *ret_frame)
{
	while (line_next(input, line)) {
		struct line text = *line;

		*ret_frame = take_frame(&text);
		if (bare_mark(&text) != 0 && has_range(text))
			return true;
	}
	return false;
}

static bool split_ndiff(struct splitting *splitting)
{
	if (!is_ndiff(splitting->input))
		return false;
	begin_file(splitting, NULL);
	while (line_next(splitting->input, &splitting->line)) {
		struct line line = splitting->line;
		unsigned sides = line_take(&line, "? ") ? 0 : take_mark(&line);

		line_take(&line, " ");
		add_to_sides(splitting, sides == 0 ? no_line : line, sides);
	}
	return true;
}

static bool split_bare(struct splitting *splitting)
{
	struct line first = { 0 }, frame;
	bool is_plain;

	if (!find_bare(splitting->input, &first, &frame))
		return false;
	is_plain = first.start[frame.bytes] == '<';
	begin_file(splitting, NULL);
	add_cut(splitting);
	while (line_next(splitting->input, &splitting->line)) {
		struct line line = splitting->line;
		unsigned sides;

		skip_frame(&line, frame);
		if (!is_plain)
			sides = take_mark(&line);
		else
			sides = line_take(&line, "<") ? BEFORE : line_take(&line, ">") ? AFTER : 0;
		add_to_sides(splitting, line, sides);
		add_cut(splitting); /* nothing tells what is between two lines */
	}
	return true;
}

/* --- diff -y --- */

static size_t next_column(size_t column, int c)
{
	return c == '\t' ? column - column % TAB_COLUMNS + TAB_COLUMNS : column + 1;
}

/* How many columns @line has before @end. */
static size_t columns_until(const struct line *line, const char *end)
{
	size_t column = 0;

	for (const char *c = line->start; c < end; c++)
		column = next_column(column, (unsigned char)*c);
	return column;
}

/* What was put before each line of diff -y: some blanks may be of its texts. */
static struct line frame_of_columns(const struct line *line)
{
	struct line text = *line, frame = take_frame(&text);
	const char *frame_end = line_end(&frame);

	if (frame.bytes > 0 && memchr(frame.start, '>', frame.bytes) != NULL)
		while (frame_end[-1] != '>' && frame_end - frame.start > 1 && frame_end[-2] != '>')
			frame_end--;
	else if (frame.bytes < TEXT_BLANKS)
		frame_end = frame.start;
	return line_head(&frame, (size_t)(frame_end - frame.start));
}

/* Where the word before @at starts. */
static const char *word_before(const struct line *line, const char *at)
{
	while (at > line->start && at[-1] == ' ')
		at--;
	while (at > line->start && at[-1] != ' ' && at[-1] != '\t')
		at--;
	return at;
}

/* The column at which the second text of @line begins, if it has the same word before its first
 * range as the first one; 0: it has not. All ranges of a kernel have "[mem": the word before it is
 * what tells, "from [mem 0x...] to [mem 0x...]". */
static size_t second_column(const struct line *line)
{
	struct line range = *line, second;
	const char *word;
	size_t column;

	if (!find_range(&range))
		return 0;
	word = word_before(line, range.start);
	if (*word == '[')
		word = word_before(line, word);
	second = range;
	take_address(&second);
	line_take_all(&second, " - ");
	take_address(&second);
	if (!find_range(&second))
		return 0;
	/* The same word, as far before that range. */
	second.start -= range.start - word;
	if (memcmp(word, second.start, (size_t)(range.start - word)) != 0)
		return 0;
	column = columns_until(line, second.start) - columns_until(line, word);
	return column >= LEAST_COLUMN && column < MOST_COLUMN ? column : 0;
}

/* How the lines of diff -y are laid out. */
struct layout {
	struct line frame;
	size_t column; /* of the second text */
	size_t limit; /* columns for a half, if any may have been cut off; else more than any has */
};

/* Both halves of a line, and what is between them. */
struct halves {
	struct line texts[SIDES_OF_DIFF];
	int mark; /* '|', '<', '>'; ' ': they are alike */
};

/* False: it is no line of both. */
static bool halve(struct line text, const struct layout *layout, struct halves *ret)
{
	const struct line *line = &text;
	const size_t column = layout->column;
	struct line *left = &ret->texts[SIDE_BEFORE], *right = &ret->texts[SIDE_AFTER];
	const char *at, *last;
	size_t here = 0;

	skip_frame(&text, layout->frame);
	at = line->start;
	for (; here < column && at < line_end(line); at++)
		here = next_column(here, (unsigned char)*at);
	if (here > column || (here == column && at[-1] != ' ' && at[-1] != '\t'))
		return false;
	*right = (struct line){ at, (size_t)(line_end(line) - at), 0 };
	*right = line_until(right, line_end(right));
	*left = line_until(line, at);
	ret->mark = ' ';
	last = line_end(left) - 1;
	if (left->bytes > 0 && strchr("|<>/\\(", *last) != NULL &&
	    (left->bytes == 1 || last[-1] == ' ' || last[-1] == '\t') &&
	    columns_until(left, last) + GUTTER >= column) {
		ret->mark = (unsigned char)*last;
		*left = line_until(left, last);
	}
	return here == column || ret->mark != ' ';
}

/* The column that the second text of most lines begins at, and what is before the first one; 0:
 * there is none. */
static size_t vote_column(const struct input *input, struct line *ret_frame)
{
	size_t votes[MOST_COLUMN] = { 0 }, n_lines = 0, best = 0;
	struct line line = { 0 };

	while (line_next(input, &line)) {
		struct line text = line, frame = frame_of_columns(&line);
		size_t column;

		skip_frame(&text, frame);
		column = second_column(&text);
		n_lines += column > 0;
		votes[column] += column > 0;
		if (votes[column] > votes[best]) {
			best = column;
			*ret_frame = frame;
		}
	}
	return votes[best] >= LEAST_VOTES && votes[best] * 4 >= n_lines * 3 ? best : 0;
}

/* Two lines of a log may have two ranges at one column: in a diff -y, the column is between the
 * texts of most of the lines that have any. */
static bool divides_lines(const struct input *input, const struct layout *layout)
{
	size_t n_ranges = 0, n_divided = 0;
	struct line line = { 0 };

	while (line_next(input, &line)) {
		struct halves halves;

		if (!has_range(line))
			continue;
		n_ranges++;
		n_divided += halve(line, layout, &halves);
	}
	return n_divided * 4 >= n_ranges * 3;
}

static bool find_layout(const struct input *input, struct layout *ret)
{
	*ret = (struct layout){ 0 };
	ret->column = vote_column(input, &ret->frame);
	return ret->column > 0 && divides_lines(input, ret);
}

static size_t width_of(const struct line *half)
{
	return half->bytes > 0 ? columns_until(half, line_end(half)) : 0;
}

static size_t find_limit(const struct input *input, const struct layout *layout)
{
	struct halves halves;
	struct line line = { 0 };
	size_t most = 0;

	while (line_next(input, &line))
		for (size_t side = 0; side < SIDES_OF_DIFF && halve(line, layout, &halves); side++)
			if (width_of(&halves.texts[side]) > most)
				most = width_of(&halves.texts[side]);
	return most + GUTTER >= layout->column ? most - CUT_BLANKS : MOST_COLUMN;
}

/* A half for @side, which is as in the other text if diff left it out there. */
static void add_half(struct sides_file *file, const struct halves *halves, size_t side,
                     size_t limit)
{
	bool is_left_alone = halves->mark == '(';
	struct line text = halves->texts[is_left_alone ? SIDE_BEFORE : side];

	if (halves->mark == (side == SIDE_BEFORE ? '>' : '<'))
		text = no_line;
	memory_append_text(&file->texts[side], text.start, text.bytes);
	add_line(&file->texts[side],
	         text.bytes > 0 && width_of(&text) >= limit ? cut_off : no_line);
}

static bool split_columns(struct splitting *splitting)
{
	struct layout layout;
	struct sides_file *file;

	if (!find_layout(splitting->input, &layout))
		return false;
	layout.limit = find_limit(splitting->input, &layout);
	file = begin_file(splitting, NULL);
	while (line_next(splitting->input, &splitting->line)) {
		struct halves halves;

		if (!halve(splitting->line, &layout, &halves)) {
			add_to_sides(splitting, splitting->line, BEFORE | AFTER);
			continue;
		}
		for (size_t side = 0; side < SIDES_OF_DIFF; side++)
			add_half(file, &halves, side, layout.limit);
		add_line(&splitting->sides->rest, no_line);
		/* Without any line that both have, they were left out. */
		file->is_whole |= strchr(" (", halves.mark) != NULL;
		add_cut(splitting);
	}
	return true;
}

bool sides_is_context(const struct input *input)
{
	struct line line = { 0 };

	while (line_next(input, &line)) {
		struct line text = line;
		uint64_t first, n;

		take_frame(&text);
		if (line_take(&text, "*** ") && take_extent(&text, &first, &n) &&
		    line_take(&text, " ****"))
			return true;
	}
	return false;
}

typedef bool splitter_fn(struct splitting *splitting);

bool sides_split(const struct input *input, struct sides *sides)
{
	struct line text = { input->text, input->bytes, 0 };
	static splitter_fn *const splitters[] = { split_words, split_hunks, split_columns,
		                                  split_ndiff, split_bare };

	for (size_t i = 0; i < COUNT(splitters) && !markup_is_none(text); i++) {
		struct splitting splitting = { .input = input,
			                       .sides = sides,
			                       .line.number = input->lines_before };

		*sides = (struct sides){ 0 };
		if (splitters[i](&splitting))
			return true;
	}
	return false;
}
