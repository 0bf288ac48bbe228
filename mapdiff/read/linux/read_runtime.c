/*
 * read_runtime.c - /sys/firmware/efi/runtime-map -> the descriptors of the runtime services, which
 * is all that Linux keeps of the UEFI map.
 *
 * As grep prints its files, `.../runtime-map/0/phys_addr:0x1eaa0000', or head and tail, `==>
 * .../0/phys_addr <==' and the value in the next line. The folder itself comes here as such a text
 * too.
 */
#include "bootmem/count.h"
#include "mapdiff/read/gaps.h"
#include "mapdiff/read/reader.h"

#define MOST_ENTRIES 4096 /* more than any machine has */

/* The files of an entry; where they are mapped is of no use. */
enum { ATTRIBUTE, PAGES, START, TYPE, FILES };
static const char *const file_names[FILES] = { "attribute", "num_pages", "phys_addr", "type" };

struct entry {
	unsigned has; /* which of its files, by bits */
	uint64_t values[FILES];
};

struct reading {
	const char *name;
	struct records *records;
	struct gaps gaps;
	MEMORY_LIST(struct entry, entries);
};

/* "0/phys_addr", wherever it stands; *line is behind it. */
static bool take_file(struct line *line, uint64_t *ret_index, unsigned *ret_file)
{
	struct line rest = *line;

	do {
		struct line file = rest;

		if (!line_take_all(&file, "%u/", ret_index))
			continue;
		for (*ret_file = 0; *ret_file < FILES; ++*ret_file) {
			*line = file;
			if (line_take(line, file_names[*ret_file]) &&
			    (line_first(line) == ':' || line_first(line) == ' '))
				return true;
		}
	} while (line_take_all(&rest, "*/"));
	return false;
}

static bool recognizes(struct line line)
{
	uint64_t index, value;
	unsigned file;

	return take_file(&line, &index, &file) && (file == START || file == PAGES) &&
	       (line_take(&line, " <==") || line_take_all(&line, ":%x", &value));
}

static void add_entry(struct record *record, const struct entry *entry, size_t index)
{
	const uint64_t *values = entry->values;
	size_t missing = 0;

	while (missing < FILES && (entry->has & 1U << missing) != 0)
		missing++;
	if (missing < FILES)
		record_add_fault(record, 0, "entry %zu has no %s that can be read", index,
		                 file_names[missing]);
	else
		*MEMORY_ADD(record, uefi) = (struct uefi_descriptor){
			.type = (uint32_t)values[TYPE],
			.start_paddr = values[START],
			.n_pages = values[PAGES],
			.attribute = values[ATTRIBUTE],
		};
}

static void begin_map(struct reading *reading)
{
	records_add(reading->records, reading->name, SOURCE_RUNTIME);
	reading->n_entries = 0;
	reading->gaps = (struct gaps){ 0 };
}

static void end_map(struct reading *reading)
{
	struct record *record = records_last(reading->records);

	gaps_end(&reading->gaps, record);
	for (size_t i = 0; i < reading->n_entries; i++)
		add_entry(record, &reading->entries[i], i);
}

static void add_value(struct reading *reading, uint64_t index, unsigned file, uint64_t value)
{
	if (index < reading->n_entries && (reading->entries[index].has & 1U << file) != 0) {
		end_map(reading);
		begin_map(reading);
	}
	while (reading->n_entries <= index)
		*MEMORY_ADD(reading, entries) = (struct entry){ 0 };
	reading->entries[index].values[file] = value;
	reading->entries[index].has |= 1U << file;
}

static void read_runtime(const struct input *input, struct records *records)
{
	struct reading reading = { .name = input->name, .records = records };
	struct line line = { 0 };

	begin_map(&reading);
	while (line_next(input, &line)) {
		struct line value = line;
		uint64_t index, number;
		unsigned file;

		if (!take_file(&value, &index, &file)) {
			gaps_note(&reading.gaps, records_last(records), &line,
			          gaps_find_told(line));
			continue;
		}
		if (line_take(&value, " <=="))
			value = line_next(input, &line) ? line : (struct line){ "", 0, 0 };
		else
			line_take(&value, ":");
		line_skip_blanks(&value);
		if (index >= MOST_ENTRIES || !line_take_hex(&value, &number) ||
		    (file == TYPE && number > UINT32_MAX)) {
			line_fault(records_last(records), &line, "this entry cannot be read");
			continue;
		}
		gaps_take(&reading.gaps, records_last(records), &line, true);
		add_value(&reading, index, file, number);
	}
	end_map(&reading);
}

const struct reader runtime_reader = { "/sys/firmware/efi/runtime-map", recognizes, read_runtime,
	                               NULL };
