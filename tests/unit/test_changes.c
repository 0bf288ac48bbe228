/*
 * test_changes.c - e820_changes() on pictures of maps, one character a page, and on random maps
 * against a naive reading of its contract.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bootmem/count.h"
#include "tests/unit/drawn.h"
#include "x86/changes.h"

/* Two maps and what was found between them, in memory of exactly the sizes that are asked for. */
struct found {
	struct e820_map maps[2];
	struct change_list list;
	enum map_err err;
};

static struct found find(struct e820_map before, struct e820_map after)
{
	struct found found = { .maps = { before, after } };
	size_t scratch_bytes = changes_scratch_bytes(before.n_ranges, after.n_ranges);
	void *scratch = malloc(scratch_bytes + 1);

	found.list.capacity = changes_most(before.n_ranges, after.n_ranges);
	found.list.entries = calloc(found.list.capacity + 1, sizeof *found.list.entries);
	assert_true(scratch != NULL && found.list.entries != NULL);
	found.err = e820_changes(&before, &after, &found.list, scratch, scratch_bytes);
	free(scratch);
	assert_int_equal(found.err, MAP_OK);
	return found;
}

static void found_free(struct found *found)
{
	free(found->maps[0].ranges);
	free(found->maps[1].ranges);
	free(found->list.entries);
}

static void print_list(char *text, size_t bytes, const struct change_list *list)
{
	text[0] = '\0';
	for (size_t i = 0; i < list->n_entries; i++) {
		size_t length = strlen(text);
		const char *separator = i > 0 ? ", " : "";

		length += (size_t)snprintf(text + length, bytes - length, "%s", separator);
		drawn_change(text + length, bytes - length, &list->entries[i]);
	}
}

