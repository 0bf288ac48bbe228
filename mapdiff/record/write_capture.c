/* write_capture.c - a record -> a capture: see write_capture.h. */
#include "mapdiff/record/write_capture.h"

#include <ctype.h>
#include <string.h>

#include "handoff/capture/capture.h"
#include "mapdiff/record/scrub.h"
#include "x86/crc32.h"

#define MOST_STRIDE      4096
#define UEFI_MAP_VERSION 1 /* EFI_MEMORY_DESCRIPTOR_VERSION, UEFI 2.10 §7.2.3 */

static void emit(void *file, const char *line, size_t bytes)
{
	fwrite(line, 1, bytes, file);
}

/* A line of any length: facts of a log are longer than those of a capture. */
static void write_text(struct capture_writer *writer, const char *key, const char *text)
{
	char *line = memory_printf("%s%s%s\n", key, *text != '\0' ? " " : "", text);
	size_t bytes = strlen(line);

	for (size_t i = 0; i + 1 < bytes; i++)
		if (!isprint((unsigned char)line[i]))
			line[i] = '?';
	writer->crc = crc32_add(writer->crc, line, bytes);
	writer->emit(writer->context, line, bytes);
}

static void write_facts(struct capture_writer *writer, const struct record *record)
{
	MEMORY_EACH(fact, record, facts)
		if (!fact_of_key(fact->key)->is_derived)
			write_text(writer, fact->key, scrub(fact->key, fact->value));
}

/* Where a record comes from, unless it says so itself: a capture does, by its program. The folder
 * of the file is nobody's business. */
static void write_origin(struct capture_writer *writer, const struct record *record)
{
	const char *slash = strrchr(record->name, '/');

	if (record->source == SOURCE_CAPTURE || record_fact(record, FACT_ORIGIN) != NULL)
		return;
	write_text(writer, "origin",
	           scrub("origin", memory_printf("%s, %s", slash != NULL ? slash + 1 : record->name,
	                                         record_source_name(record->source))));
}

/* Descriptors of the size that the firmware's had, as far as that is known. */
static void write_uefi(struct capture_writer *writer, const struct record *record)
{
	const size_t descriptor_bytes = sizeof(struct uefi_descriptor);
	uint64_t stride;
	char *bytes;

	if (record->n_uefi == 0)
		return;
	if (!record_fact_number(record, FACT_UEFI_MAP, &stride) || stride < descriptor_bytes ||
	    stride > MOST_STRIDE)
		stride = descriptor_bytes;
	bytes = memory_alloc(record->n_uefi, stride);
	for (size_t i = 0; i < record->n_uefi; i++)
		memcpy(bytes + i * stride, &record->uefi[i], descriptor_bytes);
	capture_uefi_map(writer, &(struct uefi_map){ bytes, record->n_uefi * stride, stride },
	                 UEFI_MAP_VERSION);
}

static void write_acpi(struct capture_writer *writer, const struct record *record)
{
	MEMORY_EACH(from, record, acpi) {
		struct acpi_table table = {
			.paddr = from->paddr,
			.length_bytes = from->length_bytes,
			.revision = (uint8_t)from->revision,
			.sum_ok = true,
			.found_through = "-",
		};

		memcpy(table.signature, from->signature, sizeof table.signature);
		capture_acpi(writer, &table, from->has_crc32, from->crc32);
		if (from->identity != NULL && *from->identity != '\0')
			write_text(writer, "acpi-identity", from->identity);
	}
}

/* Those of ACPI tables are made from the tables. */
static void write_landmarks(struct capture_writer *writer, const struct record *record)
{
	MEMORY_EACH(landmark, record, landmarks) {
		const struct record_span_key *key = &record_span_keys[landmark->kind];
		struct span span = { landmark->start_paddr, landmark->end_paddr };

		if (landmark->kind == LANDMARK_CONFIG_TABLE)
			capture_line(writer, "config-table", "0x%016" PRIx64 " - %s",
			             span.start_paddr, landmark->name);
		else if (key->key != NULL)
			capture_span(writer, key->key, span,
			             strcmp(landmark->name, key->name) != 0 ? landmark->name
			                                                    : NULL);
	}
}

static void write_pin(struct capture_writer *writer, const struct record_pin *pin)
{
	if (!pin->is_known)
		return;
	capture_line(writer, "last-pin",
	             "0x%016" PRIx64 " 0x%016" PRIx64 " 0x%" PRIx64 " 0x%" PRIx64,
	             pin->block.start_paddr, pin->block.end_paddr, pin->served_bytes,
	             pin->refused_bytes);
	MEMORY_EACH(owner, pin, owners)
		capture_line(writer, "last-pin-owner",
		             "0x%016" PRIx64 " 0x%" PRIx64 " 0x%" PRIx64 " 0x%" PRIx64 "%s%s",
		             owner->paddr, owner->image_bytes, owner->served_bytes,
		             owner->refused_bytes, *owner->name != '\0' ? " " : "",
		             scrub("last-pin-owner", owner->name));
	MEMORY_EACH(asked, pin, asked)
		capture_line(writer, "last-pin-asked", "%" PRIu32 " %" PRIu64 " 0x%" PRIx64,
		             asked->type, asked->n, asked->bytes);
}

static void write_bins(struct capture_writer *writer, const struct record *record)
{
	MEMORY_EACH(bin, record, bins)
		capture_line(writer, "bin", "%u %" PRIu64 " %s", bin->type, bin->n_pages,
		             uefi_type_name(bin->type));
}

/* As it was printed, with checksums where it is the map that hibernation looks at. */
static void write_e820(struct capture_writer *writer, const struct record *record)
{
	MEMORY_EACH(range, record, e820_printed)
		if (!e820_is_empty(range) && range->type != E820_NONE)
			capture_e820_range(writer, range);
	if (record->e820.n_ranges == 0)
		return;
	if (record->e820_view >= VIEW_KERNEL)
		capture_line(writer, "e820-view", "%s", record_view_names[record->e820_view]);
	else if (record_tells_types(record))
		capture_e820_checksums(writer, &record->e820);
}

static void write_target(struct capture_writer *writer, const char *name,
                         const struct record_target *target)
{
	if (!target->is_known)
		return;
	if (target->failure != NULL)
		capture_line(writer, "no-bitmap", "%s %s", name, target->failure);
	if (target->max_pfn > 0)
		capture_line(writer, "max-pfn", "%s 0x%" PRIx64, name, target->max_pfn);
	if (target->max_low_pfn > 0)
		capture_line(writer, "max-low-pfn", "%s 0x%" PRIx64, name, target->max_low_pfn);
	MEMORY_EACH(run, target, free)
		capture_line(writer, "free", "%s 0x%" PRIx64 " 0x%" PRIx64, name, run->start_pfn,
		             run->end_pfn);
	MEMORY_EACH(reservation, target, reservations)
		capture_reservation(writer, name, reservation);
}

void write_capture(FILE *file, const struct record *record)
{
	struct capture_writer writer;

	capture_begin(&writer, emit, file);
	write_origin(&writer, record);
	write_facts(&writer, record);
	if (record->is_uefi_accepted)
		write_text(&writer, "taken", "accepted");
	write_uefi(&writer, record);
	write_landmarks(&writer, record);
	write_pin(&writer, &record->pin);
	write_acpi(&writer, record);
	write_bins(&writer, record);
	write_e820(&writer, record);
	for (size_t i = 0; i < RECORD_TARGETS; i++)
		write_target(&writer, record_target_names[i], &record->targets[i]);
	if (record->n_faults == 0) /* what is damaged is not whole as a capture, either */
		capture_end(&writer);
}
