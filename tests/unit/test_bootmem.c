/*
 * test_bootmem.c - the allocator's contracts as tables, and the whole of it against the model:
 * after every step of thousands of random ones, the bitmap and the answers are the same.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "bootmem/bits.h"
#include "bootmem/bootmem.h"
#include "tests/unit/model.h"
#include "tests/unit/support.h"

#define N_ROWS(table) (sizeof(table) / sizeof((table)[0]))

#define MIB       UINT64_C(0x100000)
#define TIB       (MIB * MIB)
#define P(pfn)    ((uint64_t)(pfn) << PAGE_SHIFT)
#define END_PFN   (UINT64_MAX >> PAGE_SHIFT)
#define FAR_PFN   (64 * TIB >> PAGE_SHIFT)
#define MAX_ALIGN (UINT64_C(1) << 63)
#define NO_LIMIT  0
#define NOT_FOUND BOOTMEM_NONE

/* Storage for any map of these tests: garbage, as memory is that nobody has cleared. */
static _Alignas(4096) uint8_t storage[4096];
static bootmem_data_t bdata;

static void make_node(pfn_t start_pfn, uint64_t n_pages, unsigned word_bytes)
{
	memset(storage, 0x5a, sizeof storage);
	init_bootmem_core(&bdata, storage, 0x40, start_pfn, start_pfn + n_pages, word_bytes);
}

/* A node from page 0, all of it free. */
static void make_free_node(uint64_t n_pages)
{
	make_node(0, n_pages, 8);
	free_bootmem(&bdata, 0, P(n_pages));
}

/* clang-format off */
static const struct {
	const char *rule;
	uint64_t n_pages;
	uint64_t bytes_ia32, bytes_amd64;
	uint64_t map_pages;
} sizes[] = {
	{ "no pages, no map",                       0,                 0,                 0,                 0 },
	{ "one page takes a word",                  1,                 4,                 8,                 1 },
	{ "a byte is 8 pages",                      8,                 4,                 8,                 1 },
	{ "9 pages take two bytes, in one word",    9,                 4,                 8,                 1 },
	{ "a word of IA-32 is full",                32,                4,                 8,                 1 },
	{ "one more page, one more word",           33,                8,                 8,                 1 },
	{ "a word of AMD64 is full",                64,                8,                 8,                 1 },
	{ "here the targets differ",                65,                12,                16,                1 },
	{ "one page less than a page of map",       32767,             4096,              4096,              1 },
	{ "a page of map is 128 MiB",               32768,             4096,              4096,              1 },
	{ "and one page more is two",               32769,             4100,              4104,              2 },
	{ "896 MiB, all that IA-32 maps directly",  229376,            28672,             28672,             7 },
	{ "8 TiB, where 2.6.24 has run out of int", UINT64_C(1) << 31, 1 << 28,           1 << 28,           1 << 16 },
	{ "64 TiB",                                 UINT64_C(1) << 34, UINT64_C(1) << 31, UINT64_C(1) << 31, 1 << 19 },
};
/* clang-format on */

static void a_map_is_a_bit_a_page_rounded_up_to_words_of_the_kernel(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ROWS(sizes); i++) {
		uint64_t ia32 = init_bootmem(&bdata, storage, 1, sizes[i].n_pages, 4);
		uint64_t amd64 = init_bootmem(&bdata, storage, 1, sizes[i].n_pages, 8);

		if (ia32 != sizes[i].bytes_ia32 || amd64 != sizes[i].bytes_amd64 ||
		    get_mapsize(&bdata) != amd64 ||
		    bootmem_bootmap_pages(sizes[i].n_pages) != sizes[i].map_pages)
			fail_msg("%s", sizes[i].rule);
	}
	assert_int_equal(bootmem_bootmap_pages(UINT64_MAX), UINT64_C(1) << 49); /* does not wrap */
}

