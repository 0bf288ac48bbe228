/*
 * test_pin_block.c - what is asked for of a pinned block, and given back to it, as rows of words;
 * and a loader that asks at random, beside which a map of the block's bytes is kept.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "bootmem/count.h"
#include "x86/pin_block.h"
#include "x86/uefi_map.h"

#define HOME_PADDR UINT64_C(0x10000000)
#define HOME_PAGES 4
#define AT(offset) (HOME_PADDR + (offset))
#define NOWHERE    UINT64_MAX

static struct pin_block block;

static uint64_t take_below(bool is_pages, uint64_t bytes, paddr_t last_paddr)
{
	paddr_t paddr = NOWHERE;
	bool is_served = pin_block_take(&block, is_pages, bytes, last_paddr, 0x1234, &paddr);

	assert_int_equal(is_served, paddr != NOWHERE);
	return paddr;
}

static uint64_t pool(uint64_t bytes)
{
	return take_below(false, bytes, PIN_NO_LIMIT);
}

static uint64_t pages(uint64_t n)
{
	return take_below(true, pfn_paddr(n), PIN_NO_LIMIT);
}

static void start(void)
{
	pin_block_init(&block, HOME_PADDR, HOME_PAGES);
}

static void a_block_is_filled_from_its_start(void **state)
{
	(void)state;
	start();
	assert_int_equal(pool(0x24), AT(0));
	assert_int_equal(pool(1), AT(0x30));
	assert_int_equal(pool(0), AT(0x40));
	assert_int_equal(pages(1), AT(0x1000));
	assert_int_equal(pool(0x10), AT(0x50));
	assert_int_equal(pool(0xf00), AT(0x60));
	assert_int_equal(pool(0xf00), AT(0x2000));
	assert_int_equal(block.record.n_served, 7);
	assert_int_equal(block.record.served_bytes, 0x24 + 1 + 0x1000 + 0x10 + 0xf00 + 0xf00);
	assert_int_equal(block.record.most_bytes, 0x2f00);
	assert_int_equal(block.record.n_live, 7);
}

static void what_does_not_fit_is_counted(void **state)
{
	(void)state;
	start();
	assert_int_equal(pages(5), NOWHERE);
	assert_int_equal(pool(0x4001), NOWHERE);
	assert_int_equal(pool(UINT64_MAX), NOWHERE);
	assert_int_equal(take_below(true, UINT64_MAX, PIN_NO_LIMIT), NOWHERE);
	assert_int_equal(pages(4), AT(0));
	assert_int_equal(pool(1), NOWHERE);
	assert_int_equal(block.record.n_refused, 5);
	assert_int_equal(block.record.n_served, 1);
	assert_int_equal(block.record.owners[0].n_served, 1);
	assert_true(block.record.owners[0].refused_bytes != 0);
}

static void a_limit_is_the_last_byte_that_may_be_used(void **state)
{
	(void)state;
	start();
	assert_int_equal(take_below(true, PAGE_BYTES, AT(0xffe)), NOWHERE);
	assert_int_equal(take_below(true, PAGE_BYTES, AT(0xfff)), AT(0));
	assert_int_equal(take_below(true, PAGE_BYTES, AT(0x1ffe)), NOWHERE);
	assert_int_equal(take_below(true, PAGE_BYTES, HOME_PADDR - 1), NOWHERE);
	assert_int_equal(take_below(true, PAGE_BYTES, 0), NOWHERE);
	assert_int_equal(take_below(true, PAGE_BYTES, AT(0x1fff)), AT(0x1000));
}

static void a_pool_is_given_back_once(void **state)
{
	uint64_t first, second;

	(void)state;
	start();
	first = pool(0x100);
	second = pool(0x100);
	assert_int_equal(pin_block_free_pool(&block, first), PIN_FREED);
	assert_int_equal(pin_block_free_pool(&block, first), PIN_WRONG);
	assert_int_equal(pin_block_free_pool(&block, second + 0x10), PIN_WRONG);
	assert_int_equal(pin_block_free_pool(&block, AT(0x3000)), PIN_WRONG);
	assert_int_equal(block.record.n_wrong_frees, 3);
	assert_int_equal(pin_block_free_pool(&block, HOME_PADDR - 1), PIN_NOT_OURS);
	assert_int_equal(pin_block_free_pool(&block, AT(0x4000)), PIN_NOT_OURS);
	assert_int_equal(pin_block_free_pool(&block, 0), PIN_NOT_OURS);
	assert_int_equal(pool(0x80), first);
	assert_int_equal(pool(0x90), second + 0x100);
	assert_int_equal(block.record.live_bytes, 0x80 + 0x100 + 0x90);
}

static void pages_are_given_back_in_parts(void **state)
{
	(void)state;
	start();
	assert_int_equal(pages(4), AT(0));
	assert_int_equal(pin_block_free_pages(&block, AT(0x1000), 2), PIN_FREED);
	assert_int_equal(pin_block_free_pages(&block, AT(0x1000), 2), PIN_WRONG);
	assert_int_equal(pin_block_free_pages(&block, AT(0), 2), PIN_WRONG);
	assert_int_equal(block.n_pieces, 2);
	assert_int_equal(pages(2), AT(0x1000));
	assert_int_equal(pin_block_free_pages(&block, AT(0), 1), PIN_FREED);
	assert_int_equal(pin_block_free_pages(&block, AT(0x3000), 1), PIN_FREED);
	assert_int_equal(pin_block_free_pages(&block, AT(0x2000), 1), PIN_FREED);
	assert_int_equal(pin_block_free_pages(&block, AT(0x1000), 1), PIN_FREED);
	assert_int_equal(block.n_pieces, 0);
	assert_int_equal(block.record.live_bytes, 0);
	assert_int_equal(block.record.most_bytes, 0x4000);
}

static void what_is_no_piece_is_not_given_back(void **state)
{
	static const struct {
		paddr_t paddr;
		uint64_t n_pages;
		enum pin_free freed;
	} rows[] = {
		{ HOME_PADDR - 0x1000, 2, PIN_WRONG }, /* from before it into it */
		{ HOME_PADDR - 0x1000, 1, PIN_NOT_OURS },
		{ AT(0x3000), 2, PIN_WRONG }, /* and out of it */
		{ AT(0x4000), 1, PIN_NOT_OURS },
		{ AT(0x0), 0, PIN_WRONG },
		{ HOME_PADDR - 0x1000, 0, PIN_NOT_OURS },
		{ AT(0x10), 1, PIN_WRONG },   /* inside a page */
		{ AT(0x1000), 1, PIN_WRONG }, /* a pool */
		{ AT(0), UINT64_MAX, PIN_WRONG },
		{ 0, UINT64_MAX, PIN_WRONG },
		{ 0, UINT64_MAX >> PAGE_SHIFT, PIN_WRONG },
	};

	(void)state;
	start();
	assert_int_equal(pages(1), AT(0));
	assert_int_equal(pool(0x1000), AT(0x1000));
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(pin_block_free_pages(&block, rows[i].paddr, rows[i].n_pages),
		                 rows[i].freed);
	assert_int_equal(pin_block_free_pool(&block, AT(0)), PIN_WRONG); /* pages */
	assert_int_equal(block.n_pieces, 2);
}

