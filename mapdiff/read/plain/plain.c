/*
 * plain.c - bytes -> plain text, step by step: see plain.h. A text only gets shorter, and so each
 * step works in place.
 */
#include "mapdiff/read/plain/plain.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "bootmem/count.h"
#include "mapdiff/base/text.h"
#include "mapdiff/read/line.h"
#include "mapdiff/read/plain/encoded.h"
#include "mapdiff/read/plain/markup.h"
#include "mapdiff/read/plain/words.h"

#define SPACE " \t\r\n\v\f"

static bool starts_with(const struct bytes *bytes, const char *magic)
{
	return bytes->n_text >= strlen(magic) && memcmp(bytes->text, magic, strlen(magic)) == 0;
}

/* What people have that is no text, and what to do about it. */
static const struct {
	const char *magic, *what;
} binaries[] = {
	{ "LPKSHHRH", "it is a journal of systemd: journalctl -k --file=... prints what is in it" },
	{ "%PDF-", "it is a PDF: save the log as text" },
	{ "\x89PNG", "it is a picture: this takes text" },
	{ "\xff\xd8\xff", "it is a picture: this takes text" },
};

/* --- encodings --- */

/* Windows writes UTF-16, and so does the UEFI Shell, with a byte order mark or without: text of
 * which nearly every second byte is 0. @high is the place of that byte in each pair. */
static bool is_utf16(const struct bytes *bytes, size_t high, const char *mark)
{
	size_t n = bytes->n_text / 2 < 256 ? bytes->n_text / 2 : 256, n_ascii = 0;

	for (size_t i = 0; i < n; i++)
		n_ascii += bytes->text[2 * i + high] == 0 && bytes->text[2 * i + 1 - high] != 0;
	return (n > 0 && n_ascii * 4 >= n * 3) || (bytes->n_text == 2 && starts_with(bytes, mark));
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
		                   : character == 0x2026 ? '.'
		                                         : '?';
	}
	bytes->n_text = n;
}

static void decode_encoding(struct bytes *bytes)
{
	if (starts_with(bytes, "\xef\xbb\xbf")) {
		bytes->n_text -= 3;
		memmove(bytes->text, bytes->text + 3, bytes->n_text);
	} else if (is_utf16(bytes, 1, "\xff\xfe")) {
		decode_utf16(bytes, 1);
	} else if (is_utf16(bytes, 0, "\xfe\xff")) {
		decode_utf16(bytes, 0);
	}
}

/* Lines that end in CR alone. Where there are LFs, too, a CR goes back over a line. */
static void decode_line_ends(struct bytes *bytes)
{
	char *at = bytes->text, *end = at + bytes->n_text;

	if (memchr(at, '\n', bytes->n_text) != NULL)
		return;
	while ((at = memchr(at, '\r', (size_t)(end - at))) != NULL)
		*at = '\n';
}

/* --- logs as objects: of journalctl -o json, dmesg --json, and log collectors --- */

/* An object, or a list of them; each may have something before it: -o json-sse, -o json-seq. */
static bool is_json(struct line text)
{
	line_skip(&text, SPACE);
	if (!line_take(&text, "data:"))
		line_take(&text, "\x1e");
	line_skip(&text, SPACE "[");
	if (!line_take(&text, "{"))
		return false;
	line_skip(&text, SPACE);
	return line_take(&text, "\"");
}

/* Behind a backslash: the character; @line_end, where a line ends. */
static char take_escape(struct line *text, char line_end)
{
	char c = text->start[0];
	uint64_t value;
	size_t n;

	line_move(text, 1);
	if (c == 'n')
		return line_end;
	if (c != 'u')
		return strchr("rtbf", c) != NULL ? ' ' : c;
	n = text_digits(text->start, text->bytes < 4 ? text->bytes : 4, 16, &value);
	line_move(text, n);
	if (n < 4)
		return '?';
	return value > 0 && value < 0x80 ? (char)value : value == 0xa0 ? ' ' : '?';
}

