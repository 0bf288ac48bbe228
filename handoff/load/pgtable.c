/* pgtable.c - identity page tables for AMD64, a gigabyte at a time (pgtable.h). */
#include "handoff/load/pgtable.h"

#include "bootmem/mem.h"

/* Intel SDM Vol. 3A §4.5.4, Tables 4-15 to 4-18: the bits of an entry. */
#define ENTRY_PRESENT    UINT64_C(0x01)
#define ENTRY_WRITABLE   UINT64_C(0x02)
#define ENTRY_ACCESSED   UINT64_C(0x20)
#define ENTRY_DIRTY      UINT64_C(0x40) /* of an entry that maps a page */
#define ENTRY_LARGE      UINT64_C(0x80) /* maps a page: 1 GiB or 2 MiB, by its level */
#define ENTRY_PADDR_MASK UINT64_C(0x000ffffffffff000)

/* Accessed and dirty are set beforehand, so that the CPU never writes to the tables: their
 * contents are what they were when the block was sealed. */
#define TABLE_FLAGS (ENTRY_PRESENT | ENTRY_WRITABLE | ENTRY_ACCESSED)
#define PAGE_FLAGS  (TABLE_FLAGS | ENTRY_DIRTY | ENTRY_LARGE)

#define ENTRIES_SHIFT 9 /* 512 entries a table */
#define ENTRIES       (1u << ENTRIES_SHIFT)
#define LARGE_SHIFT   21 /* 2 MiB: what an entry of the page directory maps */
/* 1 GiB: of the page directory pointer table. 512 GiB: of the root. */
#define GRANULE_SHIFT (LARGE_SHIFT + ENTRIES_SHIFT)
#define ROOT_SHIFT    (GRANULE_SHIFT + ENTRIES_SHIFT)

#define FIRST_BYTES (UINT64_C(4) << 30) /* always mapped: what 32-bit devices and firmware use */

/* A table with no entries, or NULL when there is no page for it. */
static uint64_t *add_table(struct pgtable *table)
{
	uint64_t *entries;

	if (table->n_used == table->n_pages)
		return NULL;
	entries = table->tables + (size_t)(table->n_used++ << ENTRIES_SHIFT);
	memset(entries, 0, PAGE_BYTES);
	return entries;
}

/* The table that *entry points to, by the address that the CPU will find it at; if it points to
 * none, a new one. NULL when out of pages. */
static uint64_t *descend(struct pgtable *table, uint64_t *entry)
{
	uint64_t *entries;

	if ((*entry & ENTRY_PRESENT) != 0) {
		uint64_t offset = (*entry & ENTRY_PADDR_MASK) - table->tables_paddr;

		return table->tables + (size_t)(offset / sizeof *entries);
	}
	entries = add_table(table);
	if (entries != NULL)
		*entry = (table->tables_paddr + pfn_paddr(table->n_used - 1)) | TABLE_FLAGS;
	return entries;
}

static bool map_granule(struct pgtable *table, paddr_t paddr)
{
	uint64_t *pointers = descend(table, &table->tables[paddr >> ROOT_SHIFT]);
	uint64_t *pointer, *directory;

	if (pointers == NULL)
		return false;
	pointer = &pointers[(paddr >> GRANULE_SHIFT) & (ENTRIES - 1)];
	if ((*pointer & ENTRY_PRESENT) != 0)
		return true;
	if (table->has_1g) {
		*pointer = paddr | PAGE_FLAGS;
		return true;
	}
	directory = descend(table, pointer);
	if (directory == NULL)
		return false;
	for (uint64_t i = 0; i < ENTRIES; i++)
		directory[i] = (paddr + (i << LARGE_SHIFT)) | PAGE_FLAGS;
	return true;
}

void pgtable_init(struct pgtable *ret_table, uint64_t *tables, paddr_t tables_paddr,
                  uint64_t n_pages, bool has_1g)
{
	*ret_table = (struct pgtable){
		.tables = tables,
		.tables_paddr = tables_paddr,
		.n_pages = n_pages,
		.has_1g = has_1g,
	};
	add_table(ret_table);
}

bool pgtable_map(struct pgtable *table, paddr_t start_paddr, paddr_t end_paddr)
{
	paddr_t paddr = align_down(start_paddr, PGTABLE_GRANULE_BYTES);

	if (start_paddr >= end_paddr)
		return true;
	if (end_paddr > PGTABLE_MAX_PADDR || table->n_used == 0)
		return false;
	for (; paddr < end_paddr; paddr += PGTABLE_GRANULE_BYTES) {
		if (!map_granule(table, paddr))
			return false;
		table->mapped_end_paddr =
			max_u64(table->mapped_end_paddr, paddr + PGTABLE_GRANULE_BYTES);
	}
	return true;
}

/*
 * How many units of 1 << @shift bytes the first 4 GiB and the spans touch. A run of units that
 * have been counted is remembered, and grows; a span that starts outside of it begins a new one.
 */
static uint64_t count_units(const struct span *spans, size_t n_spans, unsigned shift)
{
	const uint64_t first_units = ((FIRST_BYTES - 1) >> shift) + 1;
	uint64_t run_start = 0, run_end = first_units, n_units = first_units;

	for (size_t i = 0; i < n_spans; i++) {
		const paddr_t end_paddr = min_u64(spans[i].end_paddr, PGTABLE_MAX_PADDR);
		uint64_t start, end;

		if (spans[i].start_paddr >= end_paddr)
			continue;
		start = max_u64(spans[i].start_paddr >> shift, first_units);
		end = ((end_paddr - 1) >> shift) + 1;
		if (start >= end)
			continue;
		if (start < run_start || start > run_end)
			run_start = run_end = start;
		n_units += end - min_u64(end, run_end);
		run_end = max_u64(run_end, end);
	}
	return n_units;
}

/* The root, a page directory pointer table for each 512 GiB, a page directory for each 1 GiB. */
uint64_t pgtable_pages(const struct span *spans, size_t n_spans, bool has_1g)
{
	return 1 + count_units(spans, n_spans, ROOT_SHIFT) +
	       (has_1g ? 0 : count_units(spans, n_spans, GRANULE_SHIFT));
}
