/*
 * capture.c - facts -> lines of a capture, and lines -> facts: see mapdiff/FORMAT.md.
 *
 * What is written is read back to the same, and in one way only: one space between fields,
 * hexadecimal digits in lower case. A reader that is as strict as that notices every damage to the
 * line of the checksum, which no checksum covers.
 */
#include "handoff/capture/capture.h"

#include <stdarg.h>

#include "bootmem/count.h"
#include "bootmem/mem.h"
#include "handoff/capture/text.h"
#include "x86/crc32.h"

/* By enum reservation_origin and enum reservation_lifetime. */
static const char *const origin_names[] = { "extension", "linux" };
static const char *const lifetime_names[] = { "forever", "boot", "acpi" };
static const char *const sum_names[] = { "bad", "ok" };

/* --- writing --- */

/* The length without blanks at the end: firmware pads its texts, and what they are pasted into cuts
 * them off, which would be a damage. */
static size_t clean(char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (text[i] < ' ' || text[i] > '~')
			text[i] = '?';
	while (length > 0 && text[length - 1] == ' ')
		length--;
	return length;
}

/* Between quotes: a quote would end the text. */
static void copy_unquoted(char *copy, size_t bytes, const char *text)
{
	text_format(copy, bytes, "%s", text);
	for (; *copy != '\0'; copy++)
		if (*copy == '"')
			*copy = '\'';
}

void capture_line(struct capture_writer *writer, const char *key, const char *format, ...)
{
	char line[CAPTURE_LINE_BYTES];
	const size_t most = sizeof line - 1; /* and LF */
	size_t length = (size_t)min_u64(text_format(line, sizeof line, "%s ", key), most);
	va_list args;

	va_start(args, format);
	length += text_vformat(line + length, sizeof line - length, format, args);
	va_end(args);
	length = clean(line, (size_t)min_u64(length, most));
	line[length++] = '\n';
	writer->crc = crc32_add(writer->crc, line, length);
	writer->emit(writer->context, line, length);
}

void capture_text(struct capture_writer *writer, const char *key, const char *text)
{
	while (text != NULL && *text == ' ')
		text++;
	if (text != NULL && *text != '\0')
		capture_line(writer, key, "%s", text);
}

void capture_begin(struct capture_writer *writer, capture_emit_fn *emit, void *context)
{
	*writer = (struct capture_writer){ emit, context, 0 };
	capture_line(writer, "bootmem-capture", "%d", CAPTURE_VERSION);
}

void capture_end(struct capture_writer *writer)
{
	capture_line(writer, "checksum", "0x%08x", (unsigned)writer->crc);
}

/* " NAME=0x...", or nothing for 0, which is what goes without saying. */
static void format_option(char *text, size_t bytes, const char *name, uint64_t value)
{
	text[0] = '\0';
	if (value != 0)
		text_format(text, bytes, " %s=0x%llx", name, (ull)value);
}

static void write_descriptor(struct capture_writer *writer,
                             const struct uefi_descriptor *descriptor)
{
	char pages[32], vaddr[32], pad[32];
	paddr_t start_paddr, end_paddr;
	bool wraps;

	uefi_descriptor_range(descriptor, &start_paddr, &end_paddr, &wraps);
	format_option(pages, sizeof pages, "pages", wraps ? descriptor->n_pages : 0);
	format_option(vaddr, sizeof vaddr, "vaddr", descriptor->start_vaddr);
	format_option(pad, sizeof pad, "pad", descriptor->pad);
	capture_line(
		writer, "uefi",
		descriptor->type < UEFI_TYPE_COUNT ? "0x%016llx 0x%016llx %u 0x%llx %s%s%s%s"
						   : "0x%016llx 0x%016llx 0x%x 0x%llx %s%s%s%s",
		(ull)start_paddr, (ull)end_paddr, (unsigned)descriptor->type,
		(ull)descriptor->attribute, uefi_type_name(descriptor->type), pages, vaddr, pad);
}

void capture_uefi_map(struct capture_writer *writer, const struct uefi_map *map, uint32_t version)
{
	size_t n_descriptors = uefi_map_count(map);

	capture_line(writer, "uefi-map", "%zu %u", map->stride, (unsigned)version);
	for (size_t i = 0; i < n_descriptors; i++) {
		struct uefi_descriptor descriptor = uefi_map_get(map, i);

		write_descriptor(writer, &descriptor);
	}
}

