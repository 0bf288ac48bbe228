/* fat.c - see fat.h. Fields and sections are those of Microsoft's FAT specification. */
#include "efi/fat.h"

#include "bootmem/count.h"
#include "bootmem/mem.h"
#include "bootmem/pfn.h"
#include "x86/wire.h"

#define ENTRY_BYTES      32
#define NO_BLOCK         UINT64_MAX
#define LEAST_OF_FAT16   4085 /* clusters; fewer are FAT12 (§3.5) */
#define CLUSTER_BITS     UINT32_C(0x0fffffff)
#define LAST_CLUSTERS    7 /* and the highest number: the end of a file (§4.1) */
#define IS_BAD           8 /* below the highest number */
#define UNREADABLE       UINT32_MAX
#define ONE_TABLE_COUNTS 0x80 /* of two that are not the same; bits 0 to 3 say which */
#define NAME_BYTES       261  /* of 20 entries of a long name, and a 0 */
#define NAME_PART        13
#define ATTRIBUTE_LABEL  0x08
#define ATTRIBUTE_FOLDER 0x10
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
	uint32_t highest;       /* number that an entry can have */
	uint64_t table_offset, root_offset, first_offset; /* bytes, of the volume */
	uint32_t root_cluster; /* 0 for FAT12 and FAT16, whose root is no clusters */
	uint64_t end_cluster;  /* what the table has room for, at most */
};

/* A file or a folder. */
struct entry {
	uint32_t cluster;
	uint32_t bytes;  /* 0 for a folder, which has as many as its clusters */
	uint64_t offset; /* of the entry itself, on the volume; 0: the root */
	bool is_folder;
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

/* How many entries it has, which may be fewer than there are clusters. */
static uint64_t room_of_table(unsigned entry_bits, uint32_t n_sectors, unsigned sector_shift)
{
	const uint64_t bytes = (uint64_t)n_sectors << sector_shift;

	return entry_bits == 12 ? (uint32_t)bytes * 2 / 3 : bytes >> (entry_bits / 16);
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
	const uint32_t flags = is_32 ? get(boot + 40, 2) : 0;
	const uint32_t table_number = (flags & ONE_TABLE_COUNTS) != 0 ? flags & 0xf : 0;
	const uint64_t root_bytes = (uint64_t)get(boot + 17, 2) * ENTRY_BYTES;
	const uint64_t first = root + ((root_bytes + sector_bytes - 1) >> sector_shift);

	if (get(boot + 510, 2) != 0xaa55 || !is_power_of_two(sector_bytes) ||
	    sector_bytes < ENTRY_BYTES || !is_power_of_two(per_cluster) || boot[16] == 0 ||
	    table == 0 || n_sectors <= first)
		return false;
	fat->cluster_shift = sector_shift + shift_of(per_cluster);
	fat->table_offset = (table + (uint64_t)table_number * table_sectors) << sector_shift;
	fat->root_offset = root << sector_shift;
	fat->first_offset = first << sector_shift;
	fat->root_cluster = is_32 ? get(boot + 44, 4) : 0;
	fat->end_cluster = 2 + ((n_sectors - first) >> shift_of(per_cluster));
	fat->entry_bits = is_32 ? 32 : fat->end_cluster - 2 < LEAST_OF_FAT16 ? 12 : 16;
	fat->end_cluster = min_u64(fat->end_cluster,
	                           room_of_table(fat->entry_bits, table_sectors, sector_shift));
	fat->highest = is_32 ? CLUSTER_BITS : (1u << fat->entry_bits) - 1;
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

/* Entries of 12 bits may begin in the middle of a byte, and go on in the next block. */
static uint32_t next_of_12_bits(struct fat *fat, uint32_t cluster)
{
	const uint64_t offset = fat->table_offset + cluster + cluster / 2;
	const uint8_t *low = at(fat, &fat->table, offset);
	const uint32_t value = low != NULL ? *low : 0;
	const uint8_t *high = low != NULL ? at(fat, &fat->table, offset + 1) : NULL;

	if (high == NULL)
		return UNREADABLE;
	return (value | (uint32_t)*high << 8) >> 4 * (cluster & 1) & fat->highest;
}

static bool is_cluster(const struct fat *fat, uint32_t cluster)
{
	return cluster >= 2 && cluster < fat->end_cluster;
}

/* §4.1: what the table has for a cluster. */
static uint32_t next_cluster(struct fat *fat, uint32_t cluster)
{
	const uint64_t offset = (uint64_t)cluster << (fat->entry_bits / 16);
	const uint8_t *entry;

	if (fat->entry_bits == 12)
		return next_of_12_bits(fat, cluster);
	entry = at(fat, &fat->table, fat->table_offset + offset);
	if (entry == NULL)
		return UNREADABLE;
	return (fat->entry_bits == 32 ? wire_u32(entry) : wire_u16(entry)) & fat->highest;
}

/* Does the cluster before this one lead to it, too? */
static bool is_crossed(struct fat *fat, uint32_t cluster, uint32_t from)
{
	const uint32_t before = cluster - 1;

	return before != from && is_cluster(fat, before) && next_cluster(fat, before) == cluster;
}

/* All clusters from one on. Returns what comes behind the last one: no cluster; or one, where they
 * go in a circle. Brent's way, which needs no memory: a mark is left behind after 1, 2, 4, ...
 * clusters, and who comes by it again walks in a circle. *ret_n_own are those before the first one
 * that something else leads to. */
static uint32_t follow(struct fat *fat, uint32_t cluster, struct fat_chain *chain,
                       uint64_t *ret_n_own)
{
	uint32_t mark = cluster;
	uint64_t n_left = 1, most = 1;

	*ret_n_own = UINT64_MAX;
	for (; is_cluster(fat, cluster); n_left--) {
		if (n_left == 0) {
			mark = cluster;
			most *= 2;
			n_left = most;
		}
		if (*ret_n_own == UINT64_MAX && is_crossed(fat, cluster, chain->last_cluster))
			*ret_n_own = chain->n_clusters;
		chain->last_cluster = cluster;
		chain->n_clusters++;
		cluster = next_cluster(fat, cluster);
		if (cluster == mark)
			break;
	}
	return cluster;
}

/* Where clusters end too early, by what comes behind the last one. */
static enum fat_fault fault_of(const struct fat *fat, uint32_t behind)
{
	if (behind >= fat->highest - LAST_CLUSTERS)
		return FAT_CUT;
	return behind == 0 ? FAT_FREE : behind == fat->highest - IS_BAD ? FAT_BAD : FAT_OUTSIDE;
}

/* It holds what comes before. */
static void cross(const struct fat *fat, struct fat_chain *chain, uint64_t n_own)
{
	chain->fault = FAT_CROSSED;
	chain->n_clusters = n_own;
	chain->held_bytes = n_own << fat->cluster_shift;
}

/* Of a folder only a circle is told: what is in it is found, or not. Free and bad is the cluster
 * that the table says so of, not the one behind it. */
static void judge(struct fat *fat, const struct entry *entry, struct fat_chain *chain)
{
	uint64_t n_own;
	const uint32_t behind = follow(fat, entry->cluster, chain, &n_own);
	const enum fat_fault fault =
		chain->n_clusters == 0 && behind == 0 ? FAT_CUT : fault_of(fat, behind);

	if (chain->n_clusters > 0 && (fault == FAT_FREE || fault == FAT_BAD))
		chain->n_clusters--;
	chain->held_bytes = chain->n_clusters << fat->cluster_shift;
	chain->file_bytes = entry->bytes;
	chain->entry_offset = entry->offset;
	if (is_cluster(fat, behind))
		chain->fault = FAT_CIRCLE;
	else if (behind == UNREADABLE)
		chain->last_cluster = 0;
	else if (!entry->is_folder && chain->held_bytes < entry->bytes)
		chain->fault = fault;
	else if (!entry->is_folder && n_own < chain->n_clusters &&
	         n_own << fat->cluster_shift < entry->bytes)
		cross(fat, chain, n_own);
	else if (!entry->is_folder && (chain->held_bytes - entry->bytes) >> fat->cluster_shift > 0)
		chain->fault = FAT_LONG;
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

/* §6: of FAT12 and FAT16 the upper half of the cluster is something else, for some systems. */
static struct entry read_entry(const struct fat *fat, const uint8_t *entry, uint64_t offset)
{
	const uint32_t high = fat->entry_bits == 32 ? get(entry + 20, 2) : 0;

	return (struct entry){ .cluster = high << 16 | get(entry + 26, 2),
		               .bytes = get(entry + 28, 4),
		               .offset = offset,
		               .is_folder = (entry[11] & ATTRIBUTE_FOLDER) != 0 };
}

/* A name in a folder, whose clusters go in no circle. False: it is not there. */
static bool find(struct fat *fat, uint32_t folder, const char *name, size_t bytes,
                 struct entry *ret_entry)
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
				return false;
			if (is_found(&look, entry)) {
				*ret_entry = read_entry(fat, entry, offset);
				return true;
			}
		}
		folder = folder == 0 ? 0 : next_cluster(fat, folder);
	} while (is_cluster(fat, folder));
	return false;
}

