/* amount.c - see amount.h. Without a division of 64 bits, which a 32-bit kernel does not have. */
#include "handoff/stub/amount.h"

#include <stddef.h>

#include "bootmem/count.h"
#include "bootmem/pfn.h"
#include "handoff/capture/text.h"

struct amount amount_of_pages(uint64_t n_pages)
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB" };
	uint64_t kibibytes = n_pages << (PAGE_SHIFT - 10);
	struct amount amount = { "" };
	unsigned shift = 0, tenths;
	size_t unit = 0;

	for (; unit + 1 < COUNT(units) && kibibytes >> shift >= 1024; unit++)
		shift += 10;
	tenths = (unsigned)((kibibytes & ((UINT64_C(1) << shift) - 1)) * 10 >> shift);
	if (tenths == 0)
		text_format(amount.text, sizeof amount.text, "%llu %s", (ull)(kibibytes >> shift),
		            units[unit]);
	else
		text_format(amount.text, sizeof amount.text, "%llu.%u %s",
		            (ull)(kibibytes >> shift), tenths, units[unit]);
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