static void a_list_that_is_full_takes_no_more(void **state)
{
	(void)state;
	start();
	pin_block_init(&block, HOME_PADDR, 2 * PIN_MOST_PIECES);
	for (unsigned i = 0; i < PIN_MOST_PIECES - 1; i++)
		assert_int_equal(pool(0x1000), AT(i * 0x1000));
	assert_int_equal(pages(3), AT((PIN_MOST_PIECES - 1) * 0x1000));
	assert_int_equal(pool(1), NOWHERE);
	assert_int_equal(block.record.n_refused, 1);
	/* nor two pieces for one */
	assert_int_equal(pin_block_free_pages(&block, AT(PIN_MOST_PIECES * 0x1000), 1), PIN_WRONG);
	assert_int_equal(pin_block_free_pages(&block, AT((PIN_MOST_PIECES - 1) * 0x1000), 1),
	                 PIN_FREED);
	assert_int_equal(pin_block_free_pool(&block, AT(0)), PIN_FREED);
	assert_int_equal(pool(1), AT(0));
}

static void owners_are_images_or_addresses(void **state)
{
	paddr_t paddr;

	(void)state;
	start();
	pin_block_add_image(&block, 0x5000, 0x1000, "a name of many more than thirty-two letters");
	pin_block_add_image(&block, 0x8000, 0x1000, "two.efi");
	pin_block_take(&block, false, 1, PIN_NO_LIMIT, 0x5fff, &paddr);
	pin_block_take(&block, false, 2, PIN_NO_LIMIT, 0x5000, &paddr);
	pin_block_take(&block, false, 4, PIN_NO_LIMIT, 0x6000, &paddr);
	pin_block_add_image(&block, 0x5000, 0x800, "later.efi");
	pin_block_take(&block, false, 8, PIN_NO_LIMIT, 0x5100, &paddr);
	assert_int_equal(block.record.n_owners, 3);
	assert_int_equal(block.record.owners[0].paddr, 0x5000);
	assert_int_equal(block.record.owners[0].image_bytes, 0x1000);
	assert_int_equal(block.record.owners[0].served_bytes, 3);
	assert_string_equal(block.record.owners[0].name, "a name of many more than thirty");
	assert_int_equal(block.record.owners[1].paddr, 0x6000);
	assert_int_equal(block.record.owners[1].image_bytes, 0);
	assert_string_equal(block.record.owners[2].name, "later.efi");
}

