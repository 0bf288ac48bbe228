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
#include "mapdiff/read/pin_file.h"
#include "mapdiff/read/plain/plain.h"
#include "mapdiff/read/plain/unpack.h"
#include "mapdiff/read/refusals.h"
#include "mapdiff/read/repeats.h"
#include "mapdiff/read/thread.h"
#include "mapdiff/record/scrub.h"

#define MOST_LISTED 5 /* names of files in an error */
#define MOST_NAMED  8 /* boots of a file */

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

/* A copy of /sys/firmware/memmap, or of /sys/firmware/efi/runtime-map: N/start, N/phys_addr, ... */
static bool read_folder(const char *path, struct bytes *bytes, const char **ret_error)
{
	static const char *const names[] = { "start",     "end",       "type",
		                             "attribute", "num_pages", "phys_addr" };
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
			     "0/end, 0/type, ...), and none of /sys/firmware/efi/runtime-map";
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
	struct thread thread;
	struct names files;
};

static void read_file(void *context, struct unpacked *file)
{
	struct reading *reading = context;
	struct input input = { .name = reading->name, .lines_before = file->lines_before };

	if (file->name != NULL) {
		add_name(&reading->files, file->name);
		input.name = memory_printf("%s/%s", reading->name, file->name);
	}
	if (!plain_text(&file->bytes, &reading->thread.error))
		return;
	input.text = file->bytes.text;
	input.bytes = file->bytes.n_text;
	thread_read(&reading->thread, &input, file->is_talk ? THREAD_TALK : THREAD_FILE);
}

bool read_bytes(const char *name, struct bytes *bytes, struct records *records,
                const char **ret_error)
{
	struct reading reading = { .name = name, .thread.error = "it is empty" };

	if (pin_file_is(name, bytes))
		return pin_file_read(name, bytes, records, ret_error);
	if (!unpack_each(bytes, read_file, &reading, ret_error))
		return false;
	repeats_drop(&reading.thread);
	thread_finish(&reading.thread, records);
	if (records->n_list == 0 && reading.files.n > 1)
		*ret_error =
			memory_printf("there is nothing in its %zu files that mapdiff knows: %s",
		                      reading.files.n, reading.files.text.text);
	else if (records->n_list == 0)
		*ret_error = reading.thread.error;
	return records->n_list > 0;
}

/* --- what is meant --- */

/* Of PATH@- and PATH@+, which are sides of a diff, and no files, PATH. */
static const char *without_side(const char *path)
{
	size_t n = strlen(path);

	if (n <= 2 || path[n - 2] != '@' || (path[n - 1] != '-' && path[n - 1] != '+') ||
	    access(path, F_OK) == 0)
		return path;
	return memory_text(path, n - 2);
}

/* Of ARCHIVE/FILE, the archive; of the side of a diff, the diff; else @path itself. */
static const char *file_of(const char *path)
{
	const char *file = without_side(path), *slash = path + strlen(path);
	struct stat status = { 0 };

	while (strcmp(file, "-") != 0 && stat(file, &status) != 0) {
		slash = memrchr(path, '/', (size_t)(slash - path));
		if (slash == NULL)
			return path;
		file = memory_text(path, (size_t)(slash - path));
	}
	return strcmp(file, "-") == 0 || S_ISREG(status.st_mode) ? file : path;
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
	return record->n_uefi > 0 || record->n_e820_printed > 0 || record->excerpt_of != NULL;
}

/* Why there is no map in what was read: without what is private, as no report is made of it. */
static const char *explain_no_map(const struct record *record)
{
	if (record->n_faults > 0 && record->faults[0].line > 0)
		return memory_printf("there is no map in it that can be read. Line %lu: %s",
		                     record->faults[0].line, scrub("", record->faults[0].what));
	if (record->n_faults > 0)
		return scrub("", record->faults[0].what);
	if (record->source == SOURCE_PIN)
		return "it is the record of what a pinned block served, and has no memory map: "
		       "mapdiff pin shows it";
	if (record->source == SOURCE_LINUX_LOG)
		return refusals_explain_log(record_fact(record, FACT_KERNEL_VERSION));
	return "there is no memory map in it";
}

