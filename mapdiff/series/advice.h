/* advice.h - a series whose movers have their causes -> what to do, and why: what stands first in
 * its report. */
#ifndef MAPDIFF_SERIES_ADVICE_H
#define MAPDIFF_SERIES_ADVICE_H

#include "mapdiff/series/result.h"

/* Fill in series->advice: the last part of a series. */
void series_advise(struct series *series);

#endif
