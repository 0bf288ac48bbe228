/*
 * read_sysfs.c - /sys/firmware/memmap -> the firmware's e820 map.
 *
 * As the text that grep prints of its files, `.../memmap/0/end:0x9ffff', with or without the folder
 * before the number; that head and tail print, `==> .../memmap/0/end <==' and the value in the next
 * line; as one line an entry, `0 0x0 0x9ffff System RAM'. The folder itself comes here as such a
 * text too. Ends are the last byte.
 */
#include "mapdiff/base/memory.h"
#include "mapdiff/read/linux/linux_e820.h"
#include "mapdiff/read/reader.h"

#define MOST_ENTRIES 4096 /* Linux has room for fewer: E820_MAX_ENTRIES */

enum { HAS_START = 1, HAS_END = 2, HAS_TYPE = 4, HAS_ALL = 7 };

struct entry {
	unsigned has;
	bool is_damaged;
	uint64_t start_paddr, last_paddr;
	uint32_t type;
};

/* What one line says: of one entry, one thing or all. */
struct sysfs_line {
	uint64_t index;
	struct entry entry;
	bool is_header; /* the value is in the next line */
	bool is_damaged;
};

/* The map that is being read. A file may have several. */
struct reading {
	const char *name;
	struct records *records;
	struct entry *entries;
	size_t n_entries, entries_capacity;
};

/* The value of the file that @entry->has says. */
static bool take_value(const struct line *line, size_t at, struct entry *entry)
{
	switch (entry->has) {
	case HAS_START:
		return line_take_hex(line, &at, &entry->start_paddr);
	case HAS_END:
		return line_take_hex(line, &at, &entry->last_paddr);
	default:
		return linux_e820_take_type(line, &at, &entry->type);
	}
}

/* "start:0x0", "end:0x9ffff", "type:System RAM"; "end <==" of a header. */
static bool take_file(const struct line *line, size_t at, struct sysfs_line *ret)
{
	if (line_take(line, &at, "start"))
		ret->entry.has = HAS_START;
	else if (line_take(line, &at, "end"))
		ret->entry.has = HAS_END;
	else if (line_take(line, &at, "type"))
		ret->entry.has = HAS_TYPE;
	else
		return false;
	ret->is_header = line_take(line, &at, " <==");
	if (ret->is_header)
		return true;
	if (!line_take(line, &at, ":"))
		return false;
	ret->is_damaged = !take_value(line, at, &ret->entry);
	return true;
}

/* "/sys/firmware/memmap/12/end:0x9ffff", "./12/end:...", "12/end:...". */
static bool parse_grep(const struct line *line, struct sysfs_line *ret)
{
	for (size_t start = 0; start < line->bytes && start < 200; start++) {
		size_t at = start;

		if ((start == 0 || line->start[start - 1] == '/') &&
		    line_take_all(line, &at, "%u/", &ret->index) && take_file(line, at, ret))
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
	return line_take_all(line, &at, "%u 0x%x 0x%x ", &ret->index, &entry->start_paddr,
	                     &entry->last_paddr) &&
	       linux_e820_take_type(line, &at, &entry->type);
}

static bool parse(const struct line *line, struct sysfs_line *ret)
{
	*ret = (struct sysfs_line){ 0 };
	return parse_grep(line, ret) || parse_loop(line, ret);
}

static bool is_sysfs_line(const struct line *line)
{
	struct sysfs_line parsed;

	return parse(line, &parsed) && !parsed.is_damaged;
}

static void begin_map(struct reading *reading)
{
	records_add(reading->records, reading->name, SOURCE_SYSFS)->e820_view = VIEW_FIRMWARE;
	reading->n_entries = 0;
}

static void add_entry(struct record *record, const struct entry *entry, size_t index)
{
	if (entry->is_damaged)
		return; /* that has been said, with its line */
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

static void end_map(struct reading *reading)
{
	for (size_t i = 0; i < reading->n_entries; i++)
		add_entry(records_last(reading->records), &reading->entries[i], i);
}

/* The entry that the line is of: of the next map, if this one has said the same already. */
static struct entry *find_entry(struct reading *reading, const struct sysfs_line *line)
{
	if (line->index < reading->n_entries &&
	    (reading->entries[line->index].has & line->entry.has) != 0) {
		end_map(reading);
		begin_map(reading);
	}
	while (reading->n_entries <= line->index)
		*MEMORY_ADD(reading, entries) = (struct entry){ 0 };
	return &reading->entries[line->index];
}

static void note(struct reading *reading, const struct line *line, const struct sysfs_line *parsed)
{
	struct entry *entry;

	if (parsed->index >= MOST_ENTRIES) {
		line_fault(records_last(reading->records), line, 0, "no map has so many entries");
		return;
	}
	entry = find_entry(reading, parsed);
	if (parsed->is_damaged) {
		entry->is_damaged = true;
		line_fault(records_last(reading->records), line, 0, "this entry cannot be read");
	}
	if (parsed->entry.has & HAS_START)
		entry->start_paddr = parsed->entry.start_paddr;
	if (parsed->entry.has & HAS_END)
		entry->last_paddr = parsed->entry.last_paddr;
	if (parsed->entry.has & HAS_TYPE)
		entry->type = parsed->entry.type;
	entry->has |= parsed->entry.has;
}

static void read_sysfs(const struct input *input, struct records *records)
{
	struct reading reading = { .name = input->name, .records = records };
	struct line line = { 0 };
	struct sysfs_line parsed;

	begin_map(&reading);
	while (line_next(input, &line)) {
		if (!parse(&line, &parsed))
			continue;
		if (parsed.is_header)
			parsed.is_damaged =
				!line_next(input, &line) ||
				!take_value(&line, line_skip_frame(&line), &parsed.entry);
		note(&reading, &line, &parsed);
	}
	end_map(&reading);
}

const struct reader sysfs_reader = { "/sys/firmware/memmap", is_sysfs_line, read_sysfs, NULL };
