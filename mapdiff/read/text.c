/*
 * text.c - bytes -> plain text, step by step: see text.h.
 *
 * What is not ASCII is no part of a map. But for what is unpacked, a text only gets shorter, and so
 * each step works in place.
 */
#include "mapdiff/read/text.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

#include "bootmem/count.h"

#define MOST_UNPACKED (UINT64_C(4) << 30) /* a bound on what a hostile file costs */
#define MOST_TAG      400                 /* "<span class=..." */
#define GZIP_WINDOW   (15 + 16)           /* inflateInit2(): the largest window, gzip's header */

static bool starts_with(const struct bytes *bytes, const char *magic, size_t n)
{
	return bytes->n_text >= n && memcmp(bytes->text, magic, n) == 0;
}

/* --- packed and binary files --- */

/* Inflate all of @stream's input: a gzip file may be several, one behind the other. NULL, or what
 * is wrong. */
static const char *inflate_all(z_stream *stream, const char *end, struct bytes *unpacked)
{
	int status = Z_OK;

	while (status != Z_STREAM_END || (const char *)stream->next_in < end) {
		if (status == Z_STREAM_END && inflateReset(stream) != Z_OK)
			return "it cannot be unpacked";
		unpacked->text =
			memory_grow(unpacked->text, unpacked->n_text, &unpacked->text_capacity, 1);
		if (unpacked->n_text > MOST_UNPACKED)
			return "it is a gzip file of more than 4 GiB";
		stream->next_out = (unsigned char *)unpacked->text + unpacked->n_text;
		stream->avail_out = (uInt)(unpacked->text_capacity - unpacked->n_text < 1 << 30
		                                   ? unpacked->text_capacity - unpacked->n_text
		                                   : 1 << 30);
		stream->avail_in = (uInt)(end - (const char *)stream->next_in < 1 << 30
		                                  ? end - (const char *)stream->next_in
		                                  : 1 << 30);
		status = inflate(stream, Z_NO_FLUSH);
		unpacked->n_text = (size_t)((char *)stream->next_out - unpacked->text);
		if (status != Z_OK && status != Z_STREAM_END)
			return "it is a gzip file that is damaged, or cut off";
	}
	return NULL;
}

/* kern.log.2.gz, and what bug trackers store. */
static bool unpack(struct bytes *bytes, const char **ret_error)
{
	struct bytes unpacked = { 0 };
	z_stream stream = { .next_in = (unsigned char *)bytes->text };
	const char *wrong = "it cannot be unpacked";

	if (!starts_with(bytes, "\x1f\x8b\x08", 3))
		return true;
	if (inflateInit2(&stream, GZIP_WINDOW) == Z_OK)
		wrong = inflate_all(&stream, bytes->text + bytes->n_text, &unpacked);
	inflateEnd(&stream);
	if (wrong != NULL) {
		*ret_error = wrong;
		return false;
	}
	memory_give_back(bytes->text);
	*bytes = unpacked;
	return true;
}

/* What people have that is no text, and what to do about it. */
static const struct {
	const char *magic;
	size_t n_magic;
	const char *what;
} binaries[] = {
	{ "\xfd\x37zXZ", 5, "it is packed with xz: unxz makes a text of it" },
	{ "\x28\xb5\x2f\xfd", 4, "it is packed with zstd: unzstd makes a text of it" },
	{ "BZh", 3, "it is packed with bzip2: bunzip2 makes a text of it" },
	{ "PK\x03\x04", 4, "it is a zip archive: give a text that is in it" },
	{ "LPKSHHRH", 8,
	  "it is a journal of systemd: journalctl -k --file=... prints what is in it" },
	{ "%PDF-", 5, "it is a PDF: save the log as text" },
	{ "\x89PNG", 4, "it is a picture: this takes text" },
	{ "\xff\xd8\xff", 3, "it is a picture: this takes text" },
};

static bool refuse_binaries(struct bytes *bytes, const char **ret_error)
{
	for (size_t i = 0; i < COUNT(binaries); i++) {
		if (starts_with(bytes, binaries[i].magic, binaries[i].n_magic)) {
			*ret_error = binaries[i].what;
			return false;
		}
	}
	return true;
}

/* --- encodings --- */

/* Windows writes UTF-16, and so does the UEFI Shell, with a byte order mark or without: text of
 * which nearly every second byte is 0. @high is the place of that byte in each pair. */
