/* paging.c - see paging.h. AMD64 manual 2, §5.3: 4 levels of tables of 512 entries. */
#include "handoff/stub/paging.h"

#include "bootmem/count.h"
#include "handoff/stub/entry.h"

#define PRESENT    UINT64_C(0x001)
#define PAGE       UINT64_C(0x080) /* the entry maps a page */
#define PADDR      UINT64_C(0x000ffffffffff000)
#define NX         (UINT64_C(1) << 63)
#define TABLE_BITS UINT64_C(0x023) /* present, writable, accessed; and no PWT and PCD */
#define PAGE_BITS  UINT64_C(0x0e3) /* dirty too, and a page; PAT is a bit of the address here */

/* What is promised of an entry; user and global, and what a CPU ignores, are not. */
#define TABLE_MASK (NX | PADDR | UINT64_C(0x0bb))
#define PAGE_MASK  (NX | PADDR | UINT64_C(0x0fb))

#define ENTRIES       512
#define ROOT_SHIFT    39
#define GIB_SHIFT     30
#define ALWAYS_PADDR  (UINT64_C(4) << GIB_SHIFT)
#define HIGHEST_PADDR (UINT64_C(1) << 47)

struct walk {
	const struct proof *proof;
	struct seen seen; /* of the last entry that was looked at; two equal numbers: go on */
	paddr_t end_paddr;
};

static bool is_good(const struct walk *walk)
{
	return walk->seen.value == walk->seen.promised;
}

/* The table that a present entry leads to; NULL if it is not as promised: 0, where no table may be.
 */
static const uint64_t *table_at(struct walk *walk, uint64_t entry)
{
	const paddr_t paddr = entry & PADDR;
	const bool is_kept = naive_is_kept(&walk->proof->view, HANDOFF_KIND_PAGE_TABLES, paddr,
	                                   paddr + PAGE_BYTES);

	walk->seen = (struct seen){ entry & TABLE_MASK, is_kept ? paddr | TABLE_BITS : 0 };
	return is_good(walk) ? (const uint64_t *)(uintptr_t)paddr : NULL;
}

static void see_page(struct walk *walk, uint64_t entry, paddr_t paddr, unsigned shift)
{
	walk->seen = (struct seen){ entry & PAGE_MASK, paddr | PAGE_BITS };
	walk->end_paddr = paddr + (UINT64_C(1) << shift);
}

/* A GiB that is mapped: by one page, or by 512. */
static void see_gib(struct walk *walk, uint64_t entry, paddr_t paddr)
{
	const unsigned shift = GIB_SHIFT - 9;
	const uint64_t *directory;

	if ((entry & PAGE) != 0) {
		see_page(walk, entry, paddr, GIB_SHIFT);
		return;
	}
	directory = table_at(walk, entry);
	for (size_t i = 0; directory != NULL && is_good(walk) && i < ENTRIES; i++)
		see_page(walk, directory[i], paddr + ((uint64_t)i << shift), shift);
}

/* 512 GiB, each of which may be mapped. */
static void see_pointers(struct walk *walk, uint64_t entry, paddr_t paddr)
{
	const uint64_t *pointers = table_at(walk, entry);

	for (size_t i = 0; pointers != NULL && is_good(walk) && i < ENTRIES; i++)
		if ((pointers[i] & PRESENT) != 0)
			see_gib(walk, pointers[i], paddr + ((uint64_t)i << GIB_SHIFT));
}

static const uint64_t *root_of(struct walk *walk)
{
	return table_at(walk, entry_state.cr3 | TABLE_BITS);
}

static void see_all(struct walk *walk)
{
	const uint64_t *root = root_of(walk);

	for (size_t i = 0; root != NULL && is_good(walk) && i < ENTRIES; i++)
		if ((root[i] & PRESENT) != 0)
			see_pointers(walk, root[i], (uint64_t)i << ROOT_SHIFT);
}

/* After see_all(): is all of a range mapped? A page of its first GiB that is not has the value 0.
 */
static void see_needed(struct walk *walk, paddr_t start_paddr, paddr_t end_paddr)
{
	const uint64_t *root = root_of(walk);
	paddr_t paddr = align_down(start_paddr, UINT64_C(1) << GIB_SHIFT);

	for (; is_good(walk) && paddr < min_u64(end_paddr, HIGHEST_PADDR);
	     paddr += UINT64_C(1) << GIB_SHIFT) {
		uint64_t pointers = root[paddr >> ROOT_SHIFT], entry = 0;

		if ((pointers & PRESENT) != 0)
			entry = table_at(walk, pointers)[paddr >> GIB_SHIFT & (ENTRIES - 1)];
		if ((entry & PRESENT) == 0)
			walk->seen = (struct seen){ entry, paddr | PAGE_BITS };
	}
}

static bool is_mapped_type(uint32_t type)
{
	return type == HANDOFF_E820_RAM || type == HANDOFF_E820_ACPI || type == HANDOFF_E820_NVS;
}

static bool is_mapped_kind(uint32_t kind)
{
	return kind == HANDOFF_KIND_ACPI || kind == HANDOFF_KIND_SMBIOS ||
	       kind == HANDOFF_KIND_FRAMEBUFFER || kind == HANDOFF_KIND_RUNTIME;
}

static void see_all_needed(struct walk *walk)
{
	const struct naive_view *view = &walk->proof->view;

	see_needed(walk, 0, ALWAYS_PADDR);
	for (size_t i = 0; is_good(walk) && i < view->n_ranges; i++) {
		const struct handoff_range *range = naive_range(view, i);

		if (is_mapped_type(range->type))
			see_needed(walk, range->start_paddr, range->end_paddr);
	}
	for (size_t i = 0; is_good(walk) && i < view->n_reservations; i++) {
		const struct handoff_reservation *kept = naive_reservation(view, i);

		if (is_mapped_kind(kept->kind))
			see_needed(walk, kept->start_paddr, kept->end_paddr);
	}
}

struct seen paging_look(const struct proof *proof)
{
	struct walk walk = { .proof = proof };

	see_all(&walk);
	if (is_good(&walk) && walk.end_paddr != proof->block->mapped_end_paddr)
		return (struct seen){ walk.end_paddr, proof->block->mapped_end_paddr };
	if (is_good(&walk))
		see_all_needed(&walk);
	return walk.seen;
}
