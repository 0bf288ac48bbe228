/*
 * test_paging.c - page tables of all four kinds, made up in a physical memory: which pages they
 * are, and where an address leads.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "tests/unit/fake_phys.h"
#include "x86/paging.h"

#define N_OF(array) (sizeof(array) / sizeof((array)[0]))

#define CR0_PG   (UINT64_C(1) << 31)
#define CR4_PSE  (UINT64_C(1) << 4)
#define CR4_PAE  (UINT64_C(1) << 5)
#define CR4_LA57 (UINT64_C(1) << 12)

#define PRESENT 0x3
#define LARGE   0x83

/* Sixteen pages, of which tables are made. */
#define ROOT  UINT64_C(0x10000)
#define PAGES 16

static struct fake_phys fake;

/* An entry, and where it is. */
struct entry {
	paddr_t table_paddr;
	unsigned index;
	uint64_t value;
};

struct row {
	const char *rule;
	struct paging paging;
	unsigned entry_bytes;
	struct entry entries[8];
	paddr_t visited[10]; /* in their order, up to 0 */
	uint64_t identity[4], other[4];
};

#define LONG_MODE(levels)                                                            \
	{                                                                            \
		CR0_PG, ROOT | 0x18, CR4_PAE | ((levels) == 5 ? CR4_LA57 : 0), true, \
	}

static const struct row rows[] = {
	{ "without paging there are no tables, and all leads to itself",
	  { 0, ROOT, CR4_PAE, true },
	  8,
	  { { ROOT, 0, 0x11000 | PRESENT } },
	  { 0 },
	  { 1, UINT64_C(0x123456789000) },
	  { 0 } },
	{ "a root alone",
	  LONG_MODE(4),
	  8,
	  { { 0 } },
	  { ROOT },
	  { 0 },
	  { 1, ROOT, UINT64_C(0x7fffffffffff) } },
	{ "4 levels, down to pages",
	  LONG_MODE(4),
	  8,
	  { { ROOT, 0, 0x11000 | PRESENT },
	    { 0x11000, 0, 0x12000 | PRESENT },
	    { 0x12000, 0, 0x13000 | PRESENT },
	    { 0x13000, 0x10, 0x10000 | PRESENT },
	    { 0x13000, 0x11, 0x11000 | PRESENT },
	    { 0x13000, 0x12, 0x12000 | PRESENT },
	    { 0x13000, 0x20, 0x21000 | PRESENT } },
	  { ROOT, 0x11000, 0x12000, 0x13000 },
	  { 0x10000, 0x10fff, 0x12345 },
	  { 0x20000, 0x13000, 0xffff, UINT64_C(0x8000000000) } },
	{ "large pages are no tables",
	  LONG_MODE(4),
	  8,
	  { { ROOT, 0, 0x11000 | PRESENT },
	    { 0x11000, 0, 0x12000 | PRESENT },
	    { 0x11000, 1, 0x40000000 | LARGE },
	    { 0x11000, 2, 0x40000000 | LARGE },
	    { 0x12000, 0, LARGE },
	    { 0x12000, 1, 0x400000 | LARGE },
	    { 0x12000, 2, 0x400000 | LARGE } },
	  { ROOT, 0x11000, 0x12000 },
	  { 0x1fffff, 0x400000, 0x5fffff, 0x7fffffff },
	  { 0x200000, 0x600000, 0x80000000, 0xc0000000 } },
	{ "5 levels",
	  LONG_MODE(5),
	  8,
	  { { ROOT, 0, 0x11000 | PRESENT },
	    { 0x11000, 0, 0x12000 | PRESENT },
	    { 0x12000, 0, LARGE },
	    { ROOT, 256, 0x14000 | PRESENT } },
	  { ROOT, 0x11000, 0x12000, 0x14000 },
	  { 1, 0x3fffffff },
	  { 0x40000000, UINT64_C(0x100000000000000) } },
	{ "PAE, whose root has four entries anywhere",
	  { CR0_PG, ROOT + 0x20, CR4_PAE, false },
	  8,
	  { { ROOT + 0x20, 0, 0x11000 | 1 },
	    { ROOT + 0x20, 3, 0x12000 | 1 },
	    { ROOT + 0x20, 4, 0x13000 | 1 }, /* none of it */
	    { 0x11000, 0, LARGE },
	    { 0x12000, 511, 0x14000 | PRESENT },
	    { 0x14000, 511, 0xfffff000 | PRESENT } },
	  { ROOT, 0x11000, 0x12000, 0x14000 },
	  { 0x1fffff, 0xffffffff },
	  { 0x200000, 0xffffe000 } },
	{ "32 bits",
	  { CR0_PG, ROOT, CR4_PSE, false },
	  4,
	  { { ROOT, 0, LARGE },
	    { ROOT, 1, 0x11000 | PRESENT },
	    { 0x11000, 1023, 0x7ff000 | PRESENT },
	    { ROOT, 1023, 0xffc00000 | LARGE } },
	  { ROOT, 0x11000 },
	  { 0x3fffff, 0x7fffff, 0xffffffff },
	  { 0x400000, 0x800000 } },
	{ "32 bits without large pages: the bit means nothing",
	  { CR0_PG, ROOT, 0, false },
	  4,
	  { { ROOT, 0, 0x11000 | LARGE },
	    { 0x11000, 0x10, 0x10000 | PRESENT },
	    { 0x11000, 0x11, 0x11000 | LARGE } },
	  { ROOT, 0x11000 },
	  { 0x10000, 0x11fff },
	  { 1, 0x12000 } },
	{ "what is not mapped to itself is visited, and not read",
	  LONG_MODE(4),
	  8,
	  { { ROOT, 0, 0x11000 | PRESENT },
	    { 0x11000, 0, 0x12000 | PRESENT },
	    { 0x12000, 0, 0x13000 | PRESENT },
	    { 0x13000, 0x10, 0x10000 | PRESENT },
	    { 0x13000, 0x11, 0x11000 | PRESENT },
	    { 0x13000, 0x12, 0x13000 | PRESENT },
	    { ROOT, 1, UINT64_C(0xfffffff000) | PRESENT },
	    { ROOT, 2, UINT64_C(0xf000000000000) | PRESENT } },
	  { ROOT, 0x11000, 0x12000, UINT64_C(0xfffffff000), UINT64_C(0xf000000000000) },
	  { 0x10000 },
	  { 0x12000, 0x13000 } },
	{ "nor what cannot be read",
	  LONG_MODE(4),
	  8,
	  { { ROOT, 0, 0x11000 | PRESENT },
	    { 0x11000, 0, 0x12000 | PRESENT },
	    { 0x12000, 0, LARGE },
	    { 0x12000, 3, 0x100000 | PRESENT },
	    { ROOT, 1, 0x180000 | PRESENT } },
	  { ROOT, 0x11000, 0x12000, 0x100000, 0x180000 },
	  { 1 },
	  { 0x600000, UINT64_C(0x8000000000) } },
};

