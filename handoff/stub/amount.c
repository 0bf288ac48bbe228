/* amount.c - see amount.h. Without a division of 64 bits, which a 32-bit kernel does not have. */
#include "handoff/stub/amount.h"

#include "bootmem/pfn.h"

struct amount amount_of_pages(uint64_t n_pages)
{
	struct amount amount = { .text = "" };

	text_amount(amount.text, pfn_paddr(n_pages));
	return amount;
}

uint32_t amount_part(uint64_t done, uint64_t whole, uint32_t most)
{
	if (whole == 0)
		return 0;
	if (done >= whole)
		return most;
	for (; whole >> 20 != 0; whole >>= 1)
		done >>= 1;
	return (uint32_t)done * most / (uint32_t)whole;
}
