/*
 * mail.c - mails -> their parts: see mail.h.
 *
 * Own code, as what is needed is small, and a library for mails brings GLib with it. What mails are
 * not to be, but are, is taken as it comes: parts without a header, a boundary that is missing at
 * the end, lists that put their own lines behind what was encoded.
 */
#include "mapdiff/read/plain/mail.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "bootmem/count.h"
#include "mapdiff/base/intern.h"
#include "mapdiff/base/text.h"
#include "mapdiff/read/line.h"
#include "mapdiff/read/plain/encoded.h"

#define MOST_NESTED   16
#define MOST_PARTS    65536
#define MOST_NAME     80 /* bytes of the name of a header */
#define LEAST_DIGITS  8  /* of a number that may be an address */
#define TEXT_NAME     "text"
#define LEAST_HEADERS 2 /* of a mail: one is a sentence about it */

/* --- pieces of a text --- */

/* Lines of a mail; @number is that of the first, from 1. As a struct line, it has line ends in it.
 */
static struct line lines_between(const struct line *from, const char *end)
{
	return (struct line){ from->start, (size_t)(end - from->start), from->number };
}

/* The next line of @lines. */
static bool next_line(const struct line *lines, struct line *line)
{
	const struct input input = { .text = lines->start,
		                     .bytes = lines->bytes,
		                     .lines_before = lines->number - 1 };

	return line_next(&input, line);
}

/* --- headers --- */

/* "Content-Type:". What begins like a log's line does so, too. */
static bool take_header_name(struct line *line, struct line *ret_name)
{
	*ret_name = *line;
	while (line_first(line) > ' ' && line_first(line) < 0x7f && line_first(line) != ':')
		line_move(line, 1);
	ret_name->bytes -= line->bytes;
	return ret_name->bytes > 0 && ret_name->bytes <= MOST_NAME &&
	       isalpha(line_first(ret_name)) && line_take(line, ":");
}

static bool is_called(const struct line *name, const char *text)
{
	return name->bytes == strlen(text) && strncasecmp(name->start, text, name->bytes) == 0;
}

static bool is_rest_of_header(const struct line *line)
{
	return line_first(line) == ' ' || line_first(line) == '\t';
}

/* "From joe@example.org Mon Nov  2 10:00:00 2026": between the mails of an mbox. */
static bool is_from_line(struct line line)
{
	uint64_t n = 0;

	if (!line_take(&line, "From "))
		return false;
	while (line.bytes > 0) {
		if (line_take_all(&line, "%u:%u", &n, &n))
			return true;
		line_move(&line, 1);
	}
	return false;
}

/* Is there a mail at the start of @lines? Behind its headers there is a blank line. */
static bool begins_mail(const struct line *lines, bool needs_type)
{
	static const char *const known[] = { "From",       "To",   "Subject",
		                             "Message-ID", "Date", "MIME-Version" };
	struct line line = { 0 }, name = { "", 0, 0 };
	bool is_known = false, has_type = false;
	size_t n_headers = 0;

	while (next_line(lines, &line) && line.bytes > 0) {
		if (n_headers > 0 && is_rest_of_header(&line))
			continue;
		if (n_headers == 0 && is_from_line(line))
			n_headers = LEAST_HEADERS;
		else if (!take_header_name(&line, &name))
			return false;
		n_headers++;
		has_type |= is_called(&name, "Content-Type") ||
		            is_called(&name, "Content-Transfer-Encoding");
		for (size_t i = 0; i < COUNT(known); i++)
			is_known |= is_called(&name, known[i]);
	}
	return n_headers >= LEAST_HEADERS &&
	       (needs_type ? has_type && is_known : has_type || is_known);
}

/* Move @lines behind the headers that they begin with, and the blank line there; the headers. */
static struct line take_headers(struct line *lines)
{
	struct line line = { 0 }, whole = *lines, name;
	bool is_first = true;

	while (next_line(&whole, &line) && line.bytes > 0) {
		struct line text = line;

		if (!(is_rest_of_header(&line) && !is_first) && !take_header_name(&text, &name) &&
		    !(is_first && is_from_line(line)))
			break;
		is_first = false;
	}
	if (line.start == NULL)
		line = *lines;
	*lines = (struct line){ line.start, (size_t)(line_end(&whole) - line.start), line.number };
	if (line_take(lines, "\r\n") || line_take(lines, "\n"))
		lines->number++;
	return lines_between(&whole, line.start);
}

