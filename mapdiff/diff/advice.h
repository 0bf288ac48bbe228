/*
 * advice.h - a step whose verdict is known -> what its reader does now, why, and how sure that is:
 * the three sentences that stand under the verdict in every report.
 */
#ifndef MAPDIFF_DIFF_ADVICE_H
#define MAPDIFF_DIFF_ADVICE_H

#include "mapdiff/diff/result.h"

/* Fill in diff->advice: after resume_judge(). Each is a sentence or two; none is empty. */
void advice_make(struct diff *diff);

/* Of a step whose cause is CAUSE_KERNEL_STUB: what keeps the map the same from now on; a sentence.
 */
const char *advice_on_stub(const struct diff *diff);

#endif
