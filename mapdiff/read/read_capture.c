/*
 * read_capture.c - captures (FORMAT.md), each in a file of its own or between the other lines of a
 * serial log -> records, one for each capture.
 */
#include <string.h>

#include "bootmem/count.h"
#include "handoff/capture/capture.h"
#include "mapdiff/read/reader.h"
#include "x86/pin_record.h"

/* A log's time stamp, the quoting of a mail: what may stand before each line of a capture. */
#define MOST_PREFIX_BYTES 80

struct reading {
	struct records *records;
	struct record *record; /* of the capture that is being read; NULL outside */
	size_t prefix_bytes;   /* before each of its lines */
	bool is_padded;        /* copied from a terminal: blanks behind each line */
	uint32_t crc;
};

static bool words_are(struct capture_words words, const char *text)
{
	return words.bytes == strlen(text) && memcmp(words.start, text, words.bytes) == 0;
}

static char *words_copy(struct capture_words words)
{
	return memory_text(words.start, words.bytes);
}

static void add_acpi(struct record *record, const struct capture_parsed *parsed)
{
	struct record_acpi *table = MEMORY_ADD(record, acpi);

	*table = (struct record_acpi){
		.paddr = parsed->table.paddr,
		.length_bytes = parsed->table.length_bytes,
		.revision = parsed->table.revision,
		.identity = memory_copy(""),
		.crc32 = parsed->crc32,
		.has_crc32 = parsed->has_crc32,
	};
	memcpy(table->signature, parsed->table.signature, sizeof table->signature);
}

/* LANDMARK_COUNT: it is none of them. */
static enum landmark_kind kind_of_key(struct capture_words key)
{
	size_t kind = 0;

	while (kind < LANDMARK_COUNT &&
	       (record_span_keys[kind].key == NULL || !words_are(key, record_span_keys[kind].key)))
		kind++;
	return (enum landmark_kind)kind;
}

/* "entry point" says little in a report: "SMBIOS" goes before it. */
static void add_span(struct record *record, enum landmark_kind kind, paddr_t start_paddr,
                     paddr_t end_paddr, struct capture_words words)
{
	const char *name = words.bytes > 0 ? words_copy(words) : record_span_keys[kind].name;

	if (kind == LANDMARK_SMBIOS && strncmp(name, "SMBIOS", 6) != 0)
		name = memory_printf("SMBIOS %s", name);
	record_add_landmark(record, start_paddr, end_paddr, kind, name);
}

/* START END NAME, of kinds that handoff/capture/capture.h does not know. */
static bool add_other_span(struct record *record, enum landmark_kind kind,
                           struct capture_words words)
{
	struct line line = { words.start, words.bytes, 0 }, name;
	paddr_t start_paddr, end_paddr;

	if (!line_take_all(&line, "%x %x %s", &start_paddr, &end_paddr, &name) ||
	    start_paddr >= end_paddr)
		return false;
	add_span(record, kind, start_paddr, end_paddr,
	         (struct capture_words){ name.start, name.bytes });
	return true;
}

static bool set_view(struct record *record, struct capture_words name)
{
	for (size_t i = VIEW_FIRMWARE; i < VIEW_COUNT; i++)
		if (words_are(name, record_view_names[i]))
			return record->e820_view = (enum e820_view)i, true;
	return false;
}

