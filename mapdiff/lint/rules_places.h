/* rules_places.h - the rules about what lies where. */
#ifndef MAPDIFF_LINT_RULES_PLACES_H
#define MAPDIFF_LINT_RULES_PLACES_H

#include "mapdiff/lint/regions.h"

extern const struct lint_rule rules_places[]; /* the last one has no id */

#endif
