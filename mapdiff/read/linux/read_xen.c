/*
 * read_xen.c - a log of Xen, or of tboot before it -> the firmware's maps, as Xen got them: its
 * e820 list, and the UEFI map, which it prints whole without being asked.
 *
 *	(XEN) Xen-e820 RAM map:
 *	(XEN)  0000000000000000 - 000000000009f000 (usable)
 *	(XEN) EFI memory map:
 *	(XEN)  0000000000000-0000000007fff type=3 attr=000000000000000f
 *
 * Of several e820 lists of a boot the first is the firmware's. The log of dom0 that may stand in
 * the same file is another reader's, and added to these records (readers.c).
 */
#include <ctype.h>
#include <string.h>

#include "bootmem/count.h"
#include "mapdiff/base/map.h"
#include "mapdiff/read/gaps.h"
#include "mapdiff/read/linux/linux_e820.h"
#include "mapdiff/read/linux/linux_facts.h"
#include "mapdiff/read/reader.h"

#define PREFIX_BYTES 200 /* no logger writes more before it */
#define LEAST_DIGITS 12  /* of an address in either list */

enum list { LIST_NONE, LIST_E820, LIST_UEFI };

/* What a list begins with: setup.c of Xen calls it by where the list is from. */
static const struct {
	const char *text;
	enum list list;
} headers[] = {
	{ "Xen-e820 RAM map:", LIST_E820 },
	{ "Xen-e801 RAM map:", LIST_E820 },
	{ "EFI RAM map:", LIST_E820 },
	{ "PVH-e820 RAM map:", LIST_E820 },
	{ "Multiboot-e820 RAM map:", LIST_E820 },
	{ "Multiboot-e801 RAM map:", LIST_E820 },
	{ "TBOOT RAM map:", LIST_E820 },
	{ "original e820 map:", LIST_E820 },
	{ "adjusted e820 map:", LIST_E820 },
	{ "EFI memory map:", LIST_UEFI },
};

struct log {
	const char *name;
	struct records *records;
	struct linux_boot boot;          /* its record: the last of the records; NULL: none yet */
	enum list list;                  /* whose rows come */
	bool is_passed_over;             /* that list is not the first of its kind */
	bool is_announced;               /* the boot began with Xen's version, */
	bool has_header[COUNT(headers)]; /* and these came in it */
	struct gaps gaps[LIST_UEFI + 1];
};

/* Behind what stands before a message of Xen's or tboot's. *ret_is_marked: it says whose it is. */
static struct line find_message(struct line line, bool *ret_is_marked)
{
	static const char *const marks[] = { "(XEN)", "TBOOT:" };
	struct line head = line_head(&line, PREFIX_BYTES), stamp;
	uint64_t ticks;

	*ret_is_marked = false;
	for (size_t i = 0; i < COUNT(marks) && !*ret_is_marked; i++) {
		struct line mark = head;

		*ret_is_marked = line_find(&mark, marks[i]) && line_take(&mark, marks[i]);
		if (*ret_is_marked)
			line_move(&line, (size_t)(mark.start - line.start));
	}
	line_skip_frame(&line);
	stamp = line;
	if (*ret_is_marked && line_take_all(&stamp, "[%x] ", &ticks)) /* console_timestamps=raw */
		line = stamp;
	return line;
}

/* Which of them it is; COUNT(headers): none. */
static size_t find_header(struct line message)
{
	size_t i = 0;

	while (i < COUNT(headers) && !line_take(&message, headers[i].text))
		i++;
	return i;
}

/* "[0000000000000000, 000000000009ffff] (usable)", since 4.14: the end is the last byte. */
static bool take_inclusive(struct line line, struct e820_range *ret)
{
	struct line type;

	return line_take_all(&line, "[%x, %x] (%s)", &ret->start_paddr, &ret->end_paddr, &type) &&
	       ret->end_paddr++ != UINT64_MAX && linux_e820_take_type(&type, &ret->type);
}

/* "0000000000000000 - 000000000009f000  (1)", of tboot. */
static bool take_numbered(struct line line, struct e820_range *ret)
{
	uint64_t type;

	if (!line_take_all(&line, "%x - %x (%u)", &ret->start_paddr, &ret->end_paddr, &type) ||
	    type > UINT32_MAX)
		return false;
	ret->type = (uint32_t)type;
	return true;
}

static bool take_e820(struct line line, struct e820_range *ret)
{
	struct line old = line;
	struct linux_e820 parsed;

	if (take_inclusive(line, ret) || take_numbered(line, ret))
		return true;
	if (!linux_e820_parse(&old, &parsed))
		return false;
	*ret = parsed.range;
	return true;
}

static bool take_uefi(struct line line, struct uefi_descriptor *ret)
{
	uint64_t last_paddr, type;

	if (!line_take_bounds(&line, &ret->start_paddr, &last_paddr) ||
	    !line_take_all(&line, " type=%u attr=%x", &type, &ret->attribute) ||
	    type > UINT32_MAX || (last_paddr + 1 - ret->start_paddr) % PAGE_BYTES != 0)
		return false;
	ret->type = (uint32_t)type;
	ret->n_pages = pfn_down(last_paddr + 1 - ret->start_paddr);
	return true;
}

