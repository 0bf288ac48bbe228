/*
 * read.c - a path -> its bytes -> the files that are packed in them -> their text -> finished
 * records: see read.h.
 */
#include "mapdiff/read/read.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mapdiff/base/text.h"
#include "mapdiff/read/file.h"
#include "mapdiff/read/plain/plain.h"
#include "mapdiff/read/plain/unpack.h"
#include "mapdiff/read/readers.h"

#define MOST_LISTED 5 /* names of files in an error */

/* --- bytes -> records --- */

/* What is read: a file, or the files that are packed in it. */
struct reading {
	const char *name;
	const char *member; /* which of them is wanted; NULL: all */
	struct records *records;
	size_t n_files;
	struct bytes files; /* their names */
	const char *error;  /* of the last that has nothing */
};

static void list_name(struct bytes *list, size_t n_before, const char *name)
{
	if (n_before <= MOST_LISTED)
		memory_append(list, "%s%s", n_before > 0 ? ", " : "",
		              n_before < MOST_LISTED ? name : "...");
}

static void read_file(void *context, const char *member, struct bytes *bytes)
{
	struct reading *reading = context;
	struct records records = { 0 };
	struct input input = { .name = reading->name };

	if (member != NULL) {
		list_name(&reading->files, reading->n_files++, member);
		input.name = memory_printf("%s/%s", reading->name, member);
	}
	if (reading->member != NULL && (member == NULL || strcmp(member, reading->member) != 0))
		return;
	if (!plain_text(bytes, &reading->error))
		return;
	input.text = bytes->text;
	input.bytes = bytes->n_text;
	readers_read(&input, &records, &reading->error);
	for (size_t i = 0; i < records.n_list; i++)
		*MEMORY_ADD(reading->records, list) = records.list[i];
}

static const char *explain_nothing(const struct reading *reading)
{
	if (reading->error == NULL && reading->member != NULL)
		return memory_printf("there is no such file in it%s%s",
		                     reading->n_files > 0 ? ": it has " : "",
		                     reading->n_files > 0 ? reading->files.text : "");
	if (reading->error == NULL)
		return "it is empty";
	if (reading->n_files > 1 && reading->member == NULL)
		return memory_printf("there is nothing in its %zu files that mapdiff knows: %s",
		                     reading->n_files, reading->files.text);
	return reading->error;
}

static bool read_members(const char *name, const char *member, struct bytes *bytes,
                         struct records *records, const char **ret_error)
{
	struct reading reading = { .name = name, .member = member, .records = records };

	if (!unpack_each(bytes, read_file, &reading, ret_error)) {
		records->n_list = 0;
		return false;
	}
	if (records->n_list == 0)
		*ret_error = explain_nothing(&reading);
	return records->n_list > 0;
}

bool read_bytes(const char *name, struct bytes *bytes, struct records *records,
                const char **ret_error)
{
	return read_members(name, NULL, bytes, records, ret_error);
}

/* --- what is meant --- */

/* ARCHIVE/FILE: the archive, and which file in it. Else @path itself, and NULL. */
static const char *split_member(const char *path, const char **ret_member)
{
	const char *slash = path + strlen(path);
	struct stat status;

	*ret_member = NULL;
	if (stat(path, &status) == 0)
		return path;
	while ((slash = memrchr(path, '/', (size_t)(slash - path))) != NULL) {
		const char *archive = memory_text(path, (size_t)(slash - path));

		if (stat(archive, &status) != 0)
			continue;
		if (S_ISREG(status.st_mode)) {
			*ret_member = slash + 1;
			return archive;
		}
		break;
	}
	return path;
}

static bool read_path(const char *path, struct records *records, const char **ret_error)
{
	const char *member;
	const char *file = split_member(path, &member);
	struct bytes bytes = { 0 };
	bool is_read = file_read(file, &bytes, ret_error) &&
	               read_members(file, member, &bytes, records, ret_error);

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

static bool is_of_file(const struct record *record, const char *name)
{
	return record->name != NULL && name != NULL && strcmp(record->name, name) == 0;
}

/* Leave those of the one file in an archive that has maps. False, and *ret_error, if several have.
 */
static bool narrow(struct records *records, const char **ret_error)
{
	struct bytes files = { 0 };
	const char *name = NULL;
	size_t n_files = 0, n = 0;

	for (size_t i = 0; i < records->n_list; i++) {
		const struct record *record = records->list[i];

		if (has_map(record) && !is_of_file(record, name))
			list_name(&files, n_files++, name = record->name);
	}
	for (size_t i = 0; i < records->n_list; i++)
		if (name == NULL || is_of_file(records->list[i], name))
			records->list[n++] = records->list[i];
	records->n_list = n;
	if (n_files > 1)
		*ret_error = memory_printf("there are maps in several files of it; give one: %s",
		                           files.text);
	return n_files <= 1;
}

static uint64_t last_with_map(const struct records *records)
{
	for (size_t i = records->n_list; i-- > 0;)
		if (has_map(records->list[i]))
			return i + 1;
	return records->n_list;
}

struct record *read_boot(const char *spec, const char **ret_error)
{
	struct records records = { 0 };
	const char *path;
	uint64_t number = boot_number(spec, &path);
	struct record *record;

	if (!read_path(path, &records, ret_error) || !narrow(&records, ret_error))
		return NULL;
	if (number > records.n_list) {
		*ret_error = memory_printf("there is no boot %" PRIu64 " in it: it has %zu", number,
		                           records.n_list);
		return NULL;
	}
	record = records.list[(number > 0 ? number : last_with_map(&records)) - 1];
	if (!has_map(record))
		*ret_error = explain_no_map(record);
	return has_map(record) ? record : NULL;
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