/* The value of the first header called @name, on one line; "" if there is none. */
static const char *header(const struct line *headers, const char *name)
{
	struct line line = { 0 };
	struct bytes value = { 0 };
	bool is_it = false;

	while (next_line(headers, &line)) {
		struct line text = line, called;

		if (!is_rest_of_header(&line)) {
			if (is_it)
				break;
			is_it = take_header_name(&text, &called) && is_called(&called, name);
		}
		if (is_it)
			memory_append(&value, "%.*s", (int)text.bytes, text.start);
	}
	return bytes_text(&value) + strspn(bytes_text(&value), " \t");
}

/* Does the value begin with @word? */
static bool starts(const char *value, const char *word)
{
	return strncasecmp(value, word, strlen(word)) == 0;
}

/* --- parameters --- */

/* %41 -> A, in place. */
static void decode_percent(char *text)
{
	char *to = text;
	uint64_t value;

	for (; *text != '\0'; to++) {
		bool is_coded = *text == '%' &&
		                text_digits(text + 1, strnlen(text + 1, 2), 16, &value) == 2;

		*to = is_coded ? (char)value : *text;
		text += is_coded ? 3 : 1;
	}
	*to = '\0';
}

/* What is between quotes, with \ before what stands for itself; or up to a blank or semicolon. */
static char *take_value(const char **at)
{
	struct bytes value = { 0 };

	if (**at != '"') {
		size_t n = strcspn(*at, "; \t");

		*at += n;
		return memory_text(*at - n, n);
	}
	for (++*at; **at != '\0' && **at != '"'; ++*at) {
		*at += **at == '\\' && (*at)[1] != '\0';
		memory_append(&value, "%c", **at);
	}
	*at += **at == '"';
	return memory_copy(bytes_text(&value));
}

/* The parameter @name of a header: name="a.txt", name=a.txt, name*=UTF-8''a%20b.txt, or in pieces,
 * name*0="a"; name*1=".txt" (RFC 2231). "" if there is none. */
static const char *parameter(const char *header, const char *name)
{
	struct bytes plain = { 0 }, extended = { 0 };
	const char *at = header + strcspn(header, ";");

	while (*at == ';') {
		size_t n;
		const char *key, *charset;
		char *value;

		at += strspn(at, "; \t");
		key = at;
		n = strcspn(at, "=*; \t");
		at += strcspn(at, "=;");
		if (*at != '=')
			continue;
		++at;
		at += strspn(at, " \t");
		value = take_value(&at);
		at += strcspn(at, ";");
		if (n != strlen(name) || strncasecmp(key, name, n) != 0)
			continue;
		if (key[n] != '*') {
			memory_append(&plain, "%s", value);
			continue;
		}
		charset = extended.n_text == 0 ? strchr(value, '\'') : NULL;
		value += charset != NULL ? charset - value + 1 : 0;
		value += charset != NULL && strchr(value, '\'') != NULL
		                 ? strchr(value, '\'') - value + 1
		                 : 0;
		decode_percent(value);
		memory_append(&extended, "%s", value);
	}
	return extended.n_text > 0 ? extended.text : bytes_text(&plain);
}

/* "=?utf-8?B?...?=" -> what it stands for (RFC 2047), if all of it is such a word. */
static const char *decode_word(const char *text)
{
	struct line line = { text, strlen(text), 0 }, charset, kind, coded;
	struct bytes bytes = { 0 };
	unsigned long where;

	if (!line_take_all(&line, "=?%s?%s?%s?=", &charset, &kind, &coded))
		return text;
	memory_append(&bytes, "%.*s", (int)coded.bytes, coded.start);
	if (starts(kind.start, "B?"))
		encoded_base64(&bytes, &where);
	else
		encoded_quoted_printable(&bytes);
	return memory_text(bytes.text, bytes.n_text);
}

/* The name of the file that a part is, without what a terminal would obey and without folders at
 * its start; NULL: it has none. */