void capture_acpi(struct capture_writer *writer, const struct acpi_table *table, bool has_crc32,
                  uint32_t crc32)
{
	char signature[ACPI_NAME_BYTES], crc32_text[16] = "-";

	copy_unquoted(signature, sizeof signature, table->signature);
	if (has_crc32)
		text_format(crc32_text, sizeof crc32_text, "0x%08x", (unsigned)crc32);
	capture_line(writer, "acpi", "0x%016llx %u %s %u %s \"%s\" %s", (ull)table->paddr,
	             (unsigned)table->length_bytes, crc32_text, (unsigned)table->revision,
	             sum_names[table->sum_ok], signature, table->found_through);
}

void capture_e820_range(struct capture_writer *writer, const struct e820_range *range)
{
	capture_line(writer, "e820",
	             range->type <= 99 ? "0x%016llx 0x%016llx %u %s"
	                               : "0x%016llx 0x%016llx 0x%x %s",
	             (ull)range->start_paddr, (ull)range->end_paddr, (unsigned)range->type,
	             e820_type_name(range->type));
}

void capture_e820_checksums(struct capture_writer *writer, const struct e820_map *map)
{
	capture_line(writer, "e820-crc32", "0x%08x", (unsigned)e820_hibernate_crc32(map));
	capture_line(writer, "e820-ram-crc32", "0x%08x", (unsigned)e820_ram_crc32(map));
}

void capture_e820(struct capture_writer *writer, const struct e820_map *map)
{
	for (size_t i = 0; i < map->n_ranges; i++)
		capture_e820_range(writer, &map->ranges[i]);
	capture_e820_checksums(writer, map);
}

void capture_span(struct capture_writer *writer, const char *key, struct span span,
                  const char *name)
{
	if (span.start_paddr >= span.end_paddr)
		return;
	capture_line(writer, key, "0x%016llx 0x%016llx%s%s", (ull)span.start_paddr,
	             (ull)span.end_paddr, name != NULL ? " " : "", name != NULL ? name : "");
}

void capture_bitmap(struct capture_writer *writer, const char *target, const bootmem_data_t *bdata,
                    pfn_t max_pfn)
{
	pfn_t first_pfn, end_pfn = pfn_down(bdata->node_boot_start);

	capture_line(writer, "max-pfn", "%s 0x%llx", target, (ull)max_pfn);
	capture_line(writer, "max-low-pfn", "%s 0x%llx", target, (ull)bdata->node_low_pfn);
	while ((first_pfn = bootmem_next_free_run(bdata, end_pfn, &end_pfn)) < end_pfn)
		capture_line(writer, "free", "%s 0x%llx 0x%llx", target, (ull)first_pfn,
		             (ull)end_pfn);
}

void capture_reservation(struct capture_writer *writer, const char *target,
                         const struct reservation *reservation)
{
	char owner[RESERVATION_OWNER_BYTES], reason[RESERVATION_REASON_BYTES];

	copy_unquoted(owner, sizeof owner, reservation->owner);
	copy_unquoted(reason, sizeof reason, reservation->reason);
	capture_line(writer, "reserve", "%s 0x%016llx 0x%016llx %s %s %u \"%s\" \"%s\"", target,
	             (ull)reservation->start_paddr, (ull)reservation->end_paddr,
	             origin_names[reservation->origin], lifetime_names[reservation->lifetime],
	             (unsigned)reservation->kind, owner, reason);
}

/* --- reading --- */

bool capture_words_are(struct capture_words words, const char *text)
{
	for (size_t i = 0; i < words.bytes; i++)
		if (text[i] == '\0' || text[i] != words.start[i])
			return false;
	return text[words.bytes] == '\0';
}

/* Cut off the first @bytes bytes, and the separator behind them if there is one. */
static struct capture_words take_bytes(struct capture_words *rest, size_t bytes)
{
	struct capture_words taken = { rest->start, bytes };
	size_t gone = bytes + (bytes < rest->bytes);

	rest->start += gone;
	rest->bytes -= gone;
	return taken;
}

/* All up to @separator, which goes too. */
static struct capture_words take_until(struct capture_words *rest, char separator)
{
	size_t bytes = 0;

	while (bytes < rest->bytes && rest->start[bytes] != separator)
		bytes++;
	return take_bytes(rest, bytes);
}

