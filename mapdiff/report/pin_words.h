/* pin_words.h - would a pinned block help -> its words, the same in text, Markdown, JSON and page.
 */
#ifndef MAPDIFF_REPORT_PIN_WORDS_H
#define MAPDIFF_REPORT_PIN_WORDS_H

#include "mapdiff/pin/result.h"

/* For programs: "stub memory", "firmware", ... */
const char *pin_reason_name(enum pin_reason reason);

/* A sentence: "It would help, with a block of 32 pages: ...", "It would not help: ...", "Not known
 * whether it would help, because ...". */
const char *words_of_pin(const struct pin *pin);

/* Where the block is, or would be, and how that is known: a sentence. */
const char *words_of_home(const struct pin_advice *advice);

/* Who asked: the name of an image, or where it was, or where the call came from. */
const char *words_of_pin_owner(const struct record_pin_owner *owner);

#endif
