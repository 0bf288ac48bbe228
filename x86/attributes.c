/* attributes.c - see attributes.h. Fields are those of UEFI 2.10 §4.6: version, number of entries,
 * size of one, flags, and the entries. */
#include "x86/attributes.h"

#include "x86/wire.h"

#define HEAD_BYTES        16
#define LAST_VERSION      2
#define LEAST_ENTRY_BYTES 40

const char *attributes_err_text(enum attributes_err err)
{
	static const char *const texts[] = {
		[ATTRIBUTES_OK] = "nothing is wrong",
		[ATTRIBUTES_UNREADABLE] = "it lies where the map has no memory",
		[ATTRIBUTES_BAD_VERSION] = "it is of a version that is not known",
		[ATTRIBUTES_BAD_STRIDE] = "its entries are of a size that cannot be",
		[ATTRIBUTES_TOO_MANY] = "it has more entries than can be",
		[ATTRIBUTES_CUT] = "it goes on where the map has no memory",
	};

	return texts[err];
}

enum attributes_err attributes_find(const struct phys_mem *phys, paddr_t table_paddr,
                                    struct uefi_map *ret_entries)
{
	const uint8_t *head = phys_read(phys, table_paddr, HEAD_BYTES);
	uint32_t version, n_entries, entry_bytes;

	*ret_entries = (struct uefi_map){ NULL, 0, LEAST_ENTRY_BYTES };
	if (head == NULL)
		return ATTRIBUTES_UNREADABLE;
	version = wire_u32(head);
	n_entries = wire_u32(head + 4);
	entry_bytes = wire_u32(head + 8);
	if (version == 0 || version > LAST_VERSION)
		return ATTRIBUTES_BAD_VERSION;
	if (entry_bytes < LEAST_ENTRY_BYTES || entry_bytes > PAGE_BYTES)
		return ATTRIBUTES_BAD_STRIDE;
	if (n_entries > ATTRIBUTES_MOST)
		return ATTRIBUTES_TOO_MANY;
	head = phys_read(phys, table_paddr, HEAD_BYTES + (uint64_t)n_entries * entry_bytes);
	if (head == NULL)
		return ATTRIBUTES_CUT;
	*ret_entries = (struct uefi_map){ head + HEAD_BYTES, (size_t)n_entries * entry_bytes,
		                          entry_bytes };
	return ATTRIBUTES_OK;
}
