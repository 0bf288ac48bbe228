/* source.c - see source.h. */
#include "efi/source.h"

#include "bootmem/mem.h"
#include "efi/console.h"
#include "efi/volume.h"
#include "efi/watchdog.h"

#define PROGRESS_BYTES (UINT64_C(16) << 20)

EFI_STATUS source_refuse(const struct file_source *source, EFI_STATUS status, const char *why)
{
	return console_error(source->firmware, status, "%s %s: %s", source->noun, source->path,
	                     why);
}

EFI_STATUS source_open(const struct firmware *firmware, EFI_FILE_HANDLE root, const char *noun,
                       const char *path, struct file_source *ret_source)
{
	EFI_STATUS status;

	*ret_source = (struct file_source){ .firmware = firmware, .noun = noun, .path = path };
	status = volume_open_file(root, path, &ret_source->file, &ret_source->file_bytes);
	if (!EFI_ERROR(status))
		return EFI_SUCCESS;
	ret_source->file = NULL;
	return source_refuse(ret_source, status, volume_why(status));
}

static void show_progress(void *context, uint64_t done_bytes, uint64_t all_bytes)
{
	const struct file_source *source = context;

	watchdog_arm(source->firmware);
	if (all_bytes >= PROGRESS_BYTES)
		console_print(source->firmware, "\r  reading %s: %u of %u MiB%s", source->path,
		              (unsigned)(done_bytes >> 20), (unsigned)(all_bytes >> 20),
		              done_bytes == all_bytes ? "\n" : "");
}

EFI_STATUS source_read(const struct file_source *source, uint64_t offset, void *to, uint64_t bytes)
{
	EFI_STATUS status = EFI_SUCCESS;

	if (source->copy == NULL)
		status =
			volume_read(source->file, offset, to, bytes, show_progress, (void *)source);
	else if (offset > source->file_bytes || bytes > source->file_bytes - offset)
		status = EFI_END_OF_FILE;
	else if (bytes > 0)
		memcpy(to, (const uint8_t *)source->copy + offset, (size_t)bytes);
	return EFI_ERROR(status) ? source_refuse(source, status, "cannot be read") : EFI_SUCCESS;
}

/* An empty file has a copy, too: a page. */
EFI_STATUS source_copy(struct file_source *source, struct memory *memory)
{
	EFI_STATUS status =
		memory_claim(memory, EfiLoaderData, max_u64(pages_of(source->file_bytes), 1),
	                     PAGE_BYTES, memory_reach_paddr(), &source->copy_paddr);

	if (EFI_ERROR(status))
		return source_refuse(source, status, "no memory to read all of it and sum it up");
	status = source_read(source, 0, memory_at(source->copy_paddr), source->file_bytes);
	source->copy = memory_at(source->copy_paddr);
	return status;
}

void source_close(struct file_source *source, struct memory *memory)
{
	for (unsigned i = 0; source->copy != NULL && i < memory->n_claims; i++) {
		if (memory->claims[i].start_paddr == source->copy_paddr) {
			memory_release(memory, i);
			source->copy = NULL;
		}
	}
	if (source->file != NULL)
		source->file->Close(source->file);
	source->file = NULL;
}
