/*
 * text.c - see text.h. No division wider than 32 bits: 32-bit code would need __udivdi3, which
 * nothing here supplies.
 */
#include "handoff/capture/text.h"

#include <stdbool.h>
#include <stdint.h>

/* Where the text goes; what does not fit is only counted. */
struct sink {
	char *buffer;
	size_t bytes;
	size_t length;
};

/* What stands between % and the letter of a conversion. */
struct spec {
	bool is_left;
	bool is_zero_padded;
	size_t width;
	bool has_precision;
	size_t precision;
	enum { LENGTH_INT, LENGTH_LONG, LENGTH_LONG_LONG, LENGTH_SIZE } length;
};

/* The arguments, where functions can take the next one out in turn. */
struct arguments {
	va_list list;
};

#define MOST_DIGITS 20 /* of 2^64 - 1, in decimal */

static void put(struct sink *sink, char c)
{
	if (sink->length + 1 < sink->bytes)
		sink->buffer[sink->length] = c;
	sink->length++;
}

static void put_repeated(struct sink *sink, char c, size_t times)
{
	while (times-- > 0)
		put(sink, c);
}

/* A sign and digits, or a string with an empty sign, padded to the width. */
static void put_field(struct sink *sink, const struct spec *spec, const char *sign,
                      const char *text, size_t text_length)
{
	size_t length = text_length + (*sign != '\0');
	size_t padding = spec->width > length ? spec->width - length : 0;
	bool is_zero_padded = spec->is_zero_padded && !spec->is_left;

	if (!spec->is_left && !is_zero_padded)
		put_repeated(sink, ' ', padding);
	if (*sign != '\0')
		put(sink, *sign);
	if (is_zero_padded)
		put_repeated(sink, '0', padding);
	for (size_t i = 0; i < text_length; i++)
		put(sink, text[i]);
	if (spec->is_left)
		put_repeated(sink, ' ', padding);
}

/* Long division by 10, 16 bits at a time: remainder and next piece together fit in 32 bits. */
static uint32_t divide_by_10(uint64_t *value)
{
	uint64_t quotient = 0;
	uint32_t remainder = 0;

	for (int shift = 48; shift >= 0; shift -= 16) {
		uint32_t piece = remainder << 16 | (uint32_t)(*value >> shift & 0xffff);

		quotient |= (uint64_t)(piece / 10) << shift;
		remainder = piece % 10;
	}
	*value = quotient;
	return remainder;
}

static uint32_t divide_by_16(uint64_t *value)
{
	uint32_t remainder = (uint32_t)(*value & 15);

	*value >>= 4;
	return remainder;
}

static void put_number(struct sink *sink, const struct spec *spec, const char *sign, uint64_t value,
                       uint32_t (*divide)(uint64_t *value))
{
	char digits[MOST_DIGITS];
	size_t first = MOST_DIGITS;

	do
		digits[--first] = "0123456789abcdef"[divide(&value)];
	while (value != 0);
	put_field(sink, spec, sign, digits + first, MOST_DIGITS - first);
}

static void put_string(struct sink *sink, const struct spec *spec, const char *text)
{
	struct spec blank_padded = *spec;
	size_t length = 0;

	blank_padded.is_zero_padded = false;
	while ((!spec->has_precision || length < spec->precision) && text[length] != '\0')
		length++;
	put_field(sink, &blank_padded, "", text, length);
}

/* The next number; a negative one modulo 2^64. */
static uint64_t next_number(struct arguments *args, const struct spec *spec, bool is_signed)
{
	switch (spec->length) {
	case LENGTH_LONG:
		return is_signed ? (uint64_t)va_arg(args->list, long)
		                 : va_arg(args->list, unsigned long);
	case LENGTH_LONG_LONG:
		return va_arg(args->list, unsigned long long);
	case LENGTH_SIZE:
		return is_signed ? (uint64_t)va_arg(args->list, ptrdiff_t)
		                 : va_arg(args->list, size_t);
	default:
		return is_signed ? (uint64_t)va_arg(args->list, int) : va_arg(args->list, unsigned);
	}
}

/* A number or a *, at *format; negative only from a *. */
static int read_number(const char **format, struct arguments *args)
{
	unsigned number = 0;

	if (**format == '*') {
		(*format)++;
		return va_arg(args->list, int);
	}
	for (; **format >= '0' && **format <= '9'; (*format)++)
		number = number * 10 + (unsigned)(**format - '0');
	return (int)(number & INT32_MAX);
}