/* Has the line been a row, whole or damaged? */
static bool begins_row(struct line line)
{
	const char *start;

	line_take(&line, "[");
	start = line.start;
	line_skip(&line, "0123456789abcdefABCDEF");
	return line.start - start >= LEAST_DIGITS;
}

static bool is_same(const struct record *a, const struct record *b)
{
	struct e820_map left = { a->e820_printed, a->n_e820_printed, a->n_e820_printed };
	struct e820_map right = { b->e820_printed, b->n_e820_printed, b->n_e820_printed };
	bool is_same = map_is_same(&left, &right) && a->n_uefi == b->n_uefi;

	for (size_t i = 0; i < a->n_uefi && is_same; i++)
		is_same = a->uefi[i].type == b->uefi[i].type &&
		          a->uefi[i].start_paddr == b->uefi[i].start_paddr &&
		          a->uefi[i].n_pages == b->uefi[i].n_pages &&
		          a->uefi[i].attribute == b->uefi[i].attribute;
	return is_same;
}

/* What is printed once more, without a version, is no boot. */
static void end_boot(struct log *log)
{
	const struct records *records = log->records;

	if (log->boot.record == NULL)
		return;
	gaps_end(&log->gaps[LIST_E820], log->boot.record);
	gaps_end(&log->gaps[LIST_UEFI], log->boot.record);
	if (!log->is_announced && records->n_list > 1 && log->boot.record->n_faults == 0 &&
	    is_same(log->boot.record, records->list[records->n_list - 2]))
		log->records->n_list--;
}

static void begin_boot(struct log *log, const struct line *line, bool is_announced)
{
	end_boot(log);
	*log = (struct log){ .name = log->name,
		             .records = log->records,
		             .is_announced = is_announced };
	log->boot.record = records_add(log->records, log->name, SOURCE_XEN);
	log->boot.record->line = line->number;
}

/* A boot prints each list once, whichever lists that are. */
static void begin_list(struct log *log, const struct line *line, size_t header)
{
	enum list list = headers[header].list;
	const struct record *record = log->boot.record;
	bool has_rows = record != NULL &&
	                (list == LIST_E820 ? record->n_e820_printed > 0 : record->n_uefi > 0);

	if (record == NULL || (has_rows && log->has_header[header])) {
		begin_boot(log, line, false);
		has_rows = false;
	}
	log->has_header[header] = true;
	log->list = list;
	log->is_passed_over = has_rows;
}

/* False if the line is no row of the list that is read. */
static bool read_row(struct log *log, const struct line *line, struct line message)
{
	struct record *record = log->boot.record;
	struct uefi_descriptor descriptor = { 0 };
	struct e820_range range = { 0 };
	bool is_read;

	if (log->list == LIST_NONE || !begins_row(message))
		return false;
	if (log->is_passed_over)
		return true;
	is_read = log->list == LIST_E820 ? take_e820(message, &range)
	                                 : take_uefi(message, &descriptor);
	gaps_take(&log->gaps[log->list], record, line, true);
	if (line_fault(record, line, is_read ? NULL : "a line of Xen's map cannot be read"))
		return true;
	if (log->list == LIST_UEFI)
		*MEMORY_ADD(record, uefi) = descriptor;
	else if (line_fault(record, line,
	                    e820_is_empty(&range) ? "a range ends before it starts" : NULL))
		return true;
	else
		record_add_e820(record, range.start_paddr, range.end_paddr, range.type);
	record->e820_view = record->n_e820_printed > 0 ? VIEW_XEN : VIEW_NONE;
	return true;
}

static void read_line(struct log *log, const struct line *line)
{
	bool is_marked;
	struct line message = find_message(*line, &is_marked), version = message;
	size_t header = find_header(message);

	if (line_take(&version, "Xen version ") && isdigit(line_first(&version)))
		begin_boot(log, line, true);
	else if (header < COUNT(headers))
		begin_list(log, line, header);
	else if (log->boot.record == NULL || read_row(log, line, message))
		return;
	else if (is_marked && !gaps_says_nothing(message)) {
		log->list = LIST_NONE;
		linux_facts_read(&log->boot, message);
	}
	if (log->boot.record != NULL && header == COUNT(headers))
		for (size_t i = LIST_E820; i <= LIST_UEFI; i++)
			gaps_note(&log->gaps[i], log->boot.record, line, gaps_find(*line));
}

static bool recognizes(struct line line)
{
	bool is_marked;

	return find_header(find_message(line, &is_marked)) < COUNT(headers);
}

static void read_xen(const struct input *input, struct records *records)
{
	struct log log = { .name = input->name, .records = records };
	struct line line = { 0 };

	while (line_next(input, &line))
		read_line(&log, &line);
	end_boot(&log);
}

const struct reader xen_reader = { "a log of Xen", recognizes, read_xen, NULL };
