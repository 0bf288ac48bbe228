/*
 * test_block.c - a block is sealed, and checked; then every byte of it is damaged, and every rule
 * broken in a block whose checksum is right.
 *
 * Its literal checksum holds both widths to the same bytes.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "bootmem/bits.h"
#include "handoff/block.h"
#include "handoff/load/layout.h"
#include "handoff/load/seal.h"

#define N_OF(array) (sizeof(array) / sizeof((array)[0]))

#define BLOCK_PADDR UINT64_C(0x5000000)
#define BLOCK_PAGES 2
#define MAP_PADDR   UINT64_C(0x3000000)
#define LOW_PFN     0x8011 /* 128 MiB, and a part of a byte */
#define GIB         UINT64_C(0x40000000)
#define READABLE    (8 * GIB)

static const char cmdline[] = "console=ttyS0";
#define CMDLINE_BYTES 13

static struct e820_range e820_ranges[] = {
	{ 0x0, 0x9fc00, E820_RAM, 0 },
	{ 0x9fc00, 0xa0000, E820_RESERVED, 0 },
	{ 0x100000, 0x8011000, E820_RAM, 0 },
	{ 0xffc00000, 0x100000000, 0x70000001, 0 },
};

static struct reservation reservation_rows[] = {
	{ 0x0, 0x1000, 0, RESERVATION_LOW_MEMORY, ORIGIN_LINUX, LIFETIME_FOREVER, false, "page 0",
	  "BIOS data" },
	{ 0x3000000, 0x3001008, 0, RESERVATION_BOOTMAP, ORIGIN_LINUX, LIFETIME_BOOT, false,
	  "bootmem", "bitmap" },
	{ 0x7fe0000, 0x7fe0024, 0x123456789abcdef0, RESERVATION_ACPI, ORIGIN_EXTENSION,
	  LIFETIME_ACPI, true, "ACPI XSDT", "extended system description table" },
	{ 0x7ff0001, 0x7ff0002, 0xdead, RESERVATION_CONFIGURED, ORIGIN_EXTENSION, LIFETIME_FOREVER,
	  false, "twenty-three characters",
	  "a reason of as many characters as there may be: it is seventy-one long." },
};

/* Everything that a block is made of; and the block. */
struct fixture {
	struct boot_target target;
	struct e820_map e820;
	struct boot_inputs inputs;
	struct boot_setup setup;
	struct handoff_block known;
	_Alignas(4096) uint64_t bitmap[0x2000 / 8];
	_Alignas(4096) uint64_t pages[BLOCK_PAGES * 4096 / 8];
};

static struct handoff_block *block_of(struct fixture *f)
{
	return (struct handoff_block *)f->pages;
}

static void make_bitmap(struct fixture *f)
{
	bootmem_data_t *bdata = &f->setup.bdata;

	init_bootmem(bdata, f->bitmap, MAP_PADDR >> 12, LOW_PFN, f->target.word_bytes);
	free_bootmem(bdata, 0, 0x9fc00);
	free_bootmem(bdata, 0x100000, 0x8011000);
	for (size_t i = 0; i < N_OF(reservation_rows); i++)
		reserve_bootmem(bdata, reservation_rows[i].start_paddr,
		                reservation_rows[i].end_paddr);
	assert_int_equal(alloc_bootmem(bdata, 100), 0x1000000);
	bootmem_complete(bdata);
}

static void make_inputs(struct fixture *f)
{
	f->e820 = (struct e820_map){ e820_ranges, N_OF(e820_ranges), N_OF(e820_ranges) };
	f->inputs.target = &f->target;
	f->inputs.policy = POLICY_LINUX;
	f->inputs.e820 = &f->e820;
	f->inputs.initrd = (struct span){ 0x4000000, 0x4123456 };
	f->setup.inputs = &f->inputs;
	f->setup.min_low_pfn = MAP_PADDR >> 12;
	f->setup.max_low_pfn = LOW_PFN;
	f->setup.max_pfn = LOW_PFN;
	f->setup.reservations.entries = reservation_rows;
	f->setup.reservations.n_entries = N_OF(reservation_rows);
	f->setup.reservations.capacity = N_OF(reservation_rows);
}

static void make_known(struct fixture *f)
{
	f->known = (struct handoff_block){
		.cmdline_bytes = CMDLINE_BYTES,
		.uefi_map_bytes = 3 * 44, /* not a multiple of 8: no firmware does so */
		.uefi_descriptor_bytes = 44,
		.uefi_descriptor_version = 1,
		.uefi_map_growth = 3,
		.rsdp_paddr = 0x7fe0014,
		.smbios_paddr = 0x7fd0000,
		.smbios3_paddr = 0x7fd1000,
		.efi_system_table_paddr = 0x7fc0018,
		.framebuffer = { 0xe0000000, 0x300000, 1024, 768, 4096, HANDOFF_FORMAT_BGRX,
		                 0xff0000, 0xff00, 0xff, 0 },
		.kernel_start_paddr = 0x200000,
		.kernel_end_paddr = 0x300000,
		.kernel_entry_paddr = 0x200040,
		.stack_start_paddr = 0x310000,
		.stack_end_paddr = 0x318000,
		.page_table_paddr = f->target.word_bytes == 8 ? 0x320000 : 0,
		.mapped_end_paddr = f->target.word_bytes == 8 ? READABLE : 0,
		.firmware_bits = 64,
		.at_end = HANDOFF_END_POWEROFF,
		.exit_attempts = 2,
		.answer = HANDOFF_ANSWER_CHANGED,
		.answer_lines = { "since 27 Nov 13:22 (docked).", "Linux would refuse to resume." },
		.answer_brief = "MAP CHANGED since 27 Nov 13:22 (docked): Linux would refuse",
		.answer_to_do = "Boot with 512 MiB to resume.",
		.capture_name = "0002.map",
		.secure_boot = HANDOFF_SECURE_BOOT_ON,
		.sums = HANDOFF_SUM_KERNEL,
		.kernel_sha256 = { 0x73, [31] = 0x17 },
	};
}

