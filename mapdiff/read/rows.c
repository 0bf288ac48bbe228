/* rows.c - the tables of UEFI Shell and GRUB -> records: see rows.h. */
#include "mapdiff/read/rows.h"

#include <ctype.h>
#include <string.h>

#include "mapdiff/base/memory.h"

#define MOST_QUOTED     78
#define TYPE_HEX_DIGITS 8
#define ADDRESS_DIGITS  16
#define MOST_TIME       40

/* In lower case, without the signs between the words: edk2's Shell has BS_Data, and BootServiceData
 * with -sfo; the EFI Shell before it had BS_data; GRUB has BS-data. */
static const struct {
	const char *name;
	uint32_t type;
} type_names[] = {
	{ "reserved", UEFI_RESERVED },
	{ "loadercode", UEFI_LOADER_CODE },
	{ "ldrcode", UEFI_LOADER_CODE },
	{ "loaderdata", UEFI_LOADER_DATA },
	{ "ldrdata", UEFI_LOADER_DATA },
	{ "bscode", UEFI_BOOT_SERVICES_CODE },
	{ "bootservicecode", UEFI_BOOT_SERVICES_CODE },
	{ "bootservicescode", UEFI_BOOT_SERVICES_CODE },
	{ "bsdata", UEFI_BOOT_SERVICES_DATA },
	{ "bootservicedata", UEFI_BOOT_SERVICES_DATA },
	{ "bootservicesdata", UEFI_BOOT_SERVICES_DATA },
	{ "rtcode", UEFI_RUNTIME_SERVICES_CODE },
	{ "runtimecode", UEFI_RUNTIME_SERVICES_CODE },
	{ "runtimeservicescode", UEFI_RUNTIME_SERVICES_CODE },
	{ "rtdata", UEFI_RUNTIME_SERVICES_DATA },
	{ "runtimedata", UEFI_RUNTIME_SERVICES_DATA },
	{ "runtimeservicesdata", UEFI_RUNTIME_SERVICES_DATA },
	{ "available", UEFI_CONVENTIONAL },
	{ "conventional", UEFI_CONVENTIONAL },
	{ "conventionalmemory", UEFI_CONVENTIONAL },
	{ "convmem", UEFI_CONVENTIONAL },
	{ "unusable", UEFI_UNUSABLE },
	{ "unusablememory", UEFI_UNUSABLE },
	{ "acpirec", UEFI_ACPI_RECLAIM },
	{ "acpirecl", UEFI_ACPI_RECLAIM },
	{ "acpireclaim", UEFI_ACPI_RECLAIM },
	{ "acpireclaimmemory", UEFI_ACPI_RECLAIM },
	{ "acpinvs", UEFI_ACPI_NVS },
	{ "acpimemorynvs", UEFI_ACPI_NVS },
	{ "mmio", UEFI_MMIO },
	{ "memmapio", UEFI_MMIO },
	{ "memorymappedio", UEFI_MMIO },
	{ "mmioport", UEFI_MMIO_PORT_SPACE },
	{ "memportio", UEFI_MMIO_PORT_SPACE },
	{ "ioports", UEFI_MMIO_PORT_SPACE },
	{ "memorymappedioportspace", UEFI_MMIO_PORT_SPACE },
	{ "palcode", UEFI_PAL_CODE },
	{ "persist", UEFI_PERSISTENT },
	{ "persistent", UEFI_PERSISTENT },
	{ "persistentmemory", UEFI_PERSISTENT },
	{ "unaccepted", UEFI_UNACCEPTED },
	{ "unacceptedmemory", UEFI_UNACCEPTED },
};

static bool is_name(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-';
}

static bool names_type(const char *word, size_t bytes, const char *name)
{
	for (size_t i = 0; i < bytes; i++) {
		if (word[i] == '_' || word[i] == '-')
			continue;
		if (tolower((unsigned char)word[i]) != *name)
			return false;
		name++;
	}
	return *name == '\0';
}

/* Types of OEMs and of operating systems are numbers: eight digits in the Shell, "Unk 70000001" in
 * GRUB. */
