/* rows.c - the tables of UEFI Shell and GRUB -> records: see rows.h. */
#include "mapdiff/read/rows.h"

#include <ctype.h>
#include <string.h>

#include "mapdiff/base/text.h"
#include "mapdiff/read/names.h"

#define TYPE_HEX_DIGITS 8
#define ADDRESS_DIGITS  16
#define ROW_DIGITS      4   /* of an address behind a type make a row */
#define MOST_JOINED     16  /* lines of one entry */
#define MOST_BROKEN     300 /* bytes of a row that was broken in two */

static bool is_name(int c)
{
	return isalnum(c) || c == '_' || c == '-';
}

/* Types of OEMs and of operating systems are numbers: eight digits in the Shell, "Unk 70000001" in
 * GRUB. */
static bool take_number(struct line *line, uint32_t *ret_type)
{
	struct line rest = *line;
	bool is_grub = line_take(&rest, "Unk ");
	const char *digits = rest.start;
	uint64_t value;

	if (!line_take_hex(&rest, &value) || value > UINT32_MAX ||
	    (!is_grub && rest.start - digits != TYPE_HEX_DIGITS) || is_name(line_first(&rest)))
		return false;
	*line = rest;
	*ret_type = (uint32_t)value;
	return true;
}

bool rows_take_type(struct line *line, uint32_t *ret_type)
{
	struct line rest = *line;

	while (is_name(line_first(&rest)))
		line_move(&rest, 1);
	if (!names_uefi_type(line->start, line->bytes - rest.bytes, ret_type))
		return take_number(line, ret_type);
	*line = rest;
	return true;
}

const char *rows_extent_problem(const struct uefi_descriptor *descriptor, uint64_t last_paddr)
{
	return descriptor->start_paddr + pfn_paddr(descriptor->n_pages) - 1 == last_paddr
	               ? NULL
	               : "the end of this row and its number of pages do not agree";
}

/* How many digits of an address follow, or of what is read for them from a photograph? */
static size_t count_digits(struct line line)
{
	return line_skip(&line, "0123456789abcdefABCDEFoO");
}

bool rows_take_row(const struct rows_kind *kind, struct line line,
                   struct uefi_descriptor *ret_descriptor, const char **ret_problem)
{
	bool has_type = rows_take_type(&line, &ret_descriptor->type), has_attribute;
	uint64_t last_paddr;

	while (!has_type && line.bytes > 0 && !isspace(line_first(&line)))
		line_move(&line, 1);
	line_skip_blanks(&line);
	/* Words in between, of a page or a log, are no damage. */
	if (count_digits(line) < (has_type ? ROW_DIGITS : ADDRESS_DIGITS))
		return false;
	if (!line_take_all(&line, "%x - %x %x", &ret_descriptor->start_paddr, &last_paddr,
	                   &ret_descriptor->n_pages))
		*ret_problem = "this row cannot be read";
	else if (!has_type)
		*ret_problem = "the type of this row is not known";
	else
		*ret_problem = rows_extent_problem(ret_descriptor, last_paddr);
	if (*ret_problem != NULL)
		return true;
	has_attribute = kind->take_attribute(&line, &ret_descriptor->attribute);
	line_skip_blanks(&line);
	/* Then nothing, but what terminals and pages on the web put there. */
	if (!has_attribute || strchr("\r|`", line_first(&line)) == NULL)
		*ret_problem = "the attributes of this row cannot be read";
	return true;
}

/* Is there what only a row has, "0000000000001000-000000000009FFFF", anywhere in the line? It
 * is no row to rows_take_row() where the first of its digits are damaged. */
static bool has_extent(struct line line)
{
	while (line.bytes > 0) {
		size_t n = count_digits(line);

		line_move(&line, n > 0 ? n : 1);
		if (n >= ADDRESS_DIGITS - ROW_DIGITS && line_take_all(&line, "- ") &&
		    count_digits(line) >= ADDRESS_DIGITS)
			return true;
	}
	return false;
}