static void a_node_starts_reserved_and_its_padding_stays_so(void **state)
{
	static const uint8_t all_free_11[] = { 0x00, 0xf8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	static const uint8_t ones[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

	(void)state;
	for (unsigned word_bytes = 4; word_bytes <= 8; word_bytes += 4) {
		make_node(0, 11, word_bytes);
		assert_int_equal(bootmem_free_pages(&bdata), 0);
		assert_int_equal(storage[0], 0x5a); /* nothing has been written */
		bootmem_complete(&bdata);
		assert_memory_equal(storage, ones, word_bytes);
		assert_int_equal(storage[word_bytes], 0x5a); /* get_mapsize() bytes, no more */
		free_bootmem(&bdata, 0, P(11));
		assert_memory_equal(storage, all_free_11, word_bytes);

		make_node(0, 11, word_bytes);
		free_bootmem(&bdata, 0, P(11));
		bootmem_complete(&bdata);
		assert_memory_equal(storage, all_free_11, word_bytes);
		bootmem_complete(&bdata); /* once more does nothing */
		assert_memory_equal(storage, all_free_11, word_bytes);
	}
}

/* Nodes of 16 pages: [first, first + n) is what the range is about. */
struct rounding {
	const char *rule;
	paddr_t start_paddr, end_paddr;
	pfn_t first_pfn;
	uint64_t n_pages;
};

/* clang-format off */
static const struct rounding free_rounding[] = {
	{ "an empty range frees nothing",                     0x1000, 0x1000,  0,  0 },
	{ "a range that ends before it starts frees nothing", 0x3000, 0x1000,  0,  0 },
	{ "a range inside one page frees nothing",            0x1001, 0x1fff,  0,  0 },
	{ "a range of two halves frees nothing",              0x1800, 0x2800,  0,  0 },
	{ "one byte less than a page is nothing",             0x1000, 0x1fff,  0,  0 },
	{ "a page is a page",                                 0x1000, 0x2000,  1,  1 },
	{ "one byte more is not two",                         0x1000, 0x2001,  1,  1 },
	{ "an aligned range is freed whole",                  0x1000, 0x3000,  1,  2 },
	{ "a partial first page stays reserved",              0x1001, 0x3000,  2,  1 },
	{ "a first page without its first bytes, too",        0x0fff, 0x3000,  1,  2 },
	{ "a partial last page stays reserved",               0x1000, 0x2fff,  1,  1 },
	{ "the first page of the node",                       0x0000, 0x1000,  0,  1 },
	{ "the last page of the node",                        0xf000, 0x10000, 15, 1 },
	{ "a partial page past the node is no page past it",  0xf000, 0x10fff, 15, 1 },
	{ "the whole node",                                   0x0000, 0x10000, 0,  16 },
};
/* clang-format on */

/* clang-format off */
static const struct rounding reserve_rounding[] = {
	{ "an empty range reserves nothing",                         0x1000, 0x1000,  0,  0 },
	{ "an empty range inside a page reserves nothing",           0x1800, 0x1800,  0,  0 },
	{ "a range that ends before it starts reserves nothing",     0x3000, 0x1000,  0,  0 },
	{ "one byte reserves its page",                              0x1800, 0x1801,  1,  1 },
	{ "the last byte of a page, too",                            0x1fff, 0x2000,  1,  1 },
	{ "a page is a page",                                        0x1000, 0x2000,  1,  1 },
	{ "one byte more is two",                                    0x1000, 0x2001,  1,  2 },
	{ "one byte before is two",                                  0x0fff, 0x2000,  0,  2 },
	{ "a range of two halves reserves both",                     0x1800, 0x2800,  1,  2 },
	{ "an EBDA at 0x9fc00 as 2.6.24 sees it, scaled: two pages", 0x7c00, 0x8c00,  7,  2 },
	{ "the last byte of the node",                               0xffff, 0x10000, 15, 1 },
	{ "the whole node",                                          0x0000, 0x10000, 0,  16 },
};
/* clang-format on */

/* With the node at 0, and where no int and no 32 bits can follow. */
static const pfn_t node_starts[] = { 0, 0x10, 0x100000, UINT64_C(0x480000001), UINT64_C(1) << 40 };

static void free_rounds_inward(void **state)
{
	(void)state;
	for (size_t n = 0; n < N_ROWS(node_starts); n++) {
		for (size_t i = 0; i < N_ROWS(free_rounding); i++) {
			const struct rounding *row = &free_rounding[i];
			pfn_t first_pfn = node_starts[n] + row->first_pfn, end_pfn = 0;

			make_node(node_starts[n], 16, 8);
			free_bootmem(&bdata, P(node_starts[n]) + row->start_paddr,
			             P(node_starts[n]) + row->end_paddr);
			if (bootmem_free_pages(&bdata) != row->n_pages)
				fail_msg("%s", row->rule);
			if (row->n_pages != 0 &&
			    (bootmem_next_free_run(&bdata, 0, &end_pfn) != first_pfn ||
			     end_pfn != first_pfn + row->n_pages))
				fail_msg("%s", row->rule);
		}
	}
}

static void reserve_rounds_outward(void **state)
{
	(void)state;
	for (size_t n = 0; n < N_ROWS(node_starts); n++) {
		for (size_t i = 0; i < N_ROWS(reserve_rounding); i++) {
			const struct rounding *row = &reserve_rounding[i];
			pfn_t node_pfn = node_starts[n];

			make_node(node_pfn, 16, 8);
			free_bootmem(&bdata, P(node_pfn), P(node_pfn + 16));
			for (int twice = 0; twice < 2; twice++) /* is allowed */
				reserve_bootmem(&bdata, P(node_pfn) + row->start_paddr,
				                P(node_pfn) + row->end_paddr);
			for (uint64_t p = 0; p < 16; p++) {
				if (bootmem_is_free(&bdata, node_pfn + p) ==
				    (p - row->first_pfn < row->n_pages))
					fail_msg("%s: page %d", row->rule, (int)p);
			}
		}
	}
}

static void what_is_outside_the_node_is_not_free(void **state)
{
	pfn_t end_pfn;

	(void)state;
	make_node(100, 10, 4);
	free_bootmem(&bdata, P(100), P(110));
	assert_false(bootmem_is_free(&bdata, 99));
	assert_true(bootmem_is_free(&bdata, 100));
	assert_true(bootmem_is_free(&bdata, 109));
	assert_false(bootmem_is_free(&bdata, 110));
	assert_false(bootmem_is_free(&bdata, UINT64_MAX));
	assert_int_equal(bootmem_next_free_run(&bdata, 105, &end_pfn), 105);
	assert_int_equal(end_pfn, 110);
	assert_int_equal(bootmem_next_free_run(&bdata, 110, &end_pfn), 110);
	assert_int_equal(end_pfn, 110);
	assert_int_equal(bootmem_next_free_run(&bdata, UINT64_MAX, &end_pfn), 110);
}

static void a_call_against_the_contract_is_a_bug(void **state)
{
	const pfn_t too_high_pfn = UINT64_C(1) << 52;

	(void)state;
	assert_true(IS_BUG(init_bootmem_core(&bdata, storage, 0, 2, 1, 8)));
	assert_true(IS_BUG(init_bootmem_core(&bdata, storage, 0, 0, too_high_pfn, 8)));
	assert_true(IS_BUG(init_bootmem_core(&bdata, storage, 0, 0, 8, 2)));
	assert_true(IS_BUG(init_bootmem_core(&bdata, storage + 4, 0, 0, 8, 8)));

	make_node(16, 16, 8);
	assert_true(IS_BUG(free_bootmem(&bdata, P(16), P(33))));
	assert_true(IS_BUG(free_bootmem(&bdata, P(40), P(41))));
	assert_true(IS_BUG(free_bootmem(&bdata, P(16), UINT64_MAX)));
	assert_true(IS_BUG(free_bootmem(&bdata, P(15), P(17))));
	assert_true(IS_BUG(free_bootmem(&bdata, 0, P(17))));
	assert_false(IS_BUG(free_bootmem(&bdata, P(16) - 1, P(17)))); /* rounds into the node */

	assert_true(IS_BUG(free_bootmem(&bdata, P(16), P(17))));
	assert_false(IS_BUG(free_bootmem(&bdata, P(20), P(24))));
	assert_true(IS_BUG(free_bootmem(&bdata, P(18), P(21))));  /* its last page */
	assert_true(IS_BUG(free_bootmem(&bdata, P(23), P(26))));  /* its first */
	assert_true(IS_BUG(free_bootmem(&bdata, P(18), P(26))));  /* from the middle */
	assert_false(IS_BUG(free_bootmem(&bdata, P(18), P(20)))); /* up to them */

	assert_true(IS_BUG(reserve_bootmem(&bdata, P(31), P(32) + 1)));
	assert_true(IS_BUG(reserve_bootmem(&bdata, P(32), P(33))));
	assert_true(IS_BUG(reserve_bootmem(&bdata, P(16) - 1, P(17))));
	assert_true(IS_BUG(reserve_bootmem(&bdata, P(16), UINT64_MAX)));
	assert_false(IS_BUG(reserve_bootmem(&bdata, P(16), P(32))));

	assert_true(IS_BUG(alloc_bootmem_core(&bdata, 0, 1, 0, 0)));
	assert_true(IS_BUG(alloc_bootmem_core(&bdata, 1, 3, 0, 0)));
	assert_true(IS_BUG(alloc_bootmem_core(&bdata, 1, P(1) + 1, 0, 0)));
}

/* Each row is a node of its own: what is free of it, and one request. */
/* clang-format off */
static const struct {
	const char *rule;
	pfn_t start_pfn;
	uint64_t n_pages;
	struct {
		pfn_t first, end;
	} is_free[3];
	uint64_t bytes, align;
	paddr_t goal_paddr, limit_paddr;
	paddr_t found_paddr;
} searches[] = {
	{ "nothing is free",
	  0,       16,  { { 0 } },                              1,          1,         0,              0,          NOT_FOUND },
	{ "a node without pages",
	  0,       0,   { { 0 } },                              1,          1,         0,              0,          NOT_FOUND },
	{ "page 0 is a page",
	  0,       16,  { { 0, 16 } },                          1,          1,         0,              0,          0 },
	{ "align 0 counts as 1",
	  0,       16,  { { 3, 16 } },                          1,          0,         0,              0,          P(3) },
	{ "the first page that is free",
	  0,       64,  { { 9, 12 } },                          P(1),       P(1),      0,              0,          P(9) },
	{ "the last page of the node",
	  0,       64,  { { 63, 64 } },                         P(1),       P(1),      0,              0,          P(63) },
	{ "a byte more than a page is two",
	  0,       16,  { { 1, 2 }, { 4, 6 } },                 P(1) + 1,   1,         0,              0,          P(4) },
	{ "the first run that is long enough",
	  0,       256, { { 1, 4 }, { 60, 63 }, { 100, 104 } }, P(4),       P(1),      0,              0,          P(100) },
	{ "a run over the bounds of words",
	  0,       256, { { 1, 60 }, { 62, 200 } },             P(130),     1,         0,              0,          P(62) },
	{ "a run that is just long enough",
	  0,       64,  { { 60, 64 } },                         P(4),       1,         0,              0,          P(60) },
	{ "a run that is not",
	  0,       64,  { { 60, 64 } },                         P(4) + 1,   1,         0,              0,          NOT_FOUND },
	{ "the whole node",
	  0,       64,  { { 0, 64 } },                          P(64),      P(1),      0,              0,          0 },
	{ "more than the node",
	  0,       64,  { { 0, 64 } },                          P(64) + 1,  1,         0,              0,          NOT_FOUND },
	{ "as much as there can be",
	  0,       64,  { { 0, 64 } },                          UINT64_MAX, 1,         0,              0,          NOT_FOUND },

	{ "alignment is kept",
	  0,       64,  { { 1, 64 } },                          P(1),       P(8),      0,              0,          P(8) },
	{ "a good candidate after a clash is not stepped over, as 2.6.24 does",
	  0,       64,  { { 8, 10 }, { 16, 64 } },              P(3),       P(8),      0,              0,          P(16) },
	{ "alignment is that of the address, not of the place in the node",
	  5,       64,  { { 5, 69 } },                          P(1),       P(8),      0,              0,          P(8) },
	{ "no multiple of it is free",
	  0,       64,  { { 9, 16 }, { 17, 24 } },              1,          P(8),      0,              0,          NOT_FOUND },
	{ "an alignment beyond the node",
	  1,       63,  { { 1, 64 } },                          1,          P(64),     0,              0,          NOT_FOUND },
	{ "the largest alignment is that of page 0",
	  0,       64,  { { 0, 64 } },                          1,          MAX_ALIGN, 0,              0,          0 },
	{ "and of nothing else",
	  1,       63,  { { 1, 64 } },                          1,          MAX_ALIGN, 0,              0,          NOT_FOUND },

	{ "from the goal on",
	  0,       64,  { { 0, 64 } },                          P(1),       P(1),      P(20),          0,          P(20) },
	{ "an unaligned goal is not passed below",
	  0,       64,  { { 0, 64 } },                          64,         64,        P(20) + 1,      0,          P(21) },
	{ "below the goal if nothing fits above",
	  0,       64,  { { 2, 6 }, { 30, 33 } },               P(4),       P(1),      P(20),          0,          P(2) },
	{ "a run over the goal counts as below",
	  0,       64,  { { 18, 22 } },                         P(4),       P(1),      P(20),          0,          P(18) },
	{ "a goal at the end of the node is none",
	  0,       64,  { { 2, 64 } },                          1,          1,         P(64),          0,          P(2) },
	{ "a goal in its last page is one",
	  0,       64,  { { 2, 64 } },                          1,          1,         P(63),          0,          P(63) },
	{ "a goal before the node is none",
	  32,      64,  { { 40, 64 } },                         1,          1,         P(20),          0,          P(40) },
	{ "a goal beyond everything is none",
	  0,       64,  { { 2, 64 } },                          1,          1,         UINT64_MAX,     0,          P(2) },
	{ "the goal and then the alignment",
	  0,       64,  { { 0, 64 } },                          P(1),       P(16),     P(20),          0,          P(32) },

	{ "up to the limit",
	  0,       64,  { { 4, 64 } },                          P(4),       P(1),      0,              P(8),       P(4) },
	{ "and no further",
	  0,       64,  { { 5, 64 } },                          P(4),       P(1),      0,              P(8),       NOT_FOUND },
	{ "a limit inside a page leaves that page",
	  0,       64,  { { 4, 64 } },                          P(4),       1,         0,              P(8) - 1,   NOT_FOUND },
	{ "a limit inside page 0 leaves nothing",
	  0,       64,  { { 0, 64 } },                          1,          1,         0,              1,          NOT_FOUND },
	{ "nor a whole page, the short way",
	  0,       64,  { { 0, 64 } },                          P(1),       P(1),      0,              1,          NOT_FOUND },
	{ "a limit where the node starts",
	  32,      64,  { { 32, 64 } },                         1,          1,         0,              P(32),      NOT_FOUND },
	{ "a limit before the node",
	  32,      64,  { { 32, 64 } },                         1,          1,         0,              P(20),      NOT_FOUND },
	{ "a limit past the node",
	  0,       64,  { { 60, 64 } },                         P(4),       P(1),      0,              UINT64_MAX, P(60) },
	{ "a goal at the limit is none",
	  0,       64,  { { 2, 64 } },                          1,          1,         P(8),           P(8),       P(2) },
	{ "a goal below the limit is one",
	  0,       64,  { { 2, 64 } },                          1,          1,         P(7),           P(8),       P(7) },

	{ "a node at 64 TiB",
	  FAR_PFN, 64,  { { 8, 64 } },                          P(2),       P(8),      0,              0,          P(FAR_PFN + 8) },
	{ "a node that ends where addresses do",
	  END_PFN - 64, 64, { { 8, 64 } },                      P(2),       P(1),      0,              0,          P(END_PFN - 56) },
	{ "and a goal in the node at 64 TiB",
	  FAR_PFN, 64,  { { 8, 64 } },                          P(2),       P(1),      P(FAR_PFN + 9), 0,          P(FAR_PFN + 9) },
};
/* clang-format on */

static void a_search_answers_with_the_first_place_that_fits(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ROWS(searches); i++) {
		/* Far nodes have their ranges counted from their start. */
		pfn_t start_pfn = searches[i].start_pfn, base = start_pfn > 64 ? start_pfn : 0;
		paddr_t got_paddr;

		make_node(start_pfn, searches[i].n_pages, 8);
		for (size_t r = 0; r < N_ROWS(searches[i].is_free); r++)
			free_bootmem(&bdata, P(base + searches[i].is_free[r].first),
			             P(base + searches[i].is_free[r].end));
		got_paddr = alloc_bootmem_core(&bdata, searches[i].bytes, searches[i].align,
		                               searches[i].goal_paddr, searches[i].limit_paddr);
		if (got_paddr != searches[i].found_paddr)
			fail_msg("%s: 0x%llx", searches[i].rule, (unsigned long long)got_paddr);
	}
}

/* One after the other from a node of 64 free pages: what shares a page with the block before. */
/* clang-format off */
static const struct {
	const char *rule;
	uint64_t bytes, align;
	paddr_t goal_paddr;
	paddr_t found_paddr;
	uint64_t n_free_pages; /* afterwards */
} packing[] = {
	{ "the first block takes a page",                              100,            4,    0,     0,           63 },
	{ "the next starts where it ended",                            100,            4,    0,     100,         63 },
	{ "or at the next multiple of align",                          100,            128,  0,     256,         63 },
	{ "one byte less than the rest takes no page",                 4096 - 356 - 1, 4,    0,     356,         63 },
	{ "one byte is left, which no alignment reaches",              1,              2,    0,     P(1),        62 },
	{ "exactly the rest takes no page",                            4095,           1,    0,     P(1) + 1,    62 },
	{ "after a full page there is nothing to share",               8,              1,    0,     P(2),        61 },
	{ "a block over the end of the page takes what it needs",      4096,           8,    0,     P(2) + 8,    60 },
	{ "and leaves its own rest",                                   16,             16,   0,     P(3) + 16,   60 },
	{ "a page-aligned block does not share",                       100,            P(1), 0,     P(4),        59 },
	{ "but leaves a rest",                                         100,            4,    0,     P(4) + 100,  59 },
	{ "a block of whole pages leaves none",                        P(2),           P(1), 0,     P(5),        57 },
	{ "so the next takes a page",                                  100,            4,    0,     P(7),        56 },
	{ "a goal further on ends the sharing",                        100,            4,    P(32), P(32),       55 },
	{ "and starts it anew",                                        100,            4,    P(32), P(32) + 100, 55 },
	{ "a block below shares nothing with one above",               100,            4,    0,     P(8),        54 },
	{ "a goal finds its own page again, and not the other's rest", 100,            4,    P(32), P(33),       53 },
};
/* clang-format on */

static void small_blocks_share_pages_as_in_2_6_24(void **state)
{
	(void)state;
	make_free_node(64);
	for (size_t i = 0; i < N_ROWS(packing); i++) {
		paddr_t got_paddr = alloc_bootmem_core(&bdata, packing[i].bytes, packing[i].align,
		                                       packing[i].goal_paddr, NO_LIMIT);

		if (got_paddr != packing[i].found_paddr ||
		    bootmem_free_pages(&bdata) != packing[i].n_free_pages)
			fail_msg("%s: 0x%llx", packing[i].rule, (unsigned long long)got_paddr);
	}
}

static void the_rest_of_a_page_that_was_freed_is_not_handed_out(void **state)
{
	(void)state;
	make_free_node(64);
	assert_int_equal(alloc_bootmem_core(&bdata, 100, 4, P(8), NO_LIMIT), P(8));
	free_bootmem(&bdata, P(8), P(9));
	assert_int_equal(alloc_bootmem_core(&bdata, 100, 4, P(9), NO_LIMIT), P(9));
}

static void the_search_goes_on_where_the_last_block_was(void **state)
{
	(void)state;
	make_free_node(64);
	assert_int_equal(alloc_bootmem_core(&bdata, P(8), P(1), P(8), NO_LIMIT), P(8));
	assert_int_equal(bdata.last_success, P(8));
	assert_int_equal(alloc_bootmem_core(&bdata, P(8), P(16), P(8), NO_LIMIT), P(16));
	free_bootmem(&bdata, P(18), P(19)); /* above its start: the search comes there anyway */
	assert_int_equal(bdata.last_success, P(16));
	free_bootmem(&bdata, P(9), P(10)); /* below: the search goes back */
	assert_int_equal(bdata.last_success, P(9));
	assert_int_equal(alloc_bootmem_core(&bdata, P(1), P(1), P(8), NO_LIMIT), P(9));
	/* A limit below the last block, and the goal counts alone. */
	assert_int_equal(alloc_bootmem_core(&bdata, P(1), P(1), P(40), NO_LIMIT), P(40));
	free_bootmem(&bdata, P(40), P(41));
	bdata.last_success = P(40);
	assert_int_equal(alloc_bootmem_core(&bdata, P(1), P(1), P(17), P(40)), P(18));
}

static void the_state_tells_of_the_last_block(void **state)
{
	(void)state;
	make_node(1000, 64, 8);
	free_bootmem(&bdata, P(1000), P(1064));
	alloc_bootmem_core(&bdata, P(2) + 5, 1, 0, NO_LIMIT);
	assert_int_equal(bdata.last_success, P(1000));
	assert_int_equal(bdata.last_pos, 2); /* counted from the node */
	assert_int_equal(bdata.last_offset, 5);
	alloc_bootmem_core(&bdata, P(1), P(1), 0, NO_LIMIT);
	assert_int_equal(bdata.last_success, P(1003));
	assert_int_equal(bdata.last_pos, 3);
	assert_int_equal(bdata.last_offset, 0);
}

static void the_alloc_bootmem_family_differs_in_alignment_and_bounds(void **state)
{
	const pfn_t dma_pfn = BOOTMEM_MAX_DMA_PADDR / PAGE_BYTES;

	(void)state;
	make_free_node(dma_pfn + 64);
	assert_int_equal(alloc_bootmem(&bdata, 1), BOOTMEM_MAX_DMA_PADDR);
	assert_int_equal(alloc_bootmem(&bdata, 1), BOOTMEM_MAX_DMA_PADDR + BOOTMEM_CACHE_BYTES);
	assert_int_equal(alloc_bootmem_pages(&bdata, 1), BOOTMEM_MAX_DMA_PADDR + P(1));
	assert_int_equal(alloc_bootmem_low(&bdata, 1), 0);
	assert_int_equal(alloc_bootmem_low(&bdata, 1), BOOTMEM_CACHE_BYTES);
	assert_int_equal(alloc_bootmem_low_pages(&bdata, 1), P(1));

	make_node(0xffff0, 32, 8); /* on both sides of 4 GiB */
	free_bootmem(&bdata, P(0xffffe), P(0x100010));
	assert_int_equal(alloc_bootmem_low_pages(&bdata, 1), P(0xffffe));
	assert_int_equal(alloc_bootmem_low_pages(&bdata, 1), NOT_FOUND); /* 2.6.24: the limit
	                                                                    leaves the last page */
}

/* Hand out everything, and see that nothing comes twice, nor what was reserved. */
static void exhaust(uint64_t n_pages, paddr_t goal_paddr, uint64_t align)
{
	static uint8_t is_taken[MODEL_MAX_PAGES];
	uint64_t n_free, n_taken = 0;
	paddr_t paddr;

	make_node(0, n_pages, 4);
	memset(is_taken, 1, sizeof is_taken);
	for (pfn_t pfn = 0; pfn + 5 < n_pages; pfn += 7) {
		free_bootmem(&bdata, P(pfn), P(pfn + 5));
		memset(is_taken + pfn, 0, 5);
	}
	n_free = bootmem_free_pages(&bdata);
	while ((paddr = alloc_bootmem_core(&bdata, P(1), align, goal_paddr, 0)) != NOT_FOUND) {
		assert_true(pfn_down(paddr) < n_pages);
		assert_int_equal(is_taken[pfn_down(paddr)], 0);
		is_taken[pfn_down(paddr)] = 1;
		n_taken++;
	}
	assert_int_equal(n_taken, n_free);
	assert_int_equal(bootmem_free_pages(&bdata), 0);
	assert_int_equal(alloc_bootmem_core(&bdata, 1, 1, 0, 0), NOT_FOUND);

	free_bootmem(&bdata, P(n_pages - 1), P(n_pages)); /* and then it works again */
	assert_int_equal(alloc_bootmem_core(&bdata, P(1), P(1), goal_paddr, 0), P(n_pages - 1));
	free_bootmem(&bdata, P(3), P(4));
	assert_int_equal(alloc_bootmem_core(&bdata, P(1), P(1), goal_paddr, 0), P(3));
	bootmem_complete(&bdata);
	for (uint64_t i = 0; i < get_mapsize(&bdata); i++)
		assert_int_equal(storage[i], 0xff);
}

static void every_free_page_is_handed_out_exactly_once(void **state)
{
	(void)state;
	for (uint64_t n_pages = 1000; n_pages < 1100; n_pages += 9) {
		exhaust(n_pages, 0, P(1)); /* the short way */
		exhaust(n_pages, 0, 1);    /* the long one */
		exhaust(n_pages, P(500), P(1));
		exhaust(n_pages, P(500), 1);
	}
}

#define MAX_RUNS 64

struct collected {
	struct {
		pfn_t first_pfn;
		uint64_t n_pages;
	} runs[MAX_RUNS];
	size_t n_runs;
};

static void collect(void *context, pfn_t first_pfn, uint64_t n_pages)
{
	struct collected *collected = context;

	assert_true(collected->n_runs < MAX_RUNS);
	collected->runs[collected->n_runs].first_pfn = first_pfn;
	collected->runs[collected->n_runs].n_pages = n_pages;
	collected->n_runs++;
}

/* clang-format off */
static const struct {
	const char *rule;
	pfn_t start_pfn;
	uint64_t n_pages;
	uint8_t pattern; /* of each byte of the map, 0 = free */
	size_t n_runs;   /* and then the map's page */
	uint64_t run_pages, run_distance;
} hand_overs[] = {
	{ "of an empty node only the map is handed over", 0,                 128, 0xff, 0,  0,   0 },
	{ "a free node is one run",                       0,                 128, 0x00, 1,  128, 0 },
	{ "and so is one that ends inside a word",        0,                 101, 0x00, 1,  101, 0 },
	{ "every second page is a run",                   0,                 96,  0xaa, 48, 1,   2 },
	{ "half bytes are runs of 4",                     0,                 128, 0xf0, 16, 4,   8 },
	{ "page numbers count from the node",             1000,              128, 0xf0, 16, 4,   8 },
	{ "however far up it is",                         UINT64_C(1) << 40, 128, 0xf0, 16, 4,   8 },
};
/* clang-format on */

static void free_all_hands_over_runs_and_then_the_map(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ROWS(hand_overs); i++) {
		pfn_t start_pfn = hand_overs[i].start_pfn;
		struct collected got = { .n_runs = 0 };
		uint64_t n_pages = hand_overs[i].n_runs * hand_overs[i].run_pages + 1;

		make_node(start_pfn, hand_overs[i].n_pages, 4);
		for (uint64_t p = 0; p < hand_overs[i].n_pages; p++) {
			if ((hand_overs[i].pattern >> p % 8 & 1) == 0)
				free_bootmem(&bdata, P(start_pfn + p), P(start_pfn + p + 1));
		}
		if (free_all_bootmem(&bdata, collect, &got) != n_pages ||
		    got.n_runs != hand_overs[i].n_runs + 1)
			fail_msg("%s", hand_overs[i].rule);
		for (size_t r = 0; r < hand_overs[i].n_runs; r++) {
			if (got.runs[r].first_pfn != start_pfn + r * hand_overs[i].run_distance ||
			    got.runs[r].n_pages != hand_overs[i].run_pages)
				fail_msg("%s: run %d", hand_overs[i].rule, (int)r);
		}
		assert_int_equal(got.runs[got.n_runs - 1].first_pfn, 0x40);
		assert_int_equal(got.runs[got.n_runs - 1].n_pages, 1);
		assert_null(bdata.node_bootmem_map);
	}
}

