/*
 * fake_io.h - handoff/device/io.h as a test wants it: what is read from and written to the ports is
 * the test's. It is included before the source that is tested, and takes the place of the other.
 */
#ifndef TESTS_UNIT_FAKE_IO_H
#define TESTS_UNIT_FAKE_IO_H
#define HANDOFF_DEVICE_IO_H

#include <stdint.h>

/* The machine, which each test has its own of. */
static uint32_t fake_in(uint16_t port, unsigned bytes);
static void fake_out(uint16_t port, uint32_t value, unsigned bytes);
__attribute__((unused)) static void fake_no_interrupts(void);
__attribute__((unused)) static _Noreturn void fake_halt(void);

static inline void outb(uint16_t port, uint8_t value)
{
	fake_out(port, value, 1);
}

static inline void outw(uint16_t port, uint16_t value)
{
	fake_out(port, value, 2);
}

static inline void outl(uint16_t port, uint32_t value)
{
	fake_out(port, value, 4);
}

static inline uint8_t inb(uint16_t port)
{
	return (uint8_t)fake_in(port, 1);
}

static inline uint16_t inw(uint16_t port)
{
	return (uint16_t)fake_in(port, 2);
}

#define io_no_interrupts fake_no_interrupts
#define io_halt          fake_halt

#endif