/* A sealed block, in pages that were full of @rubbish. */
static void seal(struct fixture *f, unsigned word_bytes, int rubbish)
{
	memset(f, 0, sizeof(*f));
	f->target.word_bytes = word_bytes;
	make_inputs(f);
	make_bitmap(f);
	make_known(f);
	memset(f->pages, rubbish, sizeof(f->pages));
	for (uint8_t i = 0; i < 3 * 44; i++)
		((uint8_t *)f->pages)[layout_uefi_map_offset(CMDLINE_BYTES) + i] = i;
	handoff_seal(f->pages, BLOCK_PADDR, &f->known, cmdline, &f->setup);
}

static enum handoff_err check(struct fixture *f)
{
	return handoff_check(block_of(f), BLOCK_PADDR, READABLE);
}

static void reseal(struct fixture *f)
{
	block_of(f)->checksum = handoff_block_checksum(block_of(f));
}

/* ---- Sealing ---- */

static void a_sealed_block_passes_and_so_does_its_bitmap(void **state)
{
	static struct fixture f;

	(void)state;
	for (unsigned word_bytes = 4; word_bytes <= 8; word_bytes += 4) {
		seal(&f, word_bytes, 0);
		assert_int_equal(check(&f), HANDOFF_OK);
		assert_int_equal(handoff_check_bitmap(block_of(&f), f.bitmap), HANDOFF_OK);
	}
}

static void the_same_contents_are_the_same_bytes_on_both_widths(void **state)
{
	static struct fixture f, other;

	(void)state;
	seal(&f, 8, 0);
	seal(&other, 8, 0xff);
	assert_int_equal(block_of(&f)->block_bytes, 1592);
	assert_memory_equal(f.pages, other.pages, 1592);
	assert_int_equal(block_of(&f)->checksum, 0x00e0be8eb30cc3df);
	assert_int_equal(block_of(&f)->node_bootmem_map_checksum, 0xffff03187fff0002);
	seal(&f, 4, 0);
	assert_int_equal(block_of(&f)->checksum, 0x45c7b35832dbc3d7);
	assert_int_equal(block_of(&f)->node_bootmem_map_checksum, 0x800003167fff0003);
}

static void every_fact_is_in_the_block(void **state)
{
	static struct fixture f;
	const struct handoff_block *block = block_of(&f);

	(void)state;
	seal(&f, 8, 0xff);
	assert_memory_equal(block, "BOOTMEM1", 8);
	assert_int_equal(block->version_major, 1);
	assert_int_equal(block->version_minor, 1);
	assert_int_equal(block->header_bytes, 0x340);
	assert_int_equal(block->target, HANDOFF_TARGET_AMD64);
	assert_int_equal(block->firmware_bits, 64);
	assert_int_equal(block->policy, HANDOFF_POLICY_LINUX);
	assert_int_equal(block->at_end, HANDOFF_END_POWEROFF);
	assert_int_equal(block->node_boot_start, 0);
	assert_int_equal(block->node_low_pfn, LOW_PFN);
	assert_int_equal(block->last_offset, 100);
	assert_int_equal(block->last_pos, 0x1000);
	assert_int_equal(block->last_success, 0x1000000);
	assert_int_equal(block->node_bootmem_map_paddr, MAP_PADDR);
	assert_int_equal(block->node_bootmem_map_bytes, 0x1008);
	/* Whole pages of the two ranges; less page 0, two of the bitmap, two of others, one block.
	 */
	assert_int_equal(block->free_pages, 0x9f + (LOW_PFN - 0x100) - 1 - 2 - 2 - 1);
	assert_int_equal(block->min_low_pfn, MAP_PADDR >> 12);
	assert_int_equal(block->max_low_pfn, LOW_PFN);
	assert_int_equal(block->max_pfn, LOW_PFN);
	assert_int_equal(block->uefi_map_growth, 3);
	assert_int_equal(block->uefi_descriptor_version, 1);
	assert_int_equal(block->rsdp_paddr, 0x7fe0014);
	assert_int_equal(block->smbios_paddr, 0x7fd0000);
	assert_int_equal(block->smbios3_paddr, 0x7fd1000);
	assert_int_equal(block->efi_system_table_paddr, 0x7fc0018);
	assert_int_equal(block->framebuffer.paddr, 0xe0000000);
	assert_int_equal(block->framebuffer.blue_mask, 0xff);
	assert_int_equal(block->exit_attempts, 2);
	assert_int_equal(block->initrd_start_paddr, 0x4000000);
	assert_int_equal(block->initrd_end_paddr, 0x4123456);
	assert_int_equal(block->kernel_start_paddr, 0x200000);
	assert_int_equal(block->kernel_end_paddr, 0x300000);
	assert_int_equal(block->kernel_entry_paddr, 0x200040);
	assert_int_equal(block->stack_start_paddr, 0x310000);
	assert_int_equal(block->stack_end_paddr, 0x318000);
	assert_int_equal(block->page_table_paddr, 0x320000);
	assert_int_equal(block->mapped_end_paddr, READABLE);
	assert_true(handoff_has_answer(block));
	assert_int_equal(block->answer, HANDOFF_ANSWER_CHANGED);
	assert_string_equal(block->answer_lines[0], "since 27 Nov 13:22 (docked).");
	assert_string_equal(block->answer_lines[1], "Linux would refuse to resume.");
	assert_string_equal(block->answer_to_do, "Boot with 512 MiB to resume.");
	assert_string_equal(block->capture_name, "0002.map");
	assert_int_equal(block->secure_boot, HANDOFF_SECURE_BOOT_ON);
	assert_int_equal(block->sums, HANDOFF_SUM_KERNEL);
	assert_int_equal(block->kernel_sha256[0], 0x73);
	assert_int_equal(block->kernel_sha256[31], 0x17);
}

