/*
 * page_change.h - the table of changes: its head, and a row for each.
 */
#ifndef EFI_SCREEN_PAGE_CHANGE_H
#define EFI_SCREEN_PAGE_CHANGE_H

#include "handoff/capture/text.h"
#include "handoff/screen/view.h"
#include "x86/step.h"

void page_change_head(struct view *view);
void page_change(struct view *view, const struct step_change *step);

/* "ACPI data"; "type 20" for a number without a name; in @text, cut to what a column has room for.
 */
#define PAGE_TYPE_BYTES 10
const char *page_type(char text[PAGE_TYPE_BYTES], uint32_t e820_type);

/* As text_amount(), for a column: without the digit behind the point from 100 on. */
const char *page_size(char text[TEXT_AMOUNT_BYTES], uint64_t bytes);

#endif
