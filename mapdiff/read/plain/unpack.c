/*
 * unpack.c - what libarchive reads of what people have, and mails: see unpack.h.
 *
 * One step at a time, a .tar.gz is a gzip file with a tar file in it, and only what the file is by
 * its first bytes is tried: of libarchive's filters, some start programs.
 */
#include "mapdiff/read/plain/unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <zlib.h>

#include "bootmem/count.h"
#include "bootmem/pfn.h"
#include "mapdiff/read/plain/mail.h"

/* Bounds on what a hostile file costs. */
#define MOST_UNPACKED (UINT64_C(4) << 30) /* bytes, in all steps together */
#define MOST_FILES    65536
#define MOST_DEPTH    6 /* steps: a mail, in it a zip file, in it a .tar.gz, in that a .gz */

#define TOO_MUCH "of more than 4 GiB"
#define DAMAGED  "that is damaged, or cut off"

/* How files are packed, and what shows it. */
static const struct packing {
	const char *name;
	size_t at, n_magic;
	const char *magic;
	int (*support)(struct archive *archive);
	bool is_archive; /* of files with names; else it is a single one */
	bool has_crc32;  /* of each member, which libarchive does not look at */
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

/* It is no packing of libarchive's, and its files are all there at once. */
static const struct packing mail_packing = { .name = "a mail", .is_archive = true };

static const struct packing *find_packing(const struct bytes *bytes)
{
	for (size_t i = 0; i < COUNT(packings); i++) {
		const struct packing *packing = &packings[i];

		if (bytes->n_text >= packing->at + packing->n_magic &&
		    memcmp(bytes->text + packing->at, packing->magic, packing->n_magic) == 0)
			return packing;
	}
	return mail_is(bytes) ? &mail_packing : NULL;
}

/* A packed file, at one of its entries. */
struct packed {
	const char *name; /* NULL: of the whole */
	struct bytes bytes;
	const struct packing *packing;
	unsigned long lines_before;
	struct archive *archive;
	struct archive_entry *entry;
	struct mail mail; /* instead of these two */
	size_t n_taken;   /* of its parts */
};

struct unpacking {
	unpack_fn *take;
	void *context;
	struct packed steps[MOST_DEPTH]; /* each is in the one before */
	size_t n_steps, n_files;
	uint64_t left_bytes;
};

/* RFC 1952 §2.2, §2.3.1: a gzip file may have several members, each with checksum and length of its
 * text behind it. Do all of them fit? */
static bool fits_checksums(const struct bytes *gzip)
{
	z_stream stream = { .next_in = (unsigned char *)gzip->text };
	const unsigned char *end = stream.next_in + gzip->n_text;
	unsigned char text[1 << 15];
	int status = inflateInit2(&stream, MAX_WBITS + 16); /* + 16: with the header of gzip */

	while (status == Z_OK) {
		stream.avail_in = (uInt)min_u64((uint64_t)(end - stream.next_in), UINT_MAX);
		stream.next_out = text;
		stream.avail_out = sizeof text;
		status = inflate(&stream, Z_NO_FLUSH);
		if (status == Z_STREAM_END && stream.next_in < end)
			status = inflateReset(&stream);
	}
	inflateEnd(&stream);
	return status == Z_STREAM_END;
}

/* All bytes of the entry that @packed is at. NULL, or what is wrong. */
static const char *read_entry(const struct packed *packed, uint64_t most_bytes, struct bytes *ret)
{
	la_ssize_t n;

	do {
		ret->text = memory_grow(ret->text, ret->n_text, &ret->text_capacity, 1);
		n = archive_read_data(packed->archive, ret->text + ret->n_text,
		                      min_u64(ret->text_capacity, most_bytes + 1) - ret->n_text);
		ret->n_text += n > 0 ? (size_t)n : 0;
	} while (n > 0 && ret->n_text <= most_bytes);
	if (ret->n_text > most_bytes)
		return TOO_MUCH;
	return n < 0 || (packed->packing->has_crc32 && !fits_checksums(&packed->bytes)) ? DAMAGED
	                                                                                : NULL;
}

/* PACKED/PATH. */
static char *member_name(const struct packed *packed, const char *path)
{
	return memory_printf("%s%s%s", packed->name != NULL ? packed->name : "",
	                     packed->name != NULL ? "/" : "", path != NULL ? path : "?");
}

/* In an archive, that of the entry, without what a terminal would obey. */
static const char *entry_name(const struct packed *packed)
{
	const char *path = archive_entry_pathname_utf8(packed->entry);
	char *name;

	if (!packed->packing->is_archive)
		return packed->name;
	name = member_name(packed, path != NULL ? path : archive_entry_pathname(packed->entry));
	for (char *c = name; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == '\x7f')
			*c = '?';
	return name;
}

static struct archive *open_archive(const struct packing *packing, const struct bytes *bytes)
{
	struct archive *archive = archive_read_new();

	packing->support(archive);
	if (!packing->is_archive) {
		archive_read_support_format_raw(archive);
		archive_read_support_format_empty(archive);
	}
	archive_read_open_memory(archive, bytes->text, bytes->n_text);
	return archive;
}

/* What stands in a file is a file, or one more step. NULL, or what is wrong with it. */
static const char *take(struct unpacking *unpacking, struct unpacked *file)
{
	const struct packing *packing =
		unpacking->n_steps < MOST_DEPTH ? find_packing(&file->bytes) : NULL;
	const char *error = NULL;
	struct packed *packed;

	if (packing == NULL) {
		unpacking->take(unpacking->context, file);
		memory_give_back(file->bytes.text);
		return NULL;
	}
	packed = &unpacking->steps[unpacking->n_steps++];
	*packed = (struct packed){ .name = file->name,
		                   .bytes = file->bytes,
		                   .packing = packing,
		                   .lines_before = file->lines_before };
	if (packing != &mail_packing)
		packed->archive = open_archive(packing, &packed->bytes);
	else if (!mail_read(&packed->bytes, &packed->mail, &error))
		error = memory_printf("%s%s is a mail in which something is damaged, %s",
		                      packed->name != NULL ? packed->name : "it",
		                      packed->name != NULL ? " in it" : "", error);
	return error;
}

static void end_step(struct unpacking *unpacking)
{
	struct packed *packed = &unpacking->steps[--unpacking->n_steps];

	if (packed->archive != NULL)
		archive_read_free(packed->archive);
	memory_give_back(packed->bytes.text);
}

/* What is wrong with the entry that @packed is at, before it is read; NULL: nothing. */
static const char *refuse(struct unpacking *unpacking, const struct packed *packed, int status)
{
	/* What begins like a packed file and goes on otherwise comes out as it went in. */
	if (status < ARCHIVE_WARN ||
	    (!packed->packing->is_archive && archive_filter_count(packed->archive) < 2))
		return DAMAGED;
	if (archive_entry_is_encrypted(packed->entry))
		return "with a password";
	if (unpacking->n_files++ == MOST_FILES)
		return "of too many files";
	return archive_entry_size_is_set(packed->entry) &&
	                       archive_entry_size(packed->entry) > (la_int64_t)unpacking->left_bytes
	               ? TOO_MUCH
	               : NULL;
}

/* What is wrong with the whole that @packed is. */
static const char *blame(const struct packed *packed, const char *wrong)
{
	return memory_printf("%s%s is %s file %s", packed->name != NULL ? packed->name : "it",
	                     packed->name != NULL ? " in it" : "", packed->packing->name, wrong);
}

/* The next entry of the archive that the last step is, or its end. NULL, or what is wrong. */
static const char *unpack_entry(struct unpacking *unpacking, struct packed *packed)
{
	int status = archive_read_next_header(packed->archive, &packed->entry);
	struct unpacked file = { 0 };
	const char *wrong;

	if (status == ARCHIVE_EOF) {
		end_step(unpacking);
		return NULL;
	}
	wrong = refuse(unpacking, packed, status);
	if (wrong == NULL && archive_entry_filetype(packed->entry) != AE_IFREG)
		return NULL;
	if (wrong == NULL)
		wrong = read_entry(packed, unpacking->left_bytes, &file.bytes);
	if (wrong != NULL)
		return blame(packed, wrong);
	unpacking->left_bytes -= file.bytes.n_text;
	file.name = entry_name(packed);
	return take(unpacking, &file);
}

/* The same of a mail: its next part. */
static const char *unpack_part(struct unpacking *unpacking, struct packed *packed)
{
	const struct mail_part *part;
	struct unpacked file;

	if (packed->n_taken == packed->mail.n_parts) {
		end_step(unpacking);
		return NULL;
	}
	part = &packed->mail.parts[packed->n_taken++];
	if (part->bytes.n_text > unpacking->left_bytes)
		return blame(packed, TOO_MUCH);
	unpacking->left_bytes -= part->bytes.n_text;
	file = (struct unpacked){
		.name = part->name != NULL ? member_name(packed, part->name) : packed->name,
		.bytes = part->bytes,
		.lines_before =
			part->lines_before > 0 ? packed->lines_before + part->lines_before : 0,
		.is_talk = part->is_talk,
	};
	return take(unpacking, &file);
}

bool unpack_each(struct bytes *bytes, unpack_fn *take_file, void *context, const char **ret_error)
{
	struct unpacking unpacking = { take_file, context, .left_bytes = MOST_UNPACKED };
	struct unpacked whole = { .bytes = *bytes };
	const char *wrong = take(&unpacking, &whole);

	while (unpacking.n_steps > 0 && wrong == NULL) {
		struct packed *packed = &unpacking.steps[unpacking.n_steps - 1];

		wrong = packed->archive != NULL ? unpack_entry(&unpacking, packed)
		                                : unpack_part(&unpacking, packed);
	}
	while (unpacking.n_steps > 0)
		end_step(&unpacking);
	if (wrong != NULL)
		*ret_error = wrong;
	return wrong == NULL;
}
