/*
 * test_e820.c - the canonical map, by rule and against a painter.
 *
 * The painter is the second opinion on e820_sanitize(): it gives every byte of a small address
 * space the highest type that claims it, and reads the ranges off. Maps are written as text,
 * "start-end type" in hexadecimal, with a semicolon between two.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "x86/e820.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define SOFT         ((uint32_t)E820_SOFT_RESERVED)
#define ROW_RANGES   16

static size_t parse(const char *text, struct e820_range *ranges)
{
	size_t n = 0;

	while (*text != '\0') {
		char *at;

		ranges[n].start_paddr = strtoull(text, &at, 16);
		ranges[n].end_paddr = strtoull(at + 1, &at, 16);
		ranges[n].type = (uint32_t)strtoul(at, &at, 16);
		ranges[n++].reserved = 0;
		text = at + strspn(at, "; ");
	}
	return n;
}

static void print_map(const char *what, const struct e820_range *ranges, size_t n)
{
	print_message("%s:\n", what);
	for (size_t i = 0; i < n; i++)
		print_message("  %llx-%llx %x\n", (unsigned long long)ranges[i].start_paddr,
		              (unsigned long long)ranges[i].end_paddr, (unsigned)ranges[i].type);
}

static void assert_same_map(const char *rule, const struct e820_map *got,
                            const struct e820_range *want, size_t n_want)
{
	if (got->n_ranges == n_want &&
	    (n_want == 0 || memcmp(got->ranges, want, n_want * sizeof *want) == 0))
		return;
	print_map("got", got->ranges, got->n_ranges);
	print_map("want", want, n_want);
	fail_msg("%s", rule);
}

/* Sanitize with scratch space of exactly the size that is asked for. */
static enum map_err sanitize(struct e820_map *map, size_t *ret_overlaps)
{
	size_t scratch_bytes = e820_scratch_bytes(map->n_ranges);
	void *scratch = malloc(scratch_bytes);
	enum map_err err;

	assert_non_null(scratch);
	memset(scratch, 0xee, scratch_bytes);
	err = e820_sanitize(map, scratch, scratch_bytes, ret_overlaps);
	free(scratch);
	return err;
}

