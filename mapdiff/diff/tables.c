/* tables.c - the ACPI tables of two records -> those that differ: see tables.h. */
#include "mapdiff/diff/tables.h"

#include <stdlib.h>
#include <string.h>

#include "bootmem/count.h"
#include "mapdiff/base/sorted.h"
#include "mapdiff/base/text.h"

static int compare_names(const struct record_acpi *left, const struct record_acpi *right)
{

	return strcmp(left->signature, right->signature) ?: strcmp(left->identity, right->identity);
}

/* Tables of one signature (SSDTs are many) are told apart by identity, then by address. */
static int compare_tables(const void *a, const void *b)
{
	const struct record_acpi *left = *(const struct record_acpi *const *)a;
	const struct record_acpi *right = *(const struct record_acpi *const *)b;

	return compare_names(left, right) ?: compare_u64(left->paddr, right->paddr);
}

static const struct record_acpi **sorted_tables(const struct record *record)
{
	const struct record_acpi **tables = memory_alloc(record->n_acpi, sizeof *tables);

	for (size_t i = 0; i < record->n_acpi; i++)
		tables[i] = &record->acpi[i];
	qsort(tables, record->n_acpi, sizeof *tables, compare_tables);
	return tables;
}

/* --- what happened to a table --- */

struct fate {
	bool is_new, is_gone;
	bool is_up, is_longer;
	uint64_t moved_bytes, grown_bytes; /* which way, is_up and is_longer say */
	bool has_other_contents;           /* at one length */
};

static struct fate fate_of(const struct table_change *change)
{
	const struct record_acpi *before = change->before, *after = change->after;
	struct fate fate = { .is_new = before == NULL, .is_gone = after == NULL };

	if (before == NULL || after == NULL)
		return fate;
	fate.is_up = after->paddr > before->paddr;
	fate.moved_bytes = distance_u64(before->paddr, after->paddr);
	if (before->length_bytes != 0 && after->length_bytes != 0) {
		fate.is_longer = after->length_bytes > before->length_bytes;
		fate.grown_bytes = distance_u64(before->length_bytes, after->length_bytes);
	}
	fate.has_other_contents = fate.grown_bytes == 0 && before->has_crc32 && after->has_crc32 &&
	                          before->crc32 != after->crc32;
	return fate;
}

int tables_order(const struct table_change *left, const struct table_change *right)
{
	struct fate a = fate_of(left), b = fate_of(right);
	const uint64_t keys[][2] = {
		{ a.is_new, b.is_new },
		{ a.is_gone, b.is_gone },
		{ a.moved_bytes, b.moved_bytes },
		{ a.is_up, b.is_up },
		{ a.grown_bytes, b.grown_bytes },
		{ a.is_longer, b.is_longer },
		{ a.has_other_contents, b.has_other_contents },
	};
	int order = 0;

	for (size_t i = 0; i < COUNT(keys) && order == 0; i++)
		order = compare_u64(keys[i][0], keys[i][1]);
	return order;
}

const char *table_text(const struct table_change *change)
{
	struct fate fate = fate_of(change);
	bool in_pages = fate.moved_bytes % PAGE_BYTES == 0;
	struct bytes text = { 0 };

	if (fate.is_new || fate.is_gone)
		return fate.is_new ? "appeared" : "vanished";
	if (fate.moved_bytes != 0)
		memory_append(&text, "moved by %c%s", fate.is_up ? '+' : '-',
		              in_pages ? text_count(fate.moved_bytes >> PAGE_SHIFT, "page")
		                       : text_count(fate.moved_bytes, "byte"));
	if (fate.grown_bytes != 0)
		memory_append(&text, "%s%s by %s", text.n_text > 0 ? ", " : "",
		              fate.is_longer ? "grew" : "shrank",
		              text_count(fate.grown_bytes, "byte"));
	if (fate.has_other_contents)
		memory_append(&text, "%scontents differ", text.n_text > 0 ? ", " : "");
	return bytes_text(&text);
}

/* --- who made it --- */

