/*
 * write_capture.h - a record -> a capture: the map of any log, without the rest of the log.
 */
#ifndef MAPDIFF_RECORD_WRITE_CAPTURE_H
#define MAPDIFF_RECORD_WRITE_CAPTURE_H

#include <stdio.h>

#include "mapdiff/record/record.h"

/* All of @record, in the format of FORMAT.md. Values that could tell who somebody is (UUIDs, MAC
 * addresses, names of disks) are written as `...'. Errors are left in @file's error flag. */
void write_capture(FILE *file, const struct record *record);

#endif
