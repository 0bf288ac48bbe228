/*
 * ebda.c - the EBDA of 2.6.24, both ways; what differs is target->sizes_ebda.
 */
#include "x86/ebda.h"

#include "x86/wire.h"

#define BDA_EBDA_SEGMENT_PADDR 0x40e                /* EBDA_ADDR_POINTER of 2.6.24 */
#define EBDA_MOST_BYTES        (UINT64_C(64) << 10) /* discover_ebda() */

/* Where policy safe lets an EBDA be: our bounds. It is cut off the end of conventional memory, and
 * 128 KiB are twice what 2.6.24 takes of one. */
#define EBDA_LOW_PADDR  0x80000
#define EBDA_HIGH_PADDR ISA_HOLE_START_PADDR

bool ebda_pointer(const struct phys_mem *phys, paddr_t *ret_paddr)
{
	const void *segment = phys_read(phys, BDA_EBDA_SEGMENT_PADDR, 2);

	*ret_paddr = segment == NULL ? 0 : (paddr_t)wire_u16(segment) << 4;
	return segment != NULL;
}

/* discover_ebda() of arch/x86/kernel/setup_64.c. */
static uint64_t ebda_bytes(const struct phys_mem *phys, paddr_t ebda_paddr)
{
	const void *word = phys_read(phys, ebda_paddr, 2);
	uint64_t kib = word == NULL ? 0 : wire_u16(word);
	uint64_t bytes = max_u64(kib, 1) << 10;

	bytes = align_up(bytes + (ebda_paddr & (PAGE_BYTES - 1)), PAGE_BYTES);
	return min_u64(bytes, EBDA_MOST_BYTES);
}

struct span ebda_find(const struct phys_mem *phys, const struct boot_target *target)
{
	paddr_t start_paddr;
	uint64_t bytes;

	if (!ebda_pointer(phys, &start_paddr))
		return (struct span){ 0, 0 };
	if (target->sizes_ebda)
		bytes = ebda_bytes(phys, start_paddr);
	else
		bytes = start_paddr != 0 ? PAGE_BYTES : 0;
	return (struct span){ start_paddr, start_paddr + bytes };
}

bool ebda_is_plausible(struct span ebda)
{
	uint64_t bytes = ebda.end_paddr - ebda.start_paddr;

	return ebda.start_paddr >= EBDA_LOW_PADDR && ebda.start_paddr < EBDA_HIGH_PADDR &&
	       bytes > 0 && bytes <= EBDA_HIGH_PADDR - align_down(ebda.start_paddr, PAGE_BYTES);
}
