/* test_fat.c - chains of clusters, in volumes that are made here: small ones of each kind. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "efi/fat.h"

#define N_OF(array)   (sizeof(array) / sizeof((array)[0]))
#define VOLUME_BYTES  (24u << 20)
#define N_CLUSTERS    5000u /* of one sector each; fewer than 4085 are FAT12 */
#define N_OF_FAT12    4084u
#define N_RESERVED    4u
#define MOST_READS    200000u
#define LONG_PATH     "\\A Kernel of Mine.Elf"
#define FREE          0u
#define BAD           0x0ffffff7u
#define LAST          0x0fffffffu
#define LAST_OF_FAT16 0xffffu
#define BEHIND        UINT32_MAX /* the first cluster that there is not */

/* --- the disk --- */

static uint8_t volume[VOLUME_BYTES];
static uint8_t room[FAT_ROOM_BYTES] __attribute__((aligned(4096)));
static unsigned n_reads, fail_read; /* the n-th read fails; 0: none */
static EFI_BLOCK_IO_MEDIA media;

static EFI_STATUS EFIAPI read_blocks(EFI_BLOCK_IO *io, UINT32 media_id, EFI_LBA block, UINTN bytes,
                                     VOID *to)
{
	(void)io;
	assert_int_equal(media_id, media.MediaId);
	assert_int_equal(bytes, media.BlockSize);
	assert_true(++n_reads < MOST_READS);
	if (n_reads == fail_read || block >= VOLUME_BYTES / media.BlockSize)
		return EFI_DEVICE_ERROR;
	memcpy(to, volume + block * bytes, bytes);
	return EFI_SUCCESS;
}

static EFI_BLOCK_IO disk = { .Media = &media, .ReadBlocks = read_blocks };

/* --- what is on it --- */

static unsigned entry_bits;
static uint32_t table_sectors, sector_bytes, n_clusters;

static void put(uint8_t *to, uint32_t value, size_t bytes)
{
	for (; bytes-- > 0; value >>= 8)
		*to++ = (uint8_t)value;
}

static void set_next(uint32_t cluster, uint32_t next)
{
	uint8_t *entry = volume + N_RESERVED * sector_bytes + cluster * entry_bits / 8;
	const uint32_t value = next == BEHIND ? n_clusters + 2 : next;

	if (entry_bits != 12)
		put(entry, value, entry_bits / 8);
	else if (cluster % 2 == 0)
		put(entry, (value & 0xfff) | (entry[1] & 0xf0u) << 8, 2);
	else
		put(entry, value << 4 | (entry[0] & 0xfu), 2);
}

/* The root of FAT12 and FAT16 (cluster 0), or a cluster. */
static uint8_t *at(uint32_t cluster)
{
	uint32_t root = N_RESERVED + 2 * table_sectors;

	return volume + (size_t)sector_bytes *
	                        (cluster == 0 ? root : root + (entry_bits != 32) + cluster - 2);
}

static uint8_t *put_entry(uint8_t *entry, const char *name, uint8_t attribute, uint32_t cluster)
{
	memcpy(entry, name, 11);
	entry[11] = attribute;
	put(entry + 20, cluster >> 16, 2);
	put(entry + 26, cluster, 2);
	return entry + 32;
}

static uint8_t *put_long_name(uint8_t *entry, const char *name)
{
	static const uint8_t places[13] = { 1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30 };
	size_t bytes = strlen(name), n = (bytes + 12) / 13;

	for (size_t number = n; number > 0; number--, entry += 32) {
		entry[0] = (uint8_t)(number | (number == n ? 0x40 : 0));
		entry[11] = 0x0f;
		for (size_t i = 0, k = (number - 1) * 13; i < 13; i++, k++)
			put(entry + places[i],
			    k < bytes    ? (uint8_t)name[k]
			    : k == bytes ? 0
			                 : 0xffff,
			    2);
	}
	return entry;
}

