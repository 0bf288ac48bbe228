/* pin_words.h - would a pinned block help -> its words, the same in text, Markdown, JSON and page.
 */
#ifndef MAPDIFF_REPORT_PIN_WORDS_H
#define MAPDIFF_REPORT_PIN_WORDS_H

#include "mapdiff/diff/result.h"

/* For programs: "stub memory", "firmware", ... */
const char *pin_reason_name(enum pin_reason reason);

/* A sentence: "It would help, with a block of 32 pages: ...", "It would not help: ...", "Not known
 * whether it would help, because ...". */
const char *words_of_pin(const struct pin *pin);

#endif
