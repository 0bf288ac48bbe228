/*
 * tables.c - two records -> what differs beside the e820 map: ACPI tables, conditions, and the UEFI
 * descriptors behind the map, of which e820 shows only some.
 */
#include "mapdiff/diff/diff.h"

#include <stdlib.h>
#include <string.h>

#include "mapdiff/base/memory.h"
#include "mapdiff/report/output.h"
#include "mapdiff/base/sorted.h"
#include "mapdiff/map/rules.h"

/* --- ACPI tables --- */

/* Tables of one signature (SSDTs are many) are told apart by identity, then by address. */
static int compare_tables(const void *a, const void *b)
{
	const struct record_acpi *left = *(const struct record_acpi *const *)a;
	const struct record_acpi *right = *(const struct record_acpi *const *)b;
	int order = strcmp(left->signature, right->signature);

	if (order == 0)
		order = strcmp(left->identity, right->identity);
	return order != 0 ? order : compare_u64(left->paddr, right->paddr);
}

static const struct record_acpi **sorted_tables(const struct record *record)
{
	const struct record_acpi **tables = memory_alloc(record->n_acpi, sizeof *tables);

	for (size_t i = 0; i < record->n_acpi; i++)
		tables[i] = &record->acpi[i];
	qsort(tables, record->n_acpi, sizeof *tables, compare_tables);
	return tables;
}

/* "moved by +1 page, grew by 83 bytes", "contents differ"; NULL if nothing does. */
static char *table_difference(const struct record_acpi *before, const struct record_acpi *after)
{
	uint64_t n_bytes = distance_u64(before->paddr, after->paddr);
	bool in_pages = n_bytes % PAGE_BYTES == 0;
	uint64_t n_units = in_pages ? n_bytes >> PAGE_SHIFT : n_bytes;
	uint64_t n_more = distance_u64(before->length_bytes, after->length_bytes);
	struct bytes text = { 0 };

	if (n_bytes != 0)
		memory_append(&text, "moved by %c%" PRIu64 " %s%s",
		              after->paddr > before->paddr ? '+' : '-', n_units,
		              in_pages ? "page" : "byte", text_plural(n_units));
	if (before->length_bytes != 0 && after->length_bytes != 0 && n_more != 0)
		memory_append(&text, "%s%s by %" PRIu64 " byte%s", n_bytes != 0 ? ", " : "",
		              after->length_bytes > before->length_bytes ? "grew" : "shrank",
		              n_more, text_plural(n_more));
	else if (before->has_crc32 && after->has_crc32 && before->crc32 != after->crc32)
		memory_append(&text, "%scontents differ", n_bytes != 0 ? ", " : "");
	return text.text;
}

/* What a capture of ours names, and Linux does not print. */
static bool is_ours_alone(const struct diff *diff, const struct record_acpi *acpi)
{
	return acpi != NULL &&
	       (diff->before->e820_view == VIEW_BOOTMEM) !=
	               (diff->after->e820_view == VIEW_BOOTMEM) &&
	       (strcmp(acpi->signature, "RSDT") == 0 ||
	        strcmp(acpi->signature, ACPI_IMAGE_NAME) == 0);
}

static void add_table(struct diff *diff, const struct record_acpi *before,
                      const struct record_acpi *after)
{
	char *what;

	if ((before == NULL && is_ours_alone(diff, after)) ||
	    (after == NULL && is_ours_alone(diff, before)))
		return;
	what = before == NULL  ? memory_copy("appeared")
	       : after == NULL ? memory_copy("vanished")
	                       : table_difference(before, after);
	if (what != NULL)
		*MEMORY_ADD(diff, tables) = (struct table_change){ before, after, what };
}

/*
 * Tables that are in both lists by signature and identity are pairs, in the order of their
 * addresses. What is left over is paired by signature alone: a firmware update changes identities.
 */
void diff_tables(struct diff *diff)
{
	const struct record *before = diff->before, *after = diff->after;
	const struct record_acpi **left = sorted_tables(before), **right = sorted_tables(after);
	size_t n_left = 0, n_right = 0, i = 0, j = 0;

	if (before->n_acpi == 0 || after->n_acpi == 0)
		i = before->n_acpi, j = after->n_acpi; /* a log that names none */
	while (i < before->n_acpi || j < after->n_acpi) {
		int order = i == before->n_acpi ? 1 : j == after->n_acpi ? -1 : 0;

		if (order == 0)
			order = strcmp(left[i]->signature, right[j]->signature);
		if (order == 0)
			order = strcmp(left[i]->identity, right[j]->identity);
		if (order == 0)
			add_table(diff, left[i++], right[j++]);
		else if (order < 0)
			left[n_left++] = left[i++];
		else
			right[n_right++] = right[j++];
	}
	for (i = 0, j = 0; i < n_left || j < n_right;) {
		int order = i == n_left    ? 1
		            : j == n_right ? -1
		                           : strcmp(left[i]->signature, right[j]->signature);

		add_table(diff, order <= 0 ? left[i] : NULL, order >= 0 ? right[j] : NULL);
		i += order <= 0;
		j += order >= 0;
	}
}