static void read_width(struct spec *spec, const char **format, struct arguments *args)
{
	int width = read_number(format, args);

	if (width < 0) /* C11 §7.21.6.1: a - flag and a positive width */
		spec->is_left = true;
	spec->width = width < 0 ? (size_t)0 - (size_t)width : (size_t)width;
}

static void read_precision(struct spec *spec, const char **format, struct arguments *args)
{
	int precision;

	if (**format != '.')
		return;
	(*format)++;
	precision = read_number(format, args);
	spec->has_precision = precision >= 0; /* a negative one counts as none */
	spec->precision = precision < 0 ? 0 : (size_t)precision;
}

static void read_length(struct spec *spec, const char **format)
{
	if (**format == 'z') {
		spec->length = LENGTH_SIZE;
		(*format)++;
		return;
	}
	for (; **format == 'l' && spec->length < LENGTH_LONG_LONG; (*format)++)
		spec->length = spec->length == LENGTH_INT ? LENGTH_LONG : LENGTH_LONG_LONG;
}

static struct spec read_spec(const char **format, struct arguments *args)
{
	struct spec spec = { 0 };

	for (;; (*format)++) {
		if (**format == '-')
			spec.is_left = true;
		else if (**format == '0')
			spec.is_zero_padded = true;
		else
			break;
	}
	read_width(&spec, format, args);
	read_precision(&spec, format, args);
	read_length(&spec, format);
	return spec;
}

/* One conversion, its letter at *letter. False for a letter that is none of ours. */
static bool convert(struct sink *sink, const struct spec *spec, char letter, struct arguments *args)
{
	uint64_t number;
	char c;

	switch (letter) {
	case 's':
		put_string(sink, spec, va_arg(args->list, const char *));
		return true;
	case 'c':
		c = (char)va_arg(args->list, int);
		put_field(sink, spec, "", &c, 1);
		return true;
	case 'd':
		number = next_number(args, spec, true);
		put_number(sink, spec, (int64_t)number < 0 ? "-" : "",
		           (int64_t)number < 0 ? 0 - number : number, divide_by_10);
		return true;
	case 'u':
		put_number(sink, spec, "", next_number(args, spec, false), divide_by_10);
		return true;
	case 'x':
		put_number(sink, spec, "", next_number(args, spec, false), divide_by_16);
		return true;
	case '%':
		put(sink, '%');
		return true;
	default:
		return false;
	}
}

size_t text_vformat(char *buffer, size_t bytes, const char *format, va_list args)
{
	struct sink sink = { buffer, bytes, 0 };
	struct arguments arguments;

	va_copy(arguments.list, args);
	while (*format != '\0') {
		const char *start = format;
		struct spec spec;

		if (*format++ != '%') {
			put(&sink, *start);
			continue;
		}
		spec = read_spec(&format, &arguments);
		if (*format != '\0' && convert(&sink, &spec, *format, &arguments))
			format++;
		else
			while (start < format)
				put(&sink, *start++);
	}
	va_end(arguments.list);
	if (bytes > 0)
		buffer[sink.length < bytes ? sink.length : bytes - 1] = '\0';
	return sink.length;
}

size_t text_format(char *buffer, size_t bytes, const char *format, ...)
{
	va_list args;
	size_t length;

	va_start(args, format);
	length = text_vformat(buffer, bytes, format, args);
	va_end(args);
	return length;
}

const char *text_amount(char text[TEXT_AMOUNT_BYTES], uint64_t bytes)
{
	static const char *const units[] = { "bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	unsigned unit = 0, shift, tenths;

	while (unit < 6 && bytes >> 10 * (unit + 1) != 0)
		unit++;
	shift = 10 * unit;
	/* The bits below the unit, but for those too low to make a tenth: no overflow. */
	tenths = unit == 0 ? 0 : (unsigned)((bytes >> (shift - 10) & 0x3ff) * 10 >> 10);
	if (tenths > 0)
		text_format(text, TEXT_AMOUNT_BYTES, "%llu.%u %s", (ull)(bytes >> shift), tenths,
		            units[unit]);
	else
		text_format(text, TEXT_AMOUNT_BYTES, "%llu %s", (ull)(bytes >> shift),
		            bytes == 1 ? "byte" : units[unit]);
	return text;
}