static void a_node_without_a_map_has_nothing_and_takes_nothing(void **state)
{
	struct collected got = { .n_runs = 0 };

	(void)state;
	make_free_node(64);
	free_all_bootmem(&bdata, collect, &got);
	assert_int_equal(bootmem_free_pages(&bdata), 0);
	assert_false(bootmem_is_free(&bdata, 1));
	assert_int_equal(alloc_bootmem_core(&bdata, P(1), P(1), 0, 0), NOT_FOUND);
	assert_int_equal(alloc_bootmem_core(&bdata, 1, 1, 0, 0), NOT_FOUND);
	assert_true(IS_BUG(free_bootmem(&bdata, P(1), P(2))));
	assert_true(IS_BUG(reserve_bootmem(&bdata, P(1), P(2))));
	assert_true(IS_BUG(bootmem_complete(&bdata)));
	assert_true(IS_BUG(free_all_bootmem(&bdata, collect, &got)));
}

/* 2.6.24 computes bit numbers as int. Only the end of this map is ever touched. */
static void pages_above_8_tib_are_pages(void **state)
{
	const pfn_t far_pfn = 8 * TIB >> PAGE_SHIFT;
	uint64_t map_bytes = bootmem_bootmap_pages(far_pfn + 4096) * PAGE_BYTES;
	void *map = calloc((size_t)map_bytes, 1);
	pfn_t end_pfn;

	(void)state;
	if (map == NULL)
		skip();
	init_bootmem(&bdata, map, 0x40, far_pfn + 4096, 8);
	bdata.node_written_bits = bdata.node_first_free = far_pfn; /* as if all below were done */
	free_bootmem(&bdata, 8 * TIB + P(1), 8 * TIB + P(4096));
	reserve_bootmem(&bdata, 8 * TIB + P(64), 8 * TIB + P(100));
	assert_int_equal(bootmem_free_pages(&bdata), 4095 - 36);
	assert_int_equal(bootmem_next_free_run(&bdata, far_pfn, &end_pfn), far_pfn + 1);
	assert_int_equal(end_pfn, far_pfn + 64);
	assert_int_equal(alloc_bootmem_core(&bdata, P(64), P(64), 0, 0), 8 * TIB + P(128));
	assert_int_equal(alloc_bootmem_core(&bdata, P(1), P(1), 0, 0), 8 * TIB + P(1));
	assert_true(IS_BUG(free_bootmem(&bdata, 8 * TIB + P(2), 8 * TIB + P(3))));
	free(map);
}