/* --- conditions --- */

/* In the order in which they matter; what is not here, behind them. */
static const char *const first_facts[] = {
	"kernel-version",  "kernel-build",
	"command-line",    "cpu",
	"cpu-count",       "cpu-features",
	"machine",         "bios",
	"firmware-vendor", "firmware-revision",
	"uefi-revision",   "secure-boot",
	"loader",          "label",
	"policy",          "mem-limit",
	"installed-bytes", "present-pages",
};

/* What is never the same, and says nothing. */
static const char *const noise_facts[] = { "time",   "taken",      "resume-log",    "program",
	                                   "origin", "e820-crc32", "e820-ram-crc32" };

/* A boot that says nothing of these lacks the thing itself. For others, it only did not say. */
static const char *const telling_facts[] = { "label", "mem-limit", "keep-boot-services" };

static size_t find_text(const char *const *texts, size_t n_texts, const char *text)
{
	size_t i = 0;

	while (i < n_texts && strcmp(texts[i], text) != 0)
		i++;
	return i;
}
#define COUNT(table)         (sizeof(table) / sizeof(table)[0])
#define FIND_IN(table, text) find_text(table, COUNT(table), text)
#define IS_IN(table, text)   (FIND_IN(table, text) < COUNT(table))

static bool has_devices(const struct record *record)
{
	for (size_t i = 0; i < record->n_facts; i++)
		if (fact_device(record->facts[i].key) != NULL)
			return true;
	return false;
}

/* "2.70" and "2.7": Linux 6.12 prints the revision of UEFI without zeros at the end. */
static bool is_same_revision(const char *before, const char *after)
{
	size_t bytes = 0;

	while (before[bytes] != '\0' && before[bytes] == after[bytes])
		bytes++;
	return bytes > 0 && strspn(before + bytes, "0") == strlen(before + bytes) &&
	       strspn(after + bytes, "0") == strlen(after + bytes);
}

/* A capture knows more of these than a log prints, or the other way round. */
static bool is_same_name(const char *key, const char *before, const char *after)
{
	if (strcmp(key, "machine") == 0 || strcmp(key, "bios") == 0)
		return strstr(before, after) != NULL || strstr(after, before) != NULL;
	return strcmp(key, "cpu") == 0 &&
	       (strstr(before, "family: ") == NULL) != (strstr(after, "family: ") == NULL);
}

static bool is_same_fact(const struct diff *diff, const char *key, const char *before,
                         const char *after)
{
	const char *version_before = record_fact(diff->before, FACT_KERNEL_VERSION);
	const char *version_after = record_fact(diff->after, FACT_KERNEL_VERSION);

	if (strcmp(key, "uefi-revision") == 0)
		return is_same_revision(before, after);
	if (is_same_name(key, before, after))
		return true;
	/* The build of another kernel is another one anyway. */
	if (strcmp(key, "kernel-build") == 0 && version_before != NULL && version_after != NULL &&
	    strcmp(version_before, version_after) != 0)
		return true;
	return strcmp(before, after) == 0;
}

static void compare_fact(struct diff *diff, const char *key, bool both_have_devices)
{
	const char *before = record_value(diff->before, key), *after = record_value(diff->after, key);
	bool is_known = !record_is_accepted(diff->before) && !record_is_accepted(diff->after);
	bool is_telling = (IS_IN(telling_facts, key) && is_known) ||
	                  (fact_device(key) != NULL && both_have_devices);

	if (IS_IN(noise_facts, key) || ((before == NULL || after == NULL) && !is_telling))
		return;
	if (before != NULL && after != NULL && is_same_fact(diff, key, before, after))
		return;
	*MEMORY_ADD(diff, facts) = (struct fact_change){ key, before, after };
}

static int compare_fact_changes(const void *a, const void *b)
{
	const struct fact_change *left = a, *right = b;
	size_t left_rank = FIND_IN(first_facts, left->key);
	size_t right_rank = FIND_IN(first_facts, right->key);

	return left_rank != right_rank ? compare_u64(left_rank, right_rank)
	                               : strcmp(left->key, right->key);
}

void diff_facts(struct diff *diff)
{
	bool both_have_devices = has_devices(diff->before) && has_devices(diff->after);

	for (size_t i = 0; i < diff->before->n_facts; i++)
		compare_fact(diff, diff->before->facts[i].key, both_have_devices);
	for (size_t i = 0; i < diff->after->n_facts; i++)
		if (record_value(diff->before, diff->after->facts[i].key) == NULL)
			compare_fact(diff, diff->after->facts[i].key, both_have_devices);
	if (diff->n_facts > 0)
		qsort(diff->facts, diff->n_facts, sizeof *diff->facts, compare_fact_changes);
}

