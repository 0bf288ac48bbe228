/*
 * wire.h - numbers out of tables that may lie at any address: little-endian, never dereferenced
 * as a wider type.
 */
#ifndef X86_WIRE_H
#define X86_WIRE_H

#include <stdint.h>

/* The compiler makes one load of each copy: an x86 reads at any address, and the lowest byte first.
 */
static inline uint16_t wire_u16(const void *at)
{
	uint16_t number;

	__builtin_memcpy(&number, at, sizeof number);
	return number;
}

static inline uint32_t wire_u32(const void *at)
{
	uint32_t number;

	__builtin_memcpy(&number, at, sizeof number);
	return number;
}

static inline uint64_t wire_u64(const void *at)
{
	uint64_t number;

	__builtin_memcpy(&number, at, sizeof number);
	return number;
}

/* A number of 2, 4 or 8 bytes. */
static inline uint64_t wire_number(const void *at, unsigned bytes)
{
	return bytes == 8 ? wire_u64(at) : bytes == 4 ? wire_u32(at) : wire_u16(at);
}

/* The sum of all bytes modulo 256: 0 for an intact ACPI, MP or SMBIOS structure. */
static inline uint8_t wire_byte_sum(const void *at, uint32_t bytes)
{
	const uint8_t *p = at;
	uint8_t sum = 0;

	while (bytes-- > 0)
		sum = (uint8_t)(sum + *p++);
	return sum;
}

#endif