/* Leave those with a map. */
static void keep_maps(struct records *records)
{
	size_t n = 0;

	for (size_t i = 0; i < records->n_list; i++)
		if (has_map(records->list[i]))
			records->list[n++] = records->list[i];
	records->n_list = n;
}

/* Leave those of the one file in an archive with maps. If several have, boot @number is counted
 * through all of these; false, and *ret_error, if it is 0. */
static bool narrow(struct records *records, uint64_t number, const char **ret_error)
{
	struct names names = { 0 };

	for (size_t i = 0; i < records->n_list; i++)
		if (has_map(records->list[i]))
			add_name(&names, records->list[i]->name);
	if (names.n <= 1)
		return names.n == 0 || keep(records, names.last, ret_error);
	keep_maps(records);
	*ret_error =
		records_last(records)->excerpt_of != NULL
			? "it is a diff, and has only pieces of two maps; mapdiff diff FILE says "
			  "what they show"
			: memory_printf("there are maps in several files of it; give one: %s",
	                                names.text.text);
	return number > 0;
}

/* The last with a map that has its beginning; else the last that has a map, or the last. */
static size_t choose_boot(const struct records *records)
{
	size_t number = records->n_list;
	bool is_whole = false;

	for (size_t i = 0; i < records->n_list; i++) {
		bool has_head = !records->list[i]->lacks_head;

		if (has_map(records->list[i]) && (has_head || !is_whole)) {
			number = i + 1;
			is_whole |= has_head;
		}
	}
	return number;
}

struct record *read_boot(const char *spec, const char **ret_error)
{
	struct records records = { 0 };
	const char *path;
	uint64_t number = boot_number(spec, &path);

	if (!read_path(path, &records, ret_error) || !narrow(&records, number, ret_error))
		return NULL;
	if (number == 0)
		number = choose_boot(&records);
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

/* What names @record in a file whose name is known: "@2", "@-", "dmesg.txt@1". */
static const char *label(const char *path, const struct record *record)
{
	const size_t n = strlen(path);
	const char *name = record->name;

	if (strncmp(name, path, n) == 0 && (name[n] != '\0' || record->n_boots > 1))
		name += n;
	name += *name == '/' && name != record->name;
	return record->n_boots > 1 ? memory_printf("%s@%lu", name, record->boot) : name;
}

/* Which boots with a map there are, those in @records; of many, how many. */
static const char *list_boots(const char *path, const struct records *records)
{
	const struct record *last = records_last(records);
	struct bytes text = { 0 };

	if (records->n_list == 2 && last->excerpt_of != NULL)
		return memory_printf("%s is a diff, and has pieces of both maps: what is in "
		                     "neither of them is alike in both",
		                     path);
	memory_append(&text, "%s has %zu boots with a map", path, records->n_list);
	for (size_t i = 0; i < records->n_list && records->n_list <= MOST_NAMED; i++)
		memory_append(&text, "%s%s", i == 0 ? ": " : ", ", label(path, records->list[i]));
	if (records->n_list > 2)
		memory_append(&text, "; the last two are compared%s",
		              last->excerpt_of != NULL ? ", pieces of maps in a diff" : "");
	return text.text;
}

bool read_last_boots(const char *spec, struct record *ret_boots[2], const char **ret_found,
                     const char **ret_error)
{
	struct records records = { 0 };
	const char *path;

	if (boot_number(spec, &path) > 0 || without_side(spec) != spec) {
		*ret_error = "it is one boot: another one is missing, to compare it with";
		return false;
	}
	if (!read_path(spec, &records, ret_error))
		return false;
	*ret_error = explain_no_map(records_last(&records));
	keep_maps(&records);
	if (records.n_list == 1)
		*ret_error = memory_printf("there is one boot with a map in it, %s: another one is "
		                           "missing, to compare it with",
		                           label("", records.list[0]));
	if (records.n_list < 2)
		return false;
	for (size_t i = 0; i < 2; i++)
		ret_boots[i] = records.list[records.n_list - 2 + i];
	*ret_found = list_boots(spec, &records);
	return true;
}
