/*
 * scrub.h - a fact of a log -> the same without what tells who somebody is: UUIDs, MAC addresses,
 * machine ids, disks, hosts, keys. `...' stands in their place. A report is made to be published.
 */
#ifndef MAPDIFF_RECORD_SCRUB_H
#define MAPDIFF_RECORD_SCRUB_H

#include "mapdiff/record/record.h"

/* Which secrets there were, to number them: in `root=...1' and `root=...2' there are two. Whether
 * two boots have the same one is a condition, and no secret. All zero: none yet. */
struct scrubber {
	struct intern keys, secrets;
	MEMORY_LIST(size_t, counts);  /* of each key: how many secrets */
	MEMORY_LIST(size_t, numbers); /* of each secret */
};

/* @value of the fact under @key, as a capture has it: without numbers. */
char *scrub(const char *key, const char *value);

/* All facts of @record, and what is wrong with it, in their place. */
void scrub_record(struct scrubber *scrubber, struct record *record);

/* Are two values of the fact under @key one, or is one of them what a capture has of the other? */
bool scrub_is_one(const char *key, const char *before, const char *after);

#endif