static void put_boot_sector(void)
{
	const bool is_32 = entry_bits == 32;

	put(volume + 11, sector_bytes, 2);
	volume[13] = 1;
	put(volume + 14, N_RESERVED, 2);
	volume[16] = 2;
	put(volume + 17, is_32 ? 0 : sector_bytes / 32, 2);
	put(volume + 32, N_RESERVED + 2 * table_sectors + !is_32 + n_clusters, 4);
	put(volume + (is_32 ? 36 : 22), table_sectors, is_32 ? 4 : 2);
	put(volume + 44, is_32 ? 2 : 0, 4);
	put(volume + 510, 0xaa55, 2);
}

/* The root is cluster 2 where it is one; \bootmem 3, 4; \bootmem\captures 5; the kernel 6, 7, 8,
 * which it fills; and one with a long name 9 to 1100, the last of them with one byte. */
static uint8_t *kernel_entry, *long_entry;

static void make_volume(unsigned bits, uint32_t of_sector, uint32_t of_block)
{
	uint8_t *entry;

	memset(volume, 0, sizeof volume);
	entry_bits = bits;
	sector_bytes = of_sector;
	n_clusters = bits == 12 ? N_OF_FAT12 : N_CLUSTERS;
	media = (EFI_BLOCK_IO_MEDIA){ .MediaId = 7, .BlockSize = of_block };
	table_sectors = ((N_CLUSTERS + 2) * 4 + sector_bytes - 1) / sector_bytes;
	put_boot_sector();
	entry = put_entry(at(bits == 32 ? 2 : 0), "BOOTMEM    ", 0x08, 0); /* the label */
	entry = put_entry(entry, "\xe5OOTMEM    ", 0x10, 9);
	entry = put_long_name(entry, LONG_PATH + 1);
	long_entry = entry;
	entry = put_entry(entry, "AKERNE~1ELF", 0x20, 9);
	put(long_entry + 28, 1091 * sector_bytes + 1, 4);
	put_entry(entry, "BOOTMEM    ", 0x10, 3);
	entry = at(3);
	while (entry < at(4))
		entry = put_entry(entry, "\xe5         X ", 0x20, 0);
	entry = put_entry(entry, "CAPTURES   ", 0x10, 5);
	kernel_entry = entry;
	put_entry(entry, "KERNEL  ELF", 0x20, 6);
	put(entry + 28, 3 * sector_bytes, 4);
	set_next(2, LAST);
	set_next(3, 4);
	set_next(4, LAST);
	set_next(5, LAST);
	for (uint32_t cluster = 6; cluster <= 1100; cluster++)
		set_next(cluster, cluster == 8 || cluster == 1100
		                          ? bits == 16 ? LAST_OF_FAT16 : LAST
		                          : cluster + 1);
}

static struct fat_chain follow(const char *path)
{
	struct fat_chain chain;

	n_reads = 0;
	fat_follow(&disk, room, path, &chain);
	return chain;
}

static size_t circle(const char *path)
{
	const struct fat_chain chain = follow(path);

	return chain.fault == FAT_CIRCLE ? chain.path_bytes : 0;
}

/* --- rows --- */