/* The shell counted some types among others before they had a line of their own. */
static uint32_t counted_as(const struct rows *rows, uint32_t type)
{
	if (type == UEFI_PERSISTENT && !rows->totals[type].is_there)
		return UEFI_CONVENTIONAL;
	if (type == UEFI_UNACCEPTED && !rows->totals[type].is_there)
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
	for (uint32_t type = 0; type < UEFI_TYPE_COUNT; type++) {
		const struct rows_total *total = &rows->totals[type];

		if (total->is_there && total->n_pages != n_pages[type])
			record_add_fault(
				record, total->line,
				"rows are missing: the total has %s of %s, the rows above it "
				"have %" PRIu64,
				text_count(total->n_pages, "page"), uefi_type_name(type),
				n_pages[type]);
	}
}

static void finish_map(struct rows *rows)
{
	struct record *record = records_last(rows->records);

	/* Totals tell themselves whether there were more. */
	if (record != NULL && !rows->is_over)
		gaps_end(&rows->gaps, record);
	if (record != NULL && rows->kind->finish != NULL)
		rows->kind->finish(record);
	/* Totals that do not fit are no news where a row is known to be damaged. */
	if (record != NULL && record->n_faults == 0)
		check_totals(rows, record);
}

static struct record *begin_map(struct rows *rows, const char *name)
{
	struct record *record;

	finish_map(rows);
	*rows = (struct rows){ .kind = rows->kind, .records = rows->records };
	record = records_add(rows->records, name, rows->kind->source);
	record->e820_view = rows->kind->view;
	return record;
}

/* What a row says. */
struct row {
	struct uefi_descriptor descriptor;
	struct e820_range range;
	paddr_t start_paddr;
	const char *problem;
};

static bool take_row(const struct rows_kind *kind, struct line line, struct row *ret)
{
	bool is_row;

	*ret = (struct row){ 0 };
	is_row = kind->take_range != NULL
	                 ? kind->take_range(line, &ret->range, &ret->problem)
	                 : kind->take_row(kind, line, &ret->descriptor, &ret->problem);
	ret->start_paddr =
		kind->take_range != NULL ? ret->range.start_paddr : ret->descriptor.start_paddr;
	return is_row;
}

/* Does a map begin with this row? */
static bool begins_map(const struct rows *rows, const struct record *record, const struct row *row)
{
	if (record == NULL)
		return true;
	if (row->problem != NULL)
		return false;
	return rows->is_over ||
	       (rows->kind->header == NULL &&
	        ((record->n_uefi > 1 && record->uefi[0].start_paddr == row->start_paddr) ||
	         (record->n_e820_printed > 1 &&
	          record->e820_printed[0].start_paddr == row->start_paddr)));
}

static void add_row(const struct rows_kind *kind, struct record *record, const struct row *row)
{
	const struct e820_range *range = &row->range;

	if (kind->take_range == NULL)
		*MEMORY_ADD(record, uefi) = row->descriptor;
	else if (!e820_is_empty(range))
		record_add_e820(record, range->start_paddr, range->end_paddr, range->type);
}

/* NULL, or which rows are missing before @line. */
static const char *check_number(struct rows *rows, struct line line)
{
	const uint64_t expected = rows->next_number;
	const bool has_number = rows->has_number;
	uint64_t number;

	rows->has_number =
		rows->kind->take_number != NULL && rows->kind->take_number(line, &number);
	if (!rows->has_number)
		return NULL;
	rows->next_number = number + 1;
	return has_number && number > expected
	               ? memory_printf("%s %s missing before this line",
	                               text_count(number - expected, "row"),
	                               number - expected == 1 ? "is" : "are")
	               : NULL;
}

/* "INFO: ", which a logger has put before an entry; not what quotes it. */
static struct line find_prefix(const struct rows_kind *kind, struct line line)
{
	struct line entry = line, letters;

	if (kind->opening == NULL || !line_find(&entry, kind->opening))
		return line_head(&line, 0);
	line.bytes -= entry.bytes;
	for (letters = line; letters.bytes > 0; line_move(&letters, 1))
		if (isalpha(line_first(&letters)))
			return line;
	return letters;
}

/* @line is a row of @record; @is_first: of all that a map can have. */
static void note_row(struct rows *rows, struct record *record, const struct line *line,
                     const struct line *whole, bool is_first)
{
	const uint64_t expected = rows->next_number;
	const bool has_number = rows->has_number;
	const char *missing = check_number(rows, *whole);

	if (has_number && rows->has_number && rows->next_number == expected + 1)
		gaps_settle(&rows->gaps);
	gaps_take(&rows->gaps, record, line, is_first);
	line_fault(record, line, missing);
	rows->prefix = find_prefix(rows->kind, *whole);
}

