/* linux_maps.c - which map a message is of, and what is wrong with the map: see linux_maps.h. */
#include "mapdiff/read/linux/linux_maps.h"

#include <string.h>

#include "bootmem/count.h"
#include "mapdiff/base/map.h"
#include "mapdiff/read/linux/linux_uefi.h"

#define MOST_INVALID   256
#define HOLE_DIGITS    8 /* of "%#010Lx" */
#define ADDRESS_DIGITS 16
#define MOST_PASSED    16 /* messages of others among the lines of a list */

/* A kernel needs memory below: without a range there, the first lines of the list are lost. */
#define LOW_END_PADDR UINT64_C(0x100000)

/* Is it the first range of a list? */
static bool is_beginning(const struct linux_maps *maps, const struct e820_range *range)
{
	if (maps->has_header && range->start_paddr < LOW_END_PADDR)
		return true;
	return range->start_paddr == 0 || range->start_paddr == MAP_KEXEC_PADDR ||
	       (range->start_paddr == MAP_KDUMP_PADDR && range->type == E820_RAM);
}

/* Does the range follow from the lines before it? A kernel prints a list that is sorted and free of
 * overlaps: e820__update_table() has been there. NULL, or what is wrong. */
static const char *check_order(const struct linux_maps *maps, const struct e820_range *range,
                               bool is_first)
{
	if (is_first)
		return is_beginning(maps, range) || maps->is_excerpt
		               ? NULL
		               : "the e820 map does not begin here; its first lines are missing";
	if (range->start_paddr < maps->end_paddr)
		return "a range of the e820 map lies over the one before it";
	if (maps->n_passed > MOST_PASSED && !maps->is_excerpt)
		return "the e820 map goes on here, far behind its other lines: some may be missing";
	return maps->tells_gaps && !maps->is_excerpt && range->start_paddr != maps->end_paddr
	               ? "a line of the e820 map is missing before this one"
	               : NULL;
}

static void add_e820(struct linux_maps *maps, const struct line *line,
                     const struct linux_maps_line *parsed, bool is_first)
{
	const struct e820_range *range = &parsed->e820.range;

	line_fault(maps->record, line, check_order(maps, range, is_first));
	if (is_first && !maps->is_extended)
		maps->first_paddr = range->start_paddr;
	if (is_first)
		maps->record->lacks_head = !is_beginning(maps, range);
	maps->n_passed = 0;
	maps->tells_gaps |= parsed->e820.tells_gaps;
	maps->end_paddr = range->end_paddr;
	if (range->type != E820_NONE) {
		record_add_e820(maps->record, range->start_paddr, range->end_paddr, range->type);
		maps->record->e820_view = parsed->view;
	}
}

static bool has_range(const struct record *record, const struct e820_range *range)
{
	if (record != NULL)
		MEMORY_EACH(known, record, e820_printed)
			if (known->start_paddr == range->start_paddr &&
			    known->end_paddr == range->end_paddr && known->type == range->type)
				return true;
	return false;
}

/* Somebody quoted a line of this list once more, or of the one before it; or all of it was printed
 * again. */
static bool is_quoted_again(const struct linux_maps *maps, const struct linux_maps_line *parsed)
{
	const struct e820_range *range = &parsed->e820.range;

	if (parsed->wrong != NULL || range->start_paddr >= maps->end_paddr)
		return false;
	return range->type == E820_NONE || has_range(maps->record, range) ||
	       has_range(maps->earlier, range);
}

/* Each line of the file is there twice: the second is none of another list. */
static bool is_doubled(const struct linux_maps *maps, const struct line *line,
                       const struct e820_range *range)
{
	return maps->record->n_e820_printed == 1 && has_range(maps->record, range) &&
	       line->number <= maps->e820_gaps.last_line + 2;
}

