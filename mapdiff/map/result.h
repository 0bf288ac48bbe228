#ifndef MAPDIFF_MAP_RESULT_H
#define MAPDIFF_MAP_RESULT_H
#include "mapdiff/map/view.h"
#endif
