/*
 * linux_maps.c - lines of Linux's two maps -> the record's: `BIOS-e820:' in the spellings of
 * Linux 2.6.24, 3.5 and 7.0, and `efi: memNN:' of old and new kernels.
 *
 * Lines that are damaged in a way that can be seen become faults: what is cut, ranges that end
 * before they start or lie over each other, numbers and sizes that do not fit, lines left out.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "mapdiff/base/memory.h"
#include "mapdiff/read/linux/read_linux.h"

#define SHOWN_BYTES          60 /* of a line in a fault */
#define LINUX_TYPEATTR_BYTES 64 /* the buffer of efi_print_memmap() */

/* --- faults --- */

/* journalctl cuts lines off for a pager, and so they are when somebody copies them. */
static const char *pager_hint(const struct line *line)
{
	return line->bytes > 0 && line->start[line->bytes - 1] == '>'
	               ? " (a pager cut it off; journalctl --no-pager does not)"
	               : "";
}

/* "WHAT: the line", or what is left of it. */
static void add_fault(struct linux_boot *boot, const struct line *line, const char *format, ...)
{
	char shown[SHOWN_BYTES + 1], *what;
	size_t n = line->bytes < SHOWN_BYTES ? line->bytes : SHOWN_BYTES;
	va_list args;

	for (size_t i = 0; i < n; i++)
		shown[i] = line->start[i] >= ' ' && line->start[i] <= '~' ? line->start[i] : '?';
	shown[n] = '\0';
	va_start(args, format);
	what = memory_vprintf(format, args);
	va_end(args);
	record_add_fault(boot->record, line->number, "%s%s: %s", what, pager_hint(line), shown);
}

/* --- e820 --- */

/* What Linux calls a type: in its log (2.6.24 to 7.0), in /sys/firmware/memmap, in /proc/iomem.
 * Where one name begins another, the longer one goes first. */
static const struct {
	const char *name;
	uint32_t type;
} type_names[] = {
	{ "usable", E820_RAM },
	{ "System RAM", E820_RAM },
	{ "reserved", E820_RESERVED },
	{ "device reserved", E820_RESERVED },
	{ "ACPI data", E820_ACPI },
	{ "ACPI Tables", E820_ACPI },
	{ "ACPI NVS", E820_NVS },
	{ "ACPI Non-volatile Storage", E820_NVS },
	{ "unusable", E820_UNUSABLE },
	{ "Unusable memory", E820_UNUSABLE },
	{ "Persistent Memory (legacy)", E820_PRAM },
	{ "Persistent Memory", E820_PMEM },
	{ "soft reserved", (uint32_t)E820_SOFT_RESERVED },
	{ "Unknown E820 type", 20 }, /* in sysfs; GRUB's runtime code is the one that is seen */
};

static bool take_any_case(const struct line *line, size_t *at, const char *text)
{
	size_t bytes = strlen(text);

	if (line->bytes - *at < bytes || strncasecmp(line->start + *at, text, bytes) != 0)
		return false;
	*at += bytes;
	return true;
}

/* Behind a name: nothing, or what no name goes on with. */
static bool ends_name(const struct line *line, size_t at)
{
	return at == line->bytes || strchr(" \t\r<[\"'`\\&,;|*", line->start[at]) != NULL;
}

/* "type 20", "persistent (type 7)", "persistent RAM (type 12)". */
static bool take_numbered_type(const struct line *line, size_t *at, uint32_t *ret_type)
{
	bool is_persistent = take_any_case(line, at, "persistent RAM (") ||
	                     take_any_case(line, at, "persistent (");
	uint64_t number;

	if (!line_take(line, at, "type ") || !line_take_decimal(line, at, &number) ||
	    number > UINT32_MAX || (is_persistent && !line_take(line, at, ")")))
		return false;
	*ret_type = (uint32_t)number;
	return true;
}

bool line_take_e820_type(const struct line *line, size_t *at, uint32_t *ret_type)
{
	size_t start = *at;

	for (size_t i = 0; i < sizeof type_names / sizeof *type_names; i++) {
		*ret_type = type_names[i].type;
		if (take_any_case(line, at, type_names[i].name) && ends_name(line, *at))
			return true;
		*at = start;
	}
	if (take_numbered_type(line, at, ret_type) && ends_name(line, *at))
		return true;
	*at = start;
	return false;
}

