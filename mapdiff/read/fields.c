/* fields.c - names and values of a line: see fields.h. */
#include "mapdiff/read/fields.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "bootmem/count.h"
#include "mapdiff/base/text.h"

/* Of Multiboot's entries, the size is that of the entry: the length goes before it. */
static const struct {
	const char *name;
	enum field field;
	bool is_weak;
} names[] = {
	{ "base", FIELD_START, false },
	{ "base_addr", FIELD_START, false },
	{ "addr", FIELD_START, false },
	{ "address", FIELD_START, false },
	{ "start", FIELD_START, false },
	{ "phys_start", FIELD_START, false },
	{ "physical_start", FIELD_START, false },
	{ "length", FIELD_LENGTH, false },
	{ "len", FIELD_LENGTH, false },
	{ "size", FIELD_LENGTH, true },
	{ "page_count", FIELD_PAGES, false },
	{ "number_of_pages", FIELD_PAGES, false },
	{ "num_pages", FIELD_PAGES, false },
	{ "type", FIELD_TYPE, false },
	{ "ty", FIELD_TYPE, false },
	{ "kind", FIELD_TYPE, false },
	{ "att", FIELD_ATTRIBUTE, false },
	{ "attr", FIELD_ATTRIBUTE, false },
	{ "attribute", FIELD_ATTRIBUTE, false },
};

static size_t take_name(struct line *line)
{
	const char *start = line->start;

	while (isalpha(line_first(line)) || line_first(line) == '_')
		line_move(line, 1);
	return (size_t)(line->start - start);
}

/* Nothing of a word goes on behind it, and no unit of a size. */
static bool ends_number(struct line rest)
{
	line_skip_blanks(&rest);
	return !isalnum(line_first(&rest)) ||
	       (rest.bytes > 2 && isalpha((unsigned char)rest.start[1]) &&
	        isalpha((unsigned char)rest.start[2]));
}

/* Of digits without 0x before them, which is the same number twice. Who pads numbers writes them in
 * hexadecimal; where there is nothing to pad, addresses and sizes are those of whole pages. */
static bool is_hex(struct line digits, uint64_t hex, uint64_t decimal)
{
	bool is_wide = digits.bytes == 8 || digits.bytes == 16;

	for (size_t i = 0; i < digits.bytes; i++)
		if (isalpha((unsigned char)digits.start[i]))
			return true;
	return (digits.start[0] == '0' && digits.bytes >= 8) ||
	       (is_wide && decimal % PAGE_BYTES != 0 && hex % PAGE_BYTES == 0);
}

static bool take_number(struct line line, uint64_t *ret_number)
{
	struct line hex = line, decimal = line, digits = line;
	uint64_t hex_number, decimal_number = 1;

	if (!line_take_hex(&hex, &hex_number) || isalnum(line_first(&hex)) || !ends_number(hex))
		return false;
	digits.bytes -= hex.bytes;
	line_take_decimal(&decimal, &decimal_number);
	*ret_number = (digits.bytes > 1 && tolower(digits.start[1]) == 'x') ||
	                              is_hex(digits, hex_number, decimal_number)
	                      ? hex_number
	                      : decimal_number;
	return true;
}

/* Behind a name: "=", ":" or nothing, and the value, as far as it goes. */
static void take_value(struct line *line, struct field_value *ret)
{
	line_skip(line, " \t=:\"");
	ret->is_there = line->bytes > 0;
	ret->is_number = take_number(*line, &ret->number);
	ret->text = *line;
	while (line->bytes > 0 && strchr(",;}]\"", line->start[0]) == NULL)
		line_move(line, 1);
	ret->text = line_until(&ret->text, line->start);
}

static void take_field(struct line *line, struct line name, struct fields *ret)
{
	struct line behind = *line, value;

	line_skip_blanks(&behind);
	if (line_first(&behind) != '=' && line_first(&behind) != ':')
		return;
	for (size_t i = 0; i < COUNT(names); i++) {
		struct field_value *field = &ret->values[names[i].field];

		if (strlen(names[i].name) != name.bytes ||
		    strncasecmp(names[i].name, name.start, name.bytes) != 0 ||
		    (field->is_there && names[i].is_weak))
			continue;
		value = behind;
		take_value(&value, field);
	}
}

void fields_find(struct line line, struct fields *ret)
{
	*ret = (struct fields){ 0 };
	while (line.bytes > 0) {
		struct line name = line;

		name.bytes = take_name(&line);
		if (name.bytes > 0)
			take_field(&line, name, ret);
		else
			line_move(&line, 1);
	}
}

bool fields_have_span(const struct fields *fields)
{
	const struct field_value *values = fields->values;

	return values[FIELD_START].is_number &&
	       (values[FIELD_LENGTH].is_number || values[FIELD_PAGES].is_number);
}
