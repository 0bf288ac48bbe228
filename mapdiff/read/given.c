/* given.c - the files of a series -> which of them was given before: see given.h. */
#include "mapdiff/read/given.h"

#include <sys/stat.h>

static const char *note(struct given *given, const char *what, const char *path)
{
	size_t number = intern_text(&given->seen, what);

	if (number < given->n_paths)
		return given->paths[number];
	*MEMORY_ADD(given, paths) = memory_copy(path); /* fts's own lasts only for the call */
	return NULL;
}

const char *given_again(struct given *given, const char *path)
{
	const char *identity = path;
	struct stat status;

	if (stat(path, &status) == 0)
		identity = memory_printf("%ju/%ju", (uintmax_t)status.st_dev,
		                         (uintmax_t)status.st_ino);
	return note(given, identity, path);
}

const char *given_copy(struct given *given, const char *path, const struct record *first)
{
	const char *machine = record_fact(first, FACT_MACHINE);
	const char *time = record_fact(first, FACT_TIME);

	if (machine == NULL || time == NULL || first->file_crc32 == 0)
		return NULL;
	return note(given,
	            memory_printf("%s\n%s\n%lu of 0x%08" PRIx32, machine, time, first->boot,
	                          first->file_crc32),
	            path);
}