static const struct {
	const char *rule;
	const char *in;
	const char *out;
	size_t n_overlaps;
} sanitized[] = {
	{ "no range is an empty map", "", "", 0 },
	{ "one range is a map: 2.6.24 refused it", "0-1 1", "0-1 1", 0 },
	{ "an empty range is dropped", "1000-1000 1", "", 0 },
	{ "a range that ends before its start is dropped", "2000-1000 2", "", 0 },
	{ "an empty range splits nothing, not even soft reserved", "0-4 efffffff; 2-2 1",
	  "0-4 efffffff", 0 },
	{ "a range of type 0 says nothing", "0-4 0; 2-6 1", "2-6 1", 1 },
	{ "a range up to the last byte that can be said", "8-ffffffffffffffff 1",
	  "8-ffffffffffffffff 1", 0 },
	{ "two up to there, the higher type wins", "8-ffffffffffffffff 1; 9-ffffffffffffffff 2",
	  "8-9 1; 9-ffffffffffffffff 2", 1 },
	{ "a soft reserved one up to there", "8-ffffffffffffffff efffffff; 9-ffffffffffffffff 1",
	  "8-9 efffffff; 9-ffffffffffffffff efffffff", 1 },

	{ "ranges are sorted", "4-8 1; 0-2 2", "0-2 2; 4-8 1", 0 },
	{ "equal neighbours are merged", "0-4 1; 4-8 1", "0-8 1", 0 },
	{ "in whatever order they come", "4-8 1; 0-4 1", "0-8 1", 0 },
	{ "neighbours of two types are not", "0-4 1; 4-8 2", "0-4 1; 4-8 2", 0 },
	{ "one byte of a hole keeps them apart", "0-4 1; 5-8 1", "0-4 1; 5-8 1", 0 },
	{ "many in a row become one", "6-8 3; 0-2 3; 4-6 3; 2-4 3", "0-8 3", 0 },

	{ "a duplicate vanishes", "0-4 1; 0-4 1", "0-4 1", 1 },
	{ "the higher type wins over an equal range", "0-4 2; 0-4 1", "0-4 2", 1 },
	{ "overlap of one type is one range", "0-5 1; 3-8 1", "0-8 1", 1 },
	{ "the higher type cuts the lower one's end", "0-5 1; 3-8 2", "0-3 1; 3-8 2", 1 },
	{ "and its start", "0-5 2; 3-8 1", "0-5 2; 5-8 1", 1 },
	{ "a hole of a higher type splits in three", "0-9 1; 3-6 2", "0-3 1; 3-6 2; 6-9 1", 1 },
	{ "a lower type inside is swallowed", "0-9 2; 3-6 1", "0-9 2", 1 },
	{ "so is an equal one", "0-9 2; 3-6 2", "0-9 2", 1 },
	{ "what ends with the outer one", "0-9 1; 3-9 2", "0-3 1; 3-9 2", 1 },
	{ "what starts with it", "0-9 1; 0-3 2", "0-3 2; 3-9 1", 1 },
	{ "what was swallowed shows when the top ends", "0-9 1; 2-4 3; 1-6 2",
	  "0-1 1; 1-2 2; 2-4 3; 4-6 2; 6-9 1", 2 },
	{ "what ended below the top does not show", "0-9 1; 1-3 2; 2-5 3",
	  "0-1 1; 1-2 2; 2-5 3; 5-9 1", 2 },
	{ "the top may be outlived by its own type", "0-4 2; 0-9 1; 2-6 2", "0-6 2; 6-9 1", 2 },
	{ "a higher type that outlives the top", "0-4 2; 0-9 1; 2-6 3", "0-2 2; 2-6 3; 6-9 1", 2 },
	{ "three that start at one address", "0-2 3; 0-4 2; 0-6 1", "0-2 3; 2-4 2; 4-6 1", 2 },
	{ "an end and a start at one address", "0-4 5; 4-8 1; 2-6 2", "0-4 5; 4-6 2; 6-8 1", 2 },

	{ "a type without a name outranks those that have one", "0-9 2; 3-6 14",
	  "0-3 2; 3-6 14; 6-9 2", 1 },
	{ "the highest number wins over all", "0-9 efffffff; 0-9 ffffffff", "0-9 ffffffff", 1 },
	{ "unusable wins over persistent no more than 5 over 7", "0-9 5; 3-6 7",
	  "0-3 5; 3-6 7; 6-9 5", 1 },

	{ "soft reserved neighbours are two devices", "0-4 efffffff; 4-8 efffffff",
	  "0-4 efffffff; 4-8 efffffff", 0 },
	{ "and so are neighbours of type 12", "0-4 c; 4-8 c", "0-4 c; 4-8 c", 0 },
	{ "persistent memory of ACPI's number is merged", "0-4 7; 4-8 7", "0-8 7", 0 },
	{ "soft reserved is split where anything below starts or ends",
	  "0-8 efffffff; 2-4 1; 3-6 1",
	  "0-2 efffffff; 2-3 efffffff; 3-4 efffffff; 4-6 efffffff; 6-8 efffffff", 2 },
	{ "and where another one overlaps", "0-4 efffffff; 2-6 efffffff",
	  "0-2 efffffff; 2-4 efffffff; 4-6 efffffff", 1 },
	{ "what is outranked is not split by what is below", "0-9 f0000000; 1-8 efffffff; 2-3 1",
	  "0-9 f0000000", 2 },
	{ "RAM around it is merged as ever", "0-4 1; 4-8 1; 8-c efffffff; c-e 1; e-f 1",
	  "0-8 1; 8-c efffffff; c-f 1", 0 },

	{ "the classic PC",
	  "0-9fc00 1; 9fc00-a0000 2; f0000-100000 2; 100000-7ff0000 1; 7ff0000-8000000 3; fffc0000-100000000 2",
	  "0-9fc00 1; 9fc00-a0000 2; f0000-100000 2; 100000-7ff0000 1; 7ff0000-8000000 3; fffc0000-100000000 2",
	  0 },
	{ "RAM above 4 GiB first, then what is reserved below",
	  "100000000-840000000 1; e0000000-f0000000 2; 0-a0000 1; fd00000000-10000000000 2",
	  "0-a0000 1; e0000000-f0000000 2; 100000000-840000000 1; fd00000000-10000000000 2", 0 },
};