static char *file_name(const char *type, const char *disposition)
{
	const char *given = parameter(disposition, "filename");
	char *name;

	if (*given == '\0')
		given = parameter(type, "name");
	given = decode_word(given);
	given += strspn(given, "/ ");
	if (*given == '\0')
		return NULL;
	name = memory_copy(given);
	for (char *c = name; *c != '\0'; c++)
		if (*c < ' ' || *c >= 0x7f)
			*c = '?';
	return name;
}

/* --- parts --- */

/* A multipart that is not closed yet. */
struct level {
	const char *boundary;
	bool is_alternative;
	size_t first, middle; /* parts: its first, and that of the alternative that is read */
};

/* What is being read. */
struct mailing {
	struct mail *mail;
	struct level levels[MOST_NESTED]; /* each is in the one before */
	size_t n_levels;
	bool is_in_part;           /* one that is no multipart, */
	struct line headers, body; /* of which these are known, but not where it ends */
	const char *prefix;        /* of names: "2/" */
	bool is_cut;               /* the mail ends before its last part does */
	struct intern names;
	MEMORY_LIST(size_t, times); /* how often each of them was wanted */
	const char *error;
};

static void fail(struct mailing *mailing, unsigned long line, const char *name, const char *what)
{
	if (mailing->error == NULL)
		mailing->error = memory_printf("line %lu: %s%s%s", line, name != NULL ? name : "",
		                               name != NULL ? " " : "", what);
}

/* PREFIX/NAME, and with a number if there is one already. */
static char *make_name(struct mailing *mailing, const char *name)
{
	char *wanted = memory_printf("%s%s", mailing->prefix, name), *unique;
	const size_t number = intern_text(&mailing->names, wanted);

	if (number == mailing->n_times) {
		*MEMORY_ADD(mailing, times) = 1;
		return wanted;
	}
	do {
		unique = memory_printf("%s-%zu", wanted, ++mailing->times[number]);
	} while (intern_find(&mailing->names, unique) != INTERN_NONE);
	intern_text(&mailing->names, unique);
	*MEMORY_ADD(mailing, times) = 1;
	return unique;
}

/* Make blanks of those that do not break in the character sets of one byte. */
static void decode_charset(struct bytes *bytes, const char *charset)
{
	bool is_one_byte = starts(charset, "iso-8859") || starts(charset, "windows-125") ||
	                   starts(charset, "cp125") || starts(charset, "latin");

	for (size_t i = 0; i < bytes->n_text && is_one_byte; i++)
		if (bytes->text[i] == '\xa0')
			bytes->text[i] = ' ';
}

/* What ends with a whole group of digits may go on, unless it ends as texts do. */
static bool may_go_on(const struct bytes *bytes)
{
	return bytes->n_text > 0 && bytes->n_text % 3 == 0 &&
	       bytes->text[bytes->n_text - 1] != '\n';
}

/* The text of a part, as it was before it was sent. False: an error was noted. */
static bool decode_part(struct mailing *mailing, struct mail_part *part, const char *type,
                        const char *encoding)
{
	unsigned long line = 0;

	if (starts(encoding, "base64")) {
		bool is_whole = encoded_base64(&part->bytes, &line) &&
		                !(mailing->is_cut && may_go_on(&part->bytes));

		if (!is_whole)
			fail(mailing, part->lines_before + line, part->name,
			     "is in base64 that is damaged, or cut off, here");
		part->lines_before = 0;
		return is_whole;
	}
	if (starts(encoding, "quoted-printable"))
		encoded_quoted_printable(&part->bytes);
	if (starts(parameter(type, "format"), "flowed") && starts(type, "text/plain"))
		encoded_flowed(&part->bytes, starts(parameter(type, "delsp"), "yes"));
	return true;
}

