/* step_words.h - a step of the set-up of a bitmap -> its words, the same in text, JSON and page. */
#ifndef MAPDIFF_REPORT_STEP_WORDS_H
#define MAPDIFF_REPORT_STEP_WORDS_H

#include "mapdiff/map/result.h"

/* Is there a bitmap at this step, which it makes or changes? Else it looks for something. */
bool step_touches_bits(const struct view_step *step);

/* What it is for: "kernel", "usable RAM"; of one that looks for something, what it found. */
const char *words_of_step(const struct view_step *step);

/* Why no bit has changed, where none has; behind init_bootmem(), the word for what its 0 counts. */
const char *words_of_no_change(const struct view_step *step);

/* The end of it all: what the page allocator gets; "" where there is no bitmap, or
 * another one than that of the capture. */
const char *words_of_hand_over(const struct view_target *target);

/* Where steps_differ: what is odd. */
const char *words_of_difference(const struct view_target *target);

#endif
