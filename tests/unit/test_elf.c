/*
 * test_elf.c - ELF files of both classes, built in memory by the C library's <elf.h> (a second
 * opinion on every offset), damaged row by row; then damaged at random, for invariants.
 *
 * With arguments: reads each file named, and prints what the loader makes of it.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <elf.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "handoff/load/elf.h"

#define FILE_BYTES   0x3000
#define MAX_HEADERS  5
#define MAX_SEGMENTS 4

#define N_OF(array) (sizeof(array) / sizeof((array)[0]))

/* A program header of either class. */
struct header {
	uint32_t type;
	uint64_t offset, vaddr, paddr, file_bytes, memory_bytes, align;
};

/* A file to be: what differs between rows. */
struct plan {
	uint16_t type;
	uint64_t entry;
	size_t n_headers;
	struct header headers[MAX_HEADERS];
};

struct file {
	bool is_64;
	uint8_t bytes[FILE_BYTES];
};

/* What came out. */
struct result {
	enum elf_err err;
	size_t bad_segment;
	struct elf_kernel kernel;
	struct elf_segment segments[MAX_SEGMENTS];
};

static void build_32(struct file *file, const struct plan *plan)
{
	Elf32_Ehdr header = { .e_type = plan->type, .e_machine = EM_386, .e_version = EV_CURRENT };

	memcpy(header.e_ident, "\177ELF\1\1\1", 7);
	header.e_entry = (Elf32_Addr)plan->entry;
	header.e_phoff = sizeof(header);
	header.e_ehsize = sizeof(header);
	header.e_phentsize = sizeof(Elf32_Phdr);
	header.e_phnum = (Elf32_Half)plan->n_headers;
	memcpy(file->bytes, &header, sizeof(header));
	for (size_t i = 0; i < plan->n_headers; i++) {
		const struct header *from = &plan->headers[i];
		Elf32_Phdr to = { .p_type = from->type, .p_flags = PF_R | PF_W | PF_X };

		to.p_offset = (Elf32_Off)from->offset;
		to.p_vaddr = (Elf32_Addr)from->vaddr;
		to.p_paddr = (Elf32_Addr)from->paddr;
		to.p_filesz = (Elf32_Word)from->file_bytes;
		to.p_memsz = (Elf32_Word)from->memory_bytes;
		to.p_align = (Elf32_Word)from->align;
		memcpy(file->bytes + sizeof(header) + i * sizeof(to), &to, sizeof(to));
	}
}

static void build_64(struct file *file, const struct plan *plan)
{
	Elf64_Ehdr header = { .e_type = plan->type,
		              .e_machine = EM_X86_64,
		              .e_version = EV_CURRENT };

	memcpy(header.e_ident, "\177ELF\2\1\1", 7);
	header.e_entry = plan->entry;
	header.e_phoff = sizeof(header);
	header.e_ehsize = sizeof(header);
	header.e_phentsize = sizeof(Elf64_Phdr);
	header.e_phnum = (Elf64_Half)plan->n_headers;
	memcpy(file->bytes, &header, sizeof(header));
	for (size_t i = 0; i < plan->n_headers; i++) {
		const struct header *from = &plan->headers[i];
		Elf64_Phdr to = { .p_type = from->type, .p_flags = PF_R | PF_W | PF_X };

		to.p_offset = from->offset;
		to.p_vaddr = from->vaddr;
		to.p_paddr = from->paddr;
		to.p_filesz = from->file_bytes;
		to.p_memsz = from->memory_bytes;
		to.p_align = from->align;
		memcpy(file->bytes + sizeof(header) + i * sizeof(to), &to, sizeof(to));
	}
}

static void build(struct file *file, bool is_64, const struct plan *plan)
{
	memset(file, 0, sizeof(*file));
	file->is_64 = is_64;
	if (is_64)
		build_64(file, plan);
	else
		build_32(file, plan);
}

/* As the loader does, but with program headers in memory of their exact size, for the sanitizer. */
static void parse(const void *bytes, uint64_t file_bytes, size_t capacity, struct result *ret)
{
	size_t headers_bytes;
	void *headers;

	memset(ret, 0, sizeof(*ret));
	ret->err = elf_read_header(bytes, file_bytes < 64 ? (size_t)file_bytes : 64, file_bytes,
	                           &ret->kernel);
	if (ret->err != ELF_OK)
		return;
	headers_bytes = (size_t)ret->kernel.n_program_headers * ret->kernel.program_header_bytes;
	headers = malloc(headers_bytes);
	assert_non_null(headers);
	memcpy(headers, (const uint8_t *)bytes + ret->kernel.program_headers_offset, headers_bytes);
	ret->err = elf_read_segments(&ret->kernel, headers, ret->segments, capacity,
	                             &ret->bad_segment);
	free(headers);
}

/* ---- The header ---- */

/* clang-format off */
/* A kernel as they are: linked high, placed at 1 MiB and above, its segments not in order. */
static const struct plan typical_plans[2] = {
	{ ET_EXEC, 0xc0100010, 3, {
		{ PT_GNU_STACK, 0, 0, 0, 0, 0, 16 },
		{ PT_LOAD, 0x2000, 0xc0200000, 0x200000, 0x800, 0x1800, 0x1000 },
		{ PT_LOAD, 0x1000, 0xc0100000, 0x100000, 0x1000, 0x1000, 0x1000 } } },
	{ ET_EXEC, 0xffffffff80100010, 3, {
		{ PT_GNU_STACK, 0, 0, 0, 0, 0, 16 },
		{ PT_LOAD, 0x2000, 0xffffffff80200000, 0x200000, 0x800, 0x1800, 0x200000 },
		{ PT_LOAD, 0x1000, 0xffffffff80100000, 0x100000, 0x1000, 0x1000, 0x1000 } } },
};
/* clang-format on */

static void a_typical_kernel_is_understood(void **state)
{
	(void)state;
	for (int is_64 = 0; is_64 < 2; is_64++) {
		struct file file;
		struct result result;

		build(&file, is_64, &typical_plans[is_64]);
		parse(file.bytes, FILE_BYTES, MAX_SEGMENTS, &result);
		assert_int_equal(result.err, ELF_OK);
		assert_int_equal(result.bad_segment, 3);
		assert_int_equal(result.kernel.is_64, is_64);
		assert_false(result.kernel.is_pie);
		assert_int_equal(result.kernel.start_paddr, 0x100000);
		assert_int_equal(result.kernel.end_paddr, 0x201800);
		assert_int_equal(result.kernel.entry_paddr, 0x100010);
		assert_int_equal(result.kernel.align_bytes, is_64 ? 0x200000 : 0x1000);
		assert_int_equal(result.kernel.dynamic_bytes, 0);
		assert_int_equal(result.kernel.n_segments, 2);
		assert_int_equal(result.segments[0].start_paddr, 0x100000);
		assert_int_equal(result.segments[0].file_offset, 0x1000);
		assert_int_equal(result.segments[0].file_bytes, 0x1000);
		assert_int_equal(result.segments[0].memory_bytes, 0x1000);
		assert_int_equal(result.segments[0].header_index, 2);
		assert_int_equal(result.segments[1].start_paddr, 0x200000);
		assert_int_equal(result.segments[1].file_offset, 0x2000);
		assert_int_equal(result.segments[1].file_bytes, 0x800);
		assert_int_equal(result.segments[1].memory_bytes, 0x1800);
	}
}

struct place {
	size_t offset, bytes;
};

