/*
 * read_iomem.c - /proc/iomem -> the e820 map as the kernel has edited it, and what lies where.
 *
 *	00001000-0009ffff : System RAM
 *	b0000000-bfffffff : PCI MMCONFIG 0000 [bus 00-ff]
 *	  b0000000-bfffffff : Reserved
 *
 * An entry named like an e820 type is a range of the map, unless it lies in another such one.
 */
#include <string.h>

#include "mapdiff/read/gaps.h"
#include "mapdiff/read/linux/linux_e820.h"
#include "mapdiff/read/reader.h"

#define MOST_ENTRIES    65536
#define LEAST_DIGITS    8 /* as the kernel pads numbers of 32 bits */
#define LEAST_LOOKALIKE 7 /* one digit is lost */

struct entry {
	paddr_t start_paddr, last_paddr;
	struct line name;
	size_t depth; /* blanks before it */
};

/* A list while it is read. */
struct list {
	const char *name; /* of the file */
	struct records *records;
	struct record *record;
	struct gaps gaps;
	size_t n_zeros;
	size_t outer_depth; /* of the e820 range that the next entries may lie in; SIZE_MAX: none */
	/* Entries are sorted, also the inner ones; back at the first, a new list begins. */
	struct entry first; /* without a name: there is none yet */
	paddr_t previous_paddr;
};

/* Move to where the entry starts: behind the quoting of a mail, behind what grep puts there. */
static void skip_frame(struct line *line)
{
	uint64_t number;

	line_skip_frame(line);
	line_take(line, "/proc/iomem:");
	line_take_all(line, "%u:", &number);
	line_skip_blanks(line);
}

static bool take_address(struct line *line, paddr_t *ret_paddr)
{
	const char *start = line->start;

	return line_take_hex(line, ret_paddr) && line->start - start >= LEAST_DIGITS;
}

static bool parse(struct line line, struct entry *ret)
{
	const struct line whole = line;

	skip_frame(&line);
	ret->depth = (size_t)(line.start - whole.start) - line_until(&whole, line.start).bytes;
	if (!take_address(&line, &ret->start_paddr) || !line_take(&line, "-") ||
	    !take_address(&line, &ret->last_paddr) || !line_take(&line, " : "))
		return false;
	ret->name = line;
	return line.bytes > 0;
}

/* Has the line been an entry? With digits, and what is read for them from a photograph. */
static bool is_lookalike(struct line line)
{
	static const char digits[] = "0123456789abcdefABCDEFoOlI";

	skip_frame(&line);
	if (line_skip(&line, digits) < LEAST_LOOKALIKE || !line_take(&line, "-"))
		return false;
	line_skip(&line, digits);
	line_skip_blanks(&line);
	return line.bytes == 0 || line_first(&line) == ':';
}

static bool recognizes(struct line line)
{
	struct entry entry;

	return parse(line, &entry);
}

/* "dax1.0": memory that is soft reserved, whose own entry has gone since about Linux 7.0. */
static bool is_dax(struct line name)
{
	uint64_t region, number;

	return line_take_all(&name, "dax%u.%u", &region, &number) && name.bytes == 0;
}

static void add_entry(struct list *list, const struct entry *entry)
{
	const char *name = memory_text(entry->name.start, entry->name.bytes);
	struct line rest = entry->name;
	uint32_t type;

	if (entry->depth <= list->outer_depth)
		list->outer_depth = SIZE_MAX;
	if (is_dax(entry->name) && list->outer_depth == SIZE_MAX) {
		record_add_e820(list->record, entry->start_paddr, entry->last_paddr + 1,
		                (uint32_t)E820_SOFT_RESERVED);
		list->outer_depth = entry->depth;
	} else if (!linux_e820_take_type(&rest, &type) || rest.bytes > 0) {
		record_add_landmark(
			list->record, entry->start_paddr, entry->last_paddr + 1,
			strncmp(name, "Kernel ", 7) == 0 ? LANDMARK_KERNEL : LANDMARK_DEVICE, name);
	} else if (list->outer_depth == SIZE_MAX) {
		record_add_e820(list->record, entry->start_paddr, entry->last_paddr + 1, type);
		list->outer_depth = entry->depth;
	}
}

static void begin_list(struct list *list)
{
	*list = (struct list){ .name = list->name, .records = list->records };
	list->record = records_add(list->records, list->name, SOURCE_IOMEM);
	list->record->e820_view = VIEW_KERNEL;
	list->outer_depth = SIZE_MAX;
}

static void end_list(struct list *list)
{
	gaps_end(&list->gaps, list->record);
	if (list->n_zeros > 1)
		record_add_fault(list->record, 0,
		                 "all addresses are zero: Linux shows those of "
		                 "/proc/iomem to root only (sudo cat /proc/iomem)");
}

static void read_entry(struct list *list, const struct line *line, const struct entry *entry)
{
	const struct entry *first = &list->first;

	if (entry->start_paddr == 0 && entry->last_paddr == 0) {
		list->n_zeros++;
		return;
	}
	if (entry->last_paddr == UINT64_MAX || entry->last_paddr < entry->start_paddr) {
		line_fault(list->record, line, "an entry ends before it starts");
		return;
	}
	if (first->name.bytes > 0 && entry->depth == first->depth &&
	    entry->start_paddr <= first->start_paddr) { /* a file may have boot after boot */
		end_list(list);
		begin_list(list);
	}
	if (entry->start_paddr < list->previous_paddr) {
		line_fault(list->record, line, "this entry starts before the one above it");
		return;
	}
	gaps_take(&list->gaps, list->record, line, entry->start_paddr == 0);
	if (first->name.bytes == 0)
		list->first = *entry;
	list->previous_paddr = entry->start_paddr;
	add_entry(list, entry);
}

static void read_iomem(const struct input *input, struct records *records)
{
	struct list list = { .name = input->name, .records = records };
	struct line line = { 0 };
	struct entry entry;
	size_t n_entries = 0;

	begin_list(&list);
	while (line_next(input, &line)) {
		if (!parse(line, &entry)) {
			if (!line_fault(list.record, &line,
			                is_lookalike(line) ? "this entry cannot be read" : NULL))
				gaps_note(&list.gaps, list.record, &line, gaps_find(line));
		} else if (n_entries++ == MOST_ENTRIES) {
			record_add_fault(list.record, line.number,
			                 "the file has more entries; what follows was not read");
			break;
		} else {
			read_entry(&list, &line, &entry);
		}
	}
	end_list(&list);
}

const struct reader iomem_reader = { "/proc/iomem", recognizes, read_iomem, NULL };