static bool take_number(const struct line *line, size_t *at, uint32_t *ret_type)
{
	size_t here = *at, first;
	bool is_grub = line_take(line, &here, "Unk ");
	uint64_t value;

	first = here;
	if (!line_take_hex(line, &here, &value) || value > UINT32_MAX ||
	    (!is_grub && here - first != TYPE_HEX_DIGITS) ||
	    (here < line->bytes && is_name(line->start[here])))
		return false;
	*at = here;
	*ret_type = (uint32_t)value;
	return true;
}

bool line_take_uefi_type(const struct line *line, size_t *at, uint32_t *ret_type)
{
	size_t bytes = 0;

	while (*at + bytes < line->bytes && is_name(line->start[*at + bytes]))
		bytes++;
	for (size_t i = 0; i < sizeof type_names / sizeof type_names[0]; i++) {
		if (bytes > 0 && names_type(line->start + *at, bytes, type_names[i].name)) {
			*at += bytes;
			*ret_type = type_names[i].type;
			return true;
		}
	}
	return take_number(line, at, ret_type);
}

bool extent_agrees(const struct uefi_descriptor *descriptor, uint64_t last_paddr)
{
	return descriptor->start_paddr + pfn_paddr(descriptor->n_pages) - 1 == last_paddr;
}

/* Is there nothing more, but blanks and what terminals and pages on the web put there? */
static bool is_done(const struct line *line, size_t at)
{
	line_skip_blanks(line, &at);
	return at == line->bytes || strchr("\r|`", line->start[at]) != NULL;
}

/* START-END PAGES. */
static bool take_extent(const struct line *line, size_t *at, struct uefi_descriptor *descriptor,
                        const char **ret_problem)
{
	uint64_t last_paddr;

	line_skip_blanks(line, at);
	if (!line_take_hex(line, at, &descriptor->start_paddr))
		return false;
	line_skip_blanks(line, at);
	if (!line_take(line, at, "-"))
		return false;
	line_skip_blanks(line, at);
	if (!line_take_hex(line, at, &last_paddr))
		return false;
	line_skip_blanks(line, at);
	if (!line_take_hex(line, at, &descriptor->n_pages))
		return false;
	if (!extent_agrees(descriptor, last_paddr))
		*ret_problem = "the end of this row and its number of pages do not agree";
	return true;
}

/* Do @n characters of an address follow, or what is read for them from a photograph? */
static bool has_digits(const struct line *line, size_t at, size_t n)
{
	line_skip_blanks(line, &at);
	for (; n > 0 && at < line->bytes; at++, n--) {
		char c = line->start[at];

		if (!isxdigit((unsigned char)c) && c != 'O' && c != 'o')
			return false;
	}
	return n == 0;
}

static void skip_word(const struct line *line, size_t *at)
{
	while (*at < line->bytes && !isspace((unsigned char)line->start[*at]))
		++*at;
}

bool line_take_row(const struct line *line, size_t at,
                   bool (*take_attribute)(const struct line *line, size_t *at,
                                          uint64_t *ret_attribute),
                   struct uefi_descriptor *ret_descriptor, const char **ret_problem)
{
	bool has_type = line_take_uefi_type(line, &at, &ret_descriptor->type);

	*ret_problem = NULL;
	if (!has_type)
		skip_word(line, &at);
	/* Words in between, of a page or a log, are no damage. */
	if (!has_digits(line, at, has_type ? 4 : ADDRESS_DIGITS))
		return false;
	if (!take_extent(line, &at, ret_descriptor, ret_problem))
		*ret_problem = "this row cannot be read";
	else if (!has_type)
		*ret_problem = "the type of this row is not known";
	else if (*ret_problem == NULL &&
	         (!take_attribute(line, &at, &ret_descriptor->attribute) || !is_done(line, at)))
		*ret_problem = "the attributes of this row cannot be read";
	return true;
}

void rows_fault(struct record *record, const struct line *line, size_t at, const char *problem)
{
	char quoted[MOST_QUOTED + 1];
	size_t bytes = 0;

	for (; at < line->bytes && bytes < MOST_QUOTED; at++)
		quoted[bytes++] = isprint((unsigned char)line->start[at]) ? line->start[at] : '?';
	while (bytes > 0 && quoted[bytes - 1] == ' ')
		bytes--;
	record_add_fault(record, line->number, "%s: %.*s", problem, (int)bytes, quoted);
}