/* What is no line of a capture at all, but some other one that came in between, has none. */
static bool is_key(const char *key)
{
	return *key != '\0' && key[strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
}

/* "device 0000:00:02.0 8086:1616 ...": each device is a fact of its own. */
static void set_fact(struct record *record, const char *key, struct capture_words words)
{
	struct line value = { words.start, words.bytes, 0 }, address;

	if (strcmp(key, "device") == 0 && line_take_all(&value, "%s ", &address))
		key = fact_device_key(address.start, address.bytes);
	record_set_value(record, key, value.start, value.bytes);
}

/* --- what a pinned block served --- */

static bool add_pin(struct record_pin *pin, struct line *line)
{
	pin->is_known = true;
	return line_take_all(line, "%x %x %x %x", &pin->block.start_paddr, &pin->block.end_paddr,
	                     &pin->served_bytes, &pin->refused_bytes) &&
	       pin->block.start_paddr < pin->block.end_paddr;
}

static bool add_pin_owner(struct record_pin *pin, struct line *line)
{
	struct record_pin_owner owner;
	struct line name;

	if (!pin->is_known || pin->n_owners == PIN_RECORD_OWNERS ||
	    !line_take_all(line, "%x %x %x %x %s", &owner.paddr, &owner.image_bytes,
	                   &owner.served_bytes, &owner.refused_bytes, &name))
		return false;
	owner.name = memory_text(name.start, name.bytes);
	*MEMORY_ADD(pin, owners) = owner;
	return true;
}

static bool add_pin_asked(struct record_pin *pin, struct line *line)
{
	uint64_t type, n, bytes;

	if (!pin->is_known || pin->n_asked == PIN_RECORD_TYPES ||
	    !line_take_all(line, "%u %u %x", &type, &n, &bytes) || type > UINT32_MAX)
		return false;
	*MEMORY_ADD(pin, asked) = (struct record_pin_asked){ (uint32_t)type, n, bytes };
	return true;
}

static const struct {
	const char *key;
	bool (*add)(struct record_pin *pin, struct line *line);
} pin_lines[] = {
	{ "last-pin", add_pin },
	{ "last-pin-owner", add_pin_owner },
	{ "last-pin-asked", add_pin_asked },
};

static bool add_other(struct record *record, const struct capture_parsed *parsed)
{
	enum landmark_kind kind = kind_of_key(parsed->key);
	const char *key = words_copy(parsed->key);

	if (kind != LANDMARK_COUNT)
		return add_other_span(record, kind, parsed->text);
	if (strcmp(key, "acpi-identity") == 0) { /* of the table in the line before */
		if (record->n_acpi == 0)
			return false;
		record->acpi[record->n_acpi - 1].identity = words_copy(parsed->text);
		return true;
	}
	for (size_t i = 0; i < COUNT(pin_lines); i++)
		if (strcmp(key, pin_lines[i].key) == 0)
			return pin_lines[i].add(
				&record->pin,
				&(struct line){ parsed->text.start, parsed->text.bytes, 0 });
	if (strcmp(key, "e820-view") == 0)
		return set_view(record, parsed->text);
	if (!is_key(key))
		return false;
	set_fact(record, key, parsed->text);
	return true;
}

static bool add_to_target(struct record *record, const struct capture_parsed *parsed)
{
	struct record_target *target = record->targets;

	while (!words_are(parsed->target, record_target_names[target - record->targets]))
		if (++target == record->targets + RECORD_TARGETS)
			return false;
	target->is_known = true;
	if (parsed->kind == CAPTURE_FREE)
		*MEMORY_ADD(target, free) = (struct record_run){ parsed->start, parsed->end };
	else if (parsed->kind == CAPTURE_RESERVE)
		*MEMORY_ADD(target, reservations) = parsed->reservation;
	else if (parsed->kind == CAPTURE_NO_BITMAP)
		target->failure = words_copy(parsed->text);
	else if (words_are(parsed->key, "max-pfn"))
		target->max_pfn = parsed->value;
	else
		target->max_low_pfn = parsed->value;
	return true;
}

static bool add_line(struct record *record, const struct capture_parsed *parsed)
{
	bool has_name = parsed->text.bytes > 0 && !words_are(parsed->text, "-");

	switch (parsed->kind) {
	case CAPTURE_UEFI:
		*MEMORY_ADD(record, uefi) = parsed->descriptor;
		break;
	case CAPTURE_E820:
		record_add_e820(record, parsed->start, parsed->end, parsed->type);
		break;
	case CAPTURE_ACPI:
		add_acpi(record, parsed);
		break;
	case CAPTURE_CONFIG_TABLE: /* a name, or "-" */
		record_add_landmark(record, parsed->start, parsed->start, LANDMARK_CONFIG_TABLE,
		                    words_copy(has_name ? parsed->text : parsed->guid));
		break;
	case CAPTURE_SPAN:
		add_span(record, kind_of_key(parsed->key), parsed->start, parsed->end,
		         parsed->text);
		break;
	case CAPTURE_BIN:
		if (record->n_bins == RECORD_MOST_BINS)
			return false;
		*MEMORY_ADD(record, bins) = (struct record_bin){ parsed->type, parsed->value };
		break;
	case CAPTURE_PFN:
	case CAPTURE_FREE:
	case CAPTURE_RESERVE:
	case CAPTURE_NO_BITMAP:
		return add_to_target(record, parsed);
	case CAPTURE_OTHER:
		return add_other(record, parsed);
	default:
		break; /* says nothing */
	}
	return true;
}

/* The facts that have one name whatever the file, put together from those of a capture. */
static void set_common_facts(struct record *record)
{
	static const struct {
		enum fact_id id, first, last;
	} rows[] = {
		{ FACT_BIOS, FACT_BIOS_VENDOR, FACT_BIOS_DATE },
		{ FACT_MACHINE, FACT_SYSTEM_VENDOR, FACT_SYSTEM_VERSION },
		{ FACT_CPU, FACT_CPU_VENDOR, FACT_CPU_SIGNATURE },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct bytes joined = { 0 };

		for (enum fact_id id = rows[i].first; id <= rows[i].last; id++) {
			const char *part = record_fact(record, id);

			if (part != NULL && *part != '\0')
				memory_append(&joined, "%s%s", joined.n_text > 0 ? " " : "", part);
		}
		if (joined.n_text > 0)
			record_set_fact(record, rows[i].id, joined.text, joined.n_text);
	}
}

/* @wrong: NULL, or what is wrong with it, which shows at @line, or in the whole. */
static void end_capture(struct reading *reading, unsigned long line, const char *wrong)
{
	struct record *record = reading->record;
	bool is_printed = record_fact(record, FACT_LOADER) != NULL ||
	                  record_fact(record, FACT_ORIGIN) != NULL;

	if (wrong != NULL)
		record_add_fault(record, line, "%s", wrong);
	set_common_facts(record);
	/* The list of ranges is ours, unless it was taken from what a kernel printed. */
	if (record->n_e820_printed == 0)
		record->e820_view = VIEW_NONE;
	else if (record->e820_view == VIEW_NONE)
		record->e820_view = is_printed ? VIEW_FIRMWARE : VIEW_BOOTMEM;
	reading->record = NULL;
}

static void end_without_sum(struct reading *reading)
{
	if (reading->record != NULL)
		end_capture(reading, 0, "the capture has no checksum: its end is missing");
}

/* "bootmem-capture 1", and where it starts. */
static bool find_begin(struct line line, size_t *ret_prefix_bytes,
                       struct capture_parsed *ret_parsed)
{
	const char *start = line.start;

	if (!line_find(&line, "bootmem-capture ") || line.start - start > MOST_PREFIX_BYTES ||
	    (line.start > start && strchr(" \t>|]:", line.start[-1]) == NULL) ||
	    !capture_parse_line(line.start, line_until(&line, line_end(&line)).bytes, ret_parsed))
		return false;
	*ret_prefix_bytes = (size_t)(line.start - start);
	return true;
}

static void begin_capture(struct reading *reading, const struct input *input,
                          const struct line *line, uint64_t version)
{
	end_without_sum(reading);
	reading->record = records_add(reading->records, input->name, SOURCE_CAPTURE);
	reading->record->line = line->number;
	reading->is_padded = line->start[line->bytes - 1] == ' ';
	reading->crc = 0;
	if (version != CAPTURE_VERSION)
		record_add_fault(reading->record, line->number,
		                 "captures of format %" PRIu64 " are not known here, only %d: this "
		                 "takes a newer mapdiff",
		                 version, CAPTURE_VERSION);
}

static void read_line(struct reading *reading, struct line line)
{
	struct capture_parsed parsed;

	if (reading->is_padded)
		line = line_until(&line, line_end(&line));
	line_move(&line, min_u64(reading->prefix_bytes, line.bytes));
	if (!capture_parse_line(line.start, line.bytes, &parsed))
		line_fault(reading->record, &line, "this line cannot be read");
	else if (parsed.kind == CAPTURE_CHECKSUM && parsed.value == reading->crc)
		end_capture(reading, 0, NULL);
	else if (parsed.kind == CAPTURE_CHECKSUM)
		end_capture(reading, line.number,
		            memory_printf("the checksum says 0x%08" PRIx64 ", the lines of the "
		                          "capture have 0x%08" PRIx32
		                          ": it is damaged, or was edited",
		                          parsed.value, reading->crc));
	else if (!add_line(reading->record, &parsed))
		line_fault(reading->record, &line, "this is no line of a capture");
	reading->crc = capture_crc_line(reading->crc, line.start, line.bytes);
}

static void read_captures(const struct input *input, struct records *records)
{
	struct reading reading = { .records = records };
	struct capture_parsed begin;
	struct line line = { 0 };

	while (line_next(input, &line)) {
		if (find_begin(line, &reading.prefix_bytes, &begin))
			begin_capture(&reading, input, &line, begin.value);
		if (reading.record != NULL)
			read_line(&reading, line);
	}
	end_without_sum(&reading);
}

static bool recognizes(struct line line)
{
	struct capture_parsed parsed;
	size_t prefix_bytes;

	return find_begin(line, &prefix_bytes, &parsed);
}

const struct reader capture_reader = { "a capture", recognizes, read_captures, NULL };
