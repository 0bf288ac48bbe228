/* linux_message.c - what stands before a message, and where it ends: see linux_message.h. */
#include "mapdiff/read/linux/linux_message.h"

#include <ctype.h>
#include <string.h>

#include "bootmem/count.h"
#include "x86/crc32.h"

#define MOST_GROUP 80 /* "[quote=...]" */

/* The time, as the kernel has it in brackets: "    0.191315", "Wed May  8 08:20:04 2024" (dmesg
 * -T).
 */
static bool is_stamp(const char *text, size_t n)
{
	if (n < 8 || n > 32)
		return false;
	if (text[n - 7] == '.') {
		for (size_t i = 0; i < n; i++)
			if (i != n - 7 && text[i] != ' ' && !isdigit((unsigned char)text[i]))
				return false;
		return true;
	}
	return n > 16 && text[n - 5] == ' ' && text[n - 8] == ':' && text[n - 11] == ':';
}

static bool is_zero_stamp(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (text[i] >= '1' && text[i] <= '9')
			return false;
	return true;
}

/* The first stamp of the line. False if it has none; *ret_at is behind its bracket. */
static bool find_stamp(const struct line *head, size_t *ret_start, size_t *ret_at)
{
	size_t at = 0;

	while (line_find(head, &at, "[")) {
		const char *close = memchr(head->start + at, ']', head->bytes - at);
		size_t n = close == NULL ? 0 : (size_t)(close - head->start) - at - 1;

		if (close == NULL)
			return false;
		if (is_stamp(head->start + at + 1, n)) {
			*ret_start = at + 1;
			*ret_at = at + n + 2;
			return true;
		}
		at++;
	}
	return false;
}

/* @line, up to where something short that starts at @at would end. */
static struct line up_to_short(const struct line *line, size_t at)
{
	size_t bytes = line->bytes - at < MOST_GROUP ? line->bytes : at + MOST_GROUP;

	return (struct line){ line->start, bytes, line->number };
}

/* Something in brackets that is short: "[code]", "[    T0]", "[quote="joe, post: 1"]"; "<6>";
 * "&gt;". What has a number of the kernel's in it is none. */
static bool skip_group(const struct line *line, size_t *at)
{
	static const char *const groups[] = { "[*]", "<*>", "&*;" };
	struct line group = up_to_short(line, *at);

	for (size_t i = 0; i < COUNT(groups); i++) {
		size_t end = *at, number = *at;

		if (!line_take_all(&group, &end, groups[i]))
			continue;
		group.bytes = end;
		if (line_find(&group, &number, "0x"))
			return false;
		*at = end;
		return true;
	}
	return false;
}

/* "2024-05-08T08:20:04,123456+00:00 ", of dmesg --time-format=iso. */
static bool skip_iso_date(const struct line *line, size_t *at)
{
	uint64_t n;

	return line_take_all(line, at, "%u-%u-%uT%u:%u:%u* ", &n, &n, &n, &n, &n, &n);
}

/* "6,339,5140900,-,caller=T1;" of /dev/kmsg and netconsole: priority, number, microseconds, flags
 * and what may come. */
static bool skip_record_head(const struct line *line, size_t *at)
{
	struct line head = up_to_short(line, *at);
	uint64_t n;

	return line_take_all(&head, at, "%u,%u,%u,*;", &n, &n, &n);
}

/* "12: ", "12. ", "  12  ", "* ", "- ": numbers of lines, and items of a list. */
static bool skip_item(const struct line *line, size_t *at)
{
	uint64_t number;
	size_t i = *at;

	if (line_take_decimal(line, &i, &number)) {
		if (!line_take(line, &i, ":") && !line_take(line, &i, "."))
			line_take(line, &i, ")");
	} else if (!line_take(line, &i, "*")) {
		line_take(line, &i, "-");
	}
	if (i == *at || i == line->bytes || (line->start[i] != ' ' && line->start[i] != '\t'))
		return false;
	*at = i;
	return true;
}

/* Quotes, markup, control characters, what loggers put before a message that has no time in
 * brackets. */
