/* linux_maps.c - which map a message is of, and what is wrong with the map: see linux_maps.h. */
#include "mapdiff/read/linux/linux_maps.h"

#include <string.h>

#include "bootmem/count.h"
#include "mapdiff/base/memory.h"
#include "mapdiff/read/linux/linux_e820.h"
#include "mapdiff/read/linux/linux_uefi.h"

#define MOST_INVALID 256

/* Does the range follow from the lines before it? A kernel prints a list that is sorted and free of
 * overlaps: e820__update_table() has been there. NULL, or what is wrong. */
static const char *check_order(const struct linux_maps *maps, const struct e820_range *range,
                               bool is_first)
{
	if (is_first)
		return range->start_paddr == 0 || maps->has_header
		               ? NULL
		               : "the e820 map does not begin here; its first lines are missing";
	if (range->start_paddr < maps->end_paddr)
		return "a range of the e820 map lies over the one before it";
	return maps->tells_gaps && range->start_paddr != maps->end_paddr
	               ? "a line of the e820 map is missing before this one"
	               : NULL;
}

static void add_e820(struct linux_maps *maps, const struct line *line,
                     const struct linux_e820 *parsed, bool is_first)
{
	const struct e820_range *range = &parsed->range;
	const char *wrong = check_order(maps, range, is_first);

	if (wrong != NULL)
		line_fault(maps->record, line, 0, "%s", wrong);
	if (is_first && !maps->is_extended)
		maps->first_paddr = range->start_paddr;
	maps->tells_gaps |= parsed->tells_gaps;
	maps->end_paddr = range->end_paddr;
	if (range->type != E820_NONE) {
		record_add_e820(maps->record, range->start_paddr, range->end_paddr, range->type);
		maps->record->e820_view = VIEW_FIRMWARE;
	}
}

static void read_e820(struct linux_maps *maps, const struct line *line, size_t at, bool is_extended)
{
	bool is_first = !maps->has_e820;
	const char *wrong = NULL;
	struct linux_e820 parsed;

	maps->has_e820 = true;
	if (is_extended && !maps->is_extended) { /* it has all of them, and takes the place */
		maps->record->n_e820_printed = 0;
		maps->is_extended = is_first = true;
	}
	if (!linux_e820_parse(line, &at, &parsed) || line_find(line, &at, "BIOS-e820:"))
		wrong = "a line of the e820 map cannot be read";
	else if (e820_is_empty(&parsed.range))
		wrong = "a range of the e820 map ends before it starts";
	if (wrong == NULL) {
		add_e820(maps, line, &parsed, is_first);
	} else {
		line_fault(maps->record, line, 0, "%s", wrong);
		maps->tells_gaps = false; /* so that what follows is not blamed too */
	}
}

/* Nothing may be left out between the line before and @number. */
static bool check_number(struct linux_maps *maps, const struct line *line, uint64_t number)
{
	uint64_t expected = maps->next_mem;

	if (number < expected) {
		line_fault(maps->record, line, 0,
		           "a line of the EFI map stands behind mem%02" PRIu64, expected - 1);
		return false;
	}
	if (number == expected + 1)
		line_fault(maps->record, line, 0,
		           "mem%02" PRIu64 " of the EFI map is missing before this line", expected);
	else if (number > expected)
		line_fault(maps->record, line, 0,
		           "mem%02" PRIu64 " to mem%02" PRIu64
		           " of the EFI map are missing before this line",
		           expected, number - 1);
	maps->next_mem = number + 1;
	return true;
}

/* Behind "efi: mem". */
static void read_uefi(struct linux_maps *maps, const struct line *line, size_t at)
{
	struct uefi_descriptor descriptor;
	const char *wrong;
	uint64_t number;
	size_t behind;

	if (!line_take_decimal(line, &at, &number) || number > UINT32_MAX)
		return;
	behind = at;
	if (line_take(line, &behind, ":") && linux_uefi_parse_invalid(line, behind, &descriptor)) {
		if (maps->next_mem == 0 && maps->n_invalid < MOST_INVALID)
			*MEMORY_ADD(maps, invalid) = (struct linux_invalid){ number, descriptor };
		return;
	}
	maps->is_uefi_over |= number == 0 && maps->next_mem > 0;
	if (maps->is_uefi_over || !check_number(maps, line, number))
		return;
	wrong = line_take(line, &at, ":") ? linux_uefi_parse(line, at, &descriptor)
	                                  : "a line of the EFI map cannot be read";
	if (wrong != NULL) {
		line_fault(maps->record, line, 0, "%s", wrong);
		return;
	}
	*MEMORY_ADD(maps->record, uefi) = descriptor;
	maps->record->is_uefi_accepted = true; /* Linux has it from its EFI stub's last call */
}

/* --- messages --- */

enum label { LABEL_NONE, LABEL_E820, LABEL_EXTENDED, LABEL_UEFI };

static bool is_digit(const struct line *line, size_t at)
{
	return at < line->bytes && line->start[at] >= '0' && line->start[at] <= '9';
}

/* "mem00: type=" of IA-32 until 2.6.31 has nothing before it: be sure. */
static bool is_bare_uefi(const struct line *line, size_t at)
{
	uint64_t number;

	return line_take_all(line, &at, "%u: type=", &number);
}

