/* drawn.c - pictures -> maps, and maps -> pictures: see drawn.h. */
#include "tests/unit/drawn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bootmem/count.h"

struct letter {
	char letter;
	uint32_t type;
};

static const struct letter e820_letters[] = {
	{ '.', E820_NONE },
	{ 'u', E820_RAM },
	{ 'r', E820_RESERVED },
	{ 'a', E820_ACPI },
	{ 'n', E820_NVS },
	{ 'x', E820_UNUSABLE },
	{ 'p', E820_PMEM },
	{ 't', 20 },
	{ 's', (uint32_t)E820_SOFT_RESERVED },
	{ 'S', (uint32_t)E820_SOFT_RESERVED },
};

static const struct letter uefi_letters[] = {
	{ 'C', UEFI_CONVENTIONAL },
	{ 'B', UEFI_BOOT_SERVICES_DATA },
	{ 'L', UEFI_LOADER_DATA },
	{ 'c', UEFI_RUNTIME_SERVICES_CODE },
	{ 'd', UEFI_RUNTIME_SERVICES_DATA },
	{ '0', UEFI_RESERVED },
	{ 'A', UEFI_ACPI_RECLAIM },
	{ 'N', UEFI_ACPI_NVS },
	{ 'M', UEFI_MMIO },
	{ 'U', UEFI_UNACCEPTED },
	{ 'O', UINT32_C(0x70000001) },
	{ 'K', UINT32_C(0x80000001) },
};

static uint32_t type_of(const struct letter *letters, size_t n, char letter)
{
	for (size_t i = 0; i < n; i++)
		if (letters[i].letter == letter)
			return letters[i].type;
	abort(); /* a picture with a typing error */
}

static size_t run_end(const char *picture, size_t first)
{
	size_t end = first + 1;

	while (picture[end] == picture[first])
		end++;
	return end;
}

static void *room_for(size_t n, size_t bytes)
{
	void *room = calloc(n + 1, bytes);

	if (room == NULL)
		abort();
	return room;
}

struct e820_map drawn_room(size_t capacity)
{
	return (struct e820_map){ room_for(capacity, sizeof(struct e820_range)), 0, capacity };
}

struct e820_map drawn_e820(const char *picture)
{
	struct e820_map map = drawn_room(strlen(picture));

	for (size_t first = 0, end; picture[first] != '\0'; first = end) {
		end = run_end(picture, first);
		if (picture[first] != '.')
			e820_add(&map, pfn_paddr(first), pfn_paddr(end),
			         type_of(e820_letters, COUNT(e820_letters), picture[first]));
	}
	return map;
}

char drawn_letter(uint32_t e820_type)
{
	for (size_t i = 0; i < COUNT(e820_letters); i++)
		if (e820_letters[i].type == e820_type)
			return e820_letters[i].letter;
	return '?';
}

void drawn_picture(const struct e820_map *map, char picture[DRAWN_MOST_PAGES + 1])
{
	pfn_t at_pfn = 0;

	for (size_t i = 0; i < map->n_ranges; i++) {
		const struct e820_range *range = &map->ranges[i];

		while (at_pfn < pfn_down(range->start_paddr) && at_pfn < DRAWN_MOST_PAGES)
			picture[at_pfn++] = '.';
		while (at_pfn < pfn_down(range->end_paddr) && at_pfn < DRAWN_MOST_PAGES)
			picture[at_pfn++] = drawn_letter(range->type);
	}
	picture[at_pfn] = '\0';
}

void drawn_change(char *text, size_t bytes, const struct change *change)
{
	const struct e820_range *ranges[] = { &change->before, &change->after };
	int length = snprintf(text, bytes, "%s%s", change->is_consequence ? "~" : "",
	                      change_kind_name(change->kind));

	for (size_t i = 0; i < 2; i++)
		if (!e820_is_empty(ranges[i]))
			length += snprintf(text + length, bytes - (size_t)length, " %c%u-%u",
			                   drawn_letter(ranges[i]->type),
			                   (unsigned)pfn_down(ranges[i]->start_paddr),
			                   (unsigned)pfn_down(ranges[i]->end_paddr));
	snprintf(text + length, bytes - (size_t)length, " %u", (unsigned)change->n_pages);
}

struct uefi_map drawn_uefi(const char *picture)
{
	struct uefi_descriptor *descriptors = room_for(strlen(picture), sizeof *descriptors);
	size_t n = 0;

	for (size_t first = 0, end; picture[first] != '\0'; first = end) {
		end = run_end(picture, first);
		if (picture[first] != '.')
			descriptors[n++] = (struct uefi_descriptor){
				.type = type_of(uefi_letters, COUNT(uefi_letters), picture[first]),
				.start_paddr = pfn_paddr(first),
				.n_pages = end - first,
				.attribute = UEFI_MEMORY_WB,
			};
	}
	return (struct uefi_map){ descriptors, n * sizeof *descriptors, sizeof *descriptors };
}
