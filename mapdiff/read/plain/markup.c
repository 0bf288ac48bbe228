/* markup.c - escapes, tags and entities: see markup.h. */
#include "mapdiff/read/plain/markup.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "bootmem/count.h"
#include "mapdiff/read/line.h"

#define MOST_NAME 8   /* "spoiler" */
#define MOST_TAG  400 /* "<span class=..." */

/* Behind ESC: a control sequence has parameters before its final byte, the others have not.
 * ECMA-48 §5.4, ECMA-35 §13.2. */
static void skip_escape(struct line *text)
{
	int last_parameter;

	if (line_take(text, "]")) { /* the title of a window, up to BEL or ESC \ */
		while (text->bytes > 0 && strchr("\n\033\a", text->start[0]) == NULL)
			line_move(text, 1);
		if (!line_take(text, "\a"))
			line_take(text, "\033\\");
		return;
	}
	last_parameter = line_take(text, "[") ? '?' : '/';
	while (line_first(text) >= ' ' && line_first(text) <= last_parameter)
		line_move(text, 1);
	if (line_first(text) >= '0')
		line_move(text, 1);
}

/* "[33m" and "^[[33m": what is left of a colour where somebody took the ESC out. */
static bool skip_bare_colour(struct line *text)
{
	struct line rest = *text;
	size_t n;

	line_take(&rest, "^[");
	if (!line_take(&rest, "["))
		return false;
	n = line_skip(&rest, "0123456789;");
	if (n == 0 || n > 12 || !line_take(&rest, "m"))
		return false;
	*text = rest;
	return true;
}

static const struct {
	const char *text;
	char becomes;
} entities[] = {
	{ "&gt;", '>' },     { "&lt;", '<' },    { "&amp;", '&' },    { "&quot;", '"' },
	{ "&apos;", '\'' },  { "&#39;", '\'' },  { "&#x27;", '\'' },  { "&#34;", '"' },
	{ "&nbsp;", ' ' },   { "&#160;", ' ' },  { "&#xa0;", ' ' },   { "&#xA0;", ' ' },
	{ "&hellip;", '.' }, { "&#8230;", '.' }, { "&#x2026;", '.' }, { "\xe2\x80\xa6", '.' },
	{ "\xc2\xa0", ' ' }, /* a blank that does not break, in UTF-8 */
};

static bool take_entity(struct line *text, char *ret_becomes)
{
	for (size_t i = 0; i < COUNT(entities); i++) {
		if (line_take(text, entities[i].text)) {
			*ret_becomes = entities[i].becomes;
			return true;
		}
	}
	return false;
}

/* What a tag does to the line that it stands in. */
enum tag { TAG_NONE, TAG_OTHER, TAG_CELL, TAG_BREAK, TAGS };

/* Tags of HTML and of BBCode that stand around or in the lines of a log. */
static const struct markup {
	char open, close;
	const char *ends_name; /* what may stand behind the name of a tag */
	const char *names[TAGS];
} html = {
	.open = '<',
	.close = '>',
	.ends_name = " \t/>",
	.names[TAG_BREAK] = " br p div tr li pre ",
	.names[TAG_CELL] = " td th ",
	.names[TAG_OTHER] = " span code a b i em strong font tt mark samp ",
}, bbcode = {
	.open = '[',
	.close = ']',
	.ends_name = "=]",
	.names[TAG_BREAK] = " code quote spoiler pre hide list ",
	.names[TAG_CELL] = "",
	.names[TAG_OTHER] = " b i color size font tt ",
};

static enum tag find_tag(const struct markup *markup, struct line name)
{
	char word[MOST_NAME + 3];
	enum tag tag = TAG_BREAK;

	snprintf(word, sizeof word, " %.*s ", (int)name.bytes, name.start);
	while (tag > TAG_NONE && strcasestr(markup->names[tag], word) == NULL)
		tag--;
	return tag;
}

/* "<br />", "</span>", "<td class=...>", "[code]", "[quote="joe"]"; what looks like one and is none
 * stays. */
static enum tag take_tag(struct line *text)
{
	const struct markup *markup = text->start[0] == html.open ? &html : &bbcode;
	const char ends[] = { markup->open, markup->close, '\n', '\0' };
	struct line rest = *text, name;
	enum tag tag;

	line_move(&rest, 1);
	line_take(&rest, "/");
	name = rest;
	while (isalpha(line_first(&rest)))
		line_move(&rest, 1);
	name.bytes -= rest.bytes;
	if (name.bytes == 0 || name.bytes > MOST_NAME || rest.bytes == 0 ||
	    strchr(markup->ends_name, rest.start[0]) == NULL)
		return TAG_NONE;
	tag = find_tag(markup, name);
	while (rest.bytes > 0 && rest.start - name.start < MOST_TAG &&
	       strchr(ends, rest.start[0]) == NULL)
		line_move(&rest, 1);
	if (tag == TAG_NONE || line_first(&rest) != markup->close)
		return TAG_NONE;
	line_move(&rest, 1);
	*text = rest;
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

/* Something special stands there. */
static void decode_special(struct line *text, struct shortened *out)
{
	char becomes = text->start[0];

	if (line_take(text, "\033")) {
		skip_escape(text);
		return;
	}
	if (becomes == '<' || becomes == '[') {
		enum tag tag = take_tag(text);

		if (tag == TAG_CELL)
			put(out, ' ');
		out->has_break |= tag == TAG_BREAK;
		if (tag != TAG_NONE)
			return;
	}
	if (skip_bare_colour(text))
		return;
	if (!take_entity(text, &becomes))
		line_move(text, 1);
	put(out, becomes);
}

/* What may have to go. */
static bool is_special(char c)
{
	return c == '<' || c == '&' || c == '\033' || c == '[' || c == '^' || c == '\xc2' ||
	       c == '\xe2';
}

void markup_decode(struct bytes *bytes)
{
	struct line text = { bytes->text, bytes->n_text, 0 };
	struct shortened out = { .text = bytes->text };

	/* What looks like markup in it is text, and in its checksum. */
	if (line_take(&text, "bootmem-capture "))
		return;
	while (text.bytes > 0) {
		if (is_special(text.start[0])) {
			decode_special(&text, &out);
		} else {
			put(&out, text.start[0]);
			line_move(&text, 1);
		}
	}
	bytes->n_text = out.n_text;
}