static void overlaps_go_to_the_highest_type_and_neighbours_merge(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(sanitized); i++) {
		struct e820_range ranges[ROW_RANGES], want[ROW_RANGES];
		struct e820_map map = { ranges, parse(sanitized[i].in, ranges), ROW_RANGES };
		size_t n_want = parse(sanitized[i].out, want), n_overlaps = 99;

		assert_int_equal(sanitize(&map, &n_overlaps), MAP_OK);
		assert_same_map(sanitized[i].rule, &map, want, n_want);
		if (n_overlaps != sanitized[i].n_overlaps)
			fail_msg("%s: %u overlaps", sanitized[i].rule, (unsigned)n_overlaps);
		assert_int_equal(sanitize(&map, NULL), MAP_OK); /* and nobody need count them */
		assert_same_map(sanitized[i].rule, &map, want, n_want);
	}
}

/* --- the painter --- */

#define CELLS       16384
#define MOST_INPUT  4096
#define MOST_OUTPUT (2 * MOST_INPUT)

static uint32_t painted[CELLS + 1]; /* the last one stays unpainted: it ends all ranges */
static bool changes[CELLS + 1];

static size_t paint(const struct e820_range *in, size_t n_in, struct e820_range *out)
{
	size_t n = 0;

	memset(painted, 0, sizeof painted);
	memset(changes, 0, sizeof changes);
	for (size_t i = 0; i < n_in; i++) {
		if (in[i].start_paddr >= in[i].end_paddr)
			continue;
		changes[in[i].start_paddr] = changes[in[i].end_paddr] = true;
		for (paddr_t at = in[i].start_paddr; at < in[i].end_paddr; at++)
			painted[at] = painted[at] > in[i].type ? painted[at] : in[i].type;
	}
	for (paddr_t at = 0, start = 0; at < CELLS; at++) {
		bool is_cut =
			painted[at] != painted[at + 1] ||
			((painted[at] == SOFT || painted[at] == E820_PRAM) && changes[at + 1]);

		if (is_cut && painted[at] != E820_NONE)
			out[n++] = (struct e820_range){ start, at + 1, painted[at], 0 };
		if (is_cut)
			start = at + 1;
	}
	return n;
}

static size_t count_overlaps(const struct e820_range *in, size_t n_in)
{
	size_t n = 0;

	for (size_t i = 0; i < n_in; i++) {
		bool is_shared = false;

		for (size_t j = 0; j < n_in; j++) {
			bool is_before = in[j].start_paddr < in[i].start_paddr ||
			                 (in[j].start_paddr == in[i].start_paddr && j < i);

			is_shared |= is_before && in[i].start_paddr < in[i].end_paddr &&
			             in[j].start_paddr < in[j].end_paddr &&
			             in[j].end_paddr > in[i].start_paddr;
		}
		n += is_shared;
	}
	return n;
}

/* Numbers that are the same in each run and on each machine (xorshift64). */
static uint64_t random_state;

static uint32_t random_below(uint32_t limit)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (uint32_t)(random_state >> 32) % limit;
}

static void shuffle(struct e820_range *ranges, size_t n)
{
	for (size_t i = n; i > 1; i--) {
		size_t j = random_below((uint32_t)i);
		struct e820_range swap = ranges[i - 1];

		ranges[i - 1] = ranges[j];
		ranges[j] = swap;
	}
}

static struct e820_range input[MOST_INPUT], want[MOST_OUTPUT], result[MOST_OUTPUT];

/* The result for input[] is what the painter has, fits exactly, and is its own result. */
static void check_against_painter(const char *what, size_t n_in)
{
	size_t n_want = paint(input, n_in, want), n_overlaps;
	size_t capacity = n_want > n_in ? n_want : n_in;
	struct e820_map map = { result, n_in, capacity };

	assert_true(n_want <= e820_most_ranges(n_in));
	memcpy(result, input, n_in * sizeof input[0]);
	if (n_want > n_in) { /* one short: MAP_FULL, and nothing has happened */
		map.capacity = n_want - 1;
		assert_int_equal(sanitize(&map, NULL), MAP_FULL);
		assert_same_map("a map that does not fit is as it was", &map, input, n_in);
		map.capacity = capacity;
	}
	assert_int_equal(sanitize(&map, &n_overlaps), MAP_OK);
	assert_same_map(what, &map, want, n_want);
	if (n_in <= 300)
		assert_int_equal(n_overlaps, count_overlaps(input, n_in));
	assert_int_equal(sanitize(&map, &n_overlaps), MAP_OK);
	assert_same_map("a canonical map is left as it is", &map, want, n_want);
	assert_int_equal(n_overlaps, 0);
}

