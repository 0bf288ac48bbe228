/* names.c - names of memory types: see names.h. */
#include "mapdiff/read/names.h"

#include <ctype.h>

#include "bootmem/count.h"
#include "x86/uefi_map.h"

/* In lower case, letters alone: edk2's Shell has BS_Data, and BootServiceData with -sfo; the EFI
 * Shell before it had BS_data; GRUB has BS-data; Linux has "Boot Data", and longer names until 5.7
 * (efi_md_typeattr_format()). */
static const struct {
	const char *name;
	uint32_t type;
} uefi_types[] = {
	{ "reserved", UEFI_RESERVED },
	{ "loadercode", UEFI_LOADER_CODE },
	{ "ldrcode", UEFI_LOADER_CODE },
	{ "loaderdata", UEFI_LOADER_DATA },
	{ "ldrdata", UEFI_LOADER_DATA },
	{ "bscode", UEFI_BOOT_SERVICES_CODE },
	{ "bootservicecode", UEFI_BOOT_SERVICES_CODE },
	{ "bootservicescode", UEFI_BOOT_SERVICES_CODE },
	{ "bootcode", UEFI_BOOT_SERVICES_CODE },
	{ "bsdata", UEFI_BOOT_SERVICES_DATA },
	{ "bootservicedata", UEFI_BOOT_SERVICES_DATA },
	{ "bootservicesdata", UEFI_BOOT_SERVICES_DATA },
	{ "bootdata", UEFI_BOOT_SERVICES_DATA },
	{ "rtcode", UEFI_RUNTIME_SERVICES_CODE },
	{ "runtimecode", UEFI_RUNTIME_SERVICES_CODE },
	{ "runtimeservicescode", UEFI_RUNTIME_SERVICES_CODE },
	{ "rtdata", UEFI_RUNTIME_SERVICES_DATA },
	{ "runtimedata", UEFI_RUNTIME_SERVICES_DATA },
	{ "runtimeservicesdata", UEFI_RUNTIME_SERVICES_DATA },
	{ "available", UEFI_CONVENTIONAL },
	{ "conventional", UEFI_CONVENTIONAL },
	{ "conventionalmemory", UEFI_CONVENTIONAL },
	{ "convmem", UEFI_CONVENTIONAL },
	{ "unusable", UEFI_UNUSABLE },
	{ "unusablememory", UEFI_UNUSABLE },
	{ "acpirec", UEFI_ACPI_RECLAIM },
	{ "acpirecl", UEFI_ACPI_RECLAIM },
	{ "acpireclaim", UEFI_ACPI_RECLAIM },
	{ "acpireclaimmemory", UEFI_ACPI_RECLAIM },
	{ "acpinvs", UEFI_ACPI_NVS },
	{ "acpimemorynvs", UEFI_ACPI_NVS },
	{ "acpimemnvs", UEFI_ACPI_NVS },
	{ "mmio", UEFI_MMIO },
	{ "memmapio", UEFI_MMIO },
	{ "memorymappedio", UEFI_MMIO },
	{ "mmioport", UEFI_MMIO_PORT_SPACE },
	{ "memportio", UEFI_MMIO_PORT_SPACE },
	{ "ioports", UEFI_MMIO_PORT_SPACE },
	{ "memorymappedioportspace", UEFI_MMIO_PORT_SPACE },
	{ "mmioportspace", UEFI_MMIO_PORT_SPACE },
	{ "palcode", UEFI_PAL_CODE },
	{ "persist", UEFI_PERSISTENT },
	{ "persistent", UEFI_PERSISTENT },
	{ "persistentmemory", UEFI_PERSISTENT },
	{ "unaccepted", UEFI_UNACCEPTED },
	{ "unacceptedmemory", UEFI_UNACCEPTED },
};

static bool is_same(const char *word, size_t bytes, const char *name)
{
	for (size_t i = 0; i < bytes; i++)
		if (isalnum((unsigned char)word[i]) && tolower((unsigned char)word[i]) != *name++)
			return false;
	return *name == '\0';
}

bool names_uefi_type(const char *word, size_t bytes, uint32_t *ret_type)
{
	for (size_t i = 0; i < COUNT(uefi_types); i++) {
		if (is_same(word, bytes, uefi_types[i].name)) {
			*ret_type = uefi_types[i].type;
			return true;
		}
	}
	return false;
}
