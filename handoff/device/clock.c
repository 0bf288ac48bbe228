/* clock.c - see clock.h. */
#include "handoff/device/clock.h"

#include "handoff/device/io.h"

#define POST_PORT        0x80 /* slow, and of no effect */
#define READS_PER_SECOND UINT64_C(1000000)

uint64_t clock_ticks(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

/* Reads count where the counter stands still: one that goes on says itself when it is over, however
 * fast the port is (an emulator's answers 25 times as fast as a real one). */
void clock_wait(uint64_t ticks_per_10ms, unsigned seconds)
{
	const uint64_t ticks = ticks_per_10ms * 100 * seconds;
	const uint64_t start = ticks != 0 ? clock_ticks() : 0;
	uint64_t reads = READS_PER_SECOND * seconds;
	uint64_t last = start, now = start;

	while (reads > 0 && (ticks == 0 || now - start < ticks)) {
		inb(POST_PORT);
		if (ticks != 0)
			now = clock_ticks();
		if (now == last)
			reads--;
		last = now;
	}
}
