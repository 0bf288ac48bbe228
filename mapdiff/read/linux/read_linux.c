/*
 * read_linux.c - a log with boots of Linux in it -> a record for each boot.
 *
 * From dmesg, journalctl, syslog, a serial console, or pasted somewhere: linux_message.c takes off
 * what stands before a kernel's message, linux_maps.c and linux_facts.c read it.
 *
 * A boot begins at "Linux version", or where the BIOS-e820 list begins anew (of logs that went
 * through grep). The same boot may be in a file twice, as console output and as dmesg, say: it is
 * told by its time stamps, and put together again.
 */
#include <ctype.h>
#include <string.h>

#include "mapdiff/base/map.h"
#include "mapdiff/read/between.h"
#include "mapdiff/read/linux/linux_facts.h"
#include "mapdiff/read/linux/linux_maps.h"
#include "mapdiff/read/reader.h"

#define MOST_BOOTS  65536 /* in a file; a bound on what a hostile one costs */
#define MOST_MARKS  16
#define MOST_BROKEN 6   /* lines that one line of a map was broken into */
#define MOST_BLANK  8   /* blank lines between two of these */
#define MOST_PIECE  512 /* bytes of such a line */

/* Why a boot was begun, and what tells whether two are the same one. */
struct boot_identity {
	bool is_announced; /* by "Linux version" or a journal's "-- Boot" line */
	uint32_t wall;     /* of its first e820 line */
	uint32_t marks[MOST_MARKS];
	size_t n_marks;
	bool is_contradicted; /* it is there more than once, with two maps */
};

/* A boot begins with @line, and the list of @record was not over, maybe. */
struct boot_break {
	struct record *record;
	struct line line;
};

struct log {
	const struct input *input;
	struct records *records;
	struct boot_identity previous; /* of the last of the records */
	/* The boot that is read. */
	struct linux_maps maps;
	struct linux_boot boot;
	struct boot_identity identity;
	bool has_content; /* any line of it was known */
	bool has_others;  /* messages that are not of its head, and not of its maps */
	bool is_reversed; /* the whole file is */
	bool goes_on;     /* some boot has such others behind its list: nobody has left them out */
	MEMORY_LIST(struct boot_break, breaks);
};

static void begin_boot(struct log *log, bool is_announced)
{
	log->boot = (struct linux_boot){ .record = record_new(log->input->name, SOURCE_LINUX_LOG) };
	log->maps = (struct linux_maps){ .record = log->boot.record,
		                         .is_excerpt = log->input->is_excerpt,
		                         .earlier = records_last(log->records) };
	log->identity = (struct boot_identity){ .is_announced = is_announced };
	log->has_content = false;
	log->has_others = false;
}

static bool is_same_e820(const struct record *a, const struct record *b)
{
	struct e820_map left = { a->e820_printed, a->n_e820_printed, a->n_e820_printed };
	struct e820_map right = { b->e820_printed, b->n_e820_printed, b->n_e820_printed };

	return map_is_same(&left, &right);
}

/* Three quarters of the time-stamped messages of the shorter one are in the other: a console loses
 * some. */
static bool has_same_marks(const struct boot_identity *a, const struct boot_identity *b)
{
	size_t least = a->n_marks < b->n_marks ? a->n_marks : b->n_marks, n_same = 0;

	for (size_t i = 0; i < a->n_marks; i++) {
		size_t j = 0;

		while (j < b->n_marks && a->marks[i] != b->marks[j])
			j++;
		n_same += j < b->n_marks;
	}
	return n_same * 4 >= least * 3;
}

/* May both be of one boot, by what they tell of it? */
static bool agree(const struct record *a, const struct record *b, enum fact_id id)
{
	const char *left = record_fact(a, id), *right = record_fact(b, id);

	return left == NULL || right == NULL || strcmp(left, right) == 0;
}

/* Is the boot that was just read the one before it, once more? Without any times in it, an excerpt
 * that has the same map is. */