/* Where a field of the header is in each class. */
#define PLACE_OF(type, member)                                      \
	{                                                           \
		offsetof(type, member), sizeof(((type *)0)->member) \
	}
#define FIELD(member)                                                      \
	{                                                                  \
		PLACE_OF(Elf32_Ehdr, member), PLACE_OF(Elf64_Ehdr, member) \
	}
#define IDENT(index)             \
	{                        \
		{ index, 1 },    \
		{                \
			index, 1 \
		}                \
	}

/* clang-format off */
/* Expected for ELF32, for ELF64. */
static const struct {
	const char *rule;
	struct place places[2];
	uint64_t value;
	enum elf_err errs[2];
} header_rows[] = {
	{ "the first byte of the magic",           IDENT(EI_MAG0),     0x7e,             { ELF_NOT_ELF, ELF_NOT_ELF } },
	{ "the last byte of the magic",            IDENT(EI_MAG3),     'f',              { ELF_NOT_ELF, ELF_NOT_ELF } },
	{ "class 0",                               IDENT(EI_CLASS),    0,                { ELF_BAD_CLASS, ELF_BAD_CLASS } },
	{ "class 3",                               IDENT(EI_CLASS),    3,                { ELF_BAD_CLASS, ELF_BAD_CLASS } },
	{ "a 386 file that says ELF64, x32",       IDENT(EI_CLASS),    ELFCLASS64,       { ELF_NOT_X86_64, ELF_OK } },
	{ "an x86-64 file that says ELF32",        IDENT(EI_CLASS),    ELFCLASS32,       { ELF_OK, ELF_NOT_386 } },
	{ "big-endian",                            IDENT(EI_DATA),     ELFDATA2MSB,      { ELF_BAD_ENDIAN, ELF_BAD_ENDIAN } },
	{ "no byte order",                         IDENT(EI_DATA),     0,                { ELF_BAD_ENDIAN, ELF_BAD_ENDIAN } },
	{ "version 0 in the identification",       IDENT(EI_VERSION),  0,                { ELF_BAD_VERSION, ELF_BAD_VERSION } },
	{ "version 2",                             FIELD(e_version),   2,                { ELF_BAD_VERSION, ELF_BAD_VERSION } },
	{ "ABI and ABI version do not matter",     IDENT(EI_OSABI),    9,                { ELF_OK, ELF_OK } },
	{ "machine 386",                           FIELD(e_machine),   EM_386,           { ELF_OK, ELF_NOT_X86_64 } },
	{ "machine x86-64",                        FIELD(e_machine),   EM_X86_64,        { ELF_NOT_386, ELF_OK } },
	{ "machine AArch64",                       FIELD(e_machine),   EM_AARCH64,       { ELF_NOT_386, ELF_NOT_X86_64 } },
	{ "no type",                               FIELD(e_type),      ET_NONE,          { ELF_NOT_EXECUTABLE, ELF_NOT_EXECUTABLE } },
	{ "an object file",                        FIELD(e_type),      ET_REL,           { ELF_NOT_EXECUTABLE, ELF_NOT_EXECUTABLE } },
	{ "a core file",                           FIELD(e_type),      ET_CORE,          { ELF_NOT_EXECUTABLE, ELF_NOT_EXECUTABLE } },
	{ "a PIE whose addresses differ",          FIELD(e_type),      ET_DYN,           { ELF_PIE_PADDR, ELF_PIE_PADDR } },
	{ "no program headers",                    FIELD(e_phnum),     0,                { ELF_NO_PROGRAM_HEADERS, ELF_NO_PROGRAM_HEADERS } },
	{ "65535 program headers",                 FIELD(e_phnum),     PN_XNUM,          { ELF_TOO_MANY_PROGRAM_HEADERS, ELF_TOO_MANY_PROGRAM_HEADERS } },
	{ "65534 program headers",                 FIELD(e_phnum),     PN_XNUM - 1,      { ELF_PROGRAM_HEADERS_OUTSIDE, ELF_PROGRAM_HEADERS_OUTSIDE } },
	{ "program headers of 0 bytes",            FIELD(e_phentsize), 0,                { ELF_BAD_PHENTSIZE, ELF_BAD_PHENTSIZE } },
	{ "program headers of ELF32",              FIELD(e_phentsize), 32,               { ELF_OK, ELF_BAD_PHENTSIZE } },
	{ "program headers of ELF64",              FIELD(e_phentsize), 56,               { ELF_BAD_PHENTSIZE, ELF_OK } },
	{ "program headers that start at the end", FIELD(e_phoff),     FILE_BYTES,       { ELF_PROGRAM_HEADERS_OUTSIDE, ELF_PROGRAM_HEADERS_OUTSIDE } },
	{ "program headers that wrap",             FIELD(e_phoff),     UINT64_MAX - 16,  { ELF_PROGRAM_HEADERS_OUTSIDE, ELF_PROGRAM_HEADERS_OUTSIDE } },
	{ "program headers that end at the end",   FIELD(e_phoff),     FILE_BYTES - 168, { ELF_NO_SEGMENTS, ELF_NO_SEGMENTS } },
	{ "program headers that end behind it",    FIELD(e_phoff),     FILE_BYTES - 95,  { ELF_PROGRAM_HEADERS_OUTSIDE, ELF_PROGRAM_HEADERS_OUTSIDE } },
	{ "an entry point of 0",                   FIELD(e_entry),     0,                { ELF_ENTRY_OUTSIDE, ELF_ENTRY_OUTSIDE } },
	{ "an entry point by physical address",    FIELD(e_entry),     0x2017ff,         { ELF_OK, ELF_OK } },
	{ "an entry point right behind it",        FIELD(e_entry),     0x201800,         { ELF_ENTRY_OUTSIDE, ELF_ENTRY_OUTSIDE } },
	{ "an entry point right behind it, virtual", FIELD(e_entry),   0xc0201800,       { ELF_ENTRY_OUTSIDE, ELF_ENTRY_OUTSIDE } },
	{ "an entry point right before it",        FIELD(e_entry),     0xfffff,          { ELF_ENTRY_OUTSIDE, ELF_ENTRY_OUTSIDE } },
};
/* clang-format on */

static void each_fault_of_the_header_has_its_own_error(void **state)
{
	(void)state;
	for (size_t row = 0; row < N_OF(header_rows); row++) {
		print_message("%s\n", header_rows[row].rule);
		for (int is_64 = 0; is_64 < 2; is_64++) {
			const struct place *place = &header_rows[row].places[is_64];
			struct file file;
			struct result result;

			build(&file, is_64, &typical_plans[is_64]);
			memcpy(file.bytes + place->offset, &header_rows[row].value, place->bytes);
			parse(file.bytes, FILE_BYTES, MAX_SEGMENTS, &result);
			assert_int_equal(result.err, header_rows[row].errs[is_64]);
		}
	}
}

static void a_file_that_ends_early_is_truncated_wherever_it_ends(void **state)
{
	(void)state;
	for (int is_64 = 0; is_64 < 2; is_64++) {
		const size_t header_bytes = is_64 ? 64 : 52, table_bytes = is_64 ? 168 : 96;
		struct file file;

		build(&file, is_64, &typical_plans[is_64]);
		for (size_t n = 0; n <= FILE_BYTES; n++) {
			uint8_t *exact = malloc(n + 1);
			struct result result;

			assert_non_null(exact);
			memcpy(exact + 1, file.bytes, n);
			parse(exact + 1, n, MAX_SEGMENTS, &result);
			if (n < header_bytes)
				assert_int_equal(result.err, ELF_TRUNCATED);
			else if (n < header_bytes + table_bytes)
				assert_int_equal(result.err, ELF_PROGRAM_HEADERS_OUTSIDE);
			else if (n < 0x2800)
				assert_int_equal(result.err, ELF_SEGMENT_TRUNCATED);
			else
				assert_int_equal(result.err, ELF_OK);
			free(exact);
		}
	}
}

