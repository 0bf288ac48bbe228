/*
 * read.c - a path -> its bytes -> the reader that knows them -> finished records: see read.h.
 */
#include "mapdiff/read.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mapdiff/memory.h"
#include "mapdiff/readers.h"

/* The first that knows any line of a file gets all of it. A capture goes first, as it may stand in
 * a serial log with boots of Linux; then logs, as people paste the other kinds into them. */
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

/* --- the bytes of a file --- */

struct bytes {
	char *text;
	size_t n_text, text_capacity;
};

static char *describe(int error)
{
	return memory_printf("%s", strerror(error));
}

static bool read_descriptor(int fd, struct bytes *bytes, char **ret_error)
{
	for (;;) {
		ssize_t n;

		if (bytes->text_capacity - bytes->n_text < 65536) {
			bytes->text_capacity = bytes->text_capacity * 2 + 131072;
			bytes->text = realloc(bytes->text, bytes->text_capacity);
			if (bytes->text == NULL) {
				*ret_error = memory_printf("it does not fit into memory");
				return false;
			}
		}
		n = read(fd, bytes->text + bytes->n_text, bytes->text_capacity - bytes->n_text);
		if (n == 0)
			return true;
		if (n > 0)
			bytes->n_text += (size_t)n;
		else if (errno != EINTR) {
			*ret_error = describe(errno);
			return false;
		}
	}
}

/* Reserve at once what a plain file needs: growing would copy it again and again. */
static void reserve_size(int fd, struct bytes *bytes)
{
	struct stat status;

	if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size <= 0)
		return;
	bytes->text = malloc((size_t)status.st_size + 65536);
	if (bytes->text != NULL)
		bytes->text_capacity = (size_t)status.st_size + 65536;
}

static bool read_file(const char *path, struct bytes *bytes, char **ret_error)
{
	int fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	bool is_read;

	if (fd < 0) {
		*ret_error = describe(errno);
		return false;
	}
	reserve_size(fd, bytes);
	is_read = read_descriptor(fd, bytes, ret_error);
	if (fd != STDIN_FILENO)
		close(fd);
	return is_read;
}

static void append(struct bytes *bytes, const char *text)
{
	for (; *text != '\0'; text++)
		*MEMORY_ADD(bytes, text) = *text;
}

/* FOLDER/N/NAME holds one line: the text that grep prints of it. */
static void append_entry(struct bytes *bytes, const char *folder, const char *entry,
                         const char *name)
{
	char *path = memory_printf("%s/%s/%s", folder, entry, name);
	char *line = memory_printf("memmap/%s/%s:", entry, name);
	struct bytes value = { 0 };
	char *error = NULL;

	if (read_file(path, &value, &error)) {
		append(bytes, line);
		for (size_t i = 0; i < value.n_text && value.text[i] != '\n'; i++)
			*MEMORY_ADD(bytes, text) = value.text[i];
		append(bytes, "\n");
	}
	free(value.text);
	free(error);
	free(line);
	free(path);
}

/* A copy of /sys/firmware/memmap: N/start, N/end, N/type. */
static bool read_folder(const char *path, struct bytes *bytes, char **ret_error)
{
	DIR *folder = opendir(path);
	const struct dirent *entry;

	if (folder == NULL) {
		*ret_error = describe(errno);
		return false;
	}
	while ((entry = readdir(folder)) != NULL) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		append_entry(bytes, path, entry->d_name, "start");
		append_entry(bytes, path, entry->d_name, "end");
		append_entry(bytes, path, entry->d_name, "type");
	}
	closedir(folder);
	if (bytes->n_text == 0)
		*ret_error = memory_printf("it is a folder, but no copy of /sys/firmware/memmap "
		                           "(0/start, 0/end, 0/type, ...)");
	return bytes->n_text > 0;
}

/* What Windows editors save: UTF-16 becomes one byte a character, a byte order mark goes. What is
 * not ASCII is no part of a map. */