static bool is_repetition(const struct log *log)
{
	const struct boot_identity *before = &log->previous, *now = &log->identity;
	const struct record *last = records_last(log->records);

	if (!agree(last, log->boot.record, FACT_TIME) ||
	    !agree(last, log->boot.record, FACT_KERNEL_VERSION))
		return false;
	if (before->wall != 0 && now->wall != 0)
		return before->wall == now->wall;
	if (before->n_marks > 0 && now->n_marks > 0)
		return has_same_marks(before, now);
	return !(before->is_announced && now->is_announced) && is_same_e820(last, log->boot.record);
}

/* The boot once more: the better of the two is kept, and what the other has besides. A third print
 * does not tell which of two is right. */
static void merge_repetition(struct log *log)
{
	struct record **kept = &log->records->list[log->records->n_list - 1];
	struct record *other = log->boot.record;

	if (((*kept)->e820_view == VIEW_HOLES && other->e820_view == VIEW_FIRMWARE) ||
	    (!log->previous.is_contradicted && other->n_faults < (*kept)->n_faults &&
	     other->n_e820_printed >= (*kept)->n_e820_printed &&
	     other->n_uefi >= (*kept)->n_uefi)) {
		other = *kept;
		*kept = log->boot.record;
	}
	if (other->n_faults == 0 && (*kept)->n_faults == 0 && other->n_e820_printed > 0 &&
	    (*kept)->n_e820_printed > 0 && other->e820_view == (*kept)->e820_view &&
	    !is_same_e820(*kept, other)) {
		log->previous.is_contradicted = true;
		record_add_fault(*kept, 0,
		                 "one boot is in the log twice, and its e820 map is not "
		                 "the same in both");
	}
	record_merge(*kept, other);
}

/* Lists of one range, each with its end where the one before starts: one list from its end on. What
 * stands alone behind them is of it, too. */
static void note_reverse_order(struct log *log)
{
	const struct record *before = records_last(log->records);
	struct record *now = log->boot.record;

	if (before == NULL || before->n_e820_printed != 1 || now->n_e820_printed != 1)
		return;
	log->is_reversed |= now->e820_printed[0].end_paddr == before->e820_printed[0].start_paddr;
	if (log->is_reversed)
		record_add_fault(now, log->maps.e820_gaps.last_line,
		                 "the lines are in reverse order, as journalctl -r prints them: "
		                 "turn them round, with tac say");
}

static bool has_range(const struct record *record, const struct e820_range *range)
{
	MEMORY_EACH(known, record, e820_printed)
		if (known->start_paddr == range->start_paddr &&
		    known->end_paddr == range->end_paddr && known->type == range->type)
			return true;
	return false;
}

/* Has @large all lines of the list @excerpt, and at least as many others? Who quotes a list quotes
 * nothing else: what tells something of its own machine is a boot. */
static bool is_excerpt(const struct record *excerpt, const struct record *large)
{
	if (excerpt->n_e820_printed == 0 || excerpt->n_uefi > 0 || excerpt->n_facts > 0 ||
	    excerpt->n_e820_printed * 2 > large->n_e820_printed)
		return false;
	MEMORY_EACH(range, excerpt, e820_printed)
		if (!has_range(large, range))
			return false;
	return true;
}

/* Lines that were quoted from a list, before all of it or behind, are no boot. True if that was
 * said of the boot that was just read, or of the one before it. */
static bool take_quotation(struct log *log)
{
	struct record **before, *now = log->boot.record;

	if (log->records->n_list == 0)
		return false;
	before = &log->records->list[log->records->n_list - 1];
	if (!log->identity.is_announced && !log->maps.has_header && is_excerpt(now, *before)) {
		record_merge(*before, now);
		return true;
	}
	if (log->previous.is_announced || !is_excerpt(*before, now))
		return false;
	record_merge(now, *before);
	*before = now;
	log->previous = log->identity;
	return true;
}

