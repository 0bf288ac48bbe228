/* reasons.h - one more reason for, or against, that Linux would resume. */
#ifndef MAPDIFF_DIFF_REASONS_H
#define MAPDIFF_DIFF_REASONS_H

#include "mapdiff/diff/result.h"

/* A sentence, made like printf's. */
void reason_add(struct diff *diff, enum verdict verdict, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
