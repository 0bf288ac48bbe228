/* fake_firmware_ports.c - ports and counters of the machine of fake_firmware.h: what is said is
 * kept, and time passes at once. */
#include "handoff/device/clock.h"
#include "handoff/device/ports.h"
#include "tests/unit/fake_firmware.h"

#include <string.h>

void ports_find(void)
{
}

void ports_drain(void)
{
}

void say(const char *format, ...)
{
	size_t length = strlen(fake.said);
	va_list args;

	va_start(args, format);
	length += text_vformat(fake.said + length, sizeof fake.said - length - 1, format, args);
	va_end(args);
	if (length < sizeof fake.said - 1)
		strcpy(fake.said + length, "\n");
}

uint64_t clock_ticks(void)
{
	return fake.now_ticks;
}

void clock_wait(uint64_t ticks_per_10ms, unsigned seconds)
{
	fake.waited_ticks_per_10ms = ticks_per_10ms;
	fake.n_seconds_waited += seconds;
}
