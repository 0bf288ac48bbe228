/* rules_devices.h - the rules about windows of devices, and what the firmware runs on. */
#ifndef MAPDIFF_LINT_RULES_DEVICES_H
#define MAPDIFF_LINT_RULES_DEVICES_H

#include "mapdiff/lint/regions.h"

extern const struct lint_rule rules_devices[]; /* the last one has no id */

#endif
