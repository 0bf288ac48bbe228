/* linux_uefi.c - the spellings of a line of the EFI map, old and new: see linux_uefi.h. */
#include "mapdiff/read/linux/linux_uefi.h"

#include "mapdiff/base/text.h"
#include "mapdiff/read/names.h"

#define UNREADABLE           "a line of the EFI map cannot be read"
#define LINUX_TYPEATTR_BYTES 64 /* the buffer of efi_print_memmap() */

/* The next cell: up to |, or to the end, without blanks around it. */
static struct line take_cell(struct line *cells)
{
	struct line cell;

	if (!line_take_all(cells, " %s|", &cell))
		line_take_all(cells, " %s", &cell);
	return cell;
}

static bool find_type(struct line cell, uint32_t *ret_type)
{
	uint64_t number;

	if (names_uefi_type(cell.start, cell.bytes, ret_type))
		return true;
	if (!line_take_all(&cell, "type=%u", &number) || number > UINT32_MAX || cell.bytes > 0)
		return false;
	*ret_type = (uint32_t)number;
	return true;
}

static bool add_attribute(struct line cell, uint64_t *attribute)
{
	uint64_t bit = text_attribute_bit(cell.start, cell.bytes);

	*attribute |= bit;
	return bit != 0 || cell.bytes == 0 ||
	       (line_take_all(&cell, "attr=%x", attribute) && cell.bytes == 0);
}

/* The type and the attributes in a bracket. */
static bool read_cells(struct line cells, struct uefi_descriptor *ret)
{
	if (!line_take(&cells, "[") || !find_type(take_cell(&cells), &ret->type))
		return false;
	while (cells.bytes > 0)
		if (!add_attribute(take_cell(&cells), &ret->attribute))
			return false;
	return true;
}

/* "[Boot Code   |   |  |WB|WT|WC|UC]". The kernel has a buffer for it that cuts off the last
 * bracket of "[type=1879048193|...". */
static bool take_named_type(struct line *line, struct uefi_descriptor *ret)
{
	struct line cells, range;
	bool is_closed;

	line_skip_blanks(line);
	range = *line;
	if (!line_find(&range, " range=["))
		return false;
	cells = line_until(line, range.start);
	is_closed = cells.start[cells.bytes - 1] == ']';
	if (!is_closed && cells.bytes != LINUX_TYPEATTR_BYTES - 1)
		return false;
	cells.bytes -= is_closed;
	if (!read_cells(cells, ret))
		return false;
	*line = range;
	return true;
}

/* "range=[0x...-0x...)", where the end is one past, or with "]", where it is the last byte. NULL,
 * or what is wrong with it. */
static const char *take_range(struct line *line, struct uefi_descriptor *ret)
{
	uint64_t end_paddr, bytes;
	bool is_last_byte;

	if (!line_take_all(line, " range=[") ||
	    !line_take_bounds(line, &ret->start_paddr, &end_paddr))
		return UNREADABLE;
	is_last_byte = line_take(line, "]");
	if (!is_last_byte && !line_take(line, ")"))
		return UNREADABLE;
	bytes = end_paddr + is_last_byte - ret->start_paddr; /* an end of 2^64 - 1 wraps, rightly */
	if (bytes > end_paddr && ret->start_paddr > end_paddr)
		return "a range of the EFI map ends before it starts";
	if (bytes % PAGE_BYTES != 0)
		return "a range of the EFI map that is not of whole pages";
	ret->n_pages = bytes / PAGE_BYTES;
	return NULL;
}

const char *linux_uefi_parse(struct line line, struct uefi_descriptor *ret)
{
	uint64_t type = 0, megabytes;
	const char *wrong;

	*ret = (struct uefi_descriptor){ 0 };
	if (line_take_all(&line, " type=%u, attr=%x,", &type, &ret->attribute))
		ret->type = (uint32_t)type;
	else if (!take_named_type(&line, ret))
		return UNREADABLE;
	if (type > UINT32_MAX)
		return UNREADABLE;
	wrong = take_range(&line, ret);
	/* "(15MB)": a check of the digits before it, where it is there. */
	if (wrong == NULL && line_take_all(&line, " (%uMB)", &megabytes) &&
	    megabytes != ret->n_pages >> 8)
		return "a range of the EFI map that is not of the size behind it";
	return wrong;
}

bool linux_uefi_parse_invalid(struct line line, struct uefi_descriptor *ret)
{
	struct line digits, low;
	uint64_t high = 0, last;
	bool is_carried;

	*ret = (struct uefi_descriptor){ 0 };
	if (!take_named_type(&line, ret) ||
	    !line_take_all(&line, " range=[%x-0x%s] (invalid)", &ret->start_paddr, &digits) ||
	    digits.bytes < 16)
		return false;
	low = digits;
	digits.bytes -= 16;
	line_move(&low, digits.bytes);
	if (digits.bytes > 0 && (!line_take_hex(&digits, &high) || digits.bytes > 0))
		return false;
	if (!line_take_hex(&low, &last) || low.bytes > 0)
		return false;
	/* efi_memmap_entry_valid(): to @high goes 1 where the top bit of the address is lost. */
	is_carried = ret->start_paddr >> 63 > last >> 63;
	if (high > 0 || last > 0)
		ret->n_pages = (last + 1 - ret->start_paddr) / PAGE_BYTES +
		               ((high - is_carried) << (64 - PAGE_SHIFT));
	return true;
}

const char *linux_uefi_parse_bare(struct line line, struct uefi_descriptor *ret)
{
	uint64_t last_paddr;
	struct line close;

	*ret = (struct uefi_descriptor){ 0 };
	line_skip_blanks(&line);
	if (!line_take_bounds(&line, &ret->start_paddr, &last_paddr))
		return UNREADABLE;
	line_skip_blanks(&line);
	close = line;
	if (!line_find(&close, "]") || !read_cells(line_until(&line, close.start), ret))
		return UNREADABLE;
	if (last_paddr + 1 < ret->start_paddr)
		return "a range of the EFI map ends before it starts";
	if ((last_paddr + 1 - ret->start_paddr) % PAGE_BYTES != 0)
		return "a range of the EFI map that is not of whole pages";
	ret->n_pages = (last_paddr + 1 - ret->start_paddr) / PAGE_BYTES;
	return NULL;
}

bool linux_uefi_begins_bare(struct line line)
{
	uint64_t start_paddr;
	const char *digits;

	line_skip_blanks(&line);
	digits = line.start;
	return line_take(&line, "0x") && line_take_hex(&line, &start_paddr) &&
	       line.start - digits >= 14 && line_first(&line) == '-';
}

bool linux_uefi_begins(struct line line)
{
	uint64_t number;
	uint32_t type;

	line_skip_blanks(&line);
	return line_take(&line, "[") ? find_type(take_cell(&line), &type)
	                             : line_take_all(&line, "type=%u", &number);
}
