/* rules_map.h - the rules about descriptors, and what they leave free. */
#ifndef MAPDIFF_LINT_RULES_MAP_H
#define MAPDIFF_LINT_RULES_MAP_H

#include "mapdiff/lint/regions.h"

extern const struct lint_rule rules_map[]; /* the last one has no id */

#endif
