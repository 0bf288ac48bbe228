/*
 * test_ports.c - lines on a serial port and on debug consoles: which of them there are, how the
 * UART is set up, what goes out, and that a port which stops taking bytes is given up.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "fake_io.h"

/* The file itself, on ports that are the test's. */
#include "handoff/device/ports.c"

#define UART 0x3f8

enum { SERIAL, BOCHS, OVMF, N_OUTPUTS };

static struct {
	bool has[N_OUTPUTS];
	char out[N_OUTPUTS][1024];
	uint8_t scratch, scratch_mask; /* bits of it that keep what is written */
	uint8_t line;
	bool has_status;       /* else it reads as ones, whatever the scratch register says */
	uint32_t n_busy;       /* reads of the status until the UART has sent all */
	uint32_t n_bytes_left; /* that it takes; then never again one */
	uint32_t n_looks;
	char set_up[128]; /* register=value, other than bytes of text */
} machine;

static void put_out(int output, uint32_t value)
{
	size_t length = strlen(machine.out[output]);

	assert_true(length + 1 < sizeof machine.out[output]);
	machine.out[output][length] = (char)value;
}

static uint32_t status(void)
{
	machine.n_looks++;
	if (!machine.has_status)
		return 0xff;
	if (machine.n_bytes_left == 0)
		return 0x01;
	if (machine.n_busy > 0) {
		machine.n_busy--;
		return 0x21; /* its holding register is empty, and the other one is not */
	}
	return 0x61;
}

static uint32_t fake_in(uint16_t port, unsigned bytes)
{
	assert_int_equal(bytes, 1);
	switch (port) {
	case 0xe9:
		return machine.has[BOCHS] ? 0xe9 : 0xff;
	case 0x402:
		return machine.has[OVMF] ? 0xe9 : 0xff;
	case UART + 5:
		return machine.has[SERIAL] ? status() : 0xff;
	default:
		assert_int_equal(port, UART + 7);
		return machine.has[SERIAL] ? machine.scratch & machine.scratch_mask : 0xff;
	}
}

static void serial_out(unsigned reg, uint32_t value)
{
	size_t length = strlen(machine.set_up);

	if (reg == 7) {
		machine.scratch = (uint8_t)value;
	} else if (reg == 0 && machine.line == 0x03) {
		assert_true(machine.n_bytes_left > 0);
		machine.n_bytes_left--;
		put_out(SERIAL, value);
	} else {
		snprintf(machine.set_up + length, sizeof machine.set_up - length, "%u=%x ", reg,
		         (unsigned)value);
		machine.line = reg == 3 ? (uint8_t)value : machine.line;
	}
}

static void fake_out(uint16_t port, uint32_t value, unsigned bytes)
{
	assert_int_equal(bytes, 1);
	if (port == 0xe9 || port == 0x402) {
		assert_true(machine.has[port == 0xe9 ? BOCHS : OVMF]);
		put_out(port == 0xe9 ? BOCHS : OVMF, value);
	} else {
		assert_in_range(port, UART, UART + 7);
		assert_true(machine.has[SERIAL] || port == UART + 7);
		serial_out(port - UART, value);
	}
}

static void fake_no_interrupts(void)
{
}

static _Noreturn void fake_halt(void)
{
	for (;;)
		;
}

static void make_machine(unsigned outputs)
{
	memset(&machine, 0, sizeof machine);
	for (int i = 0; i < N_OUTPUTS; i++)
		machine.has[i] = (outputs >> i & 1) != 0;
	machine.scratch_mask = 0xff;
	machine.has_status = true;
	machine.n_bytes_left = 10000;
	is_in_line = false;
}

static void lines_go_where_there_is_something(void **state)
{
	(void)state;
	for (unsigned outputs = 0; outputs < 1 << N_OUTPUTS; outputs++) {
		make_machine(outputs);
		ports_find();
		assert_int_equal(ports_are_qemus(), outputs >> BOCHS != 0);
		say("%u of %s", 3, "them");
		for (int i = 0; i < N_OUTPUTS; i++)
			assert_string_equal(machine.out[i], machine.has[i] ? "3 of them\r\n" : "");
	}
}

