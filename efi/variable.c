/* variable.c - GetVariable(): see variable.h. */
#include "efi/variable.h"

#include "bootmem/mem.h"

#define UNWRITTEN 0xff

static bool is_written(const uint8_t *bytes, UINTN n_bytes)
{
	for (UINTN i = 0; i < n_bytes; i++)
		if (bytes[i] != UNWRITTEN)
			return true;
	return n_bytes == 0;
}

EFI_STATUS variable_read(const struct firmware *firmware, CHAR16 *name, EFI_GUID *guid, void *to,
                         UINTN *bytes)
{
	const UINTN capacity_bytes = *bytes;
	EFI_STATUS status;

	memset(to, UNWRITTEN, capacity_bytes);
	status = firmware->system_table->RuntimeServices->GetVariable(name, guid, NULL, bytes, to);
	if (!EFI_ERROR(status) && *bytes > capacity_bytes)
		return EFI_BUFFER_TOO_SMALL;
	return !EFI_ERROR(status) && !is_written(to, *bytes) ? EFI_DEVICE_ERROR : status;
}
