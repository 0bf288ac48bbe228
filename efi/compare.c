/* compare.c - the text of a capture, and this boot's map -> what changed, on the screen. */
#include "efi/compare.h"

#include "bootmem/mem.h"
#include "efi/console.h"
#include "efi/describe.h"
#include "handoff/capture/capture.h"
#include "handoff/capture/text.h"
#include "x86/changes.h"
#include "x86/crc32.h"

#define MOST_LINES 8
#define TYPE_BYTES 24

typedef unsigned long long ull; /* what %llx wants, on either width */

/* "ACPI data"; "type 20" for a number without a name. */
static void format_type(char text[TYPE_BYTES], uint32_t type)
{
	const char *name = e820_type_name(type);

	text_format(text, TYPE_BYTES, name[0] == 't' ? "%s %u" : "%s", name, (unsigned)type);
}

/* Where it is now, as short as can be: a line of addresses should fit into 80 columns. */
static void print_place(const struct firmware *firmware, const struct change *change)
{
	const struct e820_range *before = &change->before, *after = &change->after;
	ull start = after->start_paddr, end = after->end_paddr;

	if (change->kind == CHANGE_MOVED && end - start == before->end_paddr - before->start_paddr)
		console_print(firmware, " to 0x%llx\n", start);
	else if (start == before->start_paddr)
		console_print(firmware, ", ends at 0x%llx\n", end);
	else if (end == before->end_paddr)
		console_print(firmware, ", starts at 0x%llx\n", start);
	else
		console_print(firmware, " to 0x%llx-0x%llx\n", start, end);
}

/* The range as it was; where nothing was, as it is. */
static void print_change(const struct firmware *firmware, const struct change *change)
{
	bool is_new = change->kind == CHANGE_APPEARED;
	bool is_lower = change->after.start_paddr < change->before.start_paddr;
	const struct e820_range *range = is_new ? &change->after : &change->before;
	const char *sign = change->kind != CHANGE_MOVED ? "" : is_lower ? "-" : "+";
	const char *plural = change->n_pages == 1 ? "" : "s";
	ull n_pages = change->n_pages;
	char type[TYPE_BYTES];

	format_type(type, range->type);
	console_print(firmware, "  %s 0x%llx-0x%llx ", type, (ull)range->start_paddr,
	              (ull)range->end_paddr);
	switch (change->kind) {
	case CHANGE_MOVED:
	case CHANGE_GREW:
	case CHANGE_SHRANK:
		console_print(firmware, "%s by %s%llu page%s", change_kind_name(change->kind), sign,
		              n_pages, plural);
		print_place(firmware, change);
		break;
	case CHANGE_RETYPED:
		format_type(type, change->after.type);
		console_print(firmware, "is %s now, %llu page%s\n", type, n_pages, plural);
		break;
	default:
		console_print(firmware, "%s, %llu page%s\n", change_kind_name(change->kind),
		              n_pages, plural);
	}
}

/* What follows from other changes goes without saying. */
static void print_changes(const struct firmware *firmware, const struct change_list *changes)
{
	size_t n = 0;

	for (size_t i = 0; i < changes->n_entries; i++)
		if (!changes->entries[i].is_consequence && n++ < MOST_LINES)
			print_change(firmware, &changes->entries[i]);
	if (n > MOST_LINES)
		console_print(firmware, "  and %u more\n", (unsigned)(n - MOST_LINES));
}

static void print_comparison(const struct boot *boot, const char *name,
                             const struct e820_map *before, const struct change_list *changes)
{
	const struct firmware *firmware = &boot->firmware;
	const struct e820_map *after = &boot->plan.whole_e820;
	uint32_t crc32_before = e820_hibernate_crc32(before);
	uint32_t crc32_after = e820_hibernate_crc32(after);
	size_t n_changes = 0;

	for (size_t i = 0; i < changes->n_entries; i++)
		n_changes += !changes->entries[i].is_consequence;
	if (changes->n_entries == 0)
		console_print(firmware, "Compared with %s: all %u ranges are the same\n", name,
		              (unsigned)after->n_ranges);
	else
		console_print(firmware, "Compared with %s: %u change%s in %u ranges\n", name,
		              (unsigned)n_changes, n_changes == 1 ? "" : "s",
		              (unsigned)after->n_ranges);
	print_changes(firmware, changes);
	/* An equal checksum is necessary for a resume, and not sufficient. */
	if (crc32_before == crc32_after)
		console_print(firmware,
		              "Linux would find the same map (0x%08x), and may resume from "
		              "hibernation\n",
		              (unsigned)crc32_after);
	else
		console_print(firmware,
		              "Linux would find another map (0x%08x, was 0x%08x),\n"
		              "and would not resume from hibernation\n",
		              (unsigned)crc32_after, (unsigned)crc32_before);
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

/* The map of the text, sanitized: whoever wrote it. A line has at most one range. */
static EFI_STATUS read_map(struct boot *boot, const char *text, size_t bytes, struct e820_map *map)
{
	size_t n_lines = count_lines(text, bytes);
	size_t scratch_bytes = e820_scratch_bytes(n_lines);
	void *scratch = memory_claim_bytes(&boot->memory, scratch_bytes);

	map->n_ranges = 0;
	map->capacity = e820_most_ranges(n_lines);
	map->ranges = memory_claim_bytes(&boot->memory, map->capacity * sizeof map->ranges[0]);
	if (scratch == NULL || map->ranges == NULL)
		return EFI_OUT_OF_RESOURCES;
	if (!capture_read_e820(text, bytes, map) ||
	    e820_sanitize(map, scratch, scratch_bytes, NULL) != MAP_OK)
		return EFI_CRC_ERROR;
	return EFI_SUCCESS;
}

EFI_STATUS compare_with(struct boot *boot, const char *name, const char *text, size_t bytes)
{
	const struct e820_map *after = &boot->plan.whole_e820;
	struct change_list changes = { 0 };
	struct e820_map before;
	size_t scratch_bytes;
	EFI_STATUS status;
	void *scratch;

	if (count_lines(text, bytes) == 0)
		return EFI_CRC_ERROR;
	if (capture_version(text, bytes) > CAPTURE_VERSION)
		return EFI_INCOMPATIBLE_VERSION;
	status = read_map(boot, text, bytes, &before);
	if (EFI_ERROR(status))
		return status;
	if (!is_of_this_machine(boot, text, bytes))
		return EFI_MEDIA_CHANGED;
	changes.capacity = changes_most(before.n_ranges, after->n_ranges);
	scratch_bytes = changes_scratch_bytes(before.n_ranges, after->n_ranges);
	changes.entries =
		memory_claim_bytes(&boot->memory, changes.capacity * sizeof changes.entries[0]);
	scratch = memory_claim_bytes(&boot->memory, scratch_bytes);
	if (changes.entries == NULL || scratch == NULL ||
	    e820_changes(&before, after, &changes, scratch, scratch_bytes) != MAP_OK)
		return EFI_OUT_OF_RESOURCES;
	print_comparison(boot, name, &before, &changes);
	return EFI_SUCCESS;
}
