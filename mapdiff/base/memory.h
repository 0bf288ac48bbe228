/*
 * memory.h - memory and text for a program that has no use for going on without them: where there
 * is none, it says so and ends with exit status 2.
 *
 * All memory belongs to one arena, and goes with the program: nothing is freed by hand.
 */
#ifndef MAPDIFF_BASE_MEMORY_H
#define MAPDIFF_BASE_MEMORY_H

#include <stdarg.h>
#include <stdlib.h>

/* malloc(), cleared; of @n items of @bytes bytes. Never NULL. */
void *memory_alloc(size_t n, size_t bytes);

/* Give back one block early, or do nothing for NULL: only for what is large, or comes often. */
void memory_give_back(void *block);
/* Give back all that there is, for who makes many reports. */
void memory_give_back_all(void);

/* Room for one more item behind @n in @array, which has *capacity: the array, perhaps elsewhere. */
void *memory_grow(void *array, size_t n, size_t *capacity, size_t item_bytes);

/* Fields of a structure: the list @name, with n_NAME items in it. All zero: it is empty. */
#define MEMORY_LIST(type, name) \
	type *name;             \
	size_t n_##name, name##_capacity

/* A place for one more item in the list @name of *owner. */
#define MEMORY_ADD(owner, name)                                                                   \
	((owner)->name = memory_grow((owner)->name, (owner)->n_##name, &(owner)->name##_capacity, \
	                             sizeof *(owner)->name),                                      \
	 &(owner)->name[(owner)->n_##name++])

/* A loop: @item points at each in the list @name of *owner, in order, to read it. What has NAME and
 * n_NAME, as an e820 map has its ranges, will do for a list. None is added meanwhile. */
#define MEMORY_EACH(item, owner, name)                               \
	for (const __typeof__(*(owner)->name) *item = (owner)->name; \
	     (size_t)(item - (owner)->name) < (owner)->n_##name; item++)

/* Sort the list @name of *owner, as qsort() does; an empty one may have no place in memory. */
#define MEMORY_SORT(owner, name, compare)                                                  \
	((owner)->n_##name > 0                                                             \
	         ? qsort((owner)->name, (owner)->n_##name, sizeof *(owner)->name, compare) \
	         : (void)0)

/* A copy of a text, which ends in a 0 byte; and of @bytes bytes of one, with a 0 byte behind. */
char *memory_copy(const char *text);
char *memory_text(const char *text, size_t bytes);

/* A text made like printf's. */
char *memory_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *memory_vprintf(const char *format, va_list args) __attribute__((format(printf, 1, 0)));

/* A text that grows; all zero: nothing yet, and no text either. */
struct bytes {
	MEMORY_LIST(char, text);
};

/* What has been appended; "" if nothing was. */
const char *bytes_text(const struct bytes *bytes);

/* More at the end of @bytes, and a 0 byte behind. Time grows with the text, not with its square. */
void memory_append(struct bytes *bytes, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The same of @n bytes as they are, 0 bytes among them. */
void memory_append_text(struct bytes *bytes, const char *text, size_t n);

#endif