/* 2.6.24 has it in brackets, but for numbers. */
static bool take_old_type(const struct line *line, size_t *at, uint32_t *ret_type)
{
	struct line name = *line;
	const char *close;

	if (!line_take(line, at, "("))
		return line_take_e820_type(line, at, ret_type);
	close = memchr(line->start + *at, ')', line->bytes - *at);
	if (close == NULL)
		return false;
	name.bytes = (size_t)(close - line->start);
	return line_take_e820_type(&name, at, ret_type) && *at == name.bytes &&
	       line_take(line, at, ")") && ends_name(line, *at);
}

/* Two numbers of as many digits: the kernel pads them, so one that is shorter has lost some. */
static bool take_bounds(const struct line *line, size_t *at, uint64_t *ret_from, uint64_t *ret_to)
{
	size_t from = *at, to, n_from;

	if (!line_take_hex(line, at, ret_from))
		return false;
	n_from = *at - from;
	line_skip_blanks(line, at);
	if (!line_take(line, at, "-"))
		return false;
	line_skip_blanks(line, at);
	to = *at;
	return line_take_hex(line, at, ret_to) && *at - to == n_from;
}

bool line_take_mem(const struct line *line, size_t *at, struct span *ret_span)
{
	size_t i = *at;

	if (!line_take(line, &i, "[mem ") || !line_take_hex(line, &i, &ret_span->start_paddr) ||
	    !line_take(line, &i, "-") || !line_take_hex(line, &i, &ret_span->end_paddr) ||
	    ret_span->end_paddr < ret_span->start_paddr || ret_span->end_paddr == UINT64_MAX)
		return false;
	ret_span->end_paddr++;
	*at = i;
	return true;
}

/* What a line of the e820 list says. */
struct e820_line {
	struct e820_range range; /* type E820_NONE: a gap */
	bool is_last_byte;       /* as printed, the end was the last byte */
	bool tells_gaps;         /* the spelling of Linux 7.0 */
};

static bool take_new_spelling(const struct line *line, size_t *at, struct e820_line *ret)
{
	struct e820_range *range = &ret->range;
	bool is_gap = line_take(line, at, "[gap ");
	size_t name;

	ret->is_last_byte = true;
	ret->tells_gaps = is_gap;
	if ((!is_gap && !line_take(line, at, "[mem ")) ||
	    !take_bounds(line, at, &range->start_paddr, &range->end_paddr) ||
	    !line_take(line, at, "]"))
		return false;
	if (is_gap)
		return true;
	line_skip_blanks(line, at);
	name = *at;
	if (!line_take_e820_type(line, at, &range->type))
		return false;
	ret->tells_gaps =
		line_take(line, &name, "System RAM") || line_take(line, &name, "device reserved");
	return true;
}

/* The rest of the line behind "BIOS-e820:". */
static bool parse_e820(const struct line *line, size_t *at, struct e820_line *ret)
{
	*ret = (struct e820_line){ .range = { .type = E820_NONE } };
	line_skip_blanks(line, at);
	if (*at < line->bytes && line->start[*at] == '[')
		return take_new_spelling(line, at, ret);
	if (!take_bounds(line, at, &ret->range.start_paddr, &ret->range.end_paddr))
		return false;
	line_skip_blanks(line, at);
	return take_old_type(line, at, &ret->range.type);
}

/* Does the line follow from the lines before it? A kernel prints a list that is sorted and free of
 * overlaps: e820__update_table() has been there. */
static void check_order(struct linux_boot *boot, const struct line *line,
                        const struct e820_range *range, bool is_first)
{
	const struct linux_maps *maps = &boot->maps;

	if (is_first) {
		if (range->start_paddr != 0 && !maps->has_header)
			add_fault(boot, line,
			          "the e820 map does not begin here; its first lines "
			          "are missing");
	} else if (range->start_paddr < maps->end_paddr) {
		add_fault(boot, line, "a range of the e820 map lies over the one before it");
	} else if (maps->tells_gaps && range->start_paddr != maps->end_paddr) {
		add_fault(boot, line, "a line of the e820 map is missing before this one");
	}
}

