/*
 * read_sysfs.c - /sys/firmware/memmap -> the firmware's e820 map.
 *
 * As the text that grep prints of its files, `.../memmap/0/end:0x9ffff', with or without the folder
 * before the number; that head and tail print, `==> .../memmap/0/end <==' and the value in the next
 * line; as one line an entry, `0 0x0 0x9ffff System RAM'. The folder itself comes here as such a
 * text too. Ends are the last byte.
 */
#include "mapdiff/read/gaps.h"
#include "mapdiff/read/linux/linux_e820.h"
#include "mapdiff/read/reader.h"

#define MOST_ENTRIES 4096 /* Linux has room for fewer: E820_MAX_ENTRIES */

/* The files of an entry. */
enum { START, END, TYPE, FILES };
static const char *const file_names[FILES] = { "start", "end", "type" };
static const char untold_name[] = "Unknown E820 type";

struct entry {
	unsigned has; /* which of its files, by bits */
	uint64_t values[FILES];
	bool is_damaged;
	bool is_untold; /* its type has no name in sysfs, which does not tell its number */
};

/* What one line says: of one entry, one thing or all. */
struct sysfs_line {
	uint64_t index;
	struct entry entry;
	unsigned file;
	bool is_header; /* the value is in the next line */
};

/* The map that is being read. A file may have several. */
struct reading {
	const char *name;
	struct records *records;
	struct gaps gaps;
	MEMORY_LIST(struct entry, entries);
};

static void take_value(struct line *line, unsigned file, struct entry *entry)
{
	uint32_t type = 0;
	struct line untold = *line;
	bool has_value = file == TYPE ? linux_e820_take_type(line, &type)
	                              : line_take_hex(line, &entry->values[file]);

	if (file == TYPE) {
		entry->values[TYPE] = type;
		entry->is_untold = line_take(&untold, untold_name);
	}
	entry->has |= 1U << file;
	entry->is_damaged |= !has_value;
}

/* "start:0x0", "end:0x9ffff", "type:System RAM"; "end <==" of a header. */
static bool take_file(struct line line, struct sysfs_line *ret)
{
	for (unsigned file = 0; file < FILES; file++) {
		if (!line_take(&line, file_names[file]))
			continue;
		ret->file = file;
		ret->is_header = line_take(&line, " <==");
		if (!ret->is_header && line_take(&line, ":"))
			take_value(&line, file, &ret->entry);
		return ret->is_header || ret->entry.has != 0;
	}
	return false;
}

/* "/sys/firmware/memmap/12/end:0x9ffff", "./12/end:...", "12/end:...". */
static bool parse_grep(struct line line, struct sysfs_line *ret)
{
	do {
		struct line rest = line;

		if (line_take_all(&rest, "%u/", &ret->index) && take_file(rest, ret))
			return true;
	} while (line_take_all(&line, "*/"));
	return false;
}

/* "0 0x0 0x9ffff System RAM". */
static bool parse_loop(struct line line, struct sysfs_line *ret)
{
	struct entry *entry = &ret->entry;

	line_skip_frame(&line);
	if (!line_take_all(&line, "%u 0x%x 0x%x ", &ret->index, &entry->values[START],
	                   &entry->values[END]))
		return false;
	entry->has = 1U << START | 1U << END;
	take_value(&line, TYPE, entry);
	return !entry->is_damaged;
}

static bool parse(struct line line, struct sysfs_line *ret)
{
	*ret = (struct sysfs_line){ 0 };
	return parse_grep(line, ret) || parse_loop(line, ret);
}

static bool recognizes(struct line line)
{
	struct sysfs_line parsed;

	return parse(line, &parsed) && !parsed.entry.is_damaged;
}

static void begin_map(struct reading *reading)
{
	records_add(reading->records, reading->name, SOURCE_SYSFS)->e820_view = VIEW_FIRMWARE;
	reading->n_entries = 0;
	reading->gaps = (struct gaps){ 0 };
}

static void add_entry(struct record *record, const struct entry *entry, size_t index)
{
	const uint64_t start_paddr = entry->values[START], last_paddr = entry->values[END];
	size_t missing = 0;

	while (missing < FILES && (entry->has & 1U << missing) != 0)
		missing++;
	if (entry->is_damaged)
		return; /* that has been said, with its line */
	if (entry->has == 0)
		record_add_fault(record, 0, "entry %zu is missing", index);
	else if (missing < FILES)
		record_add_fault(record, 0, "entry %zu has no %s that can be read", index,
		                 file_names[missing]);
	else if (last_paddr < start_paddr || last_paddr == UINT64_MAX)
		record_add_fault(record, 0, "entry %zu ends before it starts", index);
	else
		record_add_e820(record, start_paddr, last_paddr + 1, (uint32_t)entry->values[TYPE]);
	if (entry->is_untold)
		record_set_fact(record, FACT_UNTOLD_TYPE, untold_name, sizeof untold_name - 1);
}

static void end_map(struct reading *reading)
{
	gaps_end(&reading->gaps, records_last(reading->records));
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

static void add_line(struct reading *reading, const struct sysfs_line *parsed)
{
	struct entry *entry = find_entry(reading, parsed);

	for (size_t file = 0; file < FILES; file++)
		if ((parsed->entry.has & 1U << file) != 0)
			entry->values[file] = parsed->entry.values[file];
	entry->has |= parsed->entry.has;
	entry->is_damaged |= parsed->entry.is_damaged;
	entry->is_untold |= parsed->entry.is_untold;
}

static void read_sysfs(const struct input *input, struct records *records)
{
	struct reading reading = { .name = input->name, .records = records };
	struct line line = { 0 };
	struct sysfs_line parsed;

	begin_map(&reading);
	while (line_next(input, &line)) {
		const char *wrong = "no map has so many entries";
		struct line value;

		if (!parse(line, &parsed)) {
			gaps_note(&reading.gaps, records_last(records), &line,
			          gaps_find_told(line));
			continue;
		}
		if (parsed.is_header) {
			value = line_next(input, &line) ? line : (struct line){ "", 0, 0 };
			line_skip_frame(&value);
			take_value(&value, parsed.file, &parsed.entry);
		}
		if (parsed.index < MOST_ENTRIES) {
			add_line(&reading, &parsed);
			gaps_take(&reading.gaps, records_last(records), &line, true);
			wrong = parsed.entry.is_damaged ? "this entry cannot be read" : NULL;
		}
		line_fault(records_last(records), &line, wrong);
	}
	end_map(&reading);
}

const struct reader sysfs_reader = { "/sys/firmware/memmap", recognizes, read_sysfs, NULL };
