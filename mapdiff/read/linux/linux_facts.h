/* linux_facts.h - messages of Linux -> what else is known of a boot: versions, machine, CPUs, time,
 * what it says of a resume; and what lies where (linux_places.h). */
#ifndef MAPDIFF_READ_LINUX_LINUX_FACTS_H
#define MAPDIFF_READ_LINUX_LINUX_FACTS_H

#include "mapdiff/read/linux/linux_places.h"

/* False if the message is of no kind that says something. */
bool linux_facts_read(struct linux_boot *boot, struct line message);

/* When all lines of the boot are in. */
void linux_facts_finish(struct linux_boot *boot);

#endif
