/* view_words.h - a view of one boot -> sentences, the same in text, JSON and page. */
#ifndef MAPDIFF_REPORT_VIEW_WORDS_H
#define MAPDIFF_REPORT_VIEW_WORDS_H

#include "mapdiff/map/result.h"

/* What bitmaps that were computed take for granted; NULL where none was. */
const char *words_of_assumptions(const struct view *view);

/* "1 error, 0 warnings, 2 notes; first: ... All: mapdiff lint" */
const char *words_of_findings(const struct findings *findings);

#endif
