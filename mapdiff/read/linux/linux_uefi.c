/* linux_uefi.c - the spellings of a line of the EFI map, of old and new kernels: see linux_uefi.h.
 */
#include "mapdiff/read/linux/linux_uefi.h"

#include <string.h>

#include "bootmem/count.h"
#include "mapdiff/read/names.h"

#define UNREADABLE           "a line of the EFI map cannot be read"
#define LINUX_TYPEATTR_BYTES 64 /* the buffer of efi_print_memmap() */

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

static bool find_type(const struct line *cell, uint32_t *ret_type)
{
	size_t at = 0;
	uint64_t number;

	if (names_uefi_type(cell->start, cell->bytes, ret_type))
		return true;
	if (!line_take_all(cell, &at, "type=%u", &number) || number > UINT32_MAX ||
	    at != cell->bytes)
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
	for (size_t i = 0; i < COUNT(attributes); i++) {
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
	if (!take_cell(&cells, &cell) || !find_type(&cell, &ret->type))
		return false;
	while (take_cell(&cells, &cell))
		if (!add_attribute(&cell, &ret->attribute))
			return false;
	*at = range;
	return true;
}

/* "type=7, attr=0xf,". */
static bool take_numbered_type(const struct line *line, size_t *at, struct uefi_descriptor *ret)
{
	uint64_t type;

	if (!line_take_all(line, at, "type=%u, attr=%x,", &type, &ret->attribute) ||
	    type > UINT32_MAX)
		return false;
	ret->type = (uint32_t)type;
	return true;
}

/* "range=[0x...-0x...)", where the end is one past, or with "]", where it is the last byte. NULL,
 * or what is wrong with it. */
static const char *take_range(const struct line *line, size_t *at, struct uefi_descriptor *ret)
{
	uint64_t end_paddr, bytes;
	bool is_last_byte;

	if (!line_take_all(line, at, " range=[") ||
	    !line_take_bounds(line, at, &ret->start_paddr, &end_paddr))
		return UNREADABLE;
	is_last_byte = line_take(line, at, "]");
	if (!is_last_byte && !line_take(line, at, ")"))
		return UNREADABLE;
	bytes = end_paddr + is_last_byte - ret->start_paddr; /* an end of 2^64 - 1 wraps, rightly */
	if (bytes > end_paddr && ret->start_paddr > end_paddr)
		return "a range of the EFI map ends before it starts";
	if (bytes % PAGE_BYTES != 0)
		return "a range of the EFI map that is not of whole pages";
	ret->n_pages = bytes / PAGE_BYTES;
	return NULL;
}

const char *linux_uefi_parse(const struct line *line, size_t at, struct uefi_descriptor *ret)
{
	uint64_t megabytes;
	const char *wrong;
	bool has_type;

	*ret = (struct uefi_descriptor){ 0 };
	line_skip_blanks(line, &at);
	has_type = at < line->bytes && line->start[at] == '[' ? take_named_type(line, &at, ret)
	                                                      : take_numbered_type(line, &at, ret);
	wrong = has_type ? take_range(line, &at, ret) : UNREADABLE;
	/* "(15MB)": a check of the digits before it, where it is there. */
	if (wrong == NULL && line_take_all(line, &at, " (%uMB)", &megabytes) &&
	    megabytes != ret->n_pages >> 8)
		return "a range of the EFI map that is not of the size behind it";
	return wrong;
}

bool linux_uefi_parse_invalid(const struct line *line, size_t at, struct uefi_descriptor *ret)
{
	struct line low = *line;
	uint64_t high = 0, last = 0;
	size_t end = at;

	*ret = (struct uefi_descriptor){ 0 };
	line_skip_blanks(line, &at);
	if (!line_find(line, &end, "] (invalid)") || line->start[at] != '[' ||
	    !take_named_type(line, &at, ret) ||
	    !line_take_all(line, &at, " range=[%x-0x", &ret->start_paddr) || end < at + 16)
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

bool linux_uefi_begins(const struct line *line, size_t at)
{
	struct line cells = *line, cell;
	uint64_t number;
	uint32_t type;

	line_skip_blanks(line, &at);
	if (!line_take(line, &at, "["))
		return line_take_all(line, &at, "type=%u", &number);
	cells.start += at;
	cells.bytes -= at;
	return take_cell(&cells, &cell) && find_type(&cell, &type);
}
