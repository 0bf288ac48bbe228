/* given.c - the files of a series -> which of them was given before: see given.h. */
#include "mapdiff/read/given.h"

#include <sys/stat.h>

bool given_again(struct given *given, const char *path)
{
	size_t n_before = given->files.n_entries;
	const char *identity = memory_copy(path);
	struct stat status;

	if (stat(path, &status) == 0)
		identity = memory_printf("%ju/%ju", (uintmax_t)status.st_dev,
		                         (uintmax_t)status.st_ino);
	return intern_text(&given->files, identity) < n_before;
}

const char *given_copy(struct given *given, const char *path, const struct record *first)
{
	const char *machine = record_fact(first, FACT_MACHINE);
	const char *time = record_fact(first, FACT_TIME);
	size_t number;

	if (machine == NULL || time == NULL || first->file_crc32 == 0)
		return NULL;
	number = intern_text(&given->boots, memory_printf("%s\n%s\n%lu of 0x%08" PRIx32, machine,
	                                                  time, first->boot, first->file_crc32));
	if (number < given->n_paths)
		return given->paths[number];
	*MEMORY_ADD(given, paths) = memory_copy(path); /* fts's own lasts only for the call */
	return NULL;
}