static void the_arrays_follow_compactly(void **state)
{
	static struct fixture f;
	const struct handoff_block *block = block_of(&f);
	const uint8_t *bytes = (const uint8_t *)f.pages;

	(void)state;
	seal(&f, 4, 0xff);
	assert_int_equal(block->target, HANDOFF_TARGET_IA32);
	assert_int_equal(block->cmdline_paddr, BLOCK_PADDR + 0x340);
	assert_int_equal(block->cmdline_bytes, CMDLINE_BYTES);
	assert_string_equal((const char *)bytes + 0x340, cmdline);

	assert_int_equal(block->uefi_map_paddr, BLOCK_PADDR + 0x350);
	assert_int_equal(block->uefi_map_bytes, 132);
	assert_int_equal(block->uefi_descriptor_bytes, 44);
	for (size_t i = 0; i < 132; i++)
		assert_int_equal(bytes[0x350 + i], i);

	assert_int_equal(block->e820_paddr, BLOCK_PADDR + 0x3d8);
	assert_int_equal(block->e820_count, 4);
	assert_int_equal(block->e820_entry_bytes, 24);
	for (size_t i = 0; i < 4; i++)
		assert_memory_equal(bytes + 0x3d8 + 24 * i, &e820_ranges[i], 24);

	assert_int_equal(block->reservations_paddr, BLOCK_PADDR + 0x438);
	assert_int_equal(block->reservations_count, 4);
	assert_int_equal(block->reservations_entry_bytes, 128);
	assert_int_equal(block->block_bytes, 0x438 + 4 * 128);
}

static void reservations_keep_owner_and_reason(void **state)
{
	static struct fixture f;
	const struct handoff_reservation *wire;

	(void)state;
	seal(&f, 8, 0xff);
	wire = (const struct handoff_reservation *)((const uint8_t *)f.pages + 0x438);
	for (size_t i = 0; i < N_OF(reservation_rows); i++) {
		assert_int_equal(wire[i].start_paddr, reservation_rows[i].start_paddr);
		assert_int_equal(wire[i].end_paddr, reservation_rows[i].end_paddr);
		assert_string_equal(wire[i].owner, reservation_rows[i].owner);
		assert_string_equal(wire[i].reason, reservation_rows[i].reason);
	}
	assert_int_equal(wire[0].kind, HANDOFF_KIND_LOW_MEMORY);
	assert_int_equal(wire[0].lifetime, HANDOFF_LIFETIME_FOREVER);
	assert_int_equal(wire[0].flags, HANDOFF_RESERVATION_LINUX);
	assert_int_equal(wire[1].lifetime, HANDOFF_LIFETIME_BOOT);
	assert_int_equal(wire[2].kind, HANDOFF_KIND_ACPI);
	assert_int_equal(wire[2].lifetime, HANDOFF_LIFETIME_ACPI);
	assert_int_equal(wire[2].flags, HANDOFF_RESERVATION_CHECKED);
	assert_int_equal(wire[2].checksum, 0x123456789abcdef0);
	assert_int_equal(wire[3].flags, 0);
	assert_int_equal(wire[3].checksum, 0); /* not checked: what stood there means nothing */
}

static void texts_end_even_where_they_did_not(void **state)
{
	static struct fixture f;
	struct reservation endless = reservation_rows[0];

	(void)state;
	seal(&f, 8, 0xff);
	memset(endless.owner, 'o', sizeof(endless.owner));
	memset(endless.reason, 'r', sizeof(endless.reason));
	f.setup.reservations = (struct reservation_list){ &endless, 1, 1, 0 };
	memset(&f.known.answer_lines, 'a',
	       HANDOFF_OFFSET_SECURE_BOOT - offsetof(struct handoff_block, answer_lines));
	handoff_seal(f.pages, BLOCK_PADDR, &f.known, cmdline, &f.setup);
	assert_int_equal(check(&f), HANDOFF_OK);
}

static void a_block_may_have_no_command_line(void **state)
{
	static struct fixture f;

	(void)state;
	seal(&f, 8, 0xff);
	memset(f.pages, 0xff, sizeof(f.pages));
	f.known.cmdline_bytes = 0;
	handoff_seal(f.pages, BLOCK_PADDR, &f.known, NULL, &f.setup);
	assert_int_equal(check(&f), HANDOFF_OK);
	assert_int_equal(block_of(&f)->cmdline_paddr, BLOCK_PADDR + 0x340);
	assert_int_equal(block_of(&f)->uefi_map_paddr, BLOCK_PADDR + 0x348);
}

