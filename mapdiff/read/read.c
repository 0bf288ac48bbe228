/*
 * read.c - a path -> its bytes -> the files that are packed in them -> their text -> finished
 * records: see read.h.
 */
#include "mapdiff/read/read.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "bootmem/count.h"
#include "mapdiff/base/text.h"
#include "mapdiff/read/plain/plain.h"
#include "mapdiff/read/plain/unpack.h"
#include "mapdiff/read/readers.h"

#define MOST_LISTED 5 /* names of files in an error */

/* --- a path -> its bytes --- */

static bool read_stream(const char *path, struct bytes *bytes, const char **ret_error)
{
	FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	bool is_read;
	size_t n;

	if (file == NULL) {
		*ret_error = strerror(errno);
		return false;
	}
	do {
		bytes->text = memory_grow(bytes->text, bytes->n_text, &bytes->text_capacity, 1);
		n = fread(bytes->text + bytes->n_text, 1, bytes->text_capacity - bytes->n_text,
		          file);
		bytes->n_text += n;
	} while (n > 0);
	is_read = ferror(file) == 0;
	if (!is_read)
		*ret_error = strerror(errno);
	if (file != stdin)
		fclose(file);
	return is_read;
}

/* FOLDER/N/NAME holds one line: the text that grep prints of it. */
static void append_entry(struct bytes *bytes, const char *folder, const char *entry,
                         const char *name)
{
	struct bytes value = { 0 };
	const char *error;

	if (!read_stream(memory_printf("%s/%s/%s", folder, entry, name), &value, &error))
		return;
	*MEMORY_ADD(&value, text) = '\0';
	memory_append(bytes, "memmap/%s/%s:%.*s\n", entry, name, (int)strcspn(value.text, "\n"),
	              value.text);
}

/* A copy of /sys/firmware/memmap: N/start, N/end, N/type. */
static bool read_folder(const char *path, struct bytes *bytes, const char **ret_error)
{
	static const char *const names[] = { "start", "end", "type" };
	DIR *folder = opendir(path);
	const struct dirent *entry;

	if (folder == NULL) {
		*ret_error = strerror(errno);
		return false;
	}
	while ((entry = readdir(folder)) != NULL)
		for (size_t i = 0; i < COUNT(names) && isdigit((unsigned char)entry->d_name[0]);
		     i++)
			append_entry(bytes, path, entry->d_name, names[i]);
	closedir(folder);
	if (bytes->n_text == 0)
		*ret_error = "it is a folder, but no copy of /sys/firmware/memmap (0/start, "
			     "0/end, 0/type, ...)";
	return bytes->n_text > 0;
}

/* A file, standard input, or a folder. */
static bool read_whole(const char *path, struct bytes *bytes, const char **ret_error)
{
	struct stat status;

	if (strcmp(path, "-") != 0 && stat(path, &status) == 0 && S_ISDIR(status.st_mode))
		return read_folder(path, bytes, ret_error);
	return read_stream(path, bytes, ret_error);
}

/* --- bytes -> records --- */

/* Names of files, each once, and the first of them as an error lists them. */
struct names {
	struct bytes text;
	size_t n;
	const char *last;
};

static void add_name(struct names *names, const char *name)
{
	if (names->last != NULL && strcmp(name, names->last) == 0)
		return;
	if (names->n <= MOST_LISTED)
		memory_append(&names->text, "%s%s", names->n > 0 ? ", " : "",
		              names->n < MOST_LISTED ? name : "...");
	names->n++;
	names->last = name;
}

/* What is read: a file, or the files that are packed in it. */
struct reading {
	const char *name;
	struct records *records;
	struct names files;
	const char *error; /* of the last that has nothing */
};

static void read_file(void *context, struct unpacked *file)
{
	struct reading *reading = context;
	struct input input = { .name = reading->name, .lines_before = file->lines_before };
	struct records records = { 0 };

	if (file->name != NULL) {
		add_name(&reading->files, file->name);
		input.name = memory_printf("%s/%s", reading->name, file->name);
	}
	if (!plain_text(&file->bytes, &reading->error))
		return;
	input.text = file->bytes.text;
	input.bytes = file->bytes.n_text;
	readers_read(&input, &records, &reading->error);
	for (size_t i = 0; i < records.n_list; i++)
		*MEMORY_ADD(reading->records, list) = records.list[i];
}

bool read_bytes(const char *name, struct bytes *bytes, struct records *records,
                const char **ret_error)
{
	struct reading reading = { .name = name, .records = records, .error = "it is empty" };

	if (!unpack_each(bytes, read_file, &reading, ret_error))
		records->n_list = 0;
	else if (records->n_list == 0 && reading.files.n > 1)
		*ret_error =
			memory_printf("there is nothing in its %zu files that mapdiff knows: %s",
		                      reading.files.n, reading.files.text.text);
	else if (records->n_list == 0)
		*ret_error = reading.error;
	return records->n_list > 0;
}

/* --- what is meant --- */

/* Of ARCHIVE/FILE, the archive; else @path itself. */
static const char *file_of(const char *path)
{
	const char *file = path, *slash = path + strlen(path);
	struct stat status;

	while (stat(file, &status) != 0) {
		slash = memrchr(path, '/', (size_t)(slash - path));
		if (slash == NULL)
			return path;
		file = memory_text(path, (size_t)(slash - path));
	}
	return S_ISREG(status.st_mode) ? file : path;
}

/* Leave those of the file called @name, in an archive. False, and *ret_error, if there is none. */
static bool keep(struct records *records, const char *name, const char **ret_error)
{
	struct names names = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < records->n_list; i++) {
		add_name(&names, records->list[i]->name);
		if (strcmp(records->list[i]->name, name) == 0)
			records->list[n++] = records->list[i];
	}
	records->n_list = n;
	if (n == 0)
		*ret_error =
			memory_printf("there is no such file in it: it has %s", names.text.text);
	return n > 0;
}

static bool read_path(const char *path, struct records *records, const char **ret_error)
{
	const char *file = file_of(path);
	struct bytes bytes = { 0 };
	uint32_t crc;

	if (!read_whole(file, &bytes, ret_error))
		return false;
	crc = (uint32_t)crc32_z(0, (const Bytef *)bytes.text, bytes.n_text);
	if (!read_bytes(file, &bytes, records, ret_error))
		return false;
	for (size_t i = 0; i < records->n_list && file == path; i++)
		records->list[i]->file_crc32 = crc;
	return file == path || keep(records, path, ret_error);
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

/* Leave those of the one file in an archive with maps. False, and *ret_error, if several have. */
static bool narrow(struct records *records, const char **ret_error)
{
	struct names names = { 0 };

	for (size_t i = 0; i < records->n_list; i++)
		if (has_map(records->list[i]))
			add_name(&names, records->list[i]->name);
	if (names.n <= 1)
		return names.n == 0 || keep(records, names.last, ret_error);
	*ret_error = memory_printf("there are maps in several files of it; give one: %s",
	                           names.text.text);
	return false;
}

struct record *read_boot(const char *spec, const char **ret_error)
{
	struct records records = { 0 };
	const char *path;
	uint64_t number = boot_number(spec, &path);

	if (!read_path(path, &records, ret_error) || !narrow(&records, ret_error))
		return NULL;
	if (number == 0) { /* the last that has a map, or the last */
		number = records.n_list;
		for (size_t i = 0; i < records.n_list; i++)
			number = has_map(records.list[i]) ? i + 1 : number;
	}
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