/* Behind the opening quote: the string to @to, which may be where it stands, and how long it is.
 * It ends with the line at the latest. */
static size_t take_string(struct line *text, char *to, char line_end)
{
	size_t n = 0;

	while (text->bytes > 0 && text->start[0] != '"' && text->start[0] != '\n') {
		char c = text->start[0];

		line_move(text, 1);
		if (c == '\\' && text->bytes > 0 && text->start[0] != '\n')
			c = take_escape(text, line_end);
		to[n++] = c;
	}
	line_take(text, "\"");
	return n;
}

/* Of a message, as loggers have it; of what somebody wrote, in the answers of a forge, a bug
 * tracker or a forum, or what a collector keeps: lines, whole logs. */
static const struct {
	const char *name;
	bool is_text;
} keys[] = {
	{ "MESSAGE", false }, { "msg", false }, { "body", true },    { "text", true },
	{ "content", true },  { "raw", true },  { "note", true },    { "cooked", true },
	{ "message", true },  { "log", true },  { "comment", true }, { "description", true },
	{ "line", true },     { "_raw", true }, { "output", true },  { "stdout", true },
	{ "dmesg", true },
};

/* In a string of any name, it is a log. */
static const char map_label[] = "BIOS-e820: ";

/* Which of them it is; COUNT(keys): none. */
static size_t find_key(const char *key, size_t n)
{
	size_t i = 0;

	while (i < COUNT(keys) && (n != strlen(keys[i].name) || memcmp(key, keys[i].name, n) != 0))
		i++;
	return i;
}

/* Behind the [ of a list of numbers: the bytes of a message that is no text to journalctl, because
 * it has a colour in it, say. */
static size_t take_bytes(struct line *text, char *to)
{
	uint64_t value;
	size_t n = 0;

	while (line_skip(text, " \t\r\n,"), line_take_decimal(text, &value) && value < 0x100)
		to[n++] = value == '\n' ? ' ' : (char)value;
	return n;
}

/* Has the string, behind whose opening quote @text is, a line of a map? */
static bool holds_map(struct line text)
{
	size_t n = 0;

	while (n < text.bytes && text.start[n] != '"' && text.start[n] != '\n')
		n += text.start[n] == '\\' ? 2 : 1;
	text = line_head(&text, n);
	return line_find(&text, map_label);
}

/* Is there any? Else it is no log that was put into objects. */
static bool has_key(const struct bytes *bytes)
{
	const char *at = bytes->text, *end = at + bytes->n_text;

	while ((at = memchr(at, '"', (size_t)(end - at))) != NULL) {
		const char *close = memchr(at + 1, '"', (size_t)(end - at - 1));

		at++;
		if (close == NULL)
			return false;
		if (find_key(at, (size_t)(close - at)) < COUNT(keys))
			return true;
	}
	return false;
}

/* Leave the messages, one a line, and the line ends. */
static void decode_json(struct bytes *bytes)
{
	struct line text = { bytes->text, bytes->n_text, 0 }, label = text;
	size_t n = 0, line_start = 0, length, key;
	bool is_message = false; /* the value that comes next is one, */
	bool is_text = false;    /* or has several */

	if (!is_json(text) || (!has_key(bytes) && !line_find(&label, map_label)))
		return;
	while (text.bytes > 0) {
		char c = text.start[0];

		line_move(&text, 1);
		if (c == '\n') {
			bytes->text[n++] = '\n';
			line_start = n;
		}
		if (is_message && c == '[' && isdigit(line_first(&text))) {
			if (n > line_start)
				bytes->text[n++] = '\n';
			n += take_bytes(&text, bytes->text + n);
		}
		if (c != '"') {
			is_message &= strchr(" \t\r\n:", c) != NULL;
			continue;
		}
		if (!is_message && holds_map(text))
			is_message = is_text = true;
		/* A key has three bytes more than its text, so there is room for a line end. */
		if (is_message && n > line_start)
			bytes->text[n++] = '\n';
		length = take_string(&text, bytes->text + n, is_text ? '\n' : ' ');
		if (is_message)
			n += length;
		key = is_message ? COUNT(keys) : find_key(bytes->text + n, length);
		is_message = key < COUNT(keys);
		is_text = is_message && keys[key].is_text;
	}
	bytes->n_text = n;
}

