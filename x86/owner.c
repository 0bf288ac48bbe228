/* owner.c - types -> kinds of owners, and their names: tables. See owner.h. */
#include "x86/owner.h"

#include <stddef.h>

#include "bootmem/count.h"
#include "x86/e820.h"
#include "x86/uefi_map.h"

static const uint8_t owner_of_uefi[UEFI_TYPE_COUNT] = {
	[UEFI_RESERVED] = OWNER_FIRMWARE,
	[UEFI_RUNTIME_SERVICES_CODE] = OWNER_RUNTIME_CODE,
	[UEFI_RUNTIME_SERVICES_DATA] = OWNER_RUNTIME_DATA,
	[UEFI_MMIO] = OWNER_MMIO,
	[UEFI_MMIO_PORT_SPACE] = OWNER_MMIO_PORTS,
	[UEFI_PAL_CODE] = OWNER_PAL_CODE,
	[UEFI_PERSISTENT] = OWNER_PERSISTENT,
	[UEFI_UNACCEPTED] = OWNER_UNACCEPTED,
};

static const struct {
	uint32_t type;
	enum owner_kind kind;
} owner_of_e820[] = {
	{ E820_NONE, OWNER_NONE },
	{ E820_RAM, OWNER_NONE },
	{ E820_ACPI, OWNER_ACPI },
	{ E820_NVS, OWNER_FIRMWARE },
	{ E820_UNUSABLE, OWNER_FAULTY },
	{ E820_PMEM, OWNER_PERSISTENT },
	{ E820_PRAM, OWNER_PERSISTENT },
	{ E820_COREBOOT, OWNER_COREBOOT },
	{ E820_GRUB_RUNTIME_CODE, OWNER_RUNTIME_CODE },
	{ (uint32_t)E820_SOFT_RESERVED, OWNER_SPECIAL },
};

static const char *const owner_names[] = {
	[OWNER_NONE] = "",
	[OWNER_UNKNOWN] = "unknown",
	[OWNER_ACPI] = "ACPI tables",
	[OWNER_FIRMWARE] = "firmware",
	[OWNER_RUNTIME_CODE] = "runtime services code",
	[OWNER_RUNTIME_DATA] = "runtime services data",
	[OWNER_MMIO] = "MMIO",
	[OWNER_MMIO_PORTS] = "MMIO port space",
	[OWNER_PAL_CODE] = "PAL code",
	[OWNER_PERSISTENT] = "persistent memory",
	[OWNER_UNACCEPTED] = "unaccepted memory",
	[OWNER_OEM] = "an OEM's own type",
	[OWNER_OS] = "an OS loader's own type",
	[OWNER_FAULTY] = "faulty memory",
	[OWNER_SPECIAL] = "specific-purpose memory",
	[OWNER_COREBOOT] = "coreboot (CBMEM)",
};

_Static_assert(COUNT(owner_names) == OWNER_KINDS, "a kind of owner has no name");
_Static_assert(OWNER_KINDS <= 32, "a set of owners has 32 bits");

enum owner_kind owner_of_uefi_type(uint32_t uefi_type)
{
	if (uefi_type >= UEFI_TYPE_OS_FIRST)
		return OWNER_OS;
	if (uefi_type >= UEFI_TYPE_OEM_FIRST)
		return OWNER_OEM;
	return uefi_type < UEFI_TYPE_COUNT ? owner_of_uefi[uefi_type] : OWNER_NONE;
}

enum owner_kind owner_of_e820_type(uint32_t e820_type)
{
	for (size_t i = 0; i < COUNT(owner_of_e820); i++)
		if (owner_of_e820[i].type == e820_type)
			return owner_of_e820[i].kind;
	return OWNER_UNKNOWN;
}

const char *owner_kind_name(enum owner_kind kind)
{
	return owner_names[kind];
}
