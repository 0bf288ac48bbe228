/* fat.c - see fat.h. Fields and sections are those of Microsoft's FAT specification. */
#include "efi/fat.h"

#include "bootmem/count.h"
#include "bootmem/mem.h"

#define ENTRY_BYTES      32
#define NO_BLOCK         UINT64_MAX
#define LEAST_OF_FAT16   4085 /* clusters; fewer are FAT12 (§3.5) */
#define CLUSTER_BITS     UINT32_C(0x0fffffff)
#define NAME_BYTES       261 /* of 20 entries of a long name, and a 0 */
#define NAME_PART        13
#define ATTRIBUTE_LABEL  0x08
#define ATTRIBUTE_LONG   0x0f
#define IS_DELETED       0xe5
#define IS_LAST_OF_NAME  0x40
#define SHORT_NAME_BYTES 8
#define SHORT_END_BYTES  11

/* A block of the disk, in memory. */
struct window {
	uint8_t *bytes;
	uint64_t block; /* NO_BLOCK: none */
};

struct fat {
	EFI_BLOCK_IO *io;
	struct window table, content;
	unsigned block_shift;   /* bytes of a block of the disk, which need not be FAT's sector */
	unsigned cluster_shift; /* bytes of a cluster */
	unsigned entry_bits;    /* in the table: 12, 16 or 32 */
	uint64_t table_offset, root_offset, first_offset; /* bytes, of the volume */
	uint32_t root_cluster; /* 0 for FAT12 and FAT16, whose root is no clusters */
	uint64_t end_cluster;
};

/* What is looked for in a folder, and the long name that has been gathered. */
struct look {
	const char *name;
	size_t bytes;
	char long_name[NAME_BYTES];
};

static uint32_t get(const uint8_t *from, size_t bytes)
{
	uint32_t value = 0;

	while (bytes-- > 0)
		value = value << 8 | from[bytes];
	return value;
}

/* The byte at an offset of the volume, and what follows it in its block. NULL if it cannot be read.
 */
static const uint8_t *at(const struct fat *fat, struct window *window, uint64_t offset)
{
	const uint32_t block_bytes = fat->io->Media->BlockSize;
	const uint64_t block = offset >> fat->block_shift;

	if (block != window->block &&
	    EFI_ERROR(fat->io->ReadBlocks(fat->io, fat->io->Media->MediaId, block, block_bytes,
	                                  window->bytes))) {
		window->block = NO_BLOCK;
		return NULL;
	}
	window->block = block;
	return window->bytes + (offset & (block_bytes - 1));
}

static bool is_power_of_two(uint32_t value)
{
	return value != 0 && (value & (value - 1)) == 0;
}

static unsigned shift_of(uint32_t power_of_two)
{
	unsigned shift = 0;

	while (power_of_two >> shift > 1)
		shift++;
	return shift;
}

/* §3.1, §3.5: where everything is. False if this is no FAT. */
static bool find_parts(struct fat *fat, const uint8_t *boot)
{
	const uint32_t sector_bytes = get(boot + 11, 2), per_cluster = boot[13];
	const bool is_32 = get(boot + 22, 2) == 0;
	const uint32_t table_sectors = is_32 ? get(boot + 36, 4) : get(boot + 22, 2);
	const uint32_t n_sectors = get(boot + 19, 2) > 0 ? get(boot + 19, 2) : get(boot + 32, 4);
	const uint64_t table = get(boot + 14, 2), root = table + (uint64_t)boot[16] * table_sectors;
	const unsigned sector_shift = shift_of(sector_bytes);
	const uint64_t first = root + (get(boot + 17, 2) * ENTRY_BYTES >> sector_shift);

	if (get(boot + 510, 2) != 0xaa55 || !is_power_of_two(sector_bytes) ||
	    sector_bytes < ENTRY_BYTES || !is_power_of_two(per_cluster) || boot[16] == 0 ||
	    table == 0 || n_sectors <= first)
		return false;
	fat->cluster_shift = sector_shift + shift_of(per_cluster);
	fat->table_offset = table << sector_shift;
	fat->root_offset = root << sector_shift;
	fat->first_offset = first << sector_shift;
	fat->root_cluster = is_32 ? get(boot + 44, 4) : 0;
	fat->end_cluster = 2 + ((n_sectors - first) >> shift_of(per_cluster));
	fat->entry_bits = is_32 ? 32 : fat->end_cluster - 2 < LEAST_OF_FAT16 ? 12 : 16;
	return true;
}

static bool open_fat(EFI_BLOCK_IO *io, uint8_t *room, struct fat *fat)
{
	const uint32_t bytes = io->Media->BlockSize;
	const uint8_t *boot;

	*fat = (struct fat){ .io = io,
		             .table = { room, NO_BLOCK },
		             .content = { room + FAT_BLOCK_BYTES, NO_BLOCK },
		             .block_shift = shift_of(bytes) };
	if (bytes < 512 || bytes > FAT_BLOCK_BYTES || !is_power_of_two(bytes))
		return false;
	boot = at(fat, &fat->content, 0);
	return boot != NULL && find_parts(fat, boot);
}

/* §4.1. 0 behind the last one, and behind one that leads nowhere. Entries of 12 bits may begin in
 * the middle of a byte, and go on in the next block. */
