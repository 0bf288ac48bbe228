/*
 * fuzz_elf.c - choices -> an ELF file of either width that is right but for some fields -> a
 * refusal that has a sentence, or a plan: each byte of each segment lies in the file and in the
 * memory that the plan has for the kernel, none on another; and a PIE is relocated inside its
 * image, and not at all without a table. For libFuzzer: `make fuzz'.
 */
#include <elf.h>
#include <stdbool.h>
#include <string.h>

#include "handoff/load/elf.h"
#include "tests/fuzz/fuzz.h"

#define FILE_BYTES   0x3000
#define MOST_HEADERS 8
#define MOST_IMAGE   (UINT64_C(1) << 20)
#define DYNAMIC_AT   0x800 /* in the file, and in the image of a PIE that is linked at 0 */
#define TABLE_AT     0xa00

static uint8_t file[FILE_BYTES];
static bool is_64;
static uint64_t file_bytes;

static uint8_t *put(uint8_t *at, unsigned bytes, uint64_t value)
{
	for (; bytes > 0; bytes--, value >>= 8)
		*at++ = (uint8_t)value;
	return at;
}

/* A word of the file's width. */
static uint8_t *put_word(uint8_t *at, uint64_t value)
{
	return put(at, is_64 ? 8 : 4, value);
}

/* Mostly @usual; else a number that is near an edge, or any. */
static uint64_t odd(struct fuzz_dice *dice, uint64_t usual)
{
	static const uint64_t edges[] = { 0,          1,           0xfff,      0x1000,
		                          0x7fffffff, 0xffffffff,  UINT64_MAX, UINT64_MAX - 0xfff,
		                          FILE_BYTES, 0x80000000u, 0xfffff000u };

	switch (fuzz_roll(dice, 24)) {
	case 21:
		return edges[fuzz_roll(dice, sizeof edges / sizeof edges[0])];
	case 22:
		return usual + fuzz_roll(dice, 0x2000) - 0x1000;
	case 23:
		return fuzz_number(dice);
	default:
		return usual;
	}
}

/* --- the file --- */

static void put_header(struct fuzz_dice *dice, uint32_t n_headers, bool is_pie)
{
	uint8_t *at = file + EI_NIDENT;

	memcpy(file,
	       "\x7f"
	       "ELF",
	       4);
	file[EI_CLASS] = (uint8_t)odd(dice, is_64 ? ELFCLASS64 : ELFCLASS32);
	file[EI_DATA] = (uint8_t)odd(dice, ELFDATA2LSB);
	file[EI_VERSION] = (uint8_t)odd(dice, EV_CURRENT);
	at = put(at, 2, odd(dice, is_pie ? ET_DYN : ET_EXEC));
	at = put(at, 2, odd(dice, is_64 ? EM_X86_64 : EM_386));
	at = put(at, 4, odd(dice, EV_CURRENT));
	at = put_word(at, odd(dice, is_pie ? 4 : 0x100004));
	at = put_word(at, odd(dice, is_64 ? 64 : 52));
	at = put_word(at, 0);
	at = put(at, 4, 0);
	at = put(at, 2, odd(dice, is_64 ? 64 : 52));
	at = put(at, 2, odd(dice, is_64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr)));
	put(at, 2, odd(dice, n_headers));
}

struct header {
	uint32_t type, flags;
	uint64_t offset, vaddr, paddr, file_bytes, memory_bytes, align_bytes;
};

static uint8_t *put_program_header(uint8_t *at, const struct header *header)
{
	at = put(at, 4, header->type);
	if (is_64)
		at = put(at, 4, header->flags);
	at = put_word(at, header->offset);
	at = put_word(at, header->vaddr);
	at = put_word(at, header->paddr);
	at = put_word(at, header->file_bytes);
	at = put_word(at, header->memory_bytes);
	if (!is_64)
		at = put(at, 4, header->flags);
	return put_word(at, header->align_bytes);
}