static bool is_slash(char c)
{
	return c == '\\' || c == '/';
}

/* Bytes of the path up to the next name in it, and behind that. */
static size_t next_name(const char *path, size_t *n)
{
	size_t start;

	while (is_slash(path[*n]))
		(*n)++;
	start = *n;
	while (path[*n] != '\0' && !is_slash(path[*n]))
		(*n)++;
	return start;
}

void fat_follow(EFI_BLOCK_IO *io, void *room, const char *path, struct fat_chain *ret_chain)
{
	const struct fat_chain none = { .fault = FAT_SOUND };
	struct entry entry = { .is_folder = true };
	struct fat fat;
	size_t n = 0;

	*ret_chain = none;
	if (!open_fat(io, room, &fat))
		return;
	entry.cluster = fat.root_cluster;
	for (;;) {
		size_t start;

		*ret_chain = none;
		judge(&fat, &entry, ret_chain);
		ret_chain->path_bytes = n > 0 ? n : 1;
		start = next_name(path, &n);
		if (n == start || ret_chain->fault == FAT_CIRCLE)
			return;
		if (!entry.is_folder || !find(&fat, entry.cluster, path + start, n - start, &entry))
			break;
	}
	*ret_chain = none;
}

bool fat_shares(const struct fat_chain *one, const struct fat_chain *other)
{
	return one->last_cluster != 0 && one->last_cluster == other->last_cluster &&
	       one->entry_offset != other->entry_offset;
}

const char *fat_fault_text(enum fat_fault fault)
{
	static const char *const texts[] = {
		[FAT_SOUND] = "nothing is wrong",
		[FAT_CIRCLE] = "its clusters lead in a circle",
		[FAT_CUT] = "its clusters end",
		[FAT_FREE] = "its clusters lead to a free one",
		[FAT_BAD] = "its clusters lead to one that is marked as bad",
		[FAT_OUTSIDE] = "its clusters lead out of the volume",
		[FAT_CROSSED] = "its clusters are another file's, too,",
		[FAT_LONG] = "it has more clusters than its size needs",
	};

	return texts[fault];
}
