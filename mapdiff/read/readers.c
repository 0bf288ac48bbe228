/* readers.c - a text -> the reader that knows it -> finished records: see readers.h. */
#include "mapdiff/read/readers.h"

#include <string.h>

#include "bootmem/count.h"
#include "mapdiff/base/sorted.h"
#include "mapdiff/read/reader.h"
#include "mapdiff/read/refusals.h"

/* The first that knows any line of a file gets all of it: captures and logs go first, as people
 * paste the other kinds into them. */
static const struct reader *const readers[] = {
	&capture_reader, &xen_reader,       &linux_reader,  &uboot_reader,   &shell_sfo_reader,
	&shell_reader,   &lsefimmap_reader, &lsmmap_reader, &freebsd_reader, &esxi_reader,
	&rust_reader,    &smap_reader,      &sysfs_reader,  &runtime_reader, &openbsd_reader,
	&limine_reader,  &iomem_reader,     &list_reader,
};

static const struct reader *find_reader(const struct input *input)
{
	struct line line = { 0 };
	size_t best = COUNT(readers);

	while (best > 0 && line_next(input, &line))
		for (size_t i = 0; i < best; i++)
			if (readers[i]->rows != NULL ? rows_recognize(readers[i]->rows, line)
			                             : readers[i]->recognizes(line))
				best = i;
	return best < COUNT(readers) ? readers[best] : NULL;
}

static int compare_lines(const void *a, const void *b)
{
	const struct record *left = *(struct record *const *)a, *right = *(struct record *const *)b;

	return compare_u64(left->line, right->line);
}

/* From its first line to its checksum: what looks like a log in it is a text of it. */
static bool is_capture_alone(const struct input *input, const struct records *captures)
{
	struct line line = { 0 };
	bool ends = false;

	while (line_next(input, &line)) {
		struct line rest = line;

		if (line.bytes > 0)
			ends = line_take(&rest, "checksum ");
	}
	return captures->n_list == 1 && captures->list[0]->line == 1 && ends;
}

static bool has_text(const struct input *input, const char *text)
{
	return memmem(input->text, input->bytes, text, strlen(text)) != NULL;
}

/* A serial log may have captures and boots of Linux: all in their order. */
static void add_linux(const struct input *input, struct records *records)
{
	struct records boots = { 0 };

	linux_reader.read(input, &boots);
	for (size_t i = 0; i < boots.n_list; i++)
		*MEMORY_ADD(records, list) = boots.list[i];
	MEMORY_SORT(records, list, compare_lines);
}

/* What Linux says behind Xen is said by dom0, which runs on the same machine in the same boot. */
static void add_dom0(const struct input *input, struct records *records)
{
	size_t n = 0;

	add_linux(input, records);
	for (size_t i = 0; i < records->n_list; i++) {
		struct record *record = records->list[i];

		if (n > 0 && record->source == SOURCE_LINUX_LOG &&
		    records->list[n - 1]->source == SOURCE_XEN)
			record_merge(records->list[n - 1], record);
		else
			records->list[n++] = record;
	}
	records->n_list = n;
}

static void read_by(const struct reader *reader, const struct input *input, struct records *records)
{
	if (reader->rows != NULL)
		rows_read(reader->rows, input, records);
	else
		reader->read(input, records);
	if (reader == &xen_reader && has_text(input, "Linux version "))
		add_dom0(input, records);
	if (reader == &capture_reader && has_text(input, "BIOS-e820: ") &&
	    !is_capture_alone(input, records))
		add_linux(input, records);
}

bool readers_read(const struct input *input, struct records *records, const char **ret_error)
{
	const struct reader *reader = find_reader(input);

	if (reader == NULL) {
		*ret_error = refusals_explain(input);
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
