/* device_path.c - see device_path.h. */
#include "efi/device_path.h"

#include "bootmem/mem.h"
#include "bootmem/pfn.h"

/* UEFI 2.10 §10.3.5.1, in bytes: gnu-efi's structure has holes. */
#define PARTITION_BYTES          42
#define PARTITION_NUMBER         4
#define PARTITION_SIGNATURE      24
#define PARTITION_SIGNATURE_TYPE 41

static const EFI_DEVICE_PATH *node_at(const EFI_DEVICE_PATH *path, size_t offset)
{
	return (const EFI_DEVICE_PATH *)((const uint8_t *)path + offset);
}

size_t device_path_bytes(const EFI_DEVICE_PATH *path, size_t most_bytes)
{
	size_t offset = 0, bytes;

	for (; most_bytes - offset >= sizeof *path; offset += bytes) {
		const EFI_DEVICE_PATH *node = node_at(path, offset);

		bytes = DevicePathNodeLength(node);
		if (bytes < sizeof *node || bytes > most_bytes - offset)
			return 0;
		if (IsDevicePathEndType(node) && IsDevicePathEndSubType(node))
			return offset + bytes;
	}
	return 0;
}

bool device_path_is_partition(const EFI_DEVICE_PATH *path)
{
	return path->Type == MEDIA_DEVICE_PATH && path->SubType == MEDIA_HARDDRIVE_DP &&
	       DevicePathNodeLength(path) >= PARTITION_BYTES;
}

bool device_path_find_partition(const EFI_DEVICE_PATH *path, size_t *ret_offset)
{
	size_t all_bytes = device_path_bytes(path, DEVICE_PATH_MOST_BYTES), offset = 0;

	for (; offset < all_bytes; offset += DevicePathNodeLength(node_at(path, offset))) {
		if (!device_path_is_partition(node_at(path, offset)))
			continue;
		*ret_offset = offset;
		return true;
	}
	return false;
}

bool device_path_is_same_partition(const EFI_DEVICE_PATH *one, const EFI_DEVICE_PATH *other)
{
	const uint8_t *a = (const uint8_t *)one, *b = (const uint8_t *)other;

	return memcmp(a + PARTITION_NUMBER, b + PARTITION_NUMBER, 4) == 0 &&
	       memcmp(a + PARTITION_SIGNATURE, b + PARTITION_SIGNATURE, 16) == 0 &&
	       a[PARTITION_SIGNATURE_TYPE] == b[PARTITION_SIGNATURE_TYPE];
}

/* Its letters need not be aligned, nor end. */
static void take_text(const EFI_DEVICE_PATH *node, char *text, size_t bytes)
{
	size_t n_letters = (DevicePathNodeLength(node) - sizeof *node) / sizeof(CHAR16), n = 0;
	const uint8_t *from = (const uint8_t *)(node + 1);

	for (; n < min_u64(n_letters, bytes - 1); n++) {
		CHAR16 letter[2] = { 0, 0 };

		memcpy(letter, from + n * sizeof(CHAR16), sizeof(CHAR16));
		if (letter[0] == 0)
			break;
		uefi_narrow(letter, text + n, 2);
	}
	text[n] = '\0';
}

void device_path_file(const EFI_DEVICE_PATH *path, char *text, size_t bytes)
{
	size_t all_bytes = device_path_bytes(path, DEVICE_PATH_MOST_BYTES), offset = 0;

	text[0] = '\0';
	for (; offset < all_bytes; offset += DevicePathNodeLength(node_at(path, offset))) {
		const EFI_DEVICE_PATH *node = node_at(path, offset);

		if (node->Type == MEDIA_DEVICE_PATH && node->SubType == MEDIA_FILEPATH_DP)
			take_text(node, text, bytes);
		else if (!IsDevicePathEndType(node))
			text[0] = '\0';
	}
}

const char *device_path_name(const char *file)
{
	const char *name = file;

	for (; *file != '\0'; file++)
		if (*file == '\\' || *file == '/')
			name = file + 1;
	return name;
}
