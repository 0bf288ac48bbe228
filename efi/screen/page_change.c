/* page_change.c - a change as a row: see page_change.h. */
#include "efi/screen/page_change.h"

#include "bootmem/pfn.h"

/* Columns of the changes; room for the owners that are usual. */
enum { COLUMN_TYPE = 11, COLUMN_SIZE = 21, COLUMN_WAS = 31, COLUMN_IS = 44, COLUMN_OWNER = 57 };
#define PLACE_CHARS 12 /* and a blank, between COLUMN_WAS and COLUMN_IS */

const char *page_type(char text[PAGE_TYPE_BYTES], uint32_t type)
{
	if (e820_type_has_name(type))
		text_format(text, PAGE_TYPE_BYTES, "%s", e820_type_name(type));
	else
		text_format(text, PAGE_TYPE_BYTES, "type %u", (unsigned)type);
	return text;
}

/* All of them, in the order of their numbers; of RAM nobody. */
static void put_owners(struct view *view, const struct step_change *step, enum canvas_colour colour)
{
	const owner_set runtime = owner_bit(OWNER_RUNTIME_DATA) | owner_bit(OWNER_RUNTIME_CODE);
	owner_set owners = step->uefi != 0 ? step->uefi : owner_bit(step->e820);
	char names[VIEW_LINE_BYTES] = "RAM";
	size_t n = 0;

	if (owners == runtime) { /* as Linux merges them: both names have no room */
		view_put(view, COLUMN_OWNER, colour, "runtime services");
		return;
	}
	for (enum owner_kind kind = OWNER_NONE; kind < OWNER_KINDS; kind++)
		if ((owners & owner_bit(kind)) != 0 && n < sizeof names)
			n += text_format(names + n, sizeof names - n, "%s%s", n > 0 ? ", " : "",
			                 owner_kind_name(kind));
	view_put(view, COLUMN_OWNER, colour, "%s", names);
}

/* What stands before both places: as much as there is room for before the higher one. */
static const char *prefix_of(bool is_end, paddr_t highest_paddr)
{
	if (highest_paddr >> 4 * (PLACE_CHARS - 2) != 0)
		return "";
	if (!is_end)
		return "0x";
	return highest_paddr >> 4 * (PLACE_CHARS - 4) != 0 ? ".." : "end ";
}

/* Where one end went, if the other stays; else where it starts. */
static void put_places(struct view *view, const struct change *change, enum canvas_colour colour)
{
	const struct e820_range *before = &change->before, *after = &change->after;
	bool is_end = !e820_is_empty(before) && !e820_is_empty(after) &&
	              before->start_paddr == after->start_paddr;
	paddr_t was_paddr = is_end ? before->end_paddr : before->start_paddr;
	paddr_t is_paddr = is_end ? after->end_paddr : after->start_paddr;
	const char *prefix = prefix_of(is_end, max_u64(was_paddr, is_paddr));

	if (!e820_is_empty(before))
		view_put(view, COLUMN_WAS, CANVAS_GREY, "%s%llx", prefix, (ull)was_paddr);
	if (!e820_is_empty(after))
		view_put(view, COLUMN_IS, colour, "%s%llx", prefix, (ull)is_paddr);
}

const char *page_size(char text[TEXT_AMOUNT_BYTES], uint64_t bytes)
{
	unsigned shift = 0;

	while (bytes >> shift >= 1024)
		shift += 10;
	return text_amount(text, bytes >> shift >= 100 ? bytes >> shift << shift : bytes);
}

void page_change(struct view *view, const struct step_change *step)
{
	const struct change *change = &step->change;
	const struct e820_range *range =
		e820_is_empty(&change->after) ? &change->before : &change->after;
	const char *sign = change->kind == CHANGE_GREW     ? "+"
	                   : change->kind == CHANGE_SHRANK ? "-"
	                                                   : "";
	bool is_length = change->kind == CHANGE_GREW || change->kind == CHANGE_SHRANK;
	char type[PAGE_TYPE_BYTES], size[TEXT_AMOUNT_BYTES];

	page_size(size, is_length ? pfn_paddr(change->n_pages) : e820_bytes(range));
	view_put(view, VIEW_LEFT_COLUMN, CANVAS_RED, "%s", change_kind_name(change->kind));
	view_put(view, COLUMN_TYPE, CANVAS_WHITE, "%s", page_type(type, range->type));
	view_put(view, COLUMN_SIZE, CANVAS_WHITE, "%s%s", sign, size);
	put_places(view, change, CANVAS_WHITE);
	put_owners(view, step, CANVAS_WHITE);
	view_next(view, 0);
}

void page_change_head(struct view *view)
{
	view_put(view, VIEW_LEFT_COLUMN, CANVAS_GREY, "change");
	view_put(view, COLUMN_TYPE, CANVAS_GREY, "type");
	view_put(view, COLUMN_SIZE, CANVAS_GREY, "size");
	view_put(view, COLUMN_WAS, CANVAS_GREY, "was at");
	view_put(view, COLUMN_IS, CANVAS_GREY, "is at");
	view_put(view, COLUMN_OWNER, CANVAS_GREY, "owner");
	view_next(view, 0);
}