static const struct {
	const char *rule;
	const char *path;
	uint32_t cluster, next;
	const char *damaged; /* NULL: no circle */
} rows[] = {
	{ "a sound file", "\\bootmem\\kernel.elf", 4, LAST, NULL },
	{ "a sound folder", "\\bootmem\\captures", 4, LAST, NULL },
	{ "no such file", "\\bootmem\\kernel2.elf", 4, LAST, NULL },
	{ "nor the start of its name", "\\bootmem\\kernel.el", 6, 6, NULL },
	{ "a circle of another file", "\\bootmem\\captures", 8, 6, NULL },
	{ "a file whose last cluster is followed by the first", "\\bootmem\\kernel.elf", 8, 6,
	  "\\bootmem\\kernel.elf" },
	{ "or by the one before it", "\\bootmem\\kernel.elf", 8, 7, "\\bootmem\\kernel.elf" },
	{ "or by itself", "\\bootmem\\kernel.elf", 8, 8, "\\bootmem\\kernel.elf" },
	{ "capitals, and slashes", "/BOOTMEM/Kernel.ELF", 8, 6, "/BOOTMEM/Kernel.ELF" },
	{ "a long name", LONG_PATH, 1100, 9, LONG_PATH },
	{ "capitals in it", "\\a kernel of mine.ELF", 1100, 600, "\\a kernel of mine.ELF" },
	{ "its short name", "\\akerne~1.elf", 1100, 1099, "\\akerne~1.elf" },
	{ "a folder", "\\bootmem\\captures", 5, 5, "\\bootmem\\captures" },
	{ "a folder on the way", "\\bootmem\\captures\\0001.map", 4, 3, "\\bootmem" },
	{ "a file of a folder is not looked for behind the circle", "\\bootmem\\none", 4, 3,
	  "\\bootmem" },
	{ "a cross link is no circle", "\\bootmem\\kernel.elf", 7, 9, NULL },
	{ "nor is a free cluster", "\\bootmem\\kernel.elf", 7, FREE, NULL },
	{ "a circle across blocks of the table", LONG_PATH, 1022, 341, LONG_PATH },
	{ "no name at all", "\\", 4, LAST, NULL },
	{ "none behind a slash", "\\bootmem\\", 4, LAST, NULL },
};

/* Sectors are blocks of the disk; or not, where a volume was copied to another disk. */
static const struct {
	unsigned bits;
	uint32_t sector_bytes, block_bytes;
} kinds[] = {
	{ 12, 512, 512 },   { 12, 4096, 512 }, { 16, 512, 512 },
	{ 16, 4096, 4096 }, { 16, 2048, 512 }, { 32, 512, 512 },
	{ 32, 512, 4096 },  { 32, 4096, 512 }, { 32, 4096, 4096 },
};

static void make_kind(size_t i)
{
	make_volume(kinds[i].bits, kinds[i].sector_bytes, kinds[i].block_bytes);
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(kinds) * N_OF(rows); i++) {
		const size_t row = i / N_OF(kinds);
		const char *damaged = rows[row].damaged;
		size_t expected = damaged == NULL ? 0 : strlen(damaged);

		make_kind(i % N_OF(kinds));
		set_next(rows[row].cluster, rows[row].next);
		if (circle(rows[row].path) != expected)
			fail_msg("%s (FAT%u, sectors of %u, blocks of %u): %u, not %u",
			         rows[row].rule, entry_bits, (unsigned)sector_bytes,
			         (unsigned)media.BlockSize, (unsigned)circle(rows[row].path),
			         (unsigned)expected);
	}
}

#define KERNEL_PATH "\\bootmem\\kernel.elf"

