/*
 * amount.h - amounts as people say them: "1.5 MiB", 73 of 100.
 */
#ifndef HANDOFF_STUB_AMOUNT_H
#define HANDOFF_STUB_AMOUNT_H

#include "handoff/capture/text.h"

struct amount {
	char text[TEXT_AMOUNT_BYTES];
};

/* Of so many pages: text_amount(). Up to 2^40 pages. */
struct amount amount_of_pages(uint64_t n_pages);

/* @most * @done / @whole, rounded down and nearly right: an amount above 2^20 counts in steps of
 * its 2^-20th part. @most at most 4096. From 0 to @most, whatever @done is; 0 if @whole is. */
uint32_t amount_part(uint64_t done, uint64_t whole, uint32_t most);

#endif
