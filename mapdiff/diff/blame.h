/* blame.h - the changes of a step, and the evidence -> the cause of each, and of all; and what that
 * means to the person who has the problem: sentences that end in a full stop. */
#ifndef MAPDIFF_DIFF_BLAME_H
#define MAPDIFF_DIFF_BLAME_H

#include "mapdiff/diff/result.h"

/* Fill in cause, meaning and advice of all changes, and diff->cause and diff->cause_text: after
 * causes_find(). Where nothing is known, or more differs than the map, it is CAUSE_UNKNOWN, and the
 * text says why; the firmware is named only on evidence, or where all that the files have is equal.
 */
void blame_changes(struct diff *diff);

/* What shows @cause: the first evidence of it; or why there is none. A sentence without an end. */
const char *blame_text(const struct diff *diff, enum cause cause);

/* What can be done about changes of @cause: for it, the evidence and the facts of @diff decide. ""
 * if nothing can. A firmware's vendor is written to only where nothing else differs. */
const char *blame_advice(const struct diff *diff, enum cause cause);

#endif
