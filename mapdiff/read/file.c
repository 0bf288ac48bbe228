/* file.c - a path -> its bytes: see file.h. */
#include "mapdiff/read/file.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "mapdiff/base/memory.h"

static bool read_file(const char *path, struct bytes *bytes, const char **ret_error)
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

	if (!read_file(memory_printf("%s/%s/%s", folder, entry, name), &value, &error))
		return;
	*MEMORY_ADD(&value, text) = '\0';
	memory_append(bytes, "memmap/%s/%s:%.*s\n", entry, name, (int)strcspn(value.text, "\n"),
	              value.text);
}

/* A copy of /sys/firmware/memmap: N/start, N/end, N/type. */
static bool read_folder(const char *path, struct bytes *bytes, const char **ret_error)
{
	DIR *folder = opendir(path);
	const struct dirent *entry;

	if (folder == NULL) {
		*ret_error = strerror(errno);
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
		*ret_error = "it is a folder, but no copy of /sys/firmware/memmap (0/start, "
			     "0/end, 0/type, ...)";
	return bytes->n_text > 0;
}

bool file_read(const char *path, struct bytes *bytes, const char **ret_error)
{
	struct stat status;

	if (strcmp(path, "-") != 0 && stat(path, &status) == 0 && S_ISDIR(status.st_mode))
		return read_folder(path, bytes, ret_error);
	return read_file(path, bytes, ret_error);
}
