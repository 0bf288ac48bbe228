/* linux_places.h - messages of Linux -> what lies where: configuration tables, ACPI tables,
 * devices, the initrd, the framebuffer. */
#ifndef MAPDIFF_READ_LINUX_LINUX_PLACES_H
#define MAPDIFF_READ_LINUX_LINUX_PLACES_H

#include "mapdiff/read/linux/linux_row.h"

extern const struct linux_row linux_places[];
extern const size_t n_linux_places;

#endif
