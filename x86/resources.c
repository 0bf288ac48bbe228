/* resources.c - see resources.h. */
#include "x86/resources.h"

#include <stdbool.h>

#include "x86/wire.h"

#define END_TAG          0x79 /* of any checksum: a small resource of type 15, of 1 byte */
#define QWORD            0x8a
#define DESCRIPTOR_BYTES 46
#define LENGTH           (DESCRIPTOR_BYTES - 3)
#define TYPE_MEMORY      0
#define AT_LENGTH        1
#define AT_TYPE          3
#define AT_LOWEST        14
#define AT_BYTES         38

const char *resources_err_text(enum resources_err err)
{
	static const char *const texts[] = {
		[RESOURCES_OK] = "nothing is wrong",
		[RESOURCES_UNREADABLE] = "the list of a bridge lies where the map has no memory",
		[RESOURCES_UNKNOWN] = "the list of a bridge has what is no address space",
		[RESOURCES_NO_END] = "the list of a bridge has no end",
	};

	return texts[err];
}

static bool is_end(const struct phys_mem *phys, paddr_t paddr)
{
	const uint8_t *tag = phys_read(phys, paddr, 1);

	return tag != NULL && *tag == END_TAG;
}

enum resources_err resources_find(const struct phys_mem *phys, paddr_t list_paddr,
                                  struct span ret_spans[RESOURCES_MOST], size_t *ret_n)
{
	*ret_n = 0;
	for (size_t i = 0; !is_end(phys, list_paddr); i++, list_paddr += DESCRIPTOR_BYTES) {
		const uint8_t *at = phys_read(phys, list_paddr, DESCRIPTOR_BYTES);
		uint64_t start_paddr, bytes;

		if (i == RESOURCES_MOST)
			return RESOURCES_NO_END;
		if (at == NULL)
			return RESOURCES_UNREADABLE;
		if (at[0] != QWORD || wire_u16(at + AT_LENGTH) != LENGTH)
			return RESOURCES_UNKNOWN;
		start_paddr = wire_u64(at + AT_LOWEST);
		bytes = wire_u64(at + AT_BYTES);
		if (at[AT_TYPE] == TYPE_MEMORY && bytes > 0 && bytes <= UINT64_MAX - start_paddr)
			ret_spans[(*ret_n)++] = (struct span){ start_paddr, start_paddr + bytes };
	}
	return RESOURCES_OK;
}