/* "[10:25:43.123]", "[2026-11-22 10:25:43]": what programs for a serial line put before each. */
static bool skip_time(const struct line *line, size_t *at)
{
	size_t i = *at;

	if (!line_take(line, &i, "["))
		return false;
	while (i < line->bytes && i - *at < MOST_TIME &&
	       (isdigit((unsigned char)line->start[i]) ||
	        strchr(" :.,-+TZ", line->start[i]) != NULL))
		i++;
	if (!line_take(line, &i, "]"))
		return false;
	*at = i;
	return true;
}

/* The question for a key, where it is not written over but wiped out with blanks. */
static bool skip_pause(const struct line *line, size_t *at)
{
	return line_take(line, at, "--MORE--") ||
	       line_take(line, at, "Press ENTER to continue or 'Q' break:");
}

size_t line_skip_frame(const struct line *line)
{
	const char *over = memrchr(line->start, '\r', line->bytes);
	size_t at = over != NULL ? (size_t)(over - line->start) + 1 : 0;

	while (at < line->bytes) {
		if (strchr(" \t>|`", line->start[at]) != NULL)
			at++;
		else if (!skip_time(line, &at) && !skip_pause(line, &at))
			break;
	}
	return at;
}

/* Is there what only a row has, "0000000000001000-000000000009FFFF", anywhere in the line? */
static bool has_extent(const struct line *line)
{
	size_t at = 0;

	while (line_find(line, &at, "-")) {
		at++;
		if (at > ADDRESS_DIGITS &&
		    has_digits(line, at - 1 - ADDRESS_DIGITS, ADDRESS_DIGITS) &&
		    isxdigit((unsigned char)line->start[at - 1 - ADDRESS_DIGITS]) &&
		    has_digits(line, at, ADDRESS_DIGITS))
			return true;
	}
	return false;
}

static void finish_map(struct rows *rows)
{
	struct record *record = rows->n_records > 0 ? rows->records[rows->n_records - 1] : NULL;

	/* Totals that do not fit are no news where a row is known to be damaged. */
	if (record != NULL && record->n_faults == 0 && rows->kind->check != NULL)
		rows->kind->check(rows, record);
}

static struct record *begin_map(struct rows *rows, const char *name)
{
	finish_map(rows);
	rows->is_over = false;
	memset(rows->has_total, 0, sizeof rows->has_total);
	return *MEMORY_ADD(rows, records) = record_new(name, rows->kind->source);
}

static void read_line(struct rows *rows, const struct input *input, const struct line *line)
{
	struct record *record = rows->n_records > 0 ? rows->records[rows->n_records - 1] : NULL;
	struct uefi_descriptor descriptor = { 0 };
	const char *problem = NULL;
	size_t at = line_skip_frame(line);

	if (rows->kind->is_header(line, at)) {
		begin_map(rows, input->name);
	} else if (rows->kind->take_row(line, at, &descriptor, &problem)) {
		if (record == NULL || (rows->is_over && problem == NULL))
			record = begin_map(rows, input->name);
		if (problem == NULL)
			record_add_uefi(record, &descriptor);
		else if (!rows->is_over)
			rows_fault(record, line, at, problem);
	} else if (record != NULL && rows->kind->take_total != NULL &&
	           rows->kind->take_total(rows, line, at)) {
		rows->is_over = true;
	} else if (record != NULL && !rows->is_over && has_extent(line)) {
		rows_fault(record, line, at, "this row cannot be read");
	}
}

bool rows_recognize(const struct rows_kind *kind, const struct line *line)
{
	struct uefi_descriptor descriptor = { 0 };
	const char *problem = NULL;
	size_t at = line_skip_frame(line);

	return kind->is_header(line, at) ||
	       (kind->take_row(line, at, &descriptor, &problem) && problem == NULL);
}

size_t rows_read(const struct rows_kind *kind, const struct input *input,
                 struct record ***ret_records)
{
	struct rows rows = { .kind = kind };
	struct line line = { 0 };

	while (input_next_line(input, &line))
		read_line(&rows, input, &line);
	finish_map(&rows);
	*ret_records = rows.records;
	return rows.n_records;
}
