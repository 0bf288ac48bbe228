/*
 * pin_conf.h - \bootmem\pin.conf -> the address of the pinned block, which is the same for ever;
 * and in a machine's first boot with `pin = yes', the captures -> that address, and the file.
 *
 * The file is the address and a checksum. Whatever else it is, there is no address: another one
 * would be another map, at which a hibernated system does not resume.
 */
#ifndef EFI_PIN_CONF_H
#define EFI_PIN_CONF_H

#include "efi/state.h"

#define PIN_CONF_PATH "\\bootmem\\pin.conf"

/* The address for a block of boot->config.pin_pages pages, free in boot->snapshot. NULL, or why
 * there is none, as the end of a sentence. */
const char *pin_conf_find(struct boot *boot, paddr_t *ret_paddr);

#endif
