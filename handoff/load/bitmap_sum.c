/* bitmap_sum.c - runs of zeros and of ones -> sums of words: see bitmap_sum.h. */
#include "handoff/load/bitmap_sum.h"

#define WORD_BITS 32 /* of the words that handoff_checksum() adds */

struct sums {
	uint32_t sum, sums;
	uint32_t word;   /* the bits of the word that is not full yet */
	uint64_t n_bits; /* how many bits there were */
	pfn_t node_pfn;
};

/* 1 + 2 + ... + @n modulo 2^32. */
static uint32_t sum_through(uint64_t n)
{
	return (uint32_t)(n % 2 == 0 ? n / 2 * (n + 1) : (n + 1) / 2 * n);
}

static void add_words(struct sums *sums, uint32_t word, uint64_t n)
{
	sums->sums += (uint32_t)n * sums->sum + word * sum_through(n);
	sums->sum += (uint32_t)n * word;
}

/* Bits that are all @value, 0 or UINT32_MAX, until there are @end of them. */
static void add_bits_until(struct sums *sums, uint64_t end, uint32_t value)
{
	unsigned used = sums->n_bits % WORD_BITS;
	uint64_t n_bits = end - sums->n_bits;

	sums->n_bits = end;
	sums->word |= value << used;
	if (used + n_bits < WORD_BITS) {
		/* What is above the last bit is not known yet. */
		sums->word &= ~(UINT32_MAX << (used + (unsigned)n_bits));
		return;
	}
	add_words(sums, sums->word, 1);
	add_words(sums, value, (used + n_bits) / WORD_BITS - 1);
	sums->word = value & ~(UINT32_MAX << end % WORD_BITS);
}

static void add_free_run(void *context, pfn_t first_pfn, uint64_t n_pages)
{
	struct sums *sums = context;
	uint64_t first = first_pfn - sums->node_pfn;

	add_bits_until(sums, first, UINT32_MAX);
	add_bits_until(sums, first + n_pages, 0);
}

uint64_t bitmap_sum(const bootmem_data_t *bdata, uint64_t *ret_free_pages)
{
	struct sums sums = { .node_pfn = pfn_down(bdata->node_boot_start) };

	*ret_free_pages = bootmem_each_free_run(bdata, add_free_run, &sums);
	add_bits_until(&sums, get_mapsize(bdata) * 8, UINT32_MAX); /* whole words of 32 bits */
	return (uint64_t)sums.sums << 32 | sums.sum;
}
