/* gaps.c - marks of lines that are not there, and the faults that come of them: see gaps.h. */
#include "mapdiff/read/gaps.h"

#include <ctype.h>
#include <string.h>

#include "bootmem/count.h"
#include "mapdiff/read/between.h"

#define MOST_MARK  76  /* bytes of a mark: as wide as scissors are drawn in a mail */
#define MOST_LOST  200 /* bytes in which a logger says it */
#define MOST_BARE  32  /* behind a time, without anything around it */
#define MOST_WORD  12
#define MOST_WORDS 4   /* of a mark without anything around it: else it is a sentence, */
#define MOST_IDLE  8   /* of what says nothing of a kernel; behind a subject, */
#define MOST_MORE  3   /* one of these is of a mark */
#define MOST_SAID  10  /* of which one is a mark if it has two such words */
#define NEAR_LINES 2   /* between a map and what a logger says of it */
#define FAR_LINES  256 /* behind the last line of a map: what stands there is not among them */
#define MOST_RESTS 3   /* lines that a line of a log was broken into, beside the first */

/* --- loggers --- */

/* What loggers say, all of the texts of a row in one line: printk() of a console until 4.14 has the
 * next message behind it; systemd-journald; rsyslog's imjournal and imuxsock; syslog-ng. */
static const char *const losses[][2] = {
	{ "messages dropped **", "" },     { "Missed ", " kernel messages" },
	{ "missed ", " messages" },        { "Suppressed ", " messages" },
	{ " messages lost", "" },          { " messages were lost", "" },
	{ "lost ", " messages" },          { "begin to drop messages", "" },
	{ "begins to drop messages", "" }, { "dropping message", "" },
	{ "dropped ", " messages" },       { "messages dropped", "" },
	{ "some messages lost", "" },      { "buffer overrun", "" },
	{ "messages suppressed", "" },
};

/* Quick: most lines have none of these words. */
bool gaps_tells_loss(struct line line)
{
	struct line head = line_head(&line, MOST_LOST), word = head;

	if (!line_find(&word, "essage") && !line_find(&word, "overrun"))
		return false;
	for (size_t i = 0; i < COUNT(losses); i++) {
		struct line rest = head;

		if (line_find(&rest, losses[i][0]) && line_find(&rest, losses[i][1]))
			return true;
	}
	return false;
}

/* --- people --- */

static const char *const mark_words[] = {
	"snip",     "snipped",   "snippet", "cut",         "cutting",   "skip",      "skipped",
	"skipping", "omitted",   "omit",    "omitting",    "truncated", "deleted",   "trimmed",
	"trim",     "elided",    "removed", "stripped",    "missing",   "shortened", "abridged",
	"lines",    "entries",   "etc",     "dropped",     "left",      "clipped",   "crop",
	"cropped",  "continues", "rows",    "schnipp",     "schnipps",  "schnapp",   "schnitt",
	"coupe",    "corte",     "cortado", "recortado",   "tagliato",  "omissis",   "knip",
	"klipp",    "cetera",    "usw",     "ausgelassen",
};

/* The next word of letters; false if there is none. */
static bool take_word(struct line *line, char *ret_word)
{
	size_t n = 0;

	while (line->bytes > 0 && !isalpha(line_first(line)))
		line_move(line, 1);
	while (isalpha(line_first(line))) {
		if (n < MOST_WORD)
			ret_word[n++] = (char)tolower(line_first(line));
		line_move(line, 1);
	}
	ret_word[n] = '\0';
	return n > 0;
}

/* How many words @line has, and how many of them are of a mark. */
static size_t count_words(struct line line, size_t *ret_n_marks)
{
	char word[MOST_WORD + 1];
	size_t n = 0;

	for (*ret_n_marks = 0; take_word(&line, word); n++)
		for (size_t i = 0; i < COUNT(mark_words); i++)
			*ret_n_marks += strcmp(word, mark_words[i]) == 0;
	return n;
}

/* Is one of them of a mark? Without anything around them, they are only a few, or tell what. */
static bool has_mark_word(struct line line, bool is_framed)
{
	size_t n_marks, n = count_words(line, &n_marks);

	return n_marks > 0 && (is_framed || n <= MOST_WORDS || (n_marks > 1 && n <= MOST_SAID));
}