/* The same rule, said with a copy whose field is 0. */
static void the_checksum_is_that_of_a_block_whose_checksum_is_0(void **state)
{
	static const uint64_t checksums[] = { 0, 1, 0x100000000, 0x123456789abcdef0, UINT64_MAX };
	static struct fixture f;

	(void)state;
	seal(&f, 8, 0);
	for (size_t i = 0; i < N_OF(checksums); i++) {
		for (uint64_t bytes = 0x170; bytes < 0x180; bytes++) {
			static uint64_t copy[0x180 / 8];

			block_of(&f)->checksum = checksums[i];
			block_of(&f)->block_bytes = bytes;
			memcpy(copy, f.pages, (size_t)bytes);
			copy[HANDOFF_OFFSET_CHECKSUM / 8] = 0;
			assert_int_equal(handoff_block_checksum(block_of(&f)),
			                 handoff_checksum(copy, bytes));
		}
	}
}

static void the_room_of_the_layout_is_what_a_full_block_takes(void **state)
{
	const struct layout_needs needs = { CMDLINE_BYTES, 3 * 44, N_OF(e820_ranges),
		                            N_OF(reservation_rows), 0 };
	static struct fixture f;
	struct layout layout;

	(void)state;
	seal(&f, 8, 0);
	assert_true(layout_of(&needs, &layout));
	assert_int_equal(layout.block_bytes, block_of(&f)->block_bytes);
	assert_int_equal(BLOCK_PADDR + layout.uefi_map_offset, block_of(&f)->uefi_map_paddr);
}

/* ---- Checking ---- */

static void every_damaged_bit_is_noticed(void **state)
{
	static struct fixture f;
	uint8_t *bytes = (uint8_t *)f.pages;

	(void)state;
	seal(&f, 8, 0);
	for (size_t i = 0; i < block_of(&f)->block_bytes; i++)
		for (unsigned bit = 0; bit < 8; bit++) {
			bytes[i] ^= (uint8_t)(1u << bit);
			assert_int_not_equal(handoff_check(block_of(&f), BLOCK_PADDR,
			                                   BLOCK_PADDR + sizeof(f.pages)),
			                     HANDOFF_OK);
			bytes[i] ^= (uint8_t)(1u << bit);
		}
	assert_int_equal(check(&f), HANDOFF_OK);
}

#define FIELD(member) \
	offsetof(struct handoff_block, member), sizeof(((struct handoff_block *)0)->member)
#define E820(i, member)                                            \
	0x3d8 + 24 * (i) + offsetof(struct handoff_range, member), \
		sizeof(((struct handoff_range *)0)->member)
#define RESERVATION(i, member) 0x438 + 128 * (i) + offsetof(struct handoff_reservation, member), 8

