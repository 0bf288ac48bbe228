/* output.c - how ranges, sizes, types and headings are written in all reports: see output.h. */
#include "mapdiff/report/output.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "mapdiff/base/memory.h"

/* ECMA-48 8.3.117, SGR: what all terminals know. */
static const char *const colour_codes[] = {
	[COLOUR_NONE] = "",         [COLOUR_BOLD] = "\033[1m",   [COLOUR_DIM] = "\033[2m",
	[COLOUR_RED] = "\033[31m",  [COLOUR_GREEN] = "\033[32m", [COLOUR_YELLOW] = "\033[33m",
	[COLOUR_BLUE] = "\033[34m",
};

/* Texts of a log could hold commands for the terminal. */
static void clean(char *text)
{
	for (; *text != '\0'; text++)
		if (iscntrl((unsigned char)*text) && *text != '\n' && *text != '\t')
			*text = '?';
}

void out(const struct output *output, enum colour colour, const char *format, ...)
{
	bool is_coloured = output->has_colours && colour != COLOUR_NONE;
	char *text = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = memory_copy("");
	va_end(args);
	clean(text);
	fprintf(output->file, "%s%s%s", is_coloured ? colour_codes[colour] : "", text,
	        is_coloured ? "\033[0m" : "");
	free(text);
}

void out_wrapped(const struct output *output, enum colour colour, size_t indent, const char *text)
{
	size_t column = indent;

	while (*text != '\0') {
		size_t bytes = strcspn(text, " ");

		if (column > indent && column + 1 + bytes > OUTPUT_COLUMNS) {
			out(output, COLOUR_NONE, "\n%*s", (int)indent, "");
			column = indent;
		} else if (column > indent) {
			out(output, COLOUR_NONE, " ");
			column++;
		}
		out(output, colour, "%.*s", (int)bytes, text);
		column += bytes;
		text += bytes;
		text += strspn(text, " ");
	}
	out(output, COLOUR_NONE, "\n");
}

void out_paragraph(const struct output *output, enum colour colour, size_t indent,
                   const char *format, ...)
{
	char *text;
	va_list args;

	va_start(args, format);
	text = memory_vprintf(format, args);
	va_end(args);
	out(output, COLOUR_NONE, "%*s", (int)indent, "");
	out_wrapped(output, colour, indent, text);
	free(text);
}

const char *range_text(char *buffer, paddr_t start_paddr, paddr_t end_paddr)
{
	snprintf(buffer, RANGE_TEXT_BYTES, "0x%llx-0x%llx", (unsigned long long)start_paddr,
	         (unsigned long long)end_paddr);
	return buffer;
}

/* In the largest unit that it fills, with one decimal, cut, unless that is a zero. */
const char *size_text(char *buffer, uint64_t bytes)
{
	static const char *const units[] = { "bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	unsigned int shift = 0;
	uint64_t whole, tenths;

	while (shift < 60 && bytes >> shift >= 1024)
		shift += 10;
	whole = bytes >> shift;
	/* The rest is below 2^60: times ten, it fits. */
	tenths = ((bytes & ((UINT64_C(1) << shift) - 1)) * 10) >> shift;
	if (tenths != 0)
		snprintf(buffer, SIZE_TEXT_BYTES, "%llu.%llu %s", (unsigned long long)whole,
		         (unsigned long long)tenths, units[shift / 10]);
	else
		snprintf(buffer, SIZE_TEXT_BYTES, "%llu %s", (unsigned long long)whole,
		         units[shift / 10]);
	return buffer;
}

const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

const char *type_text(char *buffer, uint32_t e820_type)
{
	const char *name = e820_type_name(e820_type);

	if (e820_type == E820_NONE)
		name = "nothing";
	if (strcmp(name, "type") == 0)
		snprintf(buffer, TYPE_TEXT_BYTES, "type %lu", (unsigned long)e820_type);
	else if (strcmp(name, "persistent") == 0) /* 7 and 12: Linux names the number too */
		snprintf(buffer, TYPE_TEXT_BYTES, "persistent (type %lu)",
		         (unsigned long)e820_type);
	else
		snprintf(buffer, TYPE_TEXT_BYTES, "%s", name);
	return buffer;
}

const char *record_source_name(enum record_source source)
{
	static const char *const names[] = {
		[SOURCE_CAPTURE] = "capture",
		[SOURCE_LINUX_LOG] = "Linux log",
		[SOURCE_IOMEM] = "/proc/iomem",
		[SOURCE_SYSFS] = "/sys/firmware/memmap",
		[SOURCE_SHELL] = "UEFI Shell memmap",
		[SOURCE_SHELL_SFO] = "UEFI Shell memmap -sfo",
		[SOURCE_LSEFIMMAP] = "GRUB lsefimmap",
		[SOURCE_LSMMAP] = "GRUB lsmmap",
	};

	return names[source];
}

char *record_title(const struct record *record)
{
	const char *version = record_fact(record, "kernel-version");
	const char *label = record_fact(record, "label");
	char boot[48] = "";

	if (record->n_boots > 1)
		snprintf(boot, sizeof boot, ", boot %lu of %lu", record->boot, record->n_boots);
	return memory_printf("%s (%s%s%s%s%s%s%s)", record->name,
	                     record_source_name(record->source),
	                     record->n_faults > 0 ? ", damaged" : "", boot,
	                     version != NULL ? ", Linux " : "", version != NULL ? version : "",
	                     label != NULL ? ", " : "", label != NULL ? label : "");
}