static const struct {
	const char *what, *before, *after, *changes;
} rows[] = {
	{ "the example of changes.c", "uuaannuuuuurrrrrruuttuuuxxuuuuu",
	  "uuuuuaannnurruurruuppuuuuuuxxxu",
	  "~grew u0-2 u0-5 3, moved a2-4 a5-7 3, moved n4-6 n7-10 3, ~shrank u6-11 u10-11 4, vanished r13-15 2, retyped t19-21 p19-21 2, ~grew u21-24 u21-27 3, moved x24-26 x27-30 3, ~shrank u26-31 u30-31 4" },
	{ "equal maps", "uurra.n", "uurra.n", "" },
	{ "empty maps", "", "", "" },
	{ "all is new", "", "uur", "appeared u0-2 2, appeared r2-3 1" },
	{ "all is gone", "uur", "", "vanished u0-2 2, vanished r2-3 1" },
	/* Moves. */
	{ "by a page, over itself", "uuuaauuuu", "uuuuaauuu",
	  "~grew u0-3 u0-4 1, moved a3-5 a4-6 1, ~shrank u5-9 u6-9 1" },
	{ "further than it is long", "uuraauuuuuuuuu", "uuuuuuuuraauuu",
	  "~grew u0-2 u0-8 6, moved r2-3 r8-9 6, moved a3-5 a9-11 6, ~shrank u5-14 u11-14 6" },
	{ "by its own size, with its neighbour", "uurauuu", "uuurauu",
	  "~grew u0-2 u0-3 1, moved r2-3 r3-4 1, moved a3-4 a4-5 1, ~shrank u4-7 u5-7 1" },
	{ "two by different distances, and one that grows", "uuuuuurruuuuuurrrn",
	  "uuuurruuuuuurrrnnn",
	  "~shrank u0-6 u0-4 2, moved r6-8 r4-6 2, ~moved u8-14 u6-12 2, moved r14-17 r12-15 2, grew n17-18 n15-18 2" },
	{ "more memory", "uuurruaanuuurnn..............", "uuuuuuuuuuuurruaanuuurnn.....",
	  "~grew u0-3 u0-12 9, moved r3-5 r12-14 9, ~moved u5-6 u14-15 9, moved a6-8 a15-17 9, moved n8-9 n17-18 9, ~moved u9-12 u18-21 9, moved r12-13 r21-22 9, moved n13-15 n22-24 9" },
	{ "more memory, and one that grows", "uuurrruaanuuurrnn....................",
	  "uuuuuuuuuuuuuuuurrruaanuurrnnn..........",
	  "~grew u0-3 u0-16 13, moved r3-6 r16-19 13, ~moved u6-7 u19-20 13, moved a7-9 a20-22 13, moved n9-10 n22-23 13, ~shrank u10-13 u23-25 1, moved r13-15 r25-27 12, moved n15-17 n27-30 12" },
	{ "inside memory of another type", "rrrrarrrr", "rrrrrarrr",
	  "grew r0-4 r0-5 1, moved a4-5 a5-6 1, shrank r5-9 r6-9 1" },
	{ "look-alikes in order", "uurururuuuuu", "uuuuurururuu",
	  "~grew u0-2 u0-5 3, moved r2-3 r5-6 3, ~moved u3-4 u6-7 3, moved r4-5 r7-8 3, ~moved u5-6 u8-9 3, moved r6-7 r9-10 3, ~shrank u7-12 u10-12 3" },
	{ "look-alikes, one more", "uruuuuruuuuruuu", "uuruuuururuuruu",
	  "~grew u0-1 u0-2 1, moved r1-2 r2-3 1, ~moved u2-6 u3-7 1, moved r6-7 r7-8 1, appeared r9-10 1, moved r11-12 r12-13 1, ~shrank u12-15 u13-15 1" },
	{ "look-alikes, one less, and a neighbour", "uruuuuruuuurauuu", "uruuuuuuuuuurauu",
	  "vanished r6-7 1, moved r11-12 r12-13 1, moved a12-13 a13-14 1, ~shrank u13-16 u14-16 1" },
	{ "what is still there did not move", "uurruuuuuuuuu", "uurrruuuurruu",
	  "grew r2-4 r2-5 1, appeared r9-11 2" },
	{ "what grows did not come from where one as large goes", "uuuuuurruuurrrruu",
	  "uuuurrrruuuuuuuuu", "~shrank u0-6 u0-4 2, grew r6-8 r4-8 2, vanished r11-15 4" },
	{ "nor what shrinks", "uuuuuurruuurrrruu", "uuuurrrruuurrruuu",
	  "~shrank u0-6 u0-4 2, grew r6-8 r4-8 2, shrank r11-15 r11-14 1, ~grew u15-17 u14-17 1" },
	{ "grows, and a look-alike of before appears", "uruuuuuuu", "urruuuruu",
	  "grew r1-2 r1-3 1, appeared r6-7 1" },
	{ "one comes over what goes", "rrrruuuuuurrrrrruu", "uurrrrrruuuuuuuuuu",
	  "~shrank u4-10 u0-2 4, vanished r0-4 4, moved r10-16 r2-8 8, ~grew u16-18 u8-18 8" },
	{ "a look-alike beside what is retyped", "uurruuuuurruuuuu", "uuttrruuuuuuuuuu",
	  "retyped r2-4 t2-4 2, moved r9-11 r4-6 5, ~grew u11-16 u6-16 5" },
	{ "further, and grows", "uuaauuuuuu", "uuuuuuaaau",
	  "~grew u0-2 u0-6 4, moved a2-4 a6-9 4, ~shrank u4-10 u9-10 5" },
	{ "and grows much", "uuauuuuuuu", "uuuuuuaaau",
	  "~grew u0-2 u0-6 4, vanished a2-3 1, appeared a6-9 3, ~shrank u3-10 u9-10 6" },
	{ "and grows, and another goes", "uuaauuuaau", "uuuuaaauuu",
	  "~grew u0-2 u0-4 2, vanished a2-4 2, appeared a4-7 3, ~grew u9-10 u7-10 2, vanished a7-9 2" },
	/* Ends. */
	{ "an end", "uuuurrrr", "uuurrrrr", "~shrank u0-4 u0-3 1, grew r4-8 r3-8 1" },
	{ "both ends", "uuurruuu", "uurrrruu",
	  "~shrank u0-3 u0-2 1, grew r3-5 r2-6 2, ~shrank u5-8 u6-8 1" },
	{ "a border between two", "rrrrnnnn", "rrrnnnnn", "shrank r0-4 r0-3 1, grew n4-8 n3-8 1" },
	{ "into a hole", "uuuu....", "uuuuuu..", "grew u0-4 u0-6 2" },
	{ "RAM into a hole, and a range that gives way", "uuuurr..", "uuuuuurr",
	  "~grew u0-4 u0-6 2, moved r4-6 r6-8 2" },
	/* Retyped. */
	{ "as a whole", "uurruu", "uuttuu", "retyped r2-4 t2-4 2" },
	{ "in the middle", "urrrrrrrru", "urrrttrrru", "retyped r4-6 t4-6 2" },
	{ "and back", "urrrttrrru", "urrrrrrrru", "retyped t4-6 r4-6 2" },
	{ "at an end", "urrrrrrrru", "urrrrrrttu", "retyped r7-9 t7-9 2" },
	{ "at an end, while the other moves", "uurrrrrrrru", "urrrrrrrttu",
	  "~shrank u0-2 u0-1 1, grew r2-8 r1-8 1, retyped r8-10 t8-10 2" },
	{ "while a look-alike appears", "uurruuuuuuuuuuu", "uuttuuuurruurru",
	  "retyped r2-4 t2-4 2, appeared r8-10 2, appeared r12-14 2" },
	{ "while a look-alike appears once", "uurruuuuuuuuuuu", "uuttuuuurruuuuu",
	  "retyped r2-4 t2-4 2, appeared r8-10 2" },
	{ "three that change their types", "uraruu", "uarauu",
	  "retyped r1-2 a1-2 1, retyped a2-3 r2-3 1, retyped r3-4 a3-4 1" },
	{ "between two that became one", "urtruu", "urrrru",
	  "retyped t2-3 r2-3 1, appeared r4-5 1, ~shrank u4-6 u5-6 1" },
	{ "two that change places", "urraau", "uaarru",
	  "retyped r1-3 a1-3 2, retyped a3-5 r3-5 2" },
	/* Neither. */
	{ "a hole in the middle", "urrrrrrrru", "urrruurrru", "vanished r4-6 2" },
	{ "RAM in the middle of RAM goes", "uuuuuuuu", "uuurruuu", "appeared r3-5 2" },
	{ "partly over another", "urrruuuu", "urraaauu",
	  "shrank r1-4 r1-3 1, appeared a3-6 3, ~shrank u4-8 u6-8 2" },
	{ "RAM appears in a hole, and a hole in RAM", "uu..uuuu", "uuuuu.uu",
	  "grew u0-2 u0-5 3, shrank u4-8 u6-8 2" },
	{ "cut here, joined there", "rrrrrrrrrurur", "rurrurrrrrrrr",
	  "vanished r1-2 1, vanished r4-5 1, appeared r9-10 1, appeared r11-12 1" },
	/* Soft reserved ranges are apart. */
	{ "split", "uussssuu", "uussSSuu", "appeared s2-4 2, vanished s2-6 4, appeared s4-6 2" },
	{ "joined", "ussSSssu", "ussssssu",
	  "appeared s1-7 6, vanished s1-3 2, vanished s3-5 2, vanished s5-7 2" },
	{ "a border between soft reserved ranges", "ussSSSSu", "usssSSSu",
	  "grew s1-3 s1-4 1, shrank s3-7 s4-7 1" },
	{ "the same", "ussSSssu", "uSSssSSu", "" },
};

