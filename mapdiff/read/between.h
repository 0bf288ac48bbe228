/*
 * between.h - a line between two lines of a map -> is it known to take nothing from the map?
 *
 * Who copies a map copies its lines. What loggers, pagers and pages put among them is known; for
 * anything else there is a reason, and that may be that lines are not there.
 */
#ifndef MAPDIFF_READ_BETWEEN_H
#define MAPDIFF_READ_BETWEEN_H

#include "mapdiff/read/line.h"

/* A line of a log, by what it begins with: its time, its process or its level; a field of a
 * journal. */
bool between_is_log(struct line line);

/* A message of a kernel that prints no times: "x86/fpu: Supporting XSAVE". A sentence may have a
 * colon as well: what stands before it is known of kernels, or no word of any language. */
bool between_is_message(struct line line);

/* "lines 1-23/45 (END)": less has shown them; not "lines 3-12 as before". */
bool between_is_less(struct line line);

/* What pages, forums and pagers put among lines: numbers of lines, tags, bars; the size that stood
 * behind a range, "(0MB)"; nothing at all. @line is without quotes and stamps. */
bool between_is_furniture(struct line line);

#endif
