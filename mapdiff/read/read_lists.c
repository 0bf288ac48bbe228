/*
 * read_lists.c - maps that kernels and loaders print of what they are handed -> records: names and
 * values (Rust's MemoryDescriptor, FreeBSD's SMAP, Multiboot's and Limine's entries), and the rows
 * of ESXi's, OpenBSD's and Limine's own loader.
 */
#include <ctype.h>
#include <string.h>

#include "bootmem/count.h"
#include "mapdiff/read/fields.h"
#include "mapdiff/read/names.h"
#include "mapdiff/read/reader.h"

#define HEX_DIGITS "0123456789abcdefABCDEF"

static const char unreadable[] = "this entry cannot be read",
		  ends_early[] = "this range ends past 2^64";

/* --- types --- */

/* What loaders call them, in lower case, letters alone: Multiboot's, Limine's, and what kernels
 * make of these. What a loader is done with is RAM; "loader" and "kernel" memory is RAM in use. */
static const struct {
	const char *name;
	uint32_t type;
} type_names[] = {
	{ "usable", E820_RAM },
	{ "available", E820_RAM },
	{ "ram", E820_RAM },
	{ "systemram", E820_RAM },
	{ "free", E820_RAM },
	{ "conventional", E820_RAM },
	{ "bootloaderreclaimable", E820_RAM },
	{ "bootloader", E820_RAM },
	{ "kernelandmodules", E820_RAM },
	{ "executableandmodules", E820_RAM },
	{ "kernelmodules", E820_RAM },
	{ "reserved", E820_RESERVED },
	{ "reservedmapped", E820_RESERVED },
	{ "framebuffer", E820_RESERVED },
	{ "acpireclaimable", E820_ACPI },
	{ "acpireclaim", E820_ACPI },
	{ "acpidata", E820_ACPI },
	{ "acpitables", E820_ACPI },
	{ "acpinvs", E820_NVS },
	{ "nvs", E820_NVS },
	{ "badmemory", E820_UNUSABLE },
	{ "badram", E820_UNUSABLE },
	{ "bad", E820_UNUSABLE },
	{ "defective", E820_UNUSABLE },
	{ "unusable", E820_UNUSABLE },
};

/* Limine's numbers, which begin at 0 (limine.h: LIMINE_MEMMAP_...). */
static const uint32_t limine_types[] = {
	E820_RAM, E820_RESERVED, E820_ACPI,     E820_NVS,      E820_UNUSABLE,
	E820_RAM, E820_RAM,      E820_RESERVED, E820_RESERVED,
};

/* "LIMINE_MEMMAP_USABLE", "Usable (aligned)": what matters is in it, in letters. */
static bool find_type(struct line text, uint32_t *ret_type)
{
	char word[32] = "";
	size_t n = 0;
	struct line prefix = text;

	if (line_find(&prefix, "MEMMAP_") && line_take(&prefix, "MEMMAP_"))
		text = prefix;
	for (; text.bytes > 0 && strchr("(<[,|", text.start[0]) == NULL; line_move(&text, 1))
		if (isalpha(line_first(&text)) && n + 1 < sizeof word)
			word[n++] = (char)tolower(line_first(&text));
	for (size_t i = 0; i < COUNT(type_names); i++) {
		*ret_type = type_names[i].type;
		if (strcmp(word, type_names[i].name) == 0)
			return true;
	}
	return false;
}

/* --- Rust --- */

/* "UNCACHEABLE | WRITE_BACK", also in "MemoryAttribute(...)"; or a number. */
static uint64_t find_attribute(const struct field_value *value)
{
	struct line rest = value->text;
	uint64_t attribute = 0;

	if (value->is_number)
		return value->number;
	while (rest.bytes > 0) {
		const char *start = rest.start;

		while (isalnum(line_first(&rest)) || line_first(&rest) == '_')
			line_move(&rest, 1);
		if (rest.start > start)
			attribute |= names_attribute(start, (size_t)(rest.start - start));
		else
			line_move(&rest, 1);
	}
	return attribute;
}

/* "CONVENTIONAL", "MemoryType(7)", "7". */
static bool find_uefi_type(const struct field_value *value, uint32_t *ret_type)
{
	struct line number = value->text;
	uint64_t type = value->number;

	if (names_uefi_type(value->text.start, value->text.bytes, ret_type))
		return true;
	if (!value->is_number && (!line_find(&number, "(") || !line_take(&number, "(") ||
	                          !line_take_decimal(&number, &type)))
		return false;
	*ret_type = (uint32_t)type;
	return type <= UINT32_MAX;
}

