/* folder.c - walking through folders: see folder.h. */
#include "mapdiff/read/folder.h"

#include <errno.h>
#include <fts.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mapdiff/base/memory.h"

bool folder_has_files(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISDIR(status.st_mode) &&
	       access(memory_printf("%s/0/start", path), F_OK) != 0 &&
	       access(memory_printf("%s/0/phys_addr", path), F_OK) != 0;
}

/* Files whose names begin with a dot, and the index of bootmem's captures (FORMAT.md). */
static bool is_passed_over(const FTSENT *entry)
{
	return entry->fts_level > 0 &&
	       (entry->fts_name[0] == '.' || strcasecmp(entry->fts_name, "captures.txt") == 0);
}

/* Files and folders. Links to folders could lead in a circle, and to read a pipe or a device may
 * take for ever. */
static void visit(FTS *tree, FTSENT *entry, folder_fn *take, void *context)
{
	const char *path = entry->fts_path, *why = NULL;
	int info = entry->fts_info;
	bool is_left_out = is_passed_over(entry);
	bool is_folder = info == FTS_D && folder_has_files(path);
	struct stat status;

	if (info == FTS_D && (is_left_out || !is_folder))
		fts_set(tree, entry, FTS_SKIP);
	if (is_left_out || is_folder || info == FTS_DP)
		return;
	if (info == FTS_DNR || info == FTS_ERR || info == FTS_NS)
		why = strerror(entry->fts_errno);
	else if (info != FTS_F && info != FTS_D &&
	         !(info == FTS_SL && stat(path, &status) == 0 && S_ISREG(status.st_mode)))
		why = "it is neither a file nor a folder";
	take(context, path, why);
}

/* Numbers as numbers. */
static int compare_names(const FTSENT **a, const FTSENT **b)
{
	return strverscmp((*a)->fts_name, (*b)->fts_name);
}

bool folder_each(const char *path, folder_fn *take, void *context, const char **ret_error)
{
	char *const roots[] = { memory_copy(path), NULL };
	FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, compare_names);
	FTSENT *entry;

	if (tree == NULL) {
		*ret_error = strerror(errno);
		return false;
	}
	while ((entry = fts_read(tree)) != NULL)
		visit(tree, entry, take, context);
	fts_close(tree);
	return true;
}
