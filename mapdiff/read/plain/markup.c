/* markup.c - escapes, tags and entities: see markup.h. */
#include "mapdiff/read/plain/markup.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "bootmem/count.h"
#include "mapdiff/read/line.h"

#define MOST_NAME 10   /* "blockquote" */
#define MOST_TAG  400  /* "<span class=..." */
#define NOTHING   '\0' /* what a character becomes that is not seen */

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
	{ "&gt;", '>' },         { "&lt;", '<' },     { "&amp;", '&' },   { "&quot;", '"' },
	{ "&apos;", '\'' },      { "&#39;", '\'' },   { "&#x27;", '\'' }, { "&#34;", '"' },
	{ "&nbsp;", ' ' },       { "&#160;", ' ' },   { "&#xa0;", ' ' },  { "&#xA0;", ' ' },
	{ "&lsqb;", '[' },       { "&lbrack;", '[' }, { "&rsqb;", ']' },  { "&rbrack;", ']' },
	{ "&ndash;", '-' },      { "&colon;", ':' },  { "&mdash;", '-' }, { "&minus;", '-' },
	{ "&shy;", NOTHING },    { "&hellip;", '.' }, { "&#8230;", '.' }, { "&#x2026;", '.' },
	{ "\xe2\x80\xa6", '.' },
};

/* Characters that pages and word processors make of others, from the first to the last. */
static const struct {
	uint32_t first, last;
	char becomes;
} characters[] = {
	{ 0xa0, 0xa0, ' ' },         /* a blank that does not break */
	{ 0xad, 0xad, NOTHING },     /* a soft hyphen */
	{ 0x2000, 0x200a, ' ' },     /* blanks of many widths */
	{ 0x200b, 0x200f, NOTHING }, /* of none, and marks of direction */
	{ 0x2010, 0x2015, '-' },     /* dashes */
	{ 0x202f, 0x202f, ' ' },     { 0x2060, 0x2060, NOTHING },
	{ 0x2212, 0x2212, '-' },                                  /* a minus */
	{ 0x3000, 0x3000, ' ' },     { 0xfeff, 0xfeff, NOTHING }, /* a byte order mark */
};

static bool find_character(uint32_t number, char *ret_becomes)
{
	for (size_t i = 0; i < COUNT(characters); i++) {
		if (number >= characters[i].first && number <= characters[i].last) {
			*ret_becomes = characters[i].becomes;
			return true;
		}
	}
	return false;
}

/* One of them, in UTF-8 of two bytes or three. */
static bool take_character(struct line *text, char *ret_becomes)
{
	const unsigned char *c = (const unsigned char *)text->start;
	size_t n = text->bytes > 0 && c[0] >= 0xe0 ? 3 : 2;
	uint32_t number;

	if (text->bytes < n || c[0] < 0xc2 || c[0] > 0xef || (c[n - 1] & 0xc0) != 0x80)
		return false;
	number = n == 2 ? (c[0] & 0x1fU) << 6 | (c[1] & 0x3fU)
	                : (c[0] & 0xfU) << 12 | (c[1] & 0x3fU) << 6 | (c[2] & 0x3fU);
	if (!find_character(number, ret_becomes))
		return false;
	line_move(text, n);
	return true;
}

/* Behind "&#": a character by its number. What a map has no use for is a ?. */
static bool take_number(struct line *text, char *ret_becomes)
{
	struct line rest = *text;
	uint64_t number;
	bool is_hex = line_take(&rest, "x") || line_take(&rest, "X");

	if (!(is_hex ? line_take_hex(&rest, &number) : line_take_decimal(&rest, &number)) ||
	    !line_take(&rest, ";"))
		return false;
	*text = rest;
	if (number > UINT32_MAX || !find_character((uint32_t)number, ret_becomes))
		*ret_becomes = number >= ' ' && number < 0x7f                       ? (char)number
		               : number == '\n' || number == '\r' || number == '\t' ? ' '
		                                                                    : '?';
	return true;
}

static bool take_entity(struct line *text, char *ret_becomes)
{
	struct line rest = *text;

	for (size_t i = 0; i < COUNT(entities); i++) {
		if (line_take(text, entities[i].text)) {
			*ret_becomes = entities[i].becomes;
			return true;
		}
	}
	if (!line_take(&rest, "&#") || !take_number(&rest, ret_becomes))
		return false;
	*text = rest;
	return true;
}

/* What a tag does to the line that it stands in. */
enum tag { TAG_NONE, TAG_OTHER, TAG_CELL, TAG_BREAK, TAG_QUOTE, TAGS };

/* Tags of HTML and of BBCode that stand around or in the lines of a log. */
static const struct markup {
	char open, close;
	const char *ends_name; /* what may stand behind the name of a tag */
	const char *names[TAGS];
} html = {
	.open = '<',
	.close = '>',
	.ends_name = " \t/>",
	.names[TAG_QUOTE] = " blockquote ",
	.names[TAG_BREAK] = " br p div tr li pre h1 h2 h3 h4 table section article details ol ul hr ",
	.names[TAG_CELL] = " td th ",
	.names[TAG_OTHER] = " span code a b i em strong font tt mark samp kbd wbr u ins del small ",
}, bbcode = {
	.open = '[',
	.close = ']',
	.ends_name = "=]",
	.names[TAG_QUOTE] = " quote ",
	.names[TAG_BREAK] = " code spoiler pre hide list ",
	.names[TAG_CELL] = "",
	.names[TAG_OTHER] = " b i color size font tt ",
};

