/* linux_places.h - messages of Linux -> what lies where: configuration tables, ACPI tables,
 * devices, the initrd, the framebuffer. */
#ifndef MAPDIFF_READ_LINUX_LINUX_PLACES_H
#define MAPDIFF_READ_LINUX_LINUX_PLACES_H

#include "mapdiff/read/linux/linux_row.h"

/* False if the message, which is not empty and has no blanks at its end, has no such place in it.
 */
bool linux_places_read(struct linux_boot *boot, struct line message);

#endif