static void read_e820(struct linux_boot *boot, const struct line *line, size_t at, bool is_extended)
{
	struct linux_maps *maps = &boot->maps;
	struct e820_line parsed;
	struct e820_range *range = &parsed.range;
	bool is_first = !maps->has_e820;

	maps->has_e820 = true;
	if (is_extended && !maps->is_extended) { /* it has all of them, and takes the place */
		boot->record->n_e820_printed = 0;
		maps->is_extended = is_first = true;
	}
	if (!parse_e820(line, &at, &parsed) || line_find(line, &at, "BIOS-e820:")) {
		add_fault(boot, line, "a line of the e820 map cannot be read");
		maps->tells_gaps = false; /* so that what follows is not blamed too */
		return;
	}
	if (range->end_paddr + parsed.is_last_byte <= range->start_paddr) {
		add_fault(boot, line, "a range of the e820 map ends before it starts");
		maps->tells_gaps = false;
		return;
	}
	range->end_paddr += parsed.is_last_byte;
	check_order(boot, line, range, is_first);
	if (is_first && !is_extended)
		maps->first_paddr = range->start_paddr;
	maps->tells_gaps |= parsed.tells_gaps;
	maps->end_paddr = range->end_paddr;
	if (range->type != E820_NONE) {
		record_add_e820(boot->record, range->start_paddr, range->end_paddr, range->type);
		boot->record->e820_view = VIEW_FIRMWARE;
	}
}

/* --- the EFI map --- */

/* efi_md_typeattr_format() of Linux: up to 5.7, and since. */
static const struct {
	const char *name;
	uint32_t type;
} uefi_names[] = {
	{ "Reserved", UEFI_RESERVED },
	{ "Loader Code", UEFI_LOADER_CODE },
	{ "Loader Data", UEFI_LOADER_DATA },
	{ "Boot Code", UEFI_BOOT_SERVICES_CODE },
	{ "Boot Data", UEFI_BOOT_SERVICES_DATA },
	{ "Runtime Code", UEFI_RUNTIME_SERVICES_CODE },
	{ "Runtime Data", UEFI_RUNTIME_SERVICES_DATA },
	{ "Conventional Memory", UEFI_CONVENTIONAL },
	{ "Conventional", UEFI_CONVENTIONAL },
	{ "Unusable Memory", UEFI_UNUSABLE },
	{ "Unusable", UEFI_UNUSABLE },
	{ "ACPI Reclaim Memory", UEFI_ACPI_RECLAIM },
	{ "ACPI Reclaim", UEFI_ACPI_RECLAIM },
	{ "ACPI Memory NVS", UEFI_ACPI_NVS },
	{ "ACPI Mem NVS", UEFI_ACPI_NVS },
	{ "Memory Mapped I/O", UEFI_MMIO },
	{ "MMIO Port Space", UEFI_MMIO_PORT_SPACE },
	{ "MMIO Port", UEFI_MMIO_PORT_SPACE },
	{ "MMIO", UEFI_MMIO },
	{ "PAL Code", UEFI_PAL_CODE },
	{ "Persistent Memory", UEFI_PERSISTENT },
	{ "Persistent", UEFI_PERSISTENT },
	{ "Unaccepted", UEFI_UNACCEPTED },
};

/* UEFI 2.10 §7.2.3, by the letters that Linux gives them; each version has its own columns. */
static const struct {
	const char *letters;
	uint64_t attribute;
} attributes[] = {
	{ "RUN", UEFI_MEMORY_RUNTIME },
	{ "HP", 0x100000 },
	{ "MR", 0x10000 },
	{ "CC", 0x80000 },
	{ "SP", UEFI_MEMORY_SP },
	{ "NV", 0x8000 },
	{ "XP", 0x4000 },
	{ "RP", 0x2000 },
	{ "WP", 0x1000 },
	{ "RO", 0x20000 },
	{ "UCE", 0x10 },
	{ "WB", UEFI_MEMORY_WB },
	{ "WT", 0x4 },
	{ "WC", 0x2 },
	{ "UC", 0x1 },
};

