/* facts.c - two records -> the facts that differ: see facts.h. */
#include "mapdiff/diff/facts.h"

#include <string.h>

#include "mapdiff/base/sorted.h"
#include "mapdiff/diff/tables.h"
#include "mapdiff/record/scrub.h"

#define MOST_NAMED 3
#define MOST_VALUE 40 /* bytes of one that stands in a sentence */

static bool has_devices(const struct record *record)
{
	MEMORY_EACH(fact, record, facts)
		if (fact_device(fact->key) != NULL)
			return true;
	return false;
}

static void compare(struct diff *diff, const char *key, bool both_have_devices)
{
	const struct fact *fact = fact_of_key(key);
	const char *before = record_value(diff_record(diff, 0), key);
	const char *after = record_value(diff_record(diff, 1), key), *versions[2];
	bool is_known = !record_is_accepted(diff_record(diff, 0)) &&
	                !record_is_accepted(diff_record(diff, 1));
	bool is_telling =
		(fact->is_telling && is_known) || (fact_device(key) != NULL && both_have_devices);

	if (fact->kind == FACT_IS_NOISE || ((before == NULL || after == NULL) && !is_telling))
		return;
	if (before != NULL && after != NULL &&
	    (fact->is_same != NULL ? fact->is_same(before, after)
	                           : scrub_is_one(key, before, after)))
		return;
	if (fact == &fact_rows[FACT_KERNEL_BUILD] &&
	    facts_of_both(diff, FACT_KERNEL_VERSION, versions) &&
	    strcmp(versions[0], versions[1]) != 0)
		return; /* that of another kernel is another one anyway */
	*MEMORY_ADD(diff, facts) = (struct fact_change){ key, before, after };
}

static int compare_changes(const void *a, const void *b)
{
	const struct fact_change *left = a, *right = b;

	return compare_u64(fact_order(left->key), fact_order(right->key))
	               ?: strcmp(left->key, right->key);
}

void facts_compare(struct diff *diff)
{
	const struct record *before = diff_record(diff, 0), *after = diff_record(diff, 1);
	bool both_have_devices = has_devices(before) && has_devices(after);

	MEMORY_EACH(fact, before, facts)
		compare(diff, fact->key, both_have_devices);
	MEMORY_EACH(fact, after, facts)
		if (record_value(before, fact->key) == NULL)
			compare(diff, fact->key, both_have_devices);
	if (diff->renamed.before != NULL)
		*MEMORY_ADD(diff, facts) = (struct fact_change){
			fact_rows[FACT_ACPI_IDENTITY].key,
			table_identity(diff->renamed.before),
			table_identity(diff->renamed.after),
		};
	MEMORY_SORT(diff, facts, compare_changes);
}

bool facts_of_both(const struct diff *diff, enum fact_id id, const char *ret_values[2])
{
	for (size_t side = 0; side < 2; side++)
		ret_values[side] = record_fact(diff_record(diff, side), id);
	return ret_values[0] != NULL && ret_values[1] != NULL;
}

bool facts_numbers_of_both(const struct diff *diff, enum fact_id id, uint64_t ret_values[2])
{
	return record_fact_number(diff_record(diff, 0), id, &ret_values[0]) &&
	       record_fact_number(diff_record(diff, 1), id, &ret_values[1]);
}

const struct fact_change *facts_find(const struct diff *diff, enum fact_id id)
{
	MEMORY_EACH(fact, diff, facts)
		if (strcmp(fact->key, fact_rows[id].key) == 0 && fact->before != NULL &&
		    fact->after != NULL)
			return fact;
	return NULL;
}

static bool is_condition(const struct fact_change *fact)
{
	return fact_of_key(fact->key)->kind == FACT_IS_CONDITION;
}

bool facts_have_condition(const struct diff *diff)
{
	MEMORY_EACH(fact, diff, facts)
		if (is_condition(fact))
			return true;
	return false;
}

/* "the kernel (6.1.0 -> 6.12.9)"; long values are left out. */
static void append_fact(struct bytes *text, const struct fact_change *fact)
{
	const char *before = fact->before != NULL ? fact->before : "none";
	const char *after = fact->after != NULL ? fact->after : "none";

	memory_append(text, "%s%s", text->n_text > 0 ? ", " : "", fact_name(fact->key));
	if (strlen(before) <= MOST_VALUE && strlen(after) <= MOST_VALUE)
		memory_append(text, " (%s -> %s)", before, after);
}

const char *facts_text(const struct diff *diff)
{
	struct bytes text = { 0 };
	size_t n = 0;

	MEMORY_EACH(fact, diff, facts)
		if (is_condition(fact) && n++ < MOST_NAMED)
			append_fact(&text, fact);
	if (n > MOST_NAMED)
		memory_append(&text, " and %zu more", n - MOST_NAMED);
	return bytes_text(&text);
}