static bool is_header(const struct rows_kind *kind, struct line line)
{
	return kind->header != NULL && line_take_all(&line, kind->header);
}

/* What @line says, which is no row. What begins as the rows do is of the same log. */
static enum gap find_gap(const struct rows *rows, struct line line)
{
	const struct line *prefix = &rows->prefix;
	enum gap gap = gaps_find(line);
	bool is_of_log = prefix->bytes > 0 && line.bytes > prefix->bytes &&
	                 memcmp(line.start, prefix->start, prefix->bytes) == 0;

	return gap == GAP_DOUBT && is_of_log ? GAP_NONE : gap;
}

static void read_line(struct rows *rows, const struct input *input, struct line line)
{
	const struct line whole = line;
	const struct rows_kind *kind = rows->kind;
	struct record *record = records_last(rows->records);
	struct row row;

	line_skip_frame(&line);
	if (is_header(kind, line)) {
		begin_map(rows, input->name);
	} else if (take_row(kind, line, &row)) {
		if (record == NULL && kind->is_loose && row.problem != NULL)
			return;
		if (begins_map(rows, record, &row))
			record = begin_map(rows, input->name);
		note_row(rows, record, &line, &whole, row.start_paddr == 0);
		if (row.problem == NULL)
			add_row(kind, record, &row);
		else if (!rows->is_over)
			line_fault(record, &line, row.problem);
	} else if (record == NULL) {
		return;
	} else if (kind->take_total != NULL && kind->take_total(rows, line)) {
		rows->is_over = true;
	} else if (!rows->is_over && kind->header != NULL && has_extent(whole)) {
		line_fault(record, &line, "this row cannot be read");
	} else {
		gaps_note(&rows->gaps, record, &whole, find_gap(rows, whole));
	}
}

bool rows_recognize(const struct rows_kind *kind, struct line line)
{
	struct line opening = line;
	struct row row;

	if (kind->opening != NULL)
		return line_find(&opening, kind->opening);
	line_skip_frame(&line);
	return is_header(kind, line) || (take_row(kind, line, &row) && row.problem == NULL);
}

/* A row that a mail broke: with the next line it is one that can be read. */
static struct line mend(const struct rows_kind *kind, const struct input *input, struct line *line)
{
	struct line start = *line, next = *line, whole = *line, alone;
	struct bytes text = { 0 };
	struct row row;

	line_skip_frame(&start);
	if (!take_row(kind, start, &row) || (row.problem == NULL && !kind->is_strict) ||
	    !line_next(input, &next))
		return *line;
	alone = next;
	line_skip_frame(&alone);
	if (alone.bytes == 0 || alone.bytes + start.bytes > MOST_BROKEN ||
	    take_row(kind, alone, &row))
		return *line;
	memory_append(&text, "%.*s %.*s", (int)start.bytes, start.start, (int)alone.bytes,
	              alone.start);
	whole.start = text.text;
	whole.bytes = text.n_text;
	if (!take_row(kind, whole, &row) || row.problem != NULL)
		return *line;
	*line = next;
	return whole;
}

/* An entry that begins in *line, as one line; *line is its last then. */
static struct line join(const struct rows_kind *kind, const struct input *input, struct line *line)
{
	struct line entry = *line, next = *line;
	struct bytes text = { 0 };

	if (kind->opening == NULL)
		return mend(kind, input, line);
	if (!line_find(&entry, kind->opening) || memchr(entry.start, '}', entry.bytes) != NULL)
		return *line;
	memory_append(&text, "%.*s", (int)entry.bytes, entry.start);
	for (size_t n = 0; n < MOST_JOINED && line_next(input, &next); n++) {
		struct line piece = next, another = next;

		if (line_find(&another, kind->opening))
			break;
		line_skip_frame(&piece);
		memory_append(&text, " %.*s", (int)piece.bytes, piece.start);
		if (memchr(piece.start, '}', piece.bytes) != NULL) {
			*line = next;
			return (struct line){ text.text, text.n_text, entry.number };
		}
	}
	return *line;
}

void rows_read(const struct rows_kind *kind, const struct input *input, struct records *records)
{
	struct rows rows = { .kind = kind, .records = records };
	struct line line = { 0 };

	while (line_next(input, &line))
		read_line(&rows, input, join(kind, input, &line));
	finish_map(&rows);
}
