/* test_bits.c - runs of bits against the same done bit by bit, at every edge of a word. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "bootmem/bits.h"

#define MAP_BITS 320 /* five words of 64, ten of 32 */

struct map {
	_Alignas(8) uint8_t bytes[MAP_BITS / 8];
};

static bool bit_of(const struct map *map, uint64_t bit)
{
	return map->bytes[bit / 8] >> bit % 8 & 1;
}

static void put_bit(struct map *map, uint64_t bit, bool value)
{
	unsigned mask = 1u << bit % 8;

	map->bytes[bit / 8] =
		(uint8_t)(value ? map->bytes[bit / 8] | mask : map->bytes[bit / 8] & ~mask);
}

/* Patterns, each a byte that repeats: what a range is written over, and searched in. */
static const uint8_t patterns[] = { 0x00, 0xff, 0x55, 0xaa, 0x0f, 0x80, 0x01, 0xfe };

#define N_PATTERNS (sizeof patterns / sizeof patterns[0])

/* Bits on each side of the bounds of bytes and of words of either width. */
static const uint64_t edges[] = { 0,  1,   7,   8,   9,   31,  32,  33,  63,  64,
	                          65, 127, 128, 129, 191, 192, 255, 256, 319, 320 };

#define N_EDGES (sizeof edges / sizeof edges[0])

typedef void range_check(const struct map *map, uint64_t first, uint64_t end);

static void for_every_range(range_check *check)
{
	struct map map;

	for (size_t p = 0; p < N_PATTERNS; p++) {
		memset(map.bytes, patterns[p], sizeof map.bytes);
		for (size_t i = 0; i < N_EDGES; i++) {
			for (size_t j = 0; j < N_EDGES; j++)
				check(&map, edges[i], edges[j]);
		}
	}
}

static void check_set(const struct map *map, uint64_t first, uint64_t end)
{
	struct map wanted = *map, got = *map;

	for (uint64_t bit = first; bit < end; bit++)
		put_bit(&wanted, bit, true);
	bits_set(got.bytes, first, end);
	assert_memory_equal(got.bytes, wanted.bytes, sizeof wanted.bytes);
}

static void check_clear(const struct map *map, uint64_t first, uint64_t end)
{
	struct map wanted = *map, got = *map;

	for (uint64_t bit = first; bit < end; bit++)
		put_bit(&wanted, bit, false);
	bits_clear(got.bytes, first, end);
	assert_memory_equal(got.bytes, wanted.bytes, sizeof wanted.bytes);
}

static uint64_t next_bit(const struct map *map, uint64_t first, uint64_t end, bool value)
{
	for (uint64_t bit = first; bit < end; bit++) {
		if (bit_of(map, bit) == value)
			return bit;
	}
	return end;
}

static void check_next(const struct map *map, uint64_t first, uint64_t end)
{
	assert_int_equal(bits_next_zero(map->bytes, first, end), next_bit(map, first, end, false));
	assert_int_equal(bits_next_one(map->bytes, first, end), next_bit(map, first, end, true));
}

static void check_take(const struct map *map, uint64_t first, uint64_t end)
{
	uint64_t word_end = (first / BITS_PER_WORD + 1) * BITS_PER_WORD;
	uint64_t wanted_bit = next_bit(map, first, end < word_end ? end : word_end, false);
	struct map wanted = *map, got = *map;

	if (wanted_bit >= end || wanted_bit == word_end)
		wanted_bit = end;
	else
		put_bit(&wanted, wanted_bit, true);
	assert_int_equal(bits_take_near(got.bytes, first, end), wanted_bit);
	assert_memory_equal(got.bytes, wanted.bytes, sizeof wanted.bytes);
}

/* Paints the runs that it hears of, and sees to it that they ascend and do not touch. */
struct painter {
	struct map map;
	uint64_t base;
	uint64_t last_end; /* with base; 0 before the first run */
	uint64_t n_bits;
};

static void paint_run(void *context, uint64_t first, uint64_t n_bits)
{
	struct painter *painter = context;

	assert_int_not_equal(n_bits, 0);
	if (painter->last_end != 0)
		assert_true(first > painter->last_end);
	painter->last_end = first + n_bits;
	painter->n_bits += n_bits;
	for (uint64_t i = 0; i < n_bits; i++)
		put_bit(&painter->map, first - painter->base + i, false);
}

static void check_runs(const struct map *map, uint64_t first, uint64_t end)
{
	struct painter painter = { .base = UINT64_C(0x123456789) };
	uint64_t n_zero = 0;

	memset(painter.map.bytes, 0xff, sizeof painter.map.bytes);
	for (uint64_t bit = first; bit < end; bit++)
		n_zero += !bit_of(map, bit);
	assert_int_equal(bits_count_zero(map->bytes, first, end), n_zero);
	assert_int_equal(
		bits_each_zero_run(map->bytes, first, end, painter.base, paint_run, &painter),
		n_zero);
	assert_int_equal(painter.n_bits, n_zero);
	for (uint64_t bit = 0; bit < MAP_BITS; bit++)
		assert_int_equal(bit_of(&painter.map, bit),
		                 bit < first || bit >= end || bit_of(map, bit));
}

static void set_makes_the_bits_of_the_range_1_and_no_others(void **state)
{
	(void)state;
	for_every_range(check_set);
}

static void clear_makes_the_bits_of_the_range_0_and_no_others(void **state)
{
	(void)state;
	for_every_range(check_clear);
}

static void next_finds_the_first_bit_or_the_end(void **state)
{
	(void)state;
	for_every_range(check_next);
}

