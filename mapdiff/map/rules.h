#ifndef MAPDIFF_MAP_RULES_H
#define MAPDIFF_MAP_RULES_H
#include "mapdiff/map/view.h"
#endif
