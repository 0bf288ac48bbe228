/* paging.c - a walk through page tables of any of the four kinds: see paging.h. */
#include "x86/paging.h"

#include "x86/wire.h"

#define CR0_PG   (UINT64_C(1) << 31)
#define CR4_PSE  (UINT64_C(1) << 4)
#define CR4_PAE  (UINT64_C(1) << 5)
#define CR4_LA57 (UINT64_C(1) << 12)

#define ENTRY_PRESENT UINT64_C(0x001)
#define ENTRY_LARGE   UINT64_C(0x080)
#define ENTRY_PADDR   UINT64_C(0x000ffffffffff000)

#define MOST_LEVELS 5
#define PAE_LEVELS  3
#define PAE_ENTRIES 4 /* of its root, which need not begin at a page */

/* Level 1 is the lowest, whose entries lead to pages of 4 KiB. */
struct shape {
	unsigned levels, entry_bytes, index_bits;
	unsigned lowest_large, highest_large; /* levels whose entries may map a large page */
};

static struct shape shape_of(const struct paging *paging)
{
	if (paging->is_long_mode)
		return (struct shape){ (paging->cr4 & CR4_LA57) != 0 ? 5 : 4, 8, 9, 2, 3 };
	if ((paging->cr4 & CR4_PAE) != 0)
		return (struct shape){ PAE_LEVELS, 8, 9, 2, 2 };
	if ((paging->cr4 & CR4_PSE) != 0)
		return (struct shape){ 2, 4, 10, 2, 2 };
	return (struct shape){ 2, 4, 10, 1, 0 };
}

static paddr_t root_of(const struct paging *paging)
{
	bool is_pae = !paging->is_long_mode && (paging->cr4 & CR4_PAE) != 0;

	return is_pae ? paging->cr3 & UINT64_C(0xffffffe0) : paging->cr3 & ENTRY_PADDR;
}

static unsigned shift_of(const struct shape *shape, unsigned level)
{
	return PAGE_SHIFT + (level - 1) * shape->index_bits;
}

/* The bits of an entry that tell whether it leads to a table: the first alone is set. */
static uint64_t table_mask(const struct shape *shape, unsigned level)
{
	bool may_be_large = level >= shape->lowest_large && level <= shape->highest_large;

	return ENTRY_PRESENT | (may_be_large ? ENTRY_LARGE : 0);
}

bool paging_is_identity(const struct paging *paging, const struct phys_mem *phys, uint64_t vaddr)
{
	const struct shape shape = shape_of(paging);
	paddr_t table_paddr = root_of(paging);

	if ((paging->cr0 & CR0_PG) == 0)
		return true;
	for (unsigned level = shape.levels; level > 0; level--) {
		unsigned shift = shift_of(&shape, level);
		uint64_t index = vaddr >> shift & ((UINT64_C(1) << shape.index_bits) - 1);
		const void *at =
			phys_read(phys, table_paddr + index * shape.entry_bytes, shape.entry_bytes);
		uint64_t entry = at == NULL ? 0 : wire_number(at, shape.entry_bytes);

		if ((entry & ENTRY_PRESENT) == 0)
			return false;
		table_paddr = entry & ENTRY_PADDR;
		if ((entry & table_mask(&shape, level)) != ENTRY_PRESENT)
			return table_paddr >> shift == vaddr >> shift;
	}
	return pfn_down(table_paddr) == pfn_down(vaddr);
}

/* A table, and its entry that comes next. */
struct place {
	const uint8_t *entries;
	unsigned n_entries, next;
};

struct walk {
	const struct paging *paging;
	const struct phys_mem *phys;
	struct shape shape;
	paging_visit_fn *visit;
	void *context;
	unsigned n_left;
	struct place path[MOST_LEVELS + 1]; /* by level, down from the root */
};

/* Visit a table; its entries are next, if there are any that lead to tables. */
static bool enter(struct walk *walk, paddr_t table_paddr, unsigned level)
{
	const struct shape *shape = &walk->shape;
	bool is_pae_root = level == PAE_LEVELS && shape->levels == PAE_LEVELS;
	unsigned n_entries = is_pae_root ? PAE_ENTRIES : 1u << shape->index_bits;
	struct place *place = &walk->path[level];

	*place = (struct place){ NULL, 0, 0 };
	if (walk->n_left == 0)
		return false;
	walk->n_left--;
	walk->visit(walk->context, align_down(table_paddr, PAGE_BYTES));
	if (level > 1 && paging_is_identity(walk->paging, walk->phys, table_paddr))
		place->entries = phys_read(walk->phys, table_paddr,
		                           (uint64_t)n_entries * shape->entry_bytes);
	if (place->entries != NULL)
		place->n_entries = n_entries;
	return true;
}

#define GROUP 32 /* entries */

/* The bits that eight entries of 8 bytes have in common. */
static inline __attribute__((always_inline)) uint64_t common_bits(const uint8_t *entries)
{
	return wire_u64(entries) & wire_u64(entries + 8) & wire_u64(entries + 16) &
	       wire_u64(entries + 24) & wire_u64(entries + 32) & wire_u64(entries + 40) &
	       wire_u64(entries + 48) & wire_u64(entries + 56);
}

/* Do all entries of a group map large pages? Then none of them leads to a table. */
static inline bool are_large(const uint8_t *entries, uint64_t mask)
{
	uint64_t all = common_bits(entries) & common_bits(entries + 64) &
	               common_bits(entries + 128) & common_bits(entries + 192);

	return (mask & ENTRY_LARGE) != 0 && (all & mask) == mask;
}

/* The first entry of [i, n) that leads to a table, or n. A loop for each width: firmware's tables
 * have millions of entries, most of them of large pages, and that is what they cost. */
static unsigned find_table(const uint8_t *entries, unsigned i, unsigned n, unsigned entry_bytes,
                           uint64_t mask)
{
	if (entry_bytes == 4) {
		while (i < n && (wire_u32(entries + (size_t)4 * i) & mask) != ENTRY_PRESENT)
			i++;
		return i;
	}
	while (n - i >= GROUP && are_large(entries + (size_t)8 * i, mask))
		i += GROUP;
	while (i < n && (wire_u64(entries + (size_t)8 * i) & mask) != ENTRY_PRESENT)
		i++;
	return i;
}

static bool next_table(struct walk *walk, unsigned level, paddr_t *ret_paddr)
{
	const unsigned bytes = walk->shape.entry_bytes;
	struct place *place = &walk->path[level];
	unsigned i;

	if (place->next >= place->n_entries)
		return false;
	i = find_table(place->entries, place->next, place->n_entries, bytes,
	               table_mask(&walk->shape, level));
	place->next = i + 1;
	if (i == place->n_entries)
		return false;
	*ret_paddr = wire_number(place->entries + (size_t)i * bytes, bytes) & ENTRY_PADDR;
	return true;
}

bool paging_each_table(const struct paging *paging, const struct phys_mem *phys,
                       paging_visit_fn *visit, void *context)
{
	struct walk walk = { .paging = paging,
		             .phys = phys,
		             .shape = shape_of(paging),
		             .visit = visit,
		             .context = context,
		             .n_left = PAGING_MOST_TABLES };
	unsigned level = walk.shape.levels;
	paddr_t table_paddr = root_of(paging);
	bool is_whole = (paging->cr0 & CR0_PG) == 0 || enter(&walk, table_paddr, level);

	while (is_whole && level <= walk.shape.levels) {
		if (next_table(&walk, level, &table_paddr))
			is_whole = enter(&walk, table_paddr, --level);
		else
			level++;
	}
	return is_whole;
}
