/* resume.h - a step -> would Linux, booted the second time, resume what it hibernated the first? */
#ifndef MAPDIFF_DIFF_RESUME_H
#define MAPDIFF_DIFF_RESUME_H

#include "mapdiff/diff/result.h"

extern const char *const verdict_names[3]; /* "unknown", "yes", "no" */

/* Fill in diff->resume: the last part of a step. */
void resume_judge(struct diff *diff);

#endif