/* Cut the first cell off @cells: up to |, without blanks around it. False if there is none left. */
static bool take_cell(struct line *cells, struct line *ret_cell)
{
	struct line rest = { 0 };
	const char *bar;
	size_t at = 0, n;

	if (cells->start == NULL)
		return false;
	bar = memchr(cells->start, '|', cells->bytes);
	n = bar == NULL ? cells->bytes : (size_t)(bar - cells->start);
	if (bar != NULL)
		rest = (struct line){ bar + 1, cells->bytes - n - 1, cells->number };
	*ret_cell = (struct line){ cells->start, n, cells->number };
	line_skip_blanks(ret_cell, &at);
	while (n > at && cells->start[n - 1] == ' ')
		n--;
	*ret_cell = (struct line){ cells->start + at, n - at, cells->number };
	*cells = rest;
	return true;
}

static bool cell_is(const struct line *cell, const char *text)
{
	return cell->bytes == strlen(text) && memcmp(cell->start, text, cell->bytes) == 0;
}

static bool find_uefi_type(const struct line *cell, uint32_t *ret_type)
{
	size_t at = 0;
	uint64_t number;

	for (size_t i = 0; i < sizeof uefi_names / sizeof *uefi_names; i++) {
		*ret_type = uefi_names[i].type;
		if (cell_is(cell, uefi_names[i].name))
			return true;
	}
	if (!line_take(cell, &at, "type=") || !line_take_decimal(cell, &at, &number) ||
	    number > UINT32_MAX || at != cell->bytes)
		return false;
	*ret_type = (uint32_t)number;
	return true;
}

static bool add_attribute(const struct line *cell, uint64_t *attribute)
{
	size_t at = 0;

	if (cell->bytes == 0)
		return true;
	if (line_take(cell, &at, "attr="))
		return line_take_hex(cell, &at, attribute) && at == cell->bytes;
	for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++) {
		if (cell_is(cell, attributes[i].letters)) {
			*attribute |= attributes[i].attribute;
			return true;
		}
	}
	return false;
}

/* "[Boot Code   |   |  |WB|WT|WC|UC]". The kernel has a buffer for it that cuts off the last
 * bracket of "[type=1879048193|...". */
static bool take_named_type(const struct line *line, size_t *at, struct uefi_descriptor *ret)
{
	struct line cells = { line->start + *at + 1, 0, line->number }, cell;
	size_t range = *at, end;

	if (!line_find(line, &range, " range=["))
		return false;
	for (end = range; line->start[end - 1] == ' ';)
		end--;
	if (line->start[end - 1] == ']')
		cells.bytes = end - *at - 2;
	else if (end - *at == LINUX_TYPEATTR_BYTES - 1)
		cells.bytes = end - *at - 1;
	else
		return false;
	if (!take_cell(&cells, &cell) || !find_uefi_type(&cell, &ret->type))
		return false;
	while (take_cell(&cells, &cell))
		if (!add_attribute(&cell, &ret->attribute))
			return false;
	*at = range;
	return true;
}

/* "type=7, attr=0xf,". */
static bool take_numbered_attributes(const struct line *line, size_t *at,
                                     struct uefi_descriptor *ret)
{
	uint64_t type;

	if (!line_take(line, at, "type=") || !line_take_decimal(line, at, &type) ||
	    type > UINT32_MAX || !line_take(line, at, ","))
		return false;
	ret->type = (uint32_t)type;
	line_skip_blanks(line, at);
	return line_take(line, at, "attr=") && line_take_hex(line, at, &ret->attribute) &&
	       line_take(line, at, ",");
}

/* "range=[0x...-0x...)", where the end is one past, or with "]", where it is the last byte. NULL,
 * or what is wrong with it. */