static bool is_utf16(const struct bytes *bytes, size_t high)
{
	size_t n = bytes->n_text / 2 < 256 ? bytes->n_text / 2 : 256, n_ascii = 0;

	for (size_t i = 0; i < n; i++)
		n_ascii += bytes->text[2 * i + high] == 0 && bytes->text[2 * i + 1 - high] != 0;
	return n > 0 && n_ascii * 4 >= n * 3;
}

static void decode_utf16(struct bytes *bytes, size_t high)
{
	const unsigned char *from = (const unsigned char *)bytes->text;
	size_t n = 0;

	for (size_t i = 0; i + 1 < bytes->n_text; i += 2) {
		unsigned character = (unsigned)from[i + high] << 8 | from[i + 1 - high];

		if (character == 0xfeff) /* the mark: appended files have it in the middle, too */
			continue;
		bytes->text[n++] = character < 0x80      ? (char)character
		                   : character == 0x00a0 ? ' '
		                                         : '?';
	}
	bytes->n_text = n;
}

static bool decode_encoding(struct bytes *bytes, const char **ret_error)
{
	(void)ret_error;
	if (starts_with(bytes, "\xef\xbb\xbf", 3)) {
		bytes->n_text -= 3;
		memmove(bytes->text, bytes->text + 3, bytes->n_text);
	} else if (is_utf16(bytes, 1) ||
	           (bytes->n_text == 2 && starts_with(bytes, "\xff\xfe", 2))) {
		decode_utf16(bytes, 1);
	} else if (is_utf16(bytes, 0) ||
	           (bytes->n_text == 2 && starts_with(bytes, "\xfe\xff", 2))) {
		decode_utf16(bytes, 0);
	}
	return true;
}

/* Lines that end in CR alone. Where there are LFs, too, a CR goes back over a line. */
static bool decode_line_ends(struct bytes *bytes, const char **ret_error)
{
	char *at = bytes->text;

	(void)ret_error;
	if (bytes->n_text == 0 || memchr(bytes->text, '\n', bytes->n_text) != NULL)
		return true;
	while ((at = memchr(at, '\r', bytes->n_text - (size_t)(at - bytes->text))) != NULL)
		*at = '\n';
	return true;
}

/* --- JSON: journalctl -o json, dmesg --json, and what log collectors write --- */

/* From here on, up to the end of the text. */
struct cursor {
	const char *at, *end;
};

static void skip_space(struct cursor *cursor)
{
	while (cursor->at < cursor->end && (*cursor->at == ' ' || *cursor->at == '\t' ||
	                                    *cursor->at == '\r' || *cursor->at == '\n'))
		cursor->at++;
}

static bool take(struct cursor *cursor, const char *text)
{
	size_t n = strlen(text);

	if ((size_t)(cursor->end - cursor->at) < n || memcmp(cursor->at, text, n) != 0)
		return false;
	cursor->at += n;
	return true;
}

/* An object, or a list of them; each may have something before it: -o json-sse, -o json-seq. */
static bool is_json(const struct bytes *bytes)
{
	struct cursor cursor = { bytes->text, bytes->text + bytes->n_text };

	skip_space(&cursor);
	if (!take(&cursor, "data:"))
		take(&cursor, "\x1e");
	skip_space(&cursor);
	if (take(&cursor, "["))
		skip_space(&cursor);
	if (!take(&cursor, "{"))
		return false;
	skip_space(&cursor);
	return take(&cursor, "\"");
}

static int hex_value(char c)
{
	const char *digits = "0123456789abcdef0123456789ABCDEF", *found = strchr(digits, c);

	return c != '\0' && found != NULL ? (int)((found - digits) % 16) : -1;
}

/* Behind a backslash: the character. */
static char take_json_escape(struct cursor *cursor)
{
	char c = *cursor->at++;
	int value = 0;

	if (c != 'u')
		return strchr("nrtbf", c) != NULL ? ' ' : c;
	for (int i = 0; i < 4; i++) {
		int digit = cursor->at < cursor->end ? hex_value(*cursor->at) : -1;

		if (digit < 0)
			return '?';
		value = value * 16 + digit;
		cursor->at++;
	}
	return value > 0 && value < 0x80 ? (char)value : value == 0xa0 ? ' ' : '?';
}

