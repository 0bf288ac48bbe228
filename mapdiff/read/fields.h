/*
 * fields.h - a line with names and values, in any order -> those of a range of memory. It is how
 * kernels and loaders print what they are handed: "base=0x0 len=0x9fc00 type=1".
 */
#ifndef MAPDIFF_READ_FIELDS_H
#define MAPDIFF_READ_FIELDS_H

#include "mapdiff/read/line.h"

enum field { FIELD_START, FIELD_LENGTH, FIELD_PAGES, FIELD_TYPE, FIELD_ATTRIBUTE, FIELDS };

struct fields {
	struct field_value {
		bool is_there;
		bool is_number;
		uint64_t number;
		struct line text; /* as it stands there */
	} values[FIELDS];
};

/* Find the fields of @line. Numbers with 0x are hexadecimal, and so are those with letters in them,
 * and padded ones; others are decimal. One with a unit behind it is none. */
void fields_find(struct line line, struct fields *ret);

/* Is there where a range starts, and how long it is? Its type, too, may be missing. */
bool fields_have_span(const struct fields *fields);

#endif
