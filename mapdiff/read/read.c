/*
 * read.c - a path -> its text -> the reader that knows it -> finished records: see read.h.
 */
#include "mapdiff/read/read.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mapdiff/base/memory.h"
#include "mapdiff/read/file.h"
#include "mapdiff/read/readers.h"
#include "mapdiff/base/sorted.h"

/* The first that knows any line of a file gets all of it: captures and logs go first, as people
 * paste the other kinds into them. */
static const struct reader *const readers[] = {
	&capture_reader,   &linux_reader,  &shell_sfo_reader, &shell_reader,
	&lsefimmap_reader, &lsmmap_reader, &sysfs_reader,     &iomem_reader,
};
#define N_READERS (sizeof readers / sizeof readers[0])

#define NOTHING_KNOWN                                                                     \
	"there is nothing in it that mapdiff knows: no capture, Linux log, /proc/iomem, " \
	"/sys/firmware/memmap, UEFI Shell memmap, GRUB lsefimmap or lsmmap"

/* --- lines --- */

bool input_next_line(const struct input *input, struct line *line)
{
	const char *end = input->text + input->bytes;
	const char *start = input->text;
	const char *newline;

	if (line->start != NULL) { /* behind the line end that was cut off */
		start = memchr(line->start + line->bytes, '\n',
		               (size_t)(end - line->start) - line->bytes);
		start = start == NULL ? end : start + 1;
	}
	if (start == end)
		return false;
	newline = memchr(start, '\n', (size_t)(end - start));
	line->start = start;
	line->bytes = (size_t)((newline == NULL ? end : newline) - start);
	line->number++;
	while (line->bytes > 0 && start[line->bytes - 1] == '\r')
		line->bytes--;
	return true;
}

void line_skip_blanks(const struct line *line, size_t *at)
{
	while (*at < line->bytes && (line->start[*at] == ' ' || line->start[*at] == '\t'))
		(*at)++;
}

bool line_take(const struct line *line, size_t *at, const char *text)
{
	size_t bytes = strlen(text);

	if (line->bytes - *at < bytes || memcmp(line->start + *at, text, bytes) != 0)
		return false;
	*at += bytes;
	return true;
}

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 16;
}

static bool take_number(const struct line *line, size_t *at, unsigned base, uint64_t *ret_value)
{
	size_t i = *at;
	uint64_t value = 0;

	for (; i < line->bytes; i++) {
		unsigned digit = (unsigned)digit_value(line->start[i]);

		if (digit >= base)
			break;
		if (value > (UINT64_MAX - digit) / base)
			return false;
		value = value * base + digit;
	}
	if (i == *at)
		return false;
	*at = i;
	*ret_value = value;
	return true;
}

bool line_take_hex(const struct line *line, size_t *at, uint64_t *ret_value)
{
	size_t i = *at;

	if (!line_take(line, &i, "0x"))
		line_take(line, &i, "0X");
	if (!take_number(line, &i, 16, ret_value))
		return false;
	*at = i;
	return true;
}

bool line_take_decimal(const struct line *line, size_t *at, uint64_t *ret_value)
{
	return take_number(line, at, 10, ret_value);
}

bool line_find(const struct line *line, size_t *at, const char *text)
{
	const char *found = memmem(line->start + *at, line->bytes - *at, text, strlen(text));

	if (found == NULL)
		return false;
	*at = (size_t)(found - line->start);
	return true;
}

/* --- records --- */

static const struct reader *find_reader(const struct input *input)
{
	struct line line = { 0 };
	size_t best = N_READERS;

	while (best > 0 && input_next_line(input, &line)) {
		for (size_t i = 0; i < best; i++) {
			if (readers[i]->recognizes(&line))
				best = i;
		}
	}
	return best < N_READERS ? readers[best] : NULL;
}

static int compare_lines(const void *a, const void *b)
{
	const struct record *left = *(struct record *const *)a, *right = *(struct record *const *)b;

	return compare_u64(left->line, right->line);
}

/* A serial log may have captures and boots of Linux: all in their order. */
static size_t read_both(const struct input *input, struct record ***ret_records)
{
	struct record **captures, **boots, **all;
	size_t n_captures = capture_reader.read(input, &captures);
	size_t n_boots = linux_reader.read(input, &boots);

	all = memory_alloc(n_captures + n_boots + 1, sizeof *all);
	memcpy(all, captures, n_captures * sizeof *all);
	if (n_boots > 0)
		memcpy(all + n_captures, boots, n_boots * sizeof *all);
	qsort(all, n_captures + n_boots, sizeof *all, compare_lines);
	*ret_records = all;
	return n_captures + n_boots;
}

