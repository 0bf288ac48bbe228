/*
 * smbios.h - physical address of an SMBIOS entry point -> the spans of entry point and structure
 * table, for policy safe to reserve.
 *
 * Of the structures nothing is read, only that they can be: they hold serial numbers.
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

/* One sentence for each, without a full stop. */
const char *smbios_err_text(enum smbios_err err);

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

#endif
