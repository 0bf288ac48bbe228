/* fake_phys.c - a physical memory for tests. */
#include "tests/unit/fake_phys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *must(void *allocated)
{
	if (allocated == NULL) {
		fprintf(stderr, "out of memory\n");
		abort();
	}
	return allocated;
}

static const struct fake_region *region_of(const struct fake_phys *fake, paddr_t start_paddr,
                                           uint64_t bytes)
{
	for (size_t i = 0; i < fake->n_regions; i++) {
		const struct fake_region *region = &fake->regions[i];
		uint64_t offset = start_paddr - region->start_paddr;

		if (start_paddr >= region->start_paddr && offset < region->bytes &&
		    bytes <= region->bytes - offset)
			return region;
	}
	return NULL;
}

static const void *fake_read(void *context, paddr_t start_paddr, uint64_t bytes)
{
	struct fake_phys *fake = context;
	const struct fake_region *region = region_of(fake, start_paddr, bytes);
	struct fake_copy *copy;
	size_t to_odd = 1;

	fake->n_reads++;
	if (region == NULL)
		return NULL;
	copy = must(malloc(sizeof *copy + to_odd + (size_t)bytes));
	copy->next = fake->copies;
	fake->copies = copy;
	memcpy(copy->bytes + to_odd, region->contents + (start_paddr - region->start_paddr),
	       (size_t)bytes);
	return copy->bytes + to_odd;
}

void fake_phys_init(struct fake_phys *fake)
{
	memset(fake, 0, sizeof *fake);
	fake->phys.read = fake_read;
	fake->phys.context = fake;
}

void fake_phys_forget(struct fake_phys *fake)
{
	while (fake->copies != NULL) {
		struct fake_copy *next = fake->copies->next;

		free(fake->copies);
		fake->copies = next;
	}
}

void fake_phys_free(struct fake_phys *fake)
{
	fake_phys_forget(fake);
	for (size_t i = 0; i < fake->n_regions; i++)
		free(fake->regions[i].contents);
	fake->n_regions = 0;
}

uint8_t *fake_phys_add(struct fake_phys *fake, paddr_t start_paddr, uint64_t bytes)
{
	struct fake_region *region = &fake->regions[fake->n_regions];

	if (fake->n_regions == FAKE_PHYS_MOST_REGIONS) {
		fprintf(stderr, "too many regions\n");
		abort();
	}
	fake->n_regions++;
	region->start_paddr = start_paddr;
	region->bytes = bytes;
	region->contents = must(calloc(1, (size_t)bytes));
	return region->contents;
}

uint8_t *fake_phys_at(struct fake_phys *fake, paddr_t paddr)
{
	const struct fake_region *region = region_of(fake, paddr, 1);

	if (region == NULL) {
		fprintf(stderr, "no region there\n");
		abort();
	}
	return region->contents + (paddr - region->start_paddr);
}

bool fake_phys_is_readable(const struct fake_phys *fake, paddr_t start_paddr, uint64_t bytes)
{
	return region_of(fake, start_paddr, bytes) != NULL;
}

void fake_phys_set(uint8_t *at, unsigned width_bytes, uint64_t value)
{
	for (; width_bytes > 0; width_bytes--, value >>= 8)
		*at++ = (uint8_t)value;
}

void fake_phys_fix_sum(uint8_t *at, size_t bytes, size_t sum_offset)
{
	uint8_t sum = 0;

	at[sum_offset] = 0;
	for (size_t i = 0; i < bytes; i++)
		sum = (uint8_t)(sum + at[i]);
	at[sum_offset] = (uint8_t)-sum;
}
