/* memory.c - malloc() and friends that do not fail: see memory.h. */
#include "mapdiff/base/memory.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *checked(void *memory)
{
	if (memory != NULL)
		return memory;
	fputs("mapdiff: out of memory\n", stderr);
	exit(2);
}

void *memory_alloc(size_t n, size_t bytes)
{
	return checked(calloc(n > 0 ? n : 1, bytes));
}

void *memory_grow(void *array, size_t n, size_t *capacity, size_t item_bytes)
{
	if (n < *capacity)
		return array;
	*capacity = *capacity < 16 ? 16 : *capacity * 2;
	return checked(*capacity <= SIZE_MAX / item_bytes ? realloc(array, *capacity * item_bytes)
	                                                  : NULL);
}

char *memory_text(const char *text, size_t bytes)
{
	char *copy = checked(malloc(bytes + 1));

	memcpy(copy, text, bytes);
	copy[bytes] = '\0';
	return copy;
}

char *memory_copy(const char *text)
{
	return memory_text(text, strlen(text));
}

char *memory_vprintf(const char *format, va_list args)
{
	va_list again;
	char *text;
	int length;

	va_copy(again, args);
	length = vsnprintf(NULL, 0, format, args);
	text = checked(length < 0 ? NULL : malloc((size_t)length + 1));
	vsnprintf(text, (size_t)length + 1, format, again);
	va_end(again);
	return text;
}

char *memory_printf(const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = memory_vprintf(format, args);
	va_end(args);
	return text;
}