static const char *take_uefi_range(const struct line *line, size_t *at, struct uefi_descriptor *ret)
{
	uint64_t end_paddr, bytes;
	bool is_last_byte;

	line_skip_blanks(line, at);
	if (!line_take(line, at, "range=[") ||
	    !take_bounds(line, at, &ret->start_paddr, &end_paddr))
		return "a line of the EFI map cannot be read";
	is_last_byte = line_take(line, at, "]");
	if (!is_last_byte && !line_take(line, at, ")"))
		return "a line of the EFI map cannot be read";
	bytes = end_paddr + is_last_byte - ret->start_paddr; /* an end of 2^64 - 1 wraps, rightly */
	if (bytes > end_paddr && ret->start_paddr > end_paddr)
		return "a range of the EFI map ends before it starts";
	if (bytes % PAGE_BYTES != 0)
		return "a range of the EFI map that is not of whole pages";
	ret->n_pages = bytes / PAGE_BYTES;
	return NULL;
}

/* "(15MB)": a check of the digits before it, where it is there. */
static bool fits_size(const struct line *line, size_t at, const struct uefi_descriptor *descriptor)
{
	uint64_t megabytes;

	line_skip_blanks(line, &at);
	return !line_take(line, &at, "(") || !line_take_decimal(line, &at, &megabytes) ||
	       !line_take(line, &at, "MB)") || megabytes == descriptor->n_pages >> 8;
}

/* Behind "memNN:". NULL, or what is wrong. */
static const char *parse_uefi(const struct line *line, size_t at, struct uefi_descriptor *ret)
{
	const char *wrong;

	*ret = (struct uefi_descriptor){ 0 };
	line_skip_blanks(line, &at);
	if (at < line->bytes && line->start[at] == '[' ? !take_named_type(line, &at, ret)
	                                               : !take_numbered_attributes(line, &at, ret))
		return "a line of the EFI map cannot be read";
	wrong = take_uefi_range(line, &at, ret);
	if (wrong != NULL)
		return wrong;
	return fits_size(line, at, ret) ? NULL
	                                : "a range of the EFI map that is not of the size "
	                                  "behind it";
}

/*
 * "range=[0x0000000010400000-0x0000000000000000] (invalid)": a descriptor of no pages, which has 0
 * there, or one past 2^64, which has more than 16 digits there. Linux lists them before the map and
 * leaves them out of it: efi_clean_memmap(). False if the line is not such a one.
 */
static bool parse_invalid(const struct line *line, size_t at, struct uefi_descriptor *ret)
{
	struct line low = *line;
	uint64_t high = 0, last = 0;
	size_t end = at;

	*ret = (struct uefi_descriptor){ 0 };
	line_skip_blanks(line, &at);
	if (!line_find(line, &end, "] (invalid)") || line->start[at] != '[' ||
	    !take_named_type(line, &at, ret) || !line_take(line, &at, " range=[") ||
	    !line_take_hex(line, &at, &ret->start_paddr) || !line_take(line, &at, "-0x") ||
	    end < at + 16)
		return false;
	low.bytes = end - 16;
	if (at < low.bytes && !line_take_hex(&low, &at, &high))
		return false;
	low.bytes = end;
	if (!line_take_hex(&low, &at, &last) || at != end)
		return false;
	if (high > 0 || last > 0) /* high:last + 1 - start, in pages */
		ret->n_pages = (last + 1 - ret->start_paddr) / PAGE_BYTES +
		               ((high - (last + 1 < ret->start_paddr)) << (64 - PAGE_SHIFT));
	return true;
}

/* Nothing may be left out between the line before and @number. */
static bool check_number(struct linux_boot *boot, const struct line *line, uint64_t number)
{
	struct linux_maps *maps = &boot->maps;
	uint64_t expected = maps->next_mem;

	if (number < expected) {
		add_fault(boot, line, "a line of the EFI map stands behind mem%02" PRIu64,
		          expected - 1);
		return false;
	}
	if (number == expected + 1)
		add_fault(boot, line, "mem%02" PRIu64 " of the EFI map is missing before this line",
		          expected);
	else if (number > expected)
		add_fault(boot, line,
		          "mem%02llu to mem%02llu of the EFI map are missing before this line",
		          (unsigned long long)expected, (unsigned long long)number - 1);
	maps->next_mem = number + 1;
	return true;
}