static enum tag find_tag(const struct markup *markup, struct line name)
{
	char word[MOST_NAME + 3];
	enum tag tag = TAG_QUOTE;

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

/* What pages have in them, and do not show: up to its end. */
static const struct {
	const char *start, *end;
} hidden[] = { { "<!--", "-->" },
	       { "<script", "</script" },
	       { "<style", "</style" },
	       { "<template", "</template" } };

/* The text that comes out; in place, if nothing in it is a quote, of which each line gets a mark.
 */
struct shortened {
	char *text;
	size_t n_text;
	bool is_in_line; /* the line has more than blanks */
	bool has_break;  /* a tag wants a line end before what comes next, if none comes anyway */
	size_t depth;    /* of quotes */
	bool has_no_end[COUNT(hidden)];
};

static void put(struct shortened *out, char c)
{
	if (c == '\n') {
		out->is_in_line = out->has_break = false;
	} else if (c != ' ' && c != '\t' && c != '\r') {
		if (out->has_break && out->is_in_line) {
			out->text[out->n_text++] = '\n';
			out->is_in_line = false;
		}
		if (out->depth > 0 && !out->is_in_line)
			out->text[out->n_text++] = '>';
		out->has_break = false;
		out->is_in_line = true;
	}
	out->text[out->n_text++] = c;
}

static bool begins_hidden(const struct line *text, const char *start)
{
	return text->bytes >= strlen(start) && strncasecmp(text->start, start, strlen(start)) == 0;
}

/* Pass over what is hidden, but for its line ends; what has no end stays. */
static bool skip_hidden(struct line *text, struct shortened *out)
{
	for (size_t i = 0; i < COUNT(hidden); i++) {
		struct line rest = *text;

		if (out->has_no_end[i] || !begins_hidden(text, hidden[i].start))
			continue;
		while (rest.bytes > 0 && !begins_hidden(&rest, hidden[i].end))
			line_move(&rest, 1);
		out->has_no_end[i] = rest.bytes == 0;
		if (rest.bytes == 0)
			continue;
		for (; text->start < rest.start; line_move(text, 1))
			if (text->start[0] == '\n')
				put(out, '\n');
		while (text->bytes > 0 && text->start[0] != '>')
			line_move(text, 1);
		line_take(text, ">");
		return true;
	}
	return false;
}

/* A tag. False: it is none. */
static bool decode_tag(struct line *text, struct shortened *out)
{
	const bool is_end = text->bytes > 1 && text->start[1] == '/';
	enum tag tag = take_tag(text);

	if (tag == TAG_CELL)
		put(out, ' ');
	out->has_break |= tag >= TAG_BREAK;
	if (tag == TAG_QUOTE)
		out->depth = is_end ? out->depth - (out->depth > 0) : out->depth + 1;
	return tag != TAG_NONE;
}

/* "\\[mem 0x1000": Markdown that was not to be one. CommonMark 0.31 section 2.4: any punctuation.
 */
static bool take_escaped(struct line *text, char *ret_becomes)
{
	if (text->bytes < 2 || text->start[0] != '\\' || !ispunct((unsigned char)text->start[1]))
		return false;
	*ret_becomes = text->start[1];
	line_move(text, 2);
	return true;
}

/* Something special stands there. */
static void decode_special(struct line *text, struct shortened *out)
{
	char becomes = text->start[0];

	if (take_escaped(text, &becomes)) {
		put(out, becomes);
		return;
	}

	if (line_take(text, "\033")) {
		skip_escape(text);
		return;
	}
	if (becomes == '<' && skip_hidden(text, out))
		return;
	if ((becomes == '<' || becomes == '[') && decode_tag(text, out))
		return;
	if (skip_bare_colour(text))
		return;
	if (!take_entity(text, &becomes) && !take_character(text, &becomes))
		line_move(text, 1);
	if (becomes != NOTHING)
		put(out, becomes);
}

/* What may have to go. */
static bool is_special(char c)
{
	return c == '<' || c == '&' || c == '\\' || c == '\033' || c == '[' || c == '^' ||
	       c == '\xc2' || c == '\xe2' || c == '\xe3' || c == '\xef';
}

/* Does any tag of @bytes begin a quote? */
static bool has_quote(const struct bytes *bytes)
{
	struct line text = { bytes->text, bytes->n_text, 0 };
	bool may_have = memmem(text.start, text.bytes, "uote", 4) != NULL ||
	                memmem(text.start, text.bytes, "UOTE", 4) != NULL; /* logs have none */

	while (may_have && text.bytes > 0) {
		struct line tag = text;

		if ((text.start[0] == '<' || text.start[0] == '[') && take_tag(&tag) == TAG_QUOTE)
			return true;
		line_move(&text, 1);
	}
	return false;
}

bool markup_is_none(struct line text)
{
	return line_take(&text, "bootmem-capture ");
}

void markup_decode(struct bytes *bytes)
{
	struct line text = { bytes->text, bytes->n_text, 0 };
	struct shortened out = { .text = bytes->text };
	char *before = bytes->text;

	if (markup_is_none(text))
		return;
	if (has_quote(bytes)) /* at most one mark for each line, which has an end */
		out.text = memory_alloc(2 * bytes->n_text + 2, 1);
	while (text.bytes > 0) {
		if (is_special(text.start[0])) {
			decode_special(&text, &out);
		} else {
			put(&out, text.start[0]);
			line_move(&text, 1);
		}
	}
	bytes->text = out.text;
	bytes->n_text = out.n_text;
	if (out.text != before) {
		bytes->text_capacity = 2 * out.n_text + 2;
		memory_give_back(before);
	}
}
