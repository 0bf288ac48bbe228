/* file_path.c - see file_path.h. */
#include <stddef.h>
#include <stdint.h>

#include "tests/efi/file_path.h"

static size_t node_bytes(const EFI_DEVICE_PATH_PROTOCOL *node)
{
	return (size_t)node->Length[0] | (size_t)node->Length[1] << 8;
}

EFI_DEVICE_PATH_PROTOCOL *file_path_on(EFI_BOOT_SERVICES *boot, EFI_HANDLE volume,
                                       const CHAR16 *path)
{
	static EFI_GUID device_path_guid = EFI_DEVICE_PATH_PROTOCOL_GUID;
	static UINT8 joined[1024] __attribute__((aligned(8)));
	static const UINT8 end[] = { END_DEVICE_PATH_TYPE, END_ENTIRE_DEVICE_PATH_SUBTYPE, 4, 0 };
	EFI_DEVICE_PATH_PROTOCOL *node;
	size_t length = 0, file_bytes = 4;

	if (EFI_ERROR(boot->HandleProtocol(volume, &device_path_guid, (void **)&node)))
		return NULL;
	while (node->Type != END_DEVICE_PATH_TYPE) {
		size_t bytes = node_bytes(node);

		if (bytes < 4 || length + bytes > sizeof joined / 2)
			return NULL;
		boot->CopyMem(joined + length, node, bytes);
		length += bytes;
		node = (void *)((UINT8 *)node + bytes);
	}
	for (size_t i = 0; i == 0 || path[i - 1] != 0; i++, file_bytes += sizeof *path)
		boot->CopyMem(joined + length + file_bytes, (void *)&path[i], sizeof *path);
	joined[length] = MEDIA_DEVICE_PATH;
	joined[length + 1] = MEDIA_FILEPATH_DP;
	joined[length + 2] = (UINT8)file_bytes;
	joined[length + 3] = (UINT8)(file_bytes >> 8);
	boot->CopyMem(joined + length + file_bytes, (void *)end, sizeof end);
	return (void *)joined;
}
