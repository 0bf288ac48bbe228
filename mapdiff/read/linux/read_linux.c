/*
 * read_linux.c - a log with boots of Linux in it -> a record for each boot.
 *
 * From dmesg, journalctl, syslog, a serial console, or pasted somewhere: what stands before a
 * kernel's message is taken off, the rest is linux_maps.c's and linux_facts.c's.
 *
 * A boot begins at "Linux version", or where the BIOS-e820 list begins anew (of logs that went
 * through grep). The same boot may be in a file twice, as console output and as dmesg, say: it is
 * told by its time stamps, and put together again.
 */
#include <ctype.h>
#include <string.h>

#include "mapdiff/base/memory.h"
#include "mapdiff/read/linux/read_linux.h"
#include "mapdiff/read/readers.h"

#define PREFIX_BYTES 200   /* no logger writes more before a message */
#define MOST_GROUP   80    /* "[quote=...]" */
#define MOST_BOOTS   65536 /* in a file; a bound on what a hostile one costs */
#define MOST_MARKS   16
#define MOST_BROKEN  4   /* lines that one line of a map was broken into */
#define MOST_JOINED  512 /* bytes of it */

/* --- what stands before a message --- */

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

/* Something in brackets that is short: "[code]", "[    T0]", "[quote="joe, post: 1"]"; "<6>";
 * "&gt;". What has a number of the kernel's in it is none. */
static bool skip_group(const struct line *line, size_t *at)
{
	static const char opens[] = "[<&", closes[] = "]>;";
	const char *open = strchr(opens, line->start[*at]), *close;
	struct line group = { line->start, 0, line->number };
	size_t n = line->bytes - *at < MOST_GROUP ? line->bytes - *at : MOST_GROUP, inner = *at;

	if (open == NULL || *open == '\0')
		return false;
	close = memchr(line->start + *at, closes[open - opens], n);
	if (close == NULL)
		return false;
	group.bytes = (size_t)(close - line->start);
	if (line_find(&group, &inner, "0x"))
		return false;
	*at = group.bytes + 1;
	return true;
}

/* "2024-05-08T08:20:04,123456+00:00 ", of dmesg --time-format=iso. */
static bool skip_iso_date(const struct line *line, size_t *at)
{
	const char *date = line->start + *at, *blank;

	if (line->bytes - *at <= 20 || !isdigit((unsigned char)date[0]) || date[10] != 'T' ||
	    date[13] != ':')
		return false;
	blank = memchr(date, ' ', line->bytes - *at);
	if (blank == NULL)
		return false;
	*at = (size_t)(blank - line->start);
	return true;
}

/* "6,339,5140900,-,caller=T1;" of /dev/kmsg and netconsole: priority, number, microseconds, flags
 * and what may come. */
static bool skip_record_head(const struct line *line, size_t *at)
{
	size_t i = *at;
	const char *end;
	uint64_t number;

	for (int field = 0; field < 3; field++) {
		if (!line_take_decimal(line, &i, &number) || !line_take(line, &i, ","))
			return false;
	}
	end = memchr(line->start + i, ';',
	             line->bytes - i < MOST_GROUP ? line->bytes - i : MOST_GROUP);
	if (end == NULL)
		return false;
	*at = (size_t)(end - line->start) + 1;
	return true;
}

/* "12: ", "12. ", "  12  ", "* ", "- ": numbers of lines, and items of a list. */
static bool skip_item(const struct line *line, size_t *at)
{
	size_t i = *at;
	uint64_t number;

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
	if (line_take(line, &i, "el["))
		return line_take_decimal(line, &i, &number) && line_take(line, &i, "]: ") &&
		       (*at = i, true);
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
	unsigned char next = line->bytes > 1 ? (unsigned char)line->start[1] : 0;

	switch (next == 0 ? 0 : *line->start) {
	case '-':
		return next == '[' || isalpha(next);
	case '+':
		return next == '[' || isalpha(next) || next == ' ';
	case '<':
		return next == ' ';
	default:
		return false;
	}
}

static uint32_t hash(uint32_t value, const char *text, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		value = (value ^ (unsigned char)text[i]) * 16777619; /* FNV-1a */
	return value;
}

/* Where a line of a map starts, or the end. What comes behind that is no time and no tag of it, but
 * the line of another CPU that broke in. */
