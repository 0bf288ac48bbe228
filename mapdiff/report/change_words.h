/* change_words.h - the answer, and a change of the e820 map -> their words, the same in text, JSON
 * and page. */
#ifndef MAPDIFF_REPORT_CHANGE_WORDS_H
#define MAPDIFF_REPORT_CHANGE_WORDS_H

#include "mapdiff/diff/result.h"
#include "x86/changes.h"

/* Would Linux resume? "No: Linux would refuse to resume from hibernation". */
const char *words_of_answer(enum verdict verdict);
/* "reserved", "reserved -> type 20". */
const char *words_of_types(const struct change *change);
/* "0x1000-0x2000 -> 0x3000-0x4000"; one range where there is but one. */
const char *words_of_place(const struct change *change);
/* "22 pages down", "+8 pages", "16 pages"; moved with another size: both. */
const char *words_of_amount(const struct change *change);
/* What it is, what follows, what can be done, for who shows one change alone: sentences, or "". */
const char *words_of_meaning(const char *what, const char *so, const char *advice);

#endif