/* From its first line to its checksum: what looks like a log in it is a text of it. */
static bool is_capture_alone(const struct input *input)
{
	struct line line = { 0 };
	size_t n_begins = 0;
	bool starts = false, ends = false;

	while (input_next_line(input, &line)) {
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

static size_t read_by(const struct reader *reader, const struct input *input,
                      struct record ***ret_records)
{
	if (reader == &capture_reader &&
	    memmem(input->text, input->bytes, "BIOS-e820: ", strlen("BIOS-e820: ")) != NULL &&
	    !is_capture_alone(input))
		return read_both(input, ret_records);
	return reader->read(input, ret_records);
}

size_t record_read_input(const struct input *input, struct record ***ret_records, char **ret_error)
{
	const struct reader *reader = find_reader(input);
	size_t n;

	if (reader == NULL) {
		*ret_error = memory_copy(input->bytes > 0 ? NOTHING_KNOWN : "it is empty");
		return 0;
	}
	n = read_by(reader, input, ret_records);
	if (n == 0)
		*ret_error = memory_printf("it looks like %s, but has nothing to read in it",
		                           reader->name);
	for (size_t i = 0; i < n; i++) {
		(*ret_records)[i]->boot = i + 1;
		(*ret_records)[i]->n_boots = n;
		record_finish((*ret_records)[i]);
	}
	return n;
}

static size_t read_named(const char *path, struct record ***ret_records, char **ret_error)
{
	struct bytes bytes = { 0 };
	size_t n = 0;

	if (read_file_text(path, &bytes, ret_error))
		n = record_read_input(&(struct input){ path, bytes.text, bytes.n_text },
		                      ret_records, ret_error);
	memory_give_back(bytes.text); /* the largest of all */
	return n;
}

/* PATH@N. 0 if @spec is a plain path. */
static unsigned long boot_number(const char *spec, char **ret_path)
{
	const char *at = strrchr(spec, '@');
	unsigned long number;
	char *end;

	if (at == NULL || !isdigit((unsigned char)at[1]) || access(spec, F_OK) == 0)
		return 0;
	number = strtoul(at + 1, &end, 10);
	if (*end != '\0' || number == 0)
		return 0;
	*ret_path = memory_text(spec, (size_t)(at - spec));
	return number;
}

static bool has_map(const struct record *record)
{
	return record->n_uefi > 0 || record->n_e820_printed > 0;
}

/* Why there is no map in what was read. */
static char *explain_no_map(const struct record *record)
{
	if (record->n_faults > 0 && record->faults[0].line > 0)
		return memory_printf("there is no map in it that can be read. Line %lu: %s",
		                     record->faults[0].line, record->faults[0].what);
	if (record->n_faults > 0)
		return memory_copy(record->faults[0].what);
	if (record->source == SOURCE_LINUX_LOG)
		return memory_printf(
			"it is a Linux log, but there is no BIOS-e820 line in it, and no efi: mem "
			"line: its beginning may be lost. journalctl -k -b has it, or dmesg after a "
			"boot with log_buf_len=4M");
	return memory_copy("there is no memory map in it");
}

static struct record *choose_last(struct record **records, size_t n, char **ret_error)
{
	for (size_t i = n; i-- > 0;)
		if (has_map(records[i]))
			return records[i];
	*ret_error = explain_no_map(records[n - 1]);
	return NULL;
}

struct record *record_read(const char *spec, char **ret_error)
{
	char *path = NULL;
	unsigned long number = boot_number(spec, &path);
	struct record **records = NULL;
	size_t n = read_named(number > 0 ? path : spec, &records, ret_error);

	if (n == 0)
		return NULL;
	if (number == 0)
		return choose_last(records, n, ret_error);
	if (number > n)
		*ret_error = memory_printf("there is no boot %lu in it: it has %zu", number, n);
	else if (!has_map(records[number - 1]))
		*ret_error = explain_no_map(records[number - 1]);
	else
		return records[number - 1];
	return NULL;
}

size_t record_read_all(const char *spec, struct record ***ret_records, char **ret_error)
{
	char *path = NULL;

	if (boot_number(spec, &path) == 0)
		return read_named(spec, ret_records, ret_error);
	*ret_records = memory_alloc(1, sizeof **ret_records);
	**ret_records = record_read(spec, ret_error);
	return **ret_records != NULL;
}