/*
 * A first fit that had to step over every hole once does not step over them again: the part of the
 * map that has them cannot be read any more. 2.6.24 searches from the start of the node each time.
 */
static void holes_that_were_too_small_are_not_looked_at_again(void **state)
{
	const uint64_t map_bytes = 4 * PAGE_BYTES, n_pages = map_bytes * 8, half = n_pages / 2;
	void *map = aligned_alloc(PAGE_BYTES, (size_t)map_bytes);

	(void)state;
	assert_non_null(map);
	init_bootmem(&bdata, map, 0x40, n_pages, 8);
	for (pfn_t pfn = 0; pfn < half; pfn += 8) /* holes of three pages, and then free memory */
		free_bootmem(&bdata, P(pfn + 1), P(pfn + 4));
	free_bootmem(&bdata, P(half), P(n_pages));

	assert_int_equal(alloc_bootmem_core(&bdata, P(4), P(1), 0, 0), P(half));
	assert_int_equal(alloc_bootmem_core(&bdata, P(2), P(4), 0, 0), P(half + 4));
	assert_int_equal(alloc_bootmem_core(&bdata, P(9000), P(1), 0, P(n_pages)), P(half + 6));
	assert_int_equal(mprotect(map, (size_t)map_bytes / 2, PROT_NONE), 0);
	assert_int_equal(alloc_bootmem_core(&bdata, P(4), P(1), 0, 0), P(half + 9006));
	assert_int_equal(alloc_bootmem_core(&bdata, P(2), P(4), 0, 0), P(half + 9012));
	assert_int_equal(alloc_bootmem_core(&bdata, P(60000), P(4), 0, 0), NOT_FOUND);
	assert_int_equal(mprotect(map, (size_t)map_bytes, PROT_READ | PROT_WRITE), 0);

	/* What is freed is found, also by a block that begins in what was free below it. */
	free_bootmem(&bdata, P(4), P(5));
	assert_int_equal(alloc_bootmem_core(&bdata, P(4), P(1), 0, 0), P(1));
	free(map);
}

