/* grub_sweep.h - ranges as firmware lists them -> those that GRUB tells a kernel of. */
#ifndef MAPDIFF_MAP_GRUB_SWEEP_H
#define MAPDIFF_MAP_GRUB_SWEEP_H

#include "mapdiff/map/linux_map.h"

/* Sort @ranges, which touch or overlap as they like. GRUB: grub_mmap_iterate(). */
struct boot_table grub_sweep(const struct boot_table *ranges);

#endif