static const uint32_t all_types[] = { 1, 2,  3,  4,  5,          6,    7,          12,
	                              0, 20, 64, 65, 0x7fffffff, SOFT, 0xf0000000, UINT32_MAX };

static void small_maps_are_what_the_painter_says(void **state)
{
	(void)state;
	random_state = 0x2624;
	for (unsigned run = 0; run < 6000; run++) {
		size_t n = random_below(12);
		uint32_t n_cells = 2 + random_below(60),
			 n_types = 1 + random_below(COUNT(all_types));
		uint32_t first_type = random_below(COUNT(all_types));

		for (size_t i = 0; i < n; i++) { /* an end below the start among them */
			input[i].start_paddr = random_below(n_cells);
			input[i].end_paddr = random_below(8) == 0
			                             ? random_below(n_cells)
			                             : input[i].start_paddr + random_below(n_cells);
			input[i].type =
				all_types[(first_type + random_below(n_types)) % COUNT(all_types)];
			if (random_below(6) == 0 && i > 0)
				input[i] = input[random_below((uint32_t)i)];
		}
		check_against_painter("a small map", n);
	}
}

static void the_order_of_the_input_does_not_matter(void **state)
{
	(void)state;
	random_state = 0x820;
	for (unsigned run = 0; run < 300; run++) {
		size_t n = 1 + random_below(20), n_want;

		for (size_t i = 0; i < n; i++) {
			input[i].start_paddr = random_below(50);
			input[i].end_paddr = input[i].start_paddr + random_below(20);
			input[i].type = all_types[random_below(COUNT(all_types))];
		}
		n_want = paint(input, n, want);
		for (unsigned order = 0; order < 10; order++) {
			struct e820_map map = { result, n, MOST_OUTPUT };

			shuffle(input, n);
			memcpy(result, input, n * sizeof input[0]);
			assert_int_equal(sanitize(&map, NULL), MAP_OK);
			assert_same_map("another order", &map, want, n_want);
		}
	}
}

/* Shapes that are hard on one or another way to sanitize. Ranges lie within 4 * n cells. */
static struct e820_range shape_random(uint32_t i, uint32_t n)
{
	paddr_t start_paddr = random_below(3 * n);

	(void)i;
	return (struct e820_range){ start_paddr, start_paddr + 1 + random_below(6),
		                    1 + random_below(5), 0 };
}

static struct e820_range shape_heavy(uint32_t i, uint32_t n)
{
	paddr_t start_paddr = random_below(3 * n);

	(void)i;
	return (struct e820_range){ start_paddr, start_paddr + 1 + random_below(n),
		                    random_below(40), 0 };
}

static struct e820_range shape_disjoint(uint32_t i, uint32_t n)
{
	(void)n;
	return (struct e820_range){ 3 * i, 3 * i + 2, 1 + i % 5, 0 };
}

static struct e820_range shape_touching(uint32_t i, uint32_t n)
{
	(void)n;
	return (struct e820_range){ 3 * i, 3 * i + 3, 1 + i / 2 % 5, 0 };
}

static struct e820_range shape_onion(uint32_t i, uint32_t n)
{
	return (struct e820_range){ i, 3 * n - i, 1 + i,
		                    0 }; /* each inside the last, all visible */
}

static struct e820_range shape_hidden_onion(uint32_t i, uint32_t n)
{
	return (struct e820_range){ i, 3 * n - i, n - i, 0 }; /* only the outermost is visible */
}

static struct e820_range shape_stairs(uint32_t i, uint32_t n)
{
	return (struct e820_range){ i, 2 * n + i, n - i,
		                    0 }; /* each ends when the next is on top */
}

static struct e820_range shape_soft(uint32_t i, uint32_t n)
{
	struct e820_range range = shape_random(i, n);

	range.type = i % 3 == 0 ? SOFT : range.type;
	return range;
}