static void pictures_give_what_a_person_says(void **state)
{
	char text[1000];
	size_t n_failed = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct found found = find(drawn_e820(rows[i].before), drawn_e820(rows[i].after));

		print_list(text, sizeof text, &found.list);
		if (strcmp(text, rows[i].changes) != 0) {
			n_failed++;
			print_message("%s:\n %s\n %s\ngot  %s\nwant %s\n", rows[i].what,
			              rows[i].before, rows[i].after, text, rows[i].changes);
		}
		found_free(&found);
	}
	assert_int_equal(n_failed, 0);
}

/* --- the contract, on random maps --- */

#define MOST_PAGES 60

static uint32_t random_below(uint32_t n)
{
	static uint32_t state = 1;

	state = state * 1664525 + 1013904223; /* Numerical Recipes' */
	return (state >> 8) % n;
}

/* A picture of runs, or of another with some of its pages changed, moved up, or moved down. */
static void random_picture(char *picture, const char *alphabet, const char *like)
{
	size_t n = random_below(MOST_PAGES);

	if (like != NULL)
		n = strlen(strcpy(picture, like));
	picture[n] = '\0';
	for (size_t i = 0; i < n && like == NULL; i++)
		picture[i] = i > 0 && random_below(3) > 0
		                     ? picture[i - 1]
		                     : alphabet[random_below((uint32_t)strlen(alphabet))];
	for (size_t n_edits = like != NULL ? random_below(4) : 0; n_edits > 0 && n > 1; n_edits--) {
		size_t first = random_below((uint32_t)n),
		       end = first + random_below((uint32_t)(n - first));
		char *run = picture + first;

		if (random_below(2))
			memset(run, alphabet[random_below((uint32_t)strlen(alphabet))],
			       end - first);
		else if (random_below(2))
			memmove(run + 1, run, n - first - 1);
		else
			memmove(run, run + 1, n - first - 1);
	}
}

