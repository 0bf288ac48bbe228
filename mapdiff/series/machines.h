/* machines.h - boots -> the machines that they are of, by what the boots say of that. */
#ifndef MAPDIFF_SERIES_MACHINES_H
#define MAPDIFF_SERIES_MACHINES_H

#include "mapdiff/series/result.h"

/*
 * Give each of @boots to the series of its machine: report->machines, in the order in which they
 * come first. A name that is a part of just one other, in whole words, means that one: a capture
 * knows more of it than a log. Boots that name no machine are of the one that the others name, if
 * that is one; else they have a series of their own.
 */
void machines_sort(const struct series_boot *boots, size_t n_boots, struct series_report *report);

#endif
