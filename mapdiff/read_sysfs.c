/*
 * read_sysfs.c - /sys/firmware/memmap -> the firmware's e820 map.
 *
 * As the text that grep prints of its files, `.../memmap/0/end:0x9ffff', with or without the folder
 * before the number; as one line an entry, `0 0x0 0x9ffff System RAM'. The folder itself comes
 * here as such a text too. Ends are the last byte.
 */
#include <stdlib.h>
#include <string.h>

#include "mapdiff/memory.h"
#include "mapdiff/read_linux.h"
#include "mapdiff/readers.h"

#define MOST_ENTRIES 4096 /* Linux has room for fewer: E820_MAX_ENTRIES */

enum { HAS_START = 1, HAS_END = 2, HAS_TYPE = 4, HAS_ALL = 7 };

struct entry {
	unsigned has;
	uint64_t start_paddr, last_paddr;
	uint32_t type;
};

struct entries {
	struct entry *list;
	size_t n_list, list_capacity;
};

/* What one line says: of one entry, one thing or all. */
struct sysfs_line {
	uint64_t index;
	struct entry entry;
};

/* "start:0x0", "end:0x9ffff", "type:System RAM". */
static bool take_file(const struct line *line, size_t at, struct entry *entry)
{
	if (line_take(line, &at, "start:"))
		return entry->has = HAS_START, line_take_hex(line, &at, &entry->start_paddr);
	if (line_take(line, &at, "end:"))
		return entry->has = HAS_END, line_take_hex(line, &at, &entry->last_paddr);
	if (line_take(line, &at, "type:"))
		return entry->has = HAS_TYPE, line_take_e820_type(line, &at, &entry->type);
	return false;
}

static bool is_number_start(const struct line *line, size_t at)
{
	return line->start[at] >= '0' && line->start[at] <= '9' &&
	       (at == 0 || line->start[at - 1] == '/');
}

/* "/sys/firmware/memmap/12/end:0x9ffff", "./12/end:...", "12/end:...". */
static bool parse_grep(const struct line *line, struct sysfs_line *ret)
{
	size_t most = line->bytes < 200 ? line->bytes : 200;

	for (size_t i = 0; i < most; i++) {
		size_t at = i;

		if (is_number_start(line, i) && line_take_decimal(line, &at, &ret->index) &&
		    line_take(line, &at, "/") && take_file(line, at, &ret->entry))
			return true;
	}
	return false;
}

/* "0 0x0 0x9ffff System RAM". */
static bool parse_loop(const struct line *line, struct sysfs_line *ret)
{
	struct entry *entry = &ret->entry;
	size_t at = 0;

	entry->has = HAS_ALL;
	return line_take_decimal(line, &at, &ret->index) && line_take(line, &at, " 0x") &&
	       line_take_hex(line, &at, &entry->start_paddr) && line_take(line, &at, " 0x") &&
	       line_take_hex(line, &at, &entry->last_paddr) && line_take(line, &at, " ") &&
	       line_take_e820_type(line, &at, &entry->type);
}

static bool parse(const struct line *line, struct sysfs_line *ret)
{
	*ret = (struct sysfs_line){ 0 };
	return parse_grep(line, ret) || parse_loop(line, ret);
}

static bool is_sysfs_line(const struct line *line)
{
	struct sysfs_line parsed;

	return parse(line, &parsed);
}

static void note(struct entries *entries, const struct sysfs_line *line)
{
	struct entry *entry;

	if (line->index >= MOST_ENTRIES)
		return;
	while (entries->n_list <= line->index)
		*MEMORY_ADD(entries, list) = (struct entry){ 0 };
	entry = &entries->list[line->index];
	if (line->entry.has & HAS_START)
		entry->start_paddr = line->entry.start_paddr;
	if (line->entry.has & HAS_END)
		entry->last_paddr = line->entry.last_paddr;
	if (line->entry.has & HAS_TYPE)
		entry->type = line->entry.type;
	entry->has |= line->entry.has;
}

static void add_entry(struct record *record, const struct entry *entry, size_t index)
{
	if (entry->has == 0)
		record_add_fault(record, 0, "entry %zu is missing", index);
	else if (entry->has != HAS_ALL)
		record_add_fault(record, 0, "entry %zu has no %s that can be read", index,
		                 !(entry->has & HAS_START) ? "start"
		                 : !(entry->has & HAS_END) ? "end"
		                                           : "type");
	else if (entry->last_paddr < entry->start_paddr || entry->last_paddr == UINT64_MAX)
		record_add_fault(record, 0, "entry %zu ends before it starts", index);
	else
		record_add_e820(record, entry->start_paddr, entry->last_paddr + 1, entry->type);
}

static size_t read_sysfs(const struct input *input, struct record ***ret_records)
{
	struct record *record = record_new(input->name, SOURCE_SYSFS);
	struct entries entries = { 0 };
	struct line line = { 0 };
	struct sysfs_line parsed;

	record->e820_view = VIEW_FIRMWARE;
	while (input_next_line(input, &line))
		if (parse(&line, &parsed))
			note(&entries, &parsed);
	for (size_t i = 0; i < entries.n_list; i++)
		add_entry(record, &entries.list[i], i);
	free(entries.list);
	*ret_records = memory_alloc(1, sizeof **ret_records);
	**ret_records = record;
	return 1;
}

const struct reader sysfs_reader = {
	.source = SOURCE_SYSFS,
	.name = "/sys/firmware/memmap",
	.recognizes = is_sysfs_line,
	.read = read_sysfs,
};
