/*
 * freestanding.c - memset, memcpy, memmove and memcmp for programs without a C library: the EFI
 * applications and the stub kernels, of both widths.
 *
 * String instructions instead of loops: they are fast on every x86, also while SSE is off limits,
 * and a compiler cannot turn them back into calls of these very functions, as it may do with loops.
 * The direction flag is 0 on entry, as both ABIs promise, and on return.
 */
#include "bootmem/mem.h"

#include <stdint.h>

#if defined(__x86_64__)
#define WORD_SUFFIX "q"
#else
#define WORD_SUFFIX "l"
#endif
#define WORD_BYTES sizeof(uintptr_t)

void *memset(void *start, int value, size_t bytes)
{
	uintptr_t word = (uintptr_t)(unsigned char)value * (UINTPTR_MAX / 255); /* in every byte */
	size_t words = bytes / WORD_BYTES, rest = bytes % WORD_BYTES;
	void *to = start;

	__asm__ volatile("rep stos" WORD_SUFFIX : "+D"(to), "+c"(words) : "a"(word) : "memory");
	__asm__ volatile("rep stosb" : "+D"(to), "+c"(rest) : "a"(word) : "memory");
	return start;
}

static void copy_forward(void *to, const void *from, size_t bytes)
{
	size_t words = bytes / WORD_BYTES, rest = bytes % WORD_BYTES;

	__asm__ volatile("rep movs" WORD_SUFFIX : "+D"(to), "+S"(from), "+c"(words) : : "memory");
	__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(rest) : : "memory");
}

/* From the last byte to the first, @bytes > 0: odd bytes at the end, then whole words. */
static void copy_backward(void *to, const void *from, size_t bytes)
{
	size_t words = bytes / WORD_BYTES, rest = bytes % WORD_BYTES;
	uintptr_t to_end = (uintptr_t)to + bytes - 1, from_end = (uintptr_t)from + bytes - 1;

	__asm__ volatile("std; rep movsb; cld"
	                 : "+D"(to_end), "+S"(from_end), "+c"(rest)
	                 :
	                 : "memory", "cc");
	to_end -= WORD_BYTES - 1;
	from_end -= WORD_BYTES - 1;
	__asm__ volatile("std; rep movs" WORD_SUFFIX "; cld"
	                 : "+D"(to_end), "+S"(from_end), "+c"(words)
	                 :
	                 : "memory", "cc");
}

void *memcpy(void *restrict to, const void *restrict from, size_t bytes)
{
	copy_forward(to, from, bytes);
	return to;
}

void *memmove(void *to, const void *from, size_t bytes)
{
	/* One comparison for both: below @from the difference wraps, and is large. */
	if ((uintptr_t)to - (uintptr_t)from >= bytes)
		copy_forward(to, from, bytes);
	else
		copy_backward(to, from, bytes);
	return to;
}

int memcmp(const void *a, const void *b, size_t bytes)
{
	typedef uintptr_t __attribute__((may_alias, aligned(1))) word_t;
	const unsigned char *p = a, *q = b;

	/* Whole words as long as they are the same; which byte of one is not, is looked for below.
	 */
	for (; bytes >= WORD_BYTES; bytes -= WORD_BYTES, p += WORD_BYTES, q += WORD_BYTES)
		if (*(const word_t *)p != *(const word_t *)q)
			break;
	for (; bytes > 0; bytes--, p++, q++)
		if (*p != *q)
			return *p < *q ? -1 : 1;
	return 0;
}