struct capture_words capture_take_word(struct capture_words *rest)
{
	return take_until(rest, ' ');
}

struct capture_words capture_take_line(struct capture_words *rest)
{
	return take_until(rest, '\n');
}

/* A text between quotes, and the space behind it. */
static bool take_quoted(struct capture_words *rest, struct capture_words *ret_text)
{
	if (take_until(rest, '"').bytes > 0)
		return false;
	*ret_text = take_until(rest, '"');
	return ret_text->start + ret_text->bytes < rest->start &&
	       capture_take_word(rest).bytes == 0;
}

/* The value of a digit; 16 for what is none. */
static unsigned digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 16;
}

/* 0x... or decimal, all of @words. */
static bool read_number(struct capture_words words, uint64_t *ret_value)
{
	bool is_hex = words.bytes > 2 && words.start[0] == '0' && words.start[1] == 'x';
	uint64_t base = is_hex ? 16 : 10, most = is_hex ? UINT64_MAX / 16 : UINT64_MAX / 10;
	uint64_t value = 0;

	for (size_t i = is_hex ? 2 : 0; i < words.bytes; i++) {
		unsigned digit = digit_value(words.start[i]);

		if (digit >= base || value > most || digit > UINT64_MAX - value * base)
			return false;
		value = value * base + digit;
	}
	*ret_value = value;
	return words.bytes > 0;
}

bool capture_take_number(struct capture_words *rest, uint64_t *ret_value)
{
	return read_number(capture_take_word(rest), ret_value);
}

static bool take_number_to(struct capture_words *rest, uint32_t most, uint32_t *ret_value)
{
	uint64_t value;

	if (!capture_take_number(rest, &value) || value > most)
		return false;
	*ret_value = (uint32_t)value;
	return true;
}

/* One of the @n names: its index. */
static bool take_name(struct capture_words *rest, const char *const *names, size_t n,
                      size_t *ret_index)
{
	struct capture_words word = capture_take_word(rest);

	for (*ret_index = 0; *ret_index < n; ++*ret_index)
		if (capture_words_are(word, names[*ret_index]))
			return true;
	return false;
}

/* Into a field that is 0 so far; false if there is more than fits. */
static bool copy_words(char *field, size_t bytes, struct capture_words words)
{
	if (words.bytes >= bytes)
		return false;
	memcpy(field, words.start, words.bytes);
	return true;
}

/* START END: not empty. */
static bool take_range(struct capture_words *rest, struct capture_parsed *parsed)
{
	return capture_take_number(rest, &parsed->start) &&
	       capture_take_number(rest, &parsed->end) && parsed->start < parsed->end;
}

static bool take_target(struct capture_words *rest, struct capture_parsed *parsed)
{
	parsed->target = capture_take_word(rest);
	return parsed->target.bytes > 0;
}

/* What stands behind the key; *rest is then the text that is left. */
typedef bool parse_fn(struct capture_words *rest, struct capture_parsed *parsed);

static bool parse_number(struct capture_words *rest, struct capture_parsed *parsed)
{
	return capture_take_number(rest, &parsed->value) && rest->bytes == 0;
}

/* "pages=0x1" behind a descriptor's name. */
static bool take_option(struct capture_words *rest, struct uefi_descriptor *descriptor)
{
	struct capture_words word = capture_take_word(rest), name = take_until(&word, '=');
	uint64_t value;

	if (!read_number(word, &value))
		return false;
	if (capture_words_are(name, "pages") && descriptor->n_pages == 0)
		descriptor->n_pages = value;
	else if (capture_words_are(name, "vaddr"))
		descriptor->start_vaddr = value;
	else if (capture_words_are(name, "pad") && value <= UINT32_MAX)
		descriptor->pad = (uint32_t)value;
	else
		return false;
	return true;
}

static bool parse_uefi(struct capture_words *rest, struct capture_parsed *parsed)
{
	struct uefi_descriptor *descriptor = &parsed->descriptor;
	struct capture_words name;

	if (!capture_take_number(rest, &parsed->start) ||
	    !capture_take_number(rest, &parsed->end) ||
	    !take_number_to(rest, UINT32_MAX, &parsed->type) ||
	    !capture_take_number(rest, &descriptor->attribute) || parsed->start > parsed->end ||
	    ((parsed->end - parsed->start) & (PAGE_BYTES - 1)) != 0)
		return false;
	descriptor->type = parsed->type;
	descriptor->start_paddr = parsed->start;
	descriptor->n_pages = pfn_down(parsed->end - parsed->start);
	name = capture_take_word(rest);
	while (rest->bytes > 0)
		if (!take_option(rest, descriptor))
			return false;
	*rest = name;
	return true;
}

