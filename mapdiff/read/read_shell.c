/*
 * read_shell.c - what `memmap' of the UEFI Shell prints -> records: the table, and the lines of
 * `memmap -sfo' (standard-format output).
 *
 * The table ends in totals by type. They tell that a page of it is missing: it scrolled off the
 * screen, or was not photographed.
 */
#include "bootmem/count.h"
#include "mapdiff/read/reader.h"

static bool take_attribute(struct line *line, uint64_t *ret_attribute)
{
	return line_take_all(line, " %x", ret_attribute);
}

/* "3,323,392" */
static bool take_count(struct line *line, uint64_t *ret_count)
{
	uint64_t group;

	if (!line_take_decimal(line, ret_count))
		return false;
	while (line_take(line, ",")) {
		if (!line_take_decimal(line, &group) || group > 999 ||
		    *ret_count > (UINT64_MAX - group) / 1000)
			return false;
		*ret_count = *ret_count * 1000 + group;
	}
	return true;
}

/* "  BS_Data   :         37,334 Pages (152,920,064 Bytes)" */
static bool take_total(struct rows *rows, struct line line)
{
	uint64_t n_pages;
	uint32_t type;

	if (!rows_take_type(&line, &type) || !line_take_all(&line, " : ") ||
	    !take_count(&line, &n_pages) || !line_take(&line, " Pages"))
		return false;
	if (type < UEFI_TYPE_COUNT)
		rows->totals[type] = (struct rows_total){ true, n_pages, line.number };
	return true;
}

/* MemoryMap,"Available","0","9EFFF","9F","F" */
static bool take_sfo_row(const struct rows_kind *kind, struct line line,
                         struct uefi_descriptor *ret_descriptor, const char **ret_problem)
{
	uint64_t last_paddr;

	(void)kind;
	if (!line_take(&line, "MemoryMap,"))
		return false;
	if (!line_take_all(&line, " \"") || !rows_take_type(&line, &ret_descriptor->type) ||
	    !line_take(&line, "\""))
		*ret_problem = "the type of this row is not known";
	else if (!line_take_all(&line, ", \"%x\", \"%x\", \"%x\", \"%x\"",
	                        &ret_descriptor->start_paddr, &last_paddr, &ret_descriptor->n_pages,
	                        &ret_descriptor->attribute))
		*ret_problem = "this row cannot be read";
	else
		*ret_problem = rows_extent_problem(ret_descriptor, last_paddr);
	return true;
}

/* The sums of MemoryMapSummary, in bytes, behind that of all of it. */
static const uint32_t summary_types[] = {
	/* clang-format off */
	UEFI_RESERVED, UEFI_BOOT_SERVICES_CODE, UEFI_BOOT_SERVICES_DATA,
	UEFI_RUNTIME_SERVICES_CODE, UEFI_RUNTIME_SERVICES_DATA, UEFI_LOADER_CODE, UEFI_LOADER_DATA,
	UEFI_CONVENTIONAL, UEFI_MMIO, UEFI_MMIO_PORT_SPACE, UEFI_UNUSABLE, UEFI_ACPI_RECLAIM,
	UEFI_ACPI_NVS, /* what follows depends on the edk2 */
	/* clang-format on */
};

static bool take_sfo_total(struct rows *rows, struct line line)
{
	uint64_t bytes;

	if (!line_take_all(&line, "MemoryMapSummary, \"%u\"", &bytes))
		return false;
	for (size_t i = 0; i < COUNT(summary_types) && line_take_all(&line, ", \"%u\"", &bytes);
	     i++)
		rows->totals[summary_types[i]] =
			(struct rows_total){ true, pfn_down(bytes), line.number };
	/* Whether persistent memory is in it, the line does not say. */
	rows->totals[UEFI_CONVENTIONAL].is_there = false;
	return true;
}

static const struct rows_kind table = {
	.source = SOURCE_SHELL,
	.header = "Type Start End",
	.take_row = rows_take_row,
	.is_strict = true,
	.take_attribute = take_attribute,
	.take_total = take_total,
};
static const struct rows_kind sfo = {
	.source = SOURCE_SHELL_SFO,
	.header = "ShellCommand,\"memmap\"",
	.take_row = take_sfo_row,
	.take_total = take_sfo_total,
};

const struct reader shell_reader = { .name = "a UEFI Shell memmap", .rows = &table };
const struct reader shell_sfo_reader = { .name = "a UEFI Shell memmap -sfo", .rows = &sfo };