static void put_program_headers(struct fuzz_dice *dice, uint32_t n, bool is_pie)
{
	static const uint32_t types[] = { PT_LOAD, PT_LOAD, PT_LOAD, PT_NOTE, PT_INTERP, PT_TLS };
	uint8_t *at = file + (is_64 ? 64 : 52);

	for (uint32_t i = 0; i < n; i++) {
		uint64_t paddr = odd(dice, (is_pie ? 0 : 0x100000) + i * UINT64_C(0x2000));
		uint64_t bytes = odd(dice, fuzz_roll(dice, 0x1800));
		struct header header = {
			.type = types[i == 0 ? 0 : fuzz_roll(dice, sizeof types / sizeof types[0])],
			.offset = odd(dice, i == 0 ? 0 : i * UINT64_C(0x400)),
			.vaddr = odd(dice, paddr),
			.paddr = paddr,
			.file_bytes = i == 0 && is_pie ? odd(dice, 0x2000) : bytes,
			.memory_bytes = i == 0 && is_pie
			                        ? odd(dice, 0x2000)
			                        : odd(dice, bytes + fuzz_roll(dice, 0x1000)),
			.align_bytes = odd(dice, 0x1000),
		};

		if (is_pie && i == n - 1 && i > 0)
			header = (struct header){ .type = PT_DYNAMIC,
				                  .offset = odd(dice, DYNAMIC_AT),
				                  .vaddr = odd(dice, DYNAMIC_AT),
				                  .paddr = DYNAMIC_AT,
				                  .file_bytes = odd(dice, 0x100),
				                  .memory_bytes = odd(dice, 0x100) };
		at = put_program_header(at, &header);
	}
}

static void put_dynamic(struct fuzz_dice *dice)
{
	static const uint32_t tags[] = { DT_REL,      DT_RELSZ,  DT_RELENT, DT_RELA,    DT_RELASZ,
		                         DT_RELAENT,  36,        35,        37,         DT_JMPREL,
		                         DT_PLTRELSZ, DT_PLTREL, DT_NEEDED, DT_TEXTREL, DT_NULL };
	static const uint64_t usual[] = { TABLE_AT, 0x40,     8,    TABLE_AT, 0x60,
		                          24,       TABLE_AT, 0x20, 8,        TABLE_AT,
		                          0x30,     DT_RELA,  0,    0,        0 };
	uint8_t *at = file + DYNAMIC_AT;

	for (uint32_t n = fuzz_roll(dice, 14); n > 0; n--) {
		uint32_t i = fuzz_roll(dice, sizeof tags / sizeof tags[0]);

		at = put_word(at, tags[i]);
		at = put_word(at, odd(dice, usual[i]));
	}
	put_word(at, DT_NULL);
}

static void put_relocations(struct fuzz_dice *dice)
{
	uint8_t *at = file + TABLE_AT;

	for (uint32_t n = fuzz_roll(dice, 12); n > 0; n--) {
		at = put_word(at, odd(dice, 0x1000 + 8 * fuzz_roll(dice, 0x100)));
		at = put_word(at, odd(dice, 8)); /* RELATIVE, of both */
		if (fuzz_roll(dice, 2) != 0)
			at = put_word(at, odd(dice, 0x1234));
	}
}

static void make_file(struct fuzz_dice *dice)
{
	bool is_pie = fuzz_roll(dice, 2) == 0;
	uint32_t n_headers = 1 + fuzz_roll(dice, MOST_HEADERS);

	for (size_t i = 0; i < FILE_BYTES; i++)
		file[i] = (uint8_t)(i * 7 + i / 251);
	is_64 = fuzz_roll(dice, 2) == 0;
	put_header(dice, n_headers, is_pie);
	put_program_headers(dice, n_headers, is_pie);
	if (is_pie) {
		put_dynamic(dice);
		put_relocations(dice);
	}
	file_bytes = fuzz_is_one_in(dice, 8) ? fuzz_roll(dice, FILE_BYTES) : FILE_BYTES;
}

/* --- what is required --- */

static void require_segments(const struct elf_kernel *kernel, const struct elf_segment *segments)
{
	bool holds_entry = false;

	REQUIRE(kernel->n_segments > 0);
	for (size_t i = 0; i < kernel->n_segments; i++) {
		const struct elf_segment *segment = &segments[i];
		uint64_t end_paddr = segment->start_paddr + segment->memory_bytes;

		REQUIRE(segment->memory_bytes > 0 && segment->file_bytes <= segment->memory_bytes);
		REQUIRE(segment->file_offset <= file_bytes || segment->file_bytes == 0);
		REQUIRE(segment->file_bytes == 0 ||
		        segment->file_bytes <= file_bytes - segment->file_offset);
		REQUIRE(end_paddr > segment->start_paddr);
		REQUIRE(kernel->is_64 || end_paddr <= UINT64_C(1) << 32);
		REQUIRE(kernel->start_paddr <= segment->start_paddr &&
		        end_paddr <= kernel->end_paddr);
		REQUIRE(i == 0 || segments[i - 1].start_paddr + segments[i - 1].memory_bytes <=
		                          segment->start_paddr);
		holds_entry |= kernel->entry_paddr >= segment->start_paddr &&
		               kernel->entry_paddr < end_paddr;
	}
	REQUIRE(holds_entry);
	REQUIRE(kernel->align_bytes >= PAGE_BYTES && kernel->align_bytes <= ELF_MAX_ALIGN_BYTES);
	REQUIRE((kernel->align_bytes & (kernel->align_bytes - 1)) == 0);
	REQUIRE(!kernel->is_pie || kernel->start_paddr == 0);
}

