/*
 * smbios.c - the two kinds of SMBIOS entry point, as rows of a table.
 *
 * The surprising thing: version 2.1 of the specification gave 1Eh as the length of an entry point
 * of 1Fh bytes, and firmware still does, with a checksum over the shorter one.
 */
#include "x86/smbios.h"

#include "bootmem/mem.h"
#include "x86/wire.h"

/* SMBIOS 3.x §5.2.1 and §5.2.2. Offsets into the entry point. */
static const struct entry_point {
	const char *anchor;
	uint8_t anchor_bytes;
	uint8_t least_bytes; /* of the entry point; the fields below lie within */
	uint8_t length;      /* where it has its own length: one byte */
	uint8_t table_bytes; /* where it has the size of the table, and how wide that is */
	uint8_t table_bytes_width;
	uint8_t table_paddr;
	uint8_t table_paddr_width;
} entry_points[] = {
	{ "_SM3_", 5, 0x18, 0x06, 0x0c, 4, 0x10, 8 },
	{ "_SM_", 4, 0x1e, 0x05, 0x16, 2, 0x18, 4 },
};
#define N_ENTRY_POINTS (sizeof entry_points / sizeof entry_points[0])
#define FIRST_BYTES    0x18 /* the shortest kind */

static const char *const err_texts[] = {
	[SMBIOS_OK] = "no error",
	[SMBIOS_UNREADABLE] = "the SMBIOS entry point cannot be read",
	[SMBIOS_BAD_ANCHOR] = "there is no SMBIOS entry point where firmware says",
	[SMBIOS_BAD_LENGTH] = "the SMBIOS entry point is too short",
	[SMBIOS_BAD_SUM] = "the checksum of the SMBIOS entry point is wrong",
	[SMBIOS_BAD_TABLE_LENGTH] = "the length of the SMBIOS table is 0 or beyond belief",
	[SMBIOS_TABLE_UNREADABLE] = "the SMBIOS table cannot be read",
};

const char *smbios_err_text(enum smbios_err err)
{
	if ((size_t)err >= sizeof err_texts / sizeof err_texts[0])
		return "unknown error";
	return err_texts[err];
}

static uint64_t wire_number(const uint8_t *at, unsigned width)
{
	return width == 8 ? wire_u64(at) : width == 4 ? wire_u32(at) : wire_u16(at);
}

static const struct entry_point *entry_point_of(const uint8_t *bytes)
{
	for (size_t i = 0; i < N_ENTRY_POINTS; i++)
		if (memcmp(bytes, entry_points[i].anchor, entry_points[i].anchor_bytes) == 0)
			return &entry_points[i];
	return NULL;
}

static enum smbios_err find_table(const struct phys_mem *phys, const struct entry_point *kind,
                                  const uint8_t *entry, struct span *ret_table)
{
	uint64_t bytes = wire_number(entry + kind->table_bytes, kind->table_bytes_width);
	paddr_t paddr = wire_number(entry + kind->table_paddr, kind->table_paddr_width);

	if (bytes == 0 || bytes > SMBIOS_TABLE_MOST_BYTES)
		return SMBIOS_BAD_TABLE_LENGTH;
	if (paddr == 0 || phys_read(phys, paddr, bytes) == NULL)
		return SMBIOS_TABLE_UNREADABLE;
	*ret_table = (struct span){ paddr, paddr + bytes };
	return SMBIOS_OK;
}

enum smbios_err smbios_find(const struct phys_mem *phys, paddr_t entry_paddr,
                            struct smbios *ret_found)
{
	const uint8_t *entry = phys_read(phys, entry_paddr, FIRST_BYTES);
	const struct entry_point *kind;
	enum smbios_err table_err;
	uint8_t bytes;

	*ret_found = (struct smbios){ { 0, 0 }, { 0, 0 } };
	if (entry == NULL)
		return SMBIOS_UNREADABLE;
	kind = entry_point_of(entry);
	if (kind == NULL)
		return SMBIOS_BAD_ANCHOR;
	bytes = entry[kind->length];
	if (bytes < kind->least_bytes)
		return SMBIOS_BAD_LENGTH;
	entry = phys_read(phys, entry_paddr, bytes);
	if (entry == NULL)
		return SMBIOS_UNREADABLE;

	ret_found->entry_point = (struct span){ entry_paddr, entry_paddr + bytes };
	table_err = find_table(phys, kind, entry, &ret_found->table);
	return wire_byte_sum(entry, bytes) != 0 ? SMBIOS_BAD_SUM : table_err;
}
