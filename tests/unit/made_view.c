/* made_view.c - see made_view.h. */
#include "made_view.h"

#include <string.h>

#define MOST_RANGES      64
#define DESCRIPTOR_BYTES 40
#define ATTRIBUTE_WB     8

static unsigned char uefi_map[MOST_RANGES * DESCRIPTOR_BYTES];
static struct handoff_range e820[MOST_RANGES];

static void put(unsigned char *at, uint64_t number)
{
	memcpy(at, &number, sizeof number);
}

struct naive_view made_view(const struct made_range *ranges, size_t n_ranges,
                            const struct handoff_reservation *reservations, size_t n_reservations)
{
	struct naive_view view = {
		.uefi_map = uefi_map,
		.n_descriptors = n_ranges,
		.descriptor_bytes = DESCRIPTOR_BYTES,
		.e820 = (const unsigned char *)e820,
		.n_ranges = n_ranges,
		.range_bytes = sizeof e820[0],
		.reservations = (const unsigned char *)reservations,
		.n_reservations = n_reservations,
		.reservation_bytes = sizeof *reservations,
	};

	for (size_t i = 0; i < n_ranges; i++) {
		unsigned char *at = uefi_map + i * DESCRIPTOR_BYTES;
		struct naive_descriptor descriptor;

		put(at, ranges[i].type);
		put(at + 8, ranges[i].start_paddr);
		put(at + 16, 0);
		put(at + 24, (ranges[i].end_paddr - ranges[i].start_paddr) / PAGE_BYTES);
		put(at + 32, ranges[i].attribute != 0 ? ranges[i].attribute : ATTRIBUTE_WB);
		descriptor = naive_descriptor(&view, i);
		e820[i] = (struct handoff_range){ ranges[i].start_paddr, ranges[i].end_paddr,
			                          naive_type_of(&descriptor), 0 };
	}
	view.node_low_pfn = naive_max_pfn(&view, naive_e820_type);
	return view;
}