static size_t find_map_line(const struct line *head)
{
	size_t at = 0;

	if (line_find(head, &at, "BIOS-e820:") || line_find(head, &at, "efi: mem"))
		return at;
	return head->bytes;
}

/* A message, and what tells the same boot again. */
struct message {
	struct linux_message text;
	uint32_t mark; /* of time stamp and text; 0: the clock did not run yet */
	uint32_t wall; /* of date and host before "kernel:"; 0: not there */
};

static void find_message(const struct line *line, struct message *ret)
{
	struct line head = *line, before; /* ... the map's line, if there is one in it */
	size_t at = 0, tag = 0, behind_tag = 0, stamp = 0, behind_stamp = 0;
	bool has_stamp, has_tag;

	head.bytes = line->bytes < PREFIX_BYTES ? line->bytes : PREFIX_BYTES;
	before = head;
	before.bytes = find_map_line(&head);
	has_stamp = find_stamp(&before, &stamp, &behind_stamp);
	has_tag = find_tag(&before, &tag, &behind_tag);
	if (has_stamp)
		at = behind_stamp;
	if (has_tag && behind_tag > at)
		at = behind_tag;
	skip_decoration(line, &at);
	*ret = (struct message){ .text.line = { line->start + at, line->bytes - at,
		                                line->number } };
	ret->text.is_diff = is_diff_line(line);
	if (has_tag && tag > 0 && !(has_stamp && stamp < tag))
		ret->wall = hash(2166136261u, line->start, tag) | 1;
	if (has_stamp && !is_zero_stamp(line->start + stamp, behind_stamp - 1 - stamp))
		ret->mark = hash(2166136261u, line->start + stamp,
		                 (head.bytes > at ? head.bytes : at) - stamp) |
		            1;
}

/* --- boots --- */

/* Why a boot was begun, and what tells whether two are the same one. */
struct boot_identity {
	bool is_announced; /* by "Linux version" or a journal's "-- Boot" line */
	uint32_t wall;     /* of its first e820 line */
	uint32_t marks[MOST_MARKS];
	size_t n_marks;
};

struct log {
	const struct input *input;
	struct record **records;
	size_t n_records, records_capacity;
	struct boot_identity previous; /* of the last of the records */
	struct linux_boot boot;        /* the one that is read */
	struct boot_identity identity;
	bool has_content;         /* any line of it was known */
	bool is_reversed;         /* the whole file is */
	char joined[MOST_JOINED]; /* the message that is read, if it was broken */
};

static void begin_boot(struct log *log, bool is_announced)
{
	log->boot = (struct linux_boot){ .record = record_new(log->input->name, SOURCE_LINUX_LOG) };
	log->identity = (struct boot_identity){ .is_announced = is_announced };
	log->has_content = false;
}

static bool is_same_e820(const struct record *a, const struct record *b)
{
	if (a->n_e820_printed != b->n_e820_printed)
		return false;
	for (size_t i = 0; i < a->n_e820_printed; i++) {
		const struct e820_range *left = &a->e820_printed[i], *right = &b->e820_printed[i];

		if (left->start_paddr != right->start_paddr ||
		    left->end_paddr != right->end_paddr || left->type != right->type)
			return false;
	}
	return true;
}

/* Three quarters of the time-stamped messages of the shorter one are in the other: a console loses
 * some. */
static bool has_same_marks(const struct boot_identity *a, const struct boot_identity *b)
{
	size_t least = a->n_marks < b->n_marks ? a->n_marks : b->n_marks, n_same = 0;

	for (size_t i = 0; i < a->n_marks; i++)
		for (size_t j = 0; j < b->n_marks; j++)
			if (a->marks[i] == b->marks[j]) {
				n_same++;
				break;
			}
	return n_same * 4 >= least * 3;
}

/* Is the boot that was just read the one before it, once more? Without any times in it, an excerpt
 * that has the same map is. */
static bool is_repetition(const struct log *log)
{
	const struct boot_identity *before = &log->previous, *now = &log->identity;

	if (before->wall != 0 && now->wall != 0)
		return before->wall == now->wall;
	if (before->n_marks > 0 && now->n_marks > 0)
		return has_same_marks(before, now);
	return !(before->is_announced && now->is_announced) &&
	       is_same_e820(log->records[log->n_records - 1], log->boot.record);
}

