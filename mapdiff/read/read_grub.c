/*
 * read_grub.c - what GRUB's commands print -> records: `lsefimmap', the UEFI map as a table, and
 * `lsmmap', the map that GRUB makes of it.
 */
#include <ctype.h>
#include <string.h>

#include "bootmem/count.h"
#include "mapdiff/base/text.h"
#include "mapdiff/read/reader.h"

/* --- lsefimmap --- */

/* "964KiB": the pages said so already. */
static bool take_size(const struct line *line, size_t *at)
{
	uint64_t size;

	return line_take_all(line, at, " %u", &size) && *at < line->bytes &&
	       strchr("KMGTPE", line->start[*at]) != NULL && ++*at && line_take(line, at, "iB");
}

static bool take_attribute(const struct line *line, size_t *at, uint64_t *ret_attribute)
{
	uint64_t bit;

	*ret_attribute = 0;
	if (!take_size(line, at))
		return false;
	do {
		size_t n = 0;

		line_skip_blanks(line, at);
		while (*at + n < line->bytes && isupper((unsigned char)line->start[*at + n]))
			n++;
		bit = text_attribute_bit(line->start + *at, n);
		*ret_attribute |= bit;
		*at += bit != 0 ? n : 0;
	} while (bit != 0);
	return true;
}

static const struct rows_kind table = {
	.source = SOURCE_LSEFIMMAP,
	.header = "Type Physical start",
	.take_attribute = take_attribute,
};

const struct reader lsefimmap_reader = { .name = "GRUB's lsefimmap", .rows = &table };

/* --- lsmmap --- */

/* GRUB 2's names, then those of GRUB 1.9x. A hole is nothing. */
static const struct {
	const char *name;
	uint32_t type;
} type_names[] = {
	{ "available RAM", E820_RAM },
	{ "reserved RAM", E820_RESERVED },
	{ "ACPI reclaimable RAM", E820_ACPI },
	{ "ACPI non-volatile storage RAM", E820_NVS },
	{ "faulty RAM (BadRAM)", E820_UNUSABLE },
	{ "persistent RAM (legacy)", E820_PRAM },
	{ "persistent RAM", E820_PMEM },
	{ "RAM holding coreboot tables", 16 },
	{ "RAM holding firmware code", E820_GRUB_RUNTIME_CODE },
	{ "available", E820_RAM },
	{ "reserved", E820_RESERVED },
	{ "ACPI reclamaible", E820_ACPI }, /* [sic] */
	{ "NVS", E820_NVS },
	{ "BadRAM", E820_UNUSABLE },
	{ "firmware code", E820_GRUB_RUNTIME_CODE },
	{ "hole", E820_NONE },
};

static bool take_e820_type(const struct line *line, size_t *at, uint32_t *ret_type)
{
	uint64_t value;

	for (size_t i = 0; i < COUNT(type_names); i++) {
		if (line_take(line, at, type_names[i].name)) {
			*ret_type = type_names[i].type;
			return true;
		}
	}
	if (!line_take_all(line, at, "type = %x", &value) || value > UINT32_MAX)
		return false;
	*ret_type = (uint32_t)value;
	return true;
}

/* base_addr = 0x100000, length = 0x7ee0000, available RAM; behind whatever a screen has there. */
static bool take_range(const struct line *line, struct e820_range *ret_range,
                       const char **ret_problem)
{
	uint64_t length_bytes;
	size_t at = 0;

	*ret_problem = NULL;
	if (!line_find_behind(line, &at, "base_addr = "))
		return false;
	if (!line_take_all(line, &at, "%x, length = %x, ", &ret_range->start_paddr, &length_bytes))
		*ret_problem = "this range cannot be read";
	else if (!take_e820_type(line, &at, &ret_range->type))
		*ret_problem = "the type of this range is not known";
	else if (length_bytes > UINT64_MAX - ret_range->start_paddr)
		*ret_problem = "this range ends past 2^64";
	else
		ret_range->end_paddr = ret_range->start_paddr + length_bytes;
	return true;
}

/* Is it the first range of a map once more? */
static bool restarts(const struct record *record, const struct e820_range *range)
{
	return record->n_e820_printed > 0 &&
	       record->e820_printed[0].start_paddr == range->start_paddr &&
	       range->start_paddr < range->end_paddr;
}

static bool recognizes_lsmmap(const struct line *line)
{
	struct e820_range range;
	const char *problem;

	return take_range(line, &range, &problem) && problem == NULL;
}

static void read_lsmmap(const struct input *input, struct records *records)
{
	struct record *record = NULL; /* of the map that is being read */
	struct line line = { 0 };

	while (line_next(input, &line)) {
		struct e820_range range = { 0 };
		size_t command = 0;
		const char *problem;

		if (!take_range(&line, &range, &problem)) {
			if (line_find(&line, &command, "lsmmap"))
				record = NULL; /* the next map */
			continue;
		}
		if (record == NULL || restarts(record, &range)) {
			record = records_add(records, input->name, SOURCE_LSMMAP);
			record->e820_view = VIEW_GRUB;
		}
		if (problem != NULL)
			line_fault(record, &line, 0, "%s", problem);
		else if (range.type != E820_NONE && range.start_paddr < range.end_paddr)
			record_add_e820(record, range.start_paddr, range.end_paddr, range.type);
	}
}

const struct reader lsmmap_reader = { "GRUB's lsmmap", recognizes_lsmmap, read_lsmmap, NULL };
