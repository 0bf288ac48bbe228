/*
 * crc32.c - see crc32.h. Half a byte at a time: the table has 16 entries, which can be checked by
 * eye, and is fast enough for what is at most some MiB.
 */
#include "x86/crc32.h"

/* The remainders of x^32 times each four bits, lowest power first, by the polynomial of IEEE 802.3
 * §3.2.9: 0xedb88320, which is that of 8. */
static const uint32_t crc32_of_nibble[16] = {
	0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, /* 0 to 3 */
	0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c, /* 4 to 7 */
	0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, /* 8 to 11 */
	0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c, /* 12 to 15 */
};

uint32_t crc32_add(uint32_t crc, const void *start, size_t bytes)
{
	const uint8_t *at = start;

	crc = ~crc;
	while (bytes-- > 0) {
		crc ^= *at++;
		crc = crc >> 4 ^ crc32_of_nibble[crc & 15];
		crc = crc >> 4 ^ crc32_of_nibble[crc & 15];
	}
	return ~crc;
}

/* The @bytes low bytes of @value, the lowest first. */
static uint32_t add_number(uint32_t crc, uint64_t value, size_t bytes)
{
	uint8_t wire[sizeof value];

	for (size_t i = 0; i < bytes; i++)
		wire[i] = (uint8_t)(value >> 8 * i);
	return crc32_add(crc, wire, bytes);
}

/* struct boot_e820_entry of Linux: address, size, type; 20 bytes. */
static uint32_t add_range(uint32_t crc, const struct e820_range *range)
{
	crc = add_number(crc, range->start_paddr, 8);
	crc = add_number(crc, e820_bytes(range), 8);
	return add_number(crc, range->type, 4);
}

uint32_t e820_hibernate_crc32(const struct e820_map *map)
{
	uint32_t crc = add_number(0, map->n_ranges, 4);

	for (size_t i = 0; i < map->n_ranges; i++)
		crc = add_range(crc, &map->ranges[i]);
	return crc;
}

uint32_t e820_ram_crc32(const struct e820_map *map)
{
	size_t n_ram = 0;
	uint32_t crc;

	for (size_t i = 0; i < map->n_ranges; i++)
		n_ram += map->ranges[i].type == E820_RAM;
	crc = add_number(0, n_ram, 4);
	for (size_t i = 0; i < map->n_ranges; i++)
		if (map->ranges[i].type == E820_RAM)
			crc = add_range(crc, &map->ranges[i]);
	return crc;
}
