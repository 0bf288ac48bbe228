/* console.c - formatted text to ConOut: see console.h. */
#include "efi/console.h"

#include "bootmem/count.h"

#define LINE_BYTES 512 /* a path of 255 characters, and what is wrong with it */

static const struct {
	EFI_STATUS status;
	const char *name;
} statuses[] = {
	{ EFI_SUCCESS, "SUCCESS" },
	{ EFI_WARN_DELETE_FAILURE, "WARN_DELETE_FAILURE" },
	{ EFI_WARN_WRITE_FAILURE, "WARN_WRITE_FAILURE" },
	{ EFI_LOAD_ERROR, "LOAD_ERROR" },
	{ EFI_INVALID_PARAMETER, "INVALID_PARAMETER" },
	{ EFI_UNSUPPORTED, "UNSUPPORTED" },
	{ EFI_BAD_BUFFER_SIZE, "BAD_BUFFER_SIZE" },
	{ EFI_BUFFER_TOO_SMALL, "BUFFER_TOO_SMALL" },
	{ EFI_NOT_READY, "NOT_READY" },
	{ EFI_DEVICE_ERROR, "DEVICE_ERROR" },
	{ EFI_WRITE_PROTECTED, "WRITE_PROTECTED" },
	{ EFI_OUT_OF_RESOURCES, "OUT_OF_RESOURCES" },
	{ EFI_VOLUME_CORRUPTED, "VOLUME_CORRUPTED" },
	{ EFI_VOLUME_FULL, "VOLUME_FULL" },
	{ EFI_NO_MEDIA, "NO_MEDIA" },
	{ EFI_MEDIA_CHANGED, "MEDIA_CHANGED" },
	{ EFI_NOT_FOUND, "NOT_FOUND" },
	{ EFI_ACCESS_DENIED, "ACCESS_DENIED" },
	{ EFI_NO_RESPONSE, "NO_RESPONSE" },
	{ EFI_NO_MAPPING, "NO_MAPPING" },
	{ EFI_TIMEOUT, "TIMEOUT" },
	{ EFI_NOT_STARTED, "NOT_STARTED" },
	{ EFI_ALREADY_STARTED, "ALREADY_STARTED" },
	{ EFI_ABORTED, "ABORTED" },
	{ EFI_PROTOCOL_ERROR, "PROTOCOL_ERROR" },
	{ EFI_INCOMPATIBLE_VERSION, "INCOMPATIBLE_VERSION" },
	{ EFI_SECURITY_VIOLATION, "SECURITY_VIOLATION" },
	{ EFI_CRC_ERROR, "CRC_ERROR" },
	{ EFI_END_OF_MEDIA, "END_OF_MEDIA" },
	{ EFI_END_OF_FILE, "END_OF_FILE" },
	{ EFI_COMPROMISED_DATA, "COMPROMISED_DATA" },
};

const char *status_name(EFI_STATUS status)
{
	for (size_t i = 0; i < COUNT(statuses); i++)
		if (statuses[i].status == status)
			return statuses[i].name;
	return "unknown status";
}

static void put(const struct firmware *firmware, const char *text)
{
	SIMPLE_TEXT_OUTPUT_INTERFACE *out = firmware->system_table->ConOut;
	CHAR16 wide[2 * LINE_BYTES];
	size_t n = 0;

	if (out == NULL) /* a machine without a console */
		return;
	for (; *text != '\0' && n < 2 * LINE_BYTES - 2; text++) {
		if (*text == '\n')
			wide[n++] = '\r';
		wide[n++] = (unsigned char)*text;
	}
	wide[n] = 0;
	out->OutputString(out, wide);
}

static void put_formatted(const struct firmware *firmware, const char *format, va_list arguments)
{
	char line[LINE_BYTES];

	text_vformat(line, sizeof line, format, arguments);
	put(firmware, line);
}

void console_print(const struct firmware *firmware, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	put_formatted(firmware, format, arguments);
	va_end(arguments);
}

void console_colour(const struct firmware *firmware, UINTN colour)
{
	SIMPLE_TEXT_OUTPUT_INTERFACE *out = firmware->system_table->ConOut;

	if (out != NULL)
		out->SetAttribute(out, EFI_TEXT_ATTR(colour, EFI_BLACK));
}

EFI_STATUS console_error(const struct firmware *firmware, EFI_STATUS status, const char *format,
                         ...)
{
	va_list arguments;

	console_colour(firmware, EFI_LIGHTRED);
	put(firmware, "bootmem: error: ");
	va_start(arguments, format);
	put_formatted(firmware, format, arguments);
	va_end(arguments);
	console_print(firmware, " (%s)\n", status_name(status));
	console_colour(firmware, EFI_LIGHTGRAY);
	return status;
}

void console_warn(const struct firmware *firmware, const char *format, ...)
{
	va_list arguments;

	console_colour(firmware, EFI_YELLOW);
	put(firmware, "bootmem: warning: ");
	va_start(arguments, format);
	put_formatted(firmware, format, arguments);
	va_end(arguments);
	put(firmware, "\n");
	console_colour(firmware, EFI_LIGHTGRAY);
}