/* Behind "efi: mem". */
static void read_uefi(struct linux_boot *boot, const struct line *line, size_t at)
{
	struct linux_maps *maps = &boot->maps;
	struct uefi_descriptor descriptor;
	const char *wrong;
	uint64_t number;
	size_t behind;

	if (!line_take_decimal(line, &at, &number) || number > UINT32_MAX)
		return;
	behind = at;
	if (line_take(line, &behind, ":") && parse_invalid(line, behind, &descriptor)) {
		if (maps->next_mem == 0 && maps->n_invalid < LINUX_MOST_INVALID)
			*MEMORY_ADD(maps, invalid) = (struct linux_invalid){ number, descriptor };
		return;
	}
	maps->is_uefi_over |= number == 0 && maps->next_mem > 0;
	if (maps->is_uefi_over || !check_number(boot, line, number))
		return;
	wrong = line_take(line, &at, ":") ? parse_uefi(line, at, &descriptor)
	                                  : "a line of the EFI map cannot be read";
	if (wrong != NULL) {
		add_fault(boot, line, "%s", wrong);
		return;
	}
	record_add_uefi(boot->record, &descriptor);
	boot->record->is_uefi_accepted = true; /* Linux has it from its EFI stub's last call */
}

/* --- messages --- */

enum label { LABEL_NONE, LABEL_E820, LABEL_EXTENDED, LABEL_UEFI };

static bool is_digit(const struct line *line, size_t at)
{
	return at < line->bytes && line->start[at] >= '0' && line->start[at] <= '9';
}

/* "mem00: type=" of IA-32 until 2.6.31 has nothing before it: be sure. */
static bool is_bare_uefi(const struct line *line)
{
	size_t at = 0;
	uint64_t number;

	return line_take(line, &at, "mem") && line_take_decimal(line, &at, &number) &&
	       line_take(line, &at, ": type=");
}

/* Does a line of an e820 list begin here, whole or damaged? */
static bool begins_e820(const struct line *line, size_t at)
{
	size_t digits;
	uint64_t number;

	line_skip_blanks(line, &at);
	if (line_take(line, &at, "[mem 0x") || line_take(line, &at, "[gap 0x"))
		return true;
	if (line_take(line, &at, "[mem") && at == line->bytes) /* broken in two: the rest follows */
		return true;
	digits = at;
	return line_take_hex(line, &at, &number) && at - digits >= 8;
}

/* The same of the EFI map, behind "memNN:". */
static bool begins_uefi(const struct line *line, size_t at)
{
	struct line cells = *line, cell;
	uint32_t type;

	line_skip_blanks(line, &at);
	if (!line_take(line, &at, "["))
		return line_take(line, &at, "type=") && is_digit(line, at);
	cells.start += at;
	cells.bytes -= at;
	return take_cell(&cells, &cell) && find_uefi_type(&cell, &type);
}

/* Words behind what can be read: a sentence that has a line of the map in it. */
static bool is_sentence(const struct line *line, size_t at)
{
	struct e820_line parsed;

	if (!parse_e820(line, &at, &parsed))
		return false;
	line_skip_blanks(line, &at);
	return at < line->bytes && isalnum((unsigned char)line->start[at]);
}

/* What Linux calls the list: by where it got it from. detect_memory() of a BIOS that is older than
 * e820, xen_memory_setup(). */
static const char *const e820_sources[] = { "Xen:", "BIOS-e801:", "BIOS-88:" };

/* Which list a message is of; *ret_at is behind what says so. */
static enum label find_label(const struct line *message, size_t *ret_at)
{
	size_t at = 0;

	if (line_take(message, &at, "BIOS-e820:"))
		return *ret_at = at, LABEL_E820;
	if (line_take(message, &at, "extended: "))
		return *ret_at = at, LABEL_EXTENDED;
	if ((line_take(message, &at, "efi: mem") || line_take(message, &at, "EFI: mem")) &&
	    is_digit(message, at))
		return *ret_at = at, LABEL_UEFI;
	if (is_bare_uefi(message))
		return *ret_at = strlen("mem"), LABEL_UEFI;
	for (size_t i = 0; i < sizeof e820_sources / sizeof *e820_sources; i++) {
		at = 0;
		if (line_take(message, &at, e820_sources[i]) && begins_e820(message, at))
			return *ret_at = at, LABEL_E820;
	}
	/* Behind something that we do not know. */
	at = 0;
	if (line_find(message, &at, "BIOS-e820: ")) {
		*ret_at = at + strlen("BIOS-e820: ");
		return begins_e820(message, *ret_at) && !is_sentence(message, *ret_at) ? LABEL_E820
		                                                                       : LABEL_NONE;
	}
	if (line_find(message, &at, "efi: mem") && is_digit(message, at + strlen("efi: mem")))
		return *ret_at = at + strlen("efi: mem"), LABEL_UEFI;
	return LABEL_NONE;
}

