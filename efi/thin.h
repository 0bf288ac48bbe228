/*
 * thin.h - the folder of captures, where it is bounded (`captures = 50', or `chain ='): which of
 * them go, and whether there is room for one more.
 *
 * Each map is kept once as long as there is room: of captures of equal maps the oldest goes first,
 * then the one with the oldest map. The last boot's never does, nor what cannot be read.
 */
#ifndef EFI_THIN_H
#define EFI_THIN_H

#include "efi/history.h"

#define THIN_NO_BOUND CONFIG_CAPTURES_ALL
#define THIN_AT_ONCE  8 /* a boot deletes no more: a large folder shrinks over some */

/* How many there may be, this boot's with them. THIN_NO_BOUND: as many as there are. */
uint32_t thin_most(const struct config *config);

/* Bounded captures leave others a tenth of the volume: is it free? True, too, if it cannot be told.
 */
bool thin_has_room(const struct boot *boot);

/* The number of the capture that goes next; 0: none. @kept stays; a capture of @machine whose map
 * has
 * @crc32 is older than an equal one in any case: this boot's. Pure. */
unsigned thin_find(const struct history *history, unsigned kept, uint32_t machine, uint32_t crc32);

/* Delete what is more than there may be, when this boot's is there. */
void thin_out(struct boot *boot, struct history *history, uint32_t machine);

#endif
