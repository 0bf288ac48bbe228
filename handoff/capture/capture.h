/*
 * capture.h - the text form of one boot's memory map: lines are written, and read back.
 * mapdiff/FORMAT.md says what they mean.
 *
 * Writing goes line by line to a function of the caller's, so that nothing has to hold the whole:
 * a file on the volume, a serial port. The checksum runs along.
 */
#ifndef HANDOFF_CAPTURE_CAPTURE_H
#define HANDOFF_CAPTURE_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bootmem/bootmem.h"
#include "x86/acpi.h"
#include "x86/e820.h"
#include "x86/reservation.h"
#include "x86/uefi_map.h"

#define CAPTURE_VERSION    1
#define CAPTURE_LINE_BYTES 512 /* longer ones are cut: texts are the firmware's */

/* Takes one line, LF at its end. */
typedef void capture_emit_fn(void *context, const char *line, size_t bytes);

struct capture_writer {
	capture_emit_fn *emit;
	void *context;
	uint32_t crc;
};

/* The first line. */
void capture_begin(struct capture_writer *writer, capture_emit_fn *emit, void *context);
/* The last one. */
void capture_end(struct capture_writer *writer);

/* KEY TEXT. Nothing if @text is NULL or blank. What is not printable ASCII is written as ?, and
 * blanks at the end not at all, here and in all lines. */
void capture_text(struct capture_writer *writer, const char *key, const char *text);
/* KEY and formatted fields; the key alone if they are empty. */
void capture_line(struct capture_writer *writer, const char *key, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* uefi-map, and all its descriptors. */
void capture_uefi_map(struct capture_writer *writer, const struct uefi_map *map, uint32_t version);
/* A table; crc32 of its bytes if @has_crc32. */
void capture_acpi(struct capture_writer *writer, const struct acpi_table *table, bool has_crc32,
                  uint32_t crc32);
/* e820; e820-crc32 and e820-ram-crc32 of a sanitized map; all of its ranges, and these two. */
void capture_e820_range(struct capture_writer *writer, const struct e820_range *range);
void capture_e820_checksums(struct capture_writer *writer, const struct e820_map *map);
void capture_e820(struct capture_writer *writer, const struct e820_map *map);
/* START END and a name, under @key: kernel, initrd, framebuffer, smbios, footprint, in-use. Nothing
 * for an empty span. @name may be NULL. */
void capture_span(struct capture_writer *writer, const char *key, struct span span,
                  const char *name);
/* max-pfn, max-low-pfn, and the runs of a bitmap that are free. */
void capture_bitmap(struct capture_writer *writer, const char *target, const bootmem_data_t *bdata,
                    pfn_t max_pfn);
void capture_reservation(struct capture_writer *writer, const char *target,
                         const struct reservation *reservation);

/* --- reading --- */

enum capture_key {
	CAPTURE_OTHER,   /* some other key with text: see key, text */
	CAPTURE_NOTHING, /* an empty line, or a comment */
	CAPTURE_BEGIN,
	CAPTURE_CHECKSUM,
	CAPTURE_UEFI,
	CAPTURE_E820,
	CAPTURE_ACPI,
	CAPTURE_CONFIG_TABLE,
	CAPTURE_SPAN, /* smbios, framebuffer, footprint, in-use, kernel, initrd: key says which */
	CAPTURE_BIN,
	CAPTURE_PFN,  /* max-pfn, max-low-pfn: key says which; target, value */
	CAPTURE_FREE, /* target, start, end: page frames */
	CAPTURE_RESERVE,
	CAPTURE_NO_BITMAP, /* target, text */
};

/* A text inside the line that was parsed: not ended by a 0 byte. */
struct capture_words {
	const char *start;
	size_t bytes;
};

/* Is that the text? */
bool capture_words_are(struct capture_words words, const char *text);
/* Cut off all up to the next space, which goes too. And that as a number, 0x... or decimal: false
 * if it is none. */
struct capture_words capture_take_word(struct capture_words *rest);
bool capture_take_number(struct capture_words *rest, uint64_t *ret_value);
/* Cut off all up to the end of the line, which goes too. */
struct capture_words capture_take_line(struct capture_words *rest);

struct capture_parsed {
	enum capture_key kind;
	struct capture_words key;
	struct capture_words text;   /* what is left of the line: a name, a text */
	struct capture_words target; /* "ia32" */
	struct capture_words guid;   /* CAPTURE_CONFIG_TABLE: the table's address is start */
	uint64_t start, end;         /* addresses, or page frames */
	uint64_t value;              /* version, checksum, pages, PFN */
	uint32_t type;
	struct uefi_descriptor descriptor; /* CAPTURE_UEFI */
	struct acpi_table table;           /* CAPTURE_ACPI; found_through is NULL: see text */
	bool has_crc32;
	uint32_t crc32;
	struct reservation reservation; /* CAPTURE_RESERVE */
};

/*
 * Parse one line, of @bytes bytes, without its end (a CR at its end is cut off). False if its key
 * is one of the above and the fields are not what they should be; *ret_parsed has the key then.
 */
bool capture_parse_line(const char *line, size_t bytes, struct capture_parsed *ret_parsed);

/* The version that the first line of a text gives; 0 if that is not the first line of a capture. */
uint64_t capture_version(const char *text, size_t bytes);

/* The checksum of what had @crc so far and this line: without CR, with LF. */
uint32_t capture_crc_line(uint32_t crc, const char *line, size_t bytes);

/*
 * The e820 map of the capture in the @bytes bytes of @text, appended to @map, whose buffer is the
 * caller's. False, and @map as it was, if that is not a whole capture with the right checksum and
 * nothing behind it, or its ranges are not in order, or do not fit.
 */
bool capture_read_e820(const char *text, size_t bytes, struct e820_map *map);

/* The UEFI map of a text of which the e820 map has been read: its descriptors, in their order, up
 * to @capacity of them. Returns how many. */
size_t capture_read_uefi(const char *text, size_t bytes, struct uefi_descriptor *descriptors,
                         size_t capacity);

#endif