/* One field gets another value, and the checksum is made right. For AMD64. */
static const struct {
	const char *rule;
	size_t offset, bytes;
	uint64_t value;
	enum handoff_err err;
} field_rows[] = {
	/* clang-format off */
	{ "the first half of the magic",               FIELD(magic[0]),               0,                    HANDOFF_BAD_MAGIC },
	{ "the second half of the magic",              FIELD(magic[1]),               0x324d454d,           HANDOFF_BAD_MAGIC },
	{ "a major version before ours",               FIELD(version_major),          0,                    HANDOFF_BAD_VERSION },
	{ "a major version after ours",                FIELD(version_major),          2,                    HANDOFF_BAD_VERSION },
	{ "any minor version",                         FIELD(version_minor),          77,                   HANDOFF_OK },
	{ "a header that lacks a field",               FIELD(header_bytes),           0x168,                HANDOFF_BAD_HEADER_BYTES },
	{ "a header that covers the command line",     FIELD(header_bytes),           0x348,                HANDOFF_BAD_CMDLINE },
	{ "a header that lacks the answer",            FIELD(header_bytes),           0x2f0,                HANDOFF_OK },
	{ "a header longer than the block",            FIELD(header_bytes),           0x2000,               HANDOFF_BAD_BLOCK_BYTES },
	{ "a block shorter than its header",           FIELD(block_bytes),            0x16f,                HANDOFF_BAD_BLOCK_BYTES },
	{ "a block that ends inside a reservation",    FIELD(block_bytes),            1591,                 HANDOFF_BAD_RESERVATIONS_ARRAY },
	{ "a block with something behind it",          FIELD(block_bytes),            1593,                 HANDOFF_OK },
	{ "no target",                                 FIELD(target),                 0,                    HANDOFF_BAD_TARGET },
	{ "a third target",                            FIELD(target),                 3,                    HANDOFF_BAD_TARGET },
	{ "the bitmap of the other target",            FIELD(target),                 HANDOFF_TARGET_IA32,  HANDOFF_BAD_BITMAP_BYTES },
	{ "firmware of 16 bits",                       FIELD(firmware_bits),          16,                   HANDOFF_BAD_FIRMWARE_BITS },
	{ "firmware of 32 bits",                       FIELD(firmware_bits),          32,                   HANDOFF_OK },
	{ "a third policy is no error",                FIELD(policy),                 2,                    HANDOFF_OK },
	{ "a fourth end is no error",                  FIELD(at_end),                 3,                    HANDOFF_OK },
	{ "a node that does not start at 0",           FIELD(node_boot_start),        0x1000,               HANDOFF_BAD_NODE },
	{ "a node without pages",                      FIELD(node_low_pfn),           0,                    HANDOFF_BAD_NODE },
	{ "a node that ends before low memory",        FIELD(node_low_pfn),           LOW_PFN - 1,          HANDOFF_BAD_NODE },
	{ "low memory that ends before the node",      FIELD(max_low_pfn),            LOW_PFN - 1,          HANDOFF_BAD_NODE },
	{ "RAM that ends below low memory",            FIELD(max_pfn),                LOW_PFN - 1,          HANDOFF_BAD_NODE },
	{ "RAM above low memory",                      FIELD(max_pfn),                LOW_PFN + 1,          HANDOFF_OK },
	{ "RAM up to 2^52",                            FIELD(max_pfn),                UINT64_C(1) << 40,    HANDOFF_OK },
	{ "RAM past 2^52",                             FIELD(max_pfn),                (UINT64_C(1) << 40) + 1, HANDOFF_BAD_NODE },
	{ "a bitmap of a word less",                   FIELD(node_bootmem_map_bytes), 0x1000,               HANDOFF_BAD_BITMAP_BYTES },
	{ "a bitmap of a word more",                   FIELD(node_bootmem_map_bytes), 0x1010,               HANDOFF_BAD_BITMAP_BYTES },
	{ "a bitmap elsewhere than its page",          FIELD(node_bootmem_map_paddr), MAP_PADDR + 0x1000,   HANDOFF_BAD_BITMAP_PADDR },
	{ "a page elsewhere than the bitmap",          FIELD(min_low_pfn),            0,                    HANDOFF_BAD_BITMAP_PADDR },
	{ "a bitmap inside a page",                    FIELD(node_bootmem_map_paddr), MAP_PADDR + 8,        HANDOFF_BAD_BITMAP_PADDR },
	{ "more free pages than pages",                FIELD(free_pages),             LOW_PFN + 1,          HANDOFF_BAD_FREE_PAGES },
	{ "an offset past a page",                     FIELD(last_offset),            4096,                 HANDOFF_BAD_ALLOCATOR_STATE },
	{ "a last page past the node",                 FIELD(last_pos),               LOW_PFN,              HANDOFF_BAD_ALLOCATOR_STATE },
	{ "a last block past the node",                FIELD(last_success),           (LOW_PFN + 1) << 12,  HANDOFF_BAD_ALLOCATOR_STATE },
	{ "e820 ranges in the header",                 FIELD(e820_paddr),             BLOCK_PADDR + 0x168,  HANDOFF_BAD_E820_ARRAY },
	{ "e820 ranges below the block",               FIELD(e820_paddr),             BLOCK_PADDR - 8,      HANDOFF_BAD_E820_ARRAY },
	{ "e820 ranges at 0",                          FIELD(e820_paddr),             0,                    HANDOFF_BAD_E820_ARRAY },
	{ "e820 ranges that are not aligned",          FIELD(e820_paddr),             BLOCK_PADDR + 0x3dc,  HANDOFF_BAD_E820_ARRAY },
	{ "e820 ranges that end behind the block",     FIELD(e820_paddr),             BLOCK_PADDR + 1504,   HANDOFF_BAD_E820_ARRAY },
	{ "no e820 range",                             FIELD(e820_count),             0,                    HANDOFF_BAD_E820_ARRAY },
	{ "2^32 - 1 e820 ranges",                      FIELD(e820_count),             UINT32_MAX,           HANDOFF_BAD_E820_ARRAY },
	{ "e820 ranges that lack a field",             FIELD(e820_entry_bytes),       16,                   HANDOFF_BAD_E820_ARRAY },
	{ "e820 ranges of an odd size",                FIELD(e820_entry_bytes),       28,                   HANDOFF_BAD_E820_ARRAY },
	{ "an empty e820 range",                       E820(0, end_paddr),            0,                    HANDOFF_BAD_E820_RANGE },
	{ "an e820 range that ends before its start",  E820(2, end_paddr),            0xfffff,              HANDOFF_BAD_E820_RANGE },
	{ "overlapping e820 ranges",                   E820(1, start_paddr),          0x9fbff,              HANDOFF_BAD_E820_RANGE },
	{ "a UEFI map in the header",                  FIELD(uefi_map_paddr),         BLOCK_PADDR,          HANDOFF_BAD_UEFI_MAP },
	{ "a UEFI map that is not aligned",            FIELD(uefi_map_paddr),         BLOCK_PADDR + 0x354,  HANDOFF_BAD_UEFI_MAP },
	{ "a UEFI map that ends behind the block",     FIELD(uefi_map_bytes),         1592,                 HANDOFF_BAD_UEFI_MAP },
	{ "a UEFI map without descriptors",            FIELD(uefi_map_bytes),         43,                   HANDOFF_BAD_UEFI_MAP },
	{ "descriptors that lack a field",             FIELD(uefi_descriptor_bytes),  39,                   HANDOFF_BAD_UEFI_MAP },
	{ "descriptors of 0 bytes",                    FIELD(uefi_descriptor_bytes),  0,                    HANDOFF_BAD_UEFI_MAP },
	{ "reservations in the header",                FIELD(reservations_paddr),     BLOCK_PADDR + 8,      HANDOFF_BAD_RESERVATIONS_ARRAY },
	{ "one reservation too many",                  FIELD(reservations_count),     5,                    HANDOFF_BAD_RESERVATIONS_ARRAY },
	{ "no reservation",                            FIELD(reservations_count),     0,                    HANDOFF_OK },
	{ "reservations that lack a field",            FIELD(reservations_entry_bytes), 120,                HANDOFF_BAD_RESERVATIONS_ARRAY },
	{ "reservations with a field more",            FIELD(reservations_entry_bytes), 136,                HANDOFF_BAD_RESERVATIONS_ARRAY },
	{ "a reservation that ends before its start",  RESERVATION(1, end_paddr),     0x2ffffff,            HANDOFF_BAD_RESERVATION },
	{ "an owner that does not end",                RESERVATION(3, owner[16]),     UINT64_MAX,           HANDOFF_BAD_RESERVATION },
	{ "a reason that does not end",                RESERVATION(3, reason[64]),    UINT64_MAX,           HANDOFF_BAD_RESERVATION },
	{ "a command line in the header",              FIELD(cmdline_paddr),          BLOCK_PADDR,          HANDOFF_BAD_CMDLINE },
	{ "a command line at 0",                       FIELD(cmdline_paddr),          0,                    HANDOFF_BAD_CMDLINE },
	{ "a command line that does not end there",    FIELD(cmdline_bytes),          12,                   HANDOFF_BAD_CMDLINE },
	{ "a command line of 4 GiB",                   FIELD(cmdline_bytes),          UINT32_MAX,           HANDOFF_BAD_CMDLINE },
	{ "no attempt to exit",                        FIELD(exit_attempts),          0,                    HANDOFF_BAD_EXIT_ATTEMPTS },
	{ "an initrd that ends before its start",      FIELD(initrd_end_paddr),       0x3ffffff,            HANDOFF_BAD_INITRD },
	{ "an empty initrd",                           FIELD(initrd_end_paddr),       0x4000000,            HANDOFF_OK },
	{ "an empty kernel",                           FIELD(kernel_end_paddr),       0x200000,             HANDOFF_BAD_KERNEL },
	{ "an entry before the kernel",                FIELD(kernel_entry_paddr),     0x1fffff,             HANDOFF_BAD_KERNEL },
	{ "an entry behind the kernel",                FIELD(kernel_entry_paddr),     0x300000,             HANDOFF_BAD_KERNEL },
	{ "an empty stack",                            FIELD(stack_start_paddr),      0x318000,             HANDOFF_BAD_STACK },
	{ "a stack that is not aligned",               FIELD(stack_end_paddr),        0x318008,             HANDOFF_BAD_STACK },
	{ "no page tables",                            FIELD(page_table_paddr),       0,                    HANDOFF_BAD_PAGE_TABLE },
	{ "page tables that are not aligned",          FIELD(page_table_paddr),       0x320008,             HANDOFF_BAD_PAGE_TABLE },
	{ "an answer of no kind",                      FIELD(answer),                 5,                    HANDOFF_BAD_ANSWER },
	{ "an answer with a letter that is none",      FIELD(answer_brief[3]),        0x1b,                 HANDOFF_BAD_ANSWER },
	{ "an answer that is not ASCII",               FIELD(answer_lines[1][2]),     0xe4,                 HANDOFF_BAD_ANSWER },
	{ "a Secure Boot of no kind",                  FIELD(secure_boot),            4,                    HANDOFF_BAD_SUMS },
	{ "a sum of no kind",                          FIELD(sums),                   5,                    HANDOFF_BAD_SUMS },
	{ "a kernel's sum that is not there",          FIELD(sums),                   0,                    HANDOFF_BAD_SUMS },
	{ "an initrd's sum that is not there",         FIELD(initrd_sha256[31]),      1,                    HANDOFF_BAD_SUMS },
	{ "an answer without a text",                  FIELD(answer_to_do[0]),        0,                    HANDOFF_OK },
	{ "page tables that do not map 4 GiB",         FIELD(mapped_end_paddr),       4 * GIB - 1,          HANDOFF_BAD_PAGE_TABLE },
	/* clang-format on */
};