const struct fact_change *diff_fact(const struct diff *diff, const char *key)
{
	for (size_t i = 0; i < diff->n_facts; i++)
		if (strcmp(diff->facts[i].key, key) == 0 && diff->facts[i].before != NULL &&
		    diff->facts[i].after != NULL)
			return &diff->facts[i];
	return NULL;
}

/* --- UEFI descriptors --- */

/* A descriptor, or a part of one: bootmem's own memory is cut out. */
struct piece {
	uint32_t type;
	bool is_footprint;
	uint64_t attribute;
	paddr_t start_paddr, end_paddr;
};
struct pieces {
	struct piece *list;
	size_t n_list, list_capacity;
};
struct spans {
	struct span *list;
	size_t n_list, list_capacity;
};

/* What a capture says bootmem had or gave the kernel, sorted, touching spans as one. Captures that
 * were made of the log of another kernel say nothing of that. */
static struct spans footprint_of(const struct record *record)
{
	bool is_ours = record->source == SOURCE_CAPTURE && record->e820_view != VIEW_FIRMWARE;
	struct spans spans = { 0 };

	for (size_t i = 0; is_ours && i < record->n_landmarks; i++) {
		const struct landmark *landmark = &record->landmarks[i];
		struct span *last = spans.n_list > 0 ? &spans.list[spans.n_list - 1] : NULL;

		if (landmark->kind != LANDMARK_FOOTPRINT && landmark->kind != LANDMARK_KERNEL &&
		    landmark->kind != LANDMARK_INITRD)
			continue;
		if (last != NULL && landmark->start_paddr <= last->end_paddr)
			last->end_paddr = max_u64(last->end_paddr, landmark->end_paddr);
		else
			*MEMORY_ADD(&spans, list) =
				(struct span){ landmark->start_paddr, landmark->end_paddr };
	}
	return spans;
}

static void add_piece(struct pieces *pieces, const struct piece *whole, paddr_t start_paddr,
                      paddr_t end_paddr, bool is_footprint)
{
	struct piece *piece;

	if (start_paddr >= end_paddr)
		return;
	piece = MEMORY_ADD(pieces, list);
	*piece = *whole;
	piece->start_paddr = start_paddr;
	piece->end_paddr = end_paddr;
	piece->is_footprint = is_footprint;
}

/* @whole, with what lies in @spans apart. Wholes come sorted: *at is the span to go on with. Where
 * they overlap, a span is cut out of the first only, or this would take forever. */
static void cut_piece(struct pieces *pieces, const struct piece *whole, const struct spans *spans,
                      size_t *at)
{
	paddr_t start_paddr = whole->start_paddr;
	size_t i;

	while (*at < spans->n_list && spans->list[*at].end_paddr <= start_paddr)
		++*at;
	for (i = *at; i < spans->n_list && spans->list[i].start_paddr < whole->end_paddr; i++) {
		paddr_t from_paddr = max_u64(spans->list[i].start_paddr, start_paddr);
		paddr_t to_paddr = min_u64(spans->list[i].end_paddr, whole->end_paddr);

		add_piece(pieces, whole, start_paddr, from_paddr, false);
		add_piece(pieces, whole, from_paddr, to_paddr, true);
		start_paddr = to_paddr;
	}
	if (i > *at)
		*at = i - 1; /* the last one may go on behind */
	add_piece(pieces, whole, start_paddr, whole->end_paddr, false);
}

/* Memory of bootmem's own becomes what it would be without: free, and one with its neighbours. */
static void subtract_footprint(struct pieces *pieces)
{
	size_t n = 0;

	for (size_t i = 0; i < pieces->n_list; i++) {
		struct piece piece = pieces->list[i];
		struct piece *last = n > 0 ? &pieces->list[n - 1] : NULL;

		if (piece.is_footprint)
			piece.type = UEFI_CONVENTIONAL;
		piece.is_footprint = false;
		if (last != NULL && last->end_paddr == piece.start_paddr &&
		    last->type == piece.type && last->attribute == piece.attribute)
			last->end_paddr = piece.end_paddr;
		else
			pieces->list[n++] = piece;
	}
	pieces->n_list = n;
}

static int compare_pieces(const void *a, const void *b)
{
	const struct piece *left = a, *right = b;
	int order = compare_u64(left->type, right->type);

	if (order == 0)
		order = compare_u64(left->start_paddr, right->start_paddr);
	if (order == 0)
		order = compare_u64(left->end_paddr, right->end_paddr);
	return order != 0 ? order : compare_u64(left->attribute, right->attribute);
}