/* What is no multipart. */
static bool read_leaf(struct mailing *mailing, struct line headers, struct line lines)
{
	static const char *const no_logs[] = { "image/",
		                               "audio/",
		                               "video/",
		                               "font/",
		                               "application/pgp-signature",
		                               "application/pkcs7-signature" };
	const char *type = header(&headers, "Content-Type");
	const char *encoding = header(&headers, "Content-Transfer-Encoding");
	char *name = file_name(type, header(&headers, "Content-Disposition"));
	struct mail_part part = { .lines_before = lines.number - 1, .is_talk = name == NULL };

	for (size_t i = 0; i < COUNT(no_logs); i++)
		if (starts(type, no_logs[i]))
			return true;
	if (mailing->mail->n_parts == MOST_PARTS) {
		fail(mailing, lines.number, NULL, "there are more parts than people send");
		return false;
	}
	part.name = make_name(mailing, name != NULL ? name : TEXT_NAME);
	part.bytes.text = memory_text(lines.start, lines.bytes);
	part.bytes.n_text = part.bytes.text_capacity = lines.bytes;
	if (!decode_part(mailing, &part, type, encoding))
		return false;
	decode_charset(&part.bytes, parameter(type, "charset"));
	part.lines_before = name != NULL ? 0 : part.lines_before;
	*MEMORY_ADD(mailing->mail, parts) = part;
	return true;
}

/* How many long hexadecimal numbers the texts of the parts from @first on have. */
static size_t count_numbers(const struct mail *mail, size_t first, size_t end)
{
	size_t n_numbers = 0;

	for (size_t i = first; i < end; i++) {
		const struct bytes *bytes = &mail->parts[i].bytes;
		size_t n = 0;

		for (size_t j = 0; j < bytes->n_text && mail->parts[i].is_talk; j++) {
			n = isxdigit((unsigned char)bytes->text[j]) ? n + 1 : 0;
			n_numbers += n == LEAST_DIGITS;
		}
	}
	return n_numbers;
}

/* Of the parts from @first on, up to @end those of one alternative, leave the better one of those
 * before and those from @end on; but files, which only one of them has (as Apple's mails do). */
static void choose(struct mail *mail, size_t first, size_t middle)
{
	bool is_second =
		count_numbers(mail, middle, mail->n_parts) > count_numbers(mail, first, middle);
	size_t n = first;

	for (size_t i = first; i < mail->n_parts; i++)
		if (!mail->parts[i].is_talk || (i >= middle) == is_second)
			mail->parts[n++] = mail->parts[i];
	mail->n_parts = n;
}

/* Is @line the boundary, or the last one? */
static bool is_boundary(struct line line, const char *boundary, bool *ret_is_last)
{
	if (!line_take(&line, "--") || !line_take(&line, boundary))
		return false;
	*ret_is_last = line_take(&line, "--");
	line_skip(&line, " \t");
	return line.bytes == 0;
}

/* The part that is read ends at @end. False: something is wrong with it. */
static bool end_part(struct mailing *mailing, const char *end)
{
	bool is_in_part = mailing->is_in_part;

	mailing->is_in_part = false;
	return !is_in_part ||
	       read_leaf(mailing, mailing->headers, lines_between(&mailing->body, end));
}

/* Parts of the level end: those of one alternative, if it has such. */
static void end_alternative(struct mailing *mailing, struct level *level)
{
	if (level->is_alternative && level->middle > level->first)
		choose(mailing->mail, level->first, level->middle);
	level->middle = mailing->mail->n_parts;
}

/* Leave @n levels. */
static void close_levels(struct mailing *mailing, size_t n)
{
	while (mailing->n_levels > n)
		end_alternative(mailing, &mailing->levels[--mailing->n_levels]);
}

/* A mail, or a part of one, begins with @lines. False: it is nested too deep. */
static bool begin_part(struct mailing *mailing, struct line lines)
{
	const size_t n_parts = mailing->mail->n_parts;
	const char *type, *boundary;

	do { /* what is forwarded has headers of its own */
		mailing->headers = take_headers(&lines);
		type = header(&mailing->headers, "Content-Type");
	} while (starts(type, "message/rfc822") && mailing->headers.bytes > 0 &&
	         !starts(header(&mailing->headers, "Content-Transfer-Encoding"), "base64"));
	boundary = parameter(type, "boundary");
	mailing->is_in_part = !starts(type, "multipart/") || *boundary == '\0';
	mailing->body = lines;
	if (mailing->is_in_part)
		return true;
	if (mailing->n_levels == MOST_NESTED) {
		fail(mailing, mailing->headers.number, NULL,
		     "its parts are nested deeper than people do");
		return false;
	}
	mailing->levels[mailing->n_levels++] =
		(struct level){ .boundary = boundary,
		                .is_alternative = starts(type, "multipart/alternative"),
		                .first = n_parts,
		                .middle = n_parts };
	return true;
}

