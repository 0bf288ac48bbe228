/*
 * test_checks.c - the checks of the stub kernel: a hand-off that is right passes each, and each
 * way in which one can be wrong is said, in which words and of which page.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "made_block.h"

#include "handoff/block.h"

/* The file itself: the entry, the image and the firmware are the test's. So is what the kernel's
 * side of the block says of the bitmap, as the second opinion has rows of its own. */
static enum handoff_err judged(const struct handoff_block *of, const void *bitmap);
#define handoff_check_bitmap judged
#include "handoff/stub/checks.c"
#undef handoff_check_bitmap

#define IS_AMD64 (STUB_BITS == 64)

/* The image of this kernel: 64 bytes. */
__asm__(".data\n"
        ".globl image_start, image_constant_end\n"
        "image_start: .fill 64, 1, 0x90\n"
        "image_constant_end: .byte 0\n"
        ".text\n");
#define IMAGE_BYTES 64

struct entry_state entry_state;

static struct handoff_block *block;
static struct proof proof;

/* What memtest_run(), runtime_find() and runtime_get_time() give, and what they were asked. */
static uint64_t budget_pages;
static struct memtest_result filled;
static enum runtime_err found;
static efi_status_t status;
static struct efi_time now;
static char asked[128];
static bool has_one_opinion;

static enum handoff_err judged(const struct handoff_block *of, const void *bitmap)
{
	return has_one_opinion ? HANDOFF_OK : handoff_check_bitmap(of, bitmap);
}

uint64_t memtest_budget_pages(const char *text)
{
	assert_ptr_equal(text, proof.cmdline);
	return budget_pages;
}

struct memtest_result memtest_run(const bootmem_data_t *bdata, uint64_t pages,
                                  progress_fn *progress)
{
	assert_ptr_equal(bdata->node_bootmem_map, made_at(MADE_MAP_PADDR));
	assert_int_equal(bdata->node_low_pfn, MADE_END_PADDR >> 12);
	assert_true(pages == budget_pages);
	assert_ptr_equal(progress, proof.progress);
	return filled;
}

const char *runtime_err_text(enum runtime_err err)
{
	static const char *const texts[] = { "none", "%u wide", "%u absent", "%u system",
		                             "%u services" };

	return texts[err];
}

enum runtime_err runtime_find(const struct handoff_block *of, uint64_t end_paddr,
                              const void **ret_services)
{
	assert_ptr_equal(of, block);
	snprintf(asked, sizeof asked, "find below 0x%llx", (ull)end_paddr);
	*ret_services = asked;
	return found;
}

efi_status_t runtime_get_time(const void *services, struct efi_time *ret_time)
{
	assert_ptr_equal(services, asked);
	if (now.year != 0)
		*ret_time = now;
	return status;
}

static void no_progress(const struct progress *progress)
{
	(void)progress;
}

/* A hand-off that is right, and what the first check fills in of it. */
static void make(void)
{
	block = made_block(image_start, IMAGE_BYTES);
	budget_pages = UINT64_MAX;
	filled = (struct memtest_result){ .n_pages = block->free_pages };
	has_one_opinion = false;
	found = RUNTIME_OK;
	status = EFI_OK;
	now = (struct efi_time){ 2026, 1, 2, 3, 4, 5, 0, 999999999, 0, 0, 0 };
	entry_state = (struct entry_state){ .ENTRY_BLOCK = MADE_BLOCK_PADDR };
	proof_init(&proof, no_progress);
	assert_ptr_equal(proof.block, block);
	assert_ptr_equal(proof.progress, no_progress);
	proof.end_paddr = UINT64_C(1) << 32;
	proof.view = naive_view_of(block);
	proof.bitmap = made_at(block->node_bootmem_map_paddr);
	proof.cmdline = made_at(block->cmdline_paddr);
}

/* "ok 3 text / brief", and of which page what. */
static const char *said(const struct outcome *outcome)
{
	static const char *const words[] = { "ok", "FAIL", "n/a" };
	static char text[400];
	int length = snprintf(text, sizeof text, "%s %u %s / %s", words[outcome->kind],
	                      (unsigned)outcome->n_seen, outcome->text, outcome->brief);

	if (outcome->pfn != OUTCOME_NO_PAGE)
		snprintf(text + length, sizeof text - (size_t)length, " %x: %s",
		         (unsigned)outcome->pfn, outcome->what);
	return text;
}

struct row {
	const char *rule;
	check_fn *check;
	void (*spoil)(void);
	const char *said;
};

