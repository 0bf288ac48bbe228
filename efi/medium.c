/* medium.c - device paths (UEFI 2.10 §10.2, §10.3.5.1) of what has blocks: see medium.h. */
#include "efi/medium.h"

#include "bootmem/mem.h"
#include "bootmem/pfn.h"
#include "efi/config.h"
#include "efi/protocol.h"
#include "efi/volume.h"

#define FOLDER          "\\bootmem"
#define PATH_MOST_BYTES 4096 /* a path that goes on has no end */

static EFI_GUID device_path_guid = EFI_DEVICE_PATH_PROTOCOL_GUID;
static EFI_GUID block_io_guid = EFI_BLOCK_IO_PROTOCOL_GUID;

static const EFI_DEVICE_PATH *node_at(const EFI_DEVICE_PATH *path, size_t offset)
{
	return (const EFI_DEVICE_PATH *)((const uint8_t *)path + offset);
}

/* Where the node of the partition begins. 0 if there is none: something stands before it. */
static size_t partition_offset(const EFI_DEVICE_PATH *path)
{
	size_t offset = 0, bytes;

	for (; offset < PATH_MOST_BYTES; offset += bytes) {
		const EFI_DEVICE_PATH *node = node_at(path, offset);

		bytes = DevicePathNodeLength(node);
		if (IsDevicePathEndType(node) || bytes < sizeof *node)
			return 0;
		if (node->Type == MEDIA_DEVICE_PATH && node->SubType == MEDIA_HARDDRIVE_DP)
			return offset;
	}
	return 0;
}

bool medium_are_neighbours(const EFI_DEVICE_PATH *one, const EFI_DEVICE_PATH *other)
{
	size_t offset = partition_offset(one);
	const EFI_DEVICE_PATH *a = node_at(one, offset), *b = node_at(other, offset);

	return offset > 0 && partition_offset(other) == offset && memcmp(one, other, offset) == 0 &&
	       memcmp(a, b, min_u64(DevicePathNodeLength(a), DevicePathNodeLength(b))) != 0;
}

EFI_FILE_HANDLE medium_open(const struct firmware *firmware, EFI_HANDLE handle)
{
	EFI_FILE_HANDLE root;
	EFI_STATUS status;

	if (volume_circle(firmware, handle, "\\") > 0)
		return NULL;
	status = volume_open(firmware, handle, &root);
	if (status == EFI_UNSUPPORTED) {
		firmware->boot_services->ConnectController(handle, NULL, NULL, TRUE);
		status = volume_open(firmware, handle, &root);
	}
	return EFI_ERROR(status) ? NULL : root;
}

enum rank { NOTHING, HAS_FOLDER, HAS_CONFIG };

struct found {
	EFI_HANDLE device;
	EFI_FILE_HANDLE root;
	enum rank rank;
};

/* A folder that cannot be opened is there, too: settings.c says so. */
static bool has_folder(const struct firmware *firmware, EFI_HANDLE handle, EFI_FILE_HANDLE root)
{
	return volume_circle(firmware, handle, FOLDER) > 0 || volume_has(root, FOLDER);
}

/* If it is better than what has been found, it takes its place; the other one is closed. */
static void look_at(const struct firmware *firmware, EFI_HANDLE handle, struct found *best)
{
	EFI_FILE_HANDLE root = medium_open(firmware, handle), worse = root;
	enum rank rank;

	if (root == NULL)
		return;
	rank = volume_has(root, CONFIG_FILE)        ? HAS_CONFIG
	       : has_folder(firmware, handle, root) ? HAS_FOLDER
	                                            : NOTHING;
	if (rank > best->rank) {
		worse = best->root;
		*best = (struct found){ handle, root, rank };
	}
	if (worse != NULL)
		worse->Close(worse);
}

EFI_FILE_HANDLE medium_find_data(const struct firmware *firmware, EFI_HANDLE *ret_device)
{
	const EFI_DEVICE_PATH *own =
		protocol_of(firmware, firmware->loaded_image->DeviceHandle, &device_path_guid);
	struct found best = { NULL, NULL, NOTHING };
	EFI_HANDLE *handles;
	UINTN n_handles;

	if (own == NULL)
		return NULL;
	handles = protocol_handles(firmware, &block_io_guid, &n_handles);
	for (UINTN i = 0; i < n_handles && best.rank < HAS_CONFIG; i++) {
		const EFI_DEVICE_PATH *path = protocol_of(firmware, handles[i], &device_path_guid);

		if (path != NULL && medium_are_neighbours(own, path))
			look_at(firmware, handles[i], &best);
	}
	protocol_free(firmware, handles);
	*ret_device = best.device;
	return best.root;
}