/* --- mails that something else stands before: see mail.h of the others --- */

/* Does a header of a mail say that lines are broken and that = stands for more than itself? */
static bool is_quoted_printable(const struct bytes *bytes)
{
	static const char header[] = "Content-Transfer-Encoding: quoted-printable";
	const struct input input = { .text = bytes->text, .bytes = bytes->n_text };
	struct line line = { 0 };

	while (line_next(&input, &line))
		if (line.number > 1 && line.bytes >= strlen(header) &&
		    strncasecmp(line.start, header, strlen(header)) == 0)
			return true;
	return false;
}

/* --- journalctl -o export --- */

static bool is_export(const struct bytes *bytes)
{
	struct line text = { bytes->text, bytes->n_text, 0 };

	line_skip(&text, "\r\n");
	return line_take(&text, "__CURSOR=") || line_take(&text, "__REALTIME_TIMESTAMP=");
}

/* What is behind the name of a field that is no text: its length, in eight bytes, the lowest first,
 * and as many bytes. False: they are not there. */
static bool take_binary(struct line *text, struct line *ret_value)
{
	uint64_t length = 0;

	if (text->bytes < 8)
		return false;
	for (size_t i = 8; i-- > 0;)
		length = length << 8 | (unsigned char)text->start[i];
	line_move(text, 8);
	if (length > text->bytes)
		return false;
	*ret_value = (struct line){ text->start, (size_t)length, 0 };
	line_move(text, (size_t)length);
	line_take(text, "\n");
	return true;
}

/* "NAME=value", or NAME alone on its line, and then what is no text. */
static bool take_field(struct line *text, struct line *ret_name, struct line *ret_value)
{
	*ret_name = *text;
	line_skip(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
	ret_name->bytes -= text->bytes;
	if (ret_name->bytes > 0 && line_take(text, "\n"))
		return take_binary(text, ret_value);
	if (!line_take(text, "="))
		ret_name->bytes = 0;
	*ret_value = *text;
	while (text->bytes > 0 && text->start[0] != '\n')
		line_move(text, 1);
	ret_value->bytes -= text->bytes;
	line_take(text, "\n");
	return true;
}

/* Leave the messages; each field is a line, whether it is text or not. */
static bool decode_export(struct bytes *bytes, const char **ret_error)
{
	struct line text = { bytes->text, bytes->n_text, 0 }, name, value;
	size_t n = 0;

	while (text.bytes > 0) {
		if (!take_field(&text, &name, &value)) {
			*ret_error = "it is a journal's export that is cut off in a field";
			return false;
		}
		if (name.bytes != 7 || memcmp(name.start, "MESSAGE", 7) != 0)
			value.bytes = 0;
		for (size_t i = 0; i < value.bytes; i++)
			bytes->text[n++] = value.start[i] == '\n' ? ' ' : value.start[i];
		bytes->text[n++] = '\n';
	}
	bytes->n_text = n;
	return true;
}

bool plain_text(struct bytes *bytes, const char **ret_error)
{
	for (size_t i = 0; i < COUNT(binaries); i++) {
		if (starts_with(bytes, binaries[i].magic)) {
			*ret_error = binaries[i].what;
			return false;
		}
	}
	if (bytes->n_text == 0)
		return true;
	decode_encoding(bytes);
	if (is_export(bytes) && !decode_export(bytes, ret_error))
		return false;
	decode_json(bytes);
	decode_line_ends(bytes);
	if (is_quoted_printable(bytes))
		encoded_quoted_printable(bytes);
	words_mark_coloured(bytes);
	markup_decode(bytes);
	return true;
}
