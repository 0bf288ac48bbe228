/*
 * fuzz_block.c - choices -> a sealed block that somebody has changed, with a checksum that is right
 * all the same: it is refused, with a sentence, or all of it can be walked without a look beyond
 * it. For libFuzzer: `make fuzz'.
 */
#include <string.h>

#include "handoff/block.h"
#include "handoff/load/layout.h"
#include "handoff/load/seal.h"
#include "tests/fuzz/fuzz.h"
#include "x86/setup.h"
#include "x86/target.h"

#define BLOCK_PADDR UINT64_C(0x500000)
#define BLOCK_BYTES 8192
#define MAP_PADDR   UINT64_C(0x300000)
#define LOW_PFN     0x811
#define MOST_BITMAP (UINT64_C(1) << 20)

static struct e820_range ranges[] = {
	{ 0x0, 0x9fc00, E820_RAM, 0 },
	{ 0x100000, 0x811000, E820_RAM, 0 },
	{ 0xffc00000, 0x100000000, 0x70000001, 0 },
};

static struct reservation reservations[] = {
	{ 0x0, 0x1000, 0, RESERVATION_LOW_MEMORY, ORIGIN_LINUX, LIFETIME_FOREVER, false, "page 0",
	  "BIOS" },
	{ MAP_PADDR, MAP_PADDR + 0x108, 0, RESERVATION_BOOTMAP, ORIGIN_LINUX, LIFETIME_BOOT, false,
	  "bootmem", "bitmap" },
};

static _Alignas(4096) uint8_t bitmap[PAGE_BYTES], pages[BLOCK_BYTES];

static void make_setup(const struct boot_target *target, struct e820_map *e820,
                       struct boot_inputs *inputs, struct boot_setup *setup)
{
	*e820 = (struct e820_map){ ranges, 3, 3 };
	*inputs = (struct boot_inputs){ .target = target, .e820 = e820 };
	*setup = (struct boot_setup){ .inputs = inputs,
		                      .min_low_pfn = pfn_down(MAP_PADDR),
		                      .max_low_pfn = LOW_PFN,
		                      .max_pfn = LOW_PFN,
		                      .reservations = { reservations, 2, 2, 0 } };
	init_bootmem(&setup->bdata, bitmap, pfn_down(MAP_PADDR), LOW_PFN, target->word_bytes);
	free_bootmem(&setup->bdata, 0x100000, 0x711000);
	reserve_bootmem(&setup->bdata, MAP_PADDR, MAP_PADDR + 0x108);
	bootmem_complete(&setup->bdata);
}

static void seal(struct fuzz_dice *dice)
{
	const struct boot_target *target = fuzz_roll(dice, 2) == 0 ? &target_amd64 : &target_ia32;
	const char *cmdline = "console=ttyS0";
	struct handoff_block known = {
		.cmdline_bytes = 13,
		.uefi_map_bytes = 3 * 44,
		.uefi_descriptor_bytes = 44,
		.kernel_start_paddr = 0x200000,
		.kernel_end_paddr = 0x300000,
		.kernel_entry_paddr = 0x200040,
		.stack_start_paddr = 0x510000,
		.stack_end_paddr = 0x514000,
		.page_table_paddr = 0x515000,
		.mapped_end_paddr = UINT64_C(1) << 32,
		.firmware_bits = 64,
		.exit_attempts = 1,
		.answer = HANDOFF_ANSWER_FIRST,
	};
	struct e820_map e820;
	struct boot_inputs inputs;
	struct boot_setup setup;

	make_setup(target, &e820, &inputs, &setup);
	memset(pages, 0, sizeof pages);
	handoff_seal(pages, BLOCK_PADDR, &known, cmdline, &setup);
}

/* Bytes of the header, or of the arrays, of a width that fields have. */
static void change(struct fuzz_dice *dice, uint8_t *block, uint64_t room_bytes)
{
	static const uint64_t values[] = { 0,
		                           1,
		                           7,
		                           8,
		                           40,
		                           BLOCK_PADDR,
		                           BLOCK_PADDR + 8,
		                           UINT32_MAX,
		                           UINT64_MAX,
		                           UINT64_MAX - 7,
		                           UINT64_C(1) << 52,
		                           BLOCK_PADDR + BLOCK_BYTES };
	uint32_t end = fuzz_roll(dice, 4) != 0 ? HANDOFF_BLOCK_BYTES : (uint32_t)room_bytes;
	uint32_t offset = 4 * fuzz_roll(dice, end / 4 - 1);
	uint64_t value = fuzz_roll(dice, 3) == 0
	                         ? fuzz_number(dice)
	                         : values[fuzz_roll(dice, sizeof values / sizeof values[0])];
	uint64_t old;

	memcpy(&old, block + offset, sizeof old);
	if (fuzz_roll(dice, 3) == 0)
		value = old + fuzz_roll(dice, 33) - 16;
	memcpy(block + offset, &value, fuzz_roll(dice, 2) == 0 ? 8 : 4);
}