/* Behind the opening quote: the string to @to, which may be where it stands, and how long it is.
 * It ends with the line at the latest. */
static size_t take_json_string(struct cursor *cursor, char *to)
{
	size_t n = 0;

	while (cursor->at < cursor->end && *cursor->at != '"' && *cursor->at != '\n') {
		char c = *cursor->at++;

		if (c == '\\' && cursor->at < cursor->end && *cursor->at != '\n')
			c = take_json_escape(cursor);
		to[n++] = c;
	}
	take(cursor, "\"");
	return n;
}

static bool is_message_key(const char *key, size_t n)
{
	static const char *const keys[] = { "MESSAGE", "msg", "message", "log" };

	for (size_t i = 0; i < COUNT(keys); i++) {
		if (n == strlen(keys[i]) && memcmp(key, keys[i], n) == 0)
			return true;
	}
	return false;
}

/* Leave the messages, one a line, and the line ends. */
static bool decode_json(struct bytes *bytes, const char **ret_error)
{
	struct cursor cursor = { bytes->text, bytes->text + bytes->n_text };
	size_t n = 0, line_start = 0;
	bool is_message = false; /* the value that comes next is one */

	(void)ret_error;
	if (!is_json(bytes))
		return true;
	while (cursor.at < cursor.end) {
		char c = *cursor.at++;
		size_t length;

		if (c == '\n') {
			bytes->text[n++] = '\n';
			line_start = n;
		}
		if (c != '"') {
			is_message &= strchr(" \t\r\n:", c) != NULL;
			continue;
		}
		/* A key has three bytes more than its text, so there is room for a line end. */
		if (is_message && n > line_start)
			bytes->text[n++] = '\n';
		length = take_json_string(&cursor, bytes->text + n);
		if (is_message)
			n += length;
		is_message = !is_message && is_message_key(bytes->text + n, length);
	}
	bytes->n_text = n;
	return true;
}

/* --- mails as they are stored --- */

/* Does a header say that lines are broken and that = stands for more than itself? RFC 2045 §6.7. */
static bool is_quoted_printable(const struct bytes *bytes)
{
	static const char header[] = "\nContent-Transfer-Encoding: quoted-printable";
	size_t n = strlen(header);
	const char *at = bytes->text, *end = bytes->text + bytes->n_text;

	while ((at = memchr(at, '\n', (size_t)(end - at))) != NULL && (size_t)(end - at) >= n) {
		if (strncasecmp(at, header, n) == 0)
			return true;
		at++;
	}
	return false;
}

/* The = at the end of a line goes; so that lines keep their numbers, line ends are made up for. */
static bool decode_mail(struct bytes *bytes, const char **ret_error)
{
	struct cursor cursor = { bytes->text, bytes->text + bytes->n_text };
	size_t n = 0, n_owed = 0;

	(void)ret_error;
	if (bytes->n_text == 0 || !is_quoted_printable(bytes))
		return true;
	while (cursor.at < cursor.end) {
		bool has_two = cursor.end - cursor.at > 2;

		if (take(&cursor, "=\n") || take(&cursor, "=\r\n")) {
			n_owed++;
		} else if (has_two && *cursor.at == '=' && hex_value(cursor.at[1]) >= 0 &&
		           hex_value(cursor.at[2]) >= 0) {
			bytes->text[n++] =
				(char)(hex_value(cursor.at[1]) * 16 + hex_value(cursor.at[2]));
			cursor.at += 3;
		} else {
			char c = *cursor.at++;

			bytes->text[n++] = c;
			for (; c == '\n' && n_owed > 0; n_owed--)
				bytes->text[n++] = '\n';
		}
	}
	bytes->n_text = n;
	return true;
}

/* --- what terminals and browsers put into a text --- */

/* ESC ] ... BEL: the title of a window, the context of a command. ESC \ ends it as well. */
static void skip_terminal_string(struct cursor *cursor)
{
	while (cursor->at < cursor->end && *cursor->at != '\n' && *cursor->at != '\033' &&
	       *cursor->at != '\a')
		cursor->at++;
	if (!take(cursor, "\a"))
		take(cursor, "\033\\");
}

/* Behind ESC: a control sequence has parameters before its final byte, the others have not.
 * ECMA-48 §5.4, ECMA-35 §13.2. */
