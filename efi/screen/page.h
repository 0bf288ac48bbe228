/*
 * page.h - what all pages have: where they are drawn and said, their title, ranges to scale.
 */
#ifndef EFI_SCREEN_PAGE_H
#define EFI_SCREEN_PAGE_H

#include "efi/state.h"
#include "handoff/screen/view.h"

/* A view on the display, if there is one, and on the text outputs; with the title bar, which tells
 * the machine and the time. @what stands in place of the machine; NULL: the machine. */
void page_begin(struct boot *boot, const char *what, struct view *ret_view);

/* The same, with @right in place of the time; NULL: the time. */
void page_begin_with(struct boot *boot, const char *right, struct view *ret_view);

/* The answer in one row, and a blank one. */
void page_brief(struct boot *boot, struct view *view);

/* All RAM of @map to scale, up to @end_paddr: @name, @letter, a line that is flat where there is
 * RAM and tall where it is somebody's, and how much memory it is. What is in @changes stands out;
 * NULL: nothing does. */
void page_strip(struct view *view, const char *name, const struct e820_map *map, paddr_t end_paddr,
                const struct step *changes, enum side side);

/* One past the highest byte of RAM. */
paddr_t page_ram_end_paddr(const struct e820_map *map);

/* The letter of a map: A, B, ... Z, then *. */
char page_map_letter(unsigned map);

#endif