/* MemoryDescriptor { ty: CONVENTIONAL, phys_start: 4096, page_count: 159, att: WRITE_BACK } */
static bool take_rust(const struct rows_kind *kind, struct line line, struct uefi_descriptor *ret,
                      const char **ret_problem)
{
	struct fields fields;

	if (!line_find(&line, kind->opening))
		return false;
	line_move(&line, strlen(kind->opening));
	fields_find(line, &fields);
	if (memchr(line.start, '}', line.bytes) == NULL || !fields_have_span(&fields) ||
	    !fields.values[FIELD_PAGES].is_number)
		*ret_problem = unreadable;
	else if (!find_uefi_type(&fields.values[FIELD_TYPE], &ret->type))
		*ret_problem = "the type of this entry is not known";
	ret->start_paddr = fields.values[FIELD_START].number;
	ret->n_pages = fields.values[FIELD_PAGES].number;
	ret->attribute = find_attribute(&fields.values[FIELD_ATTRIBUTE]);
	return true;
}

static const struct rows_kind rust = {
	.source = SOURCE_RUST,
	.opening = "MemoryDescriptor {",
	.take_row = take_rust,
};
const struct reader rust_reader = { .name = "a list of Rust's MemoryDescriptor", .rows = &rust };

/* --- base, length, type --- */

/* In @ret_range, with the end that follows from @bytes. NULL, or what is wrong. */
static const char *set_end(struct e820_range *range, uint64_t bytes)
{
	range->end_paddr = range->start_paddr + bytes;
	return bytes <= UINT64_MAX - range->start_paddr ? NULL : ends_early;
}

static bool take_fields(struct line line, struct e820_range *ret, const char **ret_problem)
{
	struct fields fields;
	const struct field_value *type = &fields.values[FIELD_TYPE];

	fields_find(line, &fields);
	if (!fields.values[FIELD_START].is_number || fields.values[FIELD_PAGES].is_there)
		return false;
	ret->start_paddr = fields.values[FIELD_START].number;
	if (!type->is_there || !fields_have_span(&fields))
		*ret_problem = unreadable;
	else if (type->is_number ? type->number > UINT32_MAX : !find_type(type->text, &ret->type))
		*ret_problem = "the type of this range is not known";
	else if (type->is_number)
		ret->type = (uint32_t)type->number;
	if (*ret_problem == NULL)
		*ret_problem = set_end(ret, fields.values[FIELD_LENGTH].number);
	return true;
}

/* No BIOS has a type 0: where there is one, all numbers are Limine's. */
static void renumber(struct record *record)
{
	bool is_limine = false;

	MEMORY_EACH(range, record, e820_printed)
		is_limine |= range->type == 0;
	for (size_t i = 0; i < record->n_e820_printed && is_limine; i++) {
		uint32_t *type = &record->e820_printed[i].type;

		*type = *type < COUNT(limine_types) ? limine_types[*type] : E820_RESERVED;
	}
}

/* "Entry 3: base=...", "[3] Base: ..." */
static bool take_entry_number(struct line line, uint64_t *ret_number)
{
	static const char *const heads[] = { "[%u]",     "entry %u:",  "Entry %u:", "entry[%u]",
		                             "mmap[%u]", "memmap[%u]", "#%u:" };

	for (; line.bytes > 0; line_move(&line, 1))
		for (size_t i = 0; i < COUNT(heads); i++) {
			struct line rest = line;

			if (line_take_all(&rest, heads[i], ret_number))
				return true;
		}
	return false;
}

static const struct rows_kind list = {
	.source = SOURCE_LIST,
	.is_loose = true,
	.take_range = take_fields,
	.take_number = take_entry_number,
	.view = VIEW_LISTED,
	.finish = renumber,
};
const struct reader list_reader = { .name = "a list of base, length and type", .rows = &list };

/* SMAP type=01 base=0000000000000000 len=000000000009fc00, of FreeBSD's kernel and loader. */
static bool take_smap(struct line line, struct e820_range *ret, const char **ret_problem)
{
	struct line fields = line, base, length; /* numbers that are as wide, if none is cut */
	uint64_t type, bytes;

	if (!line_find(&fields, "SMAP type="))
		return false;
	base = length = fields;
	if (!line_take_all(&fields, "SMAP type=%x*base=%x*len=%x", &type, &ret->start_paddr,
	                   &bytes) ||
	    !line_take_all(&base, "*base=") || !line_take_all(&length, "*len=") ||
	    line_skip(&base, HEX_DIGITS "x") != line_skip(&length, HEX_DIGITS "x")) {
		*ret_problem = unreadable;
		return true;
	}
	ret->type = (uint32_t)type;
	*ret_problem = type == 0 || type > UINT32_MAX ? "the type of this range is not known"
	                                              : set_end(ret, bytes);
	return true;
}

