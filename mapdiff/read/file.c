/* file.c - a path -> its bytes, as plain text: see read_file.h. */
#include "mapdiff/read/file.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mapdiff/base/memory.h"

static char *describe(int error)
{
	return memory_copy(strerror(error));
}

static bool read_descriptor(int fd, struct bytes *bytes, char **ret_error)
{
	for (;;) {
		ssize_t n;

		if (bytes->text_capacity - bytes->n_text < 65536) {
			bytes->text_capacity = bytes->text_capacity * 2 + 131072;
			bytes->text = realloc(bytes->text, bytes->text_capacity);
			if (bytes->text == NULL) {
				*ret_error = memory_copy("it does not fit into memory");
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

bool read_file_text(const char *path, struct bytes *bytes, char **ret_error)
{
	struct stat status;

	if (strcmp(path, "-") != 0 && stat(path, &status) == 0 && S_ISDIR(status.st_mode))
		return read_folder(path, bytes, ret_error);
	return read_file(path, bytes, ret_error) && text_decode(bytes, ret_error);
}
