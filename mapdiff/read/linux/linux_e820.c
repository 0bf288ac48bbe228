/* linux_e820.c - the spellings of a line of the e820 list, from Linux 2.6.24 to 7.0: see
 * linux_e820.h. */
#include "mapdiff/read/linux/linux_e820.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "bootmem/count.h"

/* What Linux calls a type: in its log (2.6.24 to 7.0), in /sys/firmware/memmap, in /proc/iomem.
 * Where one name begins another, the longer one goes first. */
static const struct {
	const char *name;
	uint32_t type;
} type_names[] = {
	{ "usable", E820_RAM },
	{ "System RAM", E820_RAM },
	{ "reserved", E820_RESERVED },
	{ "device reserved", E820_RESERVED },
	{ "ACPI data", E820_ACPI },
	{ "ACPI Tables", E820_ACPI },
	{ "ACPI NVS", E820_NVS },
	{ "ACPI Non-volatile Storage", E820_NVS },
	{ "Unusable memory", E820_UNUSABLE },
	{ "unusable", E820_UNUSABLE },
	{ "Persistent Memory (legacy)", E820_PRAM },
	{ "Persistent Memory", E820_PMEM },
	{ "soft reserved", (uint32_t)E820_SOFT_RESERVED },
	{ "Unknown E820 type", 20 }, /* in sysfs; GRUB's runtime code is the one that is seen */
};

static bool take_any_case(struct line *line, const char *text)
{
	size_t bytes = strlen(text);

	if (line->bytes < bytes || strncasecmp(line->start, text, bytes) != 0)
		return false;
	line_move(line, bytes);
	return true;
}

/* Behind a name: nothing, or what no name goes on with. */
static bool ends_name(const struct line *line)
{
	return strchr(" \t\r<[\"'`\\&,;|*", line_first(line)) != NULL; /* or the end, with '\0' */
}

/* "type 20", "persistent (type 7)", "persistent RAM (type 12)". */
static bool take_numbered_type(struct line *line, uint32_t *ret_type)
{
	bool is_persistent =
		take_any_case(line, "persistent RAM (") || take_any_case(line, "persistent (");
	uint64_t number;

	if (!line_take(line, "type ") || !line_take_decimal(line, &number) || number > UINT32_MAX ||
	    (is_persistent && !line_take(line, ")")))
		return false;
	*ret_type = (uint32_t)number;
	return true;
}

bool linux_e820_take_type(struct line *line, uint32_t *ret_type)
{
	struct line rest;
	bool is_type = false;

	for (size_t i = 0; i < COUNT(type_names) && !is_type; i++) {
		rest = *line;
		*ret_type = type_names[i].type;
		is_type = take_any_case(&rest, type_names[i].name) && ends_name(&rest);
	}
	if (!is_type) {
		rest = *line;
		is_type = take_numbered_type(&rest, ret_type) && ends_name(&rest);
	}
	if (is_type)
		*line = rest;
	return is_type;
}

static bool take_new_spelling(struct line *line, struct linux_e820 *ret)
{
	struct e820_range *range = &ret->range;
	bool is_gap = line_take(line, "[gap ");
	struct line name;

	ret->tells_gaps = is_gap;
	if ((!is_gap && !line_take(line, "[mem ")) ||
	    !line_take_bounds(line, &range->start_paddr, &range->end_paddr) ||
	    !line_take(line, "]"))
		return false;
	if (range->end_paddr >= range->start_paddr)
		range->end_paddr++; /* it was the last byte */
	if (is_gap)
		return true;
	line_skip_blanks(line);
	name = *line;
	ret->tells_gaps = line_take(&name, "System RAM") || line_take(&name, "device reserved");
	return linux_e820_take_type(line, &range->type);
}

static bool take_old_spelling(struct line *line, struct e820_range *range)
{
	struct line type;

	if (!line_take_bounds(line, &range->start_paddr, &range->end_paddr))
		return false;
	line_skip_blanks(line);
	if (line_first(line) != '(') /* 2.6.24 has all types in brackets, but for numbers */
		return linux_e820_take_type(line, &range->type);
	return line_take_all(line, "(%s)", &type) && linux_e820_take_type(&type, &range->type) &&
	       type.bytes == 0 && ends_name(line);
}

bool linux_e820_parse(struct line *line, struct linux_e820 *ret)
{
	struct line words;

	*ret = (struct linux_e820){ .range = { .type = E820_NONE } };
	line_skip_blanks(line);
	if (!(line_first(line) == '[' ? take_new_spelling(line, ret)
	                              : take_old_spelling(line, &ret->range)))
		return false;
	words = *line;
	line_skip_blanks(&words);
	ret->has_words = isalnum(line_first(&words));
	return true;
}

bool linux_e820_begins(struct line line)
{
	const char *digits;
	uint64_t number;

	line_skip_blanks(&line);
	if (line_take(&line, "[mem 0x") || line_take(&line, "[gap 0x"))
		return true;
	if (line_take(&line, "[mem") && line.bytes == 0) /* broken in two: the rest follows */
		return true;
	digits = line.start;
	return line_take_hex(&line, &number) && line.start - digits >= 8;
}
