/*
 * text.h - numbers -> how they are written in all reports; and texts that people and programs
 * wrote -> numbers. What is returned belongs to the arena, or is a constant.
 */
#ifndef MAPDIFF_BASE_TEXT_H
#define MAPDIFF_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bootmem/pfn.h"

/* "0x100000-0x200000": half-open, as everywhere. */
const char *text_range(paddr_t start_paddr, paddr_t end_paddr);

/* "4 KiB", "13 MiB", "15.9 GiB": in the largest unit that it fills, with one decimal, cut, unless
 * that is a zero. */
const char *text_size(uint64_t bytes);

/* "A", "B", ..., "Z", "AA", ...: from 0 on. */
const char *text_letters(size_t number);

/* What makes the word before it a plural: "s", or "" for one. */
const char *text_plural(uint64_t n);
/* "1 page", "3 pages". */
const char *text_count(uint64_t n, const char *noun);

/* "usable", "type 20", ...; "nothing" for E820_NONE. */
const char *text_type(uint32_t e820_type);

/* "UC WC WT WB RUNTIME": the attributes of a descriptor, as the specification calls them, bits
 * without a name in hexadecimal; "-" for none. */
const char *text_attribute(uint64_t attribute);
/* The attribute that Linux or GRUB write with these @letters, of which there are @n; 0: none. */
uint64_t text_attribute_bit(const char *letters, size_t n);

/* How many digits of @base (10, 16) @text of @bytes bytes begins with, and the number that they
 * are. 0: none, or a number of more than 64 bits. */
size_t text_digits(const char *text, size_t bytes, unsigned base, uint64_t *ret_value);

/* A number that @text begins with, decimal or 0x...; *ret_end is behind it. False if there is none.
 * No sign, no blanks, and no octal: 0100 is 100, as nobody who writes of memory means octal. */
bool text_number(const char *text, uint64_t *ret_value, const char **ret_end);

#endif
