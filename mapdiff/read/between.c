/* between.c - lines among those of a map that are no reason for doubt: see between.h. */
#include "mapdiff/read/between.h"

#include <ctype.h>
#include <string.h>

#include "bootmem/count.h"

#define HEAD_BYTES   80 /* in which a logger has said when, and who */
#define MOST_SUBJECT 40 /* bytes of "NX (Execute Disable) protection: " */
#define MOST_LEVEL   8  /* "[WARNING]" */

/* "10:25:43" */
static bool is_time(struct line line)
{
	for (size_t i = 0; i < 8; i++, line_move(&line, 1))
		if (i % 3 == 2 ? line_first(&line) != ':' : !isdigit(line_first(&line)))
			return false;
	return true;
}

/* "[    0.000000]", "[+0.000012]", "1714818148.123456 host" */
static bool is_seconds(struct line line)
{
	uint64_t n;

	line_take(&line, "[");
	line_skip(&line, " +<");
	return line_take_decimal(&line, &n) && line_take(&line, ".") &&
	       line_skip(&line, "0123456789") >= 6;
}

/* "systemd[1]: Started" */
static bool is_process(struct line line)
{
	uint64_t n;

	return line_take_all(&line, "[%u]: ", &n);
}

/* "MESSAGE=", "_HOSTNAME=" */
static bool is_field(struct line line)
{
	line_skip_blanks(&line);
	return line_skip(&line, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") > 2 &&
	       line_first(&line) == '=';
}

/* "[INFO] ...", "[ WARN]: ..." */
static bool is_level(struct line line)
{
	static const char levels[] = " info debug warn warning error trace notice ";
	char word[MOST_LEVEL + 3] = " ";
	size_t n = 1;

	if (!line_take(&line, "["))
		return false;
	line_skip_blanks(&line);
	for (; isalpha(line_first(&line)) && n <= MOST_LEVEL; line_move(&line, 1))
		word[n++] = (char)tolower(line_first(&line));
	word[n++] = ' ';
	line_skip_blanks(&line);
	return n > 2 && line_take(&line, "]") && strstr(levels, word) != NULL;
}

bool between_is_log(struct line line)
{
	static const char *const names[] = { "(XEN)", "TBOOT:", "kernel:" };
	struct line head = line_head(&line, HEAD_BYTES);

	if (is_field(head))
		return true;
	for (size_t i = 0; i < COUNT(names); i++) {
		struct line rest = head;

		if (line_find(&rest, names[i]))
			return true;
	}
	line_skip(&head, " \t>|`");
	if (is_seconds(head) || is_level(head))
		return true;
	for (; head.bytes > 0; line_move(&head, 1))
		if (is_time(head) || is_process(head))
			return true;
	return false;
}

bool between_is_message(struct line line)
{
	struct line subject = line_head(&line, MOST_SUBJECT), end = subject;
	bool is_name = islower(line_first(&subject)) ||
	               (subject.bytes > 1 && isupper(line_first(&subject)) &&
	                !islower((unsigned char)subject.start[1]) && subject.start[1] != ' ');

	return is_name && line_find(&end, ": ") && end.bytes > 2;
}

/* "(0MB)": what a mail program broke off a line that is whole without it. */
static bool is_size(struct line line)
{
	uint64_t n;

	return line_take_all(&line, "(%u", &n) && line_skip(&line, " KMGTiB") > 0 &&
	       line_take(&line, ")") && line.bytes == 0;
}

/* "[code]", "[/quote]", "</td>", "{noformat}": one word. */
static bool is_tag(struct line line)
{
	static const char *const pairs = "[]{}<>";
	const char *open = line.bytes > 2 && line_first(&line) != '\0' /* which all have */
	                           ? strchr(pairs, line_first(&line))
	                           : NULL;
	bool is_end;

	if (open == NULL || line_end(&line)[-1] != open[1])
		return false;
	line_move(&line, 1);
	is_end = line_take(&line, "/");
	while (isalnum(line_first(&line)))
		line_move(&line, 1);
	return is_end || (line.bytes == 1 && open[0] != '<');
}

/* "12", "12.", "[1]", "| 3 |", "L12" */
static bool is_number(struct line line)
{
	bool has_digit = false;

	line_take(&line, "L");
	for (; line.bytes > 0; line_move(&line, 1)) {
		has_digit |= isdigit(line_first(&line));
		if (!isdigit(line_first(&line)) && strchr(" \t.:)([]|#", line_first(&line)) == NULL)
			return false;
	}
	return has_digit;
}

bool between_is_furniture(struct line line)
{
	static const char *const pagers[] = { "--More--", "--MORE--", "Press ENTER" };
	struct line blank = line, pager = line;
	uint64_t n;

	line_skip(&blank, " \t\r|`>");
	for (size_t i = 0; i < COUNT(pagers); i++)
		if (line_take(&pager, pagers[i]))
			return true;
	return blank.bytes == 0 || is_number(line) || is_size(line) || is_tag(line) ||
	       line_take_all(&pager, "lines %u-%u", &n, &n);
}
