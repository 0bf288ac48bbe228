/*
 * smbios.h - physical address of an SMBIOS entry point -> the spans of entry point and structure
 * table, for policy safe to reserve; and what model of machine the table says this is.
 *
 * The structures hold serial numbers, UUIDs and asset tags as well. There is no way to ask for
 * those here.
 */
#ifndef X86_SMBIOS_H
#define X86_SMBIOS_H

#include "bootmem/pfn.h"
#include "x86/phys.h"

/* Our own limit for what an entry point calls the (maximum) size of its table: 32-bit entry points
 * cannot say more than 64 KiB, and text taken for a size is above 512 MiB. */
#define SMBIOS_TABLE_MOST_BYTES (UINT32_C(16) << 20)

enum smbios_err {
	SMBIOS_OK,
	SMBIOS_UNREADABLE,       /* the entry point cannot be read */
	SMBIOS_BAD_ANCHOR,       /* neither _SM_ nor _SM3_ */
	SMBIOS_BAD_LENGTH,       /* the entry point calls itself shorter than its kind */
	SMBIOS_BAD_SUM,          /* both spans are there all the same, if the table can be read */
	SMBIOS_BAD_TABLE_LENGTH, /* 0, or above the limit: no table */
	SMBIOS_TABLE_UNREADABLE, /* or wraps: no table */
};

/* What is to be kept; a span is empty if it is not known, else all of it has been readable. */
struct smbios {
	struct span entry_point;
	struct span table;
};

/*
 * Look at the entry point at @entry_paddr: _SM_ (SMBIOS 3.x §5.2.1) or _SM3_ (§5.2.2), which its
 * anchor tells. Fills *ret_found with what can be reserved, also when something is wrong, and
 * returns the first thing that is. A wrong checksum alone does not hide a table: a kernel may use
 * it. For _SM3_ the span of the table is the maximum size that the entry point gives.
 */
enum smbios_err smbios_find(const struct phys_mem *phys, paddr_t entry_paddr,
                            struct smbios *ret_found);

/* Texts that name a model, of structures 0 (BIOS), 1 (system) and 2 (baseboard). */
enum smbios_text {
	SMBIOS_BIOS_VENDOR,
	SMBIOS_BIOS_VERSION,
	SMBIOS_BIOS_DATE,
	SMBIOS_SYSTEM_VENDOR,
	SMBIOS_SYSTEM_PRODUCT,
	SMBIOS_SYSTEM_VERSION,
	SMBIOS_BOARD_VENDOR,
	SMBIOS_BOARD_PRODUCT,
	SMBIOS_TEXTS
};

#define SMBIOS_TEXT_BYTES 96 /* 64 characters are the most that old versions allow */

struct smbios_model {
	/* Any bytes of the firmware's up to a 0 byte, cut to what fits; "" for what is not there.
	 */
	char texts[SMBIOS_TEXTS][SMBIOS_TEXT_BYTES];
	uint64_t installed_bytes; /* of all memory devices (structure 17); 0: none says */
};

/*
 * Read the structure table at @table, a span that smbios_find() gave. The first structure that has
 * a text counts. Where the table stops to make sense, reading ends: what came before holds.
 */
void smbios_read_model(const struct phys_mem *phys, struct span table,
                       struct smbios_model *ret_model);

#endif
