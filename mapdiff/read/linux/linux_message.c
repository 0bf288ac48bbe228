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

/* The first stamp of @head. False if it has none; *ret_behind is behind its bracket. */
static bool find_stamp(struct line head, struct line *ret_stamp, const char **ret_behind)
{
	while (line_find(&head, "[")) {
		const char *close = memchr(head.start, ']', head.bytes);

		if (close == NULL)
			return false;
		line_move(&head, 1);
		*ret_stamp = (struct line){ head.start, (size_t)(close - head.start), head.number };
		*ret_behind = close + 1;
		if (is_stamp(ret_stamp->start, ret_stamp->bytes))
			return true;
	}
	return false;
}

/* The first @most_bytes of @line. */
static struct line head_of(struct line line, size_t most_bytes)
{
	line.bytes = line.bytes < most_bytes ? line.bytes : most_bytes;
	return line;
}

/* Something in brackets that is short: "[code]", "[    T0]", "[quote="joe, post: 1"]"; "<6>";
 * "&gt;". What has a number of the kernel's in it is none. */
static bool skip_group(struct line *line)
{
	static const char *const groups[] = { "[%s]", "<%s>", "&%s;" };
	struct line group = head_of(*line, MOST_GROUP), text;

	for (size_t i = 0; i < COUNT(groups); i++) {
		if (!line_take_all(&group, groups[i], &text))
			continue;
		if (line_find(&text, "0x"))
			return false;
		line_move(line, (size_t)(group.start - line->start));
		return true;
	}
	return false;
}

/* "2024-05-08T08:20:04,123456+00:00 ", of dmesg --time-format=iso. */
static bool skip_iso_date(struct line *line)
{
	uint64_t n;

	return line_take_all(line, "%u-%u-%uT%u:%u:%u* ", &n, &n, &n, &n, &n, &n);
}

/* "6,339,5140900,-,caller=T1;" of /dev/kmsg and netconsole: priority, number, microseconds, flags
 * and what may come. */
static bool skip_record_head(struct line *line)
{
	struct line head = head_of(*line, MOST_GROUP);
	uint64_t n;

	if (!line_take_all(&head, "%u,%u,%u,*;", &n, &n, &n))
		return false;
	line_move(line, (size_t)(head.start - line->start));
	return true;
}

/* "12: ", "12. ", "  12  ", "* ", "- ": numbers of lines, and items of a list. */
static bool skip_item(struct line *line)
{
	struct line rest = *line;
	uint64_t number;

	if (line_take_decimal(&rest, &number)) {
		if (!line_take(&rest, ":") && !line_take(&rest, "."))
			line_take(&rest, ")");
	} else if (!line_take(&rest, "*") && !line_take(&rest, "-")) {
		return false;
	}
	if (line_first(&rest) != ' ' && line_first(&rest) != '\t')
		return false;
	*line = rest;
	return true;
}

/* Quotes, markup, control characters, what loggers put before a message that has no time in
 * brackets. */
static void skip_decoration(struct line *line)
{
	while (line->bytes > 0) {
		if (line_first(line) <= ' ' || strchr(">|`\"", line_first(line)) != NULL)
			line_move(line, 1);
		else if (!line_take(line, "MESSAGE=") && !skip_group(line) &&
		         !skip_iso_date(line) && !skip_record_head(line) && !skip_item(line))
			return;
	}
}

/* Behind "kern": the rest of what says that the message is the kernel's. "kernel: " and
 * "kernel[0]: " of syslog, "kernel - - - " and "kernel - - [...] " of RFC 5424, "kern  :info  : "
 * of dmesg --decode. */
static bool take_tag(struct line *line)
{
	struct line rest = *line;
	uint64_t number;

	if (line_take(line, "el: ") || line_take_all(line, "el[%u]: ", &number))
		return true;
	if (line_take(line, "el - - ")) {
		line_take(line, "- ");
		while (line_first(line) == '[' && line_find(line, "]"))
			line_move(line, 1);
		return true;
	}
	line_skip_blanks(&rest);
	if (!line_take(&rest, ":"))
		return false;
	while (isalpha(line_first(&rest)))
		line_move(&rest, 1);
	line_skip_blanks(&rest);
	if (!line_take(&rest, ": "))
		return false;
	*line = rest;
	return true;
}

/* Where it starts, and where what follows it does. */
static bool find_tag(struct line head, const char **ret_start, const char **ret_behind)
{
	while (line_find(&head, "kern")) {
		*ret_start = head.start;
		line_take(&head, "kern");
		if (take_tag(&head)) {
			*ret_behind = head.start;
			return true;
		}
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

/* @head, up to where a line of a map starts. What comes behind that is no time and no tag of it,
 * but the line of another CPU that broke in. */
static struct line before_map_line(struct line head)
{
	struct line map_line = head;

	if (line_find(&map_line, "BIOS-e820:") || line_find(&map_line, "efi: mem"))
		head.bytes -= map_line.bytes;
	return head;
}

void linux_message_find(const struct line *line, struct linux_message *ret)
{
	struct line head = head_of(*line, LINUX_PREFIX_BYTES), before = before_map_line(head),
		    stamp;
	const char *start = line->start, *tag, *behind_tag, *behind_stamp;
	bool has_stamp = find_stamp(before, &stamp, &behind_stamp);
	bool has_tag = find_tag(before, &tag, &behind_tag);

	if (has_stamp)
		start = behind_stamp;
	if (has_tag && behind_tag > start)
		start = behind_tag;
	*ret = (struct linux_message){
		.line = *line,
		.has_head = has_stamp || has_tag,
		.is_diff = is_diff_line(line),
	};
	line_move(&ret->line, (size_t)(start - line->start));
	skip_decoration(&ret->line);
	if (has_tag && tag > line->start && !(has_stamp && stamp.start < tag))
		ret->wall = crc32_add(0, line->start, (size_t)(tag - line->start)) | 1;
	if (has_stamp && !is_zero_stamp(stamp.start, stamp.bytes)) {
		const char *end = head.start + head.bytes;

		end = end > ret->line.start ? end : ret->line.start;
		ret->mark = crc32_add(0, stamp.start, (size_t)(end - stamp.start)) | 1;
	}
}
