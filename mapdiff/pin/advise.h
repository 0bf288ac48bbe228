/*
 * advise.h - boots of one machine, and what pinned blocks served -> would `pin = yes' help, where
 * would the block lie, and how large would it be?
 *
 * Where, x86/pin_home.c says, as it does to bootmem itself: of captures alone it is the address
 * that bootmem chooses at the next boot, unless less is free in that.
 */
#ifndef MAPDIFF_PIN_ADVISE_H
#define MAPDIFF_PIN_ADVISE_H

#include "mapdiff/pin/result.h"

/* @series: or NULL. @served: records whose pin.is_known, in their order. Both must live as long as
 * the result. */
void pin_advise(const struct series *series, const struct records *served,
                struct pin_advice *ret_advice);

#endif