static void the_uart_is_set_to_115200_8n1(void **state)
{
	(void)state;
	make_machine(1 << SERIAL);
	machine.n_busy = 5; /* the firmware's last line goes out first */
	ports_find();
	assert_int_equal(machine.n_busy, 0);
	assert_string_equal(machine.set_up, "1=0 3=83 0=1 1=0 3=3 2=1 4=3 ");
}

static void what_keeps_no_byte_is_no_uart(void **state)
{
	static const uint8_t masks[] = { 0x5a, 0xa5, 0x00, 0xfe };

	(void)state;
	for (size_t i = 0; i < COUNT(masks); i++) {
		make_machine(1 << SERIAL);
		machine.scratch_mask = masks[i];
		ports_find();
		say("text");
		assert_string_equal(machine.out[SERIAL], "");
		assert_string_equal(machine.set_up, "");
	}
	make_machine(1 << SERIAL);
	machine.has_status = false;
	ports_find();
	assert_string_equal(machine.set_up, "");
}

/* A line that never gets out, and one that gets stuck, cost a tenth of a second once. */
static void a_port_that_stops_is_given_up(void **state)
{
	(void)state;
	make_machine(1 << SERIAL | 1 << OVMF);
	machine.n_bytes_left = 0;
	ports_find();
	assert_int_equal(machine.n_looks, 100000 + 2);
	say("text");
	assert_string_equal(machine.out[OVMF], "text\r\n");
	assert_int_equal(machine.n_looks, 100000 + 2);

	make_machine(1 << SERIAL | 1 << OVMF);
	ports_find();
	machine.n_bytes_left = 3;
	machine.n_looks = 0;
	say("texts");
	assert_int_equal(machine.n_looks, 3 + 100000);
	assert_string_equal(machine.out[SERIAL], "tex");
	assert_string_equal(machine.out[OVMF], "texts\r\n");
	ports_drain();
	assert_int_equal(machine.n_looks, 3 + 100000);
}

static void the_end_waits_until_all_is_sent(void **state)
{
	(void)state;
	make_machine(1 << SERIAL);
	ports_find();
	machine.n_busy = 1000;
	ports_drain();
	assert_int_equal(machine.n_busy, 0);
}

static void a_line_that_began_is_ended_by_whatever_comes(void **state)
{
	(void)state;
	make_machine(1 << BOCHS);
	ports_find();
	say_begin("check %s ", "one");
	assert_string_equal(machine.out[BOCHS], "check one ");
	say_rest("ok %u", 1);
	say_begin("check two ");
	say("a fault");
	say_begin("check three ");
	say_begin("check four ");
	ports_put_line("a line", 6);
	ports_put_line("another", 7);
	say_rest("and its rest");
	assert_string_equal(machine.out[BOCHS],
	                    "check one ok 1\r\ncheck two \r\na fault\r\ncheck three \r\n"
	                    "check four \r\na line\r\nanother\r\nand its rest\r\n");
}

static void a_long_line_is_cut(void **state)
{
	char line[400], expected[400];

	(void)state;
	memset(line, 'x', sizeof line);
	memcpy(expected, line, sizeof line);
	for (size_t length = 249; length <= 252; length++) {
		size_t shown = length < 250 ? length : 250;

		make_machine(1 << BOCHS);
		ports_find();
		line[length] = '\0';
		memcpy(expected + shown, "\r\n", 3);
		say("%s", line);
		assert_string_equal(machine.out[BOCHS], expected);
		line[length] = expected[shown] = expected[shown + 1] = expected[shown + 2] = 'x';
	}
	make_machine(1 << BOCHS);
	ports_find();
	ports_put_line(line, sizeof line);
	assert_int_equal(strlen(machine.out[BOCHS]), sizeof line + 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_go_where_there_is_something),
		cmocka_unit_test(the_uart_is_set_to_115200_8n1),
		cmocka_unit_test(what_keeps_no_byte_is_no_uart),
		cmocka_unit_test(a_port_that_stops_is_given_up),
		cmocka_unit_test(the_end_waits_until_all_is_sent),
		cmocka_unit_test(a_line_that_began_is_ended_by_whatever_comes),
		cmocka_unit_test(a_long_line_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