static const struct {
	const char *what;
	struct e820_range (*range)(uint32_t i, uint32_t n);
} shapes[] = {
	{ "random", shape_random },     { "heavy overlap", shape_heavy },
	{ "disjoint", shape_disjoint }, { "touching", shape_touching },
	{ "onion", shape_onion },       { "hidden onion", shape_hidden_onion },
	{ "stairs", shape_stairs },     { "soft reserved", shape_soft },
};

static const uint32_t sizes[] = { 0, 1, 2, 3, 127, 128, 129, 300, 1000, 4096 };

static void every_shape_and_size_is_what_the_painter_says(void **state)
{
	(void)state;
	random_state = 0x127;
	for (size_t shape = 0; shape < COUNT(shapes); shape++) {
		for (size_t size = 0; size < COUNT(sizes); size++) {
			for (uint32_t i = 0; i < sizes[size]; i++)
				input[i] = shapes[shape].range(i, sizes[size]);
			check_against_painter(shapes[shape].what, sizes[size]);
			shuffle(input, sizes[size]);
			check_against_painter(shapes[shape].what, sizes[size]);
		}
	}
}

static void the_most_ranges_are_reached_and_never_passed(void **state)
{
	(void)state;
	assert_int_equal(e820_most_ranges(0), 0);
	for (uint32_t n = 1; n <= 100; n++) {
		for (uint32_t i = 0; i < n; i++)
			input[i] = shape_onion(i, n);
		assert_int_equal(paint(input, n, want), e820_most_ranges(n));
		check_against_painter("an onion", n);
	}
}

static void scratch_that_is_too_small_is_refused(void **state)
{
	struct e820_range ranges[4] = { { 4, 8, 1, 0 }, { 0, 4, 1, 0 } };
	struct e820_range as_it_was[2] = { { 4, 8, 1, 0 }, { 0, 4, 1, 0 } };
	struct e820_map map = { ranges, 2, 4 };
	uint64_t scratch[64];

	(void)state;
	assert_true(e820_scratch_bytes(2) <= sizeof scratch);
	assert_int_equal(e820_sanitize(&map, scratch, e820_scratch_bytes(2) - 1, NULL),
	                 MAP_NO_SCRATCH);
	assert_int_equal(e820_sanitize(&map, NULL, 0, NULL), MAP_NO_SCRATCH);
	assert_same_map("and the map is as it was", &map, as_it_was, 2);
	assert_int_equal(e820_sanitize(&map, scratch, e820_scratch_bytes(2), NULL), MAP_OK);
	assert_int_equal(map.n_ranges, 1);
}

static void scratch_for_more_ranges_than_memory_holds_cannot_be_had(void **state)
{
	(void)state;
	assert_int_equal(e820_scratch_bytes(SIZE_MAX), SIZE_MAX);
	assert_int_equal(e820_scratch_bytes(SIZE_MAX / 64), SIZE_MAX);
	for (size_t n = 0; n < 5000; n++)
		assert_true(e820_scratch_bytes(n) < e820_scratch_bytes(n + 1));
}

static void a_range_that_does_not_fit_is_an_error(void **state)
{
	struct e820_range ranges[2];
	struct e820_map map = { ranges, 0, 2 };

	(void)state;
	assert_int_equal(e820_add(&map, 0x1000, 0x1000, E820_RAM), MAP_OK); /* passed over */
	assert_int_equal(e820_add(&map, 0x2000, 0x1000, E820_RAM), MAP_OK);
	assert_int_equal(map.n_ranges, 0);
	assert_int_equal(e820_add(&map, 0x1000, 0x1001, 77), MAP_OK);
	assert_int_equal(e820_add(&map, 0, UINT64_MAX, E820_RAM), MAP_OK);
	assert_int_equal(e820_add(&map, 0, 1, E820_RAM), MAP_FULL);
	assert_int_equal(e820_add(&map, 1, 1, E820_RAM), MAP_OK);
	assert_int_equal(map.n_ranges, 2);
	assert_int_equal(ranges[0].type, 77);
	assert_int_equal(ranges[0].reserved, 0);
	assert_int_equal(ranges[1].end_paddr, UINT64_MAX);
}

