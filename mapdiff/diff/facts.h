/* facts.h - two records -> the facts that differ, less noise, in the order of record/facts.h. */
#ifndef MAPDIFF_DIFF_FACTS_H
#define MAPDIFF_DIFF_FACTS_H

#include "mapdiff/diff/result.h"

/* Fill in diff->facts: after tables_compare(), whose identity is a fact, too. */
void facts_compare(struct diff *diff);

/* Of those, the one with this number, if both boots have it; else NULL. */
const struct fact_change *facts_find(const struct diff *diff, enum fact_id id);

/* What both boots say of a fact, differing or not: a text, or a number. False unless both do. */
bool facts_of_both(const struct diff *diff, enum fact_id id, const char *ret_values[2]);
bool facts_numbers_of_both(const struct diff *diff, enum fact_id id, uint64_t ret_values[2]);

/* Does a condition differ? What follows from the map is none. */
bool facts_have_condition(const struct diff *diff);

/* The first few conditions that differ, in words: "the kernel (6.1.0 -> 6.12.9), the label and 2
 * more"; "" if there are none. */
const char *facts_text(const struct diff *diff);

#endif
