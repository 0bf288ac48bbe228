/* lines.c - see lines.h. */
#include "tests/efi/lines.h"

#include <stdarg.h>

#include "handoff/capture/text.h"

#define LINE_BYTES 160

static SIMPLE_TEXT_OUTPUT_INTERFACE *console;

void lines_open(EFI_SYSTEM_TABLE *table)
{
	console = table->ConOut;
}

void lines_say(const char *format, ...)
{
	char line[LINE_BYTES];
	CHAR16 wide[sizeof "plant: " + LINE_BYTES + 2];
	size_t length = 0;
	va_list arguments;

	va_start(arguments, format);
	text_vformat(line, sizeof line, format, arguments);
	va_end(arguments);
	for (const char *p = "plant: "; *p != '\0'; p++)
		wide[length++] = (CHAR16)*p;
	for (const char *p = line; *p != '\0'; p++)
		wide[length++] = (CHAR16)*p;
	wide[length++] = '\r';
	wide[length++] = '\n';
	wide[length] = 0;
	console->OutputString(console, wide);
}

const char *lines_after(const char *at, const char *word)
{
	while (*word != '\0')
		if (*at++ != *word++)
			return NULL;
	return at;
}

const char *lines_next(const char *at)
{
	while (*at != '\0' && *at++ != '\n')
		continue;
	return at;
}

const char *lines_find(const char *at, const char *word)
{
	for (; *at != '\0'; at = lines_next(at))
		if (lines_after(at, word) != NULL)
			return lines_after(at, word);
	return NULL;
}

UINT64 lines_number(const char **at)
{
	UINT64 value = 0;
	UINT32 base = 10;

	while (**at == ' ')
		(*at)++;
	if ((*at)[0] == '0' && (*at)[1] == 'x') {
		base = 16;
		*at += 2;
	}
	for (;; (*at)++) {
		char c = **at;

		if (c >= '0' && c <= '9')
			value = value * base + (UINT64)(c - '0');
		else if (base == 16 && c >= 'a' && c <= 'f')
			value = value * base + (UINT64)(c - 'a' + 10);
		else
			return value;
	}
}