static void the_last_owner_is_all_others(void **state)
{
	paddr_t paddr;

	(void)state;
	start();
	for (unsigned i = 0; i < 2 * PIN_RECORD_OWNERS; i++)
		pin_block_take(&block, false, 1, PIN_NO_LIMIT, i, &paddr);
	assert_int_equal(block.record.n_owners, PIN_RECORD_OWNERS);
	assert_int_equal(block.record.owners[PIN_RECORD_OWNERS - 1].paddr, PIN_OTHERS_PADDR);
	assert_int_equal(block.record.owners[PIN_RECORD_OWNERS - 1].n_served,
	                 PIN_RECORD_OWNERS + 1);
	for (unsigned i = 0; i < 2 * PIN_MOST_IMAGES; i++)
		pin_block_add_image(&block, 0x1000 * (i + 1), 0x1000, "");
	assert_int_equal(block.n_images, 2 * PIN_MOST_IMAGES);
}

static void types_that_stay_are_counted(void **state)
{
	(void)state;
	start();
	for (uint32_t type = 0; type < UEFI_TYPE_COUNT; type++)
		pin_block_note_other(&block, type, type + 1);
	pin_block_note_other(&block, UEFI_RESERVED, 5);
	for (unsigned i = 0; i < PIN_RECORD_TYPES; i++) {
		const struct pin_asked *asked = &block.record.asked[i];

		assert_int_equal(asked->n, i == 0 ? 2 : 1);
		assert_int_equal(asked->bytes, i == 0 ? 6 : asked->type + 1);
	}
	assert_int_equal(block.record.asked[4].type, UEFI_ACPI_NVS);
}

/* --- at random: which piece has a byte, 16 at a time; 0: none --- */

#define GRAINS (HOME_PAGES * 256)

static uint32_t seed;
static uint8_t grains[GRAINS];

static uint32_t any(uint32_t below)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % below;
}

static void mark(paddr_t paddr, uint64_t bytes, bool was_free)
{
	uint64_t start_grain = (paddr - HOME_PADDR) / 16,
		 end_grain = start_grain + (bytes + 15) / 16;

	assert_true(paddr >= HOME_PADDR && end_grain <= GRAINS);
	for (uint64_t i = start_grain; i < end_grain; i++) {
		assert_int_equal(grains[i], !was_free);
		grains[i] = was_free;
	}
}

static void pieces_never_lie_on_each_other(void **state)
{
	static struct {
		paddr_t paddr;
		uint64_t bytes;
		bool is_pages;
	} live[PIN_MOST_PIECES];
	unsigned n = 0;

	(void)state;
	start();
	memset(grains, 0, sizeof grains);
	seed = 1;
	for (unsigned i = 0; i < 20000; i++) {
		bool is_pages = any(4) == 0;
		uint64_t bytes = is_pages ? (1 + any(2)) * PAGE_BYTES : 1 + any(700);

		if (n < PIN_MOST_PIECES && any(2) == 0) {
			live[n].bytes = bytes;
			live[n].is_pages = is_pages;
			if (!pin_block_take(&block, is_pages, bytes, PIN_NO_LIMIT, 7,
			                    &live[n].paddr))
				continue;
			mark(live[n].paddr, bytes, true);
			n++;
		} else if (n > 0) {
			unsigned j = any(n);

			mark(live[j].paddr, live[j].bytes, false);
			assert_int_equal(live[j].is_pages
			                         ? pin_block_free_pages(&block, live[j].paddr,
			                                                live[j].bytes / PAGE_BYTES)
			                         : pin_block_free_pool(&block, live[j].paddr),
			                 PIN_FREED);
			live[j] = live[--n];
		}
		assert_int_equal(block.n_pieces, n);
	}
	assert_int_equal(block.record.n_wrong_frees, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_block_is_filled_from_its_start),
		cmocka_unit_test(what_does_not_fit_is_counted),
		cmocka_unit_test(a_limit_is_the_last_byte_that_may_be_used),
		cmocka_unit_test(a_pool_is_given_back_once),
		cmocka_unit_test(pages_are_given_back_in_parts),
		cmocka_unit_test(what_is_no_piece_is_not_given_back),
		cmocka_unit_test(a_list_that_is_full_takes_no_more),
		cmocka_unit_test(owners_are_images_or_addresses),
		cmocka_unit_test(the_last_owner_is_all_others),
		cmocka_unit_test(types_that_stay_are_counted),
		cmocka_unit_test(pieces_never_lie_on_each_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