/* Is @part of a range of @map, or all of it? */
static bool is_in(const struct e820_range *part, const struct e820_map *map)
{
	const struct e820_range *range = e820_find(map, part->start_paddr);

	return range != NULL && range->type == part->type && range->end_paddr >= part->end_paddr;
}

static bool is_empty(const struct e820_range *range)
{
	return range->start_paddr == range->end_paddr;
}

static uint64_t pages_in(const struct e820_range *range)
{
	return pfn_down(range->end_paddr - range->start_paddr);
}

static bool are_apart(const struct change *change)
{
	return change->before.end_paddr <= change->after.start_paddr ||
	       change->after.end_paddr <= change->before.start_paddr;
}

/* What the kind of a change says. */
static void check_kind(const struct change *change)
{
	uint64_t n_before = pages_in(&change->before), n_after = pages_in(&change->after);
	paddr_t from_paddr = change->before.start_paddr, to_paddr = change->after.start_paddr;

	switch (change->kind) {
	case CHANGE_MOVED:
		assert_true(n_before == n_after ||
		            (change->before.type != E820_RAM && are_apart(change)));
		assert_int_equal(change->n_pages,
		                 pfn_down(from_paddr < to_paddr ? to_paddr - from_paddr
		                                                : from_paddr - to_paddr));
		break;
	case CHANGE_GREW:
		assert_true(n_before > 0);
		assert_int_equal(change->n_pages, n_after - n_before);
		break;
	case CHANGE_SHRANK:
		assert_true(n_after > 0);
		assert_int_equal(change->n_pages, n_before - n_after);
		break;
	case CHANGE_RETYPED:
		assert_true(from_paddr == to_paddr && n_before == n_after);
		assert_int_equal(change->n_pages, n_before);
		assert_true(change->before.type != change->after.type);
		assert_true(change->before.type != E820_RAM && change->after.type != E820_RAM);
		return;
	case CHANGE_APPEARED:
		assert_true(is_empty(&change->before));
		assert_int_equal(change->n_pages, n_after);
		return;
	case CHANGE_VANISHED:
		assert_true(is_empty(&change->after));
		assert_int_equal(change->n_pages, n_before);
		return;
	}
	assert_int_equal(change->before.type, change->after.type);
	assert_true(change->n_pages > 0);
}

static paddr_t address_of(const struct change *change)
{
	return is_empty(&change->after) ? change->before.start_paddr : change->after.start_paddr;
}