bool linux_is_map_line(const struct line *message)
{
	size_t at;
	uint64_t number;

	switch (find_label(message, &at)) {
	case LABEL_E820:
	case LABEL_EXTENDED:
		return begins_e820(message, at);
	case LABEL_UEFI:
		return line_take_decimal(message, &at, &number) && line_take(message, &at, ":") &&
		       begins_uefi(message, at);
	default:
		return false;
	}
}

bool linux_is_broken_map_line(const struct line *message)
{
	struct e820_line parsed;
	struct uefi_descriptor descriptor;
	uint64_t number;
	size_t at;

	switch (find_label(message, &at)) {
	case LABEL_E820:
	case LABEL_EXTENDED:
		return is_sentence(message, at) || !parse_e820(message, &at, &parsed);
	case LABEL_UEFI:
		return line_take_decimal(message, &at, &number) && line_take(message, &at, ":") &&
		       !parse_invalid(message, at, &descriptor) &&
		       parse_uefi(message, at, &descriptor) != NULL;
	default:
		return false;
	}
}

bool linux_restarts_e820(const struct linux_boot *boot, const struct line *message)
{
	struct e820_line parsed;
	size_t at;

	return boot->maps.has_e820 && find_label(message, &at) == LABEL_E820 &&
	       parse_e820(message, &at, &parsed) &&
	       parsed.range.start_paddr <= boot->maps.first_paddr;
}

static bool is_header(const struct line *message)
{
	size_t at = 0;

	line_take(message, &at, "e820: ");
	return line_take(message, &at, "BIOS-provided physical RAM map:");
}

/* Lines were lost, and a map is there within two lines: one more fault is enough for it. */
static void blame_dropped(struct linux_boot *boot, const struct line *line)
{
	struct linux_maps *maps = &boot->maps;

	if (maps->dropped_line == 0 || maps->last_line == 0 ||
	    maps->dropped_line > maps->last_line + 2 || maps->last_line > maps->dropped_line + 2)
		return;
	maps->dropped_line = 0;
	add_fault(boot, line, "lines were lost here, in a map or next to it");
}

void linux_note_dropped(struct linux_boot *boot, const struct line *line)
{
	boot->maps.dropped_line = line->number;
	blame_dropped(boot, line);
}

bool linux_read_map(struct linux_boot *boot, const struct linux_message *message)
{
	const struct line *line = &message->line;
	size_t at;
	enum label label = find_label(line, &at);

	if (label == LABEL_NONE) {
		boot->maps.has_header |= is_header(line);
		return false;
	}
	boot->maps.last_line = line->number;
	blame_dropped(boot, line);
	if (message->is_diff)
		add_fault(boot, line, "a line of diff -u, not of a log: give both logs themselves");
	else if (label == LABEL_UEFI)
		read_uefi(boot, line, at);
	else
		read_e820(boot, line, at, label == LABEL_EXTENDED);
	return true;
}

/* Put what Linux left out of the EFI map back where it was. */
void linux_finish_maps(struct linux_boot *boot)
{
	struct linux_maps *maps = &boot->maps;
	struct record *record = boot->record;

	for (size_t i = 0; record->n_uefi > 0 && i < maps->n_invalid; i++) {
		size_t place = maps->invalid[i].number;

		if (place > record->n_uefi)
			place = record->n_uefi;
		record_add_uefi(record, &maps->invalid[i].descriptor);
		memmove(&record->uefi[place + 1], &record->uefi[place],
		        (record->n_uefi - 1 - place) * sizeof *record->uefi);
		record->uefi[place] = maps->invalid[i].descriptor;
	}
}
