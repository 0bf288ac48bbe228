/* compare.c - the text of a capture, and this boot's map -> what changed, on the screen. */
#include "efi/compare.h"

#include "bootmem/mem.h"
#include "efi/console.h"
#include "efi/describe.h"
#include "handoff/capture/capture.h"
#include "x86/step.h"

#define MOST_LINES 8
#define TYPE_BYTES 24
#define LINE_BYTES 160
#define COLUMNS    80

/* "ACPI data"; "type 20" for a number without a name. */
static void format_type(char text[TYPE_BYTES], uint32_t type)
{
	if (e820_type_has_name(type))
		text_format(text, TYPE_BYTES, "%s", e820_type_name(type));
	else
		text_format(text, TYPE_BYTES, "type %u", (unsigned)type);
}

struct line {
	char text[LINE_BYTES];
	size_t length;
};

__attribute__((format(printf, 2, 3))) static void append(struct line *line, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	line->length +=
		text_vformat(line->text + line->length, LINE_BYTES - line->length, format, args);
	va_end(args);
	line->length = min_u64(line->length, LINE_BYTES - 1);
}

/* Where it is now, as short as can be: a line of addresses should fit into 80 columns. */
static void append_place(struct line *line, const struct change *change)
{
	const struct e820_range *before = &change->before, *after = &change->after;
	ull start = after->start_paddr, end = after->end_paddr;

	if (change->kind == CHANGE_MOVED && e820_bytes(after) == e820_bytes(before))
		append(line, " to 0x%llx", start);
	else if (start == before->start_paddr)
		append(line, ", ends at 0x%llx", end);
	else if (end == before->end_paddr)
		append(line, ", starts at 0x%llx", start);
	else
		append(line, " to 0x%llx-0x%llx", start, end);
}

/* Whose it is, if UEFI's types tell, and there is room. */
static void append_owners(struct line *line, owner_set owners)
{
	struct line names = { .length = 0 };

	for (enum owner_kind kind = OWNER_NONE; kind < OWNER_KINDS; kind++)
		if ((owners & owner_bit(kind)) != 0)
			append(&names, "%s%s", names.length > 0 ? ", " : "", owner_kind_name(kind));
	if (names.length > 0 && line->length + names.length + sizeof " ()" <= COLUMNS)
		append(line, " (%s)", names.text);
}

/* The range as it was; where nothing was, as it is. */
static void print_change(const struct firmware *firmware, const struct step_change *step)
{
	const struct change *change = &step->change;
	bool is_new = change->kind == CHANGE_APPEARED;
	bool is_lower = change->after.start_paddr < change->before.start_paddr;
	const struct e820_range *range = is_new ? &change->after : &change->before;
	const char *sign = change->kind != CHANGE_MOVED ? "" : is_lower ? "-" : "+";
	struct line line = { .length = 0 }, pages = { .length = 0 };
	char type[TYPE_BYTES];

	append(&pages, "%s%llu page%s", sign, (ull)change->n_pages,
	       change->n_pages == 1 ? "" : "s");
	format_type(type, range->type);
	append(&line, "  %s 0x%llx-0x%llx ", type, (ull)range->start_paddr, (ull)range->end_paddr);
	switch (change->kind) {
	case CHANGE_MOVED:
	case CHANGE_GREW:
	case CHANGE_SHRANK:
		append(&line, "%s by %s", change_kind_name(change->kind), pages.text);
		append_place(&line, change);
		break;
	case CHANGE_RETYPED:
		format_type(type, change->after.type);
		append(&line, "is %s now, %s", type, pages.text);
		break;
	default:
		append(&line, "%s, %s", change_kind_name(change->kind), pages.text);
	}
	append_owners(&line, step->uefi);
	console_print(firmware, "%s\n", line.text);
}

/* What follows from other changes goes without saying. */
static void print_changes(const struct firmware *firmware, const struct step *step)
{
	for (size_t i = 0; i < step->n_telling && i < MOST_LINES; i++)
		print_change(firmware, &step->changes[i]);
	if (step->n_telling > MOST_LINES)
		console_print(firmware, "  and %u more\n",
		              (unsigned)(step->n_telling - MOST_LINES));
}