static void check_change(const struct found *found, const struct change *change)
{
	check_kind(change);
	assert_true(is_empty(&change->before) || is_in(&change->before, &found->maps[0]));
	assert_true(is_empty(&change->after) || is_in(&change->after, &found->maps[1]));
	assert_true(!change->is_consequence ||
	            (change->before.type == E820_RAM && change->after.type == E820_RAM));
	assert_true(change == found->list.entries || address_of(change - 1) <= address_of(change));
}

static uint32_t type_at(const struct e820_map *map, paddr_t paddr)
{
	const struct e820_range *range = e820_find(map, paddr);

	return range == NULL ? (uint32_t)E820_NONE : range->type;
}

static bool holds(const struct e820_range *range, paddr_t paddr)
{
	return range->start_paddr <= paddr && paddr < range->end_paddr;
}

/* Is there a change of the page in which it had, or has, this type? */
static bool is_covered(const struct change_list *list, paddr_t paddr)
{
	for (size_t i = 0; i < list->n_entries; i++) {
		if (holds(&list->entries[i].before, paddr) || holds(&list->entries[i].after, paddr))
			return true;
	}
	return false;
}

static void check_found(const struct found *found)
{
	const struct e820_map *before = &found->maps[0], *after = &found->maps[1];
	bool are_equal = before->n_ranges == after->n_ranges &&
	                 memcmp(before->ranges, after->ranges,
	                        before->n_ranges * sizeof *before->ranges) == 0;

	assert_int_equal(found->list.n_entries == 0, are_equal);
	for (size_t i = 0; i < found->list.n_entries; i++)
		check_change(found, &found->list.entries[i]);
	for (pfn_t pfn = 0; pfn < MOST_PAGES; pfn++) {
		paddr_t paddr = pfn_paddr(pfn);

		if (type_at(before, paddr) != type_at(after, paddr) &&
		    !is_covered(&found->list, paddr))
			fail_msg("nothing says that page %u is not the same", (unsigned)pfn);
	}
}

static void random_maps_keep_the_contract(void **state)
{
	static const char *const alphabets[] = {
		"ur", "ura", ".ura", ".urants", "usS", ".uuuursSn"
	};
	char before[MOST_PAGES + 1], after[MOST_PAGES + 1];

	(void)state;
	for (unsigned i = 0; i < 60000; i++) {
		const char *alphabet = alphabets[i % COUNT(alphabets)];
		struct found found;

		random_picture(before, alphabet, NULL);
		random_picture(after, alphabet, i % 5 == 0 ? NULL : before);
		found = find(drawn_e820(before), drawn_e820(after));
		check_found(&found);
		found_free(&found);
	}
}

/* Everything turned around: what grew shrinks, and as many pages are in it. */
static void looking_back_finds_something_too(void **state)
{
	char before[MOST_PAGES + 1], after[MOST_PAGES + 1];

	(void)state;
	for (unsigned i = 0; i < 5000; i++) {
		struct found there, back;

		random_picture(before, ".uran", NULL);
		random_picture(after, ".uran", before);
		there = find(drawn_e820(before), drawn_e820(after));
		back = find(drawn_e820(after), drawn_e820(before));
		assert_int_equal(there.list.n_entries == 0, back.list.n_entries == 0);
		check_found(&back);
		found_free(&there);
		found_free(&back);
	}
}

/* --- limits --- */