/* Which level has @line as its boundary; n_levels: none. A level that was never closed ends with
 * the one that it is in. */
static size_t find_level(const struct mailing *mailing, const struct line *line, bool *ret_is_last)
{
	size_t level = mailing->n_levels;

	while (level > 0)
		if (is_boundary(*line, mailing->levels[--level].boundary, ret_is_last))
			return level;
	return mailing->n_levels;
}

/* A whole mail. False: something is wrong with it. */
static bool read_mail(struct mailing *mailing, struct line lines)
{
	struct line line = { 0 };
	bool is_right = begin_part(mailing, lines), is_last = false;

	while (is_right && next_line(&lines, &line)) {
		size_t level = find_level(mailing, &line, &is_last);
		struct line rest = lines;

		if (level == mailing->n_levels)
			continue;
		is_right = end_part(mailing, line.start);
		close_levels(mailing, level + 1);
		end_alternative(mailing, &mailing->levels[level]);
		if (is_last)
			close_levels(mailing, level);
		line_move(&rest, (size_t)(line_end(&line) - lines.start));
		rest.number = line.number;
		if (line_take(&rest, "\r\n") || line_take(&rest, "\n"))
			rest.number++;
		if (!is_last)
			is_right = is_right && begin_part(mailing, rest);
	}
	mailing->is_cut = mailing->n_levels > 0;
	is_right = is_right && end_part(mailing, line_end(&lines));
	close_levels(mailing, 0);
	return is_right;
}

/* --- mails --- */

/* The mails of a file, one behind the other. */
struct mbox {
	MEMORY_LIST(struct line, mails);
	const char *boundary; /* of the last of them, as long as it was not closed; "": none */
};

static void add_mail(struct mbox *mbox, const struct line *lines)
{
	struct line rest = *lines, headers = take_headers(&rest);

	*MEMORY_ADD(mbox, mails) = *lines;
	mbox->boundary = parameter(header(&headers, "Content-Type"), "boundary");
}

/* Where mails begin: at a line of an mbox, or, in files that were appended to each other, at their
 * headers. What is attached to a mail is not such a one. */
static void find_mails(const struct line *lines, struct mbox *mbox)
{
	struct line line = { 0 };
	bool is_paragraph = true, is_last;

	while (next_line(lines, &line)) {
		const struct line rest = { line.start, (size_t)(line_end(lines) - line.start),
			                   line.number };
		const bool is_from = is_from_line(line);

		if (is_paragraph && (is_from || *mbox->boundary == '\0') && line.bytes > 0 &&
		    begins_mail(&rest, mbox->n_mails > 0 && !is_from))
			add_mail(mbox, &rest);
		else if (*mbox->boundary != '\0' && is_boundary(line, mbox->boundary, &is_last) &&
		         is_last)
			mbox->boundary = "";
		is_paragraph = line.bytes == 0;
	}
}

/* @bytes as lines, without blank ones at the start. */
static struct line lines_of(const struct bytes *bytes)
{
	struct line lines = { bytes->text, bytes->n_text, 1 };

	while (line_take(&lines, "\n") || line_take(&lines, "\r\n"))
		lines.number++;
	return lines;
}

bool mail_is(const struct bytes *bytes)
{
	const struct line lines = lines_of(bytes);

	return begins_mail(&lines, false);
}

bool mail_read(const struct bytes *bytes, struct mail *mail, const char **ret_error)
{
	const struct line lines = lines_of(bytes);
	struct mailing mailing = { .mail = mail };
	struct mbox mbox = { .boundary = "" };

	find_mails(&lines, &mbox);
	for (size_t i = 0; i < mbox.n_mails && mailing.error == NULL; i++) {
		const char *end = i + 1 < mbox.n_mails ? mbox.mails[i + 1].start : line_end(&lines);

		mailing.prefix = mbox.n_mails > 1 ? memory_printf("%zu/", i + 1) : "";
		mailing.is_cut = false;
		read_mail(&mailing, lines_between(&mbox.mails[i], end));
	}
	if (mail->n_parts == 1 && mbox.n_mails == 1 && mail->parts[0].is_talk)
		mail->parts[0].name = NULL;
	*ret_error = mailing.error;
	return mailing.error == NULL;
}