static void every_broken_rule_has_its_own_error(void **state)
{
	static struct fixture f;

	(void)state;
	for (size_t i = 0; i < N_OF(field_rows); i++) {
		print_message("%s\n", field_rows[i].rule);
		seal(&f, 8, 0);
		memcpy((uint8_t *)f.pages + field_rows[i].offset, &field_rows[i].value,
		       field_rows[i].bytes);
		if (block_of(&f)->block_bytes <= sizeof(f.pages))
			reseal(&f);
		assert_int_equal(check(&f), field_rows[i].err);
	}
}

static void a_block_that_is_too_long_is_not_read(void **state)
{
	static const uint64_t sizes[] = { GIB + 1, READABLE - BLOCK_PADDR + 1, UINT64_MAX };
	static struct fixture f;

	(void)state;
	seal(&f, 8, 0);
	for (size_t i = 0; i < N_OF(sizes); i++) {
		block_of(&f)->block_bytes = sizes[i];
		assert_int_equal(check(&f), HANDOFF_BAD_BLOCK_BYTES);
	}
}

static void what_is_not_readable_is_not_read(void **state)
{
	static struct fixture f;
	const struct handoff_block *block = block_of(&f);

	(void)state;
	seal(&f, 8, 0);
	assert_int_equal(handoff_check(NULL, BLOCK_PADDR, BLOCK_PADDR + 0x16f), HANDOFF_UNREADABLE);
	assert_int_equal(handoff_check(NULL, BLOCK_PADDR, BLOCK_PADDR - 1), HANDOFF_UNREADABLE);
	assert_int_equal(handoff_check(NULL, BLOCK_PADDR + 4, READABLE), HANDOFF_UNREADABLE);
	assert_int_equal(handoff_check(NULL, UINT64_MAX - 7, UINT64_MAX), HANDOFF_UNREADABLE);
	assert_int_equal(handoff_check(block, BLOCK_PADDR, BLOCK_PADDR + 1591),
	                 HANDOFF_BAD_BLOCK_BYTES);
	assert_int_equal(handoff_check(block, BLOCK_PADDR, BLOCK_PADDR + 1592), HANDOFF_OK);
	assert_int_equal(handoff_check(block, BLOCK_PADDR + 0x1000, READABLE),
	                 HANDOFF_BAD_E820_ARRAY);

	block_of(&f)->min_low_pfn = READABLE >> 12;
	block_of(&f)->node_bootmem_map_paddr = READABLE;
	reseal(&f);
	assert_int_equal(check(&f), HANDOFF_BAD_BITMAP_PADDR);
	block_of(&f)->min_low_pfn = (READABLE >> 12) + 1;
	block_of(&f)->node_bootmem_map_paddr = READABLE + 0x1000;
	reseal(&f);
	assert_int_equal(check(&f), HANDOFF_BAD_BITMAP_PADDR);
	block_of(&f)->min_low_pfn = (READABLE >> 12) - 1;
	block_of(&f)->node_bootmem_map_paddr = READABLE - 0x1000;
	reseal(&f);
	assert_int_equal(check(&f), HANDOFF_BAD_BITMAP_PADDR); /* it is longer than a page */
}

