/*
 * text.h - the formatter of programs without a C library: the EFI applications, the stub kernels.
 *
 * A subset of C11 §7.21.6.1 with the same meaning:
 *   %s %c %d %u %x %%, with the lengths l, ll and z for numbers; the flags 0 and -; a width;
 *   a precision for strings; * for either of the two.
 * Everything else that starts with % is copied as it stands, and takes no argument.
 */
#ifndef HANDOFF_CAPTURE_TEXT_H
#define HANDOFF_CAPTURE_TEXT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

typedef unsigned long long ull; /* what %llx and %llu take, on either width */

/*
 * Write the text into the @bytes bytes at @buffer, cut to what fits, and always with a 0 byte at
 * its end (unless @bytes is 0). Returns the length of the whole text, cut or not, without the 0
 * byte.
 */
size_t text_format(char *buffer, size_t bytes, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

size_t text_vformat(char *buffer, size_t bytes, const char *format, va_list args)
	__attribute__((format(printf, 3, 0)));

/* "72 KiB", "2.5 MiB", "1 GiB": the largest unit of which there is one, rounded down to one digit
 * behind the point, which goes where it is 0. In @text, which it returns. */
#define TEXT_AMOUNT_BYTES 16
const char *text_amount(char text[TEXT_AMOUNT_BYTES], uint64_t bytes);

#endif
