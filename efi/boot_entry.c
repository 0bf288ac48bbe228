/* boot_entry.c - see boot_entry.h. */
#include "efi/boot_entry.h"

#include "bootmem/mem.h"
#include "efi/device_path.h"
#include "efi/variable.h"

#define MOST_ENTRIES     512
#define MOST_ENTRY_BYTES 0x4000
#define ENTRY_HEAD_BYTES 6 /* Attributes, FilePathListLength */

/* In Attributes: what is tried at boots is active, and in the category of boots, 0. Menus and
 * tools, such as the setup itself, are in another one (UEFI 2.10 §3.1.3). */
#define LOAD_OPTION_ACTIVE   UINT32_C(0x1)
#define LOAD_OPTION_CATEGORY UINT32_C(0x1f00)

static EFI_GUID global_variable_guid = EFI_GLOBAL_VARIABLE;

static bool is_tried(const uint8_t *bytes)
{
	uint32_t attributes;

	memcpy(&attributes, bytes, sizeof attributes);
	return (attributes & (LOAD_OPTION_ACTIVE | LOAD_OPTION_CATEGORY)) == LOAD_OPTION_ACTIVE;
}

/* A whole EFI_LOAD_OPTION. */
static bool parse(const uint8_t *bytes, size_t n_bytes, struct boot_entry *ret_entry)
{
	size_t at = ENTRY_HEAD_BYTES, path_bytes;

	if (n_bytes < ENTRY_HEAD_BYTES || !is_tried(bytes))
		return false;
	path_bytes = bytes[4] | (size_t)bytes[5] << 8;
	while (at + 1 < n_bytes && (bytes[at] | bytes[at + 1]) != 0) /* its description */
		at += sizeof(CHAR16);
	at += sizeof(CHAR16);
	if (at > n_bytes || path_bytes > n_bytes - at)
		return false;
	ret_entry->path = (const EFI_DEVICE_PATH *)(bytes + at);
	ret_entry->options = bytes + at + path_bytes;
	ret_entry->options_bytes = n_bytes - at - path_bytes;
	return device_path_bytes(ret_entry->path, path_bytes) > 0;
}

static bool read_entry(const struct firmware *firmware, unsigned number, uint8_t *room,
                       struct boot_entry *ret_entry)
{
	static const char digits[] = "0123456789ABCDEF";
	CHAR16 name[] = L"Boot0000";
	UINTN bytes = MOST_ENTRY_BYTES;

	for (unsigned i = 0; i < 4; i++)
		name[4 + i] = (CHAR16)digits[number >> (12 - 4 * i) & 0xf];
	uefi_narrow(name, ret_entry->name, sizeof ret_entry->name);
	return !EFI_ERROR(variable_read(firmware, name, &global_variable_guid, room, &bytes)) &&
	       parse(room, bytes, ret_entry);
}

EFI_STATUS boot_entry_next(const struct firmware *firmware, struct memory *memory,
                           struct boot_entry *ret_entry)
{
	static CHAR16 boot_current[] = L"BootCurrent", boot_order[] = L"BootOrder";
	UINTN current_bytes = sizeof(uint16_t), order_bytes = MOST_ENTRIES * sizeof(uint16_t);
	uint8_t *room = memory_claim_bytes(memory, MOST_ENTRY_BYTES);
	uint16_t *order = memory_claim_bytes(memory, order_bytes), current = 0;
	bool is_behind = false;

	if (room == NULL || order == NULL)
		return EFI_OUT_OF_RESOURCES;
	if (EFI_ERROR(variable_read(firmware, boot_current, &global_variable_guid, &current,
	                            &current_bytes)) ||
	    current_bytes != sizeof current ||
	    EFI_ERROR(variable_read(firmware, boot_order, &global_variable_guid, order,
	                            &order_bytes)))
		return EFI_NOT_FOUND;
	for (size_t i = 0; i < order_bytes / sizeof order[0]; i++) {
		if (is_behind && read_entry(firmware, order[i], room, ret_entry))
			return EFI_SUCCESS;
		is_behind |= order[i] == current;
	}
	return EFI_NOT_FOUND;
}
