/* advice.h - a series whose movers have their causes -> what to do, and why: what stands first in
 * its report. */
#ifndef MAPDIFF_SERIES_ADVICE_H
#define MAPDIFF_SERIES_ADVICE_H

#include "mapdiff/series/result.h"

/* Fill in series->advice: the last part of a series. */
void series_advise(struct series *series);

/* "Resume from hibernation, judging from the map: in the next boot, 2 of 19 times (11 %); ...";
 * "" for one boot alone. */
const char *series_chance_text(const struct series *series);

/* "It moved in 3 of 3 boots in which label had changed, and in 0 of 8 in which it had not." */
const char *series_link_text(const struct series_link *link);

#endif