static const struct rows_kind smap = {
	.source = SOURCE_SMAP,
	.take_range = take_smap,
	.view = VIEW_LISTED,
};
const struct reader smap_reader = { .name = "a FreeBSD SMAP", .rows = &smap };

/* Region 0: type 1 at 0x0 for 639KB, of OpenBSD's loader. Its sizes are cut to KiB. */
static bool take_region(struct line line, struct e820_range *ret, const char **ret_problem)
{
	uint64_t number, type, size_kib;

	if (!line_find(&line, "Region ") || !line_take_all(&line, "Region %u: type ", &number))
		return false;
	if (!line_take_all(&line, "%u at 0x%x for %uKB", &type, &ret->start_paddr, &size_kib)) {
		*ret_problem = unreadable;
		return true;
	}
	ret->type = (uint32_t)type;
	*ret_problem = type == 0 || type > UINT32_MAX ? "the type of this range is not known"
	               : size_kib > UINT64_MAX >> 10  ? ends_early
	                                              : set_end(ret, size_kib << 10);
	return true;
}

static bool take_region_number(struct line line, uint64_t *ret_number)
{
	return line_find(&line, "Region ") && line_take_all(&line, "Region %u:", ret_number);
}

static const struct rows_kind regions = {
	.source = SOURCE_OPENBSD,
	.take_range = take_region,
	.take_number = take_region_number,
	.view = VIEW_LISTED,
};
const struct reader openbsd_reader = { .name = "OpenBSD's machine memory", .rows = &regions };

/* [0000000000000000 -> 000000000009fc00] : 000000000009fc00 <usable (aligned)>, of Limine itself.
 */
static bool take_limine(struct line line, struct e820_range *ret, const char **ret_problem)
{
	uint64_t bytes;
	struct line type;

	if (!line_take_all(&line, "*[%x -> ", &ret->start_paddr))
		return false;
	if (!line_take_all(&line, "%x] : %x <%s", &ret->end_paddr, &bytes, &type))
		*ret_problem = unreadable;
	else if (ret->end_paddr - ret->start_paddr != bytes)
		*ret_problem = "the end of this row and its length do not agree";
	else if (!find_type((struct line){ type.start, type.bytes - (type.bytes > 0), 0 },
	                    &ret->type))
		*ret_problem = "the type of this row is not known";
	return true;
}

static const struct rows_kind limine = {
	.source = SOURCE_LIMINE,
	.take_range = take_limine,
	.view = VIEW_LISTED,
};
const struct reader limine_reader = { .name = "a map of Limine's", .rows = &limine };

/* --- ESXi --- */

/* MMap[0]: 0x0 - 0x8dfff len=581632, type=7, attr=0xf, of ESXi's loader, from the UEFI map. */
static bool take_esxi(const struct rows_kind *kind, struct line line, struct uefi_descriptor *ret,
                      const char **ret_problem)
{
	uint64_t number, last_paddr, bytes, type;

	(void)kind;
	if (!line_find(&line, "MMap[") || !line_take_all(&line, "MMap[%u]: ", &number))
		return false;
	if (!line_take_all(&line, "%x - %x len=%u, type=%u, attr=%x", &ret->start_paddr,
	                   &last_paddr, &bytes, &type, &ret->attribute) ||
	    type > UINT32_MAX) {
		*ret_problem = unreadable;
		return true;
	}
	ret->type = (uint32_t)type;
	ret->n_pages = pfn_down(bytes);
	*ret_problem = bytes % PAGE_BYTES != 0 ? "an entry that is not of whole pages"
	                                       : rows_extent_problem(ret, last_paddr);
	return true;
}

static bool take_esxi_number(struct line line, uint64_t *ret_number)
{
	return line_find(&line, "MMap[") && line_take_all(&line, "MMap[%u]:", ret_number);
}

static const struct rows_kind esxi = {
	.source = SOURCE_ESXI,
	.take_row = take_esxi,
	.take_number = take_esxi_number,
};
const struct reader esxi_reader = { .name = "a map of ESXi's loader", .rows = &esxi };

