/*
 * ports.c - see ports.h. A console that stops taking characters is given up, so that a dead
 * port costs a tenth of a second and not the verdict.
 */
#include "handoff/device/ports.h"

#include <stdint.h>

#include "bootmem/count.h"
#include "handoff/device/io.h"

/* 16550 UART at the first PC port: registers, and the bits used. */
#define SERIAL_PORT       0x3f8
#define SERIAL_DATA       (SERIAL_PORT + 0) /* divisor low, with DLAB */
#define SERIAL_INTERRUPTS (SERIAL_PORT + 1) /* divisor high, with DLAB */
#define SERIAL_FIFO       (SERIAL_PORT + 2)
#define SERIAL_LINE       (SERIAL_PORT + 3)
#define SERIAL_MODEM      (SERIAL_PORT + 4)
#define SERIAL_STATUS     (SERIAL_PORT + 5)
#define SERIAL_SCRATCH    (SERIAL_PORT + 7)
#define LINE_8N1          0x03
#define LINE_DLAB         0x80
#define FIFO_ON           0x01 /* and, unlike with 0x07, what is in it stays */
#define MODEM_DTR_RTS     0x03
#define STATUS_EMPTY      0x20 /* the holding register, or the FIFO */
#define STATUS_SENT       0x40 /* the shift register too */
#define DIVISOR_115200    1
#define MOST_POLLS        100000 /* at about 1 us each */

#define DEBUG_CONSOLE_ID 0xe9 /* what reading a debug console of QEMU gives */

#define LINE_BYTES 251

static const uint16_t debug_ports[] = { 0xe9, 0x402 }; /* Bochs' and QEMU's; OVMF's */

static bool has_serial, has_debug[COUNT(debug_ports)];
static bool is_in_line; /* one has begun, and not ended */

static bool serial_wait(uint8_t bit)
{
	for (unsigned i = 0; i < MOST_POLLS; i++)
		if ((inb(SERIAL_STATUS) & bit) != 0)
			return true;
	return false;
}

/* A port without a UART reads as ones; a UART keeps what is in its scratch register. */
static bool serial_probe(void)
{
	static const uint8_t marks[] = { 0x5a, 0xa5 };

	for (size_t i = 0; i < sizeof marks; i++) {
		outb(SERIAL_SCRATCH, marks[i]);
		if (inb(SERIAL_STATUS) == 0xff || inb(SERIAL_SCRATCH) != marks[i])
			return false;
	}
	return serial_wait(STATUS_SENT); /* the firmware's last line has gone out */
}

static void serial_init(void)
{
	outb(SERIAL_INTERRUPTS, 0);
	outb(SERIAL_LINE, LINE_8N1 | LINE_DLAB);
	outb(SERIAL_DATA, DIVISOR_115200);
	outb(SERIAL_INTERRUPTS, 0);
	outb(SERIAL_LINE, LINE_8N1);
	outb(SERIAL_FIFO, FIFO_ON);
	outb(SERIAL_MODEM, MODEM_DTR_RTS);
}

void ports_find(void)
{
	has_serial = serial_probe();
	if (has_serial)
		serial_init();
	for (size_t i = 0; i < COUNT(debug_ports); i++)
		has_debug[i] = inb(debug_ports[i]) == DEBUG_CONSOLE_ID;
}

bool ports_are_qemus(void)
{
	bool is_qemu = false;

	for (size_t i = 0; i < COUNT(debug_ports); i++)
		is_qemu |= has_debug[i];
	return is_qemu;
}

static void put_byte(char c)
{
	for (size_t i = 0; i < COUNT(debug_ports); i++)
		if (has_debug[i])
			outb(debug_ports[i], (uint8_t)c);
	has_serial = has_serial && serial_wait(STATUS_EMPTY);
	if (has_serial)
		outb(SERIAL_DATA, (uint8_t)c);
}

static void put(const char *text, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		put_byte(text[i]);
}

static void end_line(void)
{
	put("\r\n", 2);
	is_in_line = false;
}

void ports_put_line(const char *line, size_t bytes)
{
	if (is_in_line)
		end_line();
	put(line, bytes);
	end_line();
}

static void put_formatted(const char *format, va_list args)
{
	char line[LINE_BYTES];
	size_t length = text_vformat(line, sizeof line, format, args);

	put(line, length < sizeof line ? length : sizeof line - 1);
}

void say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (is_in_line)
		end_line();
	put_formatted(format, args);
	end_line();
	va_end(args);
}

void say_begin(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (is_in_line)
		end_line();
	put_formatted(format, args);
	is_in_line = true;
	va_end(args);
}

void say_rest(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	put_formatted(format, args);
	end_line();
	va_end(args);
}

void ports_drain(void)
{
	if (has_serial)
		serial_wait(STATUS_SENT);
}
