/* check.h - a record with both maps -> under whose rules its e820 map follows from its UEFI map. */
#ifndef MAPDIFF_MAP_CHECK_H
#define MAPDIFF_MAP_CHECK_H

#include "mapdiff/map/result.h"

/* False with *ret_error if the record lacks one of the maps. */
bool check_record(const struct record *record, struct check *ret_check, const char **ret_error);

#endif
