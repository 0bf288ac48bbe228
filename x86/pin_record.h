/*
 * pin_record.h - what a pinned block of ACPI reclaim memory served in a boot, and to whom: the
 * layout of the firmware's variable BootmemPin, which the loader writes when it is left, and
 * whoever reads captures knows.
 *
 * Wire format, little-endian, the same from either width of firmware: no holes, no pointers. Under
 * Linux it is /sys/firmware/efi/efivars/BootmemPin-GUID, behind four bytes of attributes.
 */
#ifndef X86_PIN_RECORD_H
#define X86_PIN_RECORD_H

#include <stddef.h>
#include <stdint.h>

#define PIN_RECORD_VERSION 1
#define PIN_RECORD_OWNERS  12
#define PIN_RECORD_TYPES   5
#define PIN_NAME_BYTES     32

/* Who asked for memory of the block. */
struct pin_owner {
	uint64_t paddr;       /* where its image begins; without one, where the call came from */
	uint32_t image_bytes; /* 0: no image that was started with LoadImage() has that address */
	uint32_t n_served;
	uint64_t served_bytes;
	uint64_t refused_bytes;    /* what did not fit, and so went to the firmware */
	char name[PIN_NAME_BYTES]; /* the last name of its path; "": not known */
};

/* A type of memory that stays (UEFI 2.10 §7.2) and is not served: how often it was asked for. */
struct pin_asked {
	uint32_t type; /* enum uefi_type */
	uint32_t n;
	uint64_t bytes;
};

struct pin_record {
	uint32_t version;      /* PIN_RECORD_VERSION */
	uint32_t record_bytes; /* all of it */
	uint64_t block_paddr;
	uint32_t block_pages;
	uint32_t most_bytes; /* of the block, up to the end of the highest piece that there was */
	uint32_t n_served;
	uint32_t n_refused; /* requests that did not fit: an overflow */
	uint64_t served_bytes;
	uint64_t refused_bytes;
	uint32_t n_live; /* pieces that are in use at the exit */
	uint32_t live_bytes;
	uint32_t n_wrong_frees;    /* of the block, and not of a piece that is in use */
	uint32_t n_untyped_images; /* loaded without types of memory, which they were given */
	struct pin_asked asked[PIN_RECORD_TYPES];
	uint32_t n_owners;
	uint32_t n_zero; /* 0 */
	struct pin_owner owners[PIN_RECORD_OWNERS];
};

_Static_assert(sizeof(struct pin_owner) == 64, "no holes");
_Static_assert(offsetof(struct pin_record, asked) == 64, "no holes");
_Static_assert(offsetof(struct pin_record, owners) == 152, "no holes");
_Static_assert(sizeof(struct pin_record) == 152 + 64 * PIN_RECORD_OWNERS, "no holes");

#endif