/* Appended to a map of RAM [0x1000, 0x2000), of which @n_before ranges are another's. */
static const struct {
	const char *rule;
	size_t n_before;
	struct e820_range range;
	size_t n_ranges;
	paddr_t first_end_paddr;
} lengthened[] = {
	{ "what touches the last one is one with it",
	  0,
	  { 0x2000, 0x3000, E820_RAM, 0 },
	  1,
	  0x3000 },
	{ "not if a byte lies between", 0, { 0x2001, 0x3000, E820_RAM, 0 }, 2, 0x2000 },
	{ "not if it overlaps", 0, { 0x1fff, 0x3000, E820_RAM, 0 }, 2, 0x2000 },
	{ "not if it touches the start", 0, { 0, 0x1000, E820_RAM, 0 }, 2, 0x2000 },
	{ "not if it is of another type", 0, { 0x2000, 0x3000, E820_NVS, 0 }, 2, 0x2000 },
	{ "not if the last one is another's", 1, { 0x2000, 0x3000, E820_RAM, 0 }, 2, 0x2000 },
	{ "an empty one is passed over", 0, { 0x2000, 0x2000, E820_RAM, 0 }, 1, 0x2000 },
	{ "so is one that ends before it starts", 0, { 0x2000, 0x1800, E820_RAM, 0 }, 1, 0x2000 },
};

static void a_range_that_touches_lengthens_the_last_one(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof lengthened / sizeof lengthened[0]; i++) {
		struct e820_range ranges[2] = { { 0x1000, 0x2000, E820_RAM, 0 } };
		const struct e820_range *range = &lengthened[i].range;
		struct e820_map map = { ranges, 1, 2 };

		assert_int_equal(e820_add_or_lengthen(&map, lengthened[i].n_before,
		                                      range->start_paddr, range->end_paddr,
		                                      range->type),
		                 MAP_OK);
		if (map.n_ranges != lengthened[i].n_ranges ||
		    ranges[0].end_paddr != lengthened[i].first_end_paddr)
			fail_msg("%s: there are %u", lengthened[i].rule, (unsigned)map.n_ranges);
		map.capacity = map.n_ranges;
		assert_int_equal(e820_add_or_lengthen(&map, 0, 0x9000, 0xa000, 9), MAP_FULL);
	}
}

static void a_copy_is_whole_or_there_is_none(void **state)
{
	struct e820_range ranges[2] = { { 0, 1, E820_RAM, 0 }, { 2, 3, E820_NVS, 0 } };
	struct e820_range copied[2] = { { 0 } };
	struct e820_map map = { ranges, 2, 2 }, copy = { copied, 0, 1 }, empty = { NULL, 0, 0 };

	(void)state;
	assert_int_equal(e820_copy(&copy, &map), MAP_FULL);
	assert_int_equal(copy.n_ranges, 0);
	copy.capacity = 2;
	assert_int_equal(e820_copy(&copy, &map), MAP_OK);
	assert_int_equal(copy.n_ranges, 2);
	assert_memory_equal(copied, ranges, sizeof ranges);
	assert_int_equal(e820_copy(&copy, &empty), MAP_OK);
	assert_int_equal(copy.n_ranges, 0);
}

/* --- what a sanitized map is asked for --- */

#define PC_MAP                                                            \
	"0-9fc00 1; 9fc00-a0000 2; 100000-7ff0000 1; 7ff0000-8000000 3; " \
	"8000000-9000000 efffffff; 9000000-a000000 efffffff; 100000000-140000800 1"

static struct e820_map pc_map(struct e820_range *ranges)
{
	return (struct e820_map){ ranges, parse(PC_MAP, ranges), ROW_RANGES };
}

static const struct {
	const char *rule;
	paddr_t paddr;
	int index; /* in the map; -1: none */
} found[] = {
	{ "the first byte of all", 0, 0 },
	{ "the last byte of a range", 0x9fbff, 0 },
	{ "its end is in the next", 0x9fc00, 1 },
	{ "the last byte before a hole", 0x9ffff, 1 },
	{ "the first byte of a hole", 0xa0000, -1 },
	{ "the last byte of a hole", 0xfffff, -1 },
	{ "the first byte after a hole", 0x100000, 2 },
	{ "soft reserved ranges are told apart", 0x9000000, 5 },
	{ "above 4 GiB", 0x100000000, 6 },
	{ "the very last byte", 0x1400007ff, 6 },
	{ "above all", 0x140000800, -1 },
	{ "the end of the address space", UINT64_MAX, -1 },
};