/* Of the kernel, whose size and chain are set; its third cluster is followed by the end. */
static const struct {
	const char *rule;
	uint32_t n_bytes_less; /* than three clusters */
	uint32_t cluster, next;
	enum fat_fault fault;
	uint64_t n_clusters;
} chains[] = {
	{ "three clusters, full", 0, 7, 8, FAT_SOUND, 3 },
	{ "one byte in the last one", 511, 7, 8, FAT_SOUND, 3 },
	{ "one cluster too many", 512, 7, 8, FAT_LONG, 3 },
	{ "all of them", 3 * 512, 7, 8, FAT_LONG, 3 },
	{ "one byte too many", UINT32_MAX, 7, 8, FAT_CUT, 3 },
	{ "4 GiB", 3 * 512 + 1, 7, 8, FAT_CUT, 3 },
	{ "the end comes early", 0, 7, LAST, FAT_CUT, 2 },
	{ "or at once", 0, 6, LAST, FAT_CUT, 1 },
	{ "with another number for it", 0, 7, LAST - 7, FAT_CUT, 2 },
	{ "early, but late enough", 512, 7, LAST, FAT_SOUND, 2 },
	{ "a free cluster", 0, 7, FREE, FAT_FREE, 1 },
	{ "the last one that it needs", 512, 7, FREE, FAT_FREE, 1 },
	{ "one behind it", 1024, 7, FREE, FAT_SOUND, 1 },
	{ "the first one", 0, 6, FREE, FAT_FREE, 0 },
	{ "a bad one", 0, 7, BAD, FAT_BAD, 1 },
	{ "one behind the volume", 0, 7, BEHIND, FAT_OUTSIDE, 2 },
	{ "the last one of the volume", 0, 7, BEHIND - 1, FAT_SOUND, 3 },
	{ "behind what the file needs", 512, 7, BEHIND, FAT_SOUND, 2 },
	{ "a number that is none", 0, 7, 1, FAT_OUTSIDE, 2 },
	{ "a reserved one", 0, 7, BAD - 1, FAT_OUTSIDE, 2 },
	{ "a cross link to a longer file", 0, 7, 9, FAT_LONG, 2 + 1092 },
	{ "to the end of one", 0, 7, 1100, FAT_CROSSED, 2 },
	{ "to its middle", 0, 6, 600, FAT_CROSSED, 1 },
	{ "in the last cluster that it needs", 512, 6, 600, FAT_CROSSED, 1 },
	{ "behind what it needs", 1024, 6, 1100, FAT_LONG, 2 },
	{ "to the end of one, which does not lead there", 0, 7, 5, FAT_SOUND, 3 },
	{ "another one leads to its first cluster", 0, 5, 6, FAT_CROSSED, 0 },
	{ "before it", 0, 6, 1100, FAT_CUT, 2 },
	{ "a circle", 3 * 512, 8, 6, FAT_CIRCLE, 0 },
};

/* BEHIND - 1 is the last cluster of the volume, which nobody has: a file of one cluster. */
static void chain_kernel(size_t i)
{
	put(kernel_entry + 28, 3 * sector_bytes - chains[i].n_bytes_less, 4);
	set_next(n_clusters + 1, LAST);
	set_next(chains[i].cluster, chains[i].next == BEHIND - 1 ? n_clusters + 1 : chains[i].next);
}

static void test_chains(void **state)
{
	static const unsigned all_bits[] = { 12, 16, 32 };

	(void)state;
	for (size_t i = 0; i < N_OF(all_bits) * N_OF(chains); i++) {
		const size_t row = i / N_OF(all_bits);
		struct fat_chain chain;

		make_volume(all_bits[i % N_OF(all_bits)], 512, 512);
		chain_kernel(row);
		chain = follow(KERNEL_PATH);
		if (chain.fault != chains[row].fault ||
		    (chain.fault != FAT_CIRCLE && chain.n_clusters != chains[row].n_clusters))
			fail_msg("%s (FAT%u): %s, %u clusters", chains[row].rule, entry_bits,
			         fat_fault_text(chain.fault), (unsigned)chain.n_clusters);
		assert_int_equal(chain.path_bytes, strlen(KERNEL_PATH));
		assert_int_equal(chain.held_bytes, chain.n_clusters * 512);
		assert_int_equal(chain.file_bytes, (uint32_t)(3 * 512 - chains[row].n_bytes_less));
		assert_true(chain.entry_offset == (uint64_t)(kernel_entry - volume));
	}
}

/* First clusters of the kernel. A file without bytes needs none. */
static void test_first_clusters(void **state)
{
	static const struct {
		uint32_t first, bytes;
		enum fat_fault fault;
	} firsts[] = {
		{ 0, 0, FAT_SOUND },
		{ 0, 1, FAT_CUT },
		{ 1, 1, FAT_OUTSIDE },
		{ 1, 0, FAT_SOUND },
		{ 6, 0, FAT_LONG },
		{ N_CLUSTERS + 1, 1, FAT_FREE },
		{ N_CLUSTERS + 2, 1, FAT_OUTSIDE },
		{ 0xfff6, 1, FAT_OUTSIDE },
	};

	(void)state;
	for (size_t i = 0; i < N_OF(firsts); i++) {
		make_volume(32, 512, 512);
		put(kernel_entry + 26, firsts[i].first, 2);
		put(kernel_entry + 28, firsts[i].bytes, 4);
		if (follow(KERNEL_PATH).fault != firsts[i].fault)
			fail_msg("row %u: %s", (unsigned)i,
			         fat_fault_text(follow(KERNEL_PATH).fault));
	}
}

