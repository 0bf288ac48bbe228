/* explain.h - a view, and an address -> everything about the page that it is in, in the order of
 * events. */
#ifndef MAPDIFF_MAP_EXPLAIN_H
#define MAPDIFF_MAP_EXPLAIN_H

#include "mapdiff/map/result.h"

void explain_page(const struct view *view, paddr_t paddr, struct explanation *ret_page);

#endif
