/*
 * test_crc32.c - known answers, CRC-32 bit by bit, and checksums that Linux itself computed: those
 * that it stored in hibernation images.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "x86/crc32.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static void known_texts_have_known_checksums(void **state)
{
	static const struct {
		const char *text;
		uint32_t crc;
	} rows[] = {
		{ "", 0 },
		{ "a", 0xe8b7be43 },
		{ "123456789", 0xcbf43926 }, /* the check value of every catalogue of CRCs */
		{ "The quick brown fox jumps over the lazy dog", 0x414fa339 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(crc32_add(0, rows[i].text, strlen(rows[i].text)), rows[i].crc);
}

/* IEEE 802.3 §3.2.9, reflected, one bit at a time. */
static uint32_t slow_crc32(const uint8_t *bytes, size_t n)
{
	uint32_t crc = 0xffffffff;

	for (size_t bit = 0; bit < 8 * n; bit++) {
		uint32_t feedback = (crc ^ (uint32_t)bytes[bit / 8] >> bit % 8) & 1;

		crc = crc >> 1 ^ (feedback ? 0xedb88320 : 0);
	}
	return ~crc;
}

static void all_bytes_in_any_pieces_agree(void **state)
{
	uint8_t bytes[512];

	(void)state;
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)(i * 167 + i / 256);
	for (size_t cut = 0; cut <= sizeof bytes; cut++) {
		uint32_t crc = crc32_add(0, bytes, cut);

		assert_int_equal(crc, slow_crc32(bytes, cut));
		assert_int_equal(crc32_add(crc, bytes + cut, sizeof bytes - cut),
		                 slow_crc32(bytes, sizeof bytes));
	}
}

/*
 * Debian's Linux 6.1 on OVMF (Debian 2022.11) in QEMU, q35: what it printed as BIOS-e820, and the
 * checksum of it in the header of the image that it wrote when it hibernated.
 */
static struct e820_range started_by_stub[] = {
	/* 512 MiB, kernel loaded by QEMU */
	{ 0x0, 0xa0000, 1, 0 },           { 0x100000, 0x806000, 1, 0 },
	{ 0x806000, 0x808000, 4, 0 },     { 0x808000, 0x810000, 1, 0 },
	{ 0x810000, 0x900000, 4, 0 },     { 0x900000, 0x1eaa0000, 1, 0 },
	{ 0x1eaa0000, 0x1eba2000, 2, 0 }, { 0x1eba2000, 0x1f4ec000, 1, 0 },
	{ 0x1f4ec000, 0x1f76c000, 2, 0 }, { 0x1f76c000, 0x1f77e000, 3, 0 },
	{ 0x1f77e000, 0x1f7fe000, 4, 0 }, { 0x1f7fe000, 0x1fef4000, 1, 0 },
	{ 0x1fef4000, 0x1ff78000, 2, 0 }, { 0x1ff78000, 0x20000000, 4, 0 },
	{ 0xb0000000, 0xc0000000, 2, 0 }, { 0xffc00000, 0x100000000, 2, 0 },
};
static struct e820_range started_by_grub[] = {
	/* the same machine, from GRUB 2.06 */
	{ 0x0, 0xa0000, 1, 0 },           { 0x100000, 0x806000, 1, 0 },
	{ 0x806000, 0x808000, 4, 0 },     { 0x808000, 0x810000, 1, 0 },
	{ 0x810000, 0x900000, 4, 0 },     { 0x900000, 0x1eaa0000, 1, 0 },
	{ 0x1eaa0000, 0x1eba2000, 2, 0 }, { 0x1eba2000, 0x1f4ec000, 1, 0 },
	{ 0x1f4ec000, 0x1f5ec000, 2, 0 }, { 0x1f5ec000, 0x1f6ec000, 20, 0 },
	{ 0x1f6ec000, 0x1f76c000, 2, 0 }, { 0x1f76c000, 0x1f77e000, 3, 0 },
	{ 0x1f77e000, 0x1f7fe000, 4, 0 }, { 0x1f7fe000, 0x1fef4000, 1, 0 },
	{ 0x1fef4000, 0x1ff78000, 2, 0 }, { 0x1ff78000, 0x20000000, 4, 0 },
	{ 0xb0000000, 0xc0000000, 2, 0 }, { 0xffc00000, 0x100000000, 2, 0 },
};

static const struct {
	struct e820_map map;
	uint32_t crc;
} hibernated[] = {
	{ { started_by_stub, COUNT(started_by_stub), 0 }, 0x233f18ca },
	{ { started_by_grub, COUNT(started_by_grub), 0 }, 0x0a3adec7 },
};

static void maps_have_the_checksums_that_linux_stored(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(hibernated); i++)
		assert_int_equal(e820_hibernate_crc32(&hibernated[i].map), hibernated[i].crc);
}

static void only_ram_counts_in_the_checksum_of_ram(void **state)
{
	struct e820_range ram[COUNT(started_by_stub)];
	struct e820_map map = { ram, 0, COUNT(ram) };

	(void)state;
	for (size_t i = 0; i < COUNT(started_by_stub); i++) {
		if (started_by_stub[i].type == E820_RAM)
			ram[map.n_ranges++] = started_by_stub[i];
	}
	assert_int_equal(e820_ram_crc32(&map), e820_hibernate_crc32(&map));
	for (size_t i = 0; i < COUNT(hibernated); i++) /* GRUB changes no RAM */
		assert_int_equal(e820_ram_crc32(&hibernated[i].map), e820_hibernate_crc32(&map));
}

/* Every field of an entry is in it, to its last byte; and so is their number. */
static void every_bit_of_a_map_counts(void **state)
{
	struct e820_range range = { 0x1000, 0x3000, E820_RESERVED, 0 };
	const struct e820_map map = { &range, 1, 1 };
	const uint32_t crc = e820_hibernate_crc32(&map);

	(void)state;
	for (unsigned bit = 0; bit < 64; bit++) {
		range.start_paddr ^= UINT64_C(1) << bit;
		range.end_paddr ^= UINT64_C(1) << bit;
		assert_int_not_equal(e820_hibernate_crc32(&map), crc);
		range.start_paddr ^= UINT64_C(1) << bit;
		assert_int_not_equal(e820_hibernate_crc32(&map), crc);
		range.end_paddr ^= UINT64_C(1) << bit;
		range.type ^= UINT32_C(1) << bit % 32;
		assert_int_not_equal(e820_hibernate_crc32(&map), crc);
		range.type ^= UINT32_C(1) << bit % 32;
	}
	assert_int_equal(e820_hibernate_crc32(&map), crc);
	assert_int_equal(e820_hibernate_crc32(&(struct e820_map){ &range, 0, 1 }),
	                 crc32_add(0, "\0\0\0", 4));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_texts_have_known_checksums),
		cmocka_unit_test(all_bytes_in_any_pieces_agree),
		cmocka_unit_test(maps_have_the_checksums_that_linux_stored),
		cmocka_unit_test(only_ram_counts_in_the_checksum_of_ram),
		cmocka_unit_test(every_bit_of_a_map_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
