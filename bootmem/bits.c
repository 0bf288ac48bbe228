/*
 * bits.c - runs of bits, a word at a time: the first and the last word of a range by mask, what
 * lies between them whole.
 *
 * A bitmap of gigabytes is mostly long runs, so what counts is the cost of a word in the middle of
 * one: a store by memset(), or a load and a comparison. Bit numbers are 64 bits wide, words are the
 * machine's own; little-endian, so that bit n is bit n%8 of byte n/8 for either width.
 */
#include "bootmem/bits.h"

#include <stddef.h>

#include "bootmem/mem.h"
#include "bootmem/pfn.h"

typedef bits_word_t word_t;

#define WORD_BITS BITS_PER_WORD
#define ALL_ONES  (~0UL)

static inline size_t word_of(uint64_t bit)
{
	return (size_t)(bit / WORD_BITS);
}

/* Bit @bit of its word, and those above. */
static inline word_t mask_from(uint64_t bit)
{
	return ALL_ONES << (bit % WORD_BITS);
}

/* Bit @bit of its word, and those below. */
static inline word_t mask_through(uint64_t bit)
{
	return ALL_ONES >> (WORD_BITS - 1 - bit % WORD_BITS);
}

static inline void put(word_t *word, word_t mask, word_t value)
{
	*word = (*word & ~mask) | (value & mask);
}

/* @value is 0 or ALL_ONES. */
static inline void fill(word_t *words, uint64_t first, uint64_t end, word_t value)
{
	size_t head, tail;

	if (first >= end)
		return;
	head = word_of(first);
	tail = word_of(end - 1);
	if (head == tail) {
		put(&words[head], mask_from(first) & mask_through(end - 1), value);
		return;
	}
	put(&words[head], mask_from(first), value);
	memset(&words[head + 1], (int)(value & 0xff), (tail - head - 1) * sizeof(word_t));
	put(&words[tail], mask_through(end - 1), value);
}

void bits_set(void *map, uint64_t first, uint64_t end)
{
	fill(map, first, end, ALL_ONES);
}

void bits_clear(void *map, uint64_t first, uint64_t end)
{
	fill(map, first, end, 0);
}

/*
 * The first word of [at, end) that is not @value, or @end: the loop that long runs are made of. On
 * its own, so that no caller's variables take its registers.
 */
static __attribute__((noinline)) const word_t *skip(const word_t *at, const word_t *end,
                                                    word_t value)
{
	while (end - at >= 4 && at[0] == value && at[1] == value && at[2] == value &&
	       at[3] == value)
		at += 4;
	while (at < end && *at == value)
		at++;
	return at;
}

/* The first 1 of [first, end) in the bitmap that is @words with each word XORed by @flip. */
static inline uint64_t next(const word_t *words, uint64_t first, uint64_t end, word_t flip)
{
	const word_t *at, *last;
	word_t found;

	if (first >= end)
		return end;
	at = &words[word_of(first)];
	last = &words[word_of(end - 1)];
	found = (*at ^ flip) & mask_from(first);
	if (found == 0 && at < last) {
		at = skip(at + 1, last, flip);
		found = *at ^ flip;
	}
	if (found == 0)
		return end;
	return min_u64((uint64_t)(at - words) * WORD_BITS + bits_lowest(found), end);
}

uint64_t bits_next_zero(const void *map, uint64_t first, uint64_t end)
{
	return next(map, first, end, ALL_ONES);
}

uint64_t bits_next_one(const void *map, uint64_t first, uint64_t end)
{
	return next(map, first, end, 0);
}

/* Ones in a word, summed in fields of 2, 4 and 8 bits; the multiplication adds up the bytes. */
static inline unsigned count_ones(word_t word)
{
	word -= word >> 1 & ALL_ONES / 3;
	word = (word & ALL_ONES / 5) + (word >> 2 & ALL_ONES / 5);
	word = (word + (word >> 4)) & ALL_ONES / 17;
	return (unsigned)(word * (ALL_ONES / 255) >> (WORD_BITS - 8));
}

uint64_t bits_count_zero(const void *map, uint64_t first, uint64_t end)
{
	const word_t *words = map, *at, *tail;
	uint64_t n_ones;

	if (first >= end)
		return 0;
	at = &words[word_of(first)];
	tail = &words[word_of(end - 1)];
	if (at == tail)
		return end - first - count_ones(*at & mask_from(first) & mask_through(end - 1));
	n_ones = count_ones(*at & mask_from(first)) + count_ones(*tail & mask_through(end - 1));
	for (at++; at < tail; at++) {
		const word_t *ones = skip(at, tail, 0), *mixed = skip(ones, tail, ALL_ONES);

		n_ones += (uint64_t)(mixed - ones) * WORD_BITS;
		at = mixed;
		if (at < tail)
			n_ones += count_ones(*at);
	}
	return end - first - n_ones;
}

static inline word_t without_lowest(word_t word)
{
	return word & (word - 1);
}

/* Where runs go, and how many bits they had so far. */
struct sink {
	bits_run_fn *run;
	void *context;
	uint64_t n_bits;
};

static inline void pass_on(struct sink *sink, uint64_t start, uint64_t n_bits)
{
	sink->n_bits += n_bits;
	sink->run(sink->context, start, n_bits);
}

/*
 * Pass on the runs that start in a word and end in it, whose @edges are starts and ends in turns.
 * Returns where the last one starts, if that goes on in the next word.
 */
static inline uint64_t pass_on_word(struct sink *sink, uint64_t word_base, word_t edges)
{
	while (edges != 0) {
		unsigned bit = bits_lowest(edges);
		word_t rest = without_lowest(edges);

		if (rest == 0)
			return word_base + bit;
		pass_on(sink, word_base + bit, bits_lowest(rest) - bit);
		edges = without_lowest(rest);
	}
	return 0;
}

/*
 * A word that is all through what the bit before it is has no edge of a run, and costs one
 * comparison. In any other the bits that differ from the one before them are the edges.
 */
uint64_t bits_each_zero_run(const void *map, uint64_t first, uint64_t end, uint64_t base,
                            bits_run_fn *run, void *context)
{
	const word_t *words = map, *head = &words[word_of(first)], *tail, *at;
	struct sink sink = { run, context, 0 };
	word_t before = ALL_ONES; /* the last bit passed, in every bit */
	uint64_t start = 0;

	if (first >= end)
		return 0;
	tail = &words[word_of(end - 1)];
	for (at = head; at <= tail; at++) {
		uint64_t word_base;
		word_t word, edges;

		if (*at == before)
			at = skip(at, tail, before);
		word = *at | (at == head ? ~mask_from(first) : 0) |
		       (at == tail ? ~mask_through(end - 1) : 0);
		word_base = base + (uint64_t)(at - words) * WORD_BITS;
		edges = word ^ (word << 1 | (before & 1));
		if (before == 0 && edges != 0) {
			pass_on(&sink, start, word_base + bits_lowest(edges) - start);
			edges = without_lowest(edges);
		}
		if (edges != 0)
			start = pass_on_word(&sink, word_base, edges);
		before = 0 - (word >> (WORD_BITS - 1));
	}
	if (before == 0)
		pass_on(&sink, start, base + end - start);
	return sink.n_bits;
}
