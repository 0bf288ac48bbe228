/* meaning.h - a change, its owner and its cause -> what it means to the person who has the problem:
 * sentences that end in a full stop. */
#ifndef MAPDIFF_DIFF_MEANING_H
#define MAPDIFF_DIFF_MEANING_H

#include "mapdiff/diff/result.h"

/* What kind of memory it is. */
const char *meaning_what(const struct diff *diff, const struct diff_change *change);

/* What a kernel would do there that goes on with the map of before; "" if nothing. */
const char *meaning_so(const struct diff *diff, const struct change *change);

/* What can be done about changes of @cause: for it, the evidence and the facts of @diff decide. ""
 * if nothing can. A firmware's vendor is written to only where nothing else differs. */
const char *meaning_advice(const struct diff *diff, enum cause cause);

/* Might it be the event log that Linux's EFI stub copies? Neither file names that table. */
bool meaning_may_be_event_log(const struct diff *diff, const struct diff_change *change);

#endif
