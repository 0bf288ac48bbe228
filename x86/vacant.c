/* vacant.c - lays what is in use over the map as reserved, as the higher type wins: see vacant.h.
 */
#include "x86/vacant.h"

static enum map_err add_descriptors(struct e820_map *vacant, const struct uefi_map *uefi)
{
	size_t n_descriptors = uefi_map_count(uefi);
	enum map_err err = MAP_OK;

	for (size_t i = 0; i < n_descriptors && err == MAP_OK; i++) {
		struct uefi_descriptor descriptor = uefi_map_get(uefi, i);
		paddr_t start_paddr, end_paddr;
		bool wraps;

		if (descriptor.type != UEFI_CONVENTIONAL &&
		    uefi_descriptor_range(&descriptor, &start_paddr, &end_paddr, &wraps))
			err = e820_add(vacant, start_paddr, end_paddr, E820_RESERVED);
	}
	return err;
}

enum map_err vacant_find(const struct e820_map *e820, const struct uefi_map *uefi,
                         const struct reservation_list *taken, struct e820_map *vacant,
                         void *scratch, size_t scratch_bytes)
{
	enum map_err err = e820_copy(vacant, e820);

	if (err == MAP_OK)
		err = add_descriptors(vacant, uefi);
	for (size_t i = 0; i < taken->n_entries && err == MAP_OK; i++)
		err = e820_add(vacant, taken->entries[i].start_paddr, taken->entries[i].end_paddr,
		               E820_RESERVED);
	return err == MAP_OK ? e820_sanitize(vacant, scratch, scratch_bytes, NULL) : err;
}