static void a_short_file_of_another_kind_is_not_elf(void **state)
{
	struct result result;

	(void)state;
	parse("#!", 2, MAX_SEGMENTS, &result);
	assert_int_equal(result.err, ELF_NOT_ELF);
	parse("\177", 1, MAX_SEGMENTS, &result);
	assert_int_equal(result.err, ELF_TRUNCATED);
}

static void a_file_of_another_kind_is_named(void **state)
{
	static const struct {
		const char *rule;
		size_t offset;
		const char *magic, *says;
	} rows[] = {
		{ "gzip", 0, "\x1f\x8b\x08", "gunzip" },
		{ "xz", 0,
		  "\xfd"
		  "7zXZ",
		  "unxz" },
		{ "zstd", 0, "\x28\xb5\x2f\xfd", "unzstd" },
		{ "bzip2", 0, "BZh9", "bunzip2" },
		{ "an EFI program", 0, "MZ", "EFI program" },
		{ "a script", 0, "#!/bin/sh", "script" },
		{ "a bzImage", 0x202, "HdrS", "bzImage" },
		{ "a flat binary", 0, "\xfa\xfc", "objcopy -O binary" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char file[ELF_OTHER_BYTES] = "";
		size_t end = rows[i].offset + strlen(rows[i].magic);

		memcpy(file + rows[i].offset, rows[i].magic, strlen(rows[i].magic));
		if (rows[i].offset > 0)
			memcpy(file, "MZ", 2); /* one with an EFI stub is both */
		if (strstr(elf_other_text(file, sizeof file), rows[i].says) == NULL ||
		    strstr(elf_other_text(file, end), rows[i].says) == NULL)
			fail_msg("%s: %s", rows[i].rule, elf_other_text(file, end));
	}
	assert_non_null(elf_other_text("", 0));
}

/* ---- The segments ---- */

#define BOTH  3
#define ELF32 1
#define ELF64 2

/* clang-format off */
/* Entry at 0x100000 throughout; bad: the header at fault. */
static const struct {
	const char *rule;
	unsigned classes;
	uint16_t type;
	enum elf_err err;
	size_t bad;
	size_t n_headers;
	struct header headers[MAX_HEADERS];
} segment_rows[] = {
	/* Nothing, and as little as there can be. */
	{ "no PT_LOAD", BOTH, ET_EXEC, ELF_NO_SEGMENTS, 1, 1, { { PT_NOTE, 0, 0, 0, 0, 0, 0 } } },
	{ "a PT_LOAD without memory is none", BOTH, ET_EXEC, ELF_NO_SEGMENTS, 1, 1, { { PT_LOAD, 0, 0x100000, 0x100000, 0, 0, 0 } } },
	{ "one byte, of memory only", BOTH, ET_EXEC, ELF_OK, 1, 1, { { PT_LOAD, 0, 0x100000, 0x100000, 0, 1, 0 } } },
	{ "without bytes in the file the offset does not matter", BOTH, ET_EXEC, ELF_OK, 1, 1, { { PT_LOAD, 0xfffffff0, 0x100000, 0x100000, 0, 1, 1 } } },
	/* Sizes. */
	{ "one byte more in the file than in memory", BOTH, ET_EXEC, ELF_SEGMENT_SIZES, 0, 1, { { PT_LOAD, 0, 0x100000, 0x100000, 2, 1, 0 } } },
	{ "also where it takes no memory", BOTH, ET_EXEC, ELF_SEGMENT_SIZES, 0, 1, { { PT_LOAD, 0, 0x100000, 0x100000, 1, 0, 0 } } },
	{ "all of the file", BOTH, ET_EXEC, ELF_OK, 1, 1, { { PT_LOAD, 0, 0x100000, 0x100000, FILE_BYTES, FILE_BYTES, 0 } } },
	{ "one byte more than the file", BOTH, ET_EXEC, ELF_SEGMENT_TRUNCATED, 0, 1, { { PT_LOAD, 1, 0x100000, 0x100000, FILE_BYTES, FILE_BYTES, 0 } } },
	{ "an offset that wraps", ELF64, ET_EXEC, ELF_SEGMENT_TRUNCATED, 0, 1, { { PT_LOAD, UINT64_MAX, 0x100000, 0x100000, 2, 2, 0 } } },
	/* The end of the address space. */
	{ "up to the last byte but one below 4 GiB", ELF32, ET_EXEC, ELF_OK, 1, 1, { { PT_LOAD, 0, 0x100000, 0xfffff000, 0, 0xfff, 0 } } },
	{ "up to 4 GiB", ELF32, ET_EXEC, ELF_SEGMENT_WRAPS, 0, 1, { { PT_LOAD, 0, 0x100000, 0xfffff000, 0, 0x1000, 0 } } },
	{ "past 4 GiB", ELF32, ET_EXEC, ELF_SEGMENT_WRAPS, 0, 1, { { PT_LOAD, 0, 0x100000, 0x100000, 0, 0xffffffff, 0 } } },
	{ "past 4 GiB in ELF64", ELF64, ET_EXEC, ELF_OK, 1, 1, { { PT_LOAD, 0, 0x100000, 0x100000, 0, 0xffffffff, 0 } } },
	{ "up to the last byte but one", ELF64, ET_EXEC, ELF_OK, 1, 1, { { PT_LOAD, 0, 0x100000, UINT64_MAX - 0xfff, 0, 0xfff, 0 } } },
	{ "up to 2^64", ELF64, ET_EXEC, ELF_SEGMENT_WRAPS, 0, 1, { { PT_LOAD, 0, 0x100000, UINT64_MAX - 0xfff, 0, 0x1000, 0 } } },
	{ "past 2^64", ELF64, ET_EXEC, ELF_SEGMENT_WRAPS, 0, 1, { { PT_LOAD, 0, 0x100000, 0x100000, 0, UINT64_MAX, 0 } } },
	/* Alignment. */
	{ "an alignment of 3", BOTH, ET_EXEC, ELF_BAD_ALIGN, 0, 1, { { PT_LOAD, 0, 0x100000, 0x100000, 0, 1, 3 } } },
	{ "an alignment of 1 GiB", BOTH, ET_EXEC, ELF_OK, 1, 1, { { PT_LOAD, 0, 0x100000, 0x100000, 0, 1, 0x40000000 } } },
	{ "an alignment of 2 GiB", BOTH, ET_EXEC, ELF_BAD_ALIGN, 0, 1, { { PT_LOAD, 0, 0x100000, 0x100000, 0, 1, 0x80000000 } } },
	/* Neighbours. */
	{ "touching segments", BOTH, ET_EXEC, ELF_OK, 2, 2, { { PT_LOAD, 0, 0x100000, 0x100000, 0, 0x1000, 0 }, { PT_LOAD, 0, 0x101000, 0x101000, 0, 0x1000, 0 } } },
	{ "overlapping by one byte", BOTH, ET_EXEC, ELF_SEGMENTS_OVERLAP, 1, 2, { { PT_LOAD, 0, 0x100000, 0x100000, 0, 0x1001, 0 }, { PT_LOAD, 0, 0x101000, 0x101000, 0, 0x1000, 0 } } },
	{ "overlapping, and not in order", BOTH, ET_EXEC, ELF_SEGMENTS_OVERLAP, 0, 3, { { PT_LOAD, 0, 0x101000, 0x101000, 0, 0x1000, 0 }, { PT_LOAD, 0, 0x108000, 0x108000, 0, 8, 0 }, { PT_LOAD, 0, 0x100000, 0x100000, 0, 0x1001, 0 } } },
	{ "one inside another", BOTH, ET_EXEC, ELF_SEGMENTS_OVERLAP, 1, 2, { { PT_LOAD, 0, 0x100000, 0x100000, 0, 0x9000, 0 }, { PT_LOAD, 0, 0x101000, 0x101000, 0, 1, 0 } } },
	{ "overlapping virtual addresses only", BOTH, ET_EXEC, ELF_OK, 2, 2, { { PT_LOAD, 0, 0x100000, 0x100000, 0, 0x1000, 0 }, { PT_LOAD, 0, 0x100000, 0x200000, 0, 0x1000, 0 } } },
	{ "as many as there is room for", BOTH, ET_EXEC, ELF_OK, 5, 5, { { PT_LOAD, 0, 0x103000, 0x103000, 0, 1, 0 }, { PT_LOAD, 0, 0x102000, 0x102000, 0, 1, 0 }, { PT_LOAD, 0, 0x101000, 0x101000, 0, 1, 0 }, { PT_NOTE, 0, 0, 0, 0, 1, 0 }, { PT_LOAD, 0, 0x100000, 0x100000, 0, 1, 0 } } },
	{ "more than there is room for", BOTH, ET_EXEC, ELF_TOO_MANY_SEGMENTS, 4, 5, { { PT_LOAD, 0, 0x103000, 0x103000, 0, 1, 0 }, { PT_LOAD, 0, 0x102000, 0x102000, 0, 1, 0 }, { PT_LOAD, 0, 0x101000, 0x101000, 0, 1, 0 }, { PT_LOAD, 0, 0x104000, 0x104000, 0, 1, 0 }, { PT_LOAD, 0, 0x100000, 0x100000, 0, 1, 0 } } },
	/* What a kernel cannot ask for. */
	{ "a dynamic linker", BOTH, ET_DYN, ELF_NEEDS_LINKER, 1, 2, { { PT_LOAD, 0, 0x100000, 0x100000, 0, 1, 0 }, { PT_INTERP, 0, 0, 0, 1, 1, 1 } } },
	{ "a PIE with a physical address", BOTH, ET_DYN, ELF_PIE_PADDR, 0, 1, { { PT_LOAD, 0, 0x100000, 0, 0, 1, 0 } } },
	{ "an entry outside", BOTH, ET_EXEC, ELF_ENTRY_OUTSIDE, 1, 1, { { PT_LOAD, 0, 0x100001, 0x100001, 0, 1, 0 } } },
};
/* clang-format on */

/* What must hold whenever a file is accepted. */
static void check_invariants(const struct result *result, uint64_t file_bytes)
{
	const struct elf_kernel *kernel = &result->kernel;
	const uint64_t bias = kernel->is_pie ? kernel->link_base : 0;
	uint64_t end = 0;
	bool holds_entry = false;

	assert_true(kernel->n_segments > 0 && kernel->n_segments <= MAX_SEGMENTS);
	for (size_t i = 0; i < kernel->n_segments; i++) {
		const struct elf_segment *segment = &result->segments[i];

		assert_true(segment->start_paddr >= end);
		assert_true(segment->memory_bytes > 0);
		assert_true(segment->file_bytes <= segment->memory_bytes);
		if (segment->file_bytes > 0)
			assert_true(segment->file_offset < file_bytes &&
			            segment->file_bytes <= file_bytes - segment->file_offset);
		assert_true(segment->header_index < kernel->n_program_headers);
		end = segment->start_paddr + segment->memory_bytes;
		assert_true(end > segment->start_paddr);
		assert_true(kernel->is_64 || end + bias <= UINT32_MAX);
		if (kernel->entry_paddr >= segment->start_paddr && kernel->entry_paddr < end)
			holds_entry = true;
	}
	assert_true(holds_entry);
	assert_int_equal(kernel->end_paddr, end);
	assert_int_equal(kernel->start_paddr, kernel->is_pie ? 0 : result->segments[0].start_paddr);
	assert_true(kernel->align_bytes >= 4096 &&
	            (kernel->align_bytes & (kernel->align_bytes - 1)) == 0);
	assert_int_equal(kernel->link_base & (kernel->align_bytes - 1), 0);
}

static void each_fault_of_a_segment_has_its_own_error_and_is_located(void **state)
{
	(void)state;
	for (size_t row = 0; row < N_OF(segment_rows); row++) {
		struct plan plan = { .type = segment_rows[row].type,
			             .entry = 0x100000,
			             .n_headers = segment_rows[row].n_headers };

		print_message("%s\n", segment_rows[row].rule);
		memcpy(plan.headers, segment_rows[row].headers, sizeof(plan.headers));
		for (int is_64 = 0; is_64 < 2; is_64++) {
			struct file file;
			struct result result;

			if ((segment_rows[row].classes & (1u << is_64)) == 0)
				continue;
			build(&file, is_64, &plan);
			parse(file.bytes, FILE_BYTES, MAX_SEGMENTS, &result);
			assert_int_equal(result.err, segment_rows[row].err);
			assert_int_equal(result.bad_segment, segment_rows[row].bad);
			if (result.err == ELF_OK)
				check_invariants(&result, FILE_BYTES);
		}
	}
}

static void an_entry_counts_as_virtual_before_it_counts_as_physical(void **state)
{
	/* The two segments have each other's virtual addresses. */
	/* clang-format off */
	static const struct plan plan = {
		ET_EXEC, 0x100004, 2, {
			{ PT_LOAD, 0, 0x200000, 0x100000, 0, 0x1000, 0 },
			{ PT_LOAD, 0, 0x100000, 0x200000, 0, 0x1000, 0 } } };
	/* clang-format on */

	(void)state;
	for (int is_64 = 0; is_64 < 2; is_64++) {
		struct file file;
		struct result result;

		build(&file, is_64, &plan);
		parse(file.bytes, FILE_BYTES, MAX_SEGMENTS, &result);
		assert_int_equal(result.err, ELF_OK);
		assert_int_equal(result.kernel.entry_paddr, 0x200004);
	}
}

static void many_segments_in_any_order_come_out_sorted(void **state)
{
	enum { N = 1000 };
	static uint8_t headers[N * sizeof(Elf64_Phdr)];
	static struct elf_segment segments[N];
	struct elf_kernel kernel = { .is_64 = true,
		                     .entry_vaddr = 0x1000,
		                     .program_header_bytes = sizeof(Elf64_Phdr),
		                     .n_program_headers = N };
	size_t bad;

	(void)state;
	for (uint64_t i = 0; i < N; i++) {
		Elf64_Phdr to = { .p_type = PT_LOAD, .p_memsz = 0x1000 };

		to.p_vaddr = to.p_paddr = (i * 617 % N + 1) * 0x1000;
		memcpy(headers + i * sizeof(to), &to, sizeof(to));
	}
	assert_int_equal(elf_read_segments(&kernel, headers, segments, N, &bad), ELF_OK);
	for (size_t i = 0; i < N; i++) {
		assert_int_equal(segments[i].start_paddr, (i + 1) * 0x1000);
		assert_int_equal(segments[i].header_index * UINT64_C(617) % N, i);
	}
	assert_int_equal(elf_read_segments(&kernel, headers, segments, N - 1, &bad),
	                 ELF_TOO_MANY_SEGMENTS);
	assert_int_equal(bad, N - 1);
}

/* ---- Relocations ---- */

/* The PIE: one segment, its file offset 0 at p_vaddr LINKED. */
#define LINKED     0x204000 /* as linkers that do not begin at 0 do */
#define LINK_BASE  0x200000 /* LINKED rounded down to ALIGN */
#define ALIGN      UINT64_C(0x100000)
#define DYNAMIC    0x800 /* offsets into the file */
#define TABLE      0x900
#define DATA       0xa00
#define OTHER      0xf00
#define PIE_BYTES  0x1000
#define VA(offset) (LINKED + (uint64_t)(offset))
#define MARK       0x1122334455667788

/* clang-format off */
static const struct plan pie_plan = {
	ET_DYN, VA(0x100), 2, {
		{ PT_LOAD, 0, LINKED, LINKED, PIE_BYTES, PIE_BYTES, ALIGN },
		{ PT_DYNAMIC, DYNAMIC, VA(DYNAMIC), VA(DYNAMIC), 0x100, 0x100, 8 } } };
/* clang-format on */

static void put_word(struct file *file, size_t offset, uint64_t value)
{
	memcpy(file->bytes + offset, &value, file->is_64 ? 8 : 4);
}

static void put_words(struct file *file, size_t offset, const uint64_t *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		put_word(file, offset + i * (file->is_64 ? 8 : 4), words[i]);
}

/* Loads an accepted PIE into memory of its exact size: the sanitizer sees what leaves it. */
static uint8_t *load(const uint8_t *bytes, const struct result *result)
{
	uint8_t *image = calloc(1, (size_t)result->kernel.end_paddr);

	assert_non_null(image);
	for (size_t i = 0; i < result->kernel.n_segments; i++) {
		const struct elf_segment *segment = &result->segments[i];

		memcpy(image + segment->start_paddr, bytes + segment->file_offset,
		       (size_t)segment->file_bytes);
	}
	return image;
}

#define WORDS_MAX 12

/* clang-format off */
/* Sizes in the dynamic section are in words of the class. */
static const struct {
	const char *rule;
	enum elf_err err;
	uint32_t bad_type;
	struct {
		uint64_t tag, value; /* values of sizes and entries: words */
	} dynamic[8];
	uint64_t table[WORDS_MAX];
	uint64_t relocated[4]; /* which words of DATA, from 1 on; 0 ends the list */
} relocation_rows[] = {
#define REL(n)    { DT_REL, VA(TABLE) }, { DT_RELSZ, 2 * (n) }, { DT_RELENT, 2 }
#define RELA(n)   { DT_RELA, VA(TABLE) }, { DT_RELASZ, 3 * (n) }, { DT_RELAENT, 3 }
#define RELR(n)   { DT_RELR, VA(TABLE) }, { DT_RELRSZ, (n) }, { DT_RELRENT, 1 }
#define JMPREL(n) { DT_JMPREL, VA(TABLE) }, { DT_PLTRELSZ, (n) }
	{ "an empty dynamic section asks for nothing", ELF_OK, 0, { { 0, 0 } }, { 0 }, { 0 } },
	{ "tables of no bytes need not be anywhere", ELF_OK, 0, { { DT_REL, 1 }, { DT_RELSZ, 0 }, { DT_RELA, 2 }, { DT_RELASZ, 0 }, { DT_JMPREL, 4 }, { DT_PLTRELSZ, 0 } }, { 0 }, { 0 } },
	{ "tags that a kernel has no use for are ignored", ELF_OK, 0, { { DT_FLAGS_1, 1 }, { DT_TEXTREL, 0 }, { DT_RELACOUNT, 9 }, { DT_SYMTAB, 1 } }, { 0 }, { 0 } },
	{ "nothing behind DT_NULL counts", ELF_OK, 0, { { 0, 0 }, { DT_NEEDED, 1 } }, { 0 }, { 0 } },
	{ "a shared library", ELF_NEEDS_LIBRARY, 0, { { DT_NEEDED, 1 } }, { 0 }, { 0 } },

	{ "REL adds to what is there", ELF_OK, 0, { REL(1) }, { VA(DATA), R_386_RELATIVE }, { 1 } },
	{ "REL, twice", ELF_OK, 0, { REL(2) }, { VA(DATA), R_386_RELATIVE, VA(DATA), R_386_NONE }, { 1 } },
	{ "REL with entries of another size", ELF_BAD_RELOCATION_TABLE, 0, { { DT_REL, VA(TABLE) }, { DT_RELSZ, 2 }, { DT_RELENT, 3 } }, { VA(DATA), R_386_RELATIVE }, { 0 } },
	{ "REL without the size of an entry", ELF_BAD_RELOCATION_TABLE, 0, { { DT_REL, VA(TABLE) }, { DT_RELSZ, 2 } }, { VA(DATA), R_386_RELATIVE }, { 0 } },
	{ "REL without a size is not an empty table", ELF_BAD_RELOCATION_TABLE, 0, { { DT_REL, VA(TABLE) }, { DT_RELENT, 2 } }, { VA(DATA), R_386_RELATIVE }, { 0 } },
	{ "RELA without a size is not an empty table", ELF_BAD_RELOCATION_TABLE, 0, { { DT_RELA, VA(TABLE) }, { DT_RELAENT, 3 } }, { VA(DATA), R_X86_64_RELATIVE, VA(DATA) }, { 0 } },
	{ "RELR without a size is not an empty table", ELF_BAD_RELOCATION_TABLE, 0, { { DT_RELR, VA(TABLE) }, { DT_RELRENT, 1 } }, { VA(DATA) }, { 0 } },
	{ "a size of REL without a table", ELF_BAD_RELOCATION_TABLE, 0, { { DT_RELSZ, 2 }, { DT_RELENT, 2 } }, { 0 }, { 0 } },
	{ "half an entry of REL", ELF_BAD_RELOCATION_TABLE, 0, { { DT_REL, VA(TABLE) }, { DT_RELSZ, 3 }, { DT_RELENT, 2 } }, { VA(DATA), R_386_RELATIVE }, { 0 } },
	{ "REL outside of the image", ELF_BAD_RELOCATION_TABLE, 0, { { DT_REL, VA(PIE_BYTES - 4) }, { DT_RELSZ, 2 }, { DT_RELENT, 2 } }, { 0 }, { 0 } },
	{ "a REL table below the image", ELF_BAD_RELOCATION_TABLE, 0, { { DT_REL, LINK_BASE - 8 }, { DT_RELSZ, 2 }, { DT_RELENT, 2 } }, { 0 }, { 0 } },
	{ "REL of the last bytes but three", ELF_RELOCATION_OUTSIDE, 0, { REL(1) }, { VA(PIE_BYTES - 3), R_386_RELATIVE }, { 0 } },
	{ "REL right behind the image", ELF_RELOCATION_OUTSIDE, 0, { REL(1) }, { VA(PIE_BYTES), R_386_RELATIVE }, { 0 } },
	{ "REL right before the image", ELF_RELOCATION_OUTSIDE, 0, { REL(1) }, { LINK_BASE - 1, R_386_RELATIVE }, { 0 } },

	{ "RELA brings what it adds to", ELF_OK, 0, { RELA(1) }, { VA(DATA), R_X86_64_RELATIVE, VA(DATA) }, { 1 } },
	{ "RELA, three times", ELF_OK, 0, { RELA(3) }, { VA(DATA), R_X86_64_RELATIVE, VA(DATA), 0, 0, 0, VA(DATA), R_X86_64_RELATIVE, VA(DATA) }, { 1 } },
	{ "RELA with entries of another size", ELF_BAD_RELOCATION_TABLE, 0, { { DT_RELA, VA(TABLE) }, { DT_RELASZ, 3 }, { DT_RELAENT, 2 } }, { VA(DATA), R_X86_64_RELATIVE, VA(DATA) }, { 0 } },
	{ "RELA of type 1: a symbol", ELF_BAD_RELOCATION_TYPE, R_X86_64_64, { RELA(1) }, { VA(DATA), R_X86_64_64, VA(DATA) }, { 0 } },
	{ "RELA of type IRELATIVE", ELF_BAD_RELOCATION_TYPE, R_X86_64_IRELATIVE, { RELA(2) }, { VA(DATA), R_X86_64_RELATIVE, VA(DATA), VA(DATA), R_X86_64_IRELATIVE, 0 }, { 0 } },
	{ "RELA outside of the image", ELF_RELOCATION_OUTSIDE, 0, { RELA(1) }, { 0, R_X86_64_RELATIVE, 0 }, { 0 } },
	{ "a RELA table longer than the image", ELF_BAD_RELOCATION_TABLE, 0, { RELA(0x10000) }, { 0 }, { 0 } },

	{ "the PLT of a static-PIE is empty: a slot in it", ELF_BAD_RELOCATION_TYPE, R_X86_64_JUMP_SLOT, { JMPREL(3), { DT_PLTREL, DT_RELA } }, { VA(DATA), R_X86_64_JUMP_SLOT, 0 }, { 0 } },
	{ "or addresses, with what is added to them", ELF_OK, 0, { JMPREL(6), { DT_PLTREL, DT_RELA } }, { 0, R_X86_64_NONE, 0, VA(DATA), R_X86_64_RELATIVE, VA(DATA) }, { 1 } },
	{ "and addresses without", ELF_OK, 0, { JMPREL(6), { DT_PLTREL, DT_REL } }, { 0, R_386_NONE, 0, R_386_NONE, VA(DATA), R_386_RELATIVE }, { 1 } },
	{ "and a slot without addend", ELF_BAD_RELOCATION_TYPE, R_386_JMP_SLOT, { JMPREL(2), { DT_PLTREL, DT_REL } }, { VA(DATA), R_386_JMP_SLOT }, { 0 } },

	{ "RELR: an address", ELF_OK, 0, { RELR(1) }, { VA(DATA) }, { 1 } },
	{ "RELR: an address, and the word behind it", ELF_OK, 0, { RELR(2) }, { VA(DATA), 3 }, { 1, 2 } },
	{ "RELR: not the first but the third word behind it", ELF_OK, 0, { RELR(2) }, { VA(DATA), 9 }, { 1, 4 } },
	{ "RELR: an empty bitmap does nothing", ELF_OK, 0, { RELR(2) }, { VA(DATA), 1 }, { 1 } },
	{ "RELR: a bitmap without an address", ELF_BAD_RELOCATION_TABLE, 0, { RELR(1) }, { 3 }, { 0 } },
	{ "RELR outside of the image", ELF_RELOCATION_OUTSIDE, 0, { RELR(1) }, { VA(PIE_BYTES) }, { 0 } },
	{ "RELR: a bitmap that leaves the image", ELF_RELOCATION_OUTSIDE, 0, { RELR(2) }, { VA(PIE_BYTES - 8), 0xffffffff }, { 0 } },
	{ "RELR: a table outside of the image", ELF_BAD_RELOCATION_TABLE, 0, { { DT_RELR, 0 }, { DT_RELRSZ, 1 }, { DT_RELRENT, 1 } }, { 0 }, { 0 } },
	{ "RELR: entries of another size", ELF_BAD_RELOCATION_TABLE, 0, { { DT_RELR, VA(TABLE) }, { DT_RELRSZ, 1 }, { DT_RELRENT, 2 } }, { VA(DATA) }, { 0 } },
};
/* clang-format on */

static bool is_in_words(uint64_t tag)
{
	return tag == DT_RELSZ || tag == DT_RELENT || tag == DT_RELASZ || tag == DT_RELAENT ||
	       tag == DT_RELRSZ || tag == DT_RELRENT || tag == DT_PLTRELSZ;
}

static void build_pie(struct file *file, bool is_64, size_t row)
{
	const size_t word_bytes = is_64 ? 8 : 4;

	build(file, is_64, &pie_plan);
	for (size_t i = 0; i < N_OF(relocation_rows[row].dynamic); i++) {
		uint64_t tag = relocation_rows[row].dynamic[i].tag;
		uint64_t value = relocation_rows[row].dynamic[i].value;
		uint64_t entry[] = { tag, is_in_words(tag) ? value * word_bytes : value };

		put_words(file, DYNAMIC + 2 * i * word_bytes, entry, 2);
	}
	put_words(file, TABLE, relocation_rows[row].table, WORDS_MAX);
	for (size_t i = 0; i < 0x100 / word_bytes; i++)
		put_word(file, DATA + i * word_bytes, VA(DATA));
}

/* Each word that is relocated says where DATA now is; each other one where it was. */
static void check_data(const uint8_t *image, bool is_64, size_t row, uint64_t load_paddr)
{
	const size_t word_bytes = is_64 ? 8 : 4;
	bool expected[0x100 / 4] = { false };

	for (size_t i = 0; i < 4 && relocation_rows[row].relocated[i] != 0; i++)
		expected[relocation_rows[row].relocated[i] - 1] = true;
	for (size_t i = 0; i < 0x100 / word_bytes; i++) {
		uint64_t value = 0;

		memcpy(&value, image + LINKED - LINK_BASE + DATA + i * word_bytes, word_bytes);
		assert_int_equal(value, expected[i] ? VA(DATA) - LINK_BASE + load_paddr : VA(DATA));
	}
}

static void relocations_are_applied_or_refused(void **state)
{
	static const uint64_t load_paddrs[] = { 0, LINK_BASE, 0x100000, 0x3f00000 };

	(void)state;
	for (size_t row = 0; row < N_OF(relocation_rows); row++) {
		print_message("%s\n", relocation_rows[row].rule);
		for (size_t i = 0; i < 2 * N_OF(load_paddrs); i++) {
			const bool is_64 = i % 2 != 0;
			struct file file;
			struct result result;
			uint8_t *image;
			uint32_t bad_type;

			build_pie(&file, is_64, row);
			parse(file.bytes, FILE_BYTES, MAX_SEGMENTS, &result);
			assert_int_equal(result.err, ELF_OK);
			check_invariants(&result, FILE_BYTES);
			assert_int_equal(result.kernel.link_base, LINK_BASE);
			assert_int_equal(result.kernel.entry_paddr, VA(0x100) - LINK_BASE);
			image = load(file.bytes, &result);
			assert_int_equal(
				elf_relocate(&result.kernel, image, load_paddrs[i / 2], &bad_type),
				relocation_rows[row].err);
			assert_int_equal(bad_type, relocation_rows[row].bad_type);
			if (relocation_rows[row].err == ELF_OK)
				check_data(image, is_64, row, load_paddrs[i / 2]);
			free(image);
		}
	}
}

/* Two bitmaps in a row, an empty one, then another address. */
static void a_bitmap_of_relr_covers_as_many_words_as_it_has_bits_but_one(void **state)
{
	(void)state;
	for (int is_64 = 0; is_64 < 2; is_64++) {
		const size_t word_bytes = is_64 ? 8 : 4, n_bits = 8 * word_bytes - 1;
		const uint64_t table[] = { VA(DATA), UINT64_MAX, 3, 1, VA(OTHER) };
		const uint64_t dynamic[] = { DT_RELR,    VA(TABLE),  DT_RELRSZ, 5 * word_bytes,
			                     DT_RELRENT, word_bytes, DT_NULL,   0 };
		struct file file;
		struct result result;
		uint8_t *image;
		uint32_t bad_type;

		build(&file, is_64, &pie_plan);
		put_words(&file, DYNAMIC, dynamic, N_OF(dynamic));
		put_words(&file, TABLE, table, N_OF(table));
		parse(file.bytes, FILE_BYTES, MAX_SEGMENTS, &result);
		image = load(file.bytes, &result);
		assert_int_equal(elf_relocate(&result.kernel, image, 0x700000, &bad_type), ELF_OK);
		for (size_t i = 0; DATA + i * word_bytes < PIE_BYTES; i++) {
			uint64_t value = 0;
			bool is_relocated =
				i <= n_bits || i == 1 + n_bits || DATA + i * word_bytes == OTHER;

			memcpy(&value, image + LINKED - LINK_BASE + DATA + i * word_bytes,
			       word_bytes);
			assert_int_equal(value, is_relocated ? 0x700000 - LINK_BASE : 0);
		}
		free(image);
	}
}

/* Loads and relocates the PIE with this dynamic section and this table, in words. */
static enum elf_err relocate_with(bool is_64, const uint64_t dynamic[8], const uint64_t table[4])
{
	struct file file;
	struct result result;
	uint8_t *image;
	uint32_t bad_type;
	enum elf_err err;

	build(&file, is_64, &pie_plan);
	put_words(&file, DYNAMIC, dynamic, 8);
	put_words(&file, TABLE, table, 4);
	parse(file.bytes, FILE_BYTES, MAX_SEGMENTS, &result);
	image = load(file.bytes, &result);
	err = elf_relocate(&result.kernel, image, 0, &bad_type);
	free(image);
	return err;
}

static void a_part_of_a_word_is_no_entry_of_relr(void **state)
{
	const uint64_t table[4] = { VA(DATA), 1, 1, 1 };

	(void)state;
	for (int is_64 = 0; is_64 < 2; is_64++) {
		const uint64_t word_bytes = is_64 ? 8 : 4;
		uint64_t dynamic[8] = { DT_RELR, VA(TABLE), DT_RELRSZ, 0, DT_RELRENT, word_bytes };

		for (uint64_t bytes = 0; bytes <= 4 * word_bytes; bytes++) {
			dynamic[3] = bytes;
			assert_int_equal(relocate_with(is_64, dynamic, table),
			                 bytes % word_bytes == 0 ? ELF_OK
			                                         : ELF_BAD_RELOCATION_TABLE);
		}
	}
}

/* i386 psABI: 8 bits of r_info; x86-64 psABI: 32 bits. */
static void the_symbol_of_a_relative_relocation_does_not_matter(void **state)
{
	const uint64_t table_32[4] = { VA(DATA), 0x12345600 | R_386_RELATIVE };
	const uint64_t table_64[4] = { VA(DATA), UINT64_C(0x1234567800000000) | R_X86_64_RELATIVE };
	const uint64_t dynamic_32[8] = { DT_REL, VA(TABLE), DT_RELSZ, 8, DT_RELENT, 8 };
	const uint64_t dynamic_64[8] = { DT_REL, VA(TABLE), DT_RELSZ, 16, DT_RELENT, 16 };

	(void)state;
	assert_int_equal(relocate_with(false, dynamic_32, table_32), ELF_OK);
	assert_int_equal(relocate_with(true, dynamic_64, table_64), ELF_OK);
	assert_int_equal(relocate_with(true, dynamic_64, table_32), ELF_BAD_RELOCATION_TYPE);
}

static void a_relocation_changes_the_word_and_nothing_beside_it(void **state)
{
	(void)state;
	for (int is_64 = 0; is_64 < 2; is_64++) {
		const uint64_t word_bytes = is_64 ? 8 : 4;
		const uint64_t dynamic[] = { DT_REL,    VA(TABLE),      DT_RELSZ, 2 * word_bytes,
			                     DT_RELENT, 2 * word_bytes, DT_NULL,  0 };
		const uint64_t table[] = { VA(PIE_BYTES) - word_bytes, R_386_RELATIVE };
		struct file file;
		struct result result;
		uint8_t *image, *before;
		size_t bytes;
		uint32_t bad_type;

		build(&file, is_64, &pie_plan);
		put_words(&file, DYNAMIC, dynamic, N_OF(dynamic));
		put_words(&file, TABLE, table, N_OF(table));
		put_word(&file, PIE_BYTES - 8, MARK);
		put_word(&file, PIE_BYTES - (size_t)word_bytes, MARK);
		parse(file.bytes, FILE_BYTES, MAX_SEGMENTS, &result);
		image = load(file.bytes, &result);
		before = load(file.bytes, &result);
		bytes = (size_t)(result.kernel.end_paddr - word_bytes);
		assert_int_equal(elf_relocate(&result.kernel, image, 0, &bad_type), ELF_OK);
		assert_memory_equal(image, before, bytes);
		put_word(&file, 0, MARK - LINK_BASE); /* modulo the word of the class */
		assert_memory_equal(image + bytes, file.bytes, (size_t)word_bytes);
		free(before);
		free(image);
	}
}

static void a_load_address_is_aligned_and_leaves_room(void **state)
{
	const uint64_t bytes = LINKED - LINK_BASE + PIE_BYTES;
	const struct {
		const char *rule;
		uint64_t load_paddr;
		enum elf_err errs[2];
	} rows[] = {
		/* clang-format off */
		{ "a page is not enough",        0x1000,      { ELF_BAD_LOAD_PADDR, ELF_BAD_LOAD_PADDR } },
		{ "a multiple of the alignment", ALIGN,       { ELF_OK, ELF_OK } },
		{ "the last one below 4 GiB",    0xfff00000,  { ELF_OK, ELF_OK } },
		{ "4 GiB",                       0x100000000, { ELF_BAD_LOAD_PADDR, ELF_OK } },
		{ "the last one below 2^64",     -ALIGN,      { ELF_BAD_LOAD_PADDR, ELF_OK } },
		/* clang-format on */
	};

	(void)state;
	assert_true(bytes < ALIGN);
	for (size_t i = 0; i < 2 * N_OF(rows); i++) {
		struct file file;
		struct result result;
		uint8_t *image;
		uint32_t bad_type;

		build_pie(&file, i % 2 != 0, 0);
		parse(file.bytes, FILE_BYTES, MAX_SEGMENTS, &result);
		image = load(file.bytes, &result);
		assert_int_equal(
			elf_relocate(&result.kernel, image, rows[i / 2].load_paddr, &bad_type),
			rows[i / 2].errs[i % 2]);
		free(image);
	}
}

static void a_dynamic_section_outside_of_the_segments_is_refused(void **state)
{
	static const uint64_t vaddrs[] = { 0, LINK_BASE - 1, VA(PIE_BYTES - 0xff), VA(PIE_BYTES),
		                           UINT64_MAX - 7 };

	(void)state;
	for (size_t i = 0; i < 2 * N_OF(vaddrs); i++) {
		struct plan plan = pie_plan;
		struct file file;
		struct result result;
		uint8_t *image;
		uint32_t bad_type;

		plan.headers[1].vaddr = vaddrs[i / 2];
		build(&file, i % 2 != 0, &plan);
		parse(file.bytes, FILE_BYTES, MAX_SEGMENTS, &result);
		assert_int_equal(result.err, ELF_OK);
		image = load(file.bytes, &result);
		assert_int_equal(elf_relocate(&result.kernel, image, 0, &bad_type),
		                 ELF_BAD_DYNAMIC);
		free(image);
	}
}

static void an_executable_is_not_relocated(void **state)
{
	struct file file;
	struct result result;
	uint32_t bad_type;

	(void)state;
	build(&file, true, &typical_plans[1]);
	parse(file.bytes, FILE_BYTES, MAX_SEGMENTS, &result);
	assert_int_equal(elf_relocate(&result.kernel, NULL, 0x12345, &bad_type), ELF_OK);
}

/* ---- Damage at random ---- */

static uint64_t next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/* Bytes of headers, dynamic section and tables: the rest has no meaning. */
static void damage(struct file *file, uint64_t *seed)
{
	static const uint8_t bytes[] = { 0, 1, 2, 7, 8, 0x10, 0x40, 0x7f, 0x80, 0xff };
	size_t n = (size_t)(next_random(seed) % 4 + 1);

	while (n-- > 0) {
		uint64_t where = next_random(seed) % 0x300;
		size_t offset = (size_t)(where < 0x100 ? where : where - 0x100 + DYNAMIC);
		uint64_t value = next_random(seed);

		file->bytes[offset] =
			value % 2 != 0 ? bytes[value / 2 % N_OF(bytes)] : (uint8_t)(value >> 8);
	}
}

static void whatever_is_accepted_is_sound(void **state)
{
	uint64_t seed = 19990101;
	unsigned n_accepted = 0, n_relocated = 0;

	(void)state;
	for (unsigned run = 0; run < 60000; run++) {
		struct file file;
		struct result result;
		uint8_t *image;
		uint32_t bad_type;

		if (run % 8 == 0)
			build(&file, run / 8 % 2, &typical_plans[run / 8 % 2]);
		else
			build_pie(&file, run % 2, run / 8 % N_OF(relocation_rows));
		damage(&file, &seed);
		parse(file.bytes, FILE_BYTES, MAX_SEGMENTS, &result);
		assert_true(strcmp(elf_err_text(result.err), "unknown error") != 0);
		if (result.err != ELF_OK)
			continue;
		n_accepted++;
		check_invariants(&result, FILE_BYTES);
		if (!result.kernel.is_pie || result.kernel.end_paddr > 0x100000)
			continue;
		image = load(file.bytes, &result);
		n_relocated += elf_relocate(&result.kernel, image,
		                            next_random(&seed) % 16 * result.kernel.align_bytes,
		                            &bad_type) == ELF_OK;
		free(image);
	}
	assert_true(n_accepted > 10000);
	assert_true(n_relocated > 1000);
}

static void every_error_has_a_sentence(void **state)
{
	(void)state;
	for (int err = 0; err < ELF_ERR_COUNT; err++) {
		assert_non_null(elf_err_text((enum elf_err)err));
		for (int other = 0; other < err; other++)
			assert_true(strcmp(elf_err_text((enum elf_err)err),
			                   elf_err_text((enum elf_err)other)) != 0);
	}
	assert_string_equal(elf_err_text(ELF_ERR_COUNT), "unknown error");
}

/* ---- Files ---- */

static void print_result(const uint8_t *bytes, const struct result *result)
{
	const struct elf_kernel *kernel = &result->kernel;
	uint32_t bad_type;
	uint8_t *image;

	printf("  ELF%d %s: 0x%llx-0x%llx, entry 0x%llx, aligned to 0x%llx\n",
	       kernel->is_64 ? 64 : 32, kernel->is_pie ? "PIE" : "executable",
	       (unsigned long long)kernel->start_paddr, (unsigned long long)kernel->end_paddr,
	       (unsigned long long)kernel->entry_paddr, (unsigned long long)kernel->align_bytes);
	for (size_t i = 0; i < kernel->n_segments; i++)
		printf("  segment %u: 0x%llx, 0x%llx bytes, 0x%llx of them from 0x%llx of the file\n",
		       result->segments[i].header_index,
		       (unsigned long long)result->segments[i].start_paddr,
		       (unsigned long long)result->segments[i].memory_bytes,
		       (unsigned long long)result->segments[i].file_bytes,
		       (unsigned long long)result->segments[i].file_offset);
	if (!kernel->is_pie || kernel->end_paddr > 0x10000000)
		return;
	image = load(bytes, result);
	printf("  relocated to 0x40000000: %s",
	       elf_err_text(elf_relocate(kernel, image, 0x40000000, &bad_type)));
	printf(", type %u\n", bad_type);
	free(image);
}

static void read_file(const char *name)
{
	FILE *stream = fopen(name, "rb");
	uint8_t *bytes;
	struct result result;
	long length;

	if (stream == NULL || fseek(stream, 0, SEEK_END) != 0 || (length = ftell(stream)) < 0) {
		perror(name);
		exit(1);
	}
	rewind(stream);
	bytes = malloc((size_t)length + 1);
	if (bytes == NULL || fread(bytes, 1, (size_t)length, stream) != (size_t)length)
		exit(1);
	fclose(stream);
	parse(bytes, (uint64_t)length, MAX_SEGMENTS, &result);
	printf("%s: %s", name, elf_err_text(result.err));
	printf(" (program header %zu)\n", result.bad_segment);
	if (result.err == ELF_OK)
		print_result(bytes, &result);
	free(bytes);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_typical_kernel_is_understood),
		cmocka_unit_test(each_fault_of_the_header_has_its_own_error),
		cmocka_unit_test(a_file_that_ends_early_is_truncated_wherever_it_ends),
		cmocka_unit_test(a_short_file_of_another_kind_is_not_elf),
		cmocka_unit_test(a_file_of_another_kind_is_named),
		cmocka_unit_test(each_fault_of_a_segment_has_its_own_error_and_is_located),
		cmocka_unit_test(an_entry_counts_as_virtual_before_it_counts_as_physical),
		cmocka_unit_test(many_segments_in_any_order_come_out_sorted),
		cmocka_unit_test(relocations_are_applied_or_refused),
		cmocka_unit_test(a_bitmap_of_relr_covers_as_many_words_as_it_has_bits_but_one),
		cmocka_unit_test(a_part_of_a_word_is_no_entry_of_relr),
		cmocka_unit_test(the_symbol_of_a_relative_relocation_does_not_matter),
		cmocka_unit_test(a_relocation_changes_the_word_and_nothing_beside_it),
		cmocka_unit_test(a_load_address_is_aligned_and_leaves_room),
		cmocka_unit_test(a_dynamic_section_outside_of_the_segments_is_refused),
		cmocka_unit_test(an_executable_is_not_relocated),
		cmocka_unit_test(whatever_is_accepted_is_sound),
		cmocka_unit_test(every_error_has_a_sentence),
	};

	for (int i = 1; i < argc; i++)
		read_file(argv[i]);
	return argc > 1 ? 0 : cmocka_run_group_tests(tests, NULL, NULL);
}