static void skip_decoration(const struct line *line, size_t *at)
{
	while (*at < line->bytes) {
		unsigned char c = (unsigned char)line->start[*at];

		if (c <= ' ' || c == '>' || c == '|' || c == '`' || c == '"')
			(*at)++;
		else if (!line_take(line, at, "MESSAGE=") && !skip_group(line, at) &&
		         !skip_iso_date(line, at) && !skip_record_head(line, at) &&
		         !skip_item(line, at))
			return;
	}
}

/* Behind "kern": the rest of what says that the message is the kernel's. "kernel: " and
 * "kernel[0]: " of syslog, "kernel - - - " and "kernel - - [...] " of RFC 5424, "kern  :info  : "
 * of dmesg --decode. */
static bool take_tag(const struct line *line, size_t *at)
{
	size_t i = *at;
	uint64_t number;

	if (line_take(line, &i, "el: "))
		return *at = i, true;
	if (line_take(line, &i, "el - - ")) {
		line_take(line, &i, "- ");
		while (i < line->bytes && line->start[i] == '[' && line_find(line, &i, "]"))
			i++;
		return *at = i, true;
	}
	if (line_take_all(line, &i, "el[%u]: ", &number))
		return *at = i, true;
	line_skip_blanks(line, &i);
	if (!line_take(line, &i, ":"))
		return false;
	while (i < line->bytes && isalpha((unsigned char)line->start[i]))
		i++;
	line_skip_blanks(line, &i);
	return line_take(line, &i, ": ") && (*at = i, true);
}

/* Where it starts, and where what follows it does. */
static bool find_tag(const struct line *head, size_t *ret_start, size_t *ret_behind)
{
	size_t at = 0;

	while (line_find(head, &at, "kern")) {
		*ret_start = at;
		at += strlen("kern");
		*ret_behind = at;
		if (take_tag(head, ret_behind))
			return true;
	}
	return false;
}

/* A line of diff -u, or of plain diff, in which "> " could be a mail's as well. */
static bool is_diff_line(const struct line *line)
{
	char c = line->bytes > 1 ? line->start[0] : '\0';
	unsigned char next = c != '\0' ? (unsigned char)line->start[1] : '\0';

	return ((c == '-' || c == '+') && (next == '[' || isalpha(next))) ||
	       ((c == '+' || c == '<') && next == ' ');
}

/* Where a line of a map starts, or the end. What comes behind that is no time and no tag of it, but
 * the line of another CPU that broke in. */
static size_t find_map_line(const struct line *head)
{
	size_t at = line_find_or_end(head, 0, "BIOS-e820:");

	return at < head->bytes ? at : line_find_or_end(head, 0, "efi: mem");
}

void linux_message_find(const struct line *line, struct linux_message *ret)
{
	struct line head = *line, before; /* ... the map's line, if there is one in it */
	size_t at = 0, tag = 0, behind_tag = 0, stamp = 0, behind_stamp = 0;
	bool has_stamp, has_tag;

	head.bytes = line->bytes < LINUX_PREFIX_BYTES ? line->bytes : LINUX_PREFIX_BYTES;
	before = head;
	before.bytes = find_map_line(&head);
	has_stamp = find_stamp(&before, &stamp, &behind_stamp);
	has_tag = find_tag(&before, &tag, &behind_tag);
	if (has_stamp)
		at = behind_stamp;
	if (has_tag && behind_tag > at)
		at = behind_tag;
	skip_decoration(line, &at);
	*ret = (struct linux_message){ .line = { line->start + at, line->bytes - at, line->number },
		                       .is_diff = is_diff_line(line) };
	if (has_tag && tag > 0 && !(has_stamp && stamp < tag))
		ret->wall = crc32_add(0, line->start, tag) | 1;
	if (has_stamp && !is_zero_stamp(line->start + stamp, behind_stamp - 1 - stamp))
		ret->mark = crc32_add(0, line->start + stamp,
		                      (head.bytes > at ? head.bytes : at) - stamp) |
		            1;
}

bool linux_message_has_head(const struct line *line)
{
	size_t start, behind;

	return find_stamp(line, &start, &behind) || find_tag(line, &start, &behind);
}