static void hold(const struct row *rows, size_t n_rows)
{
	int n_wrong = 0;

	for (size_t i = 0; i < n_rows; i++) {
		struct outcome outcome;

		make();
		if (rows[i].spoil != NULL)
			rows[i].spoil();
		outcome = rows[i].check(&proof);
		if (strcmp(said(&outcome), rows[i].said) == 0)
			continue;
		printf("%s:\n  %s\n  %s\n", rows[i].rule, rows[i].said, said(&outcome));
		n_wrong++;
	}
	assert_int_equal(n_wrong, 0);
}

#define HOLD(rows) hold(rows, COUNT(rows))

/* ---- block, limits ---- */

static void magic_is_wrong(void)
{
	block->magic[1]++;
}

static void nothing_is_readable(void)
{
	proof.end_paddr = MADE_BLOCK_PADDR;
}

static void is_of_the_other_target(void)
{
	block->target = IS_AMD64 ? HANDOFF_TARGET_IA32 : HANDOFF_TARGET_AMD64;
	block->node_bootmem_map_bytes = IS_AMD64 ? 0x2024 : 0x2028;
	block->page_table_paddr = MADE_TABLES_PADDR;
	block->mapped_end_paddr = UINT64_C(1) << 32;
	made_block_seal();
}

static void kernel_starts_behind(void)
{
	block->kernel_start_paddr = block->kernel_entry_paddr = (uintptr_t)image_start + 1;
	made_block_seal();
}

static void kernel_ends_before(void)
{
	block->kernel_end_paddr--;
	made_block_seal();
}

static void kernel_is_longer(void)
{
	block->kernel_start_paddr--;
	block->kernel_end_paddr++;
	made_block_seal();
}

static void it_is_of_a_later_version(void)
{
	block->version_minor = 7;
	made_block_seal();
}

static void node_is_not_mapped(void)
{
	proof.end_paddr = MADE_END_PADDR - 1;
}

static void node_is_just_mapped(void)
{
	proof.end_paddr = MADE_END_PADDR;
}

static void checksum_is_wrong(void)
{
	block->checksum++;
}

static void blocks_are_judged(void **state)
{
#define BLOCK_OK "ok 2552 version 1.1, 2552 bytes at 0x10020000, exit attempts 1 / version 1.1"
	static const struct row rows[] = {
		{ "right", check_block, NULL, BLOCK_OK },
		{ "the kernel is more than its image", check_block, kernel_is_longer, BLOCK_OK },
		{ "a later version", check_block, it_is_of_a_later_version,
		  "ok 2552 version 1.7, 2552 bytes at 0x10020000, exit attempts 1 / version 1.7" },
		{ "all of the node is mapped", check_block, node_is_just_mapped, BLOCK_OK },
		{ "a checksum", check_block, checksum_is_wrong,
		  "FAIL 0 the checksum of the block is wrong / " },
		{ "the other target", check_block, is_of_the_other_target,
		  "FAIL 0 the block is for the other target / " },
		{ "the image begins before", check_block, kernel_starts_behind,
		  "FAIL 0 the kernel of the block is not where this one runs / " },
		{ "the image ends behind", check_block, kernel_ends_before,
		  "FAIL 0 the kernel of the block is not where this one runs / " },
		{ "the last page is out of reach", check_block, node_is_not_mapped,
		  "FAIL 0 page 0x10102 of the node is not mapped: that ends at 0x10102fff / " },
	};

	(void)state;
	HOLD(rows);
}

static void the_first_check_fills_in_the_rest(void **state)
{
	struct proof first;

	(void)state;
	make();
	block->mapped_end_paddr += IS_AMD64 ? 0x5000 : 0;
	made_block_seal();
	proof_init(&first, no_progress);
	assert_true(first.end_paddr == UINT64_C(1) << (IS_AMD64 ? 46 : 32));
	assert_true(check_is_block(&first));
	assert_int_equal(check_block(&first).kind, OUTCOME_OK);
	assert_true(first.end_paddr == (UINT64_C(1) << 32) + (IS_AMD64 ? 0x5000 : 0));
	assert_ptr_equal(first.view.uefi_map, made_descriptors());
	assert_ptr_equal(first.view.e820, made_e820());
	assert_ptr_equal(first.view.reservations, made_reservation(0));
	assert_int_equal(first.view.node_low_pfn, MADE_END_PADDR >> 12);
	assert_ptr_equal(first.bitmap, made_at(MADE_MAP_PADDR));
	assert_string_equal(first.cmdline, "stub.memory=1M quiet");
}

