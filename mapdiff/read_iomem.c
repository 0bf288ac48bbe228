/*
 * read_iomem.c - /proc/iomem -> the e820 map as the kernel has edited it, and what lies where.
 *
 *	00001000-0009ffff : System RAM
 *	b0000000-bfffffff : PCI MMCONFIG 0000 [bus 00-ff]
 *	  b0000000-bfffffff : Reserved
 *
 * An entry named like an e820 type is a range of the map, unless it lies in another such one.
 */
#include <stdlib.h>
#include <string.h>

#include "mapdiff/memory.h"
#include "mapdiff/read_linux.h"
#include "mapdiff/readers.h"

#define MOST_ENTRIES 65536

struct entry {
	struct span span;
	struct line name;
	size_t depth; /* blanks before it */
};

/* Numbers without 0x, of at least 8 digits: 32 bits, as the kernel pads them. */
static bool parse(const struct line *line, struct entry *ret)
{
	size_t at = 0, digits;

	line_skip_blanks(line, &at);
	ret->depth = digits = at;
	if (!line_take_hex(line, &at, &ret->span.start_paddr) || at - digits < 8 ||
	    !line_take(line, &at, "-"))
		return false;
	digits = at;
	if (!line_take_hex(line, &at, &ret->span.end_paddr) || at - digits < 8 ||
	    !line_take(line, &at, " : "))
		return false;
	ret->name = (struct line){ line->start + at, line->bytes - at, line->number };
	return true;
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

/* @outer is the e820 range that the entries after it may lie in; a depth of SIZE_MAX: none. */
static void add_entry(struct record *record, const struct entry *entry, size_t *outer_depth)
{
	bool is_inside = entry->depth > *outer_depth;
	size_t at = 0;
	uint32_t type;
	char *name;

	if (!is_inside)
		*outer_depth = SIZE_MAX;
	if (line_take_e820_type(&entry->name, &at, &type) && at == entry->name.bytes) {
		if (!is_inside) {
			record_add_e820(record, entry->span.start_paddr, entry->span.end_paddr,
			                type);
			*outer_depth = entry->depth;
		}
		return;
	}
	name = memory_text(entry->name.start, entry->name.bytes);
	record_add_landmark(record, entry->span.start_paddr, entry->span.end_paddr, kind_of(name),
	                    name);
	free(name);
}

/* The end is the last byte; false and a fault if there is no such range. */
static bool check_span(struct record *record, const struct line *line, struct span *span)
{
	if (span->end_paddr == UINT64_MAX || span->end_paddr < span->start_paddr) {
		record_add_fault(record, line->number, "an entry ends before it starts: %.*s",
		                 line->bytes < 60 ? (int)line->bytes : 60, line->start);
		return false;
	}
	span->end_paddr++;
	return true;
}

static size_t read_iomem(const struct input *input, struct record ***ret_records)
{
	struct record *record = record_new(input->name, SOURCE_IOMEM);
	size_t outer_depth = SIZE_MAX, n_zeros = 0, n_entries = 0;
	struct line line = { 0 };
	struct entry entry;

	record->e820_view = VIEW_KERNEL;
	while (n_entries < MOST_ENTRIES && input_next_line(input, &line)) {
		if (!parse(&line, &entry))
			continue;
		n_entries++;
		if (entry.span.start_paddr == 0 && entry.span.end_paddr == 0)
			n_zeros++;
		else if (check_span(record, &line, &entry.span))
			add_entry(record, &entry, &outer_depth);
	}
	if (n_zeros > 1)
		record_add_fault(record, 0,
		                 "all addresses are zero: Linux shows those of "
		                 "/proc/iomem to root only (sudo cat /proc/iomem)");
	*ret_records = memory_alloc(1, sizeof **ret_records);
	**ret_records = record;
	return 1;
}

const struct reader iomem_reader = {
	.source = SOURCE_IOMEM,
	.name = "/proc/iomem",
	.recognizes = is_iomem_line,
	.read = read_iomem,
};
