/* names.c - names of memory types: see names.h. */
#include "mapdiff/read/names.h"

#include <ctype.h>
#include <string.h>

#include "bootmem/count.h"
#include "mapdiff/base/text.h"
#include "x86/uefi_map.h"

#define MOST_NAME 30

/* In lower case, letters alone, also those of U-Boot, and of Rust's uefi; edk2's Shell has BS_Data,
 * and BootServiceData with -sfo; the EFI Shell before it had BS_data; GRUB has BS-data; Linux has
 * "Boot Data", and longer names until 5.7 (efi_md_typeattr_format()). */
static const char *const uefi_types[] = {
	[UEFI_RESERVED] = " reserved ",
	[UEFI_LOADER_CODE] = " loadercode ldrcode ",
	[UEFI_LOADER_DATA] = " loaderdata ldrdata ",
	[UEFI_BOOT_SERVICES_CODE] = " bscode bootservicecode bootservicescode bootcode ",
	[UEFI_BOOT_SERVICES_DATA] = " bsdata bootservicedata bootservicesdata bootdata ",
	[UEFI_RUNTIME_SERVICES_CODE] = " rtcode runtimecode runtimeservicescode ",
	[UEFI_RUNTIME_SERVICES_DATA] = " rtdata runtimedata runtimeservicesdata ",
	[UEFI_CONVENTIONAL] = " available conventional conventionalmemory convmem ",
	[UEFI_UNUSABLE] = " unusable unusablememory unusablemem ",
	[UEFI_ACPI_RECLAIM] = " acpirec acpirecl acpireclaim acpireclaimmemory acpireclaimmem ",
	[UEFI_ACPI_NVS] = " acpinvs acpimemorynvs acpimemnvs acpinvsmem acpinonvolatile ",
	[UEFI_MMIO] = " mmio memmapio memorymappedio io ",
	[UEFI_MMIO_PORT_SPACE] =
		" mmioport memportio ioports memorymappedioportspace mmioportspace ioport ",
	[UEFI_PAL_CODE] = " palcode pal ",
	[UEFI_PERSISTENT] = " persist persistent persistentmemory ",
	[UEFI_UNACCEPTED] = " unaccepted unacceptedmemory ",
};
_Static_assert(COUNT(uefi_types) == UEFI_TYPE_COUNT, "a UEFI memory type has no name");

bool names_uefi_type(const char *word, size_t bytes, uint32_t *ret_type)
{
	char name[MOST_NAME + 3] = " ";
	size_t n = 1;

	for (size_t i = 0; i < bytes && n <= MOST_NAME; i++)
		if (isalnum((unsigned char)word[i]))
			name[n++] = (char)tolower((unsigned char)word[i]);
	name[n] = ' ';
	for (uint32_t type = 0; n > 1 && type < COUNT(uefi_types); type++) {
		if (strstr(uefi_types[type], name) != NULL) {
			*ret_type = type;
			return true;
		}
	}
	return false;
}

/* EFI_MEMORY_..., as Rust's uefi has them, and one of U-Boot's. */
static const struct {
	const char *name;
	uint64_t bit;
} attributes[] = {
	{ "UNCACHEABLE", 0x1 },
	{ "WRITE_COMBINE", 0x2 },
	{ "WRITE_THROUGH", 0x4 },
	{ "WRITE_BACK", 0x8 },
	{ "UNCACHABLE_EXPORTED", 0x10 },
	{ "UNCACHEABLE_EXPORTED", 0x10 },
	{ "WRITE_PROTECT", 0x1000 },
	{ "READ_PROTECT", 0x2000 },
	{ "EXECUTE_PROTECT", 0x4000 },
	{ "NON_VOLATILE", 0x8000 },
	{ "MORE_RELIABLE", 0x10000 },
	{ "REL", 0x10000 },
	{ "READ_ONLY", 0x20000 },
	{ "SPECIAL_PURPOSE", 0x40000 },
	{ "CPU_CRYPTO", 0x80000 },
	{ "HOT_PLUGGABLE", 0x100000 },
	{ "RUNTIME", UEFI_MEMORY_RUNTIME },
};

uint64_t names_attribute(const char *word, size_t bytes)
{
	for (size_t i = 0; i < COUNT(attributes); i++)
		if (strlen(attributes[i].name) == bytes &&
		    memcmp(attributes[i].name, word, bytes) == 0)
			return attributes[i].bit;
	return text_attribute_bit(word, bytes);
}
