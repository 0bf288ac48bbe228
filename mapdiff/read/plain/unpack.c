/*
 * unpack.c - what libarchive reads of what people have: see unpack.h.
 *
 * One step at a time, a .tar.gz is a gzip file with a tar file in it, and only what the file is by
 * its first bytes is tried: of libarchive's filters, some start programs.
 */
#include "mapdiff/read/plain/unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdint.h>
#include <string.h>

#include "bootmem/count.h"
#include "bootmem/pfn.h"
#include "x86/crc32.h"

/* Bounds on what a hostile file costs. */
#define MOST_UNPACKED (UINT64_C(4) << 30) /* bytes, in all steps together */
#define MOST_FILES    65536
#define MOST_DEPTH    4 /* steps: a zip file, in it a .tar.gz, in that kern.log.2.gz */

#define GZIP_TRAILER_BYTES 8

struct unpacking {
	unpack_fn *take;
	void *context;
	uint64_t left_bytes;
	unsigned n_files, depth;
	const char *error; /* what went wrong; NULL: nothing yet */
};

/* How files are packed, and what shows it. */
static const struct packing {
	const char *name;
	size_t at, n_magic;
	const char *magic;
	int (*support)(struct archive *archive);
	bool is_archive; /* of files with names; else it is a single one */
	bool has_crc32;  /* that libarchive does not look at */
} packings[] = {
	/* clang-format off */
	{ "a gzip",  0,   3, "\x1f\x8b\x08",     archive_read_support_filter_gzip,  false, true },
	{ "an xz",    0,   5, "\xfd\x37zXZ",      archive_read_support_filter_xz,    false, false },
	{ "a zstd",  0,   4, "\x28\xb5\x2f\xfd", archive_read_support_filter_zstd,  false, false },
	{ "a bzip2", 0,   3, "BZh",              archive_read_support_filter_bzip2, false, false },
	{ "a zip",   0,   4, "PK\x03\x04",       archive_read_support_format_zip,   true,  false },
	{ "a tar",   257, 5, "ustar",            archive_read_support_format_tar,   true,  false },
	/* clang-format on */
};

static const struct packing *find_packing(const struct bytes *bytes)
{
	for (size_t i = 0; i < COUNT(packings); i++) {
		const struct packing *packing = &packings[i];

		if (bytes->n_text >= packing->at + packing->n_magic &&
		    memcmp(bytes->text + packing->at, packing->magic, packing->n_magic) == 0)
			return packing;
	}
	return NULL;
}

/* A packed file, at one of its entries. */
struct packed {
	const char *name; /* NULL: of the whole */
	const struct bytes *bytes;
	const struct packing *packing;
	struct archive *archive;
	struct archive_entry *entry;
};

static bool fail(struct unpacking *unpacking, const struct packed *packed, const char *what)
{
	unpacking->error =
		memory_printf("%s%s is %s file %s", packed->name != NULL ? packed->name : "it",
	                      packed->name != NULL ? " in it" : "", packed->packing->name, what);
	return false;
}

/* RFC 1952 §2.3.1: at the end, checksum and length of the text, or of the last of several that are
 * packed one behind the other. */
static bool fits_checksum(const struct packed *packed, const struct bytes *text)
{
	const unsigned char *trailer =
		(unsigned char *)packed->bytes->text + packed->bytes->n_text - GZIP_TRAILER_BYTES;
	uint32_t crc = 0, length = 0;

	for (int i = 3; i >= 0; i--) {
		crc = crc << 8 | trailer[i];
		length = length << 8 | trailer[4 + i];
	}
	return length <= text->n_text &&
	       crc32_add(0, text->text + text->n_text - length, length) == crc;
}

