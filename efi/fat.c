/* fat.c - see fat.h. Fields and sections are those of Microsoft's FAT specification. */
#include "efi/fat.h"

#include "bootmem/count.h"
#include "bootmem/mem.h"

#define ENTRY_BYTES      32
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

struct fat {
	EFI_BLOCK_IO *io;
	uint8_t *table, *content; /* a block each */
	uint64_t in_table;        /* the block that is in .table; 0, where no table is: none */
	unsigned block_shift, cluster_shift; /* bytes of a block, blocks of a cluster */
	unsigned entry_shift;                /* bytes in the table: 1 for FAT16, 2 for FAT32 */
	uint64_t table_block, root_block, first_block;
	uint32_t n_root_blocks;
	uint32_t root_cluster; /* 0 for FAT16, whose root is no clusters */
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

static bool read_block(const struct fat *fat, uint64_t block, uint8_t *to)
{
	return !EFI_ERROR(fat->io->ReadBlocks(fat->io, fat->io->Media->MediaId, block,
	                                      fat->io->Media->BlockSize, to));
}

static unsigned shift_of(uint32_t power_of_two)
{
	unsigned shift = 0;

	while (power_of_two >> shift > 1)
		shift++;
	return shift;
}

/* §3.1, §3.5: where everything is. False if this is no FAT16 or FAT32. */
static bool find_parts(struct fat *fat)
{
	const uint8_t *boot = fat->content;
	const uint32_t block_bytes = fat->io->Media->BlockSize, per_cluster = boot[13];
	const uint32_t table_blocks = get(boot + 22, 2) > 0 ? get(boot + 22, 2) : get(boot + 36, 4);
	const uint32_t n_blocks = get(boot + 19, 2) > 0 ? get(boot + 19, 2) : get(boot + 32, 4);
	const bool is_32 = get(boot + 22, 2) == 0;

	if (get(boot + 510, 2) != 0xaa55 || get(boot + 11, 2) != block_bytes || per_cluster == 0 ||
	    (per_cluster & (per_cluster - 1)) != 0 || boot[16] == 0 || get(boot + 14, 2) == 0)
		return false;
	fat->block_shift = shift_of(block_bytes);
	fat->cluster_shift = shift_of(per_cluster);
	fat->entry_shift = is_32 ? 2 : 1;
	fat->table_block = get(boot + 14, 2);
	fat->root_block = fat->table_block + (uint64_t)boot[16] * table_blocks;
	fat->n_root_blocks = get(boot + 17, 2) * ENTRY_BYTES >> fat->block_shift;
	fat->root_cluster = is_32 ? get(boot + 44, 4) : 0;
	fat->first_block = fat->root_block + fat->n_root_blocks;
	if (n_blocks <= fat->first_block)
		return false;
	fat->end_cluster = 2 + ((n_blocks - fat->first_block) >> fat->cluster_shift);
	return is_32 || fat->end_cluster - 2 >= LEAST_OF_FAT16;
}

static bool open_fat(EFI_BLOCK_IO *io, uint8_t *room, struct fat *fat)
{
	const uint32_t bytes = io->Media->BlockSize;

	*fat = (struct fat){ .io = io, .table = room, .content = room + FAT_BLOCK_BYTES };
	return bytes >= 512 && bytes <= FAT_BLOCK_BYTES && (bytes & (bytes - 1)) == 0 &&
	       read_block(fat, 0, fat->content) && find_parts(fat);
}

/* §4.1. 0 behind the last one, and behind one that leads nowhere. */
static uint32_t next_cluster(struct fat *fat, uint32_t cluster)
{
	const uint64_t offset = (uint64_t)cluster << fat->entry_shift;
	const uint64_t block = fat->table_block + (offset >> fat->block_shift);
	uint32_t next;

	if (cluster < 2 || cluster >= fat->end_cluster)
		return 0;
	if (block != fat->in_table && !read_block(fat, block, fat->table)) {
		fat->in_table = 0;
		return 0;
	}
	fat->in_table = block;
	next = get(fat->table + (offset & (fat->io->Media->BlockSize - 1)),
	           (size_t)1 << fat->entry_shift) &
	       CLUSTER_BITS;
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

/* Look through a block of a folder; false at the folder's end, and where it is found. *ret_cluster
 * is 0 as long as it is not. */
static bool look_through(const struct fat *fat, struct look *look, uint32_t *ret_cluster)
{
	const uint8_t *end = fat->content + fat->io->Media->BlockSize;

	for (const uint8_t *entry = fat->content; entry < end; entry += ENTRY_BYTES) {
		if (entry[0] == 0)
			return false;
		if (entry[0] != IS_DELETED && (entry[11] & 0x3f) == ATTRIBUTE_LONG) {
			take_long(look, entry);
			continue;
		}
		if (entry[0] != IS_DELETED && (entry[11] & ATTRIBUTE_LABEL) == 0 &&
		    (is_name(look, look->long_name) || is_short_name(look, entry))) {
			*ret_cluster = get(entry + 20, 2) << 16 | get(entry + 26, 2);
			return false;
		}
		look->long_name[0] = '\0';
	}
	return true;
}

/* Where the clusters of a name in a folder begin, which go in no circle; 0: nowhere. */
static uint32_t find(struct fat *fat, uint32_t folder, const char *name, size_t bytes)
{
	struct look look = { .name = name, .bytes = bytes };
	uint32_t found = 0;

	do {
		const uint64_t first = folder == 0 ? fat->root_block
		                                   : fat->first_block + ((uint64_t)(folder - 2)
		                                                         << fat->cluster_shift);
		const uint64_t n =
			folder == 0 ? fat->n_root_blocks : UINT64_C(1) << fat->cluster_shift;

		for (uint64_t i = 0; i < n; i++)
			if (!read_block(fat, first + i, fat->content) ||
			    !look_through(fat, &look, &found))
				return found;
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