static void print_step(const struct firmware *firmware, const char *name, size_t n_ranges,
                       const struct step *step)
{
	if (step->n_changes == 0)
		console_print(firmware, "Compared with %s: all %u ranges are the same\n", name,
		              (unsigned)n_ranges);
	else
		console_print(firmware, "Compared with %s: %u change%s in %u ranges\n", name,
		              (unsigned)step->n_telling, step->n_telling == 1 ? "" : "s",
		              (unsigned)n_ranges);
	print_changes(firmware, step);
	/* An equal checksum is necessary for a resume, and not sufficient. */
	if (step->is_one_map)
		console_print(firmware,
		              "Linux would find the same map (0x%08x), and may resume from "
		              "hibernation\n",
		              (unsigned)step->crc32[AFTER]);
	else
		console_print(firmware,
		              "Linux would find another map (0x%08x, was 0x%08x),\n"
		              "and would not resume from hibernation\n",
		              (unsigned)step->crc32[AFTER], (unsigned)step->crc32[BEFORE]);
}

static size_t count_lines(const char *text, size_t bytes)
{
	size_t n = 0;

	for (size_t i = 0; i < bytes; i++)
		n += text[i] == '\n';
	return n;
}

/* A capture, and whether it has all lines that it should have. */
struct other_capture {
	const char *text;
	size_t bytes;
	bool has_all;
};

static bool has_line(const char *text, size_t bytes, const char *line, size_t length)
{
	bool is_at_start = true;

	for (size_t i = 0; i + length < bytes; i++) {
		if (is_at_start && memcmp(text + i, line, length) == 0 &&
		    (text[i + length] == '\n' || text[i + length] == '\r'))
			return true;
		is_at_start = text[i] == '\n';
	}
	return false;
}

static void look_for_line(void *context, const char *line, size_t bytes)
{
	struct other_capture *other = context;

	other->has_all = other->has_all && has_line(other->text, other->bytes, line, bytes - 1);
}

/* The stick may have been in another machine. */
static bool is_of_this_machine(const struct boot *boot, const char *text, size_t bytes)
{
	struct other_capture other = { text, bytes, true };

	describe_machine(boot, look_for_line, &other);
	return other.has_all;
}

/* The maps of the text, whoever wrote it; the e820 map sanitized. A line has at most one range. */
static EFI_STATUS read_maps(struct boot *boot, const char *text, size_t bytes, struct e820_map *map,
                            struct uefi_map *uefi)
{
	size_t n_lines = count_lines(text, bytes);
	size_t scratch_bytes = e820_scratch_bytes(n_lines);
	void *scratch = memory_claim_bytes(&boot->memory, scratch_bytes);
	struct uefi_descriptor *descriptors =
		memory_claim_bytes(&boot->memory, n_lines * sizeof *descriptors);

	map->n_ranges = 0;
	map->capacity = e820_most_ranges(n_lines);
	map->ranges = memory_claim_bytes(&boot->memory, map->capacity * sizeof map->ranges[0]);
	if (scratch == NULL || map->ranges == NULL || descriptors == NULL)
		return EFI_OUT_OF_RESOURCES;
	if (!capture_read_e820(text, bytes, map) ||
	    e820_sanitize(map, scratch, scratch_bytes, NULL) != MAP_OK)
		return EFI_CRC_ERROR;
	*uefi = (struct uefi_map){ .descriptors = descriptors, .stride = sizeof *descriptors };
	uefi->map_bytes =
		capture_read_uefi(text, bytes, descriptors, n_lines) * sizeof *descriptors;
	return EFI_SUCCESS;
}

EFI_STATUS compare_with(struct boot *boot, const char *name, const char *text, size_t bytes)
{
	struct e820_map before;
	struct step_side sides[SIDES] = {
		{ .e820 = &before },
		{ .e820 = &boot->plan.whole_e820, .uefi = boot->snapshot.map },
	};
	struct step step;
	size_t scratch_bytes;
	EFI_STATUS status;
	void *scratch;

	if (count_lines(text, bytes) == 0)
		return EFI_CRC_ERROR;
	if (capture_version(text, bytes) > CAPTURE_VERSION)
		return EFI_INCOMPATIBLE_VERSION;
	status = read_maps(boot, text, bytes, &before, &sides[BEFORE].uefi);
	if (EFI_ERROR(status))
		return status;
	if (!is_of_this_machine(boot, text, bytes))
		return EFI_MEDIA_CHANGED;
	step.capacity = changes_most(before.n_ranges, sides[AFTER].e820->n_ranges);
	step.changes = memory_claim_bytes(&boot->memory, step.capacity * sizeof step.changes[0]);
	scratch_bytes = step_scratch_bytes(sides);
	scratch = memory_claim_bytes(&boot->memory, scratch_bytes);
	if (step.changes == NULL || scratch == NULL ||
	    step_find(sides, &step, scratch, scratch_bytes) != MAP_OK)
		return EFI_OUT_OF_RESOURCES;
	print_step(&boot->firmware, name, sides[AFTER].e820->n_ranges, &step);
	return EFI_SUCCESS;
}