/* All bytes of the entry that @packed is at. */
static bool read_entry(struct unpacking *unpacking, const struct packed *packed, struct bytes *ret)
{
	uint64_t most = unpacking->left_bytes + 1;
	la_ssize_t n;

	do {
		ret->text = memory_grow(ret->text, ret->n_text, &ret->text_capacity, 1);
		n = archive_read_data(packed->archive, ret->text + ret->n_text,
		                      min_u64(ret->text_capacity, most) - ret->n_text);
		ret->n_text += n > 0 ? (size_t)n : 0;
	} while (n > 0 && ret->n_text < most);
	if (ret->n_text == most)
		return fail(unpacking, packed, "of more than 4 GiB");
	if (n < 0 && archive_entry_is_encrypted(packed->entry))
		return fail(unpacking, packed, "with a password");
	if (n < 0 || (packed->packing->has_crc32 && !fits_checksum(packed, ret)))
		return fail(unpacking, packed, "that is damaged, or cut off");
	unpacking->left_bytes -= ret->n_text;
	return true;
}

static void unpack(struct unpacking *unpacking, const char *name, struct bytes *bytes);

/* In an archive, that of the entry, without what a terminal would obey. */
static const char *entry_name(const struct packed *packed)
{
	const char *path = archive_entry_pathname_utf8(packed->entry);
	char *name;

	if (!packed->packing->is_archive)
		return packed->name;
	if (path == NULL)
		path = archive_entry_pathname(packed->entry);
	name = memory_printf("%s%s%s", packed->name != NULL ? packed->name : "",
	                     packed->name != NULL ? "/" : "", path != NULL ? path : "?");
	for (char *c = name; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == '\x7f')
			*c = '?';
	return name;
}

/* False at the end, also where something is wrong. What is packed may be packed again: MOST_DEPTH
 * bounds it. */
/* NOLINTNEXTLINE(misc-no-recursion) */
static bool unpack_next(struct unpacking *unpacking, struct packed *packed)
{
	int status = archive_read_next_header(packed->archive, &packed->entry);
	struct bytes file = { 0 };
	bool is_read;

	if (status == ARCHIVE_EOF)
		return false;
	/* What begins like a packed file and goes on otherwise comes out as it went in. */
	if (status < ARCHIVE_WARN ||
	    (!packed->packing->is_archive && archive_filter_count(packed->archive) < 2))
		return fail(unpacking, packed, "that is damaged, or cut off");
	if (archive_entry_filetype(packed->entry) != AE_IFREG)
		return true;
	if (unpacking->n_files++ == MOST_FILES)
		return fail(unpacking, packed, "of too many files");
	if (archive_entry_size_is_set(packed->entry) &&
	    archive_entry_size(packed->entry) > (la_int64_t)unpacking->left_bytes)
		return fail(unpacking, packed, "of more than 4 GiB");
	is_read = read_entry(unpacking, packed, &file);
	if (is_read)
		unpack(unpacking, entry_name(packed), &file);
	memory_give_back(file.text);
	return is_read && unpacking->error == NULL;
}

/* NOLINTNEXTLINE(misc-no-recursion) */
static void unpack(struct unpacking *unpacking, const char *name, struct bytes *bytes)
{
	struct packed packed = { .name = name, .bytes = bytes, .packing = find_packing(bytes) };

	if (packed.packing == NULL || unpacking->depth == MOST_DEPTH) {
		unpacking->take(unpacking->context, name, bytes);
		return;
	}
	unpacking->depth++;
	packed.archive = archive_read_new();
	packed.packing->support(packed.archive);
	if (!packed.packing->is_archive) {
		archive_read_support_format_raw(packed.archive);
		archive_read_support_format_empty(packed.archive);
	}
	archive_read_open_memory(packed.archive, bytes->text, bytes->n_text);
	while (unpack_next(unpacking, &packed))
		;
	archive_read_free(packed.archive);
	unpacking->depth--;
}

bool unpack_each(struct bytes *bytes, unpack_fn *take, void *context, const char **ret_error)
{
	struct unpacking unpacking = {
		.take = take,
		.context = context,
		.left_bytes = MOST_UNPACKED,
	};

	unpack(&unpacking, NULL, bytes);
	if (unpacking.error != NULL)
		*ret_error = unpacking.error;
	return unpacking.error == NULL;
}