static void read_e820(struct linux_maps *maps, const struct line *line,
                      const struct linux_maps_line *parsed)
{
	bool is_first = !maps->has_e820;

	if (maps->has_e820 && (parsed->list == LIST_E820 || maps->is_extended) &&
	    is_quoted_again(maps, parsed))
		return;
	maps->has_e820 = true;
	if (parsed->list == LIST_EXTENDED && !maps->is_extended) { /* all of them, in its place */
		maps->record->n_e820_printed = 0;
		maps->is_extended = is_first = true;
		maps->e820_gaps = (struct gaps){ 0 };
	}
	gaps_take(&maps->e820_gaps, maps->record, line,
	          is_first && parsed->has_range && parsed->e820.range.start_paddr == 0);
	if (line_fault(maps->record, line, parsed->wrong))
		maps->tells_gaps = false; /* so that what follows is not blamed too */
	else
		add_e820(maps, line, parsed, is_first);
	if (parsed->has_mark)
		gaps_note(&maps->e820_gaps, maps->record, line, GAP_ELIDED);
}

/* Nothing may be left out between the line before and @number. */
static const char *check_number(uint64_t number, uint64_t expected)
{
	if (number < expected)
		return memory_printf("a line of the EFI map stands behind mem%02" PRIu64,
		                     expected - 1);
	if (number == expected + 1)
		return memory_printf("mem%02" PRIu64 " of the EFI map is missing before this line",
		                     expected);
	if (number > expected)
		return memory_printf("mem%02" PRIu64 " to mem%02" PRIu64
		                     " of the EFI map are missing before this line",
		                     expected, number - 1);
	return NULL;
}

/* Put those that Linux left out back where they were: up to the place @number of the map. */
static void put_back_invalid(struct linux_maps *maps, uint64_t number)
{
	for (; maps->n_put_back < maps->n_invalid; maps->n_put_back++) {
		if (maps->invalid[maps->n_put_back].number > number)
			return;
		*MEMORY_ADD(maps->record, uefi) = maps->invalid[maps->n_put_back].descriptor;
	}
}

/* Somebody quoted a line of the map once more. */
static bool is_descriptor_again(const struct linux_maps *maps, const struct linux_maps_line *parsed)
{
	if (parsed->wrong != NULL || parsed->number + 1 >= maps->next_mem)
		return false;
	MEMORY_EACH(known, maps->record, uefi)
		if (memcmp(known, &parsed->descriptor, sizeof *known) == 0)
			return true;
	return false;
}

static void read_uefi(struct linux_maps *maps, const struct line *line,
                      const struct linux_maps_line *parsed)
{
	const uint64_t number = parsed->has_number ? parsed->number : maps->next_mem;

	if (number > UINT32_MAX)
		return;
	if (parsed->is_invalid) {
		if (maps->next_mem == 0 && maps->n_invalid < MOST_INVALID)
			*MEMORY_ADD(maps, invalid) = *parsed;
		return;
	}
	maps->is_uefi_over |= number == 0 && maps->next_mem > 0;
	if (maps->is_uefi_over || is_descriptor_again(maps, parsed))
		return;
	if (maps->record->n_faults < RECORD_MOST_FAULTS &&
	    !maps->is_excerpt) /* else it would be worded for nothing */
		line_fault(maps->record, line, check_number(number, maps->next_mem));
	if (number < maps->next_mem)
		return;
	gaps_take(&maps->uefi_gaps, maps->record, line, number == 0);
	maps->next_mem = number + 1;
	if (line_fault(maps->record, line, parsed->wrong))
		return;
	put_back_invalid(maps, maps->record->n_uefi);
	*MEMORY_ADD(maps->record, uefi) = parsed->descriptor;
	maps->record->is_uefi_accepted = true; /* Linux has it from its EFI stub's last call */
}

static bool begins_e820(struct line line)
{
	struct linux_e820 parsed;

	return linux_e820_begins(line) && !(linux_e820_parse(&line, &parsed) && parsed.has_words);
}

/* What tells of which list a message is, and what has to come behind it. Linux calls the e820 list
 * by where it got it from: detect_memory() of a BIOS older than e820, xen_memory_setup(). */
