/*
 * read_iomem.c - /proc/iomem -> the e820 map as the kernel has edited it, and what lies where.
 *
 *	00001000-0009ffff : System RAM
 *	b0000000-bfffffff : PCI MMCONFIG 0000 [bus 00-ff]
 *	  b0000000-bfffffff : Reserved
 *
 * An entry named like an e820 type is a range of the map, unless it lies in another such one.
 */
#include <ctype.h>
#include <string.h>

#include "mapdiff/base/memory.h"
#include "mapdiff/read/linux/linux_e820.h"
#include "mapdiff/read/readers.h"

#define MOST_ENTRIES    65536
#define LEAST_DIGITS    8 /* as the kernel pads numbers of 32 bits */
#define LEAST_LOOKALIKE 7 /* one digit is lost */

struct entry {
	struct span span;
	struct line name;
	size_t depth; /* blanks before it */
};

/* A list while it is read. A file may have several, of boot after boot. */
struct lists {
	const char *name;
	struct records *records;
	size_t n_entries, n_zeros; /* in the file; in the list */
	size_t outer_depth; /* of the e820 range that the next entries may lie in; SIZE_MAX: none */
	/* Entries are sorted, also the inner ones; back at the first, a new list begins. */
	bool has_first;
	struct entry first;
	paddr_t last_start_paddr;
};

/* Where the entry starts: behind the quoting of a mail, behind what grep puts there. */
static size_t find_entry(const struct line *line)
{
	size_t at = line_skip_frame(line);
	uint64_t number;

	line_take(line, &at, "/proc/iomem:");
	line_take_all(line, &at, "%u:", &number);
	line_skip_blanks(line, &at);
	return at;
}

static size_t count_blanks_before(const struct line *line, size_t at)
{
	size_t n = 0;

	while (n < at && (line->start[at - n - 1] == ' ' || line->start[at - n - 1] == '\t'))
		n++;
	return n;
}

/* Numbers without 0x. */
static bool parse(const struct line *line, struct entry *ret)
{
	size_t at = find_entry(line), digits = at;

	ret->depth = count_blanks_before(line, at);
	if (!line_take_hex(line, &at, &ret->span.start_paddr) || at - digits < LEAST_DIGITS ||
	    !line_take(line, &at, "-"))
		return false;
	digits = at;
	if (!line_take_hex(line, &at, &ret->span.end_paddr) || at - digits < LEAST_DIGITS ||
	    !line_take(line, &at, " : "))
		return false;
	ret->name = (struct line){ line->start + at, line->bytes - at, line->number };
	return ret->name.bytes > 0;
}

/* Digits, and what is read for them from a photograph. */
static size_t skip_digits(const struct line *line, size_t *at)
{
	size_t start = *at;

	while (*at < line->bytes && (isxdigit((unsigned char)line->start[*at]) ||
	                             strchr("oOlI", line->start[*at]) != NULL))
		++*at;
	return *at - start;
}

/* Has the line been an entry? */
static bool is_lookalike(const struct line *line)
{
	size_t at = find_entry(line);

	if (skip_digits(line, &at) < LEAST_LOOKALIKE || !line_take(line, &at, "-"))
		return false;
	skip_digits(line, &at);
	line_skip_blanks(line, &at);
	return at == line->bytes || line->start[at] == ':';
}

static bool is_iomem_line(const struct line *line)
{
	struct entry entry;

	return parse(line, &entry);
}

static enum landmark_kind kind_of(const char *name)
{
	return strncmp(name, "Kernel ", 7) == 0 ? LANDMARK_KERNEL : LANDMARK_DEVICE;
}

static void add_entry(struct lists *lists, struct record *record, const struct entry *entry)
{
	bool is_inside = entry->depth > lists->outer_depth;
	size_t at = 0;
	uint32_t type;
	char *name;

	if (!is_inside)
		lists->outer_depth = SIZE_MAX;
	if (linux_e820_take_type(&entry->name, &at, &type) && at == entry->name.bytes) {
		if (!is_inside) {
			record_add_e820(record, entry->span.start_paddr, entry->span.end_paddr,
			                type);
			lists->outer_depth = entry->depth;
		}
		return;
	}
	name = memory_text(entry->name.start, entry->name.bytes);
	record_add_landmark(record, entry->span.start_paddr, entry->span.end_paddr, kind_of(name),
	                    name);
}

static struct record *begin_list(struct lists *lists)
{
	struct record *record = records_add(lists->records, lists->name, SOURCE_IOMEM);

	record->e820_view = VIEW_KERNEL;
	lists->outer_depth = SIZE_MAX;
	lists->n_zeros = 0;
	lists->has_first = false;
	lists->last_start_paddr = 0;
	return record;
}

static void end_list(struct lists *lists)
{
	if (lists->n_zeros > 1)
		record_add_fault(records_last(lists->records), 0,
		                 "all addresses are zero: Linux shows those of "
		                 "/proc/iomem to root only (sudo cat /proc/iomem)");
}

/* Is it the first of the next list? */
static bool restarts(const struct lists *lists, const struct entry *entry)
{
	return lists->has_first && entry->depth == lists->first.depth &&
	       entry->span.start_paddr <= lists->first.span.start_paddr;
}

/* One that has an address, in its list. */
static void place_entry(struct lists *lists, const struct line *line, struct entry *entry)
{
	struct span *span = &entry->span;
	struct record *record = records_last(lists->records);

	if (restarts(lists, entry)) {
		end_list(lists);
		record = begin_list(lists);
	}
	if (span->start_paddr < lists->last_start_paddr) {
		line_fault(record, line, 0, "this entry starts before the one above it");
		return;
	}
	if (!lists->has_first)
		lists->first = *entry;
	lists->has_first = true;
	lists->last_start_paddr = span->start_paddr;
	span->end_paddr++;
	add_entry(lists, record, entry);
}

/* @entry is as it was printed: the end is the last byte. */
static void read_entry(struct lists *lists, const struct line *line, struct entry *entry)
{
	const struct span *span = &entry->span;
	struct record *record = records_last(lists->records);

	if (lists->n_entries > MOST_ENTRIES)
		return;
	if (lists->n_entries++ == MOST_ENTRIES)
		record_add_fault(record, line->number,
		                 "the file has more entries; what follows was not read");
	else if (span->start_paddr == 0 && span->end_paddr == 0)
		lists->n_zeros++;
	else if (span->end_paddr == UINT64_MAX || span->end_paddr < span->start_paddr)
		line_fault(record, line, 0, "an entry ends before it starts");
	else
		place_entry(lists, line, entry);
}

static void read_iomem(const struct input *input, struct records *records)
{
	struct lists lists = { .name = input->name, .records = records };
	struct line line = { 0 };
	struct entry entry;

	begin_list(&lists);
	while (line_next(input, &line)) {
		if (parse(&line, &entry))
			read_entry(&lists, &line, &entry);
		else if (is_lookalike(&line))
			line_fault(records_last(records), &line, 0, "this entry cannot be read");
	}
	end_list(&lists);
}

const struct reader iomem_reader = { "/proc/iomem", is_iomem_line, read_iomem, NULL };