/* --- what a kernel does with it --- */

static volatile uint64_t seen; /* so that each read is one */

static void look(const void *at, uint64_t bytes)
{
	for (uint64_t i = 0; i < bytes; i++)
		seen += ((const uint8_t *)at)[i];
}

static const void *in(const struct handoff_block *block, uint64_t paddr)
{
	return (const uint8_t *)block + (size_t)(paddr - BLOCK_PADDR);
}

static void walk(const struct handoff_block *block)
{
	const uint8_t *at = in(block, block->e820_paddr);
	uint64_t end_paddr = 0;

	for (uint32_t i = 0; i < block->e820_count; i++, at += block->e820_entry_bytes) {
		const struct handoff_range *range = (const void *)at;

		REQUIRE(range->start_paddr >= end_paddr && range->end_paddr > range->start_paddr);
		end_paddr = range->end_paddr;
		look(range, sizeof *range);
	}
	at = in(block, block->reservations_paddr);
	for (uint32_t i = 0; i < block->reservations_count;
	     i++, at += block->reservations_entry_bytes) {
		const struct handoff_reservation *entry = (const void *)at;

		look(entry->owner, strlen(entry->owner));
		look(entry->reason, strlen(entry->reason));
		look(entry, sizeof *entry);
	}
	for (uint32_t i = 0; i < block->uefi_map_bytes / block->uefi_descriptor_bytes; i++)
		look((const uint8_t *)in(block, block->uefi_map_paddr) +
		             (size_t)i * block->uefi_descriptor_bytes,
		     40);
	REQUIRE(strlen(in(block, block->cmdline_paddr)) <= block->cmdline_bytes);
	if (handoff_has_answer(block))
		look(block->answer_to_do, strlen(block->answer_to_do));
}

/* A bitmap of that size, and the right sum of it if the block is to be believed. */
static void allocate(struct fuzz_dice *dice, struct handoff_block *block)
{
	uint64_t bytes = block->node_bootmem_map_bytes;
	uint8_t *map = bytes <= MOST_BITMAP ? malloc((size_t)align_up(bytes, PAGE_BYTES)) : NULL;
	bootmem_data_t bdata;
	enum handoff_err err;

	if (map == NULL)
		return;
	memset(map, fuzz_roll(dice, 2) == 0 ? 0xff : 0, (size_t)align_up(bytes, PAGE_BYTES));
	memcpy(map, bitmap, bytes < sizeof bitmap ? (size_t)bytes : sizeof bitmap);
	if (fuzz_roll(dice, 2) == 0)
		block->node_bootmem_map_checksum = handoff_checksum(map, bytes);
	err = handoff_check_bitmap(block, map);
	REQUIRE(handoff_err_text(err) != NULL);
	if (err == HANDOFF_OK) {
		handoff_bootmem(block, map, &bdata);
		for (uint32_t n = fuzz_roll(dice, 8); n > 0; n--) {
			uint64_t paddr = alloc_bootmem(&bdata, 1 + fuzz_roll(dice, 0x3000));

			REQUIRE(paddr == BOOTMEM_NONE || paddr < pfn_paddr(block->node_low_pfn));
		}
	}
	free(map);
}

void fuzz_one(const uint8_t *data, size_t bytes)
{
	struct fuzz_dice dice = { data, bytes };
	uint64_t block_bytes;
	struct handoff_block *block;
	enum handoff_err err;

	seal(&dice);
	block_bytes = ((const struct handoff_block *)pages)->block_bytes;
	block = malloc((size_t)block_bytes); /* with nothing behind it */
	REQUIRE(block != NULL && block_bytes <= BLOCK_BYTES);
	memcpy(block, pages, (size_t)block_bytes);
	REQUIRE(handoff_check(block, BLOCK_PADDR, BLOCK_PADDR + block_bytes) == HANDOFF_OK);
	for (uint32_t n = fuzz_roll(&dice, 6); n > 0; n--)
		change(&dice, (uint8_t *)block, block_bytes);
	if (block->block_bytes <= block_bytes && block->block_bytes >= sizeof(uint64_t) * 4)
		block->checksum = handoff_block_checksum(block);
	err = handoff_check(block, BLOCK_PADDR, BLOCK_PADDR + block_bytes);
	REQUIRE(handoff_err_text(err) != NULL);
	if (err == HANDOFF_OK) {
		walk(block);
		allocate(&dice, block);
	}
	free(block);
}