static uint32_t random_seed;

static uint32_t random_below(uint32_t n)
{
	random_seed ^= random_seed << 13;
	random_seed ^= random_seed >> 17;
	random_seed ^= random_seed << 5;
	return random_seed % n;
}

/* An address in the node or a little outside of it, every second one at a page. */
static paddr_t random_paddr(const struct model *model)
{
	paddr_t paddr = P(model->start_pfn + random_below((uint32_t)model->n_pages + 1));

	return random_below(2) != 0 ? paddr : paddr + random_below(4096);
}

static void random_free(struct model *model)
{
	paddr_t start_paddr = random_paddr(model), end_paddr = random_paddr(model);

	if (random_below(2) != 0)
		end_paddr = start_paddr + random_below(4 * 4096);
	/* What lies outside is a bug even if it is less than a page: rows of their own. */
	if (start_paddr >= end_paddr || pfn_down(end_paddr) > bdata.node_low_pfn)
		return;
	if (!model_can_free(model, start_paddr, end_paddr)) {
		paddr_t last_success = bdata.last_success;

		if (!IS_BUG(free_bootmem(&bdata, start_paddr, end_paddr)))
			fail_msg("a page was freed twice");
		bdata.last_success = last_success;
		return;
	}
	free_bootmem(&bdata, start_paddr, end_paddr);
	model_free(model, start_paddr, end_paddr);
}