static void convert_encoding(struct bytes *bytes)
{
	static const char utf8_mark[] = "\xef\xbb\xbf";
	const unsigned char *text = (const unsigned char *)bytes->text;
	bool is_little = bytes->n_text >= 2 && text[0] == 0xff && text[1] == 0xfe;
	bool is_big = bytes->n_text >= 2 && text[0] == 0xfe && text[1] == 0xff;
	size_t n = 0;

	if (is_little || is_big) {
		for (size_t i = 2; i + 1 < bytes->n_text; i += 2) {
			unsigned char low = text[is_little ? i : i + 1];
			unsigned char high = text[is_little ? i + 1 : i];

			bytes->text[n++] = high == 0 && low < 0x80 ? (char)low : '?';
		}
		bytes->n_text = n;
	} else if (bytes->n_text >= 3 && memcmp(text, utf8_mark, 3) == 0) {
		bytes->n_text -= 3;
		memmove(bytes->text, bytes->text + 3, bytes->n_text);
	}
}

static bool read_path(const char *path, struct bytes *bytes, char **ret_error)
{
	struct stat status;

	if (strcmp(path, "-") != 0 && stat(path, &status) == 0 && S_ISDIR(status.st_mode))
		return read_folder(path, bytes, ret_error);
	if (!read_file(path, bytes, ret_error))
		return false;
	convert_encoding(bytes);
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

size_t record_read_input(const struct input *input, struct record ***ret_records, char **ret_error)
{
	const struct reader *reader = find_reader(input);
	size_t n;

	if (reader == NULL) {
		*ret_error = memory_printf("%s", input->bytes > 0 ? NOTHING_KNOWN : "it is empty");
		return 0;
	}
	n = reader->read(input, ret_records);
	if (n == 0)
		*ret_error = memory_printf("it looks like %s, but has nothing to read in it",
		                           reader->name);
	for (size_t i = 0; i < n; i++)
		record_finish((*ret_records)[i]);
	return n;
}

static size_t read_named(const char *path, struct record ***ret_records, char **ret_error)
{
	struct bytes bytes = { 0 };
	size_t n = 0;

	if (read_path(path, &bytes, ret_error))
		n = record_read_input(&(struct input){ path, bytes.text, bytes.n_text },
		                      ret_records, ret_error);
	free(bytes.text);
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

/* Keep record @keep, if it is one, and free the rest. */
static struct record *keep_one(struct record **records, size_t n, size_t keep)
{
	struct record *kept = keep < n ? records[keep] : NULL;

	for (size_t i = 0; i < n; i++)
		if (i != keep)
			record_free(records[i]);
	free(records);
	return kept;
}

static bool has_map(const struct record *record)
{
	return record->n_uefi > 0 || record->n_e820_printed > 0;
}

/* Why there is no map in what was read. */
static char *explain_no_map(const struct record *record)
{
	if (record->n_faults > 0)
		return memory_printf("%s", record->faults[0].what);
	if (record->source == SOURCE_LINUX_LOG)
		return memory_printf(
			"it is a Linux log, but there is no BIOS-e820 line in it, and no efi: mem "
			"line: its beginning may be lost. journalctl -k -b has it, or dmesg after a "
			"boot with log_buf_len=4M");
	return memory_printf("there is no memory map in it");
}

static struct record *choose_last(struct record **records, size_t n, char **ret_error)
{
	size_t last = n;

	while (last > 0 && !has_map(records[last - 1]))
		last--;
	if (last == 0)
		*ret_error = explain_no_map(records[n - 1]);
	return keep_one(records, n, last == 0 ? n : last - 1);
}

struct record *record_read(const char *spec, char **ret_error)
{
	char *path = NULL;
	unsigned long number = boot_number(spec, &path);
	struct record **records = NULL;
	size_t n = read_named(number > 0 ? path : spec, &records, ret_error);

	free(path);
	if (n == 0)
		return NULL;
	if (number == 0)
		return choose_last(records, n, ret_error);
	if (number > n)
		*ret_error = memory_printf("there is no boot %lu in it: it has %zu", number, n);
	else if (!has_map(records[number - 1]))
		*ret_error = explain_no_map(records[number - 1]);
	else
		return keep_one(records, n, number - 1);
	return keep_one(records, n, n);
}

size_t record_read_all(const char *spec, struct record ***ret_records, char **ret_error)
{
	char *path = NULL;
	unsigned long number = boot_number(spec, &path);
	size_t n;

	if (number == 0)
		return read_named(spec, ret_records, ret_error);
	free(path);
	*ret_records = memory_alloc(1, sizeof **ret_records);
	**ret_records = record_read(spec, ret_error);
	n = **ret_records != NULL;
	if (n == 0)
		free(*ret_records);
	return n;
}