static uint32_t next_cluster(struct fat *fat, uint32_t cluster)
{
	const uint64_t bit = (uint64_t)cluster * fat->entry_bits;
	const uint32_t mask = fat->entry_bits == 32 ? CLUSTER_BITS : (1u << fat->entry_bits) - 1;
	uint32_t next = 0;

	if (cluster < 2 || cluster >= fat->end_cluster)
		return 0;
	for (unsigned i = 0; 8 * i < fat->entry_bits; i++) {
		const uint8_t *byte = at(fat, &fat->table, fat->table_offset + (bit >> 3) + i);

		if (byte == NULL)
			return 0;
		next |= (uint32_t)*byte << 8 * i;
	}
	next = next >> (bit & 7) & mask;
	return next < 2 || next >= fat->end_cluster ? 0 : next;
}

/* Brent's way, which needs no memory: a mark is left behind after 1, 2, 4, ... clusters, and who
 * comes by it again walks in a circle. Each walk ends: by the end, or at a mark. */
static bool is_circle(struct fat *fat, uint32_t cluster)
{
	uint32_t mark = cluster;
	uint64_t n = 0, most = 1;

	while ((cluster = next_cluster(fat, cluster)) != 0) {
		if (cluster == mark)
			return true;
		if (++n == most) {
			mark = cluster;
			most *= 2;
			n = 0;
		}
	}
	return false;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static bool is_name(const struct look *look, const char *name)
{
	size_t i = 0;

	while (i < look->bytes && lower(name[i]) == lower(look->name[i]))
		i++;
	return i == look->bytes && name[i] == '\0';
}

/* §7.1: thirteen characters of a long name, the last ones first; ? for what is no ASCII. */
static void take_long(struct look *look, const uint8_t *entry)
{
	static const uint8_t places[NAME_PART] = { 1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30 };
	const size_t number = entry[0] & 0x1f;

	if ((entry[0] & IS_LAST_OF_NAME) != 0)
		memset(look->long_name, 0, sizeof look->long_name);
	if (number == 0 || number * NAME_PART >= NAME_BYTES)
		return;
	for (size_t i = 0; i < NAME_PART; i++) {
		const uint32_t wide = get(entry + places[i], 2);

		look->long_name[(number - 1) * NAME_PART + i] = wide == 0xffff ? '\0'
		                                                : wide < 0x7f  ? (char)wide
		                                                               : '?';
	}
}

/* §6.1: "KERNEL  ELF" is KERNEL.ELF. */
static bool is_short_name(const struct look *look, const uint8_t *entry)
{
	char name[SHORT_END_BYTES + 2];
	size_t n = 0;

	for (size_t i = 0; i < SHORT_END_BYTES; i++) {
		if (entry[i] == ' ')
			continue;
		if (i >= SHORT_NAME_BYTES &&
		    (n == 0 || i == SHORT_NAME_BYTES || entry[i - 1] == ' '))
			name[n++] = '.';
		name[n++] = (char)entry[i];
	}
	name[n] = '\0';
	return is_name(look, name);
}

/* Is this entry of a folder the one that is looked for? Entries of its long name come before it. */
static bool is_found(struct look *look, const uint8_t *entry)
{
	bool is_it;

	if (entry[0] != IS_DELETED && (entry[11] & 0x3f) == ATTRIBUTE_LONG) {
		take_long(look, entry);
		return false;
	}
	is_it = entry[0] != IS_DELETED && (entry[11] & ATTRIBUTE_LABEL) == 0 &&
	        (is_name(look, look->long_name) || is_short_name(look, entry));
	look->long_name[0] = '\0';
	return is_it;
}

/* Where the clusters of a name in a folder begin, which go in no circle; 0: nowhere. */
static uint32_t find(struct fat *fat, uint32_t folder, const char *name, size_t bytes)
{
	struct look look = { .name = name, .bytes = bytes };

	do {
		uint64_t offset = fat->root_offset, end_offset = fat->first_offset;

		if (folder != 0) {
			offset = fat->first_offset + ((uint64_t)(folder - 2) << fat->cluster_shift);
			end_offset = offset + (UINT64_C(1) << fat->cluster_shift);
		}
		for (; offset < end_offset; offset += ENTRY_BYTES) {
			const uint8_t *entry = at(fat, &fat->content, offset);

			if (entry == NULL || entry[0] == 0)
				return 0;
			if (is_found(&look, entry))
				return get(entry + 20, 2) << 16 | get(entry + 26, 2);
		}
		folder = folder == 0 ? 0 : next_cluster(fat, folder);
	} while (folder != 0);
	return 0;
}

static bool is_slash(char c)
{
	return c == '\\' || c == '/';
}

size_t fat_circle(EFI_BLOCK_IO *io, void *room, const char *path)
{
	struct fat fat;
	uint32_t cluster;
	size_t n = 0;

	if (!open_fat(io, room, &fat))
		return 0;
	cluster = fat.root_cluster;
	if (is_circle(&fat, cluster))
		return 1;
	do {
		size_t start;

		while (is_slash(path[n]))
			n++;
		start = n;
		while (path[n] != '\0' && !is_slash(path[n]))
			n++;
		if (n == start)
			return 0;
		cluster = find(&fat, cluster, path + start, n - start);
		if (is_circle(&fat, cluster))
			return n;
	} while (cluster != 0);
	return 0;
}
