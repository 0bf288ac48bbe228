/* given.c - the files of a series -> which of them was given before: see given.h. */
#include "mapdiff/read/given.h"

#include <string.h>
#include <sys/stat.h>

#include "mapdiff/read/read.h"

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

/* Pipes can be read only once. */
static bool is_regular(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

static bool has_same_bytes(const char *path, const char *other)
{
	struct bytes bytes = { 0 }, other_bytes = { 0 };
	const char *error;
	bool is_same = read_as_it_is(path, &bytes, &error) &&
	               read_as_it_is(other, &other_bytes, &error) &&
	               bytes.n_text == other_bytes.n_text &&
	               memcmp(bytes.text, other_bytes.text, bytes.n_text) == 0;

	memory_give_back(bytes.text);
	memory_give_back(other_bytes.text);
	return is_same;
}

const char *given_copy(struct given *given, const char *path, const struct records *records)
{
	const char *machine, *time;
	size_t number;

	if (records->n_list == 0 || !is_regular(path))
		return NULL;
	machine = record_fact(records->list[0], FACT_MACHINE);
	time = record_fact(records->list[0], FACT_TIME);
	if (machine == NULL || time == NULL)
		return NULL;
	number = intern_text(&given->boots, memory_printf("%s\n%s", machine, time));
	if (number < given->n_paths)
		return has_same_bytes(given->paths[number], path) ? given->paths[number] : NULL;
	*MEMORY_ADD(given, paths) = memory_copy(path); /* fts's own lasts only for the call */
	return NULL;
}
