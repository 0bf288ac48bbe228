/*
 * phys.h - how this floor reads physical memory that it does not own: tables that firmware left.
 *
 * The program supplies one function. In the EFI application it gives out the identity mapping where
 * that is safe to touch, in tests a few arrays.
 */
#ifndef X86_PHYS_H
#define X86_PHYS_H

#include <stddef.h>

#include "bootmem/pfn.h"

/* The low megabyte ends in the ISA hole: the VGA window and ROMs. */
#define ISA_HOLE_START_PADDR   UINT64_C(0xa0000)
#define LOW_MEGABYTE_END_PADDR UINT64_C(0x100000)

struct phys_mem {
	/*
	 * The @bytes bytes at @start_paddr, readable until the program says otherwise, or NULL if
	 * any of them cannot be read: not mapped, beyond what this program can address, or a
	 * range that wraps. The pointer need not be aligned. As NULL means no, an identity mapping
	 * has to give out a copy of what starts at address 0.
	 */
	const void *(*read)(void *context, paddr_t start_paddr, uint64_t bytes);
	void *context;
};

/* NULL also for what ends at 2^64: the end of what has been read is always a number. */
static inline const void *phys_read(const struct phys_mem *phys, paddr_t start_paddr,
                                    uint64_t bytes)
{
	if (bytes > UINT64_MAX - start_paddr)
		return NULL;
	return phys->read(phys->context, start_paddr, bytes);
}

#endif