static void random_reserve(struct model *model)
{
	paddr_t start_paddr = random_paddr(model);
	paddr_t end_paddr = start_paddr + random_below(8 * 4096);

	if (pfn_up(end_paddr) > bdata.node_low_pfn)
		return;
	reserve_bootmem(&bdata, start_paddr, end_paddr);
	model_reserve(model, start_paddr, end_paddr);
}

static void random_alloc(struct model *model)
{
	static const uint64_t sizes_bytes[] = { 1,    64,    100,   1000,  4095,  4096,
		                                8192, 12288, 16384, 20000, 24576, 30000 };
	static const uint64_t aligns[] = { 0, 1, 8, 128, 2048, 4096, 8192, 16384, 32768, 65536 };
	uint64_t bytes = sizes_bytes[random_below(N_ROWS(sizes_bytes))];
	uint64_t align = aligns[random_below(N_ROWS(aligns))];
	paddr_t goal_paddr = random_below(2) != 0 ? 0 : random_paddr(model);
	paddr_t limit_paddr = random_below(3) != 0 ? 0 : random_paddr(model);

	if (random_below(3) == 0) /* what has a short way of its own */
		bytes = align = 4096, limit_paddr = 0;
	assert_int_equal(alloc_bootmem_core(&bdata, bytes, align, goal_paddr, limit_paddr),
	                 model_alloc(model, bytes, align, goal_paddr, limit_paddr));
}

