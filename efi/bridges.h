/*
 * bridges.h - the firmware's drivers of PCI host bridges -> the windows of these, into which BARs
 * are put.
 *
 * A driver tells what it has given to devices (UEFI 2.10 §14.2, Configuration()), which is a part
 * of a window. How far the window goes on, the firmware's own map says (PI 1.8 volume 2 §7.2, the
 * global coherency domain): the space for memory-mapped I/O around that part. Another
 * device's space that touches the window cannot be told from it.
 */
#ifndef EFI_BRIDGES_H
#define EFI_BRIDGES_H

#include "efi/uefi.h"
#include "x86/phys.h"

#define BRIDGES_MOST_WINDOWS 64

struct bridges {
	struct span windows[BRIDGES_MOST_WINDOWS];
	size_t n_windows;
	const char *fault; /* why there may be more, as a sentence without a full stop; or NULL */
};

/* @services_paddr: of the DXE services table; 0: there is none. Firmware without drivers of host
 * bridges has no windows, and that is no fault. Nothing is claimed. */
void bridges_find(const struct firmware *firmware, const struct phys_mem *phys,
                  paddr_t services_paddr, struct bridges *ret_bridges);

#endif
