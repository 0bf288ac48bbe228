/* console.c - formatted text to ConOut: see console.h. */
#include "efi/console.h"

#include "bootmem/count.h"
#include "efi/protocol.h"

#define LINE_BYTES MESSAGE_BYTES

/* UEFI 2.10 Appendix D, Tables D.2 to D.4; those that gnu-efi lacks are their numbers. */
static const struct {
	EFI_STATUS status;
	const char *name;
} statuses[] = {
	{ EFI_SUCCESS, "SUCCESS" },
	{ EFI_WARN_UNKNOWN_GLYPH, "WARN_UNKNOWN_GLYPH" },
	{ EFI_WARN_DELETE_FAILURE, "WARN_DELETE_FAILURE" },
	{ EFI_WARN_WRITE_FAILURE, "WARN_WRITE_FAILURE" },
	{ EFI_WARN_BUFFER_TOO_SMALL, "WARN_BUFFER_TOO_SMALL" },
	{ EFIWARN(5), "WARN_STALE_DATA" },
	{ EFIWARN(6), "WARN_FILE_SYSTEM" },
	{ EFIWARN(7), "WARN_RESET_REQUIRED" },
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
	{ EFI_ICMP_ERROR, "ICMP_ERROR" },
	{ EFI_TFTP_ERROR, "TFTP_ERROR" },
	{ EFI_PROTOCOL_ERROR, "PROTOCOL_ERROR" },
	{ EFI_INCOMPATIBLE_VERSION, "INCOMPATIBLE_VERSION" },
	{ EFI_SECURITY_VIOLATION, "SECURITY_VIOLATION" },
	{ EFI_CRC_ERROR, "CRC_ERROR" },
	{ EFI_END_OF_MEDIA, "END_OF_MEDIA" },
	{ EFI_END_OF_FILE, "END_OF_FILE" },
	{ EFI_INVALID_LANGUAGE, "INVALID_LANGUAGE" },
	{ EFI_COMPROMISED_DATA, "COMPROMISED_DATA" },
	{ EFIERR(34), "IP_ADDRESS_CONFLICT" },
	{ EFIERR(35), "HTTP_ERROR" },
};

const char *status_name(EFI_STATUS status)
{
	for (size_t i = 0; i < COUNT(statuses); i++)
		if (statuses[i].status == status)
			return statuses[i].name;
	return "unknown status";
}

/* Where text goes, from 0; NULL behind the last one, and on a machine without a console. */
static SIMPLE_TEXT_OUTPUT_INTERFACE *output(const struct firmware *firmware, unsigned i)
{
	if (firmware->has_screen)
		return i < firmware->n_texts ? firmware->texts[i] : NULL;
	return i == 0 ? firmware->system_table->ConOut : NULL;
}

/* Those of the system table stand for others, which are there too. */
static bool is_splitter(const EFI_SYSTEM_TABLE *table, EFI_HANDLE handle)
{
	return handle == table->ConsoleOutHandle || handle == table->StandardErrorHandle;
}

void console_leave_display(struct firmware *firmware)
{
	static EFI_GUID text_guid = EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL_GUID;
	static EFI_GUID graphics_guid = EFI_GRAPHICS_OUTPUT_PROTOCOL_GUID;
	EFI_SYSTEM_TABLE *table = firmware->system_table;
	bool tells = false;
	EFI_HANDLE *handles;
	UINTN n_handles;

	if (table->ConOut != NULL)
		table->ConOut->EnableCursor(table->ConOut, FALSE);
	firmware->texts[0] = table->ConOut;
	firmware->n_texts = table->ConOut != NULL;
	firmware->has_screen = true;
	handles = protocol_handles(firmware, &text_guid, &n_handles);
	for (UINTN i = 0; i < n_handles; i++)
		tells |= protocol_of(firmware, handles[i], &graphics_guid) != NULL;
	if (tells)
		firmware->n_texts = 0;
	for (UINTN i = 0; i < n_handles && tells && firmware->n_texts < FIRMWARE_TEXTS; i++) {
		SIMPLE_TEXT_OUTPUT_INTERFACE *out = protocol_of(firmware, handles[i], &text_guid);

		if (out != NULL && !is_splitter(table, handles[i]) &&
		    protocol_of(firmware, handles[i], &graphics_guid) == NULL)
			firmware->texts[firmware->n_texts++] = out;
	}
	protocol_free(firmware, handles);
}

static void put(const struct firmware *firmware, const char *text)
{
	SIMPLE_TEXT_OUTPUT_INTERFACE *out;
	CHAR16 wide[2 * LINE_BYTES];
	size_t n = 0;

	for (; *text != '\0' && n < 2 * LINE_BYTES - 2; text++) {
		if (*text == '\n')
			wide[n++] = '\r';
		wide[n++] = (unsigned char)*text;
	}
	wide[n] = 0;
	for (unsigned i = 0; (out = output(firmware, i)) != NULL; i++)
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
	SIMPLE_TEXT_OUTPUT_INTERFACE *out;

	for (unsigned i = 0; (out = output(firmware, i)) != NULL; i++)
		out->SetAttribute(out, EFI_TEXT_ATTR(colour, EFI_BLACK));
}

/* "bootmem: LEVEL: ", in that colour, and what it says. */
static void put_message(const struct firmware *firmware, UINTN colour, const char *level,
                        const char *format, va_list arguments)
{
	console_colour(firmware, colour);
	console_print(firmware, "bootmem: %s: ", level);
	put_formatted(firmware, format, arguments);
}

EFI_STATUS console_error(const struct firmware *firmware, EFI_STATUS status, const char *format,
                         ...)
{
	struct message *kept = firmware->error;
	bool is_first = kept == NULL || kept->status == EFI_SUCCESS;
	va_list arguments;

	if (kept != NULL && is_first) {
		kept->status = status;
		va_start(arguments, format);
		text_vformat(kept->text, sizeof kept->text, format, arguments);
		va_end(arguments);
	}
	va_start(arguments, format);
	put_message(firmware, is_first ? EFI_LIGHTRED : EFI_YELLOW, is_first ? "error" : "warning",
	            format, arguments);
	va_end(arguments);
	console_print(firmware, " (%s)\n", status_name(status));
	console_colour(firmware, EFI_LIGHTGRAY);
	return status;
}

void console_note(const struct firmware *firmware, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	put_message(firmware, EFI_YELLOW, "note", format, arguments);
	va_end(arguments);
	put(firmware, "\n");
	console_colour(firmware, EFI_LIGHTGRAY);
}

void console_warn(const struct firmware *firmware, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	put_message(firmware, EFI_YELLOW, "warning", format, arguments);
	va_end(arguments);
	put(firmware, "\n");
	console_colour(firmware, EFI_LIGHTGRAY);
}
