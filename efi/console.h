/*
 * console.h - text to the firmware's console, before the exit only.
 */
#ifndef EFI_CONSOLE_H
#define EFI_CONSOLE_H

#include "efi/uefi.h"
#include "handoff/capture/text.h"

/* What console_error() said first: what comes of it later is a warning. */
#define MESSAGE_BYTES 768 /* a path of 255 characters, two sums, and what is wrong */
struct message {
	EFI_STATUS status; /* EFI_SUCCESS: nothing yet */
	char text[MESSAGE_BYTES];
	bool is_written; /* to \bootmem\last-error.txt */
};

/*
 * From here on the display is the caller's: text goes to those outputs that do not draw on it,
 * serial lines say. Firmware's console stands for all outputs, and so for the display, too. Where
 * no output has a display beside it (U-Boot), nothing tells which of them draw: text goes to all,
 * and what is drawn comes last.
 */
void console_leave_display(struct firmware *firmware);

/* Print, as printf does (text.h says what of it); a line feed becomes CR LF. What is longer than
 * 767 bytes at a time is cut. */
void console_print(const struct firmware *firmware, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Say what failed: "bootmem: error: ..." and, where the status tells more than the words do, its
 * name. Returns @status, so that a failure is one line: return console_error(...).
 */
EFI_STATUS console_error(const struct firmware *firmware, EFI_STATUS status, const char *format,
                         ...) __attribute__((format(printf, 3, 4)));

/* What is so, whatever anybody does: "bootmem: note: ...". */
void console_note(const struct firmware *firmware, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Something worth knowing that stops nothing: "bootmem: warning: ...". */
void console_warn(const struct firmware *firmware, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The name of a status as the specification has it, without EFI_; UEFI 2.10 Appendix D. */
const char *status_name(EFI_STATUS status);

/* The next characters in this colour: EFI_LIGHTGRAY is the usual one. */
void console_colour(const struct firmware *firmware, UINTN colour);

#endif