/* Give @record what only @other has. */
static void merge(struct record *record, const struct record *other)
{
	bool has_uefi = record->n_uefi > 0, has_e820 = record->n_e820_printed > 0;
	bool has_acpi = record->n_acpi > 0, has_landmarks = record->n_landmarks > 0;

	for (size_t i = 0; !has_uefi && i < other->n_uefi; i++)
		record_add_uefi(record, &other->uefi[i]);
	for (size_t i = 0; !has_e820 && i < other->n_e820_printed; i++)
		record_add_e820(record, other->e820_printed[i].start_paddr,
		                other->e820_printed[i].end_paddr, other->e820_printed[i].type);
	for (size_t i = 0; !has_acpi && i < other->n_acpi; i++)
		*MEMORY_ADD(record, acpi) = other->acpi[i];
	for (size_t i = 0; !has_landmarks && i < other->n_landmarks; i++)
		record_add_landmark(record, other->landmarks[i].start_paddr,
		                    other->landmarks[i].end_paddr, other->landmarks[i].kind,
		                    other->landmarks[i].name);
	for (size_t i = 0; i < other->n_facts; i++)
		if (record_value(record, other->facts[i].key) == NULL)
			record_set_value(record, other->facts[i].key, other->facts[i].value,
			                 strlen(other->facts[i].value));
	record->is_uefi_accepted |= other->is_uefi_accepted;
	if (record->e820_view == VIEW_NONE)
		record->e820_view = other->e820_view;
}

/* The boot once more: the better of the two is kept, and what the other has besides. */
static void merge_repetition(struct log *log)
{
	struct record **kept = &log->records[log->n_records - 1];
	struct record *other = log->boot.record;

	if (other->n_faults < (*kept)->n_faults &&
	    other->n_e820_printed >= (*kept)->n_e820_printed && other->n_uefi >= (*kept)->n_uefi) {
		other = *kept;
		*kept = log->boot.record;
	}
	if (other->n_faults == 0 && (*kept)->n_faults == 0 && other->n_e820_printed > 0 &&
	    (*kept)->n_e820_printed > 0 && !is_same_e820(*kept, other))
		record_add_fault(*kept, 0,
		                 "one boot is in the log twice, and its e820 map is not "
		                 "the same in both");
	merge(*kept, other);
}

/* Lists of one range, each with its end where the one before starts: one list from its end on. What
 * stands alone behind them is of it, too. */
static void note_reverse_order(struct log *log)
{
	const struct record *before = log->n_records > 0 ? log->records[log->n_records - 1] : NULL;
	struct record *now = log->boot.record;

	if (before == NULL || before->n_e820_printed != 1 || now->n_e820_printed != 1)
		return;
	log->is_reversed |= now->e820_printed[0].end_paddr == before->e820_printed[0].start_paddr;
	if (log->is_reversed)
		record_add_fault(now, log->boot.maps.last_line,
		                 "the lines are in reverse order, as journalctl -r prints them: "
		                 "turn them round, with tac say");
}

static void end_boot(struct log *log)
{
	linux_finish_maps(&log->boot);
	linux_finish_facts(&log->boot);
	note_reverse_order(log);
	if (log->has_content && log->n_records > 0 && is_repetition(log)) {
		merge_repetition(log);
	} else if (log->has_content) {
		*MEMORY_ADD(log, records) = log->boot.record;
		log->previous = log->identity;
	}
}

/* "Linux version 6.1.0-56-amd64 (...": a sentence about one has no digit there. */
static bool is_version(const struct line *message)
{
	size_t at = 0;

	return line_take(message, &at, "Linux version ") && at < message->bytes &&
	       isdigit((unsigned char)message->start[at]);
}

/* What journalctl puts between boots. */
static bool is_separator(const struct line *message)
{
	size_t at = 0;

	return line_take(message, &at, "-- Boot ") || line_take(message, &at, "-- Reboot --");
}

static void note_identity(struct log *log, const struct message *message, bool is_map)
{
	struct boot_identity *identity = &log->identity;

	if (is_map && identity->wall == 0)
		identity->wall = message->wall;
	if (message->mark != 0 && identity->n_marks < MOST_MARKS)
		identity->marks[identity->n_marks++] = message->mark;
}

