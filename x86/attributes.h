/*
 * attributes.h - physical address of the EFI_MEMORY_ATTRIBUTES_TABLE -> its entries, which say of
 * the memory of the runtime services what may be written there, and what be run.
 */
#ifndef X86_ATTRIBUTES_H
#define X86_ATTRIBUTES_H

#include "x86/phys.h"
#include "x86/uefi_map.h"

/* Our own limit: real tables have some ten to two hundred entries, each a line of a capture. */
#define ATTRIBUTES_MOST 1024

enum attributes_err {
	ATTRIBUTES_OK,
	ATTRIBUTES_UNREADABLE,  /* its head */
	ATTRIBUTES_BAD_VERSION, /* neither 1 nor 2 */
	ATTRIBUTES_BAD_STRIDE,  /* entries shorter than a descriptor, or longer than a page */
	ATTRIBUTES_TOO_MANY,    /* above ATTRIBUTES_MOST */
	ATTRIBUTES_CUT,         /* it says that it goes on in what cannot be read */
};

/* What is wrong, as a sentence without a full stop. */
const char *attributes_err_text(enum attributes_err err);

/*
 * The entries of the table at @table_paddr (UEFI 2.10 §4.6), which are descriptors, in
 * *ret_entries, as long as what @phys gave out is readable. All or none: a table of which a part
 * is left out would be said to have gaps. On an error there are none.
 */
enum attributes_err attributes_find(const struct phys_mem *phys, paddr_t table_paddr,
                                    struct uefi_map *ret_entries);

#endif
