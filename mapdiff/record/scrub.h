/*
 * scrub.h - a fact of a log -> the same without what tells who somebody is: UUIDs, MAC addresses,
 * machine ids, disks, hosts. `...' stands in their place.
 */
#ifndef MAPDIFF_RECORD_SCRUB_H
#define MAPDIFF_RECORD_SCRUB_H

char *scrub(const char *key, const char *value);

#endif