/* Tags of forums, and what others put there. */
static const char *const tags[] = {
	"code", "quote", "list", "pre",  "spoiler", "noparse", "hide",   "font",      "center",
	"bash", "php",   "text", "log",  "plain",   "console", "shell",  "noformat",  "img",
	"url",  "edit",  "xen",  "info", "edited",  "swapper", "sudo",   "initramfs", "kern",
	"drm",  "ok",    "null", "gdb",  "serial",  "dmesg",   "kernel",
};

static bool is_tag(struct line line)
{
	char word[MOST_WORD + 1];

	if (line_first(&line) == '/') /* it ends */
		return true;
	if (!take_word(&line, word))
		return false;
	for (size_t i = 0; i < COUNT(tags); i++)
		if (strcmp(word, tags[i]) == 0)
			return true;
	return false;
}

/* A word has two letters, of any language: in UTF-8, or in Latin-1. */
static bool has_word(struct line line)
{
	for (; line.bytes > 1; line_move(&line, 1))
		if ((isalpha(line_first(&line)) && isalpha((unsigned char)line.start[1])) ||
		    line_first(&line) >= 0x80)
			return true;
	return false;
}

static bool has_any(struct line line, const char *const *texts, size_t n_texts)
{
	for (size_t i = 0; i < n_texts; i++) {
		struct line rest = line;

		if (line_find(&rest, texts[i]))
			return true;
	}
	return false;
}

/* What is between @open and @close, if that is all of @line. */
static bool take_inner(struct line *line, const char *open, const char *close)
{
	size_t n = strlen(close);

	if (!line_take(line, open) || line->bytes <= n || memcmp(line_end(line) - n, close, n) != 0)
		return false;
	line->bytes -= n;
	return true;
}

/* Nothing but words in brackets, in whatever language. Groups of loggers have colons: times. HTML
 * has tags like that, which are ASCII. Lines of maps end in parentheses: "(0MB)", "(usable)". */
static bool is_enclosed(struct line line)
{
	static const char *const pairs[][2] = {
		{ "[", "]" },
		{ "{", "}" },
		{ "\xef\xbc\x88", "\xef\xbc\x89" }, /* of full width */
		{ "\xe3\x80\x90", "\xe3\x80\x91" },
	};
	struct line html = line;

	for (size_t i = 0; i < COUNT(pairs); i++)
		if (take_inner(&line, pairs[i][0], pairs[i][1]))
			return has_word(line) && !is_tag(line) &&
			       !has_any(line, (const char *const[]){ ":", "=", "]", "|" }, 4);
	if (!take_inner(&html, "<", ">"))
		return false;
	while (line_first(&html) != '\0' && line_first(&html) < 0x80)
		line_move(&html, 1);
	return html.bytes > 0;
}

static bool has_letters(struct line line)
{
	while (line.bytes > 0 && !isalnum(line_first(&line)))
		line_move(&line, 1);
	return line.bytes > 0;
}

/* Also as one character of UTF-8: down, and in the middle. markup_decode() has the usual one. */
static bool has_dots(struct line line)
{
	static const char *const dots[] = { "..", "\xe2\x8b\xae", "\xe2\x8b\xaf", ". ." };

	return has_any(line, dots, COUNT(dots));
}

static bool has_scissors(struct line line)
{
	static const char *const scissors[] = { "8<", ">8",           "%<",
		                                ">%", "\xe2\x9c\x82", "\xe2\x9c\x84" };

	return has_any(line, scissors, COUNT(scissors));
}

/* "[    0.000000]": digits, but no word, and no dots for lines. */
static bool skip_stamp(struct line *line)
{
	struct line rest = *line, digits;

	if (!line_take(&rest, "["))
		return false;
	digits = rest;
	line_skip(&rest, "0123456789 :.,-+TZ");
	digits.bytes -= rest.bytes;
	if (!has_letters(digits) || !line_take(&rest, "]"))
		return false;
	*line = rest;
	return true;
}

static struct line strip_all(struct line line, const char *set)
{
	do
		line_skip(&line, set);
	while (skip_stamp(&line));
	return line_until(&line, line_end(&line));
}

/* Behind quotes and stamps; without blanks at its end. */
static struct line strip_frame(struct line line)
{
	return strip_all(line, " \t>|`\"\r");
}

/* Behind what may be prompts, too. */
static struct line strip(struct line line)
{
	return strip_all(line, " \t>|`\"#\r");
}

/* ">8" alone looks like a quote. */
static bool is_half_scissors(struct line line)
{
	line_skip(&line, " -");
	return line_take(&line, ">8") && !has_letters(line);
}