static void what_is_no_block_has_no_screen(void **state)
{
	static const struct {
		void (*spoil)(void);
		bool is_block;
	} rows[] = {
		{ checksum_is_wrong, true },
		{ magic_is_wrong, false },
		{ nothing_is_readable, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		make();
		rows[i].spoil();
		assert_int_equal(check_is_block(&proof), rows[i].is_block);
	}
}

static void max_pfn_is_larger(void)
{
	block->max_pfn++;
}

static void uefi_has_less(void)
{
	made_descriptors()[3].n_pages = 1;
}

static void node_is_shorter(void)
{
	block->node_low_pfn--;
}

static void low_memory_is_shorter(void)
{
	block->max_low_pfn--;
}

static void a_range_is_empty(void)
{
	made_e820()[1].start_paddr = 0x6000;
	made_e820()[1].end_paddr = 0x6000;
}

static void a_page_is_of_another_type(void)
{
	made_descriptors()[2].type = 10;
}

/* RAM in one more page, above what IA-32 reaches: node and low memory end at 896 MiB there. */
static void there_is_high_memory(void)
{
	made_e820()[3] = (struct handoff_range){ MADE_PADDR + 0x101000, 0x38001000, 1, 0 };
	made_descriptors()[3].n_pages = 0x38001 - (MADE_PADDR >> 12) - 0x101;
	block->max_pfn = 0x38001;
	block->node_low_pfn = block->max_low_pfn = IS_AMD64 ? 0x38001 : 0x38000;
}

/* By `mem=', say. */
static void the_last_range_is_cut_off(void)
{
	proof.view.n_ranges--;
	block->max_pfn = block->node_low_pfn = block->max_low_pfn = 0x10100;
}

static void low_memory_ends_too_high(void)
{
	there_is_high_memory();
	block->node_low_pfn = block->max_low_pfn = IS_AMD64 ? 0x38000 : 0x38001;
}

/* The last byte that Linux 2.6.24 for x86-64 can map is not the last of a page: it has none. */
static void memory_ends_at_the_limit(void)
{
	make();
	made_e820()[3].end_paddr = (UINT64_C(1) << 46) + 0x1000;
	made_descriptors()[3].n_pages = (UINT64_C(1) << 34) + 1 - (MADE_PADDR >> 12) - 0x101;
	block->max_pfn = (UINT64_C(1) << 34) + 1;
	block->node_low_pfn = block->max_low_pfn = IS_AMD64 ? (UINT64_C(1) << 34) - 1 : 0x38000;
}

static void limits_are_judged(void **state)
{
	static const struct row rows[] = {
		{ "right", check_limits, NULL,
		  "ok 8 max_low_pfn 0x10103, max_pfn 0x10103 (UEFI 0x10103); 4 e820 ranges agree "
		  "with 4 descriptors / RAM ends at 257 MiB" },
		{ "max_pfn", check_limits, max_pfn_is_larger,
		  "FAIL 0 max_pfn 0x10104; RAM ends at 0x10103 by e820, 0x10103 by UEFI / " },
		{ "e820 has more than UEFI", check_limits, uefi_has_less,
		  "FAIL 0 max_pfn 0x10103; RAM ends at 0x10103 by e820, 0x10102 by UEFI / " },
		{ "the node", check_limits, node_is_shorter,
		  "FAIL 0 node_low_pfn 0x10102, max_low_pfn 0x10103, expected 0x10103 / " },
		{ "low memory", check_limits, low_memory_is_shorter,
		  "FAIL 0 node_low_pfn 0x10103, max_low_pfn 0x10102, expected 0x10103 / " },
		{ "an empty range", check_limits, a_range_is_empty,
		  "FAIL 0 e820 range 1 at 0x6000 is not canonical / " },
		{ "ACPI data and NVS", check_limits, a_page_is_of_another_type,
		  "FAIL 0 address 0x10100000: type 3 in e820, 4 by the UEFI map / " },
		{ "high memory", check_limits, there_is_high_memory,
		  IS_AMD64 ? "ok 8 max_low_pfn 0x38001, max_pfn 0x38001 (UEFI 0x38001); 4 e820 "
		             "ranges agree with 4 descriptors / RAM ends at 896 MiB"
		           : "ok 8 max_low_pfn 0x38000, max_pfn 0x38001 (UEFI 0x38001); 4 e820 "
		             "ranges agree with 4 descriptors / RAM ends at 896 MiB" },
		{ "a limit", check_limits, the_last_range_is_cut_off,
		  "ok 7 max_low_pfn 0x10100, max_pfn 0x10100 (UEFI 0x10103); 3 e820 ranges agree "
		  "with 4 descriptors / RAM ends at 257 MiB" },
		{ "the end of low memory", check_limits, low_memory_ends_too_high,
		  IS_AMD64 ? "FAIL 0 node_low_pfn 0x38000, max_low_pfn 0x38000, expected 0x38001 / "
		           : "FAIL 0 node_low_pfn 0x38001, max_low_pfn 0x38001, expected 0x38000 "
		             "/ " },
		{ "64 TiB", check_limits, memory_ends_at_the_limit,
		  IS_AMD64
		          ? "ok 8 max_low_pfn 0x3ffffffff, max_pfn 0x400000001 (UEFI 0x400000001); "
		            "4 e820 ranges agree with 4 descriptors / RAM ends at 64 TiB"
		          : "ok 8 max_low_pfn 0x38000, max_pfn 0x400000001 (UEFI 0x400000001); "
		            "4 e820 ranges agree with 4 descriptors / RAM ends at 64 TiB" },
	};

	(void)state;
	HOLD(rows);
}

/* ---- bitmap ---- */

static void flip(uint64_t pfn)
{
	proof.bitmap[pfn / 8] ^= (unsigned char)(1u << pfn % 8);
}

#define FLIPS(name, pfn)           \
	static void name(void)     \
	{                          \
		flip(pfn);         \
		made_block_seal(); \
	}
FLIPS(a_free_page_is_lost, 0x10005)
FLIPS(page_0_is_free, 0)
FLIPS(an_acpi_page_is_free, 0x10100)
FLIPS(a_hole_is_free, 5)
FLIPS(padding_is_0, 0x10103)
FLIPS(last_padding_is_0, IS_AMD64 ? 0x2028 * 8 - 1 : 0x2024 * 8 - 1)

static void only_the_stub_sees_the_padding(void)
{
	has_one_opinion = true;
	padding_is_0();
}

static void only_the_stub_counts(void)
{
	has_one_opinion = true;
	block->free_pages++;
}

/* RAM of e820's and of UEFI's, that IA-32 leaves alone. */
static void the_isa_hole_is_free(void)
{
	made_e820()[0] = (struct handoff_range){ 0xa0000, 0xa1000, HANDOFF_E820_RAM, 0 };
	made_descriptors()[0].start_paddr = 0xa0000;
	made_descriptors()[0].n_pages = 1;
	proof.view.cuts_isa_hole = true;
	for (uint64_t pfn = 1; pfn < 5; pfn++)
		flip(pfn);
	flip(0xa0);
}

static void the_initrd_is_empty(void)
{
	block->initrd_start_paddr = block->initrd_end_paddr = MADE_PADDR + 0x5010;
}

static void a_bit_changed_later(void)
{
	block->node_bootmem_map_checksum++;
}

static void another_count(void)
{
	block->free_pages++;
}

static void e820_was_cut_off(void)
{
	made_e820()[3].end_paddr -= 0x1000;
}

/* Only the stub knows what it runs on: nothing else asks for these reservations. */
static void unreserve(int index)
{
	*made_reservation(index) = (struct handoff_reservation){ .kind = HANDOFF_KIND_CONFIGURED };
}

static void set_free(uint64_t start_paddr, uint64_t end_paddr)
{
	for (uint64_t pfn = pfn_down(start_paddr); pfn < pfn_up(end_paddr); pfn++) {
		flip(pfn);
		block->free_pages++;
	}
	made_block_seal();
}

#define UNRESERVES(name, index)                                            \
	static void name(void)                                             \
	{                                                                  \
		struct handoff_reservation was = *made_reservation(index); \
                                                                           \
		unreserve(index);                                          \
		if (was.end_paddr <= MADE_END_PADDR)                       \
			set_free(was.start_paddr, was.end_paddr);          \
	}
UNRESERVES(no_page_0, MADE_PAGE_0)
UNRESERVES(no_kernel, MADE_KERNEL)
UNRESERVES(no_map, MADE_MAP)
UNRESERVES(no_block, MADE_BLOCK)
UNRESERVES(no_stack, MADE_STACK)
UNRESERVES(no_tables, MADE_TABLES)
UNRESERVES(no_initrd, MADE_INITRD)

static void the_stack_lacks_its_last_page(void)
{
	made_reservation(MADE_STACK)->end_paddr -= 0x1000;
	set_free(MADE_STACK_PADDR + 0x3000, MADE_STACK_PADDR + 0x4000);
}

static void there_is_no_initrd(void)
{
	no_initrd();
	block->initrd_start_paddr = block->initrd_end_paddr = 0;
}

static void bitmaps_are_judged(void **state)
{
#define BITMAP_OK "ok 65795 65795 bits, 10 reservations / 65795 bits"
	static const struct row rows[] = {
		{ "right", check_bitmap, NULL, BITMAP_OK },
		{ "a page is lost", check_bitmap, a_free_page_is_lost,
		  "FAIL 0 page 0x10005 at 0x10005000 is reserved, but RAM that no reservation "
		  "touches / page 0x10005 10005: is reserved, and should be free" },
		{ "a reserved page", check_bitmap, page_0_is_free,
		  "FAIL 0 page 0x0 at 0x0 is free, but reserved for page 0 / page 0x0 0: is free, "
		  "and must not be" },
		{ "a page of ACPI", check_bitmap, an_acpi_page_is_free,
		  "FAIL 0 page 0x10100 at 0x10100000 is free, but descriptor 2 has type 9, "
		  "attribute 0x8 / page 0x10100 10100: is free, and must not be" },
		{ "a hole", check_bitmap, a_hole_is_free,
		  "FAIL 0 page 0x5 at 0x5000 is free, but not described whole as RAM by the UEFI "
		  "map / page 0x5 5: is free, and must not be" },
		{ "cut off", check_bitmap, e820_was_cut_off,
		  "FAIL 0 page 0x10102 at 0x10102000 is free, but not RAM of e820's / page "
		  "0x10102 10102: is free, and must not be" },
		{ "the ISA hole", check_bitmap, the_isa_hole_is_free,
		  "FAIL 0 page 0xa0 at 0xa0000 is free, but in the ISA hole / page 0xa0 a0: is "
		  "free, and must not be" },
		{ "the first bit behind, by the stub", check_bitmap, only_the_stub_sees_the_padding,
		  "FAIL 0 a bit behind page 0x10102 is 0 / " },
		{ "a count by the stub", check_bitmap, only_the_stub_counts,
		  "FAIL 0 248 pages should be free, free_pages is 249 / " },
		{ "an initrd of no bytes", check_bitmap, the_initrd_is_empty, BITMAP_OK },
		{ "the first bit behind", check_bitmap, padding_is_0,
		  "FAIL 0 a bit behind the last page is 0 / " },
		{ "the last one", check_bitmap, last_padding_is_0,
		  "FAIL 0 a bit behind the last page is 0 / " },
		{ "sealed otherwise", check_bitmap, a_bit_changed_later,
		  "FAIL 0 the checksum of the bitmap is wrong / " },
		{ "a count", check_bitmap, another_count,
		  "FAIL 0 the bitmap does not have the number of free pages that the block says "
		  "/ " },
		{ "page 0", check_bitmap, no_page_0,
		  "FAIL 0 page 0x0 of page 0 is in no reservation / page 0x0 0: is in use, and in "
		  "no reservation" },
		{ "the map", check_bitmap, no_map,
		  "FAIL 0 page 0x10010 of the bitmap is in no reservation / page 0x10010 10010: "
		  "is in use, and in no reservation" },
		{ "the block", check_bitmap, no_block,
		  "FAIL 0 page 0x10020 of the block is in no reservation / page 0x10020 10020: is "
		  "in use, and in no reservation" },
		{ "the stack", check_bitmap, no_stack,
		  "FAIL 0 page 0x10030 of the stack is in no reservation / page 0x10030 10030: is "
		  "in use, and in no reservation" },
		{ "the end of the stack", check_bitmap, the_stack_lacks_its_last_page,
		  "FAIL 0 page 0x10033 of the stack is in no reservation / page 0x10033 10033: is "
		  "in use, and in no reservation" },
		{ "page tables, of AMD64 alone", check_bitmap, no_tables,
		  IS_AMD64 ? "FAIL 0 page 0x10040 of the page table is in no reservation / page "
		             "0x10040 10040: is in use, and in no reservation"
		           : BITMAP_OK },
		{ "the initrd", check_bitmap, no_initrd,
		  "FAIL 0 page 0x10050 of the initrd is in no reservation / page 0x10050 10050: "
		  "is in use, and in no reservation" },
		{ "no initrd", check_bitmap, there_is_no_initrd, BITMAP_OK },
	};
	struct outcome outcome;

	(void)state;
	HOLD(rows);
	/* Where this program lies is another place each time. */
	make();
	no_kernel();
	outcome = check_bitmap(&proof);
	assert_int_equal(outcome.kind, OUTCOME_FAIL);
	assert_true(outcome.pfn == pfn_down((uintptr_t)image_start));
	assert_non_null(strstr(outcome.text, " of the kernel is in no reservation"));
}

/* ---- memory ---- */

static void a_part_is_asked_for(void)
{
	block->free_pages = 0x600;
	budget_pages = block->free_pages - 1;
	filled.n_pages = 0x111;
}

static void all_are_asked_for(void)
{
	budget_pages = block->free_pages = filled.n_pages = 0x600;
}

static void a_word_is_wrong(void)
{
	filled = (struct memtest_result){ 7, true, 0x10007ff8, 0x123, 0x456 };
}

static void none_is_asked_for(void)
{
	budget_pages = filled.n_pages = 0;
}

static void none_is_free(void)
{
	block->free_pages = filled.n_pages = 0;
}

static void one_is_left_out(void)
{
	filled.n_pages--;
}

static void memory_is_judged(void **state)
{
	static const struct row rows[] = {
		{ "right", check_memory, NULL,
		  "ok 248 0 MiB filled and read back / 992 KiB read back" },
		{ "as many as there are", check_memory, all_are_asked_for,
		  "ok 1536 6 MiB filled and read back / 6 MiB read back" },
		{ "a part", check_memory, a_part_is_asked_for,
		  "ok 273 1 MiB of 6, spread evenly, as stub.memory says / 1 MiB, a part" },
		{ "a wrong word", check_memory, a_word_is_wrong,
		  "FAIL 0 address 0x10007ff8: wrote 0x123, read 0x456 / page 0x10007 10007: did "
		  "not keep what was written" },
		{ "none asked for", check_memory, none_is_asked_for,
		  "n/a 0 stub.memory asks for none / none asked for" },
		{ "none free", check_memory, none_is_free, "n/a 0 no page is free / none free" },
		{ "not all", check_memory, one_is_left_out,
		  "FAIL 0 247 pages filled, 248 are free / " },
	};

	(void)state;
	HOLD(rows);
}

/* ---- contents ---- */

static void change(uint64_t paddr)
{
	++*(uint8_t *)made_at(paddr);
}

static void acpi_changes(void)
{
	change(MADE_ACPI_PADDR);
}

static void smbios_changes(void)
{
	change(MADE_SMBIOS_PADDR + MADE_TABLE_BYTES - 1);
}

static void initrd_changes(void)
{
	change(MADE_INITRD_PADDR + MADE_INITRD_BYTES - 1);
}

static void other_changes(void)
{
	change(MADE_OTHER_PADDR);
}

/* Nobody has said that these must stay. */
static void neighbours_change(void)
{
	change(MADE_ACPI_PADDR - 1);
	change(MADE_SMBIOS_PADDR + MADE_TABLE_BYTES);
	change(MADE_OTHER_PADDR - 1);
	change(MADE_STACK_PADDR);
}

static void all_change(void)
{
	acpi_changes();
	smbios_changes();
	initrd_changes();
	other_changes();
}

#define ALL_BUT(name, index)                                           \
	static void name(void)                                         \
	{                                                              \
		uint64_t checksum = made_reservation(index)->checksum; \
                                                                       \
		for (int i = MADE_INITRD; i < MADE_RESERVATIONS; i++)  \
			made_reservation(i)->checksum++;               \
		made_reservation(index)->checksum = checksum;          \
	}
ALL_BUT(all_but_acpi, MADE_ACPI)
ALL_BUT(all_but_smbios, MADE_SMBIOS)
ALL_BUT(all_but_initrd, MADE_INITRD)
ALL_BUT(all_but_others, MADE_OTHER)

static void nothing_is_recorded(void)
{
	all_change();
	for (int i = 0; i < MADE_RESERVATIONS; i++)
		made_reservation(i)->flags = HANDOFF_RESERVATION_LINUX;
}

/* The tables, by the last byte of them: that of the ACPI table is read only if it is in reach. */
static void acpi_is_beyond(void)
{
	acpi_changes();
	proof.end_paddr = MADE_ACPI_PADDR + MADE_TABLE_BYTES - 1;
}

static void acpi_is_just_in_reach(void)
{
	proof.end_paddr = MADE_ACPI_PADDR + MADE_TABLE_BYTES;
}

static void two_of_them_one_beyond(void)
{
	acpi_is_beyond();
	made_reservation(MADE_SMBIOS)->kind = HANDOFF_KIND_ACPI;
}

static void kinds_are_beyond_31(void)
{
	all_change();
	made_reservation(MADE_OTHER)->kind = 32 + HANDOFF_KIND_CONFIGURED;
	made_reservation(MADE_SMBIOS)->kind = 32;
	made_reservation(MADE_ACPI)->kind = 32 + HANDOFF_KIND_ACPI;
}

static void kind_31_changes(void)
{
	made_reservation(MADE_OTHER)->kind = 31;
	other_changes();
}

static void contents_are_judged(void **state)
{
#define ONE_OK "ok 1 1 as recorded, 0 beyond reach / 1 as recorded"
#define NONE   "n/a 0 no checksum was recorded / none recorded"
	static const struct row rows[] = {
		{ "ACPI", check_acpi, all_but_acpi, ONE_OK },
		{ "SMBIOS", check_smbios, all_but_smbios, ONE_OK },
		{ "initrd", check_initrd, all_but_initrd, ONE_OK },
		{ "others", check_others, all_but_others, ONE_OK },
		{ "ACPI with other neighbours", check_acpi, neighbours_change, ONE_OK },
		{ "SMBIOS with other neighbours", check_smbios, neighbours_change, ONE_OK },
		{ "others with other neighbours", check_others, neighbours_change, ONE_OK },
		{ "ACPI changed", check_acpi, acpi_changes,
		  "FAIL 0 ACPI FACP at 0x10100010 has changed / page 0x10100 10100: changed, and "
		  "must not" },
		{ "SMBIOS changed", check_smbios, smbios_changes,
		  "FAIL 0 SMBIOS 3 at 0x10060000 has changed / page 0x10060 10060: changed, and "
		  "must not" },
		{ "initrd changed", check_initrd, initrd_changes,
		  "FAIL 0 initrd at 0x10050000 has changed / page 0x10050 10050: or one behind it "
		  "changed, and must not" },
		{ "others changed", check_others, other_changes,
		  "FAIL 0 a log at 0x10070ff0 has changed / page 0x10070 10070: or one behind it "
		  "changed, and must not" },
		{ "the last kind that has a bit", check_others, kind_31_changes,
		  "FAIL 0 a log at 0x10070ff0 has changed / page 0x10070 10070: or one behind it "
		  "changed, and must not" },
		{ "no ACPI recorded", check_acpi, nothing_is_recorded, NONE },
		{ "no others recorded", check_others, nothing_is_recorded, NONE },
		{ "kinds of a later version", check_others, kinds_are_beyond_31, NONE },
		{ "and one more", check_acpi, kinds_are_beyond_31, NONE },
		{ "beyond reach", check_acpi, acpi_is_beyond,
		  "n/a 0 1 beyond reach / beyond reach" },
		{ "just in reach", check_acpi, acpi_is_just_in_reach, ONE_OK },
		{ "one beyond reach", check_acpi, two_of_them_one_beyond,
		  "ok 1 1 as recorded, 1 beyond reach / 1 as recorded" },
	};

	(void)state;
	HOLD(rows);
}

/* ---- unchanged ---- */

static void the_image_changes(void)
{
	proof.image_checksum++;
}

static void the_bitmap_changes(void)
{
	flip(0x10005);
}

static void the_end_of_the_bitmap_changes(void)
{
	proof.bitmap[block->node_bootmem_map_bytes - 1] = 0;
}

static void the_block_changes(void)
{
	change(block->cmdline_paddr);
}

static void what_changed_is_said(void **state)
{
	static const struct row rows[] = {
		{ "right", check_unchanged, NULL,
		  "ok 2552 block, bitmap, kernel image / as handed over" },
		{ "the block", check_unchanged, the_block_changes,
		  "FAIL 0 the block has changed / " },
		{ "the bitmap", check_unchanged, the_bitmap_changes,
		  "FAIL 0 the bitmap has changed / " },
		{ "its end", check_unchanged, the_end_of_the_bitmap_changes,
		  "FAIL 0 the bitmap has changed / " },
		{ "the image", check_unchanged, the_image_changes,
		  "FAIL 0 text or constants of this kernel have changed / " },
	};
	unsigned char *image = (unsigned char *)(uintptr_t)image_start;

	(void)state;
	HOLD(rows);
	/* All of the image, and nothing behind it: here it is written. */
	for (size_t i = 0; i <= IMAGE_BYTES; i++) {
		make();
		image[i] ^= 1;
		assert_int_equal(check_unchanged(&proof).kind == OUTCOME_OK, i == IMAGE_BYTES);
		image[i] ^= 1;
	}
	assert_true(proof.image_checksum == handoff_checksum(image, IMAGE_BYTES));
}

/* ---- runtime ---- */

#define SETS(name, what, value)   \
	static void name(void)    \
	{                         \
		(what) = (value); \
	}
SETS(other_width, found, RUNTIME_OTHER_WIDTH)
SETS(no_table, found, RUNTIME_NO_TABLE)
SETS(bad_system_table, found, RUNTIME_BAD_SYSTEM_TABLE)
SETS(bad_services, found, RUNTIME_BAD_SERVICES_TABLE)
SETS(no_clock, status, EFI_UNSUPPORTED)
SETS(clock_fails, status, EFI_DEVICE_ERROR)
SETS(clock_is_refused, status, 2)
SETS(no_time, now.year, 0)
SETS(year_1899, now.year, 1899)
SETS(year_1900, now.year, 1900)
SETS(year_9999, now.year, 9999)
SETS(year_10000, now.year, 10000)
SETS(month_0, now.month, 0)
SETS(month_12, now.month, 12)
SETS(month_13, now.month, 13)
SETS(day_0, now.day, 0)
SETS(day_1, now.day, 1)
SETS(day_31, now.day, 31)
SETS(day_32, now.day, 32)
SETS(hour_23, now.hour, 23)
SETS(hour_24, now.hour, 24)
SETS(minute_59, now.minute, 59)
SETS(minute_60, now.minute, 60)
SETS(second_59, now.second, 59)
SETS(second_60, now.second, 60)
SETS(a_whole_second, now.nanosecond, 1000000000)

static void firmware_is_judged(void **state)
{
#define TIME(full, brief) "ok 1 GetTime " full " / " brief
	static const struct row rows[] = {
		{ "right", check_runtime, NULL, TIME("2026-01-02 03:04:05", "2026-01-02 03:04") },
		{ "first year", check_runtime, year_1900,
		  TIME("1900-01-02 03:04:05", "1900-01-02 03:04") },
		{ "last year", check_runtime, year_9999,
		  TIME("9999-01-02 03:04:05", "9999-01-02 03:04") },
		{ "last month", check_runtime, month_12,
		  TIME("2026-12-02 03:04:05", "2026-12-02 03:04") },
		{ "first day", check_runtime, day_1,
		  TIME("2026-01-01 03:04:05", "2026-01-01 03:04") },
		{ "last day", check_runtime, day_31,
		  TIME("2026-01-31 03:04:05", "2026-01-31 03:04") },
		{ "last hour", check_runtime, hour_23,
		  TIME("2026-01-02 23:04:05", "2026-01-02 23:04") },
		{ "last minute", check_runtime, minute_59,
		  TIME("2026-01-02 03:59:05", "2026-01-02 03:59") },
		{ "last second", check_runtime, second_59,
		  TIME("2026-01-02 03:04:59", "2026-01-02 03:04") },
		{ "a year before", check_runtime, year_1899, "FAIL 0 GetTime: 1899-1-2 3:4:5 / " },
		{ "a year behind", check_runtime, year_10000,
		  "FAIL 0 GetTime: 10000-1-2 3:4:5 / " },
		{ "no time", check_runtime, no_time, "FAIL 0 GetTime: 0-0-0 0:0:0 / " },
		{ "no month", check_runtime, month_0, "FAIL 0 GetTime: 2026-0-2 3:4:5 / " },
		{ "month 13", check_runtime, month_13, "FAIL 0 GetTime: 2026-13-2 3:4:5 / " },
		{ "no day", check_runtime, day_0, "FAIL 0 GetTime: 2026-1-0 3:4:5 / " },
		{ "day 32", check_runtime, day_32, "FAIL 0 GetTime: 2026-1-32 3:4:5 / " },
		{ "hour 24", check_runtime, hour_24, "FAIL 0 GetTime: 2026-1-2 24:4:5 / " },
		{ "minute 60", check_runtime, minute_60, "FAIL 0 GetTime: 2026-1-2 3:60:5 / " },
		{ "second 60", check_runtime, second_60, "FAIL 0 GetTime: 2026-1-2 3:4:60 / " },
		{ "a second of nanoseconds", check_runtime, a_whole_second,
		  "FAIL 0 GetTime: 2026-1-2 3:4:5 / " },
		{ "the other width", check_runtime, other_width,
		  "n/a 0 %u wide / cannot be called" },
		{ "no table", check_runtime, no_table, "n/a 0 %u absent / cannot be called" },
		{ "a bad table", check_runtime, bad_system_table, "FAIL 0 %u system / " },
		{ "bad services", check_runtime, bad_services, "FAIL 0 %u services / " },
		{ "no clock", check_runtime, no_clock,
		  IS_AMD64 ? "n/a 0 GetTime: status 0x8000000000000003 / no clock"
		           : "n/a 0 GetTime: status 0x80000003 / no clock" },
		{ "a clock that fails", check_runtime, clock_fails,
		  IS_AMD64 ? "n/a 0 GetTime: status 0x8000000000000007 / no clock"
		           : "n/a 0 GetTime: status 0x80000007 / no clock" },
		{ "another status", check_runtime, clock_is_refused,
		  "FAIL 0 GetTime: status 0x2 / " },
	};

	(void)state;
	HOLD(rows);
	assert_string_equal(asked, "find below 0x100000000");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_are_judged),
		cmocka_unit_test(the_first_check_fills_in_the_rest),
		cmocka_unit_test(what_is_no_block_has_no_screen),
		cmocka_unit_test(limits_are_judged),
		cmocka_unit_test(bitmaps_are_judged),
		cmocka_unit_test(memory_is_judged),
		cmocka_unit_test(contents_are_judged),
		cmocka_unit_test(what_changed_is_said),
		cmocka_unit_test(firmware_is_judged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
