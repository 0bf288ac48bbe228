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

/* The machine's own word, in storage that may have been written as another type. */
typedef unsigned long __attribute__((may_alias)) bits_word_t;

#define BITS_PER_WORD (8 * sizeof(bits_word_t))

/* Make every bit of [first, end) 1. An empty range does nothing. */
void bits_set(void *map, uint64_t first, uint64_t end);

/* Make every bit of [first, end) 0. An empty range does nothing. */
void bits_clear(void *map, uint64_t first, uint64_t end);

/* The first bit of [first, end) that is 0, or @end if all are 1. Linux: find_next_zero_bit(). */
uint64_t bits_next_zero(const void *map, uint64_t first, uint64_t end);

/* The first bit of [first, end) that is 1, or @end if all are 0. Linux: find_next_bit(). */
uint64_t bits_next_one(const void *map, uint64_t first, uint64_t end);

/* The lowest 1 of a word that is not 0. */
static inline unsigned bits_lowest(bits_word_t word)
{
	return (unsigned)__builtin_ctzl(word);
}

/* A range that lies in one word: its bits in that word. 0 if it is empty, or does not. */
static inline bits_word_t bits_in_word(uint64_t first, uint64_t end)
{
	uint64_t n_bits = end - first;

	if (n_bits - 1 >= BITS_PER_WORD - first % BITS_PER_WORD)
		return 0;
	return ~(bits_word_t)0 >> (BITS_PER_WORD - n_bits) << first % BITS_PER_WORD;
}

/*
 * The first bit of [first, end) that is 0, made 1, if it is in the word that bit @first is in;
 * else @end. Short enough to be worth having in the caller.
 */
static inline uint64_t bits_take_near(void *map, uint64_t first, uint64_t end)
{
	bits_word_t *word, zeros, lowest;
	uint64_t bit;

	if (first >= end)
		return end;
	word = (bits_word_t *)map + first / BITS_PER_WORD;
	zeros = ~*word >> first % BITS_PER_WORD;
	if (zeros == 0)
		return end;
	bit = first + bits_lowest(zeros);
	if (bit >= end)
		return end;
	lowest = (bits_word_t)1 << bit % BITS_PER_WORD;
	*word |= lowest;
	return bit;
}

/* How many bits of [first, end) are 0. */
uint64_t bits_count_zero(const void *map, uint64_t first, uint64_t end);

/* Takes a run of @n_bits bits from @first on. */
typedef void bits_run_fn(void *context, uint64_t first, uint64_t n_bits);

/* Call @run for every maximal run of zeros in [first, end), in ascending order, with @base added to
 * its first bit. A word is read before @run hears of it, and not again. Returns how many
 * bits the runs have. */
uint64_t bits_each_zero_run(const void *map, uint64_t first, uint64_t end, uint64_t base,
                            bits_run_fn *run, void *context);

#endif
