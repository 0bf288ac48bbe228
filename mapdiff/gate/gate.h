/*
 * gate.h - a series of boots -> pass, or not: all maps are one, of one machine, and bins were
 * honoured. What a file does not tell does not fail a gate; the report says so.
 */
#ifndef MAPDIFF_GATE_GATE_H
#define MAPDIFF_GATE_GATE_H

#include "mapdiff/gate/result.h"

extern const char *const gate_bins_names[]; /* "unknown", "honoured", "broken" */

/* Why @record is none that a gate can judge beside @first: its map is not whole, not known as it
 * was, or made by other rules. NULL: it is one. */
const char *gate_obstacle(const struct record *first, const struct record *record);

/* Judge the boots of @report, of which there is one at least. */
void gate_make(const struct series_report *report, struct gate *ret_gate);

#endif
