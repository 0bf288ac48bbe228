/* test_reservation.c - the list of reservations: what is copied, what is cut, what is counted. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "x86/reservation.h"

static const struct span span = { 0x1234, UINT64_C(0x123456789) };

static const struct {
	const char *rule;
	const char *text;
	const char *owner; /* what fits of it */
} cut_texts[] = {
	{ "no text is an empty text", "", "" },
	{ "a short text is kept whole", "EBDA", "EBDA" },
	{ "23 characters and the 0 byte fit", "12345678901234567890123",
	  "12345678901234567890123" },
	{ "the 24th character is cut", "123456789012345678901234", "12345678901234567890123" },
	{ "so is all that follows", "12345678901234567890123456789", "12345678901234567890123" },
};

static void an_owner_is_cut_to_what_fits(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cut_texts / sizeof cut_texts[0]; i++) {
		struct reservation made =
			reservation_make(RESERVATION_ACPI, ORIGIN_EXTENSION, LIFETIME_ACPI, span,
		                         cut_texts[i].text, cut_texts[i].text);
		size_t length = strlen(cut_texts[i].owner);

		print_message("  %s\n", cut_texts[i].rule);
		assert_string_equal(made.owner, cut_texts[i].owner);
		assert_string_equal(made.reason, cut_texts[i].text); /* room for 71 */
		for (size_t at = length; at < sizeof made.owner; at++)
			assert_int_equal(made.owner[at], 0);
		for (size_t at = strlen(cut_texts[i].text); at < sizeof made.reason; at++)
			assert_int_equal(made.reason[at], 0);
	}
}

static void a_reason_is_cut_to_what_fits(void **state)
{
	char text[100];

	(void)state;
	memset(text, 'r', sizeof text);
	text[sizeof text - 1] = '\0';

	struct reservation made = reservation_make(RESERVATION_ACPI, ORIGIN_LINUX, LIFETIME_BOOT,
	                                           span, "owner", text);

	assert_int_equal(strlen(made.reason), RESERVATION_REASON_BYTES - 1);
	assert_memory_equal(made.reason, text, RESERVATION_REASON_BYTES - 1);
}

static void a_new_reservation_is_of_the_span_and_says_who_and_how_long(void **state)
{
	(void)state;
	struct reservation made = reservation_make(RESERVATION_INITRD, ORIGIN_LINUX, LIFETIME_BOOT,
	                                           span, "initrd", "the loader's");

	assert_int_equal(made.start_paddr, 0x1234);
	assert_int_equal(made.end_paddr, UINT64_C(0x123456789));
	assert_int_equal(made.checksum, 0);
	assert_false(made.is_checked);
	assert_int_equal(made.kind, RESERVATION_INITRD);
	assert_int_equal(made.origin, ORIGIN_LINUX);
	assert_int_equal(made.lifetime, LIFETIME_BOOT);
}

static void two_reservations_of_the_same_are_equal_in_every_byte(void **state)
{
	(void)state;
	struct reservation a = reservation_make(RESERVATION_BLOCK, ORIGIN_EXTENSION,
	                                        LIFETIME_FOREVER, span, "block", "hand-off");
	struct reservation b = reservation_make(RESERVATION_BLOCK, ORIGIN_EXTENSION,
	                                        LIFETIME_FOREVER, span, "block", "hand-off");

	/* Up to the last member: what pads the structure at its end is nobody's. */
	assert_memory_equal(&a, &b, offsetof(struct reservation, reason) + sizeof a.reason);
}

/* Reservations of [start, end) go one after the other into a list of two. */
static const struct {
	const char *rule;
	struct span span;
	bool is_kept;
	size_t n_entries, n_lost; /* afterwards */
} added[] = {
	{ "an empty range is passed over", { 0x1000, 0x1000 }, true, 0, 0 },
	{ "a range of one byte is kept", { 0x1000, 0x1001 }, true, 1, 0 },
	{ "so is one up to the end of all", { UINT64_MAX - 1, UINT64_MAX }, true, 2, 0 },
	{ "one too many is lost and counted", { 0x2000, 0x3000 }, false, 2, 1 },
	{ "each that is lost is counted", { 0x3000, 0x4000 }, false, 2, 2 },
	{ "an empty one is lost nowhere", { 0x3000, 0x3000 }, true, 2, 2 },
	{ "a range that ends before its start is empty", { 0x3000, 0x2000 }, true, 2, 2 },
};

static void what_does_not_fit_is_counted(void **state)
{
	struct reservation entries[2];
	struct reservation_list list = { .entries = entries, .capacity = 2 };

	(void)state;
	for (size_t i = 0; i < sizeof added / sizeof added[0]; i++) {
		struct reservation made =
			reservation_make(RESERVATION_SMBIOS, ORIGIN_EXTENSION, LIFETIME_FOREVER,
		                         added[i].span, "o", "r");

		print_message("  %s\n", added[i].rule);
		assert_int_equal(reservation_add(&list, &made), added[i].is_kept);
		assert_int_equal(list.n_entries, added[i].n_entries);
		assert_int_equal(list.n_lost, added[i].n_lost);
	}
	assert_int_equal(entries[0].start_paddr, 0x1000);
	assert_int_equal(entries[1].start_paddr, UINT64_MAX - 1);
	assert_string_equal(entries[1].owner, "o");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_owner_is_cut_to_what_fits),
		cmocka_unit_test(a_reason_is_cut_to_what_fits),
		cmocka_unit_test(a_new_reservation_is_of_the_span_and_says_who_and_how_long),
		cmocka_unit_test(two_reservations_of_the_same_are_equal_in_every_byte),
		cmocka_unit_test(what_does_not_fit_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