/* What a later minor version may do: longer header, longer entries. */
static void a_longer_header_and_longer_entries_are_stepped_over(void **state)
{
	static struct fixture f;
	struct handoff_block *block = block_of(&f);

	(void)state;
	seal(&f, 8, 0);
	block->e820_entry_bytes = 48; /* every second range, then */
	block->e820_count = 2;
	block->header_bytes = 0x340;
	reseal(&f);
	assert_int_equal(check(&f), HANDOFF_OK);
	((struct handoff_range *)((uint8_t *)f.pages + 0x3d8 + 48))->end_paddr = 0;
	reseal(&f);
	assert_int_equal(check(&f), HANDOFF_BAD_E820_RANGE);
}

/* A loader of version 1.0 knows no answer: what lies where it would be is something else. */
static void a_block_of_version_1_0_has_no_answer(void **state)
{
	static struct fixture f;
	struct handoff_block *block = block_of(&f);

	(void)state;
	seal(&f, 8, 0);
	block->version_minor = 0;
	block->header_bytes = HANDOFF_BLOCK_BYTES_1_0;
	memset(&block->answer, 0xff, HANDOFF_BLOCK_BYTES - HANDOFF_BLOCK_BYTES_1_0);
	reseal(&f);
	assert_int_equal(check(&f), HANDOFF_OK);
	assert_false(handoff_has_answer(block));
}

/* A later minor version may know more answers, of which a kernel knows that it does not. */
static void an_answer_of_a_later_version_is_no_error(void **state)
{
	static struct fixture f;

	(void)state;
	seal(&f, 8, 0);
	block_of(&f)->version_minor = HANDOFF_VERSION_MINOR + 1;
	block_of(&f)->answer = HANDOFF_ANSWER_CHANGED + 1;
	block_of(&f)->secure_boot = HANDOFF_SECURE_BOOT_SETUP + 1;
	block_of(&f)->sums = 0xf;
	reseal(&f);
	assert_int_equal(check(&f), HANDOFF_OK);
}

static void a_text_of_the_answer_ends(void **state)
{
	static const size_t ends[] = { offsetof(struct handoff_block, answer_brief) - 72 - 1,
		                       offsetof(struct handoff_block, answer_brief) - 1,
		                       offsetof(struct handoff_block, answer_to_do) - 1,
		                       offsetof(struct handoff_block, capture_name) - 1,
		                       HANDOFF_OFFSET_SECURE_BOOT - 1 };
	static struct fixture f;

	(void)state;
	seal(&f, 8, 0);
	memset(&block_of(&f)->answer_lines, 'a', HANDOFF_OFFSET_SECURE_BOOT - 0x178);
	for (size_t i = 0; i < N_OF(ends); i++)
		((char *)block_of(&f))[ends[i]] = '\0';
	reseal(&f);
	assert_int_equal(check(&f), HANDOFF_OK);
	for (size_t i = 0; i < N_OF(ends); i++) {
		((char *)block_of(&f))[ends[i]] = 'a';
		reseal(&f);
		assert_int_equal(check(&f), HANDOFF_BAD_ANSWER);
		((char *)block_of(&f))[ends[i]] = '\0';
	}
}

static void a_node_without_pages_is_none(void **state)
{
	static struct fixture f;

	(void)state;
	seal(&f, 8, 0);
	block_of(&f)->node_low_pfn = 0;
	block_of(&f)->max_low_pfn = 0;
	reseal(&f);
	assert_int_equal(check(&f), HANDOFF_BAD_NODE);
}

static void an_ia32_kernel_needs_no_page_tables(void **state)
{
	static struct fixture f;

	(void)state;
	seal(&f, 4, 0);
	assert_int_equal(block_of(&f)->page_table_paddr, 0);
	assert_int_equal(block_of(&f)->node_bootmem_map_bytes, 0x1004);
	assert_int_equal(check(&f), HANDOFF_OK);
}

static void every_error_has_a_sentence(void **state)
{
	(void)state;
	for (int err = 0; err < HANDOFF_ERR_COUNT; err++) {
		assert_non_null(handoff_err_text((enum handoff_err)err));
		for (int other = 0; other < err; other++)
			assert_true(strcmp(handoff_err_text((enum handoff_err)err),
			                   handoff_err_text((enum handoff_err)other)) != 0);
	}
	assert_string_equal(handoff_err_text(HANDOFF_ERR_COUNT), "unknown error");
}

