/* print_gate.h - a gate -> text. */
#ifndef MAPDIFF_REPORT_PRINT_GATE_H
#define MAPDIFF_REPORT_PRINT_GATE_H

#include "mapdiff/gate/result.h"
#include "mapdiff/report/output.h"

void print_gate(const struct output *out, const struct gate *gate);

#endif