static bool is_framed(const struct line *line)
{
	return strchr("[(<{-.*=~_+:/", line_first(line)) != NULL;
}

static bool has_more(struct line line)
{
	char word[MOST_WORD + 1];

	while (take_word(&line, word))
		if (strcmp(word, "more") == 0 || strcmp(word, "rest") == 0)
			return true;
	return false;
}

/* What a kernel prints itself is longer, or has nothing around it: "-- snip --", "(many more)",
 * "...more...", "20 more lines". */
static bool is_mark_of_message(struct line line)
{
	struct line cut_here = line;
	size_t n_marks, n = count_words(line, &n_marks);
	bool is_enclosed = is_framed(&line) && strchr("])>}-.*=~_+:/", line_end(&line)[-1]) != NULL;
	bool has_dots_around = has_dots(line_head(&line, 3)) && line_end(&line)[-1] == '.';

	n_marks += has_more(line);
	if (n > MOST_WORDS || line_find(&cut_here, "[ cut here ]"))
		return false;
	return (is_enclosed && (n_marks > 0 || (n > 0 && has_dots_around))) ||
	       (n_marks > 1 && memchr(line.start, ':', line.bytes) == NULL);
}

/* A line that is a mark and nothing else, behind what strip() takes off. */
static bool is_mark(struct line line, bool is_message)
{
	struct line hex = line;

	if (line.bytes == 0 || line.bytes > MOST_MARK || line_find(&hex, "0x"))
		return false;
	if (has_scissors(line) || is_enclosed(line))
		return true;
	if (!has_letters(line)) /* a dot alone: three of such lines, or one character for three */
		return has_dots(line) || memchr(line.start, '.', line.bytes) != NULL;
	if (between_is_less(line))
		return false;
	if (is_message)
		return (strchr("[<(", line.start[0]) != NULL && has_dots(line_head(&line, 5))) ||
		       (memchr(line.start, ' ', line.bytes) == NULL && has_mark_word(line, true)) ||
		       is_mark_of_message(line);
	return (is_framed(&line) && has_dots(line_head(&line, 5))) ||
	       has_mark_word(line, is_framed(&line));
}

bool gaps_is_mark(struct line line, bool is_message)
{
	if (line.bytes == 0 ||
	    (is_message && isalnum(line_first(&line)) && line.bytes > MOST_BARE)) /* mostly */
		return false;
	return is_half_scissors(line) || is_mark(strip(line), is_message);
}

static bool has_digit_or_colon(struct line line)
{
	for (; line.bytes > 0; line_move(&line, 1))
		if (isdigit(line_first(&line)) || line_first(&line) == ':')
			return true;
	return false;
}

/* Without a subject or a number, and a kernel's all the same. */
static const char *const short_messages[] = {
	"Disabled fast string operations",
	"Kernel memory protection disabled",
	"[ cut here ]",
	"*** DEADLOCK ***",
	"Intel GenuineIntel",
	"AMD AuthenticAMD",
	"Hygon HygonGenuine",
	"Centaur CentaurHauls",
	"zhaoxin   Shanghai",
};

/* "----", "same as above", "ACPI: and more": a kernel's few words have a subject before a colon, or
 * a number; what it draws between its reports is as wide as they are. */
bool gaps_says_nothing(struct line message)
{
	struct line words = strip_frame(message);
	static const char *const idle[] = { "so on", "so forth" };
	size_t n_marks;

	if (words.bytes == 0 || has_any(words, short_messages, COUNT(short_messages)))
		return false;
	if (!has_letters(words))
		return words.bytes <= MOST_BARE;
	if (!has_word(words))
		return words.bytes < 3;
	if (line_find(&words, ": "))
		return count_words(words, &n_marks) <= MOST_MORE &&
		       (n_marks > 0 || has_more(words) || has_any(words, idle, COUNT(idle)));
	if (line_take(&words, "lines "))
		return !between_is_less(message);
	return !has_digit_or_colon(words) && count_words(words, &n_marks) <= MOST_IDLE;
}

/* Behind the time of a kernel's line or Xen's, as dmesg and journalctl write it in many ways;
 * nothing where there is none: other programs say what they like. */
static struct line behind_time(struct line line)
{
	struct line whole = line, word;
	bool has_time;