static void take_near_makes_the_first_zero_1_if_it_is_in_the_first_word(void **state)
{
	(void)state;
	for_every_range(check_take);
}

static void count_and_runs_agree_with_the_bits_of_the_range(void **state)
{
	(void)state;
	for_every_range(check_runs);
}

static uint32_t random_u32(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

static void random_maps_are_read_and_written_as_bit_by_bit(void **state)
{
	uint32_t seed = 2463534242u;
	struct map map;

	(void)state;
	for (unsigned round = 0; round < 2000; round++) {
		for (uint64_t bit = 0; bit < MAP_BITS;) { /* runs, of 1 to 128 bits */
			uint64_t n = 1 + random_u32(&seed) % (1u << round % 8);
			bool value = random_u32(&seed) & 1;

			for (; n > 0 && bit < MAP_BITS; n--)
				put_bit(&map, bit++, value);
		}
		uint64_t first = random_u32(&seed) % (MAP_BITS + 1);
		uint64_t end = random_u32(&seed) % (MAP_BITS + 1);

		check_next(&map, first, end);
		check_take(&map, first, end);
		check_runs(&map, first, end);
		check_runs(&map, 0, MAP_BITS);
		check_set(&map, first, end);
		check_clear(&map, first, end);
	}
}

/* clang-format off */
static const struct {
	const char *rule;
	uint8_t bytes[8];
	uint64_t first, end;
	uint64_t next_zero, next_one, n_zero;
} small[] = {
	{ "an empty range has nothing",                     { 0 },                5, 5,  5,  5, 0 },
	{ "a range that ends before it starts has nothing", { 0 },                9, 5,  5,  5, 0 },
	{ "bit 0 is the lowest of byte 0",                  { 0x01 },             0, 64, 1,  0, 63 },
	{ "bit 15 is the highest of byte 1",                { 0xff, 0x7f, 0xff }, 0, 24, 15, 0, 1 },
	{ "bits before the range do not count",             { 0xf0, 0x0f },       4, 16, 12, 4, 4 },
	{ "bits behind the range do not count",             { 0xff, 0x0f },       0, 12, 12, 0, 0 },
	{ "a range of one 0",                               { 0xfb, 0xff },       2, 3,  2,  3, 1 },
	{ "a range of one 1",                               { 0x04 },             2, 3,  3,  2, 0 },
};
/* clang-format on */

static void bits_are_numbered_from_the_lowest_of_the_first_byte(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof small / sizeof small[0]; i++) {
		_Alignas(8) uint8_t map[8];
		uint64_t first = small[i].first, end = small[i].end;

		memcpy(map, small[i].bytes, sizeof map);
		if (bits_next_zero(map, first, end) != small[i].next_zero ||
		    bits_next_one(map, first, end) != small[i].next_one ||
		    bits_count_zero(map, first, end) != small[i].n_zero)
			fail_msg("%s", small[i].rule);
	}
}

/* 2.6.24 computes bit numbers as int. */
static void bit_numbers_above_2_to_the_31_are_bit_numbers(void **state)
{
	const uint64_t far = UINT64_C(1) << 31;
	uint8_t *map = calloc((size_t)(far / 8) + 64, 1); /* never touched but at its end */

	(void)state;
	if (map == NULL)
		skip();
	bits_set(map, far - 3, far + 200);
	assert_int_equal(map[far / 8 - 1], 0xe0);
	bits_clear(map, far + 2, far + 131);
	assert_int_equal(bits_next_one(map, far - 60, far + 300), far - 3);
	assert_int_equal(bits_next_zero(map, far - 3, far + 300), far + 2);
	assert_int_equal(bits_next_one(map, far + 2, far + 300), far + 131);
	assert_int_equal(bits_count_zero(map, far - 4, far + 200), 1 + 129);
	assert_int_equal(bits_take_near(map, far, far + 300), far + 2);
	assert_int_equal(bits_next_zero(map, far, far + 300), far + 3);
	free(map);
}

/* By every pair of edges: set bit by bit, or not at all. */
static void in_word_has_the_bits_of_a_range_in_one_word(void **state)
{
	(void)state;
	for (uint64_t first = 0; first < 3 * BITS_PER_WORD; first++) {
		for (uint64_t end = first; end < 3 * BITS_PER_WORD; end++) {
			bits_word_t expected = 0;
			bool is_one_word =
				first < end && first / BITS_PER_WORD == (end - 1) / BITS_PER_WORD;

			for (uint64_t bit = first; is_one_word && bit < end; bit++)
				expected |= (bits_word_t)1 << bit % BITS_PER_WORD;
			if (bits_in_word(first, end) != expected)
				fail_msg("[%u, %u)", (unsigned)first, (unsigned)end);
		}
	}
	assert_int_equal(bits_in_word(UINT64_MAX - 1, 200), 0);
	assert_int_equal(bits_in_word(5, 4), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bits_are_numbered_from_the_lowest_of_the_first_byte),
		cmocka_unit_test(set_makes_the_bits_of_the_range_1_and_no_others),
		cmocka_unit_test(clear_makes_the_bits_of_the_range_0_and_no_others),
		cmocka_unit_test(next_finds_the_first_bit_or_the_end),
		cmocka_unit_test(take_near_makes_the_first_zero_1_if_it_is_in_the_first_word),
		cmocka_unit_test(in_word_has_the_bits_of_a_range_in_one_word),
		cmocka_unit_test(count_and_runs_agree_with_the_bits_of_the_range),
		cmocka_unit_test(random_maps_are_read_and_written_as_bit_by_bit),
		cmocka_unit_test(bit_numbers_above_2_to_the_31_are_bit_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
