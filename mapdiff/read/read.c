/*
 * read.c - a path -> its text -> the reader that knows it -> finished records: see read.h.
 */
#include "mapdiff/read/read.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bootmem/count.h"
#include "mapdiff/base/memory.h"
#include "mapdiff/base/sorted.h"
#include "mapdiff/base/text.h"
#include "mapdiff/read/file.h"
#include "mapdiff/read/plain/plain.h"
#include "mapdiff/read/plain/unpack.h"
#include "mapdiff/read/readers.h"

/* The first that knows any line of a file gets all of it: captures and logs go first, as people
 * paste the other kinds into them. */
static const struct reader *const readers[] = {
	&capture_reader,   &linux_reader,  &shell_sfo_reader, &shell_reader,
	&lsefimmap_reader, &lsmmap_reader, &sysfs_reader,     &iomem_reader,
};

#define NOTHING_KNOWN                                                                     \
	"there is nothing in it that mapdiff knows: no capture, Linux log, /proc/iomem, " \
	"/sys/firmware/memmap, UEFI Shell memmap, GRUB lsefimmap or lsmmap"

static bool recognizes(const struct reader *reader, const struct line *line)
{
	return reader->rows != NULL ? rows_recognize(reader->rows, line) : reader->recognizes(line);
}

static const struct reader *find_reader(const struct input *input)
{
	struct line line = { 0 };
	size_t best = COUNT(readers);

	while (best > 0 && line_next(input, &line)) {
		for (size_t i = 0; i < best; i++) {
			if (recognizes(readers[i], &line))
				best = i;
		}
	}
	return best < COUNT(readers) ? readers[best] : NULL;
}

static int compare_lines(const void *a, const void *b)
{
	const struct record *left = *(struct record *const *)a, *right = *(struct record *const *)b;

	return compare_u64(left->line, right->line);
}

/* From its first line to its checksum: what looks like a log in it is a text of it. */
static bool is_capture_alone(const struct input *input)
{
	struct line line = { 0 };
	size_t n_begins = 0;
	bool starts = false, ends = false;

	while (line_next(input, &line)) {
		size_t at = 0;

		if (line.bytes == 0)
			continue;
		ends = line_take(&line, &at, "checksum ");
		if (line_take(&line, &at, "bootmem-capture ")) {
			starts |= line.number == 1;
			n_begins++;
		}
	}
	return starts && n_begins == 1 && ends;
}

/* A serial log may have captures and boots of Linux: all in their order. */
static void read_both(const struct input *input, struct records *records)
{
	struct records boots = { 0 };

	capture_reader.read(input, records);
	linux_reader.read(input, &boots);
	for (size_t i = 0; i < boots.n_list; i++)
		*MEMORY_ADD(records, list) = boots.list[i];
	qsort(records->list, records->n_list, sizeof *records->list, compare_lines);
}

static void read_by(const struct reader *reader, const struct input *input, struct records *records)
{
	static const char e820[] = "BIOS-e820: ";

	if (reader == &capture_reader &&
	    memmem(input->text, input->bytes, e820, strlen(e820)) != NULL &&
	    !is_capture_alone(input))
		read_both(input, records);
	else if (reader->rows != NULL)
		rows_read(reader->rows, input, records);
	else
		reader->read(input, records);
}

static bool read_text(const struct input *input, struct records *records, const char **ret_error)
{
	const struct reader *reader = find_reader(input);

	if (reader == NULL) {
		*ret_error = input->bytes > 0 ? NOTHING_KNOWN : "it is empty";
		return false;
	}
	read_by(reader, input, records);
	if (records->n_list == 0)
		*ret_error = memory_printf("it looks like %s, but has nothing to read in it",
		                           reader->name);
	for (size_t i = 0; i < records->n_list; i++) {
		records->list[i]->boot = i + 1;
		records->list[i]->n_boots = records->n_list;
		record_finish(records->list[i]);
	}
	return records->n_list > 0;
}

bool read_bytes(const char *name, struct bytes *bytes, struct records *records,
                const char **ret_error)
{
	return unpack(bytes, ret_error) && plain_text(bytes, ret_error) &&
	       read_text(&(struct input){ name, bytes->text, bytes->n_text }, records, ret_error);
}

static bool read_path(const char *path, struct records *records, const char **ret_error)
{
	struct bytes bytes = { 0 };
	bool is_read =
		file_read(path, &bytes, ret_error) && read_bytes(path, &bytes, records, ret_error);

	memory_give_back(bytes.text); /* the largest of all */
	return is_read;
}

/* PATH@N. 0 if @spec is a plain path. */
static uint64_t boot_number(const char *spec, const char **ret_path)
{
	const char *at = strrchr(spec, '@');
	size_t n_digits;
	uint64_t number;

	*ret_path = spec;
	if (at == NULL || access(spec, F_OK) == 0)
		return 0;
	n_digits = text_digits(at + 1, strlen(at + 1), 10, &number);
	if (n_digits == 0 || at[1 + n_digits] != '\0' || number == 0)
		return 0;
	*ret_path = memory_text(spec, (size_t)(at - spec));
	return number;
}

static bool has_map(const struct record *record)
{
	return record->n_uefi > 0 || record->n_e820_printed > 0;
}

/* Why there is no map in what was read. */
static const char *explain_no_map(const struct record *record)
{
	if (record->n_faults > 0 && record->faults[0].line > 0)
		return memory_printf("there is no map in it that can be read. Line %lu: %s",
		                     record->faults[0].line, record->faults[0].what);
	if (record->n_faults > 0)
		return record->faults[0].what;
	if (record->source == SOURCE_LINUX_LOG)
		return "it is a Linux log, but there is no BIOS-e820 line in it, and no efi: mem "
		       "line: its beginning may be lost. journalctl -k -b has it, or dmesg after a "
		       "boot with log_buf_len=4M";
	return "there is no memory map in it";
}

static struct record *choose_last(const struct records *records, const char **ret_error)
{
	for (size_t i = records->n_list; i-- > 0;)
		if (has_map(records->list[i]))
			return records->list[i];
	*ret_error = explain_no_map(records_last(records));
	return NULL;
}

struct record *read_boot(const char *spec, const char **ret_error)
{
	struct records records = { 0 };
	const char *path;
	uint64_t number = boot_number(spec, &path);

	if (!read_path(path, &records, ret_error))
		return NULL;
	if (number == 0)
		return choose_last(&records, ret_error);
	if (number > records.n_list)
		*ret_error = memory_printf("there is no boot %" PRIu64 " in it: it has %zu", number,
		                           records.n_list);
	else if (!has_map(records.list[number - 1]))
		*ret_error = explain_no_map(records.list[number - 1]);
	else
		return records.list[number - 1];
	return NULL;
}

bool read_boots(const char *spec, struct records *records, const char **ret_error)
{
	const char *path;
	struct record *record;

	if (boot_number(spec, &path) == 0)
		return read_path(spec, records, ret_error);
	record = read_boot(spec, ret_error);
	if (record != NULL)
		*MEMORY_ADD(records, list) = record;
	return record != NULL;
}