/* ---- The bitmap ---- */

static void every_damaged_bit_of_the_bitmap_is_noticed(void **state)
{
	static struct fixture f;
	uint8_t *bytes = (uint8_t *)f.bitmap;

	(void)state;
	seal(&f, 8, 0);
	for (size_t i = 0; i < 0x1008; i += i < 0x1000 ? 61 : 1) {
		bytes[i] ^= 0x10;
		assert_int_equal(handoff_check_bitmap(block_of(&f), f.bitmap),
		                 HANDOFF_BAD_BITMAP_CHECKSUM);
		bytes[i] ^= 0x10;
	}
	bytes[0x1008] ^= 0x10; /* behind it: nobody's */
	assert_int_equal(handoff_check_bitmap(block_of(&f), f.bitmap), HANDOFF_OK);
}

static void a_bitmap_is_consistent_with_the_block_beyond_its_checksum(void **state)
{
	static const struct {
		const char *rule;
		uint64_t bit;
		enum handoff_err err;
	} rows[] = {
		{ "the first page of RAM is not free", 0, HANDOFF_BAD_BITMAP_COUNT },
		{ "the last page of the node is reserved", LOW_PFN - 1, HANDOFF_BAD_BITMAP_COUNT },
		{ "the first bit of the padding is 0", LOW_PFN, HANDOFF_BAD_BITMAP_PADDING },
		{ "the last bit of the padding is 0", 0x1008 * 8 - 1, HANDOFF_BAD_BITMAP_PADDING },
	};
	static struct fixture f;

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		print_message("%s\n", rows[i].rule);
		seal(&f, 8, 0);
		((uint8_t *)f.bitmap)[rows[i].bit / 8] ^= (uint8_t)(1u << rows[i].bit % 8);
		block_of(&f)->node_bootmem_map_checksum = handoff_checksum(f.bitmap, 0x1008);
		assert_int_equal(handoff_check_bitmap(block_of(&f), f.bitmap), rows[i].err);
	}
}

static void the_kernel_goes_on_where_the_loader_ended(void **state)
{
	static struct fixture f;
	static _Alignas(4096) uint64_t copy[0x2000 / 8];
	bootmem_data_t kernel, *loader = &f.setup.bdata;

	(void)state;
	for (unsigned word_bytes = 4; word_bytes <= 8; word_bytes += 4) {
		seal(&f, word_bytes, 0);
		memcpy(copy, f.bitmap, sizeof(copy));
		handoff_bootmem(block_of(&f), copy, &kernel);
		assert_int_equal(get_mapsize(&kernel), get_mapsize(loader));
		assert_int_equal(kernel.node_bootmem_map_pfn, MAP_PADDR >> 12);
		assert_int_equal(kernel.node_written_bits, loader->node_low_pfn);
		assert_int_equal(bootmem_free_pages(&kernel), bootmem_free_pages(loader));
		assert_int_equal(alloc_bootmem(&kernel, 200), 0x1000000 + 128);
		assert_int_equal(alloc_bootmem(loader, 200), 0x1000000 + 128);
		for (unsigned i = 0; i < 3000; i++) {
			uint64_t bytes = i * 97 % 20000 + 1, align = UINT64_C(1) << i % 15;

			assert_int_equal(alloc_bootmem_core(&kernel, bytes, align, i % 3 << 20, 0),
			                 alloc_bootmem_core(loader, bytes, align, i % 3 << 20, 0));
		}
		free_bootmem(&kernel, 0x1800000, 0x1800000);
		assert_memory_equal(copy, f.bitmap, (size_t)get_mapsize(loader));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sealed_block_passes_and_so_does_its_bitmap),
		cmocka_unit_test(the_same_contents_are_the_same_bytes_on_both_widths),
		cmocka_unit_test(every_fact_is_in_the_block),
		cmocka_unit_test(the_arrays_follow_compactly),
		cmocka_unit_test(reservations_keep_owner_and_reason),
		cmocka_unit_test(texts_end_even_where_they_did_not),
		cmocka_unit_test(a_block_may_have_no_command_line),
		cmocka_unit_test(the_checksum_is_that_of_a_block_whose_checksum_is_0),
		cmocka_unit_test(the_room_of_the_layout_is_what_a_full_block_takes),
		cmocka_unit_test(every_damaged_bit_is_noticed),
		cmocka_unit_test(every_broken_rule_has_its_own_error),
		cmocka_unit_test(a_block_that_is_too_long_is_not_read),
		cmocka_unit_test(what_is_not_readable_is_not_read),
		cmocka_unit_test(a_longer_header_and_longer_entries_are_stepped_over),
		cmocka_unit_test(a_block_of_version_1_0_has_no_answer),
		cmocka_unit_test(an_answer_of_a_later_version_is_no_error),
		cmocka_unit_test(a_text_of_the_answer_ends),
		cmocka_unit_test(a_node_without_pages_is_none),
		cmocka_unit_test(an_ia32_kernel_needs_no_page_tables),
		cmocka_unit_test(every_error_has_a_sentence),
		cmocka_unit_test(every_damaged_bit_of_the_bitmap_is_noticed),
		cmocka_unit_test(a_bitmap_is_consistent_with_the_block_beyond_its_checksum),
		cmocka_unit_test(the_kernel_goes_on_where_the_loader_ended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
