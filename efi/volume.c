/* volume.c - EFI_SIMPLE_FILE_SYSTEM_PROTOCOL and EFI_FILE_PROTOCOL (UEFI 2.10 §13.4, §13.5). */
#include "efi/volume.h"

#define PATH_CHARS  256
#define PIECE_BYTES (UINT64_C(4) << 20)

static EFI_GUID file_system_guid = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID;

EFI_STATUS volume_open(const struct firmware *firmware, EFI_FILE_HANDLE *ret_root)
{
	EFI_SIMPLE_FILE_SYSTEM_PROTOCOL *file_system;
	EFI_STATUS status;

	status = firmware->boot_services->HandleProtocol(firmware->loaded_image->DeviceHandle,
	                                                 &file_system_guid, (VOID **)&file_system);
	if (EFI_ERROR(status))
		return status;
	return file_system->OpenVolume(file_system, ret_root);
}

/* The end of the file, by going there: EFI_FILE_INFO has a name of any length in it. */
static EFI_STATUS file_length(EFI_FILE_HANDLE file, uint64_t *ret_bytes)
{
	EFI_STATUS status = file->SetPosition(file, UINT64_MAX);

	if (status == EFI_UNSUPPORTED) /* SetPosition() of a directory: 0 only */
		return EFI_NOT_FOUND;
	return EFI_ERROR(status) ? status : file->GetPosition(file, ret_bytes);
}

EFI_STATUS volume_open_file(EFI_FILE_HANDLE root, const char *path, EFI_FILE_HANDLE *ret_file,
                            uint64_t *ret_file_bytes)
{
	CHAR16 wide[PATH_CHARS];
	EFI_STATUS status;
	size_t n = 0;

	for (; path[n] != '\0'; n++) {
		if (n == PATH_CHARS - 1)
			return EFI_INVALID_PARAMETER;
		wide[n] = path[n] == '/' ? '\\' : (unsigned char)path[n];
	}
	wide[n] = 0;
	status = root->Open(root, ret_file, wide, EFI_FILE_MODE_READ, 0);
	if (EFI_ERROR(status))
		return status;
	status = file_length(*ret_file, ret_file_bytes);
	if (EFI_ERROR(status))
		(*ret_file)->Close(*ret_file);
	return status;
}

EFI_STATUS volume_read(EFI_FILE_HANDLE file, uint64_t offset, void *to, uint64_t bytes,
                       volume_progress_fn *progress, void *context)
{
	EFI_STATUS status = file->SetPosition(file, offset);
	uint64_t done_bytes = 0;

	while (!EFI_ERROR(status) && done_bytes < bytes) {
		UINTN piece_bytes = (UINTN)min_u64(bytes - done_bytes, PIECE_BYTES);

		status = file->Read(file, &piece_bytes, (uint8_t *)to + done_bytes);
		if (!EFI_ERROR(status) && piece_bytes == 0)
			return EFI_END_OF_FILE;
		done_bytes += piece_bytes;
		if (!EFI_ERROR(status) && progress != NULL)
			progress(context, done_bytes, bytes);
	}
	return status;
}
