/* print_pin.h - whether a block would help, where and how large -> text. */
#ifndef MAPDIFF_REPORT_PRINT_PIN_H
#define MAPDIFF_REPORT_PRINT_PIN_H

#include "mapdiff/pin/result.h"
#include "mapdiff/report/output.h"

void print_pin(const struct output *out, const struct pin_advice *advice);

#endif
