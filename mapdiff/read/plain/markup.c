/* markup.c - escapes, tags and entities: see markup.h. */
#include "mapdiff/read/plain/markup.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "bootmem/count.h"
#include "mapdiff/read/line.h"

#define MOST_TAG 400 /* "<span class=..." */

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
	       ((text->start[i] >= '0' && text->start[i] <= '9') || text->start[i] == ';'))
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

/* Tags of HTML and of BBCode that stand around or in the lines of a log. */
enum tag { TAG_NONE, TAG_INLINE, TAG_CELL, TAG_BREAK };

static const struct {
	const char *name;
	enum tag kind;
} html_tags[] = {
	{ "br", TAG_BREAK },      { "p", TAG_BREAK },       { "div", TAG_BREAK },
	{ "tr", TAG_BREAK },      { "li", TAG_BREAK },      { "pre", TAG_BREAK },
	{ "td", TAG_CELL },       { "th", TAG_CELL },       { "span", TAG_INLINE },
	{ "code", TAG_INLINE },   { "a", TAG_INLINE },      { "b", TAG_INLINE },
	{ "i", TAG_INLINE },      { "em", TAG_INLINE },     { "strong", TAG_INLINE },
	{ "font", TAG_INLINE },   { "tt", TAG_INLINE },     { "mark", TAG_INLINE },
	{ "samp", TAG_INLINE },
}, bbcode_tags[] = {
	{ "code", TAG_BREAK },    { "quote", TAG_BREAK },   { "spoiler", TAG_BREAK },
	{ "pre", TAG_BREAK },     { "hide", TAG_BREAK },    { "list", TAG_BREAK },
	{ "b", TAG_INLINE },      { "i", TAG_INLINE },      { "color", TAG_INLINE },
	{ "size", TAG_INLINE },   { "font", TAG_INLINE },   { "tt", TAG_INLINE },
};

static enum tag find_tag(bool is_html, const char *name, size_t n)
{
	size_t n_tags = is_html ? COUNT(html_tags) : COUNT(bbcode_tags);

	for (size_t i = 0; i < n_tags; i++) {
		const char *known = is_html ? html_tags[i].name : bbcode_tags[i].name;

		if (strlen(known) == n && strncasecmp(name, known, n) == 0)
			return is_html ? html_tags[i].kind : bbcode_tags[i].kind;
	}
	return TAG_NONE;
}

/* "<br />", "</span>", "<td class=...>", "[code]", "[quote="joe"]"; what looks like one and is none
 * stays. */
static enum tag take_tag(const struct line *text, size_t *at)
{
	bool is_html = text->start[*at] == '<';
	size_t i = *at + 1, name;
	enum tag tag;

	line_take(text, &i, "/");
	for (name = i; i < text->bytes && isalpha((unsigned char)text->start[i]);)
		i++;
	tag = find_tag(is_html, text->start + name, i - name);
	if (tag == TAG_NONE || i == text->bytes ||
	    strchr(is_html ? " \t/>" : "=]", text->start[i]) == NULL)
		return TAG_NONE;
	while (i < text->bytes && i - name < MOST_TAG &&
	       strchr(is_html ? "<>\n" : "[]\n", text->start[i]) == NULL)
		i++;
	if (!line_take(text, &i, is_html ? ">" : "]"))
		return TAG_NONE;
	*at = i;
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
