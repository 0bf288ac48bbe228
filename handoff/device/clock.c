/* clock.c - see clock.h. */
#include "handoff/device/clock.h"

#include "handoff/device/io.h"

#define POST_PORT        0x80 /* slow, and of no effect */
#define READS_PER_SECOND UINT64_C(1000000)
#define MOST_PER_READ    10 /* a port that is faster than usual must not end a wait by the counter */

uint64_t clock_ticks(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

void clock_wait(uint64_t ticks_per_10ms, unsigned seconds)
{
	const uint64_t ticks = ticks_per_10ms * 100 * seconds;
	const uint64_t start = ticks != 0 ? clock_ticks() : 0;
	uint64_t reads = READS_PER_SECOND * seconds * (ticks != 0 ? MOST_PER_READ : 1);

	for (; reads > 0; reads--) {
		inb(POST_PORT);
		if (ticks != 0 && clock_ticks() - start >= ticks)
			return;
	}
}
