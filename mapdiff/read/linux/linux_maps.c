/* linux_maps.c - which map a message is of, and what is wrong with the map: see linux_maps.h. */
#include "mapdiff/read/linux/linux_maps.h"

#include <string.h>

#include "bootmem/count.h"
#include "mapdiff/base/memory.h"
#include "mapdiff/read/linux/linux_e820.h"
#include "mapdiff/read/linux/linux_uefi.h"

#define MOST_INVALID 256

/* Does the line follow from the lines before it? A kernel prints a list that is sorted and free of
 * overlaps: e820__update_table() has been there. */
static void check_order(struct linux_maps *maps, const struct line *line,
                        const struct e820_range *range, bool is_first)
{
	if (is_first) {
		if (range->start_paddr != 0 && !maps->has_header)
			line_fault(maps->record, line, 0,
			           "the e820 map does not begin here; its first lines "
			           "are missing");
	} else if (range->start_paddr < maps->end_paddr) {
		line_fault(maps->record, line, 0,
		           "a range of the e820 map lies over the one before it");
	} else if (maps->tells_gaps && range->start_paddr != maps->end_paddr) {
		line_fault(maps->record, line, 0,
		           "a line of the e820 map is missing before this one");
	}
}

static void read_e820(struct linux_maps *maps, const struct line *line, size_t at, bool is_extended)
{
	struct linux_e820 parsed;
	struct e820_range *range = &parsed.range;
	bool is_first = !maps->has_e820;

	maps->has_e820 = true;
	if (is_extended && !maps->is_extended) { /* it has all of them, and takes the place */
		maps->record->n_e820_printed = 0;
		maps->is_extended = is_first = true;
	}
	if (!linux_e820_parse(line, &at, &parsed) || line_find(line, &at, "BIOS-e820:")) {
		line_fault(maps->record, line, 0, "a line of the e820 map cannot be read");
		maps->tells_gaps = false; /* so that what follows is not blamed too */
		return;
	}
	if (range->end_paddr + parsed.is_last_byte <= range->start_paddr) {
		line_fault(maps->record, line, 0, "a range of the e820 map ends before it starts");
		maps->tells_gaps = false;
		return;
	}
	range->end_paddr += parsed.is_last_byte;
	check_order(maps, line, range, is_first);
	if (is_first && !is_extended)
		maps->first_paddr = range->start_paddr;
	maps->tells_gaps |= parsed.tells_gaps;
	maps->end_paddr = range->end_paddr;
	if (range->type != E820_NONE) {
		record_add_e820(maps->record, range->start_paddr, range->end_paddr, range->type);
		maps->record->e820_view = VIEW_FIRMWARE;
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
	record_add_uefi(maps->record, &descriptor);
	maps->record->is_uefi_accepted = true; /* Linux has it from its EFI stub's last call */
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

	return line_take_all(line, &at, "mem%u: type=", &number);
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
	for (size_t i = 0; i < COUNT(e820_sources); i++) {
		at = 0;
		if (line_take(message, &at, e820_sources[i]) && linux_e820_begins(message, at))
			return *ret_at = at, LABEL_E820;
	}
	/* Behind something that we do not know. */
	at = 0;
	if (line_find_behind(message, &at, "BIOS-e820: ")) {
		*ret_at = at;
		return linux_e820_begins(message, *ret_at) &&
		                       !linux_e820_is_sentence(message, *ret_at)
		               ? LABEL_E820
		               : LABEL_NONE;
	}
	if (line_find_behind(message, &at, "efi: mem") && is_digit(message, at))
		return *ret_at = at, LABEL_UEFI;
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
		record_add_uefi(record, &maps->invalid[i].descriptor);
		memmove(&record->uefi[place + 1], &record->uefi[place],
		        (record->n_uefi - 1 - place) * sizeof *record->uefi);
		record->uefi[place] = maps->invalid[i].descriptor;
	}
}
