/*
 * read_shell.c - what `memmap' of the UEFI Shell prints -> records: the table, and the lines of
 * `memmap -sfo' (standard-format output).
 *
 * The table ends in totals by type. They tell that a page of it is missing: it scrolled off the
 * screen, or was not photographed.
 */
#include "bootmem/count.h"
#include "mapdiff/read/readers.h"

static bool is_header(const struct line *line, size_t at)
{
	return line_take_all(line, &at, "Type Start End");
}

static bool take_attribute(const struct line *line, size_t *at, uint64_t *ret_attribute)
{
	return line_take_all(line, at, " %x", ret_attribute);
}

/* "3,323,392" */
static bool take_count(const struct line *line, size_t *at, uint64_t *ret_count)
{
	uint64_t group;

	if (!line_take_decimal(line, at, ret_count))
		return false;
	while (line_take(line, at, ",")) {
		if (!line_take_decimal(line, at, &group) || group > 999 ||
		    *ret_count > (UINT64_MAX - group) / 1000)
			return false;
		*ret_count = *ret_count * 1000 + group;
	}
	return true;
}

static void set_total(struct rows *rows, const struct line *line, uint32_t type, uint64_t n_pages)
{
	rows->has_total[type] = true;
	rows->total_pages[type] = n_pages;
	rows->total_line[type] = line->number;
}

/* "  BS_Data   :         37,334 Pages (152,920,064 Bytes)" */
static bool take_total(struct rows *rows, const struct line *line, size_t at)
{
	uint64_t n_pages;
	uint32_t type;

	if (!rows_take_type(line, &at, &type) || !line_take_all(line, &at, " : ") ||
	    !take_count(line, &at, &n_pages) || !line_take(line, &at, " Pages"))
		return false;
	if (type < UEFI_TYPE_COUNT)
		set_total(rows, line, type, n_pages);
	return true;
}

/* The shell counted some types among others before they had a line of their own. */
static uint32_t counted_as(const struct rows *rows, uint32_t type)
{
	if (type == UEFI_PERSISTENT && !rows->has_total[type])
		return UEFI_CONVENTIONAL;
	if (type == UEFI_UNACCEPTED && !rows->has_total[type])
		return UEFI_PAL_CODE;
	return type;
}

static void check(const struct rows *rows, struct record *record)
{
	uint64_t n_pages[UEFI_TYPE_COUNT] = { 0 };

	for (size_t i = 0; i < record->n_uefi; i++) {
		const struct uefi_descriptor *descriptor = &record->uefi[i];

		if (descriptor->type < UEFI_TYPE_COUNT)
			n_pages[counted_as(rows, descriptor->type)] += descriptor->n_pages;
	}
	for (uint32_t type = 0; type < UEFI_TYPE_COUNT; type++) {
		if (rows->has_total[type] && rows->total_pages[type] != n_pages[type])
			record_add_fault(
				record, rows->total_line[type],
				"rows are missing: the total has %" PRIu64 " pages of %s, the "
				"rows above it have %" PRIu64,
				rows->total_pages[type], uefi_type_name(type), n_pages[type]);
	}
}

/* --- memmap -sfo --- */

static bool is_sfo_header(const struct line *line, size_t at)
{
	return line_take(line, &at, "ShellCommand,\"memmap\"");
}

/* MemoryMap,"Available","0","9EFFF","9F","F" */
static bool take_sfo_row(const struct line *line, size_t at, struct uefi_descriptor *ret_descriptor,
                         const char **ret_problem)
{
	uint64_t last_paddr;

	if (!line_take(line, &at, "MemoryMap,"))
		return false;
	if (!line_take_all(line, &at, " \"") || !rows_take_type(line, &at, &ret_descriptor->type) ||
	    !line_take(line, &at, "\""))
		*ret_problem = "the type of this row is not known";
	else if (!line_take_all(line, &at, ", \"%x\", \"%x\", \"%x\", \"%x\"",
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

static bool take_sfo_total(struct rows *rows, const struct line *line, size_t at)
{
	uint64_t bytes;

	if (!line_take_all(line, &at, "MemoryMapSummary, \"%u\"", &bytes))
		return false;
	for (size_t i = 0; i < COUNT(summary_types) && line_take_all(line, &at, ", \"%u\"", &bytes);
	     i++)
		set_total(rows, line, summary_types[i], pfn_down(bytes));
	/* Whether persistent memory is in it, the line does not say. */
	rows->has_total[UEFI_CONVENTIONAL] = false;
	return true;
}

/* --- the readers --- */

static const struct rows_kind table = { SOURCE_SHELL,   is_header,  NULL,
	                                take_attribute, take_total, check };
static const struct rows_kind sfo = { SOURCE_SHELL_SFO, is_sfo_header, take_sfo_row, NULL,
	                              take_sfo_total,   check };

const struct reader shell_reader = { .name = "a UEFI Shell memmap", .rows = &table };
const struct reader shell_sfo_reader = { .name = "a UEFI Shell memmap -sfo", .rows = &sfo };
