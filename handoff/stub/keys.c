/*
 * keys.c - see keys.h. A second is one of the real-time clock's, which needs no firmware and no
 * interrupt; where there is none, as many reads of a port as take about one.
 */
#include "handoff/stub/keys.h"

#include <stdint.h>

#include "handoff/device/io.h"

/* 8042. */
#define KEYBOARD_DATA   0x60
#define KEYBOARD_STATUS 0x64
#define STATUS_FULL     0x01 /* there is a byte to be read */
#define STATUS_MOUSE    0x20 /* and it is not the keyboard's */
#define NO_CONTROLLER   0xff
#define MOST_STALE      32

/* Scan codes of set 1, which controllers make of those of set 2. */
#define SCAN_P        0x19
#define SCAN_R        0x13
#define SCAN_D        0x20
#define SCAN_RELEASED 0x80
#define SCAN_PREFIX   0xe0 /* of keys that are none of the above */

/* MC146818: the index port's highest bit keeps NMIs away, which nobody waits for. */
#define CLOCK_INDEX   0x70
#define CLOCK_DATA    0x71
#define CLOCK_SECONDS 0x80
#define NO_CLOCK      0xff

#define POST_PORT      0x80 /* reading it takes about 1 us, and does nothing */
#define POLLS_A_SECOND 1000000
#define POLLS_AT_MOST  10000000 /* where reading a port is fast, or the clock stands still */
#define POLLS_A_LOOK   64       /* at the clock, which is slow to read */

static bool has_byte(void)
{
	return (inb(KEYBOARD_STATUS) & STATUS_FULL) != 0;
}

bool keys_begin(void)
{
	if (inb(KEYBOARD_STATUS) == NO_CONTROLLER)
		return false;
	for (int i = 0; i < MOST_STALE && has_byte(); i++)
		inb(KEYBOARD_DATA);
	return !has_byte();
}

static enum key key_of(uint8_t code)
{
	switch (code) {
	case SCAN_P:
		return KEY_POWER_OFF;
	case SCAN_R:
		return KEY_RESTART;
	case SCAN_D:
		return KEY_DETAILS;
	default:
		return (code & SCAN_RELEASED) != 0 ? KEY_NONE : KEY_OTHER;
	}
}

static enum key poll(void)
{
	static bool is_prefixed;
	uint8_t status = inb(KEYBOARD_STATUS), code;
	bool was_prefixed = is_prefixed;

	if ((status & STATUS_FULL) == 0)
		return KEY_NONE;
	code = inb(KEYBOARD_DATA);
	if ((status & STATUS_MOUSE) != 0)
		return KEY_NONE;
	is_prefixed = code == SCAN_PREFIX;
	if (was_prefixed && (code & SCAN_RELEASED) == 0)
		return KEY_OTHER;
	return was_prefixed || is_prefixed ? KEY_NONE : key_of(code);
}

static uint8_t clock_seconds(void)
{
	outb(CLOCK_INDEX, CLOCK_SECONDS);
	return inb(CLOCK_DATA);
}

enum key keys_wait_a_second(bool has_keys)
{
	const uint8_t second = clock_seconds();
	const uint32_t most = second == NO_CLOCK ? POLLS_A_SECOND : POLLS_AT_MOST;

	for (uint32_t i = 0; i < most; i++) {
		enum key key = has_keys ? poll() : KEY_NONE;

		if (key != KEY_NONE)
			return key;
		if (i % POLLS_A_LOOK == 0 && clock_seconds() != second)
			break;
		inb(POST_PORT);
	}
	return KEY_NONE;
}