static void skip_escape(struct cursor *cursor)
{
	bool is_sequence;

	if (take(cursor, "]")) {
		skip_terminal_string(cursor);
		return;
	}
	is_sequence = take(cursor, "[");
	while (cursor->at < cursor->end && *cursor->at >= ' ' &&
	       *cursor->at <= (is_sequence ? '?' : '/'))
		cursor->at++;
	if (cursor->at < cursor->end && *cursor->at >= '0')
		cursor->at++;
}

/* "[33m" and "^[[33m": what is left of a colour where somebody took the ESC out. */
static bool skip_bare_colour(struct cursor *cursor)
{
	struct cursor ahead = *cursor;
	const char *digits;

	take(&ahead, "^[");
	if (!take(&ahead, "["))
		return false;
	digits = ahead.at;
	while (ahead.at < ahead.end && ahead.at - digits < 12 &&
	       ((*ahead.at >= '0' && *ahead.at <= '9') || *ahead.at == ';'))
		ahead.at++;
	if (ahead.at == digits || !take(&ahead, "m"))
		return false;
	*cursor = ahead;
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

static bool take_entity(struct cursor *cursor, char *ret_becomes)
{
	for (size_t i = 0; i < COUNT(entities); i++) {
		if (take(cursor, entities[i].text)) {
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
static enum tag take_tag(struct cursor *cursor)
{
	struct cursor ahead = *cursor;
	bool is_html = *ahead.at++ == '<';
	const char *name;
	enum tag tag;

	take(&ahead, "/");
	for (name = ahead.at; ahead.at < ahead.end && ((unsigned char)*ahead.at | 0x20) >= 'a' &&
	                      ((unsigned char)*ahead.at | 0x20) <= 'z';)
		ahead.at++;
	tag = find_tag(is_html, name, (size_t)(ahead.at - name));
	if (tag == TAG_NONE || ahead.at == ahead.end ||
	    strchr(is_html ? " \t/>" : "=]", *ahead.at) == NULL)
		return TAG_NONE;
	while (ahead.at < ahead.end && ahead.at - name < MOST_TAG &&
	       strchr(is_html ? "<>\n" : "[]\n", *ahead.at) == NULL)
		ahead.at++;
	if (!take(&ahead, is_html ? ">" : "]"))
		return TAG_NONE;
	*cursor = ahead;
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

/* Something special stands at @cursor. */
static void decode_special(struct cursor *cursor, struct shortened *out)
{
	char becomes = *cursor->at;

	if (take(cursor, "\033")) {
		skip_escape(cursor);
		return;
	}
	if (becomes == '<' || becomes == '[') {
		enum tag tag = take_tag(cursor);

		if (tag == TAG_CELL)
			put(out, ' ');
		out->has_break |= tag == TAG_BREAK;
		if (tag != TAG_NONE)
			return;
	}
	if (skip_bare_colour(cursor))
		return;
	if (take_entity(cursor, &becomes)) {
		put(out, becomes);
		return;
	}
	cursor->at++;
	put(out, becomes);
}

/* What may have to go. */
static bool is_special(char c)
{
	return c == '<' || c == '&' || c == '\033' || c == '[' || c == '^' || c == '\xc2';
}

static bool decode_markup(struct bytes *bytes, const char **ret_error)
{
	struct cursor cursor = { bytes->text, bytes->text + bytes->n_text };
	struct shortened out = { .text = bytes->text };

	(void)ret_error;
	/* As it was written: what looks like markup in it is text, and in its checksum. */
	if (take(&(struct cursor){ cursor.at, cursor.end }, "bootmem-capture "))
		return true;
	while (cursor.at < cursor.end) {
		if (is_special(*cursor.at))
			decode_special(&cursor, &out);
		else
			put(&out, *cursor.at++);
	}
	bytes->n_text = out.n_text;
	return true;
}

/* --- all of it --- */

typedef bool decode_step(struct bytes *bytes, const char **ret_error);

bool text_decode(struct bytes *bytes, const char **ret_error)
{
	static decode_step *const steps[] = {
		unpack,           refuse_binaries, decode_encoding, decode_json,
		decode_line_ends, decode_mail,     decode_markup,
	};

	for (size_t i = 0; i < COUNT(steps); i++) {
		if (!steps[i](bytes, ret_error))
			return false;
	}
	return true;
}