/* --- U-Boot, FreeBSD --- */

/* "WB|RT", "UC WC WT WB RUNTIME", "NONE". False: something else is there. */
static bool take_attributes(struct line *line, uint64_t *ret_attribute)
{
	*ret_attribute = 0;
	line_take(line, "NONE");
	for (;;) {
		struct line rest;
		uint64_t bit;

		line_skip(line, " \t|");
		rest = *line;
		while (isalpha(line_first(&rest)) || line_first(&rest) == '_')
			line_move(&rest, 1);
		bit = names_attribute(line->start, (size_t)(rest.start - line->start));
		if (bit == 0)
			return line->bytes == 0 || line_first(line) == '\r';
		*ret_attribute |= bit;
		*line = rest;
	}
}

/* Behind the name of a type, which may have blanks in it, and before a digit. */
static bool take_type(struct line *line, uint32_t *ret_type)
{
	struct line rest = *line;

	while (isalpha(line_first(&rest)) || line_first(&rest) == ' ' || line_first(&rest) == '_')
		line_move(&rest, 1);
	/* Digits of an address are letters, too: the name ends at a blank. */
	while (rest.start > line->start && rest.start[-1] != ' ') {
		rest.start--;
		rest.bytes++;
	}
	if (rest.start == line->start ||
	    !names_uefi_type(line->start, (size_t)(rest.start - line->start), ret_type))
		return false;
	*line = rest;
	return true;
}

#define UBOOT_DIGITS 16 /* of an address */

/* BOOT DATA        0000000087efb000-0000000087f05000 WB */
static bool take_uboot(const struct rows_kind *kind, struct line line, struct uefi_descriptor *ret,
                       const char **ret_problem)
{
	struct line rest = line, digits;
	uint64_t end_paddr = 0;

	(void)kind;
	if (!take_type(&rest, &ret->type)) {
		while (rest.bytes > 0 && !isdigit(line_first(&rest)))
			line_move(&rest, 1);
		*ret_problem = "the type of this row is not known";
	}
	digits = rest;
	if (line_skip(&digits, HEX_DIGITS) < (*ret_problem != NULL ? UBOOT_DIGITS : 1))
		return false;
	if (*ret_problem != NULL)
		return true;
	if (!line_take_bounds(&rest, &ret->start_paddr, &end_paddr))
		*ret_problem = "this row cannot be read";
	else if (end_paddr < ret->start_paddr || (end_paddr - ret->start_paddr) % PAGE_BYTES != 0)
		*ret_problem = "this row does not end at a page behind its start";
	else if (!take_attributes(&rest, &ret->attribute))
		*ret_problem = "the attributes of this row cannot be read";
	ret->n_pages = pfn_down(end_paddr - ret->start_paddr);
	return true;
}

static const struct rows_kind uboot = {
	.source = SOURCE_UBOOT,
	.header = "Type Start End Attributes",
	.take_row = take_uboot,
	.is_strict = true,
};
const struct reader uboot_reader = { .name = "U-Boot's efidebug memmap", .rows = &uboot };

/* A number of at least @n_digits digits: else some are cut off. */
static bool take_padded(struct line *line, size_t n_digits, uint64_t *ret_number)
{
	const char *start = line->start;

	return line_take_hex(line, ret_number) && (size_t)(line->start - start) >= n_digits;
}

/* BootServicesCode 000000000000            0x0 00000001 UC WC WT WB */
static bool take_freebsd(const struct rows_kind *kind, struct line line,
                         struct uefi_descriptor *ret, const char **ret_problem)
{
	struct line rest = line;
	uint64_t virtual;

	(void)kind;
	if (!rows_take_type(&rest, &ret->type) || !line_take_all(&rest, " %x ", &ret->start_paddr))
		return false;
	if (!line_take_all(&rest, "%x ", &virtual) || !take_padded(&rest, 8, &ret->n_pages))
		*ret_problem = "this row cannot be read";
	else if (ret->start_paddr % PAGE_BYTES != 0)
		*ret_problem = "this row does not start at a page";
	else if (!take_attributes(&rest, &ret->attribute))
		*ret_problem = "the attributes of this row cannot be read";
	return true;
}

static const struct rows_kind freebsd = {
	.source = SOURCE_FREEBSD,
	.header = "Type Physical Virtual #Pages Attr",
	.take_row = take_freebsd,
	.is_strict = true,
};
const struct reader freebsd_reader = { .name = "FreeBSD's EFI map", .rows = &freebsd };
