/*
 * drawn.h - memory maps as pictures of them, one character a page: "uuuurr" is four pages of RAM
 * and two reserved ones.
 */
#ifndef TESTS_UNIT_DRAWN_H
#define TESTS_UNIT_DRAWN_H

#include "x86/changes.h"
#include "x86/uefi_map.h"

#define DRAWN_MOST_PAGES 80

/* u RAM, r reserved, a ACPI data, n NVS, x unusable, p persistent, t a type 20, . nothing; s and S
 * soft reserved: two letters for neighbours. The ranges are the caller's to free. */
struct e820_map drawn_e820(const char *picture);

/* An empty map with room for @capacity ranges. */
struct e820_map drawn_room(size_t capacity);

/* The letter of a type; ? for one without. */
char drawn_letter(uint32_t e820_type);

/* The picture of a map, whose ranges are of whole pages; as long as it needs to be. */
void drawn_picture(const struct e820_map *map, char picture[DRAWN_MOST_PAGES + 1]);

/* "moved a4-6 a5-7 1": what, from where, to where, and how many pages; ~ before a consequence. */
void drawn_change(char *text, size_t bytes, const struct change *change);

/* A UEFI map, a descriptor for each run of one letter: C conventional, B boot services data, L
 * loader data, c and d code and data of the runtime services, 0 reserved, A ACPI reclaim, N NVS, M
 * MMIO, U unaccepted, O of an OEM, K of an OS loader, . nothing. The bytes are the caller's to
 * free. */
struct uefi_map drawn_uefi(const char *picture);

#endif
