/* exception.c - see exception.h. */
#include "handoff/device/exception.h"

#include <stddef.h>
#include <stdint.h>

static const char *const names[EXCEPTIONS] = {
	[0] = "divide error",
	[1] = "debug",
	[2] = "non-maskable interrupt",
	[3] = "breakpoint",
	[4] = "overflow",
	[5] = "bound range",
	[6] = "invalid opcode",
	[7] = "device not available",
	[8] = "double fault",
	[10] = "invalid TSS",
	[11] = "segment not present",
	[12] = "stack",
	[13] = "general protection",
	[14] = "page fault",
	[16] = "x87 floating point",
	[17] = "alignment check",
	[18] = "machine check",
	[19] = "SIMD floating point",
	[21] = "control protection",
};

const char *exception_name(unsigned vector)
{
	return vector < EXCEPTIONS ? names[vector] : NULL;
}

bool exception_has_code(unsigned vector)
{
	return vector < EXCEPTIONS && ((uint32_t)EXCEPTIONS_WITH_CODE >> vector & 1) != 0;
}