static void an_address_is_found_in_the_range_that_holds_it(void **state)
{
	struct e820_range ranges[ROW_RANGES];
	struct e820_map map = pc_map(ranges), empty = { NULL, 0, 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(found); i++) {
		const struct e820_range *range = e820_find(&map, found[i].paddr);
		int index = range == NULL ? -1 : (int)(range - ranges);

		if (index != found[i].index)
			fail_msg("%s: %d", found[i].rule, index);
		assert_null(e820_find(&empty, found[i].paddr));
	}
}

static const struct {
	const char *rule;
	paddr_t start_paddr, end_paddr;
	uint32_t type;
	bool is_mapped;
} mapped[] = {
	{ "an empty range is, anywhere", 0xb0000, 0xb0000, E820_RAM, true },
	{ "so is one that ends before its start", 0xb0000, 0xa0000, E820_RAM, true },
	{ "a whole range", 0, 0x9fc00, E820_RAM, true },
	{ "a byte of it", 0x9fbff, 0x9fc00, E820_RAM, true },
	{ "a byte too many", 0x9fbff, 0x9fc01, E820_RAM, false },
	{ "the wrong type", 0, 0x1000, E820_RESERVED, false },
	{ "a hole", 0xa0000, 0xa0001, E820_RAM, false },
	{ "a start in a hole", 0xfffff, 0x100001, E820_RAM, false },
	{ "an end in a hole", 0x9fc00, 0xa0001, E820_RESERVED, false },
	{ "across a hole", 0x9f000, 0x101000, E820_RAM, false },
	{ "across two soft reserved ranges that touch", 0x8800000, 0x9800000, SOFT, true },
	{ "and past their end", 0x8800000, 0xa000001, SOFT, false },
	{ "past the last range", 0x140000000, 0x140000801, E820_RAM, false },
	{ "all there is", 0, UINT64_MAX, E820_RAM, false },
};

static void all_mapped_means_every_byte_of_that_type(void **state)
{
	struct e820_range ranges[ROW_RANGES];
	struct e820_map map = pc_map(ranges);

	(void)state;
	for (size_t i = 0; i < COUNT(mapped); i++) {
		if (e820_all_mapped(&map, mapped[i].start_paddr, mapped[i].end_paddr,
		                    mapped[i].type) != mapped[i].is_mapped)
			fail_msg("%s", mapped[i].rule);
	}
}

static const struct {
	const char *rule;
	const char *map;
	pfn_t end_pfn;
} ends_of_ram[] = {
	{ "no map has no RAM", "", 0 },
	{ "nor has a map of other types", "0-100000 2", 0 },
	{ "RAM within a page is none", "1001-1fff 1", 0 },
	{ "a part of two pages is none", "1001-2fff 1", 0 },
	{ "a whole page among parts is one", "1001-3fff 1", 3 },
	{ "the end is rounded down", "0-9fc00 1", 0x9f },
	{ "an end on a page stands", "0-a0000 1", 0xa0 },
	{ "a part of a page above the rest does not count", "0-a0000 1; 100000-100fff 1", 0xa0 },
	{ "the order does not matter", "100000-200000 1; 0-a0000 1", 0x200 },
	{ "reserved memory above RAM does not count", "0-a0000 1; fffc0000-100000000 2", 0xa0 },
	{ "above 4 GiB", "100000000-140000800 1", 0x140000 },
	{ "the last page of the address space is never whole", "0-ffffffffffffffff 1",
	  0xfffffffffffff },
	{ "RAM in that last page alone is none", "fffffffffffff001-ffffffffffffffff 1", 0 },
};

static void ram_ends_with_its_last_whole_page(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(ends_of_ram); i++) {
		struct e820_range ranges[ROW_RANGES];
		struct e820_map map = { ranges, parse(ends_of_ram[i].map, ranges), ROW_RANGES };

		if (e820_end_of_ram_pfn(&map) != ends_of_ram[i].end_pfn)
			fail_msg("%s", ends_of_ram[i].rule);
	}
}