static void end_boot(struct log *log)
{
	linux_maps_finish(&log->maps);
	linux_facts_finish(&log->boot);
	note_reverse_order(log);
	log->boot.record->lacks_head &= !log->identity.is_announced;
	if (take_quotation(log))
		return;
	if (log->has_content && log->records->n_list > 0 && is_repetition(log)) {
		merge_repetition(log);
	} else if (log->has_content) {
		*MEMORY_ADD(log->records, list) = log->boot.record;
		log->previous = log->identity;
	}
}

/* "Linux version 6.1.0-56-amd64 (...": a sentence about one has no digit there. */
static bool is_version(struct line message)
{
	return line_take(&message, "Linux version ") && isdigit(line_first(&message));
}

/* Does a boot begin there, with its version or with what journalctl puts between boots? */
static bool announces_boot(struct line message)
{
	return is_version(message) || line_take(&message, "-- Boot ") ||
	       line_take(&message, "-- Reboot --");
}

/* What grep takes with a map: what the kernel prints right before it. */
static bool is_of_head(struct line message)
{
	line_take(&message, "e820: ");
	return announces_boot(message) || line_take(&message, "Command line:") ||
	       line_take(&message, "BIOS-provided physical RAM map:");
}

static void note_other(struct log *log, const struct linux_message *message)
{
	if (!message->has_head || is_of_head(message->line))
		return;
	log->has_others = true;
	log->goes_on |= log->maps.has_e820;
}

static void blame_break(const struct boot_break *at)
{
	line_fault(at->record, &at->line, "another boot begins here, within the e820 map");
}

/* @line begins another boot. Who has taken the map alone out of a log has it like that; else it is
 * broken off. That shows when the whole file is read, at the latest. */
static void note_break(struct log *log, const struct line *line)
{
	struct boot_break here = { log->boot.record, *line };

	if (!linux_maps_stop_before(&log->maps, line))
		return;
	if (log->has_others || log->goes_on)
		blame_break(&here);
	else
		*MEMORY_ADD(log, breaks) = here;
}

static void read_message(struct log *log, const struct linux_message *message,
                         const struct linux_maps_line *parsed)
{
	struct boot_identity *identity = &log->identity;
	const struct line *line = &message->line;
	bool is_announced = announces_boot(*line), is_map, is_fact;

	if (is_announced && !log->has_content) {
		identity->is_announced = true;
	} else if (is_announced || linux_maps_restarts(&log->maps, message, parsed)) {
		if (is_announced && identity->is_announced)
			note_break(log, line);
		end_boot(log);
		begin_boot(log, is_announced);
	}
	is_map = linux_maps_read(&log->maps, message, parsed);
	is_fact = !is_map && linux_facts_read(&log->boot, *line);
	if (!is_map) {
		linux_maps_pass(&log->maps, message, is_fact);
		note_other(log, message);
	}
	if (is_map || is_fact) {
		if (!log->has_content)
			log->boot.record->line = line->number;
		log->has_content = true;
		if (is_map && identity->wall == 0)
			identity->wall = message->wall;
		if (message->mark != 0 && identity->n_marks < MOST_MARKS)
			identity->marks[identity->n_marks++] = message->mark;
	}
}

/* Is @line the rest of one that was broken, no message of its own? It starts behind the marks of a
 * mail's quote then. */
static bool take_rest(struct line *line)
{
	struct linux_message message;
	struct linux_maps_line parsed;

	linux_message_find(line, &message);
	linux_maps_parse(&message.line, &parsed);
	if (line->bytes > MOST_PIECE || message.has_head || parsed.begins)
		return false;
	while (line_take(line, ">")) /* no more blanks than that: the columns count */
		line_take(line, " ");
	return line->bytes > 0;
}

/* The next line that is not blank: quoted-printable text has such where it was put together. */
static bool next_piece(const struct log *log, struct line *line)
{
	for (int n = 0; n < MOST_BLANK && line_next(log->input, line); n++)
		if (line->bytes > 0)
			return true;
	return false;
}

/* Put @message together with the lines behind @line until it is whole, with @glue where it was
 * broken. If it becomes whole, *line is the last of them, and *parsed what it says. */
