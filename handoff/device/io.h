/* io.h - the instructions that C has no words for. */
#ifndef HANDOFF_DEVICE_IO_H
#define HANDOFF_DEVICE_IO_H

#include <stdint.h>

static inline void outb(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline void outw(uint16_t port, uint16_t value)
{
	__asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}

static inline void outl(uint16_t port, uint32_t value)
{
	__asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint8_t inb(uint16_t port)
{
	uint8_t value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline uint16_t inw(uint16_t port)
{
	uint16_t value;

	__asm__ volatile("inw %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

#define READ_CONTROL_REGISTER(name)                                    \
	static inline uintptr_t read_##name(void)                      \
	{                                                              \
		uintptr_t value;                                       \
                                                                       \
		__asm__ volatile("mov %%" #name ", %0" : "=r"(value)); \
		return value;                                          \
	}

READ_CONTROL_REGISTER(cr0)
READ_CONTROL_REGISTER(cr2)
READ_CONTROL_REGISTER(cr3)

static inline uintptr_t read_cs(void)
{
	uintptr_t value;

	__asm__ volatile("mov %%cs, %0" : "=r"(value));
	return value;
}

static inline void io_no_interrupts(void)
{
	__asm__ volatile("cli" : : : "memory");
}

static inline _Noreturn void io_halt(void)
{
	for (;;)
		__asm__ volatile("cli; hlt");
}

/* A fault that nothing handles: the CPU gives up, and the machine resets it (Intel SDM Vol. 3A
 * §6.15, interrupt 8). */
static inline _Noreturn void io_reset_by_fault(void)
{
	static const uint16_t no_idt[5]; /* a limit, and an address of 4 or 8 bytes */

	__asm__ volatile("cli; lidt %0; ud2" : : "m"(no_idt));
	__builtin_unreachable();
}

#endif
