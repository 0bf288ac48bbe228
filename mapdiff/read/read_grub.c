/*
 * read_grub.c - what GRUB's commands print -> records: `lsefimmap', the UEFI map as a table, and
 * `lsmmap', the map that GRUB makes of it.
 */
#include "bootmem/count.h"
#include "mapdiff/base/text.h"
#include "mapdiff/read/gaps.h"
#include "mapdiff/read/reader.h"

/* --- lsefimmap --- */

/* "964KiB": the pages said so already. Then "WB WT UC". */
static bool take_attribute(struct line *line, uint64_t *ret_attribute)
{
	struct line rest;
	uint64_t size, bit;

	*ret_attribute = 0;
	if (!line_take_all(line, " %u", &size) || line_skip(line, "KMGTPE") != 1 ||
	    !line_take(line, "iB"))
		return false;
	do {
		line_skip_blanks(line);
		rest = *line;
		bit = text_attribute_bit(line->start,
		                         line_skip(&rest, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"));
		*ret_attribute |= bit;
		*line = bit != 0 ? rest : *line;
	} while (bit != 0);
	return true;
}

static const struct rows_kind table = {
	.source = SOURCE_LSEFIMMAP,
	.header = "Type Physical start",
	.take_row = rows_take_row,
	.is_strict = true,
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
	{ "RAM holding coreboot tables", E820_COREBOOT },
	{ "RAM holding firmware code", E820_GRUB_RUNTIME_CODE },
	{ "available", E820_RAM },
	{ "reserved", E820_RESERVED },
	{ "ACPI reclamaible", E820_ACPI }, /* [sic] */
	{ "NVS", E820_NVS },
	{ "BadRAM", E820_UNUSABLE },
	{ "firmware code", E820_GRUB_RUNTIME_CODE },
	{ "hole", E820_NONE },
};

static bool take_e820_type(struct line *line, uint32_t *ret_type)
{
	uint64_t value;

	for (size_t i = 0; i < COUNT(type_names); i++) {
		*ret_type = type_names[i].type;
		if (line_take(line, type_names[i].name))
			return true;
	}
	if (!line_take_all(line, "type = %x", &value) || value > UINT32_MAX)
		return false;
	*ret_type = (uint32_t)value;
	return true;
}

/* base_addr = 0x100000, length = 0x7ee0000, available RAM; behind whatever a screen has there. */
static bool take_range(struct line line, struct e820_range *ret_range, const char **ret_problem)
{
	uint64_t length_bytes;

	*ret_problem = NULL;
	if (!line_take_all(&line, "*base_addr = "))
		return false;
	if (!line_take_all(&line, "%x, length = %x, ", &ret_range->start_paddr, &length_bytes))
		*ret_problem = "this range cannot be read";
	else if (!take_e820_type(&line, &ret_range->type))
		*ret_problem = "the type of this range is not known";
	else if (length_bytes > UINT64_MAX - ret_range->start_paddr)
		*ret_problem = "this range ends past 2^64";
	else
		ret_range->end_paddr = ret_range->start_paddr + length_bytes;
	return true;
}

static bool recognizes_lsmmap(struct line line)
{
	struct e820_range range;
	const char *problem;

	return take_range(line, &range, &problem) && problem == NULL;
}

static void read_lsmmap(const struct input *input, struct records *records)
{
	struct record *record = NULL; /* of the map that is being read */
	struct gaps gaps = { 0 };
	struct line line = { 0 };

	while (line_next(input, &line)) {
		struct e820_range range = { 0 };
		const char *problem;
		bool restarts;

		if (!take_range(line, &range, &problem)) {
			if (record != NULL)
				gaps_note(&gaps, record, &line, gaps_find(line));
			if (line_find(&line, "lsmmap"))
				record = NULL; /* the next map */
			continue;
		}
		/* There is none, or its first range comes once more. */
		restarts = record == NULL ||
		           (record->n_e820_printed > 0 && !e820_is_empty(&range) &&
		            record->e820_printed[0].start_paddr == range.start_paddr);
		if (restarts) {
			if (record != NULL)
				gaps_end(&gaps, record);
			gaps = (struct gaps){ 0 };
			record = records_add(records, input->name, SOURCE_LSMMAP);
			record->e820_view = VIEW_GRUB;
		}
		gaps_take(&gaps, record, &line, range.start_paddr == 0);
		if (!line_fault(record, &line, problem) && range.type != E820_NONE &&
		    !e820_is_empty(&range))
			record_add_e820(record, range.start_paddr, range.end_paddr, range.type);
	}
	if (record != NULL)
		gaps_end(&gaps, record);
}

const struct reader lsmmap_reader = { "GRUB's lsmmap", recognizes_lsmmap, read_lsmmap, NULL };
