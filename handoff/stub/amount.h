/*
 * amount.h - amounts as people say them: "1.5 MiB", 73 of 100.
 */
#ifndef HANDOFF_STUB_AMOUNT_H
#define HANDOFF_STUB_AMOUNT_H

#include <stdint.h>

#define AMOUNT_BYTES 12 /* "1023.9 MiB", and to spare */

struct amount {
	char text[AMOUNT_BYTES];
};

/* So many pages in KiB, MiB, GiB or TiB, whichever is at most 1023 of them, rounded down to one
 * digit behind the point; without it where that is 0. Up to 2^40 pages. */
struct amount amount_of_pages(uint64_t n_pages);

/* @most * @done / @whole, rounded down and nearly right: an amount above 2^20 counts in steps of
 * its 2^-20th part. @most at most 4096. From 0 to @most, whatever @done is; 0 if @whole is. */
uint32_t amount_part(uint64_t done, uint64_t whole, uint32_t most);

#endif
