/*
 * made_block.h - a whole hand-off in memory: a small machine's block, with all that it points to
 * where it says, and a bitmap that is right. A test spoils what it likes.
 */
#ifndef TESTS_UNIT_MADE_BLOCK_H
#define TESTS_UNIT_MADE_BLOCK_H

#include "handoff/handoff.h"

/*
 * The machine, as its firmware says it: RAM up to 0x5000, which is not there to be touched, as
 * little as anything else below 256 MiB; 1 MiB of RAM from there on; a page of ACPI tables; RAM.
 */
#define MADE_PADDR        UINT32_C(0x10000000)
#define MADE_MAP_PADDR    (MADE_PADDR + 0x10000) /* the bitmap */
#define MADE_BLOCK_PADDR  (MADE_PADDR + 0x20000)
#define MADE_STACK_PADDR  (MADE_PADDR + 0x30000) /* four pages */
#define MADE_TABLES_PADDR (MADE_PADDR + 0x40000) /* one */
#define MADE_INITRD_PADDR (MADE_PADDR + 0x50000)
#define MADE_SMBIOS_PADDR (MADE_PADDR + 0x60000)
#define MADE_OTHER_PADDR  (MADE_PADDR + 0x70ff0) /* in two pages */
#define MADE_ACPI_PADDR   (MADE_PADDR + 0x100010)
#define MADE_END_PADDR    (MADE_PADDR + 0x103000)
#define MADE_INITRD_BYTES 0x1001
#define MADE_TABLE_BYTES  0x24

/* Indices of block->reservations. Those from MADE_INITRD on have a checksum. */
enum {
	MADE_PAGE_0,
	MADE_KERNEL,
	MADE_MAP,
	MADE_BLOCK,
	MADE_STACK,
	MADE_TABLES,
	MADE_INITRD,
	MADE_SMBIOS,
	MADE_OTHER,
	MADE_ACPI,
	MADE_RESERVATIONS
};

/* For a kernel of this width, in [kernel, kernel + bytes). There is one, and it is made anew. */
struct handoff_block *made_block(const void *kernel, uint64_t bytes);

/* After a change: its checksum is right again, and that of the bitmap. */
void made_block_seal(void);

struct handoff_reservation *made_reservation(int index);

/* The e820 map and the descriptors. */
struct handoff_range *made_e820(void);
struct made_descriptor {
	uint32_t type, pad;
	uint64_t start_paddr, virtual_paddr, n_pages, attribute, more;
} * made_descriptors(void);

/* What lies at @paddr, if it is not below 256 MiB. */
static inline void *made_at(uint64_t paddr)
{
	return (void *)(uintptr_t)paddr;
}

#endif