static bool parse_e820(struct capture_words *rest, struct capture_parsed *parsed)
{
	return take_range(rest, parsed) && take_number_to(rest, UINT32_MAX, &parsed->type) &&
	       parsed->type != E820_NONE;
}

static bool parse_acpi(struct capture_words *rest, struct capture_parsed *parsed)
{
	struct acpi_table *table = &parsed->table;
	struct capture_words crc32, signature;
	uint32_t revision;
	size_t sum_ok;

	if (!capture_take_number(rest, &table->paddr) ||
	    !take_number_to(rest, UINT32_MAX, &table->length_bytes) ||
	    table->length_bytes > UINT64_MAX - table->paddr)
		return false;
	crc32 = capture_take_word(rest);
	parsed->has_crc32 = !capture_words_are(crc32, "-");
	if ((parsed->has_crc32 && !take_number_to(&crc32, UINT32_MAX, &parsed->crc32)) ||
	    !take_number_to(rest, UINT8_MAX, &revision) ||
	    !take_name(rest, sum_names, COUNT(sum_names), &sum_ok) ||
	    !take_quoted(rest, &signature) ||
	    !copy_words(table->signature, sizeof table->signature, signature))
		return false;
	table->revision = (uint8_t)revision;
	table->sum_ok = sum_ok != 0;
	parsed->start = table->paddr;
	parsed->end = table->paddr + table->length_bytes;
	return true;
}

static bool parse_config_table(struct capture_words *rest, struct capture_parsed *parsed)
{
	if (!capture_take_number(rest, &parsed->start))
		return false;
	parsed->guid = capture_take_word(rest);
	return parsed->guid.bytes > 0;
}

static bool parse_bin(struct capture_words *rest, struct capture_parsed *parsed)
{
	return take_number_to(rest, UINT32_MAX, &parsed->type) &&
	       capture_take_number(rest, &parsed->value);
}

static bool parse_pfn(struct capture_words *rest, struct capture_parsed *parsed)
{
	return take_target(rest, parsed) && parse_number(rest, parsed);
}

static bool parse_free(struct capture_words *rest, struct capture_parsed *parsed)
{
	return take_target(rest, parsed) && take_range(rest, parsed) && rest->bytes == 0;
}

static bool parse_reserve(struct capture_words *rest, struct capture_parsed *parsed)
{
	struct reservation *reservation = &parsed->reservation;
	struct capture_words owner, reason;
	size_t origin, lifetime;
	uint32_t kind;

	if (!take_target(rest, parsed) || !take_range(rest, parsed) ||
	    !take_name(rest, origin_names, COUNT(origin_names), &origin) ||
	    !take_name(rest, lifetime_names, COUNT(lifetime_names), &lifetime) ||
	    !take_number_to(rest, UINT8_MAX, &kind) || !take_quoted(rest, &owner) ||
	    !take_quoted(rest, &reason) || rest->bytes > 0)
		return false;
	reservation->start_paddr = parsed->start;
	reservation->end_paddr = parsed->end;
	reservation->kind = (uint8_t)kind;
	reservation->origin = (uint8_t)origin;
	reservation->lifetime = (uint8_t)lifetime;
	return copy_words(reservation->owner, sizeof reservation->owner, owner) &&
	       copy_words(reservation->reason, sizeof reservation->reason, reason);
}

static const struct {
	const char *key;
	enum capture_key kind;
	parse_fn *parse;
} keys[] = {
	{ "bootmem-capture", CAPTURE_BEGIN, parse_number },
	{ "uefi", CAPTURE_UEFI, parse_uefi },
	{ "config-table", CAPTURE_CONFIG_TABLE, parse_config_table },
	{ "acpi", CAPTURE_ACPI, parse_acpi },
	{ "smbios", CAPTURE_SPAN, take_range },
	{ "framebuffer", CAPTURE_SPAN, take_range },
	{ "footprint", CAPTURE_SPAN, take_range },
	{ "in-use", CAPTURE_SPAN, take_range },
	{ "kernel", CAPTURE_SPAN, take_range },
	{ "initrd", CAPTURE_SPAN, take_range },
	{ "bin", CAPTURE_BIN, parse_bin },
	{ "e820", CAPTURE_E820, parse_e820 },
	{ "max-pfn", CAPTURE_PFN, parse_pfn },
	{ "max-low-pfn", CAPTURE_PFN, parse_pfn },
	{ "free", CAPTURE_FREE, parse_free },
	{ "reserve", CAPTURE_RESERVE, parse_reserve },
	{ "no-bitmap", CAPTURE_NO_BITMAP, take_target },
	{ "checksum", CAPTURE_CHECKSUM, parse_number },
};