/* By words, and without zeros in front: a mail has blanks but once, and Linux printed none of these
 * zeros until 2.6.26. */
static bool is_one_identity(const char *before, const char *after)
{
	do {
		size_t bytes;

		before += strspn(before, " ");
		after += strspn(after, " ");
		before += strspn(before, "0");
		after += strspn(after, "0");
		bytes = strcspn(before, " ");
		if (bytes != strcspn(after, " ") || memcmp(before, after, bytes) != 0)
			return false;
		before += bytes;
		after += bytes;
	} while (*before != '\0' || *after != '\0');
	return true;
}

/* Is @after the same table of another identity? Another build of the firmware makes it so. SSDTs
 * are no evidence: there are some for each CPU, and the firmware makes others by the devices and
 * the settings that it finds. */
static void compare_identities(struct diff *diff, const struct record_acpi *before,
                               const struct record_acpi *after)
{
	bool is_known = *before->identity != '\0' && *after->identity != '\0';
	bool is_same = before->revision == after->revision &&
	               is_one_identity(before->identity, after->identity);

	if (diff->renamed.before == NULL && is_known && !is_same &&
	    strcmp(before->signature, "SSDT") != 0)
		diff->renamed = (struct table_change){ before, after };
}

const char *table_identity(const struct record_acpi *table)
{
	return memory_printf("%s v%02" PRIu32 " %s", table->signature, table->revision,
	                     table->identity);
}

/* --- all tables --- */

bool tables_are_comparable(const struct diff *diff, const char *signature)
{
	return (diff_record(diff, 0)->e820_view == VIEW_BOOTMEM) ==
	               (diff_record(diff, 1)->e820_view == VIEW_BOOTMEM) ||
	       (strcmp(signature, "RSDT") != 0 && strcmp(signature, ACPI_IMAGE_NAME) != 0);
}

static void add_table(struct diff *diff, const struct record_acpi *before,
                      const struct record_acpi *after)
{
	const struct table_change change = { before, after };
	const struct table_change same = { changed_table(&change), changed_table(&change) };

	if (tables_order(&change, &same) != 0 &&
	    ((before != NULL && after != NULL) ||
	     tables_are_comparable(diff, changed_table(&change)->signature)))
		*MEMORY_ADD(diff, tables) = change;
}

static bool is_last_of_name(const struct record_acpi *const *tables, size_t n, size_t i)
{
	return i + 1 == n || strcmp(tables[i]->signature, tables[i + 1]->signature) != 0;
}

/*
 * Tables that are in both lists by signature and identity are pairs, in the order of their
 * addresses. What is left over is paired by signature alone: a firmware update changes identities.
 */
void tables_compare(struct diff *diff)
{
	const struct record *before = diff_record(diff, 0), *after = diff_record(diff, 1);
	const struct record_acpi **left, **right;
	size_t n_left = 0, n_right = 0, i = 0, j = 0;

	if (before->n_acpi == 0 || after->n_acpi == 0)
		return;
	left = sorted_tables(before);
	right = sorted_tables(after);
	while (i < before->n_acpi || j < after->n_acpi) {
		int order = SORTED_NEXT(i, before->n_acpi, j, after->n_acpi,
		                        compare_names(left[i], right[j]));

		if (order == 0) {
			compare_identities(diff, left[i], right[j]);
			add_table(diff, left[i++], right[j++]);
		} else if (order < 0) {
			left[n_left++] = left[i++];
		} else {
			right[n_right++] = right[j++];
		}
	}
	for (i = 0, j = 0; i < n_left || j < n_right;) {
		int order = SORTED_NEXT(i, n_left, j, n_right,
		                        strcmp(left[i]->signature, right[j]->signature));

		if (order == 0 && is_last_of_name(left, n_left, i) &&
		    is_last_of_name(right, n_right, j))
			compare_identities(diff, left[i], right[j]);
		add_table(diff, order <= 0 ? left[i] : NULL, order >= 0 ? right[j] : NULL);
		i += order <= 0;
		j += order >= 0;
	}
}
