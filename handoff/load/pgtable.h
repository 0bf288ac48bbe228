/*
 * pgtable.h - page tables that map physical addresses to themselves: what an AMD64 kernel is
 * entered with. 4-level paging of AMD64 (Intel SDM Vol. 3A §4.5, AMD APM Vol. 2 §5.3).
 *
 * The unit is the gigabyte: each GiB that a range touches is mapped whole, by one entry where the
 * CPU has 1 GiB pages, else by 512 pages of 2 MiB. All of it writable, executable, and as cacheable
 * as the MTRRs say. The tables are the caller's; they may be built elsewhere than where they will
 * lie.
 */
#ifndef HANDOFF_LOAD_PGTABLE_H
#define HANDOFF_LOAD_PGTABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bootmem/pfn.h"

/* Where the lower half of the canonical addresses ends: nothing at or above it maps to itself. */
#define PGTABLE_MAX_PADDR (UINT64_C(1) << 47)

/* The unit of mapping. */
#define PGTABLE_GRANULE_BYTES (UINT64_C(1) << 30)

struct pgtable {
	uint64_t *tables;     /* n_pages pages of 512 entries, as this program sees them */
	paddr_t tables_paddr; /* where they will lie; that of the root, and so the value of CR3 */
	uint64_t n_pages;
	uint64_t n_used;
	bool has_1g;              /* CPUID 0x80000001 EDX bit 26 */
	paddr_t mapped_end_paddr; /* one past the highest address that is mapped */
};

/* Tables that map nothing, in the @n_pages pages at @tables. @tables_paddr is page-aligned, and
 * they end below 2^52. */
void pgtable_init(struct pgtable *ret_table, uint64_t *tables, paddr_t tables_paddr,
                  uint64_t n_pages, bool has_1g);

/*
 * Map each granule that [start_paddr, end_paddr) touches, if it is not mapped yet. False when
 * table pages run out (what fitted is mapped), or when the range ends above PGTABLE_MAX_PADDR
 * (nothing of it is mapped). An empty range is true.
 */
bool pgtable_map(struct pgtable *table, paddr_t start_paddr, paddr_t end_paddr);

/*
 * How many table pages it takes to map the first 4 GiB and the @n_spans spans. Exact when they are
 * sorted by start_paddr, never too few. What lies above PGTABLE_MAX_PADDR is not counted.
 */
uint64_t pgtable_pages(const struct span *spans, size_t n_spans, bool has_1g);

#endif
