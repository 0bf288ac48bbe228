/*
 * clock.h - waiting without firmware: by the time stamp counter, whose speed somebody has measured,
 * else by reads of a slow port.
 */
#ifndef HANDOFF_DEVICE_CLOCK_H
#define HANDOFF_DEVICE_CLOCK_H

#include <stdint.h>

/* The time stamp counter, of a CPU that has one. */
uint64_t clock_ticks(void);

/*
 * Wait for @seconds, with a counter of @ticks_per_10ms; 0: there is none. It ends in any case: a
 * counter that stands still, or none, makes it a number of reads of a port that take about 1 us
 * each.
 */
void clock_wait(uint64_t ticks_per_10ms, unsigned seconds);

#endif
