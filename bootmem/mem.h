/*
 * mem.h - the four functions that a C compiler may call on its own, even freestanding (GCC manual
 * §2.1): the whole of the C library that floors 0 and 1 use. The program supplies them.
 */
#ifndef BOOTMEM_MEM_H
#define BOOTMEM_MEM_H

#include <stddef.h>

void *memset(void *start, int value, size_t bytes);
void *memcpy(void *restrict to, const void *restrict from, size_t bytes);
void *memmove(void *to, const void *from, size_t bytes);
int memcmp(const void *a, const void *b, size_t bytes);

#endif
