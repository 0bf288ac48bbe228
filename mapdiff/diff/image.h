/* image.h - the image that the first boot wrote: can the second boot's kernel read it, on the CPU
 * that it has, and does it look for one? */
#ifndef MAPDIFF_DIFF_IMAGE_H
#define MAPDIFF_DIFF_IMAGE_H

#include "mapdiff/diff/result.h"

/* Add the reasons that are in: the format of the image, which changed with the years, and the width
 * of the kernel; what the hibernated kernel goes on with, and Linux does not compare; words of the
 * command line that forbid it; a kernel that is locked down. */
void image_judge(struct diff *diff);

/* What @record alone tells of a resume, each a sentence; *ret_forbidden: its kernel would not even
 * try. */
struct advice image_advise(const struct record *record, bool *ret_forbidden);

/* One more reason for, or against, that Linux would resume: a sentence, made like printf's. */
void reason_add(struct diff *diff, enum verdict verdict, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The same, against it, and what can be done about it: a sentence, or NULL where it follows from
 * the map. That of the first one is kept.
 */
void reason_forbid(struct diff *diff, const char *to_do, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