/* The length of a line without the CR that ends it, or several, if a terminal added its own. */
static size_t without_cr(const char *line, size_t bytes)
{
	while (bytes > 0 && line[bytes - 1] == '\r')
		bytes--;
	return bytes;
}

bool capture_parse_line(const char *line, size_t bytes, struct capture_parsed *ret_parsed)
{
	struct capture_words rest = { line, without_cr(line, bytes) };
	bool is_good = true;

	memset(ret_parsed, 0, sizeof *ret_parsed);
	if (rest.bytes == 0 || *line == '#') {
		ret_parsed->kind = CAPTURE_NOTHING;
		return true;
	}
	ret_parsed->key = capture_take_word(&rest);
	for (size_t i = 0; i < COUNT(keys); i++) {
		if (capture_words_are(ret_parsed->key, keys[i].key)) {
			ret_parsed->kind = keys[i].kind;
			is_good = keys[i].parse(&rest, ret_parsed);
			break;
		}
	}
	ret_parsed->text = rest;
	return is_good;
}

uint64_t capture_version(const char *text, size_t bytes)
{
	struct capture_words rest = { text, bytes }, line = capture_take_line(&rest);
	struct capture_parsed parsed;

	if (!capture_parse_line(line.start, line.bytes, &parsed) || parsed.kind != CAPTURE_BEGIN)
		return 0;
	return parsed.value;
}

uint32_t capture_crc_line(uint32_t crc, const char *line, size_t bytes)
{
	return crc32_add(crc32_add(crc, line, without_cr(line, bytes)), "\n", 1);
}

/* Append a range that is not before the end of the last one. */
static bool add_in_order(struct e820_map *map, size_t n_before, const struct capture_parsed *parsed)
{
	if (map->n_ranges > n_before && parsed->start < map->ranges[map->n_ranges - 1].end_paddr)
		return false;
	return e820_add(map, parsed->start, parsed->end, parsed->type) == MAP_OK;
}

/* Read up to the checksum, which must be the last line. */
static bool read_e820(struct capture_words rest, struct e820_map *map)
{
	const size_t n_before = map->n_ranges;
	struct capture_parsed parsed;
	uint32_t crc = 0;

	for (bool is_first = true; rest.bytes > 0; is_first = false) {
		struct capture_words line = capture_take_line(&rest);

		if (line.start + line.bytes == rest.start || /* LF is missing */
		    !capture_parse_line(line.start, line.bytes, &parsed) ||
		    is_first != (parsed.kind == CAPTURE_BEGIN) ||
		    (is_first && parsed.value != CAPTURE_VERSION))
			return false;
		if (parsed.kind == CAPTURE_CHECKSUM)
			return parsed.value == crc && rest.bytes == 0;
		if (parsed.kind == CAPTURE_E820 && !add_in_order(map, n_before, &parsed))
			return false;
		crc = capture_crc_line(crc, line.start, line.bytes);
	}
	return false;
}

bool capture_read_e820(const char *text, size_t bytes, struct e820_map *map)
{
	const size_t n_before = map->n_ranges;
	bool is_good = read_e820((struct capture_words){ text, bytes }, map);

	if (!is_good)
		map->n_ranges = n_before;
	return is_good;
}

size_t capture_read_uefi(const char *text, size_t bytes, struct uefi_descriptor *descriptors,
                         size_t capacity)
{
	struct capture_words rest = { text, bytes };
	struct capture_parsed parsed;
	size_t n = 0;

	while (rest.bytes > 0 && n < capacity) {
		struct capture_words line = capture_take_line(&rest);

		if (capture_parse_line(line.start, line.bytes, &parsed) &&
		    parsed.kind == CAPTURE_UEFI)
			descriptors[n++] = parsed.descriptor;
	}
	return n;
}
