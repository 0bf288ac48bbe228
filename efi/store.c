/* store.c - first the file, then its name: see store.h. */
#include "efi/store.h"

#include "bootmem/mem.h"

#define PIECE_BYTES 4096

/* A file on its way: lines are gathered to pieces. */
struct output {
	EFI_FILE_HANDLE file;
	EFI_STATUS status; /* the first that was not EFI_SUCCESS */
	size_t n_bytes;
	char piece[PIECE_BYTES];
};

static void write_piece(struct output *output)
{
	if (output->status == EFI_SUCCESS && output->n_bytes > 0)
		output->status = volume_write(output->file, output->piece, output->n_bytes);
	output->n_bytes = 0;
}

static void write_text(void *context, const char *text, size_t bytes)
{
	struct output *output = context;

	while (bytes > 0) {
		size_t n = (size_t)min_u64(bytes, PIECE_BYTES - output->n_bytes);

		memcpy(output->piece + output->n_bytes, text, n);
		output->n_bytes += n;
		if (output->n_bytes == PIECE_BYTES)
			write_piece(output);
		text += n;
		bytes -= n;
	}
}

/* All of it, or nothing. */
static EFI_STATUS write_file(EFI_FILE_HANDLE root, const char *path, const struct stored_file *file)
{
	struct output output = { .status = EFI_SUCCESS };
	EFI_STATUS status = volume_create(root, path, &output.file);

	if (EFI_ERROR(status))
		return status;
	file->text(file->context, write_text, &output);
	write_piece(&output);
	status = volume_finish(output.file);
	if (output.status != EFI_SUCCESS)
		status = output.status;
	if (status != EFI_SUCCESS)
		volume_delete(root, path);
	return status;
}

static EFI_STATUS delete_if_there(EFI_FILE_HANDLE root, const char *path)
{
	EFI_STATUS status = volume_delete(root, path);

	return status == EFI_NOT_FOUND ? EFI_SUCCESS : status;
}

static const char *name_of(const char *path)
{
	const char *name = path;

	for (; *path != '\0'; path++)
		if (*path == '\\')
			name = path + 1;
	return name;
}

static bool is_there(EFI_FILE_HANDLE root, const char *path)
{
	EFI_FILE_HANDLE file;
	EFI_STATUS status = volume_open_directory(root, path, &file); /* or a file */

	if (status == EFI_SUCCESS)
		file->Close(file);
	return status == EFI_SUCCESS;
}

/* What cannot be renamed is written once more; the second one goes when the first is whole. */
EFI_STATUS store_finish(EFI_FILE_HANDLE root, const struct stored_file *file)
{
	EFI_STATUS status = volume_rename(root, file->second, name_of(file->path));

	if (status == EFI_SUCCESS && is_there(root, file->path))
		return EFI_SUCCESS;
	status = write_file(root, file->path, file);
	if (status == EFI_SUCCESS)
		volume_delete(root, file->second);
	return status;
}

static EFI_STATUS write_second(EFI_FILE_HANDLE root, const struct stored_file *file)
{
	EFI_STATUS status = delete_if_there(root, file->second);

	return status != EFI_SUCCESS ? status : write_file(root, file->second, file);
}

EFI_STATUS store_new(EFI_FILE_HANDLE root, const struct stored_file *file)
{
	EFI_STATUS status = is_there(root, file->path) ? EFI_ACCESS_DENIED : EFI_SUCCESS;

	if (status == EFI_SUCCESS)
		status = write_second(root, file);
	return status != EFI_SUCCESS ? status : store_finish(root, file);
}

EFI_STATUS store_again(EFI_FILE_HANDLE root, const struct stored_file *file)
{
	EFI_STATUS status = write_second(root, file);

	if (status != EFI_SUCCESS)
		return status;
	status = delete_if_there(root, file->path);
	if (status == EFI_SUCCESS)
		return store_finish(root, file);
	volume_delete(root, file->second);
	return status;
}
