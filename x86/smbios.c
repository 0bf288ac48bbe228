/*
 * smbios.c - the two kinds of SMBIOS entry point, and the texts of the structures, as rows of
 * tables.
 *
 * The surprising thing: version 2.1 of the specification gave 1Eh as the length of an entry point
 * of 1Fh bytes, and firmware still does, with a checksum over the shorter one.
 */
#include "x86/smbios.h"

#include <stdbool.h>

#include "bootmem/count.h"
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
#define FIRST_BYTES 0x18 /* the shortest kind */

static const struct entry_point *entry_point_of(const uint8_t *bytes)
{
	for (size_t i = 0; i < COUNT(entry_points); i++)
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

/* SMBIOS 3.x §6.1.2, structure header: type, length of the formatted part, handle. */
#define STRUCTURE_HEADER_BYTES 4
#define STRUCTURE_LENGTH       1

#define TYPE_BIOS          0
#define TYPE_SYSTEM        1
#define TYPE_BASEBOARD     2
#define TYPE_MEMORY_DEVICE 17
#define TYPE_END           127

/* Where a structure has the number of a string. SMBIOS 3.x §7.1, §7.2, §7.3. */
static const struct text_place {
	uint8_t type;
	uint8_t offset;
} text_places[SMBIOS_TEXTS] = {
	[SMBIOS_BIOS_VENDOR] = { TYPE_BIOS, 0x04 },
	[SMBIOS_BIOS_VERSION] = { TYPE_BIOS, 0x05 },
	[SMBIOS_BIOS_DATE] = { TYPE_BIOS, 0x08 },
	[SMBIOS_SYSTEM_VENDOR] = { TYPE_SYSTEM, 0x04 },
	[SMBIOS_SYSTEM_PRODUCT] = { TYPE_SYSTEM, 0x05 },
	[SMBIOS_SYSTEM_VERSION] = { TYPE_SYSTEM, 0x06 },
	[SMBIOS_BOARD_VENDOR] = { TYPE_BASEBOARD, 0x04 },
	[SMBIOS_BOARD_PRODUCT] = { TYPE_BASEBOARD, 0x05 },
};

/* SMBIOS 3.x §7.18, Memory Device: Size, and Extended Size since 2.7. */
#define DEVICE_SIZE          0x0c
#define DEVICE_EXTENDED_SIZE 0x1c
#define SIZE_UNKNOWN         0xffff
#define SIZE_IS_EXTENDED     0x7fff
#define SIZE_IN_KIB          0x8000

/* A formatted part, and behind it strings, each with a 0 byte at its end (§6.1.3). */
struct structure {
	const uint8_t *formatted;
	size_t formatted_bytes;
	const uint8_t *strings;
	size_t strings_bytes;
};

/* Cut the first structure off what is left of the table: [*at, end). False at the last one, and at
 * one that runs over the end. */
static bool next_structure(const uint8_t **at, const uint8_t *end, struct structure *ret_structure)
{
	size_t left_bytes = (size_t)(end - *at), n = 0;
	const uint8_t *strings;

	if (left_bytes < STRUCTURE_HEADER_BYTES ||
	    (*at)[STRUCTURE_LENGTH] < STRUCTURE_HEADER_BYTES ||
	    (*at)[STRUCTURE_LENGTH] > left_bytes || **at == TYPE_END)
		return false;
	ret_structure->formatted = *at;
	ret_structure->formatted_bytes = (*at)[STRUCTURE_LENGTH];
	left_bytes -= ret_structure->formatted_bytes;
	strings = *at + ret_structure->formatted_bytes;
	while (left_bytes - n >= 2 && (strings[n] != 0 || strings[n + 1] != 0))
		n++;
	if (left_bytes - n < 2) /* two 0 bytes end it, with and without strings */
		return false;
	ret_structure->strings = strings;
	ret_structure->strings_bytes = n + 1;
	*at = strings + n + 2;
	return true;
}

/* Strings are numbered from 1; 0 is none, and a number above the last one is taken as none. */
static void copy_string(const struct structure *structure, uint8_t offset, char *text)
{
	const uint8_t *at = structure->strings, *end = at + structure->strings_bytes;
	unsigned number = offset < structure->formatted_bytes ? structure->formatted[offset] : 0;
	size_t n = 0;

	if (number == 0)
		return;
	for (; number > 1 && at < end; at++)
		number -= *at == 0;
	for (; at < end && *at != 0 && n < SMBIOS_TEXT_BYTES - 1; at++)
		text[n++] = (char)*at;
	text[n] = '\0';
}

static uint64_t device_bytes(const struct structure *device)
{
	unsigned size = 0;

	if (device->formatted_bytes >= DEVICE_SIZE + 2)
		size = wire_u16(device->formatted + DEVICE_SIZE);
	if (size == SIZE_UNKNOWN)
		return 0;
	if (size != SIZE_IS_EXTENDED)
		return (uint64_t)(size & ~SIZE_IN_KIB) << (size & SIZE_IN_KIB ? 10 : 20);
	if (device->formatted_bytes < DEVICE_EXTENDED_SIZE + 4)
		return 0;
	return (uint64_t)(wire_u32(device->formatted + DEVICE_EXTENDED_SIZE) & INT32_MAX) << 20;
}

static void read_structure(const struct structure *structure, struct smbios_model *model)
{
	uint8_t type = structure->formatted[0];

	for (size_t i = 0; i < SMBIOS_TEXTS; i++)
		if (text_places[i].type == type && model->texts[i][0] == '\0')
			copy_string(structure, text_places[i].offset, model->texts[i]);
	if (type == TYPE_MEMORY_DEVICE) {
		uint64_t bytes = device_bytes(structure);

		model->installed_bytes += min_u64(bytes, UINT64_MAX - model->installed_bytes);
	}
}

void smbios_read_model(const struct phys_mem *phys, struct span table,
                       struct smbios_model *ret_model)
{
	uint64_t table_bytes = table.end_paddr - table.start_paddr;
	const uint8_t *at =
		table_bytes > 0 ? phys_read(phys, table.start_paddr, table_bytes) : NULL;
	const uint8_t *end = at == NULL ? NULL : at + table_bytes;
	struct structure structure;

	memset(ret_model, 0, sizeof *ret_model);
	while (at != NULL && next_structure(&at, end, &structure))
		read_structure(&structure, ret_model);
}