/* As it is loaded, at an odd address: nothing behind it is AddressSanitizer's to find. */
static uint8_t *load(const struct elf_kernel *kernel, const struct elf_segment *segments)
{
	uint8_t *image = calloc(1, (size_t)kernel->end_paddr + 1);

	REQUIRE(image != NULL);
	for (size_t i = 0; i < kernel->n_segments; i++)
		if (segments[i].file_bytes > 0)
			memcpy(image + 1 + segments[i].start_paddr, file + segments[i].file_offset,
			       (size_t)segments[i].file_bytes);
	return image;
}

/* At two places, as a table may be in its own way: then what it does depends on the place. Without
 * a table nothing changes. */
static void relocate(const struct elf_kernel *kernel, const struct elf_segment *segments)
{
	uint8_t *one = load(kernel, segments), *other = load(kernel, segments);
	uint8_t *as_loaded = load(kernel, segments);
	uint32_t type;
	enum elf_err err = elf_relocate(kernel, one + 1, 0, &type);
	enum elf_err other_err = elf_relocate(kernel, other + 1, kernel->align_bytes, &type);

	REQUIRE((err == ELF_OK || elf_err_text(err) != NULL) &&
	        (other_err == ELF_OK || elf_err_text(other_err) != NULL));
	if (kernel->dynamic_bytes == 0)
		REQUIRE(err == ELF_OK && other_err == ELF_OK &&
		        memcmp(one, as_loaded, (size_t)kernel->end_paddr + 1) == 0 &&
		        memcmp(other, as_loaded, (size_t)kernel->end_paddr + 1) == 0);
	REQUIRE(one[0] == 0 && other[0] == 0);
	free(one);
	free(other);
	free(as_loaded);
}

/* The bytes that the loader would read, and no more, where AddressSanitizer sees each byte
 * beyond. */
static void *copy_of(const uint8_t *from, uint64_t bytes)
{
	void *copy = malloc((size_t)bytes + 1);

	REQUIRE(copy != NULL);
	memcpy(copy, from, (size_t)bytes);
	return realloc(copy, bytes == 0 ? 1 : (size_t)bytes);
}

static void plan(struct elf_kernel *kernel)
{
	struct elf_segment segments[MOST_HEADERS];
	uint64_t bytes = (uint64_t)kernel->n_program_headers * kernel->program_header_bytes;
	size_t bad;
	enum elf_err err;
	void *headers;

	REQUIRE(kernel->program_headers_offset <= file_bytes &&
	        bytes <= file_bytes - kernel->program_headers_offset);
	headers = copy_of(file + kernel->program_headers_offset, bytes);
	err = elf_read_segments(kernel, headers, segments, MOST_HEADERS, &bad);
	free(headers);
	if (err != ELF_OK) {
		REQUIRE(elf_err_text(err) != NULL && bad <= kernel->n_program_headers);
		return;
	}
	require_segments(kernel, segments);
	if (kernel->is_pie && kernel->end_paddr <= MOST_IMAGE)
		relocate(kernel, segments);
}

void fuzz_one(const uint8_t *data, size_t bytes)
{
	struct fuzz_dice dice = { data, bytes };
	struct elf_kernel kernel = { 0 };
	size_t header_bytes;
	enum elf_err err;
	void *header;

	make_file(&dice);
	header_bytes = file_bytes < ELF_HEADER_BYTES ? (size_t)file_bytes : ELF_HEADER_BYTES;
	header = copy_of(file, header_bytes);
	err = elf_read_header(header, header_bytes, file_bytes, &kernel);
	free(header);
	if (err == ELF_OK)
		plan(&kernel);
	else
		REQUIRE(elf_err_text(err) != NULL);
	header = copy_of(file, file_bytes < ELF_OTHER_BYTES ? file_bytes : ELF_OTHER_BYTES);
	REQUIRE(elf_other_text(header, file_bytes < ELF_OTHER_BYTES ? (size_t)file_bytes
	                                                            : ELF_OTHER_BYTES) != NULL);
	free(header);
}