static bool begins_e820(const struct line *line, size_t at)
{
	return linux_e820_begins(line, at) && !linux_e820_is_sentence(line, at);
}

/* What tells of which list a message is, and what has to come behind it. Linux calls the e820 list
 * by where it got it from: detect_memory() of a BIOS that is older than e820, xen_memory_setup().
 */
static const struct {
	const char *text;
	bool is_anywhere; /* behind something that we do not know */
	enum label label;
	bool (*comes)(const struct line *line, size_t at);
} labels[] = {
	{ "BIOS-e820:", false, LABEL_E820, NULL },
	{ "extended: ", false, LABEL_EXTENDED, NULL },
	{ "efi: mem", false, LABEL_UEFI, is_digit },
	{ "EFI: mem", false, LABEL_UEFI, is_digit },
	{ "mem", false, LABEL_UEFI, is_bare_uefi },
	{ "Xen:", false, LABEL_E820, linux_e820_begins },
	{ "BIOS-e801:", false, LABEL_E820, linux_e820_begins },
	{ "BIOS-88:", false, LABEL_E820, linux_e820_begins },
	{ "BIOS-e820: ", true, LABEL_E820, begins_e820 },
	{ "efi: mem", true, LABEL_UEFI, is_digit },
};

/* Which list a message is of; *ret_at is behind what says so. */
static enum label find_label(const struct line *message, size_t *ret_at)
{
	for (size_t i = 0; i < COUNT(labels); i++) {
		size_t at = 0;

		if ((labels[i].is_anywhere ? line_find_behind(message, &at, labels[i].text)
		                           : line_take(message, &at, labels[i].text)) &&
		    (labels[i].comes == NULL || labels[i].comes(message, at)))
			return *ret_at = at, labels[i].label;
	}
	return LABEL_NONE;
}

bool linux_maps_is_line(const struct line *message)
{
	size_t at;
	uint64_t number;

	switch (find_label(message, &at)) {
	case LABEL_E820:
	case LABEL_EXTENDED:
		return linux_e820_begins(message, at);
	case LABEL_UEFI:
		return line_take_all(message, &at, "%u:", &number) &&
		       linux_uefi_begins(message, at);
	default:
		return false;
	}
}

bool linux_maps_is_broken(const struct line *message)
{
	struct linux_e820 parsed;
	struct uefi_descriptor descriptor;
	uint64_t number;
	size_t at;

	switch (find_label(message, &at)) {
	case LABEL_E820:
	case LABEL_EXTENDED:
		return linux_e820_is_sentence(message, at) ||
		       !linux_e820_parse(message, &at, &parsed);
	case LABEL_UEFI:
		return line_take_all(message, &at, "%u:", &number) &&
		       !linux_uefi_parse_invalid(message, at, &descriptor) &&
		       linux_uefi_parse(message, at, &descriptor) != NULL;
	default:
		return false;
	}
}

bool linux_maps_restarts(const struct linux_maps *maps, const struct line *message)
{
	struct linux_e820 parsed;
	size_t at;

	return maps->has_e820 && find_label(message, &at) == LABEL_E820 &&
	       linux_e820_parse(message, &at, &parsed) &&
	       parsed.range.start_paddr <= maps->first_paddr;
}

static bool is_header(const struct line *message)
{
	size_t at = 0;

	line_take(message, &at, "e820: ");
	return line_take(message, &at, "BIOS-provided physical RAM map:");
}

/* Lines were lost, and a map is there within two lines: one more fault is enough for it. */
static void blame_dropped(struct linux_maps *maps, const struct line *line)
{
	if (maps->dropped_line == 0 || maps->last_line == 0 ||
	    maps->dropped_line > maps->last_line + 2 || maps->last_line > maps->dropped_line + 2)
		return;
	maps->dropped_line = 0;
	line_fault(maps->record, line, 0, "lines were lost here, in a map or next to it");
}

void linux_maps_note_dropped(struct linux_maps *maps, const struct line *line)
{
	maps->dropped_line = line->number;
	blame_dropped(maps, line);
}

bool linux_maps_read(struct linux_maps *maps, const struct linux_message *message)
{
	const struct line *line = &message->line;
	size_t at;
	enum label label = find_label(line, &at);

	if (label == LABEL_NONE) {
		maps->has_header |= is_header(line);
		return false;
	}
	maps->last_line = line->number;
	blame_dropped(maps, line);
	if (message->is_diff)
		line_fault(maps->record, line, 0,
		           "a line of diff -u, not of a log: give both logs themselves");
	else if (label == LABEL_UEFI)
		read_uefi(maps, line, at);
	else
		read_e820(maps, line, at, label == LABEL_EXTENDED);
	return true;
}

void linux_maps_finish(struct linux_maps *maps)
{
	struct record *record = maps->record;

	for (size_t i = 0; record->n_uefi > 0 && i < maps->n_invalid; i++) {
		size_t place = maps->invalid[i].number;

		if (place > record->n_uefi)
			place = record->n_uefi;
		*MEMORY_ADD(record, uefi) = maps->invalid[i].descriptor;
		memmove(&record->uefi[place + 1], &record->uefi[place],
		        (record->n_uefi - 1 - place) * sizeof *record->uefi);
		record->uefi[place] = maps->invalid[i].descriptor;
	}
}