/* The lazy map says what the model says; and so does a copy of it that is complete. */
static void compare(const struct model *model)
{
	static _Alignas(8) uint8_t copy[sizeof storage], wanted[sizeof storage];
	bootmem_data_t complete = bdata;
	uint64_t bytes = model_bitmap(model, bdata.word_bytes, wanted);

	assert_int_equal(bootmem_free_pages(&bdata), model_count(model, MODEL_FREE));
	assert_int_equal(get_mapsize(&bdata), bytes);
	memcpy(copy, storage, sizeof copy);
	complete.node_bootmem_map = copy;
	bootmem_complete(&complete);
	assert_memory_equal(copy, wanted, bytes);
	assert_memory_equal(copy + bytes, storage + bytes, sizeof copy - bytes);
}

static void random_node(struct model *model, unsigned word_bytes)
{
	pfn_t start_pfn = random_below(2) != 0 ? 0 : random_below(1000);
	uint64_t n_pages = 1 + random_below(300);

	make_node(start_pfn, n_pages, word_bytes);
	model_init(model, start_pfn, n_pages, MODEL_RESERVED);
	for (unsigned step = 0; step < 60; step++) {
		switch (random_below(8)) {
		case 0:
		case 1:
			random_free(model);
			break;
		case 2:
			random_reserve(model);
			break;
		case 3:
			if (random_below(8) == 0)
				bootmem_complete(&bdata);
			break;
		default:
			random_alloc(model);
		}
		if (step % 4 == 0)
			compare(model);
	}
	compare(model);
}