static void read_message(struct log *log, const struct message *message)
{
	const struct line *line = &message->text.line;
	bool is_announced = is_version(line) || is_separator(line);
	bool is_map;

	if (is_announced && !log->has_content) {
		log->identity.is_announced = true;
	} else if (is_announced || linux_restarts_e820(&log->boot, line)) {
		end_boot(log);
		begin_boot(log, is_announced);
	}
	is_map = linux_read_map(&log->boot, &message->text);
	if (is_map || linux_read_fact(&log->boot, line)) {
		if (!log->has_content)
			log->boot.record->line = line->number;
		log->has_content = true;
		note_identity(log, message, is_map);
	}
}

/* "** 12 printk messages dropped **" of a console, until 4.14 with a message behind it in the same
 * line; "Missed 12 kernel messages" of the journal. */
static void note_dropped(struct log *log, const struct line *line)
{
	struct line head = *line;
	size_t at = 0;

	head.bytes = line->bytes < PREFIX_BYTES ? line->bytes : PREFIX_BYTES;
	if (line_find(&head, &at, "messages dropped **") ||
	    (line_find(&head, &at, "Missed ") && line_find(&head, &at, " kernel messages")))
		linux_note_dropped(&log->boot, line);
}

/* The rest of a line that was broken: no message of its own, behind the marks of a mail's quote. */
static bool take_rest(const struct line *line, struct line *ret_rest)
{
	struct message message;
	size_t at = 0, start, behind;

	find_message(line, &message);
	if (line->bytes > MOST_JOINED || find_stamp(line, &start, &behind) ||
	    find_tag(line, &start, &behind) || linux_is_map_line(&message.text.line))
		return false;
	while (line_take(line, &at, ">")) /* no more blanks than that: the columns count */
		line_take(line, &at, " ");
	*ret_rest = (struct line){ line->start + at, line->bytes - at, line->number };
	return ret_rest->bytes > 0;
}

/* Put @message together with the lines behind @line until it is whole, with @glue where it was
 * broken. If it becomes whole, *line is the last of them. */
static bool join_with(struct log *log, struct line *line, struct line *message, const char *glue)
{
	struct line next = *line, rest;
	struct line whole = { log->joined, message->bytes, message->number };

	if (message->bytes > sizeof log->joined)
		return false;
	memcpy(log->joined, message->start, message->bytes);
	for (int n = 1; n < MOST_BROKEN && input_next_line(log->input, &next); n++) {
		size_t n_glue = strlen(glue);

		if (!take_rest(&next, &rest) ||
		    rest.bytes + n_glue > sizeof log->joined - whole.bytes)
			return false;
		memcpy(log->joined + whole.bytes, glue, n_glue);
		memcpy(log->joined + whole.bytes + n_glue, rest.start, rest.bytes);
		whole.bytes += n_glue + rest.bytes;
		if (!linux_is_broken_map_line(&whole)) {
			*message = whole;
			*line = next;
			return true;
		}
	}
	return false;
}

/* Mail programs break a line at a blank, terminals where it is full. */
static void mend_broken(struct log *log, struct line *line, struct line *message)
{
	if (linux_is_broken_map_line(message) && !join_with(log, line, message, " "))
		join_with(log, line, message, "");
}

static bool is_log_line(const struct line *line)
{
	struct message message;

	find_message(line, &message);
	return is_version(&message.text.line) || linux_is_map_line(&message.text.line);
}

static size_t read_log(const struct input *input, struct record ***ret_records)
{
	struct log log = { .input = input };
	struct line line = { 0 };

	begin_boot(&log, false);
	while (log.n_records < MOST_BOOTS && input_next_line(input, &line)) {
		struct message message;

		note_dropped(&log, &line);
		find_message(&line, &message);
		mend_broken(&log, &line, &message.text.line);
		if (message.text.line.bytes > 0)
			read_message(&log, &message);
	}
	end_boot(&log);
	if (log.n_records >= MOST_BOOTS)
		record_add_fault(log.records[log.n_records - 1], line.number,
		                 "the file has more boots; what follows was not read");
	*ret_records = log.records;
	return log.n_records;
}

const struct reader linux_reader = {
	.source = SOURCE_LINUX_LOG,
	.name = "a Linux log",
	.recognizes = is_log_line,
	.read = read_log,
};
