/* linux_message.c - what stands before a message, and where it ends: see linux_message.h. */
#include "mapdiff/read/linux/linux_message.h"

#include <ctype.h>
#include <string.h>

#include "bootmem/count.h"
#include "mapdiff/read/gaps.h"
#include "x86/crc32.h"

#define MOST_LEVEL 8  /* "warning" */
#define MOST_GROUP 80 /* "[quote=...]" */

/* The time, as the kernel has it in brackets: "    0.191315", "Wed May  8 08:20:04 2024" (dmesg
 * -T).
 */
static bool is_stamp(struct line text)
{
	const char *end = line_end(&text);
	uint64_t n;

	if (text.bytes < 8 || text.bytes > 32)
		return false;
	if (end[-7] == '.')
		return line_take_all(&text, " %u.%u", &n, &n) && text.bytes == 0;
	return text.bytes > 16 && end[-5] == ' ' && end[-8] == ':' && end[-11] == ':';
}

/* The first stamp of @head, without its brackets. */
static bool find_stamp(struct line head, struct line *ret_stamp)
{
	while (line_find(&head, "[")) {
		struct line close = head;

		if (!line_find(&close, "]"))
			return false;
		line_move(&head, 1);
		*ret_stamp = (struct line){ head.start, head.bytes - close.bytes, head.number };
		if (is_stamp(*ret_stamp))
			return true;
	}
	return false;
}

/* Something short in brackets, or of a logger. What has a number of the kernel's in it is none. */
static bool skip_group(struct line *line)
{
	static const char *const groups[] = {
		"[*]", /* "[code]", "[    T0]", "[quote="joe, post: 1"]" */
		"<*>", /* "<6>" */
		"&*;", /* "&gt;" */
		/* "2024-05-08T08:20:04,123456+00:00 ", of dmesg --time-format=iso */
		"%u-%u-%uT%u:%u:%u* ",
		/* "6,339,5140900,-,caller=T1;" of /dev/kmsg and netconsole: priority, number,
		 * microseconds, flags and what may come */
		"%u,%u,%u,*;",
	};
	uint64_t n;

	for (size_t i = 0; i < COUNT(groups); i++) {
		struct line rest = line_head(line, MOST_GROUP), group = rest;

		if (!line_take_all(&rest, groups[i], &n, &n, &n, &n, &n, &n))
			continue;
		group.bytes -= rest.bytes;
		rest = group;
		if (line_find(&rest, "0x"))
			return false;
		line_move(line, group.bytes);
		return true;
	}
	return false;
}

/* "12: ", "12. ", "  12  ", "* ", "- ": numbers of lines, and items of a list. */
static bool skip_item(struct line *line)
{
	struct line rest = *line, mtrr;
	uint64_t number;

	if (line_take_decimal(&rest, &number)) {
		if (!line_take(&rest, ":") && !line_take(&rest, "."))
			line_take(&rest, ")");
	} else if (!line_take(&rest, "*") && !line_take(&rest, "-")) {
		return false;
	}
	if (line_first(&rest) != ' ' && line_first(&rest) != '\t')
		return false;
	mtrr = rest;
	if (line_take(&mtrr, " base ") || line_take(&mtrr, " disabled"))
		return false; /* the number is the message's: "0 base 000000000 mask ..." */
	*line = rest;
	return true;
}

/* Quotes, markup, control characters, what loggers put before a message that has no time in
 * brackets. What stands for lines that were left out looks like markup. */
static void skip_decoration(struct linux_message *message)
{
	struct line *line = &message->line;

	while (line->bytes > 0) {
		message->is_mark = gaps_is_mark(*line, message->has_head);
		if (message->is_mark)
			return;
		if (line_first(line) <= ' ' || strchr(">|`\"", line_first(line)) != NULL)
			line_move(line, 1);
		else if (!line_take(line, "MESSAGE=") && !skip_group(line) && !skip_item(line))
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
		while (line_first(line) == '[' && !gaps_is_mark(*line, true) &&
		       line_find(line, "]"))
			line_move(line, 1);
		return true;
	}
	if (!line_take_all(&rest, " :"))
		return false;
	while (isalpha(line_first(&rest)))
		line_move(&rest, 1);
	if (!line_take_all(&rest, " :") || !line_take(&rest, " "))
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
	int c = line_first(line), next = line->bytes > 1 ? (unsigned char)line->start[1] : '\0';

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

/* "kern.info", "user.notice", "INFO": what syslog may have between the host and the tag. */
static bool is_level(struct line word)
{
	static const char levels[] = " emerg alert crit err error warn warning notice info debug "
				     "panic fatal trace ";
	struct line level = word;
	char text[MOST_LEVEL + 3] = " ";
	size_t n = 1;

	if (line_find(&level, "."))
		line_move(&level, 1);
	else
		level = word;
	for (; level.bytes > 0 && n <= MOST_LEVEL; line_move(&level, 1))
		text[n++] = (char)tolower(line_first(&level));
	text[n] = ' ';
	return n > 1 && level.bytes == 0 && strstr(levels, text) != NULL;
}

/* "May  4 12:22:28 host kernel: ": the last word before @tag that is no level, if it is one. 0: it
 * is none. */
static uint32_t hash_host(const char *start, const char *tag)
{
	const char *end = tag, *word;

	do {
		while (end > start && end[-1] == ' ')
			end--;
		for (word = end; word > start && word[-1] != ' ';)
			word--;
		if (!is_level((struct line){ word, (size_t)(end - word), 0 }))
			break;
		end = word;
	} while (end > start);
	return word < end && isalpha((unsigned char)*word)
	               ? crc32_add(0, word, (size_t)(end - word)) | 1
	               : 0;
}

void linux_message_find(const struct line *line, struct linux_message *ret)
{
	const struct line head = line_head(line, LINUX_PREFIX_BYTES),
			  before = before_map_line(head);
	const char *start = line->start, *end, *tag, *behind_tag;
	struct line stamp;
	bool has_stamp = find_stamp(before, &stamp);
	bool has_tag = find_tag(before, &tag, &behind_tag);

	if (has_stamp)
		start = line_end(&stamp) + 1;
	if (has_tag && behind_tag > start)
		start = behind_tag;
	*ret = (struct linux_message){
		.line = *line,
		.has_head = has_stamp || has_tag,
		.has_tag = has_tag && !has_stamp,
		.is_diff = is_diff_line(line),
	};
	line_move(&ret->line, (size_t)(start - line->start));
	skip_decoration(ret);
	if (has_tag && tag > line->start && !(has_stamp && stamp.start < tag)) {
		ret->wall = crc32_add(0, line->start, (size_t)(tag - line->start)) | 1;
		ret->host = hash_host(line->start, tag);
	}
	if (!has_stamp)
		return;
	start = stamp.start;
	end = line_end(&head) > ret->line.start ? line_end(&head) : ret->line.start;
	line_skip(&stamp, " .0");
	if (stamp.bytes > 0)
		ret->mark = crc32_add(0, start, (size_t)(end - start)) | 1;
}