static const struct {
	const char *rule;
	const char *in;
	paddr_t limit_paddr;
	const char *out;
	uint64_t bytes_lost;
} limited[] = {
	{ "a limit of 0 takes all RAM", "0-4 1; 4-8 2; 8-c 1", 0, "4-8 2", 8 },
	{ "a limit above all takes none", "0-4 1; 4-8 2", UINT64_MAX, "0-4 1; 4-8 2", 0 },
	{ "a limit at the end takes none", "0-4 1", 4, "0-4 1", 0 },
	{ "a limit one below takes one byte", "0-4 1", 3, "0-3 1", 1 },
	{ "a limit at the start takes the range", "0-2 1; 4-8 1", 4, "0-2 1", 4 },
	{ "a limit in a hole takes what is above", "0-2 1; 4-8 1", 3, "0-2 1", 4 },
	{ "other types stay, above and across", "0-4 1; 4-8 2; 8-c 3; c-ffffffffff 1", 6,
	  "0-4 1; 4-8 2; 8-c 3", 0xfffffffff3 },
	{ "an empty map stays empty", "", 0, "", 0 },
};

static void a_limit_takes_ram_and_nothing_else(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(limited); i++) {
		struct e820_range ranges[ROW_RANGES], left[ROW_RANGES];
		struct e820_map map = { ranges, parse(limited[i].in, ranges), ROW_RANGES };
		size_t n_left = parse(limited[i].out, left);

		assert_int_equal(e820_limit_ram(&map, limited[i].limit_paddr),
		                 limited[i].bytes_lost);
		assert_same_map(limited[i].rule, &map, left, n_left);
	}
}

static void bytes_are_counted_by_type(void **state)
{
	struct e820_range ranges[ROW_RANGES];
	struct e820_map map = pc_map(ranges);

	(void)state;
	assert_int_equal(e820_bytes_of_type(&map, E820_RAM),
	                 0x9fc00 + 0x7ef0000 + UINT64_C(0x40000800));
	assert_int_equal(e820_bytes_of_type(&map, E820_RESERVED), 0x400);
	assert_int_equal(e820_bytes_of_type(&map, SOFT), 0x2000000);
	assert_int_equal(e820_bytes_of_type(&map, E820_NVS), 0);
}

static const struct {
	uint32_t type;
	const char *name;
} names[] = {
	{ E820_NONE, "type" },
	{ E820_RAM, "usable" },
	{ E820_RESERVED, "reserved" },
	{ E820_ACPI, "ACPI data" },
	{ E820_NVS, "ACPI NVS" },
	{ E820_UNUSABLE, "unusable" },
	{ E820_DISABLED, "type" }, /* Linux has no word for it: "type 6" */
	{ E820_PMEM, "persistent" },
	{ 8, "type" },
	{ 12, "persistent" },
	{ 20, "type" }, /* GRUB's */
	{ 0xefffffff, "soft reserved" },
	{ 0xffffffff, "type" },
};

static void types_have_the_names_of_dmesg(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		assert_string_equal(e820_type_name(names[i].type), names[i].name);
		assert_int_equal(e820_type_has_name(names[i].type),
		                 strcmp(names[i].name, "type") != 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(overlaps_go_to_the_highest_type_and_neighbours_merge),
		cmocka_unit_test(small_maps_are_what_the_painter_says),
		cmocka_unit_test(the_order_of_the_input_does_not_matter),
		cmocka_unit_test(every_shape_and_size_is_what_the_painter_says),
		cmocka_unit_test(the_most_ranges_are_reached_and_never_passed),
		cmocka_unit_test(scratch_that_is_too_small_is_refused),
		cmocka_unit_test(scratch_for_more_ranges_than_memory_holds_cannot_be_had),
		cmocka_unit_test(a_range_that_does_not_fit_is_an_error),
		cmocka_unit_test(a_range_that_touches_lengthens_the_last_one),
		cmocka_unit_test(a_copy_is_whole_or_there_is_none),
		cmocka_unit_test(an_address_is_found_in_the_range_that_holds_it),
		cmocka_unit_test(all_mapped_means_every_byte_of_that_type),
		cmocka_unit_test(ram_ends_with_its_last_whole_page),
		cmocka_unit_test(a_limit_takes_ram_and_nothing_else),
		cmocka_unit_test(bytes_are_counted_by_type),
		cmocka_unit_test(types_have_the_names_of_dmesg),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