static void paint_free(void *context, pfn_t first_pfn, uint64_t n_pages)
{
	if (first_pfn != bdata.node_bootmem_map_pfn) /* the node's own pages only */
		model_paint(context, first_pfn, first_pfn + n_pages, MODEL_FREE);
}

static void real_code_and_model_agree_step_by_step(void **state)
{
	static struct model model, painted;

	(void)state;
	random_seed = 2463534242u;
	for (unsigned round = 0; round < 1500; round++) {
		random_node(&model, round % 2 == 0 ? 4 : 8);

		/* And free_all_bootmem() says what the bitmap said. */
		model_init(&painted, model.start_pfn, model.n_pages, MODEL_RESERVED);
		bdata.node_bootmem_map_pfn = UINT64_C(1) << 50;
		assert_int_equal(free_all_bootmem(&bdata, paint_free, &painted),
		                 model_count(&model, MODEL_FREE) + 1);
		assert_memory_equal(painted.cells, model.cells, sizeof model.cells);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_map_is_a_bit_a_page_rounded_up_to_words_of_the_kernel),
		cmocka_unit_test(a_node_starts_reserved_and_its_padding_stays_so),
		cmocka_unit_test(free_rounds_inward),
		cmocka_unit_test(reserve_rounds_outward),
		cmocka_unit_test(what_is_outside_the_node_is_not_free),
		cmocka_unit_test(a_call_against_the_contract_is_a_bug),
		cmocka_unit_test(a_search_answers_with_the_first_place_that_fits),
		cmocka_unit_test(small_blocks_share_pages_as_in_2_6_24),
		cmocka_unit_test(the_rest_of_a_page_that_was_freed_is_not_handed_out),
		cmocka_unit_test(the_search_goes_on_where_the_last_block_was),
		cmocka_unit_test(the_state_tells_of_the_last_block),
		cmocka_unit_test(the_alloc_bootmem_family_differs_in_alignment_and_bounds),
		cmocka_unit_test(every_free_page_is_handed_out_exactly_once),
		cmocka_unit_test(free_all_hands_over_runs_and_then_the_map),
		cmocka_unit_test(a_node_without_a_map_has_nothing_and_takes_nothing),
		cmocka_unit_test(pages_above_8_tib_are_pages),
		cmocka_unit_test(holes_that_were_too_small_are_not_looked_at_again),
		cmocka_unit_test(real_code_and_model_agree_step_by_step),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
