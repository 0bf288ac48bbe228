/* rows.c - the tables of UEFI Shell and GRUB -> records: see rows.h. */
#include "mapdiff/read/rows.h"

#include <ctype.h>
#include <string.h>

#include "mapdiff/read/names.h"

#define TYPE_HEX_DIGITS 8
#define ADDRESS_DIGITS  16

static bool is_name(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-';
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

bool rows_take_type(const struct line *line, size_t *at, uint32_t *ret_type)
{
	size_t bytes = 0;

	while (*at + bytes < line->bytes && is_name(line->start[*at + bytes]))
		bytes++;
	if (!names_uefi_type(line->start + *at, bytes, ret_type))
		return take_number(line, at, ret_type);
	*at += bytes;
	return true;
}

const char *rows_extent_problem(const struct uefi_descriptor *descriptor, uint64_t last_paddr)
{
	return descriptor->start_paddr + pfn_paddr(descriptor->n_pages) - 1 == last_paddr
	               ? NULL
	               : "the end of this row and its number of pages do not agree";
}

/* Is there nothing more, but blanks and what terminals and pages on the web put there? */
static bool is_done(const struct line *line, size_t at)
{
	line_skip_blanks(line, &at);
	return at == line->bytes || strchr("\r|`", line->start[at]) != NULL;
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

static bool take_plain_row(const struct rows_kind *kind, const struct line *line, size_t at,
                           struct uefi_descriptor *ret_descriptor, const char **ret_problem)
{
	bool has_type = rows_take_type(line, &at, &ret_descriptor->type);
	uint64_t last_paddr;

	if (!has_type)
		skip_word(line, &at);
	/* Words in between, of a page or a log, are no damage. */
	if (!has_digits(line, at, has_type ? 4 : ADDRESS_DIGITS))
		return false;
	if (!line_take_all(line, &at, " %x - %x %x", &ret_descriptor->start_paddr, &last_paddr,
	                   &ret_descriptor->n_pages))
		*ret_problem = "this row cannot be read";
	else if (!has_type)
		*ret_problem = "the type of this row is not known";
	else
		*ret_problem = rows_extent_problem(ret_descriptor, last_paddr);
	if (*ret_problem == NULL &&
	    (!kind->take_attribute(line, &at, &ret_descriptor->attribute) || !is_done(line, at)))
		*ret_problem = "the attributes of this row cannot be read";
	return true;
}

static bool take_row(const struct rows_kind *kind, const struct line *line, size_t at,
                     struct uefi_descriptor *ret_descriptor, const char **ret_problem)
{
	*ret_descriptor = (struct uefi_descriptor){ 0 };
	*ret_problem = NULL;
	return kind->take_row != NULL ? kind->take_row(line, at, ret_descriptor, ret_problem)
	                              : take_plain_row(kind, line, at, ret_descriptor, ret_problem);
}

/* Is there what only a row has, "0000000000001000-000000000009FFFF", anywhere in the line? */
static bool has_extent(const struct line *line)
{
	size_t dash = ADDRESS_DIGITS;

	for (; dash < line->bytes && line_find(line, &dash, "-"); dash++)
		if (isxdigit((unsigned char)line->start[dash - ADDRESS_DIGITS]) &&
		    has_digits(line, dash - ADDRESS_DIGITS, ADDRESS_DIGITS) &&
		    has_digits(line, dash + 1, ADDRESS_DIGITS))
			return true;
	return false;
}

/* --- totals --- */

/* The shell counted some types among others before they had a line of their own. */
static uint32_t counted_as(const struct rows *rows, uint32_t type)
{
	if (type == UEFI_PERSISTENT && !rows->has_total[type])
		return UEFI_CONVENTIONAL;
	if (type == UEFI_UNACCEPTED && !rows->has_total[type])
		return UEFI_PAL_CODE;
	return type;
}

/* What they say that the rows do not. */
static void check_totals(const struct rows *rows, struct record *record)
{
	uint64_t n_pages[UEFI_TYPE_COUNT] = { 0 };

	for (size_t i = 0; i < record->n_uefi; i++)
		if (record->uefi[i].type < UEFI_TYPE_COUNT)
			n_pages[counted_as(rows, record->uefi[i].type)] += record->uefi[i].n_pages;
	for (uint32_t type = 0; type < UEFI_TYPE_COUNT; type++)
		if (rows->has_total[type] && rows->total_pages[type] != n_pages[type])
			record_add_fault(
				record, rows->total_line[type],
				"rows are missing: the total has %" PRIu64 " pages of %s, the "
				"rows above it have %" PRIu64,
				rows->total_pages[type], uefi_type_name(type), n_pages[type]);
}

/* --- maps --- */

static void finish_map(struct rows *rows)
{
	struct record *record = records_last(rows->records);

	/* Totals that do not fit are no news where a row is known to be damaged. */
	if (record != NULL && record->n_faults == 0)
		check_totals(rows, record);
}

static struct record *begin_map(struct rows *rows, const char *name)
{
	finish_map(rows);
	rows->is_over = false;
	memset(rows->has_total, 0, sizeof rows->has_total);
	return records_add(rows->records, name, rows->kind->source);
}

static bool is_header(const struct rows_kind *kind, const struct line *line, size_t at)
{
	return line_take_all(line, &at, kind->header);
}

static void read_line(struct rows *rows, const struct input *input, const struct line *line)
{
	struct record *record = records_last(rows->records);
	struct uefi_descriptor descriptor;
	const char *problem;
	size_t at = line_skip_frame(line);

	if (is_header(rows->kind, line, at)) {
		begin_map(rows, input->name);
	} else if (take_row(rows->kind, line, at, &descriptor, &problem)) {
		if (record == NULL || (rows->is_over && problem == NULL))
			record = begin_map(rows, input->name);
		if (problem == NULL)
			*MEMORY_ADD(record, uefi) = descriptor;
		else if (!rows->is_over)
			line_fault(record, line, at, "%s", problem);
	} else if (record != NULL && rows->kind->take_total != NULL &&
	           rows->kind->take_total(rows, line, at)) {
		rows->is_over = true;
	} else if (record != NULL && !rows->is_over && has_extent(line)) {
		line_fault(record, line, at, "this row cannot be read");
	}
}

bool rows_recognize(const struct rows_kind *kind, const struct line *line)
{
	struct uefi_descriptor descriptor;
	const char *problem;
	size_t at = line_skip_frame(line);

	return is_header(kind, line, at) ||
	       (take_row(kind, line, at, &descriptor, &problem) && problem == NULL);
}

void rows_read(const struct rows_kind *kind, const struct input *input, struct records *records)
{
	struct rows rows = { .kind = kind, .records = records };
	struct line line = { 0 };

	while (line_next(input, &line))
		read_line(&rows, input, &line);
	finish_map(&rows);
}
