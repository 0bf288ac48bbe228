/*
 * crc32.h - CRC-32 of IEEE 802.3, as zlib computes it; and Linux's hibernation checksum, which is
 * that of an e820 map: what decides whether a hibernated system is resumed.
 */
#ifndef X86_CRC32_H
#define X86_CRC32_H

#include <stddef.h>
#include <stdint.h>

#include "x86/e820.h"

/* The checksum of what had @crc so far (0 for nothing) and the @bytes bytes at @start. */
uint32_t crc32_add(uint32_t crc, const void *start, size_t bytes);

/*
 * Linux's checksum of a sanitized map (arch/x86/power/hibernate.c, compute_e820_crc32()): of the
 * count of entries, 32 bits, then of address, size (64 bits) and type (32 bits) of each, packed,
 * little-endian.
 */
uint32_t e820_hibernate_crc32(const struct e820_map *map);

/* The same of the RAM ranges alone: what hibernate=relaxed_memmap, proposed in June 2026, compares.
 */
uint32_t e820_ram_crc32(const struct e820_map *map);

#endif