static const struct {
	const char *text;
	bool is_anywhere; /* behind something that we do not know */
	enum linux_list list;
	const char *number;               /* for line_take_all(), or */
	bool (*begins)(struct line line); /* NULL: anything may come */
	enum e820_view view;
} labels[] = {
	/* clang-format off */
	{ "BIOS-e820:", false, LIST_E820, NULL, NULL, VIEW_FIRMWARE },
	{ "extended: ", false, LIST_EXTENDED, NULL, NULL, VIEW_FIRMWARE },
	{ "efi: mem", false, LIST_UEFI, "%u", NULL, VIEW_NONE },
	{ "EFI: mem", false, LIST_UEFI, "%u", NULL, VIEW_NONE },
	{ "mem", false, LIST_UEFI, "%u: type=", NULL, VIEW_NONE }, /* of IA-32 until 2.6.31: be sure */
	{ "efi: ", false, LIST_UEFI, NULL, linux_uefi_begins_bare, VIEW_NONE }, /* of arm64 */
	{ "Xen:", false, LIST_E820, NULL, linux_e820_begins, VIEW_DOMAIN },
	{ "BIOS-e801:", false, LIST_E820, NULL, linux_e820_begins, VIEW_FIRMWARE },
	{ "BIOS-88:", false, LIST_E820, NULL, linux_e820_begins, VIEW_FIRMWARE },
	/* register_nosave_region(), by when: since 5.4, since 2.6.35, before */
	{ "PM: hibernation: Registered nosave memory:", false, LIST_HOLES, NULL, NULL, VIEW_HOLES },
	{ "PM: Registered nosave memory:", false, LIST_HOLES, NULL, NULL, VIEW_HOLES },
	{ "swsusp: Registered nosave memory region:", false, LIST_HOLES, NULL, NULL, VIEW_HOLES },
	{ "Registered nosave memory:", false, LIST_HOLES, NULL, NULL, VIEW_HOLES },
	{ "Marking nosave pages:", false, LIST_HOLES, NULL, NULL, VIEW_HOLES },
	{ "PM: Marking nosave pages:", false, LIST_HOLES, NULL, NULL, VIEW_HOLES },
	{ "BIOS-e820: ", true, LIST_E820, NULL, begins_e820, VIEW_FIRMWARE },
	{ "efi: mem", true, LIST_UEFI, "%u", NULL, VIEW_NONE },
	/* clang-format on */
};

/* Which list @message is of; *ret_rest is behind what says so. */
static enum linux_list find_list(const struct line *message, struct line *ret_rest,
                                 enum e820_view *ret_view)
{
	for (size_t i = 0; i < COUNT(labels); i++) {
		struct line rest = *message;
		uint64_t number;

		if ((labels[i].is_anywhere && !line_find(&rest, labels[i].text)) ||
		    !line_take(&rest, labels[i].text))
			continue;
		*ret_rest = rest;
		*ret_view = labels[i].view;
		if (labels[i].number != NULL ? line_take_all(&rest, labels[i].number, &number)
		                             : labels[i].begins == NULL || labels[i].begins(rest))
			return labels[i].list;
	}
	return LIST_NONE;
}

static void parse_e820(struct line line, struct linux_maps_line *ret)
{
	ret->begins = linux_e820_begins(line);
	ret->has_range = linux_e820_parse(&line, &ret->e820);
	ret->is_broken = !ret->has_range || ret->e820.has_words;
	ret->has_mark = ret->has_range && !ret->e820.has_words && gaps_is_mark(line, false);
	if (!ret->has_range || line_find(&line, "BIOS-e820:"))
		ret->wrong = "a line of the e820 map cannot be read";
	else if (e820_is_empty(&ret->e820.range))
		ret->wrong = "a range of the e820 map ends before it starts";
}

