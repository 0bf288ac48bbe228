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
	{ "unusable", E820_UNUSABLE },
	{ "Unusable memory", E820_UNUSABLE },
	{ "Persistent Memory (legacy)", E820_PRAM },
	{ "Persistent Memory", E820_PMEM },
	{ "soft reserved", (uint32_t)E820_SOFT_RESERVED },
	{ "Unknown E820 type", 20 }, /* in sysfs; GRUB's runtime code is the one that is seen */
};

static bool take_any_case(const struct line *line, size_t *at, const char *text)
{
	size_t bytes = strlen(text);

	if (line->bytes - *at < bytes || strncasecmp(line->start + *at, text, bytes) != 0)
		return false;
	*at += bytes;
	return true;
}

/* Behind a name: nothing, or what no name goes on with. */
static bool ends_name(const struct line *line, size_t at)
{
	return at == line->bytes || strchr(" \t\r<[\"'`\\&,;|*", line->start[at]) != NULL;
}

/* "type 20", "persistent (type 7)", "persistent RAM (type 12)". */
static bool take_numbered_type(const struct line *line, size_t *at, uint32_t *ret_type)
{
	bool is_persistent = take_any_case(line, at, "persistent RAM (") ||
	                     take_any_case(line, at, "persistent (");
	uint64_t number;

	if (!line_take(line, at, "type ") || !line_take_decimal(line, at, &number) ||
	    number > UINT32_MAX || (is_persistent && !line_take(line, at, ")")))
		return false;
	*ret_type = (uint32_t)number;
	return true;
}

bool linux_e820_take_type(const struct line *line, size_t *at, uint32_t *ret_type)
{
	size_t start = *at;

	for (size_t i = 0; i < COUNT(type_names); i++) {
		*ret_type = type_names[i].type;
		if (take_any_case(line, at, type_names[i].name) && ends_name(line, *at))
			return true;
		*at = start;
	}
	if (take_numbered_type(line, at, ret_type) && ends_name(line, *at))
		return true;
	*at = start;
	return false;
}

/* 2.6.24 has it in brackets, but for numbers. */
static bool take_old_type(const struct line *line, size_t *at, uint32_t *ret_type)
{
	struct line name = *line;
	const char *close;

	if (!line_take(line, at, "("))
		return linux_e820_take_type(line, at, ret_type);
	close = memchr(line->start + *at, ')', line->bytes - *at);
	if (close == NULL)
		return false;
	name.bytes = (size_t)(close - line->start);
	return linux_e820_take_type(&name, at, ret_type) && *at == name.bytes &&
	       line_take(line, at, ")") && ends_name(line, *at);
}

static bool take_new_spelling(const struct line *line, size_t *at, struct linux_e820 *ret)
{
	struct e820_range *range = &ret->range;
	bool is_gap = line_take(line, at, "[gap ");
	size_t name;

	ret->tells_gaps = is_gap;
	if ((!is_gap && !line_take(line, at, "[mem ")) ||
	    !line_take_bounds(line, at, &range->start_paddr, &range->end_paddr) ||
	    !line_take(line, at, "]"))
		return false;
	if (range->end_paddr >= range->start_paddr)
		range->end_paddr++; /* it was the last byte */
	if (is_gap)
		return true;
	line_skip_blanks(line, at);
	name = *at;
	if (!linux_e820_take_type(line, at, &range->type))
		return false;
	ret->tells_gaps =
		line_take(line, &name, "System RAM") || line_take(line, &name, "device reserved");
	return true;
}

bool linux_e820_parse(const struct line *line, size_t *at, struct linux_e820 *ret)
{
	*ret = (struct linux_e820){ .range = { .type = E820_NONE } };
	line_skip_blanks(line, at);
	if (*at < line->bytes && line->start[*at] == '[')
		return take_new_spelling(line, at, ret);
	if (!line_take_bounds(line, at, &ret->range.start_paddr, &ret->range.end_paddr))
		return false;
	line_skip_blanks(line, at);
	return take_old_type(line, at, &ret->range.type);
}

bool linux_e820_begins(const struct line *line, size_t at)
{
	size_t digits;
	uint64_t number;

	line_skip_blanks(line, &at);
	if (line_take(line, &at, "[mem 0x") || line_take(line, &at, "[gap 0x"))
		return true;
	if (line_take(line, &at, "[mem") && at == line->bytes) /* broken in two: the rest follows */
		return true;
	digits = at;
	return line_take_hex(line, &at, &number) && at - digits >= 8;
}

bool linux_e820_is_sentence(const struct line *line, size_t at)
{
	struct linux_e820 parsed;

	if (!linux_e820_parse(line, &at, &parsed))
		return false;
	line_skip_blanks(line, &at);
	return at < line->bytes && isalnum((unsigned char)line->start[at]);
}
