#ifndef MAPDIFF_BASE_TEXT_H
#define MAPDIFF_BASE_TEXT_H
#include "mapdiff/report/output.h"
#define text_size size_text
#define text_type type_text
#define text_range range_text
#define text_plural plural
#endif
