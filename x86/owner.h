/*
 * owner.h - a type of memory -> whose it is, as far as a type can tell.
 *
 * UEFI tells more types apart than e820 does; who only has the e820 type knows less. Kinds are
 * decided by, and are put into words last.
 */
#ifndef X86_OWNER_H
#define X86_OWNER_H

#include <stdint.h>

enum owner_kind {
	OWNER_UNKNOWN,
	OWNER_RUNTIME_CODE,
	OWNER_RUNTIME_DATA,
	OWNER_MMIO,
	OWNER_MMIO_PORT_SPACE,
	OWNER_PAL_CODE,
	OWNER_PERSISTENT,
	OWNER_UNACCEPTED,
	OWNER_OEM,
	OWNER_OS_LOADER,
	OWNER_FIRMWARE, /* no more than that the firmware wants it so */
	OWNER_FAULTY,
	OWNER_SPECIFIC_PURPOSE,
	OWNER_ACPI,
	OWNER_KINDS
};

/* Several owners, a bit each. Whoever is unknown is in no set; an empty one knows nobody. */
typedef uint32_t owner_set;

static inline owner_set owner_bit(enum owner_kind kind)
{
	return kind == OWNER_UNKNOWN ? 0 : UINT32_C(1) << kind;
}

/* What an EFI_MEMORY_TYPE (UEFI 2.10 §7.2) tells more than the e820 type that it becomes;
 * OWNER_UNKNOWN for one that tells no more. EfiReservedMemoryType is OWNER_FIRMWARE. */
enum owner_kind owner_of_uefi_type(uint32_t uefi_type);

/* What an e820 type tells alone. RAM and reserved memory are OWNER_UNKNOWN. */
enum owner_kind owner_of_e820_type(uint32_t e820_type);

/* "runtime services code", "MMIO", ...; "unknown". In words that can be part of a sentence. */
const char *owner_kind_name(enum owner_kind kind);

#endif