	line_skip(&line, " \t>|`");
	has_time = line_take(&line, "(XEN) ");
	while (line_first(&line) == '[' && line_find(&line, "] ")) {
		has_time = line_take(&line, "] ");
		line_skip_blanks(&line);
	}
	word = line;
	if (isdigit(line_first(&word)) && line_skip(&word, "0123456789-") == 10 &&
	    line_take(&word, "T") && line_find(&word, " ")) {
		has_time = true;
		line = word;
	}
	return has_time ? line : line_until(&whole, whole.start);
}

enum gap gaps_find(struct line line)
{
	if (gaps_tells_loss(line))
		return GAP_LOST;
	if (gaps_is_mark(line, false))
		return GAP_ELIDED;
	if (between_is_log(line))
		return gaps_says_nothing(behind_time(line)) ? GAP_DOUBT : GAP_NONE;
	return between_is_furniture(strip_frame(line)) ? GAP_NONE : GAP_DOUBT;
}

enum gap gaps_find_told(struct line line)
{
	enum gap gap = gaps_find(line);

	return gap == GAP_DOUBT ? GAP_NONE : gap;
}

/* --- faults --- */

/* What a logger says of it, without the host that is before that. */
static struct line said(struct line line)
{
	struct line rest = line;

	for (size_t i = 0; i < COUNT(losses); i++) {
		struct line found = line_head(&line, MOST_LOST), before = line;

		if (!line_find(&found, losses[i][0]))
			continue;
		before.bytes = (size_t)(found.start - line.start);
		for (; line_find(&before, ": "); line_move(&before, 2))
			rest.start = before.start + 2;
	}
	rest.bytes = (size_t)(line_end(&line) - rest.start);
	return rest;
}

static void blame(struct gaps *gaps, struct record *record, const char *where)
{
	line_fault(record, &gaps->mark,
	           memory_printf("lines were %s here, %s",
	                         gaps->kind == GAP_LOST ? "lost" : "left out", where));
	gaps->kind = GAP_NONE;
}

/* What is no mark is no line of the map either. */
static void blame_middle(struct gaps *gaps, struct record *record)
{
	if (gaps->kind == GAP_ELIDED) {
		blame(gaps, record, "in the middle of the map");
		return;
	}
	line_fault(record, &gaps->mark,
	           "this stands in the middle of the map and is no line of it: lines may be "
	           "missing here");
}

static void blame_loss(struct gaps *gaps, struct record *record)
{
	blame(gaps, record, "in a map or next to it");
}

bool gaps_is_open(const struct gaps *gaps, const struct line *line)
{
	return gaps->last_line > 0 && line->number <= gaps->last_line + FAR_LINES;
}

void gaps_note(struct gaps *gaps, struct record *record, const struct line *line, enum gap gap)
{
	bool is_near = gaps->last_line > 0 && line->number <= gaps->last_line + NEAR_LINES;

	if (gap == GAP_DOUBT && gaps->is_broken && gaps->n_rests++ < MOST_RESTS)
		gap = GAP_NONE;
	else if (line->bytes > 0) {
		gaps->is_broken = gap == GAP_NONE;
		gaps->n_rests = 0;
	}
	if (gap > gaps->kind) {
		gaps->kind = gap;
		gaps->mark = strip(gap == GAP_LOST ? said(*line) : *line);
		gaps->is_behind = gaps->is_fresh;
	}
	gaps->is_fresh &= line->bytes == 0 || gap >= GAP_ELIDED;
	if (gap == GAP_LOST && is_near)
		blame_loss(gaps, record);
}

void gaps_settle(struct gaps *gaps)
{
	if (gaps->kind == GAP_DOUBT)
		gaps->kind = GAP_NONE;
}

void gaps_take(struct gaps *gaps, struct record *record, const struct line *line, bool begins)
{
	bool is_near = line->number <= gaps->mark.number + NEAR_LINES;
	bool is_first = gaps->last_line == 0;

	if (is_first) /* what is in doubt is this line */
		gaps->mark = *line;
	if (gaps->kind == GAP_LOST && (!is_first || is_near))
		blame_loss(gaps, record);
	else if (gaps->kind > GAP_NONE && gaps->kind < GAP_LOST && !is_first)
		blame_middle(gaps, record);
	else if (gaps->kind == GAP_ELIDED && is_near && !begins)
		blame(gaps, record, "and the map may have begun before");
	gaps->kind = GAP_NONE;
	gaps->is_fresh = true;
	gaps->is_broken = false;
	gaps->last_line = line->number;
}

void gaps_end(struct gaps *gaps, struct record *record)
{
	if (gaps->kind == GAP_ELIDED && gaps->is_behind)
		blame(gaps, record, "and the map may go on");
}
