/*
 * needs.h - a record -> which rules cannot be checked on it, and why. What was not looked at is no
 * good news: a report says so.
 */
#ifndef MAPDIFF_LINT_NEEDS_H
#define MAPDIFF_LINT_NEEDS_H

#include "mapdiff/lint/regions.h"

/* Why @rule cannot be checked, and what would help: of all that it lacks, the first of enum need.
 * NULL: it can be. After regions_make(). */
const char *needs_missing(const struct lint *lint, const struct lint_rule *rule);

#endif
