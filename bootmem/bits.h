/*
 * bits.h - runs of bits in a bitmap, a word at a time.
 *
 * Bit n is bit n%8 of byte n/8: what a little-endian `unsigned long' bitmap of Linux is, whichever
 * word width wrote it. Ranges are [first, end). Words are the machine's own, so the storage must
 * be aligned to 8 bytes and a whole number of 8-byte words long; bits outside the range that is
 * asked for are never changed.
 */
#ifndef BOOTMEM_BITS_H
#define BOOTMEM_BITS_H

#include <stdbool.h>
#include <stdint.h>

/* Make every bit of [first, end) 1. An empty range does nothing. */
void bits_set(void *map, uint64_t first, uint64_t end);

/* Make every bit of [first, end) 0. An empty range does nothing. */
void bits_clear(void *map, uint64_t first, uint64_t end);

/* The first bit of [first, end) that is 0, or @end if all are 1. Linux: find_next_zero_bit(). */
uint64_t bits_next_zero(const void *map, uint64_t first, uint64_t end);

/* The first bit of [first, end) that is 1, or @end if all are 0. Linux: find_next_bit(). */
uint64_t bits_next_one(const void *map, uint64_t first, uint64_t end);

/* How many bits of [first, end) are 0. */
uint64_t bits_count_zero(const void *map, uint64_t first, uint64_t end);

#endif
