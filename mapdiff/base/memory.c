/*
 * memory.c - malloc() and friends that do not fail, in an arena: see memory.h.
 *
 * Each block is one of malloc()'s, so that what runs past its end is found, and growing may happen
 * in place.
 */
#include "mapdiff/base/memory.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* What stands before each block: they are a ring, with a head that is no block. */
struct links {
	_Alignas(max_align_t) struct links *previous;
	struct links *next;
};

static struct links arena = { &arena, &arena };

static void *checked(void *memory)
{
	if (memory != NULL)
		return memory;
	fputs("mapdiff: out of memory\n", stderr);
	exit(2);
}

/* The size of a block, or more than there is. */
static size_t block_bytes(size_t n, size_t item_bytes)
{
	size_t bytes;

	return __builtin_mul_overflow(n, item_bytes, &bytes) ||
	                       __builtin_add_overflow(bytes, sizeof(struct links), &bytes)
	               ? SIZE_MAX
	               : bytes;
}

/* Put a block, which has moved or is new, between its neighbours; what is in it. */
static void *link_block(struct links *links)
{
	links->previous->next = links->next->previous = links;
	return links + 1;
}

void *memory_alloc(size_t n, size_t bytes)
{
	struct links *links = checked(calloc(1, block_bytes(n, bytes)));

	*links = (struct links){ arena.previous, &arena };
	return link_block(links);
}

void *memory_grow(void *array, size_t n, size_t *capacity, size_t item_bytes)
{
	if (n < *capacity)
		return array;
	*capacity = *capacity < 4 ? 4 : *capacity * 2;
	if (array == NULL)
		return memory_alloc(*capacity, item_bytes);
	return link_block(
		checked(realloc((struct links *)array - 1, block_bytes(*capacity, item_bytes))));
}

void memory_give_back(void *block)
{
	struct links *links = block;

	if (block == NULL)
		return;
	links--;
	links->previous->next = links->next;
	links->next->previous = links->previous;
	free(links);
}

void memory_give_back_all(void)
{
	struct links *next;

	for (struct links *links = arena.next; links != &arena; links = next) {
		next = links->next;
		free(links);
	}
	arena.next = arena.previous = &arena;
}

char *memory_text(const char *text, size_t bytes)
{
	return memcpy(memory_alloc(bytes + 1, 1), text, bytes);
}

char *memory_copy(const char *text)
{
	return memory_text(text, strlen(text));
}

char *memory_vprintf(const char *format, va_list args)
{
	char *text, *copy;

	if (vasprintf(&text, format, args) < 0)
		text = checked(NULL);
	copy = memory_copy(text);
	free(text);
	return copy;
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

void memory_append(struct bytes *bytes, const char *format, ...)
{
	va_list args;
	char *more;

	va_start(args, format);
	more = memory_vprintf(format, args);
	va_end(args);
	memory_append_text(bytes, more, strlen(more));
	memory_give_back(more);
}

void memory_append_text(struct bytes *bytes, const char *text, size_t n)
{
	while (bytes->text_capacity <= bytes->n_text + n)
		bytes->text =
			memory_grow(bytes->text, bytes->text_capacity, &bytes->text_capacity, 1);
	if (n > 0)
		memcpy(bytes->text + bytes->n_text, text, n);
	bytes->n_text += n;
	bytes->text[bytes->n_text] = '\0';
}

const char *bytes_text(const struct bytes *bytes)
{
	return bytes->text != NULL ? bytes->text : "";
}