/* "0x000a0000", "0x11fffffff": eight digits, or as many as it takes. */
static bool take_short_address(struct line *line, uint64_t *ret_paddr)
{
	size_t n_digits;

	if (!line_take(line, "0x"))
		return false;
	n_digits = line->bytes;
	if (!line_take_hex(line, ret_paddr))
		return false;
	n_digits -= line->bytes;
	return n_digits == HOLE_DIGITS || (n_digits > HOLE_DIGITS && n_digits <= ADDRESS_DIGITS &&
	                                   *ret_paddr >> (4 * (n_digits - 1)) != 0);
}

/* "[mem 0x000a0000-0x000fffff]"; "00000000000a0000 - 0000000000100000" until 3.4. */
static void parse_hole(struct line line, struct linux_maps_line *ret)
{
	struct e820_range *range = &ret->e820.range;
	bool is_new, is_whole;

	line_skip_blanks(&line);
	is_new = line_take(&line, "[mem ");
	is_whole = is_new ? take_short_address(&line, &range->start_paddr) &&
	                            line_take_all(&line, " - ") &&
	                            take_short_address(&line, &range->end_paddr) &&
	                            line_take(&line, "]")
	                  : line_take_bounds(&line, &range->start_paddr, &range->end_paddr);
	range->end_paddr += is_new;
	ret->begins = true;
	ret->is_broken = !is_whole;
	if (!is_whole || e820_is_empty(range))
		ret->wrong = "a line of the holes of RAM cannot be read";
}

/* Behind "efi: mem", or before the range of arm64. */
static void parse_uefi(struct line line, struct linux_maps_line *ret)
{
	ret->begins = linux_uefi_begins_bare(line);
	if (ret->begins) {
		ret->wrong = linux_uefi_parse_bare(line, &ret->descriptor);
		ret->is_broken = ret->wrong != NULL;
		return;
	}
	ret->has_number = true;
	ret->number = UINT64_MAX;
	ret->wrong = "a line of the EFI map cannot be read";
	if (!line_take_decimal(&line, &ret->number) || !line_take(&line, ":"))
		return;
	ret->begins = linux_uefi_begins(line);
	ret->is_invalid = linux_uefi_parse_invalid(line, &ret->descriptor);
	ret->wrong = ret->is_invalid ? NULL : linux_uefi_parse(line, &ret->descriptor);
	ret->is_broken = ret->wrong != NULL;
}

void linux_maps_parse(const struct line *message, struct linux_maps_line *ret)
{
	struct line rest;

	*ret = (struct linux_maps_line){ 0 };
	ret->list = find_list(message, &rest, &ret->view);
	if (ret->list == LIST_UEFI)
		parse_uefi(rest, ret);
	else if (ret->list == LIST_HOLES)
		parse_hole(rest, ret);
	else if (ret->list != LIST_NONE)
		parse_e820(rest, ret);
}

bool linux_maps_restarts(const struct linux_maps *maps, const struct linux_message *message,
                         const struct linux_maps_line *parsed)
{
	const struct e820_range *range = &parsed->e820.range;

	if (!maps->has_e820 || !parsed->has_range)
		return false;
	if (is_doubled(maps, &message->line, range))
		return false;
	if (parsed->list == LIST_E820 && range->start_paddr <= maps->first_paddr)
		return true;
	if ((parsed->list == LIST_EXTENDED && !maps->is_extended) || is_quoted_again(maps, parsed))
		return false;
	return maps->is_e820_over && range->start_paddr < maps->end_paddr;
}

bool linux_maps_stop_before(const struct linux_maps *maps, const struct line *line)
{
	return maps->has_header && maps->has_heads && line->number == maps->e820_gaps.last_line + 1;
}

void linux_maps_pass(struct linux_maps *maps, const struct linux_message *message, bool is_fact)
{
	maps->is_e820_over |= maps->has_e820 && is_fact;
	maps->n_passed += maps->has_e820 && message->mark != 0;
}

bool linux_maps_are_open(const struct linux_maps *maps, const struct line *line)
{
	return gaps_is_open(&maps->e820_gaps, line) || gaps_is_open(&maps->uefi_gaps, line) ||
	       gaps_is_open(&maps->hole_gaps, line);
}

