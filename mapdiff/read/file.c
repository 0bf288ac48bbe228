/* file.c - a path -> its bytes: see file.h. */
#include "mapdiff/read/file.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mapdiff/base/memory.h"

static bool read_descriptor(int fd, struct bytes *bytes, const char **ret_error)
{
	ssize_t n;

	do {
		bytes->text = memory_grow(bytes->text, bytes->n_text, &bytes->text_capacity, 1);
		n = read(fd, bytes->text + bytes->n_text, bytes->text_capacity - bytes->n_text);
		if (n > 0)
			bytes->n_text += (size_t)n;
	} while (n > 0 || (n < 0 && errno == EINTR));
	if (n < 0)
		*ret_error = strerror(errno);
	return n == 0;
}

static bool read_file(const char *path, struct bytes *bytes, const char **ret_error)
{
	int fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	bool is_read;

	if (fd < 0) {
		*ret_error = strerror(errno);
		return false;
	}
	is_read = read_descriptor(fd, bytes, ret_error);
	if (fd != STDIN_FILENO)
		close(fd);
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