/* Boot @side's map by type; whole descriptors, unless the footprint is subtracted. */
static struct pieces pieces_of(const struct diff *diff, size_t side, const struct spans *footprint)
{
	const struct record *record = diff_record(diff, side);
	struct pieces pieces = { 0 };
	size_t at = 0;

	for (size_t i = 0; i < record->n_uefi; i++) {
		const struct uefi_descriptor *descriptor = &diff->sorted_uefi[side][i];
		struct piece whole = { .type = descriptor->type,
			               .attribute = descriptor->attribute };
		bool wraps;

		if (!uefi_descriptor_range(descriptor, &whole.start_paddr, &whole.end_paddr,
		                           &wraps))
			continue;
		if (diff->subtracts_footprint)
			cut_piece(&pieces, &whole, footprint, &at);
		else
			*MEMORY_ADD(&pieces, list) = whole;
	}
	if (diff->subtracts_footprint)
		subtract_footprint(&pieces);
	if (pieces.n_list > 0)
		qsort(pieces.list, pieces.n_list, sizeof *pieces.list, compare_pieces);
	return pieces;
}

/* The row of @type: the last one, as types come in order. */
static struct uefi_change_row *row_of(struct diff *diff, uint32_t type)
{
	if (diff->n_uefi == 0 || diff->uefi[diff->n_uefi - 1].type != type)
		*MEMORY_ADD(diff, uefi) = (struct uefi_change_row){ .type = type };
	return &diff->uefi[diff->n_uefi - 1];
}

static void count_piece(struct diff *diff, size_t side, const struct piece *piece, bool is_shared)
{
	struct uefi_change_row *row = row_of(diff, piece->type);
	const struct uefi_descriptor descriptor = { .type = piece->type,
		                                    .attribute = piece->attribute };
	uint64_t n_pages = (piece->end_paddr - piece->start_paddr) >> PAGE_SHIFT;

	row->n_pages[side] += n_pages;
	if (is_shared)
		return;
	row->n_descriptors[side]++;
	if (rules_e820_type(RULES_LINUX, &descriptor) != E820_RAM)
		row->is_visible = true;
}

/* Pages of bootmem's own within the pages of the types that differ. */
static void count_footprint(struct diff *diff, size_t side, const struct spans *footprint)
{
	const struct record *record = diff_record(diff, side);
	struct pieces pieces = { 0 };
	size_t at = 0;

	for (size_t i = 0; i < record->n_uefi; i++) {
		const struct uefi_descriptor *descriptor = &diff->sorted_uefi[side][i];
		struct piece whole = { .type = descriptor->type };
		bool wraps;

		if (uefi_descriptor_range(descriptor, &whole.start_paddr, &whole.end_paddr, &wraps))
			cut_piece(&pieces, &whole, footprint, &at);
	}
	if (pieces.n_list > 0)
		qsort(pieces.list, pieces.n_list, sizeof *pieces.list, compare_pieces);
	for (size_t i = 0, row = 0; i < pieces.n_list; i++) {
		const struct piece *piece = &pieces.list[i];

		while (row < diff->n_uefi && diff->uefi[row].type < piece->type)
			row++;
		if (row < diff->n_uefi && diff->uefi[row].type == piece->type &&
		    piece->is_footprint)
			diff->uefi[row].footprint_pages[side] +=
				pages_of(piece->end_paddr - piece->start_paddr);
	}
}

static void drop_equal_rows(struct diff *diff)
{
	size_t n = 0;

	for (size_t i = 0; i < diff->n_uefi; i++)
		if (diff->uefi[i].n_descriptors[0] > 0 || diff->uefi[i].n_descriptors[1] > 0)
			diff->uefi[n++] = diff->uefi[i];
	diff->n_uefi = n;
}

void diff_uefi(struct diff *diff)
{
	struct spans footprint[2] = { footprint_of(diff->before), footprint_of(diff->after) };
	struct pieces before, after;

	diff->has_uefi = diff->before->n_uefi > 0 && diff->after->n_uefi > 0;
	before = pieces_of(diff, 0, &footprint[0]);
	after = pieces_of(diff, 1, &footprint[1]);
	for (size_t i = 0, j = 0; diff->has_uefi && (i < before.n_list || j < after.n_list);) {
		int order = i == before.n_list  ? 1
		            : j == after.n_list ? -1
		                                : compare_pieces(&before.list[i], &after.list[j]);

		if (order <= 0)
			count_piece(diff, 0, &before.list[i++], order == 0);
		if (order >= 0)
			count_piece(diff, 1, &after.list[j++], order == 0);
	}
	drop_equal_rows(diff);
	for (size_t side = 0; side < 2 && !diff->subtracts_footprint; side++)
		count_footprint(diff, side, &footprint[side]);
}
