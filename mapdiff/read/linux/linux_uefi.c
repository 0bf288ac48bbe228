/* linux_uefi.c - the spellings of a line of the EFI map, of old and new kernels: see linux_uefi.h.
 */
#include "mapdiff/read/linux/linux_uefi.h"

#include <string.h>

#include "mapdiff/base/text.h"
#include "mapdiff/read/names.h"

#define UNREADABLE           "a line of the EFI map cannot be read"
#define LINUX_TYPEATTR_BYTES 64 /* the buffer of efi_print_memmap() */

/* The next cell of @cells: up to |, without blanks around it. False if there is none left. */
static bool take_cell(const struct line *cells, size_t *at, struct line *ret_cell)
{
	size_t end;

	if (*at > cells->bytes)
		return false;
	line_skip_blanks(cells, at);
	end = line_find_or_end(cells, *at, "|");
	*ret_cell = (struct line){ cells->start + *at, end - *at, cells->number };
	while (ret_cell->bytes > 0 && ret_cell->start[ret_cell->bytes - 1] == ' ')
		ret_cell->bytes--;
	*at = end + 1;
	return true;
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
	uint64_t bit = text_attribute_bit(cell->start, cell->bytes);
	size_t at = 0;

	*attribute |= bit;
	return bit != 0 || cell->bytes == 0 ||
	       (line_take_all(cell, &at, "attr=%x", attribute) && at == cell->bytes);
}

/* "[Boot Code   |   |  |WB|WT|WC|UC]". The kernel has a buffer for it that cuts off the last
 * bracket of "[type=1879048193|...". */
static bool take_named_type(const struct line *line, size_t *at, struct uefi_descriptor *ret)
{
	struct line cells = { line->start, 0, line->number }, cell;
	size_t range = *at, end, inner = *at + 1;

	if (!line_find(line, &range, " range=["))
		return false;
	for (end = range; line->start[end - 1] == ' ';)
		end--;
	if (line->start[end - 1] != ']' && end - *at != LINUX_TYPEATTR_BYTES - 1)
		return false;
	cells.bytes = end - (line->start[end - 1] == ']');
	if (!take_cell(&cells, &inner, &cell) || !find_type(&cell, &ret->type))
		return false;
	while (take_cell(&cells, &inner, &cell))
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
	struct line cell;
	uint64_t number;
	uint32_t type;

	line_skip_blanks(line, &at);
	if (!line_take(line, &at, "["))
		return line_take_all(line, &at, "type=%u", &number);
	return take_cell(line, &at, &cell) && find_type(&cell, &type);
}
