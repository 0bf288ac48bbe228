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
	OWNER_NONE,    /* a type that tells nothing, or RAM, which is nobody's */
	OWNER_UNKNOWN, /* somebody's */
	OWNER_ACPI,
	OWNER_FIRMWARE, /* it wants it so, and no more is known */
	OWNER_RUNTIME_DATA,
	OWNER_RUNTIME_CODE,
	OWNER_MMIO,
	OWNER_MMIO_PORTS,
	OWNER_PAL_CODE,
	OWNER_PERSISTENT,
	OWNER_UNACCEPTED,
	OWNER_OEM,
	OWNER_OS,
	OWNER_FAULTY,
	OWNER_SPECIAL,  /* specific-purpose memory */
	OWNER_COREBOOT, /* the firmware of that name */
	OWNER_KINDS
};

/* Several owners, a bit each; OWNER_NONE has none. They are named in the order of their numbers. */
typedef uint32_t owner_set;

static inline owner_set owner_bit(enum owner_kind kind)
{
	return kind == OWNER_NONE ? 0 : UINT32_C(1) << kind;
}

/* What an EFI_MEMORY_TYPE (UEFI 2.10 §7.2) tells more than the e820 type that it becomes;
 * OWNER_NONE for one that tells no more. EfiReservedMemoryType is OWNER_FIRMWARE. */
enum owner_kind owner_of_uefi_type(uint32_t uefi_type);

/* What an e820 type tells alone. */
enum owner_kind owner_of_e820_type(uint32_t e820_type);

/* "runtime services code", "MMIO", ..., "unknown": words for the middle of a sentence; "" for
 * OWNER_NONE. */
const char *owner_kind_name(enum owner_kind kind);

#endif