static void what_does_not_fit_is_said(void **state)
{
	struct e820_map before = drawn_e820("uurruu"), after = drawn_e820("uuurru");
	struct change changes[3];
	struct change_list list = { changes, 0, COUNT(changes) };
	uint64_t scratch[200];
	size_t bytes = changes_scratch_bytes(before.n_ranges, after.n_ranges);

	(void)state;
	assert_true(bytes <= sizeof scratch);
	assert_int_equal(e820_changes(&before, &after, &list, scratch, bytes - 1), MAP_NO_SCRATCH);
	assert_int_equal(e820_changes(&before, &after, &list, scratch, bytes), MAP_OK);
	assert_int_equal(list.n_entries, 3);
	list.capacity = 2;
	assert_int_equal(e820_changes(&before, &after, &list, scratch, bytes), MAP_FULL);
	assert_int_equal(list.n_entries, 0);
	assert_int_equal(changes_scratch_bytes(SIZE_MAX, SIZE_MAX), SIZE_MAX);
	assert_int_equal(changes_scratch_bytes(SIZE_MAX / 8, 1), SIZE_MAX);
	assert_int_equal(changes_most(SIZE_MAX, SIZE_MAX), SIZE_MAX);
	assert_int_equal(changes_most(SIZE_MAX / 5, 1), SIZE_MAX);
	assert_int_equal(changes_most(SIZE_MAX / 10, SIZE_MAX / 10), SIZE_MAX / 10 * 10);
	assert_int_equal(changes_most(SIZE_MAX / 10 + 1, 0), SIZE_MAX);
	assert_int_equal(changes_most(0, SIZE_MAX / 10 + 1), SIZE_MAX);
	free(before.ranges);
	free(after.ranges);
}

static void the_ends_of_the_address_space_are_addresses(void **state)
{
	struct e820_map before = drawn_room(2), after = drawn_room(2);
	struct found found;
	char text[200];

	(void)state;
	e820_add(&before, 0, 1, E820_RAM);
	e820_add(&before, UINT64_MAX - 1, UINT64_MAX, E820_NVS);
	e820_add(&after, 0, UINT64_MAX, E820_NVS);
	found = find(before, after);
	print_list(text, sizeof text, &found.list);
	assert_string_equal(text, "grew n4294967295-4294967295 n0-4294967295 0");
	assert_int_equal(found.list.entries[0].n_pages, UINT64_C(1) << 52);
	found_free(&found);
}

/* --- large maps --- */

/* Maps of @n ranges, of four shapes; looking for changes takes how long, at best of three? */
static struct e820_map large_map(size_t n, unsigned shape, unsigned shift)
{
	struct e820_map map = drawn_room(n);

	for (size_t i = 0; i < n; i++) {
		pfn_t pfn = i * 8 + shift;
		pfn_t n_pages = shape == 0 ? 4 : 1 + (i * 7 + shift * shape) % 5;
		uint32_t type =
			shape == 3 && i % 2 ? (uint32_t)E820_RAM : 2 + (uint32_t)(i % (shape + 1));

		e820_add(&map, pfn_paddr(pfn), pfn_paddr(pfn + n_pages), type);
	}
	return map;
}

static double seconds_for(size_t n, unsigned shape)
{
	double best = 1e9;

	for (int i = 0; i < 3; i++) {
		struct e820_map before = large_map(n, shape, 0), after = large_map(n, shape, 3);
		clock_t start = clock();
		struct found found = find(before, after);
		double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;

		best = seconds < best ? seconds : best;
		assert_true(found.list.n_entries >= n / 2);
		found_free(&found);
	}
	return best;
}

static void large_maps_take_no_square_of_time(void **state)
{
	(void)state;
	for (unsigned shape = 0; shape < 4; shape++) {
		double few = seconds_for(4000, shape), many = seconds_for(32000, shape);

		if (many > 0.1 && many > 24 * few)
			fail_msg("shape %u: 4000 ranges take %f s, 32000 take %f", shape, few,
			         many);
	}
}

static void kinds_have_names(void **state)
{
	(void)state;
	assert_string_equal(change_kind_name(CHANGE_MOVED), "moved");
	assert_string_equal(change_kind_name(CHANGE_RETYPED), "retyped");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pictures_give_what_a_person_says),
		cmocka_unit_test(random_maps_keep_the_contract),
		cmocka_unit_test(looking_back_finds_something_too),
		cmocka_unit_test(what_does_not_fit_is_said),
		cmocka_unit_test(the_ends_of_the_address_space_are_addresses),
		cmocka_unit_test(large_maps_take_no_square_of_time),
		cmocka_unit_test(kinds_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