/* What other systems make of a sound volume. */
static void test_healthy_volumes(void **state)
{
	(void)state;
	for (unsigned bits = 12; bits <= 16; bits += 4) {
		make_volume(bits, 512, 512);
		put(kernel_entry + 20, 0xabcd, 2); /* OS/2 and Windows NT have attributes there */
		assert_int_equal(follow(KERNEL_PATH).fault, FAT_SOUND);
		assert_int_equal(follow(KERNEL_PATH).n_clusters, 3);
	}
	/* The second table alone counts. */
	make_volume(32, 512, 512);
	memcpy(volume + (N_RESERVED + table_sectors) * 512, volume + N_RESERVED * 512,
	       table_sectors * 512);
	set_next(7, FREE);
	assert_int_equal(follow(KERNEL_PATH).fault, FAT_FREE);
	put(volume + 40, 0x81, 2);
	assert_int_equal(follow(KERNEL_PATH).fault, FAT_SOUND);
	put(volume + 40, 0x01, 2);
	assert_int_equal(follow(KERNEL_PATH).fault, FAT_FREE);
	/* The upper four bits of an entry are nobody's. */
	make_volume(32, 512, 512);
	set_next(7, 0xf0000008);
	assert_int_equal(follow(KERNEL_PATH).fault, FAT_SOUND);
	put(volume + N_RESERVED * 512 + 8 * 4, 0xffffffff, 4);
	assert_int_equal(follow(KERNEL_PATH).fault, FAT_SOUND);
	put(volume + N_RESERVED * 512 + 7 * 4, 0xffffffff, 4);
	assert_int_equal(follow(KERNEL_PATH).fault, FAT_CUT);
	/* A table that is shorter than its volume. */
	make_volume(32, 512, 512);
	put(volume + 36, 1, 4); /* 128 entries; and everything lies elsewhere then */
	put(volume + 16, (uint32_t)2 * table_sectors, 1);
	set_next(7, 128);
	assert_int_equal(follow(KERNEL_PATH).fault, FAT_OUTSIDE);
	set_next(7, 127);
	set_next(126, LAST); /* or it leads there, too */
	assert_int_equal(follow(KERNEL_PATH).fault, FAT_SOUND);
}

static void test_sharing(void **state)
{
	struct fat_chain kernel, other;

	(void)state;
	make_volume(16, 512, 512);
	kernel = follow(KERNEL_PATH);
	other = follow(LONG_PATH);
	assert_false(fat_shares(&kernel, &other));
	assert_false(fat_shares(&kernel, &kernel));
	assert_false(fat_shares(&kernel, &(struct fat_chain){ .fault = FAT_SOUND }));
	assert_false(fat_shares(&(struct fat_chain){ .entry_offset = 1 },
	                        &(struct fat_chain){ .entry_offset = 2 }));
	set_next(7, 600); /* into the middle of it */
	kernel = follow(KERNEL_PATH);
	assert_int_equal(kernel.fault, FAT_CROSSED);
	assert_true(fat_shares(&kernel, &other) && fat_shares(&other, &kernel));
	set_next(7, 8);
	put(kernel_entry + 26, 9, 2); /* all of it */
	kernel = follow(KERNEL_PATH);
	assert_true(fat_shares(&kernel, &other));
	assert_false(fat_shares(&other, &other));
}

