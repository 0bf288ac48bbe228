/*
 * test_keys.c - keys of a keyboard controller's and seconds of the real-time clock: which byte is
 * which key, what is forgotten, and how long is waited where there is no clock.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "fake_io.h"

/* The file itself, on ports that are the test's. */
#include "handoff/stub/keys.c"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define ENDLESS     UINT32_MAX
#define MOUSE       0x100 /* added to a byte */

static struct {
	bool has_controller, has_clock;
	const uint16_t *bytes; /* that wait in the controller */
	size_t n_bytes;
	uint32_t n_stale;            /* more of them, before those */
	uint32_t n_reads, at_second; /* of the POST port; and at which a second is over */
	uint8_t index;
} machine;

static bool has_any(void)
{
	return machine.n_stale > 0 || machine.n_bytes > 0;
}

static uint32_t status(void)
{
	if (!machine.has_controller)
		return 0xff;
	/* Bits that mean nothing here are set. */
	return 0x14u | has_any() |
	       (machine.n_stale == 0 && machine.n_bytes > 0 && machine.bytes[0] >= MOUSE ? 0x20u
	                                                                                 : 0);
}

static uint32_t take_byte(void)
{
	assert_true(has_any()); /* else the last one comes again */
	if (machine.n_stale > 0) {
		machine.n_stale -= machine.n_stale != ENDLESS;
		return 0x19;
	}
	machine.n_bytes--;
	return *machine.bytes++ & 0xff;
}

static uint32_t fake_in(uint16_t port, unsigned bytes)
{
	assert_int_equal(bytes, 1);
	switch (port) {
	case 0x60:
		return take_byte();
	case 0x64:
		return status();
	case 0x71:
		assert_int_equal(machine.index, 0x80); /* seconds, and no NMI */
		if (!machine.has_clock)
			return 0xff;
		return machine.n_reads < machine.at_second ? 0x59 : 0;
	default:
		assert_int_equal(port, 0x80);
		machine.n_reads++;
		return 0;
	}
}

static void fake_out(uint16_t port, uint32_t value, unsigned bytes)
{
	assert_int_equal(port, 0x70);
	assert_int_equal(bytes, 1);
	machine.index = (uint8_t)value;
}

static void fake_no_interrupts(void)
{
}

static _Noreturn void fake_halt(void)
{
	for (;;)
		;
}

static void make_machine(const uint16_t *bytes, size_t n_bytes)
{
	memset(&machine, 0, sizeof machine);
	machine.has_controller = machine.has_clock = true;
	machine.at_second = 1000;
	machine.bytes = bytes;
	machine.n_bytes = n_bytes;
}

#define ROW_BYTES 6
static const struct {
	const char *rule;
	uint16_t bytes[ROW_BYTES];
	size_t n_bytes;
	enum key keys[ROW_BYTES]; /* one a wait */
} rows[] = {
	/* clang-format off */
	{ "none", { 0 }, 0, { KEY_NONE } },
	{ "P", { 0x19 }, 1, { KEY_POWER_OFF } },
	{ "R", { 0x13 }, 1, { KEY_RESTART } },
	{ "D", { 0x20 }, 1, { KEY_DETAILS } },
	{ "another", { 0x1e }, 1, { KEY_OTHER } },
	{ "released", { 0x99 }, 1, { KEY_NONE } },
	{ "what is released is passed over", { 0x9e, 0x13 }, 2, { KEY_RESTART } },
	{ "a mouse's byte is no key", { MOUSE | 0x19, 0x13 }, 2, { KEY_RESTART } },
	{ "a key with a prefix is none of ours", { 0xe0, 0x19, 0x19 }, 3, { KEY_OTHER, KEY_POWER_OFF } },
	{ "released with its prefix", { 0xe0, 0x99, 0x20 }, 3, { KEY_DETAILS } },
	{ "one a wait", { 0x19, 0x13, 0x20 }, 3, { KEY_POWER_OFF, KEY_RESTART, KEY_DETAILS } },
	/* clang-format on */
};

static void each_byte_has_its_key(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		print_message("%s\n", rows[i].rule);
		make_machine(rows[i].bytes, rows[i].n_bytes);
		for (size_t k = 0; k < ROW_BYTES; k++)
			assert_int_equal(keys_wait_a_second(true), rows[i].keys[k]);
		assert_int_equal(machine.n_bytes, 0);
	}
}

static void what_was_typed_before_is_forgotten(void **state)
{
	static const uint32_t stale[] = { 0, 1, 31, 32, 33, ENDLESS };

	(void)state;
	for (size_t i = 0; i < COUNT(stale); i++) {
		make_machine(NULL, 0);
		machine.n_stale = stale[i];
		assert_int_equal(keys_begin(), stale[i] <= 32);
		if (stale[i] <= 32)
			assert_int_equal(machine.n_stale, 0);
	}
	make_machine(NULL, 0);
	machine.has_controller = false;
	assert_false(keys_begin());
}

static void a_second_is_the_clocks(void **state)
{
	static const uint16_t p[] = { 0x19 };

	(void)state;
	make_machine(NULL, 0);
	assert_int_equal(keys_wait_a_second(true), KEY_NONE);
	assert_in_range(machine.n_reads, 1000, 1063); /* it is looked at once in 64 reads */
	make_machine(p, 1);
	assert_int_equal(keys_wait_a_second(false), KEY_NONE);
	assert_in_range(machine.n_reads, 1000, 1063);
	assert_int_equal(machine.n_bytes, 1);
}

static void without_a_clock_reads_are_counted(void **state)
{
	(void)state;
	make_machine(NULL, 0);
	machine.has_clock = false;
	assert_int_equal(keys_wait_a_second(true), KEY_NONE);
	assert_int_equal(machine.n_reads, 1000000);
	make_machine(NULL, 0);
	machine.at_second = UINT32_MAX; /* it stands still */
	assert_int_equal(keys_wait_a_second(true), KEY_NONE);
	assert_int_equal(machine.n_reads, 10000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_byte_has_its_key),
		cmocka_unit_test(what_was_typed_before_is_forgotten),
		cmocka_unit_test(a_second_is_the_clocks),
		cmocka_unit_test(without_a_clock_reads_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