/* What is in doubt, where the lines of a list @tell themselves that one is missing. */
static enum gap settle(enum gap gap, bool tell)
{
	return gap == GAP_DOUBT && tell ? GAP_NONE : gap;
}

void linux_maps_note(struct linux_maps *maps, const struct line *line, enum gap gap)
{
	gaps_note(&maps->e820_gaps, maps->record, line, settle(gap, maps->tells_gaps));
	gaps_note(&maps->hole_gaps, maps->record, line, gap == GAP_LOST ? GAP_NONE : gap);
	if (gap != GAP_LOST || maps->uefi_gaps.last_line > 0)
		gaps_note(&maps->uefi_gaps, maps->record, line, settle(gap, maps->has_numbers));
}

/* What is said of the lists beside them. */
static void read_around(struct linux_maps *maps, struct line line)
{
	uint64_t last_pfn;

	line_take(&line, "e820: ");
	maps->has_header |= line_take(&line, "BIOS-provided physical RAM map:");
	if (line_take_all(&line, "last_pfn = %x", &last_pfn) && last_pfn > maps->last_pfn)
		maps->last_pfn = last_pfn;
}

static void read_hole(struct linux_maps *maps, const struct line *line,
                      const struct linux_maps_line *parsed)
{
	gaps_take(&maps->hole_gaps, maps->record, line, parsed->e820.range.start_paddr == 0);
	if (!line_fault(maps->record, line, parsed->wrong))
		*MEMORY_ADD(maps, holes) = parsed->e820.range;
}

bool linux_maps_read(struct linux_maps *maps, const struct linux_message *message,
                     const struct linux_maps_line *parsed)
{
	const struct line *line = &message->line;

	if (parsed->list == LIST_NONE) {
		read_around(maps, *line);
		return false;
	}
	maps->has_heads |= message->has_head;
	maps->has_tags |= message->has_tag;
	maps->host = maps->host != 0 ? maps->host : message->host;
	maps->has_numbers |= parsed->has_number;
	if (maps->record->map_line == 0)
		maps->record->map_line = line->number;
	maps->record->map_end_line = line->number;
	if (message->host != 0 && message->host != maps->host)
		line_fault(maps->record, line, "this line is of another host than those before it");
	if (message->is_diff)
		line_fault(maps->record, line,
		           "a line of diff -u, not of a log: give both logs themselves");
	else if (parsed->list == LIST_UEFI)
		read_uefi(maps, line, parsed);
	else if (parsed->list == LIST_HOLES)
		read_hole(maps, line, parsed);
	else
		read_e820(maps, line, parsed);
	return true;
}

/* RAM is what is between the holes, which come sorted, and up to the last page. Above, or without
 * that, it is not known. */
static void add_ram_between_holes(struct linux_maps *maps)
{
	paddr_t start_paddr = 0;

	MEMORY_EACH(hole, maps, holes) {
		if (hole->start_paddr > start_paddr)
			record_add_e820(maps->record, start_paddr, hole->start_paddr, E820_RAM);
		start_paddr = hole->end_paddr > start_paddr ? hole->end_paddr : start_paddr;
	}
	if (pfn_paddr(maps->last_pfn) > start_paddr)
		record_add_e820(maps->record, start_paddr, pfn_paddr(maps->last_pfn), E820_RAM);
	maps->record->e820_view = VIEW_HOLES;
	gaps_end(&maps->hole_gaps, maps->record);
}

void linux_maps_finish(struct linux_maps *maps)
{
	if (maps->n_holes > 0 && !maps->has_e820)
		add_ram_between_holes(maps);
	/* What ends above has all of what is below. */
	if (maps->end_paddr < MAP_HIGH_PADDR)
		gaps_end(&maps->e820_gaps, maps->record);
	gaps_end(&maps->uefi_gaps, maps->record);
	if (maps->record->n_uefi > 0)
		put_back_invalid(maps, UINT64_MAX);
}