static bool join_with(const struct log *log, struct line *line, struct line *message,
                      struct linux_maps_line *parsed, const char *glue)
{
	struct line next = *line;
	struct bytes joined = { 0 };

	memory_append(&joined, "%.*s", (int)message->bytes, message->start);
	for (int n = 1; n < MOST_BROKEN && next_piece(log, &next) && take_rest(&next); n++) {
		struct line whole = { .number = message->number };
		struct linux_maps_line parsed_whole;

		memory_append(&joined, "%s%.*s", glue, (int)next.bytes, next.start);
		whole.start = joined.text;
		whole.bytes = joined.n_text;
		linux_maps_parse(&whole, &parsed_whole);
		if (!parsed_whole.is_broken) {
			*message = whole;
			*line = next;
			*parsed = parsed_whole;
			return true;
		}
	}
	memory_give_back(joined.text);
	return false;
}

/* Mail programs break a line at a blank, terminals where it is full. */
static void mend_broken(const struct log *log, struct line *line, struct line *message,
                        struct linux_maps_line *parsed)
{
	if (parsed->is_broken && message->bytes <= MOST_PIECE &&
	    !join_with(log, line, message, parsed, " "))
		join_with(log, line, message, parsed, "");
}

/* Is @message one of the kernel, by what stands before it? With "kernel:" and no time it is, if the
 * map's lines have that, too, and of the same host: "my kernel: ..." is a sentence. */
static bool has_head(const struct log *log, const struct line *line,
                     const struct linux_message *message)
{
	return message->has_head &&
	       (!message->has_tag || between_is_log(*line) ||
	        (log->maps.has_tags && (message->host == 0 || message->host == log->maps.host)));
}

/* What @line, which is @message, says of lines that are not there. In a log with times, what has
 * none is no message. */
static enum gap find_gap(const struct log *log, const struct line *line,
                         const struct linux_message *message)
{
	if (gaps_tells_loss(*line))
		return GAP_LOST;
	if (message->is_mark)
		return GAP_ELIDED;
	if (!linux_maps_are_open(&log->maps, line))
		return GAP_NONE;
	if (has_head(log, line, message) ||
	    (!log->maps.has_heads && between_is_message(message->line)))
		return gaps_says_nothing(message->line) ? GAP_DOUBT : GAP_NONE;
	return gaps_find(*line) == GAP_DOUBT ? GAP_DOUBT : GAP_NONE;
}

/* A console has it in the line of the next message, until 4.14. */
static void note_gaps(struct log *log, const struct line *line, const struct linux_message *message,
                      const struct linux_maps_line *parsed)
{
	enum gap gap = find_gap(log, line, message);

	if (gap > GAP_DOUBT || parsed->list == LIST_NONE)
		linux_maps_note(&log->maps, gap == GAP_ELIDED ? &message->line : line, gap);
}

static bool recognizes(struct line line)
{
	struct linux_message message;
	struct linux_maps_line parsed;

	linux_message_find(&line, &message);
	linux_maps_parse(&message.line, &parsed);
	return is_version(message.line) || parsed.begins;
}

static void read_log(const struct input *input, struct records *records)
{
	struct log log = { .input = input, .records = records };
	struct line line = { 0 };

	begin_boot(&log, false);
	while (records->n_list < MOST_BOOTS && line_next(input, &line)) {
		struct linux_message message;
		struct linux_maps_line parsed;

		linux_message_find(&line, &message);
		linux_maps_parse(&message.line, &parsed);
		note_gaps(&log, &line, &message, &parsed);
		mend_broken(&log, &line, &message.line, &parsed);
		if (message.line.bytes > 0)
			read_message(&log, &message, &parsed);
	}
	end_boot(&log);
	MEMORY_EACH(at, &log, breaks)
		if (log.goes_on)
			blame_break(at);
	if (records->n_list >= MOST_BOOTS)
		record_add_fault(records_last(records), line.number,
		                 "the file has more boots; what follows was not read");
}

const struct reader linux_reader = { "a Linux log", recognizes, read_log, NULL };