static void test_root(void **state)
{
	(void)state;
	make_volume(32, 512, 512);
	set_next(2, 2);
	assert_int_equal(circle("\\bootmem.conf"), 1);
}

/* Fields of the boot sector that no FAT has, and what holds of it all the same. */
static const struct {
	size_t offset, bytes;
	uint32_t value;
} bad_fields[] = {
	{ 11, 2, 0 },  { 11, 2, 1024 }, { 13, 1, 0 },          { 13, 1, 3 },
	{ 14, 2, 0 },  { 16, 1, 0 },    { 36, 4, 0xffffffff }, { 44, 4, 0 },
	{ 44, 4, 1 },  { 44, 4, 5002 }, { 44, 4, 0xffffffff }, { 32, 4, 0 },
	{ 32, 4, 84 }, { 510, 2, 0 },   { 36, 4, 0x01000000 },
};

static void test_nothing_is_said_of_what_is_no_fat(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(bad_fields); i++) {
		make_volume(32, 512, 512);
		set_next(8, 6);
		put(volume + bad_fields[i].offset, bad_fields[i].value, bad_fields[i].bytes);
		if (circle("\\bootmem\\kernel.elf") != 0)
			fail_msg("%u at %u", (unsigned)bad_fields[i].value,
			         (unsigned)bad_fields[i].offset);
	}
	make_volume(32, 512, 512);
	set_next(8, 6);
	media.BlockSize = 8192;
	assert_int_equal(circle("\\bootmem\\kernel.elf"), 0);
	media.BlockSize = 0;
	assert_int_equal(circle("\\bootmem\\kernel.elf"), 0);
}

/* FAT12 has other entries. */
static void test_few_clusters_are_fat12(void **state)
{
	(void)state;
	make_volume(16, 512, 512);
	set_next(8, 6);
	put(volume + 32, N_RESERVED + 2 * table_sectors + 1 + 4085, 4);
	assert_int_equal(circle("\\bootmem\\kernel.elf"), strlen("\\bootmem\\kernel.elf"));
	put(volume + 32, N_RESERVED + 2 * table_sectors + 1 + 4084, 4);
	assert_int_equal(circle("\\bootmem\\kernel.elf"), 0);
}

static void test_nothing_is_said_of_what_cannot_be_read(void **state)
{
	unsigned n = 0, all_reads;

	(void)state;
	make_volume(32, 512, 512);
	set_next(8, 6);
	circle("\\bootmem\\kernel.elf");
	all_reads = n_reads;
	for (fail_read = 1; fail_read <= all_reads; fail_read++)
		n += circle("\\bootmem\\kernel.elf") == 0;
	fail_read = 0;
	assert_true(n > 0);
}

static uint32_t noise(void)
{
	static uint32_t value = 1;

	value ^= value << 13;
	value ^= value >> 17;
	value ^= value << 5;
	return value;
}

/* It ends, and stays inside its room, whatever the volume is. */
static void test_noise(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 300; i++) {
		make_kind(i % N_OF(kinds));
		for (unsigned n = noise() % 8; n > 0; n--)
			volume[noise() % 64] = (uint8_t)noise();
		for (unsigned n = noise() % 64; n > 0; n--)
			set_next(noise() % n_clusters, noise() % (n_clusters + 8));
		for (unsigned n = noise() % 64; n > 0; n--)
			at(entry_bits == 32 ? 2 : 0)[noise() % sector_bytes] = (uint8_t)noise();
		circle("\\bootmem\\captures\\0001.map");
		circle(LONG_PATH);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_chains),
		cmocka_unit_test(test_first_clusters),
		cmocka_unit_test(test_healthy_volumes),
		cmocka_unit_test(test_sharing),
		cmocka_unit_test(test_root),
		cmocka_unit_test(test_nothing_is_said_of_what_is_no_fat),
		cmocka_unit_test(test_few_clusters_are_fat12),
		cmocka_unit_test(test_nothing_is_said_of_what_cannot_be_read),
		cmocka_unit_test(test_noise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
