/* markup.c - escapes, tags and entities: see markup.h. */
#include "mapdiff/read/plain/markup.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "bootmem/count.h"
#include "mapdiff/read/line.h"

#define MOST_NAME 8   /* "spoiler" */
#define MOST_TAG  400 /* "<span class=..." */

/* ESC ] ... BEL: the title of a window, the context of a command. ESC \ ends it as well. */
static void skip_terminal_string(const struct line *text, size_t *at)
{
	while (*at < text->bytes && text->start[*at] != '\n' && text->start[*at] != '\033' &&
	       text->start[*at] != '\a')
		++*at;
	if (!line_take(text, at, "\a"))
		line_take(text, at, "\033\\");
}

/* Behind ESC: a control sequence has parameters before its final byte, the others have not.
 * ECMA-48 §5.4, ECMA-35 §13.2. */
static void skip_escape(const struct line *text, size_t *at)
{
	char last_parameter;

	if (line_take(text, at, "]")) {
		skip_terminal_string(text, at);
		return;
	}
	last_parameter = line_take(text, at, "[") ? '?' : '/';
	while (*at < text->bytes && text->start[*at] >= ' ' && text->start[*at] <= last_parameter)
		++*at;
	if (*at < text->bytes && text->start[*at] >= '0')
		++*at;
}

/* "[33m" and "^[[33m": what is left of a colour where somebody took the ESC out. */
static bool skip_bare_colour(const struct line *text, size_t *at)
{
	size_t i = *at, digits;

	line_take(text, &i, "^[");
	if (!line_take(text, &i, "["))
		return false;
	digits = i;
	while (i < text->bytes && i - digits < 12 &&
	       (isdigit((unsigned char)text->start[i]) || text->start[i] == ';'))
		i++;
	if (i == digits || !line_take(text, &i, "m"))
		return false;
	*at = i;
	return true;
}

static const struct {
	const char *text;
	char becomes;
} entities[] = {
	{ "&gt;", '>' },     { "&lt;", '<' },   { "&amp;", '&' },   { "&quot;", '"' },
	{ "&apos;", '\'' },  { "&#39;", '\'' }, { "&#x27;", '\'' }, { "&#34;", '"' },
	{ "&nbsp;", ' ' },   { "&#160;", ' ' }, { "&#xa0;", ' ' },  { "&#xA0;", ' ' },
	{ "\xc2\xa0", ' ' }, /* a blank that does not break, in UTF-8 */
};

static bool take_entity(const struct line *text, size_t *at, char *ret_becomes)
{
	for (size_t i = 0; i < COUNT(entities); i++) {
		if (line_take(text, at, entities[i].text)) {
			*ret_becomes = entities[i].becomes;
			return true;
		}
	}
	return false;
}

/* Tags of HTML and of BBCode that stand around or in the lines of a log, by what they do to it. */
static const struct markup {
	char open, close;
	const char *ends_name; /* what may stand behind the name of a tag */
	const char *breaks, *cells, *others;
} html = {
	.open = '<',
	.close = '>',
	.ends_name = " \t/>",
	.breaks = " br p div tr li pre ",
	.cells = " td th ",
	.others = " span code a b i em strong font tt mark samp ",
}, bbcode = {
	.open = '[',
	.close = ']',
	.ends_name = "=]",
	.breaks = " code quote spoiler pre hide list ",
	.cells = "",
	.others = " b i color size font tt ",
};

enum tag { TAG_NONE, TAG_OTHER, TAG_CELL, TAG_BREAK };

static enum tag find_tag(const struct markup *markup, const char *name, size_t n)
{
	char word[MOST_NAME + 3];

	snprintf(word, sizeof word, " %.*s ", (int)n, name);
	if (strcasestr(markup->breaks, word) != NULL)
		return TAG_BREAK;
	if (strcasestr(markup->cells, word) != NULL)
		return TAG_CELL;
	return strcasestr(markup->others, word) != NULL ? TAG_OTHER : TAG_NONE;
}

/* "<br />", "</span>", "<td class=...>", "[code]", "[quote="joe"]"; what looks like one and is none
 * stays. */
static enum tag take_tag(const struct line *text, size_t *at)
{
	const struct markup *markup = text->start[*at] == html.open ? &html : &bbcode;
	const char ends[] = { markup->open, markup->close, '\n', '\0' };
	size_t i = *at + 1, name;
	enum tag tag;

	line_take(text, &i, "/");
	for (name = i; i < text->bytes && isalpha((unsigned char)text->start[i]);)
		i++;
	if (i == name || i - name > MOST_NAME || i == text->bytes ||
	    strchr(markup->ends_name, text->start[i]) == NULL)
		return TAG_NONE;
	tag = find_tag(markup, text->start + name, i - name);
	while (i < text->bytes && i - name < MOST_TAG && strchr(ends, text->start[i]) == NULL)
		i++;
	if (tag == TAG_NONE || i == text->bytes || text->start[i] != markup->close)
		return TAG_NONE;
	*at = i + 1;
	return tag;
}

/* Text that is made shorter in place. */
struct shortened {
	char *text;
	size_t n_text;
	bool is_in_line; /* the line has more than blanks */
	bool has_break;  /* a tag wants a line end before what comes next, if none comes anyway */
};

static void put(struct shortened *out, char c)
{
	if (c == '\n') {
		out->is_in_line = out->has_break = false;
	} else if (c != ' ' && c != '\t' && c != '\r') {
		if (out->has_break && out->is_in_line)
			out->text[out->n_text++] = '\n';
		out->has_break = false;
		out->is_in_line = true;
	}
	out->text[out->n_text++] = c;
}

/* Something special stands at *at. */
static void decode_special(const struct line *text, size_t *at, struct shortened *out)
{
	char becomes = text->start[*at];

	if (line_take(text, at, "\033")) {
		skip_escape(text, at);
		return;
	}
	if (becomes == '<' || becomes == '[') {
		enum tag tag = take_tag(text, at);

		if (tag == TAG_CELL)
			put(out, ' ');
		out->has_break |= tag == TAG_BREAK;
		if (tag != TAG_NONE)
			return;
	}
	if (skip_bare_colour(text, at))
		return;
	if (!take_entity(text, at, &becomes))
		++*at;
	put(out, becomes);
}

/* What may have to go. */
static bool is_special(char c)
{
	return c == '<' || c == '&' || c == '\033' || c == '[' || c == '^' || c == '\xc2';
}

void markup_decode(struct bytes *bytes)
{
	const struct line text = { bytes->text, bytes->n_text, 0 };
	struct shortened out = { .text = bytes->text };
	size_t at = 0;

	/* What looks like markup in it is text, and in its checksum. */
	if (line_take(&text, &at, "bootmem-capture "))
		return;
	while (at < text.bytes) {
		if (is_special(text.start[at]))
			decode_special(&text, &at, &out);
		else
			put(&out, text.start[at++]);
	}
	bytes->n_text = out.n_text;
}
