/* linux_maps.c - which map a message is of, and what is wrong with the map: see linux_maps.h. */
#include "mapdiff/read/linux/linux_maps.h"

#include "bootmem/count.h"
#include "mapdiff/read/linux/linux_uefi.h"

#define MOST_INVALID 256

/* Does the range follow from the lines before it? A kernel prints a list that is sorted and free of
 * overlaps: e820__update_table() has been there. NULL, or what is wrong. */
static const char *check_order(const struct linux_maps *maps, const struct e820_range *range,
                               bool is_first)
{
	if (is_first)
		return range->start_paddr == 0 || maps->has_header || maps->is_excerpt
		               ? NULL
		               : "the e820 map does not begin here; its first lines are missing";
	if (range->start_paddr < maps->end_paddr)
		return "a range of the e820 map lies over the one before it";
	return maps->tells_gaps && !maps->is_excerpt && range->start_paddr != maps->end_paddr
	               ? "a line of the e820 map is missing before this one"
	               : NULL;
}

static void add_e820(struct linux_maps *maps, const struct line *line,
                     const struct linux_e820 *parsed, bool is_first)
{
	const struct e820_range *range = &parsed->range;

	line_fault(maps->record, line, check_order(maps, range, is_first));
	if (is_first && !maps->is_extended)
		maps->first_paddr = range->start_paddr;
	maps->tells_gaps |= parsed->tells_gaps;
	maps->end_paddr = range->end_paddr;
	if (range->type != E820_NONE) {
		record_add_e820(maps->record, range->start_paddr, range->end_paddr, range->type);
		maps->record->e820_view = VIEW_FIRMWARE;
	}
}

static void read_e820(struct linux_maps *maps, const struct line *line,
                      const struct linux_maps_line *parsed)
{
	bool is_first = !maps->has_e820;

	maps->has_e820 = true;
	if (parsed->list == LIST_EXTENDED && !maps->is_extended) { /* all of them, in its place */
		maps->record->n_e820_printed = 0;
		maps->is_extended = is_first = true;
	}
	if (line_fault(maps->record, line, parsed->wrong))
		maps->tells_gaps = false; /* so that what follows is not blamed too */
	else
		add_e820(maps, line, &parsed->e820, is_first);
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

static void read_uefi(struct linux_maps *maps, const struct line *line,
                      const struct linux_maps_line *parsed)
{
	const uint64_t number = parsed->number;

	if (number > UINT32_MAX)
		return;
	if (parsed->is_invalid) {
		if (maps->next_mem == 0 && maps->n_invalid < MOST_INVALID)
			*MEMORY_ADD(maps, invalid) = *parsed;
		return;
	}
	maps->is_uefi_over |= number == 0 && maps->next_mem > 0;
	if (maps->is_uefi_over)
		return;
	if (maps->record->n_faults < RECORD_MOST_FAULTS &&
	    !maps->is_excerpt) /* else it would be worded for nothing */
		line_fault(maps->record, line, check_number(number, maps->next_mem));
	if (number < maps->next_mem)
		return;
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
} labels[] = {
	{ "BIOS-e820:", false, LIST_E820, NULL, NULL },
	{ "extended: ", false, LIST_EXTENDED, NULL, NULL },
	{ "efi: mem", false, LIST_UEFI, "%u", NULL },
	{ "EFI: mem", false, LIST_UEFI, "%u", NULL },
	{ "mem", false, LIST_UEFI, "%u: type=", NULL }, /* of IA-32 until 2.6.31: be sure */
	{ "Xen:", false, LIST_E820, NULL, linux_e820_begins },
	{ "BIOS-e801:", false, LIST_E820, NULL, linux_e820_begins },
	{ "BIOS-88:", false, LIST_E820, NULL, linux_e820_begins },
	{ "BIOS-e820: ", true, LIST_E820, NULL, begins_e820 },
	{ "efi: mem", true, LIST_UEFI, "%u", NULL },
};

/* Which list @message is of; *ret_rest is behind what says so. */
static enum linux_list find_list(const struct line *message, struct line *ret_rest)
{
	for (size_t i = 0; i < COUNT(labels); i++) {
		struct line rest = *message;
		uint64_t number;

		if ((labels[i].is_anywhere && !line_find(&rest, labels[i].text)) ||
		    !line_take(&rest, labels[i].text))
			continue;
		*ret_rest = rest;
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
	if (!ret->has_range || line_find(&line, "BIOS-e820:"))
		ret->wrong = "a line of the e820 map cannot be read";
	else if (e820_is_empty(&ret->e820.range))
		ret->wrong = "a range of the e820 map ends before it starts";
}

/* Behind "efi: mem". */
static void parse_uefi(struct line line, struct linux_maps_line *ret)
{
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

	*ret = (struct linux_maps_line){ .list = find_list(message, &rest) };
	if (ret->list == LIST_UEFI)
		parse_uefi(rest, ret);
	else if (ret->list != LIST_NONE)
		parse_e820(rest, ret);
}

bool linux_maps_restarts(const struct linux_maps *maps, const struct linux_maps_line *parsed)
{
	return maps->has_e820 && parsed->list == LIST_E820 && parsed->has_range &&
	       parsed->e820.range.start_paddr <= maps->first_paddr;
}

/* Lines were lost, and a map is there within two lines: one more fault is enough for it. */
static void blame_dropped(struct linux_maps *maps, const struct line *line)
{
	if (maps->dropped_line == 0 || maps->last_line == 0 ||
	    maps->dropped_line > maps->last_line + 2 || maps->last_line > maps->dropped_line + 2)
		return;
	maps->dropped_line = 0;
	line_fault(maps->record, line, "lines were lost here, in a map or next to it");
}

void linux_maps_note_dropped(struct linux_maps *maps, const struct line *line)
{
	maps->dropped_line = line->number;
	blame_dropped(maps, line);
}

bool linux_maps_read(struct linux_maps *maps, const struct linux_message *message,
                     const struct linux_maps_line *parsed)
{
	const struct line *line = &message->line;

	if (parsed->list == LIST_NONE) {
		struct line rest = *line;

		line_take(&rest, "e820: ");
		maps->has_header |= line_take(&rest, "BIOS-provided physical RAM map:");
		return false;
	}
	maps->last_line = line->number;
	if (maps->record->map_line == 0)
		maps->record->map_line = line->number;
	maps->record->map_end_line = line->number;
	blame_dropped(maps, line);
	if (message->is_diff)
		line_fault(maps->record, line,
		           "a line of diff -u, not of a log: give both logs themselves");
	else if (parsed->list == LIST_UEFI)
		read_uefi(maps, line, parsed);
	else
		read_e820(maps, line, parsed);
	return true;
}

void linux_maps_finish(struct linux_maps *maps)
{
	if (maps->record->n_uefi > 0)
		put_back_invalid(maps, UINT64_MAX);
}