static void put(const struct row *row, const struct entry *entry)
{
	fake_phys_set(
		fake_phys_at(&fake, entry->table_paddr + (uint64_t)entry->index * row->entry_bytes),
		row->entry_bytes, entry->value);
}

static void build(const struct row *row)
{
	fake_phys_init(&fake);
	fake_phys_add(&fake, ROOT, PAGES * PAGE_BYTES);
	for (size_t i = 0; i < N_OF(row->entries) && row->entries[i].value != 0; i++)
		put(row, &row->entries[i]);
}

static paddr_t seen[16];
static unsigned n_seen;

static void note(void *context, paddr_t page_paddr)
{
	(void)context;
	if (n_seen < N_OF(seen))
		seen[n_seen] = page_paddr;
	n_seen++;
}

static void each_table_is_visited(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		unsigned n = 0;

		build(&rows[i]);
		n_seen = 0;
		if (!paging_each_table(&rows[i].paging, &fake.phys, note, NULL))
			fail_msg("%s: too many", rows[i].rule);
		while (rows[i].visited[n] != 0)
			n++;
		for (unsigned j = 0; j < n && j < n_seen; j++)
			if (seen[j] != rows[i].visited[j])
				fail_msg("%s: 0x%llx", rows[i].rule, (unsigned long long)seen[j]);
		if (n_seen != n)
			fail_msg("%s: %u tables", rows[i].rule, n_seen);
		fake_phys_free(&fake);
	}
}

/* A table of 512 large pages, and one entry of it that leads to a table, or to nothing. */
static void a_table_is_found_among_large_pages(void **state)
{
	static const struct row row = {
		"",    LONG_MODE(4),
		8,     { { ROOT, 0, 0x11000 | PRESENT }, { 0x11000, 0, 0x12000 | PRESENT } },
		{ 0 }, { 0 },
		{ 0 }
	};

	(void)state;
	build(&row);
	for (unsigned i = 0; i < 512; i++)
		put(&row, &(struct entry){ 0x12000, i, i * UINT64_C(0x200000) | LARGE });
	for (unsigned i = 1; i < 512; i++) { /* the tables themselves are in the first one */
		put(&row, &(struct entry){ 0x12000, i, 0x13000 | PRESENT });
		n_seen = 0;
		assert_true(paging_each_table(&row.paging, &fake.phys, note, NULL));
		assert_int_equal(n_seen, 4);
		assert_int_equal(seen[3], 0x13000);
		put(&row, &(struct entry){ 0x12000, i, 0 });
		n_seen = 0;
		assert_true(paging_each_table(&row.paging, &fake.phys, note, NULL));
		assert_int_equal(n_seen, 3);
		put(&row, &(struct entry){ 0x12000, i, i * UINT64_C(0x200000) | LARGE });
	}
	fake_phys_free(&fake);
}

static void an_address_leads_to_itself_or_not(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		build(&rows[i]);
		for (unsigned j = 0; j < 4; j++) {
			const uint64_t yes = rows[i].identity[j], no = rows[i].other[j];

			if (yes != 0 && !paging_is_identity(&rows[i].paging, &fake.phys, yes))
				fail_msg("%s: 0x%llx", rows[i].rule, (unsigned long long)yes);
			if (no != 0 && paging_is_identity(&rows[i].paging, &fake.phys, no))
				fail_msg("%s: not 0x%llx", rows[i].rule, (unsigned long long)no);
		}
		fake_phys_free(&fake);
	}
}

/* All entries of a root lead back to it: 512^3 tables, if one followed them all. */
static void a_walk_has_an_end(void **state)
{
	static const struct row row = {
		"back to the root", LONG_MODE(4), 8, { { 0 } }, { 0 }, { 0 }, { 0 }
	};

	(void)state;
	build(&row);
	for (unsigned i = 0; i < 512; i++) {
		const struct entry entry = { ROOT, i, ROOT | PRESENT };

		put(&row, &entry);
	}
	n_seen = 0;
	assert_false(paging_each_table(&row.paging, &fake.phys, note, NULL));
	assert_in_range(n_seen, 1, PAGING_MOST_TABLES);
	fake_phys_free(&fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_table_is_visited),
		cmocka_unit_test(a_table_is_found_among_large_pages),
		cmocka_unit_test(an_address_leads_to_itself_or_not),
		cmocka_unit_test(a_walk_has_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
