/*
 * paging.h - the page tables that a CPU runs on -> which pages they are, and where an address
 * leads. All four kinds: of 32 bits, PAE, 4 levels and 5 levels (Intel SDM Vol. 3A §4.3 to §4.5).
 *
 * Tables are read through a struct phys_mem. They are hostile: any entry may lead anywhere, also
 * back. What is read is bounded.
 */
#ifndef X86_PAGING_H
#define X86_PAGING_H

#include <stdbool.h>
#include <stdint.h>

#include "x86/phys.h"

/* What the CPU goes by. */
struct paging {
	uint64_t cr0, cr3, cr4;
	bool is_long_mode; /* EFER.LMA */
};

/* Tables that are visited at most: 256 MiB of them. */
#define PAGING_MOST_TABLES 65536

/* Takes the page that a table lies in. */
typedef void paging_visit_fn(void *context, paddr_t page_paddr);

/*
 * Visit each table that the CPU may read, from the root down; one to which several entries lead, as
 * often. Nothing, without paging. Only tables that the tables map to themselves are followed, as
 * others cannot be read at their address. False if there are more than PAGING_MOST_TABLES.
 */
bool paging_each_table(const struct paging *paging, const struct phys_mem *phys,
                       paging_visit_fn *visit, void *context);

/* Does @vaddr lead to the same physical address? True without paging. */
bool paging_is_identity(const struct paging *paging, const struct phys_mem *phys, uint64_t vaddr);

#endif
